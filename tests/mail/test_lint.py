"""Lint: our own mails and pages are clean, and for each rule a bad one is found out."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

import pytest
from rows import rows

from digestbot.acts.people.fewer_mails import fewer_mails
from digestbot.digest.rendering.form_mails import LeaveOffer
from digestbot.digest.rendering.renderer import Templates
from digestbot.mail.lint.contrast import pairs, ratio
from digestbot.mail.lint.html import Allowed, Finding, lint_html
from digestbot.mail.lint.message import allowed, html_of, lint_mail
from digestbot.mail.lint.page import read
from digestbot.mail.message import build
from digestbot.model import Digest, Item, ItemPlace, Link, LinkRel, Links, PolledSource, SectionKind, Standing
from digestbot.testing.builders import NOW, digest, item, paper, section, subscriber

TEMPLATES = Templates.load()
BASE = "https://papers.example.org"
LINKS = Links(page=f"{BASE}/d/token", leave=f"{BASE}/u/token", feed=f"{BASE}/f/token/")
EVERY = replace(LINKS, preferences=f"{BASE}/p/token", votes=f"{BASE}/v/token")


def mail(made: Digest) -> bytes:
    letter = TEMPLATES.letter(made)
    return build(made, letter, sender="Papers <papers@example.org>", unsubscribe_mailto="admin@example.org").data


def many(count: int) -> Digest:
    code = (Link(LinkRel.ABSTRACT, "https://arxiv.org/abs/2611.00001"), Link(LinkRel.CODE, "https://github.com/x/y"))
    items = [item(n, paper=paper(n, links=code, signals={"upvotes": 41}, version=2)) for n in range(1, count + 1)]
    return digest(
        section(*items, more=(item(500, place=ItemPlace.MORE),)),
        section(Item(paper=paper(600, version=2), kind="v2", note="You had v1 on Fri."), kind=SectionKind.UPDATES, title="Updates"),
        section(Item(paper=paper(700), note="▲ 41 votes · in 3 sources"), kind=SectionKind.TRENDING, title="Trending"),
        polled=(
            PolledSource(ref="arxiv-cs", name="arXiv cs.LG", new=362, sent=3),
            PolledSource(ref="x", name="bioRxiv", state="failing", note="since Mon 06:10 UTC: 503"),
        ),
        subscriber=subscriber(max_papers=100), links=LINKS,
    )  # fmt: skip


MAILS = {
    "one paper": digest(section(item(1)), links=LINKS),
    "nine papers": many(9),
    "sixty papers, compact": many(60),
    "a quiet day": replace(many(1), sections=()),
    "with votes and preferences": replace(many(12), links=EVERY),
    "in German": replace(many(12), links=EVERY, subscriber=subscriber(language="de")),
    "perhaps the same, withdrawn": digest(
        section(item(1, beside=paper(2)), item(3, paper=paper(3, standing=Standing.WITHDRAWN)), item(4, paper=paper(4, standing=Standing.RETRACTED)))
    ),
    "without a web address": digest(section(item(1))),
    "hostile titles": digest(section(item(1, paper=paper(1, title="<h1>x</h1> <img src=x> & \u202e $5", summary="</table><script>")))),
    "Chinese and Arabic": digest(section(item(1, paper=paper(1, title="量子 计算", authors=("محمد",) * 40)))),
}  # fmt: skip


@pytest.mark.parametrize("name", MAILS)
def test_our_own_mail_has_no_error_and_no_warning(name: str) -> None:
    found = lint_mail(mail(MAILS[name]), allowed(MAILS[name], BASE))
    assert not [f for f in found if f.severity != "note"]
    assert all(f.hint for f in found)  # each thing that some program lacks has its fallback named


def control(language: str, *, left: bool = False, chosen: str = "") -> str:
    person = subscriber(language=language, origin="web")
    offer = LeaveOffer(now=NOW, left=left, pauses=(14, 31), fewer=fewer_mails(person, NOW), chosen=chosen)
    return TEMPLATES.web_control(person, offer, site="Papers")


PAGES: dict[str, Callable[[], str]] = {
    "digest": lambda: TEMPLATES.web_digest(many(9)),
    "leave": lambda: control("en"),
    "leave, in German": lambda: control("de"),
    "left": lambda: control("en", left=True),
    "weekly from now on": lambda: control("de", chosen="weekly"),
    "message": lambda: TEMPLATES.page("message", site="Papers", heading="Gone", text="It opens nothing.", contact="a@b.example"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_our_own_pages_have_no_error(name: str) -> None:
    assert not [f for f in lint_html(PAGES[name](), Allowed(base_url=BASE), mail=False) if f.severity == "error"]


def test_the_page_to_leave_is_in_its_readers_language() -> None:
    german = control("de")
    assert 'lang="de"' in german
    assert "Noch ist nichts geändert" in german
    assert "Zwei Wochen pausieren" in german
    assert not re.search(r"Pause two|Nothing|For reader|Or a", german.partition("<main")[2])


GOOD = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"><title>Papers</title>\n<style>\n'
    "@media (prefers-color-scheme: dark) {\n .a { color: #eeeeee !important; }\n .b { background-color: #111111 !important; }\n}\n"
    '</style>\n</head>\n<body class="b" bgcolor="#ffffff" style="background-color:#ffffff">\n<h1 class="a" style="color:#111111">Papers</h1>\n'
    '<table role="presentation"><tr><td class="a" style="color:#111111"><a href="https://arxiv.org/abs/1" class="a" '
    'style="color:#111111">Abstract</a></td></tr></table>\n</body>\n</html>\n'
)  # fmt: skip


def test_the_page_that_the_bad_ones_are_made_from_is_good() -> None:
    assert not [f for f in lint_html(GOOD) if f.severity != "note"]


#: rule, what is put in place of what
BAD = [
    ("doctype", "<!DOCTYPE html>", ""),
    ("lang", ' lang="en"', ""),
    ("title", "<title>Papers</title>", "<title> </title>"),
    ("charset", '<meta charset="utf-8">', ""),
    ("tags", "</a>", ""),
    ("tags", "</body>", "</div></body>"),
    ("one-h1", "<table", "<h1>More</h1><table"),
    ("one-h1", "h1", "h2"),
    ("heading-order", "<table", "<h3>Deep</h3><table"),
    ("empty-heading", "<table", "<h2> </h2><table"),
    ("table-role", ' role="presentation"', ""),
    ("table-role", "<td ", '<th scope="col">x</th><td '),
    ("th-scope", "<td ", "<th>x</th><td "),
    ("link-text", "Abstract", "click here"),
    ("link-text", "Abstract", " "),
    ("link-href", ' href="https://arxiv.org/abs/1"', ""),
    ("link-label", '<a href="https://arxiv.org/abs/1"', '<a aria-label="Something else" href="https://arxiv.org/abs/1"'),
    ("link", "https://arxiv.org/abs/1", "http://bit.ly/3xyz"),
    ("link", "https://arxiv.org/abs/1", "https://click.example.org/x?u=1"),
    ("link", "https://arxiv.org/abs/1", "https://example.org/go?to=https%3A%2F%2Farxiv.org%2Fabs%2F1"),
    ("link", "https://arxiv.org/abs/1", "https://arxiv.org/abs/1?utm_source=mail"),
    ("link", "https://arxiv.org/abs/1", "javascript:alert(1)"),
    ("link", "https://arxiv.org/abs/1", "/relative"),
    ("remote", "<table", '<img src="https://x.org/a.png" alt="A"><table'),
    ("remote", "<table", '<img src="https://x.org/p.gif" width="1" height="1" alt=""><table'),
    ("remote", "<table ", '<table background="https://x.org/a.png" '),
    ("remote", "color:#111111\"", "color:#111111;background-image:url(https://x.org/a.png)\""),
    ("remote", "<style>", "<style>@import 'https://x.org/a.css';"),
    ("remote", "<style>", "<style>@font-face { font-family: A; src: local(A) }"),
    ("remote", "</head>", '<link rel="stylesheet" href="https://x.org/a.css"></head>'),
    ("remote", "</body>", "<script>1</script></body>"),
    ("remote", "</body>", '<iframe src="https://x.org"></iframe></body>'),
    ("remote", "</body>", '<form action="https://x.org"><input name="a"></form></body>'),
    ("remote", "</body>", '<!--[if mso]><v:fill src="https://x.org/a.png"/><![endif]--></body>'),
    ("script", "<table", '<p onclick="go()">x</p><table'),
    ("contrast", "color:#111111", "color:#999999"),
    ("contrast", "#eeeeee", "#333333"),
    ("contrast", "background-color: #111111", "background-color: #cccccc"),
    ("contrast", '<td class="a"', '<td bgcolor="#222222" class="a"'),
    ("colour", 'style="color:#111111">Abs', 'style="color:gray">Abs'),
    ("colour", 'style="color:#111111">Abs', 'style="color:hsl(0,0%,80%)">Abs'),
    ("colour", 'style="color:#111111">Abs', 'style="color:#cccccccc">Abs'),
    ("colour", 'style="color:#111111">Abs', 'style="opacity:.3;color:#111111">Abs'),
    ("colour", "Abstract", '<font color="#cccccc">Abstract</font>'),
    ("remote", "</head>", '<meta http-equiv="refresh" content="0;url=https://x.org"></head>'),
    ("remote", "color:#111111\"", "color:#111111;background-image:image-set('https://x.org/a.png' 1x)\""),
    ("remote", "color:#111111\"", "color:#111111;background-image:u\\72l(https://x.org/a.png)\""),
    ("small-text", '"color:#111111">Abs', '"font-size:9px;color:#111111">Abs'),
    ("small-text", '"color:#111111">Abs', '"font-size:.6em;color:#111111">Abs'),
    ("small-text", '"color:#111111">Abs', '"font:6pt Arial;color:#111111">Abs'),
    ("small-text", '"color:#111111">Abs', '"font-size:0;color:#111111">Abs'),
    ("style-comment", "<style>", "<style>/* why */"),
    ("important", " !important", "!important"),
    ("style-case", "@media", "@MEDIA"),
    ("style-size", "<style>", "<style>" + ".x { color: #111111; }\n" * 900),
    ("style-place", "<table", "<style>p { color: #111111; }</style><table"),
    ("support", "style=\"color:#111111\">Papers", "style=\"display:flex;color:#111111\">Papers"),
    ("support", ".a {", ".a:first-child {"),
    ("unknown", ".a {", ".a:nth-child(2) {"),
    ("unknown", ".a {", ".a:has(b) {"),
    ("unknown", "prefers-color-scheme: dark", "hover: hover"),
    ("unknown", 'style="color:#111111">Papers', 'style="display:inline-flex;color:#111111">Papers'),
    ("unknown", 'style="color:#111111">Papers', 'style="white-space:pre-wrap;color:#111111">Papers'),
    ("unknown", "<table", "<marquee>x</marquee><table"),
    ("unknown", "style=\"color:#111111\">Papers", "style=\"rotate:1deg;color:#111111\">Papers"),
    ("fallback", "style=\"color:#111111\">Papers", "style=\"max-width:600px;color:#111111\">Papers"),
]  # fmt: skip


def rules(found: Sequence[Finding]) -> set[str]:
    return {f.rule for f in found if f.severity != "note"}


@rows(("rule", "old", "new"), BAD)
def test_a_bad_page_is_found_out(rule: str, old: str, new: str) -> None:
    assert old in GOOD
    assert rule in rules(lint_html(GOOD.replace(old, new)))


def test_a_finding_names_its_line() -> None:
    found = lint_html(GOOD.replace("Abstract", "click here"))
    assert [(f.rule, f.line) for f in found if f.severity == "error"] == [("link-text", 14)]


def test_errors_come_first() -> None:
    found = lint_html(
        GOOD.replace("<table", "<marquee>x</marquee><table").replace("</body>", "<script></script></body>")
    )
    order = [("error", "warning", "note").index(f.severity) for f in found]
    assert order == sorted(order)
    assert {0, 1} <= set(order)


def test_a_link_that_is_no_papers_and_not_ours_is_found_out() -> None:
    found = lint_html(GOOD, Allowed(base_url=BASE, papers=frozenset({"https://arxiv.org/abs/2"})))
    assert rules(found) == {"link", "papers"}
    assert not rules(lint_html(GOOD, Allowed(base_url="https://arxiv.org", papers=frozenset())))


def test_a_mail_whose_parts_hold_other_papers_is_found_out() -> None:
    one = replace(many(3), links=EVERY)
    whole, told = mail(one), allowed(one, BASE)
    assert not [f for f in lint_mail(whole, told) if f.severity == "error"]
    title = one.items()[0].paper.title.encode()
    assert "both-parts" in rules(lint_mail(whole.replace(title, b"Something else", 1), told))


def test_a_mail_without_a_link_to_leave_it_is_found_out() -> None:
    told = Allowed(base_url=BASE, leave=f"{BASE}/u/x")
    assert "unsubscribe" in rules(lint_html(GOOD, told))
    assert "unsubscribe" not in rules(lint_html(GOOD.replace("https://arxiv.org/abs/1", f"{BASE}/u/x"), told))


def test_a_page_of_ours_that_leads_on_is_a_redirect() -> None:
    onward = GOOD.replace("https://arxiv.org/abs/1", f"{BASE}/go?to=https://arxiv.org/abs/1")
    assert "link" in rules(lint_html(onward, Allowed(base_url=BASE)))


HEADERS = [
    ("wire", b"WHY YOU GET THIS\r\n", b"WHY YOU GET THIS\n"),
    ("header", b"Auto-Submitted: auto-generated\r\n", b""),
    ("header", b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nX-A: 1\r\nX-A: 2\r\n"),
    ("auto-submitted", b"auto-generated", b"no"),
    ("unsubscribe", b"List-Unsubscribe: ", b"X-Unsubscribe: "),
    ("unsubscribe", b"/u/token>, ", b"/u/token>,\r\n "),
    ("one-click", b"List-Unsubscribe=One-Click", b"One-Click"),
    ("one-click", b"List-Unsubscribe-Post: ", b"X-Post: "),
    ("message-id", b"@example.org>\r\nList-ID", b"@localhost>\r\nList-ID"),
    ("list-id", b"<digest.example.org>", b"digest"),
    ("subject", b"Subject: ", b"Subject:\r\nX-Old: "),
    ("parts", b"multipart/alternative", b"multipart/mixed"),
    ("wire", b"X-Auto-Response-Suppress: OOF, AutoReply\r\n", b"X-Auto-Response-Suppress: OOF\r\nX-Caf\xc3\xa9: 1\r\n"),
]


@cache
def nine_papers() -> bytes:
    return mail(MAILS["nine papers"])


@rows(("rule", "old", "new"), HEADERS)
def test_a_bad_envelope_is_found_out(rule: str, old: bytes, new: bytes) -> None:
    data = nine_papers()
    assert old in data
    assert rule in rules(lint_mail(data.replace(old, new, 1)))


def test_a_mail_that_would_be_clipped_is_found_out() -> None:
    data = mail(MAILS["one paper"])
    assert "size" in rules(
        lint_mail(data.replace(b"</body>", b"x" * 70 + b"=\r\n" + (b"y" * 70 + b"=\r\n") * 1400 + b"</body>"))
    )


def test_a_paper_that_the_plain_text_lacks_is_found_out() -> None:
    made = MAILS["one paper"]
    data = mail(made).replace(b"A Study of Sparse Attention, Part 1", b"Something else", 1)  # the text comes first
    data = data.replace(b"1. A Study of Sparse", b"1. Something else", 1)
    assert "both-parts" in rules(lint_mail(data))


def test_the_html_of_a_mail_is_the_one_that_was_rendered() -> None:
    made = MAILS["nine papers"]
    assert html_of(mail(made)).split() == TEMPLATES.html(made).split()


def test_contrast_is_that_of_wcag() -> None:
    assert ratio((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert ratio((0x76, 0x76, 0x76), (255, 255, 255)) == pytest.approx(4.54, abs=0.01)  # WCAG's own example


def test_the_colour_of_a_text_is_the_one_that_wins() -> None:
    css = "p { color: #000000; } .x { color: #ff0000; } div .x { color: #00ff00; } .never:hover { color: #0000ff !important; }"
    html = f'<style>{css}</style><div style="background:#ffffff"><p class="x never">a</p><p class="x" style="color:#123456">b</p></div>'
    assert [pair.ink for pair in pairs(read(html))] == [(0, 255, 0), (0x12, 0x34, 0x56)]
