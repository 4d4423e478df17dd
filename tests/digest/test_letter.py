"""The mail joined from kept lines: it is the plain one, it holds everything, and it is never clipped."""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections import Counter
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_path import plain
from rows import rows

from digestbot import bundled
from digestbot.digest.rendering import cards
from digestbot.digest.rendering.fragments import STAND_IN, Fragment, decoded, encoded
from digestbot.digest.rendering.page_layout import DETAILS, Detail, lay_out
from digestbot.digest.rendering.renderer import Templates
from digestbot.model import Digest, Item, ItemPlace, Link, LinkRel, Links, PolledSource, Reason, SectionKind, Standing
from digestbot.testing.builders import digest, item, paper, section, subscriber

TEMPLATES = Templates.load()
WEB = Links(page="https://p.example/d/t", leave="https://p.example/u/t", feed="https://p.example/f/t/")
ALL = replace(WEB, preferences="https://p.example/p/t", votes="https://p.example/v/t/")
BASES = st.integers(0, 40).map(lambda n: f"https://{'p' * n}.example")  #: a line may break anywhere in a token
TOKEN = st.text("abz2357", min_size=32, max_size=32)
WORDS = st.just(f"/{STAND_IN}/") | st.text(
    st.sampled_from("ab <&>'\"=.\u00e9α量ا\u0301\U00010100") | st.characters(exclude_categories=["Cs", "Cc", "Co"]),
    max_size=30,
)
LINES = st.text("\r\n. \t=a\x85\u2028é", max_size=200)


@st.composite
def papers(draw: st.DrawFn, number: int) -> Any:
    return paper(
        number, title=draw(WORDS), summary=draw(st.sampled_from(["", "We propose it. ", "我们提出了它。", "Προτείνουμε. "])) * draw(st.integers(0, 12)),
        authors=tuple(draw(st.lists(WORDS, max_size=6))), signals={"upvotes": draw(st.integers(0, 2000))},
        version=draw(st.sampled_from([None, 1, 3])), standing=draw(st.sampled_from(["", "retracted"])),
        links=(Link(LinkRel.CODE, "https://x.example/?a=1&b=2"),) * draw(st.integers(0, 1)), tldr=draw(st.sampled_from(["", "In short."])),
    )  # fmt: skip


def tokened(base: str, token: str) -> Links:
    return replace(ALL, preferences=f"{base}/p/{token}", votes=f"{base}/p/{token}/papers/")


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    number, sections = iter(range(1, 1000)), []
    for kind in draw(st.lists(st.sampled_from(["topic", "topic", "updates", "trending"]), max_size=3)):
        own = [
            Item(
                paper=draw(papers(next(number))), note=draw(WORDS) if kind != "topic" else "",
                reasons=tuple(Reason(field=draw(st.sampled_from(["title", "category", "upvotes"])), text=w) for w in draw(st.lists(WORDS, max_size=3))),
                also=tuple(draw(st.lists(WORDS, max_size=2))), beside=draw(st.none() | st.just(paper(999))),
            )
            for _ in range(draw(st.integers(0, 4)))
        ]  # fmt: skip
        cut = draw(st.integers(0, len(own)))
        sections.append(
            section(
                *own[:cut],
                more=tuple(own[cut:]),
                kind=kind,
                title=draw(WORDS),
                note=draw(WORDS | st.text("ab-&< ", max_size=60)),
            )
        )
    return digest(
        *sections, links=draw(st.sampled_from([Links(), WEB, ALL]) | st.builds(tokened, BASES, TOKEN)), considered=draw(st.integers(0, 2000)),
        subscriber=subscriber(language=draw(st.sampled_from(["en", "de", "xx"])), max_papers=draw(st.integers(1, 40))),
        polled=tuple(PolledSource(ref=f"s{n}", name=draw(WORDS), new=n) for n in range(draw(st.integers(0, 14)))),
        contact=draw(st.sampled_from(["", "admin@example.org"])),
    )  # fmt: skip


@settings(max_examples=60, deadline=None)  # the first of each kind renders its templates
@given(digests())
def test_a_mail_of_kept_lines_is_byte_for_byte_the_plain_one(one: Digest) -> None:
    assert TEMPLATES.letter(one) == plain(TEMPLATES, one)


OWN = {
    "section.html": {
        "{% if rule %}": "{% if note %}",
        "{{ rule }}</span>": '{% for word in note.split(" ") %}{% if "-" in word and word | length < 24 %}'
        '<span style="{{ s.unbroken }}">{{ word }}</span>{% else %}{{ word }}{% endif %}{{ " " if not loop.last }}'
        "{% endfor %}</span>",
        "{{ rule }}{% endif %}": "{{ note }}{% endif %}",
    },
    "section.txt": {
        "{{ heading }}": "{{ title | upper | right(count) }}",
        "{% if rule %}": "{% if note %}",
        "{{ rule }}": "{{ note | wrap }}",
    },
}  #: what stands in ours, and what does the same to title and note


@pytest.fixture(scope="module")
def operators(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Templates that do by themselves what is done to a heading outside of ours."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "mail").mkdir()
    for name, changes in OWN.items():
        text = (bundled.folder("templates") / "mail" / name).read_text()
        for ours, theirs in changes.items():
            assert text.count(ours) == 1, ours
            text = text.replace(ours, theirs)
        (folder / "mail" / name).write_text(text)
    return Templates.load(folder)


@settings(max_examples=30, deadline=None)
@given(digests())
def test_a_heading_that_is_filled_in_is_the_one_a_template_makes(operators: Templates, one: Digest) -> None:
    assert TEMPLATES.letter(one) == operators.letter(one)


@dataclass
class _Counted(Templates):
    """Counts how often each template runs."""

    ran: Counter[str] = field(default_factory=Counter)

    def _form(self, name: str, *rest: Any) -> Fragment:
        self.ran[name] += 1
        return super()._form(name, *rest)


def test_the_templates_of_a_section_run_once_for_all_rules() -> None:
    templates = _Counted(TEMPLATES.stationery)
    for n in range(50):
        one = digest(section(item(1), title=f"100% {n}", note=f"title:x-ray {n} <&> {{}} %s"), links=ALL)
        assert templates.letter(one) == plain(TEMPLATES, one)
    assert templates.ran["mail/section.html"] == templates.ran["mail/section.txt"] == 1


@given(st.text() | LINES, st.text() | LINES)
def test_lines_are_encoded_the_same_wherever_they_stand(before: str, after: str) -> None:
    assert encoded(f"{before}\n{after}") == encoded(before) + encoded(after)


@given(st.text() | LINES)
def test_encoded_lines_read_back_short_and_seven_bit(text: str) -> None:
    lines = encoded(text)
    assert lines.isascii()
    assert lines.count(b"\n") == lines.count(b"\r") == lines.count(b"\r\n")
    assert max(map(len, lines.split(b"\r\n"))) <= 76
    assert decoded(lines) == text.replace("\r", "").encode("utf-8", "replace").decode()


@given(st.text() | LINES | st.text("ab =.\t~", min_size=60, max_size=90))
def test_a_line_is_encoded_as_quoted_printable_asks(text: str) -> None:
    lines = text.replace("\r", "").encode("utf-8", "replace").replace(b"\n", b"\r\n") + b"\r\n"
    asked = b2a_qp(lines, istext=True)
    if max(map(len, asked.split(b"\r\n"))) <= 76:  # `binascii` puts a blank at the end of a line behind its limit
        assert encoded(text) == asked


def test_a_card_with_votes_has_each_readers_own() -> None:
    for n in (1, 2, 1):
        one = digest(section(item(1)), links=replace(ALL, votes=f"https://p.example/v/{n}/"))
        assert TEMPLATES.letter(one) == plain(TEMPLATES, one)
        assert TEMPLATES.html(one).count(f"/v/{n}/2611.00001/") == 2


def test_whose_a_paper_is_can_be_said_from_html_and_from_text() -> None:
    asking = replace(item(1), note="Perhaps “Jane Doe”, whom you follow: same name.", follows="Jane Doe")
    for token in ("a" * 32, "b" * 32):
        one = digest(section(asking, item(2)), links=tokened("https://p.example", token))
        page = f"https://p.example/p/{token}/papers/{asking.paper.public_id}/who"
        assert TEMPLATES.text(one).split().count(page) == 1
        assert TEMPLATES.html(one).count(page) == 1
        assert TEMPLATES.letter(one) == plain(TEMPLATES, one)
    assert "/who" not in TEMPLATES.text(digest(section(asking)))


@given(BASES, st.lists(TOKEN, min_size=2, max_size=3))
def test_the_token_of_votes_is_filled_into_kept_cards(base: str, tokens: list[str]) -> None:
    for token in tokens:
        one = digest(section(item(1), item(2)), links=tokened(base, token))
        letter = TEMPLATES.letter(one)
        assert letter == plain(TEMPLATES, one)
        assert STAND_IN not in decoded(letter.html)


def test_a_paper_that_changed_is_rendered_again() -> None:
    one = digest(section(item(1)))
    for title in ("First", "Second", "First"):
        changed = digest(section(item(1, paper=paper(1, title=title))))
        assert f">{title}</a>" in TEMPLATES.html(changed)
    assert TEMPLATES.letter(one) == plain(TEMPLATES, one)


def test_kept_cards_are_bounded() -> None:
    templates = Templates.load()
    templates._papers._most = templates._papers._made._most = templates._cards._most = 10
    for n in range(1, 40):
        templates.letter(digest(section(item(n))))
    assert len(templates._papers) == len(templates._cards) == 10
    assert len(templates._papers._near) <= 10


def ids(text: str) -> list[str]:
    """The papers of a body by their addresses, each once, in order."""
    return list(dict.fromkeys(re.findall(r"arxiv\.org/abs/2611\.(\d{5})", unescape(text))))


@rows("script", ["量子計算は速い。", "Η μάθηση είναι βαθιά. ", "ordinary words here. ", "&<>\"' "])
@rows(("shown", "more"), [(1, 0), (15, 0), (60, 0), (60, 300), (500, 0)])
def test_mail_and_more_are_always_all_that_was_selected(script: str, shown: int, more: int) -> None:
    made = [item(n, paper=paper(n, title=script * 8, summary=script * 80)) for n in range(1, shown + more + 1)]
    half = shown // 2
    one = digest(
        section(*made[:half]), section(*made[half:shown], more=tuple(made[shown:]), title="Other"), links=WEB,
        subscriber=subscriber(max_papers=500),
    )  # fmt: skip
    letter = TEMPLATES.letter(one)
    html, text = decoded(letter.html), decoded(letter.text)
    assert len(letter.html) < 96_000
    assert ids(html) == ids(text)
    hidden = sum(int(n.replace(",", "")) for n in re.findall(r"and ([\d,]+) more on the digest", html))
    assert len(ids(html)) + hidden == shown + more
    assert (WEB.page in html[html.index("more on the digest") :]) if hidden else "more on the digest" not in html


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=5), st.sampled_from(DETAILS), st.booleans())
def test_no_paper_is_lost_between_cards_titles_and_the_web(
    counts: list[tuple[int, int]], detail: Detail, paged: bool
) -> None:
    sections = [section(*(item(n) for n in range(a)), more=tuple(item(n) for n in range(b))) for a, b in counts]
    made = lay_out(digest(*sections, links=WEB if paged else Links()), detail)
    assert made.cards + len(made.titles) + made.hidden == sum(a + b for a, b in counts)
    assert made.cards == min(detail.cards, sum(a for a, _ in counts))
    assert sum(p.full for p in made.parts) == min(detail.full, made.cards)
    assert all(p.cards and p.full <= len(p.cards) for p in made.parts)
    assert len(made.titles) <= (10 if paged else detail.titles)


@pytest.mark.parametrize("topics", [80, 100, 400])
def test_a_mail_of_very_many_topics_stays_whole_and_small(topics: int) -> None:
    one = digest(
        *(section(item(n), note="attention OR " * 30, title=f"Topic {n}") for n in range(topics)),
        section(item(topics), title="Updates", kind=SectionKind.UPDATES),
        links=WEB,
    )
    letter = TEMPLATES.letter(one)
    html, text = decoded(letter.html), decoded(letter.text)
    assert len(letter.html) < 96_000
    assert html.count("<h3") >= 10
    hidden = sum(int(n) for n in re.findall(r"and (\d+) more on the digest's own page", text))
    assert len(ids(html)) + hidden == topics + 1
    assert ids(html) == ids(text)


def test_every_section_keeps_its_best_where_room_is_short() -> None:
    sections = [section(*(item(n) for n in range(30))), section(*(item(n) for n in range(3)))]
    made = lay_out(digest(*sections), Detail(4, 8, 10))
    assert [(len(p.cards), p.full) for p in made.parts] == [(5, 3), (3, 1)]


def test_title_lines_stand_after_all_sections_ten_where_the_digest_has_a_page() -> None:
    more = tuple(item(n, place=ItemPlace.MORE) for n in range(100, 130))
    one = digest(section(item(1), more=more), section(item(2), kind=SectionKind.TRENDING, title="Trending"), links=WEB)
    html = TEMPLATES.html(one)
    assert html.index("Trending") < html.index("More by title")
    assert html.count("2611.001") - html.count("2611.00100/") == 10 or len(ids(html)) == 12
    assert "and 20 more on the digest&#39;s own page." in html
    assert len(ids(TEMPLATES.html(replace(one, links=Links())))) == 32


def test_what_was_retracted_keeps_its_card_however_short_the_room() -> None:
    fallen = [item(n, kind="retracted") for n in range(1, 4)]
    one = digest(
        section(*(item(n) for n in range(10, 60))), section(*fallen, kind=SectionKind.UPDATES, title="Updates")
    )
    made = lay_out(one, Detail(2, 4, 0))
    assert [len(p.cards) for p in made.parts] == [1, 3]


def test_subject_headline_and_counts_say_what_stands_in_the_mail() -> None:
    long = "word " * 600
    one = digest(section(*(item(n, paper=paper(n, summary=long, title=f"T{n} " + "t" * 280)) for n in range(1, 101))))
    letter = TEMPLATES.letter(one)
    html = decoded(letter.html)
    cards_shown = html.count("<h3")
    assert cards_shown < 100
    assert f"{cards_shown} papers for you" in html
    assert f"{cards_shown} papers" in letter.subject
    assert f">{cards_shown} papers</span>" in html


def test_without_a_web_address_no_action_link_is_shown() -> None:
    html = TEMPLATES.html(digest(section(item(1))))
    assert set(re.findall(r'href="(\w+:[^"/]*)', html)) == {
        "https:",
        "mailto:admin@example.org?subject=unsubscribe%20reader",
        "mailto:admin@example.org",
    }


def test_votes_and_preferences_are_linked_once_they_have_a_page() -> None:
    without, with_them = (digest(section(item(1)), links=links) for links in (WEB, ALL))
    assert "More like this" not in TEMPLATES.html(without)
    html = TEMPLATES.html(with_them)
    assert 'href="https://p.example/v/t/2611.00001/more"' in html
    assert 'href="https://p.example/v/t/2611.00001/fewer"' in html
    assert html.count('href="https://p.example/p/t"') == 2


def test_what_is_perhaps_the_same_paper_stands_on_the_same_card() -> None:
    other = paper(7, title="A Study, Journal Version", link="https://journal.example/7")
    for make in (TEMPLATES.html, TEMPLATES.text):
        shown = make(digest(section(item(1, beside=other))))
        assert "Perhaps the same as" in shown
        assert "A Study, Journal Version" in shown
        assert "https://journal.example/7" in shown
        assert "1 paper for you" in shown


def test_a_summary_that_somebody_else_wrote_stands_only_where_the_abstract_is_not_known() -> None:
    said = "Summary by a model: attention, but only where it counts."
    text = TEMPLATES.text(
        digest(section(item(1, paper=paper(1, tldr=said)), item(2, paper=paper(2, tldr=said, summary=""))))
    )
    assert text.count("Summary by a model") == 1
    assert "On four benchmarks" in text


def test_a_retracted_paper_says_so_first() -> None:
    assert "Retracted, Code" in TEMPLATES.text(
        digest(
            section(item(1, paper=paper(1, standing=Standing.RETRACTED, links=(Link(LinkRel.CODE, "https://x.org"),))))
        )
    )


def test_one_overlong_paper_costs_no_other_its_place() -> None:
    long = paper(
        10, title="learning " + "漢" * 12_000, authors=("x" * 5_000,), link="https://example.org/" + "a" * 6_000
    )
    shown = Templates.load().html(digest(section(item(10, paper=long), *(item(n) for n in range(1, 10)))))
    assert all(f"Part {n}" in shown for n in range(1, 10))
    assert "found no room" not in shown


def test_ten_cards_stay_while_title_lines_go() -> None:
    more = tuple(
        item(n, place=ItemPlace.MORE, paper=paper(n, title="A rather long title " * 8)) for n in range(20, 700)
    )
    shown = Templates.load().html(digest(section(*(item(n) for n in range(1, 16)), more=more)))
    assert shown.count("<h3") == 15
    assert "further papers found no room" in shown


def test_a_link_has_no_blank_and_no_sign_that_is_not_seen() -> None:
    assert cards.web("https://x.example/a b\u202ec") == "https://x.example/a%20b%E2%80%AEc"
    assert cards.web("https://x.example/" + "a" * 3000) == ""
    assert cards.web("https://x.example/ä?q=1") == "https://x.example/ä?q=1"


def test_a_short_mail_has_cards_without_gists_and_one_of_titles_names_every_chosen_paper() -> None:
    more = tuple(item(n, place="more") for n in range(100, 130))
    given = digest(section(*(item(n) for n in range(1, 15)), more=more), links=WEB)
    whole, short, titles = (
        replace(given, subscriber=replace(given.subscriber, length=length)) for length in ("full", "short", "titles")
    )
    shown = [TEMPLATES.html(one) for one in (whole, short, titles)]
    assert [html.count("<h3") for html in shown] == [14, 14, 0]
    assert len(shown[1]) < len(shown[0])
    assert ids(shown[0]) == ids(shown[1]) == ids(shown[2])
    assert TEMPLATES.subject(titles).startswith("Attention · ")
