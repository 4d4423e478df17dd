"""The mail as its reader sees it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from digestbot.digest.rendering.renderer import Templates
from digestbot.digest.rendering.summary import gist, sentences
from digestbot.errors import TemplateError
from digestbot.model import Digest, Item, ItemPlace, Link, LinkRel, PolledSource, Reason, SectionKind
from digestbot.testing.builders import digest, item, paper, section, subscriber

TEMPLATES = Templates.load()


def full() -> Digest:
    """Every kind of section, a failing source, more by title."""
    return digest(
        section(item(1), item(2, also=("Robots",)), more=(item(3, place=ItemPlace.MORE),)),
        section(Item(paper=paper(4, version=2), kind="v2", note="You had v1 on Fri 20 November."), kind=SectionKind.UPDATES, title="Updates"),
        section(Item(paper=paper(5), note="▲ 41 votes · in 3 sources"), kind=SectionKind.TRENDING, title="Trending"),
        polled=(
            PolledSource(ref="arxiv-cs", name="arXiv cs.LG", new=362, sent=3),
            PolledSource(ref="x", name="bioRxiv", state="failing", note="since Mon 06:10 UTC: 503 from api.biorxiv.org"),
        ),
    )  # fmt: skip


class _Balance(HTMLParser):
    """Raises on a tag that is closed and was not open."""

    VOID = ("meta", "br", "img", "hr", "link", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("href", "src")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> _Balance:
    parser = _Balance()
    parser.feed(html)
    assert not parser.open
    return parser


def test_the_html_of_a_full_digest_is_as_accepted(golden: Callable[[str, bytes | str], None]) -> None:
    golden("digest.html", TEMPLATES.html(full()))


def test_the_text_of_a_full_digest_is_as_accepted(golden: Callable[[str, bytes | str], None]) -> None:
    golden("digest.txt", TEMPLATES.text(full()))


def test_every_tag_is_closed_and_every_link_leads_to_the_web_or_a_mailbox() -> None:
    links = read(TEMPLATES.html(full())).links
    assert links
    assert all(href.startswith(("https://", "http://", "mailto:admin@example.org")) for href in links)


def test_nothing_is_loaded_from_outside() -> None:
    html = TEMPLATES.html(full())
    assert not re.search(r"<(img|script|link|iframe|form)\b|url\(|@import", html)


def test_text_and_html_hold_the_same_papers_in_the_same_order() -> None:
    html, text = TEMPLATES.html(full()), TEMPLATES.text(full())
    titles = [i.paper.title for i in full().items()]
    assert sorted(titles, key=html[html.index("<h1") :].index) == sorted(titles, key=text.index)


def test_the_subject_names_topics_count_and_day() -> None:
    assert TEMPLATES.subject(full()) == "Attention: A Study of Sparse Attention, Part 1 · 4 papers · Mon 23 Nov"
    long = paper(1, title="A Title That Is Far Too Long to Stand beside the Name of a Topic")
    assert TEMPLATES.subject(digest(section(item(1, paper=long)))) == "Attention · 1 paper · Mon 23 Nov"


def test_the_subject_of_an_edition_names_its_best_paper_and_no_heading_says_the_date_alone() -> None:
    made = digest(section(item(1), item(2), kind=SectionKind.EDITION, title="Monday 23 November", note=""))
    assert TEMPLATES.subject(made) == "A Study of Sparse Attention, Part 1 · 2 papers · Mon 23 Nov"
    assert "Papers of Monday 23 November</h2>" in TEMPLATES.html(made)


def test_the_subject_of_many_topics_stays_short() -> None:
    sections = [section(item(n), title=f"A rather long topic number {n}") for n in range(1, 6)]
    assert len(TEMPLATES.subject(digest(*sections))) < 80


def test_words_of_a_paper_are_escaped_everywhere() -> None:
    evil = paper(
        1, title="<script>alert(1)</script> & co", authors=("<b>A</b>",), summary="<img src=x onerror=1> done."
    )
    html = TEMPLATES.html(digest(section(item(1, paper=evil, reasons=(Reason(field="title", text="<i>"),)))))
    assert "<script>alert" not in html
    assert "<b>A" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in html


def test_a_link_that_is_no_web_address_is_left_out() -> None:
    evil = paper(1, link="javascript:alert(1)", links=(Link(LinkRel.CODE, "data:text/html,x"),))
    assert "javascript:" not in TEMPLATES.html(digest(section(item(1, paper=evil))))
    assert "data:text" not in TEMPLATES.html(digest(section(item(1, paper=evil))))


@pytest.mark.parametrize("count", [1, 20, 60, 500])
def test_a_mail_never_grows_past_what_gmail_shows(count: int) -> None:
    long = [
        item(n, paper=paper(n, title="量子" * 60, summary="这是一个很长的摘要。" * 60)) for n in range(1, count + 1)
    ]
    html = TEMPLATES.html(digest(section(*long), subscriber=subscriber(max_papers=500)))
    assert len(html.encode()) < 96_000
    read(html)


def test_papers_that_find_no_room_are_counted_aloud() -> None:
    many = tuple(
        item(n, place=ItemPlace.MORE, paper=paper(n, title="A rather long title " * 12)) for n in range(2, 400)
    )
    for make in (TEMPLATES.text, TEMPLATES.html):
        shown = make(digest(section(item(1), more=many)))
        left = re.search(r"(\d+) further papers found no room", shown)
        assert left
        assert len(set(re.findall(r"abs/2611\.(\d{5})", shown))) + int(left[1]) == 399
        assert "Everything that matched is in this mail" not in shown


def test_the_reason_names_each_word_once_and_the_longest_form() -> None:
    reasons = (Reason(field="title", text="Attention"), Reason(field="title", text="Sparse Attention"),
               Reason(field="abstract", text="sparse-attention"), Reason(field="abstract", text="caches"))  # fmt: skip
    text = TEMPLATES.text(digest(section(item(1, reasons=reasons))))
    assert "Matched *Sparse Attention* in title, *caches* in abstract" in text


def test_a_paper_of_a_topic_that_is_trending_too_says_its_votes_once() -> None:
    rising = item(1, paper=paper(1, signals={"upvotes": 41}), note="Trending: ▲ 41 votes · in 3 sources")
    one = digest(section(rising))
    assert TEMPLATES.text(one).count("41 votes") == 1
    assert len(re.findall(r"41(?: |&nbsp;)votes", TEMPLATES.html(one))) == 1


def test_a_card_is_rendered_once_for_everybody() -> None:
    templates = Templates.load()
    for ref in ("a", "b", "c"):
        templates.html(digest(section(item(1)), subscriber=subscriber(ref)))
    assert len(templates._papers) == 1


def test_one_reader_never_sees_the_reason_of_another() -> None:
    for word in ("alpha", "beta"):
        html = TEMPLATES.html(digest(section(item(1, reasons=(Reason(field="title", text=word),)))))
        assert ("alpha" in html, "beta" in html) == (word == "alpha", word == "beta")


def test_a_quiet_day_says_what_came_and_what_failed() -> None:
    text = TEMPLATES.text(replace(full(), sections=()))
    assert "412 new papers came, none matched. bioRxiv could not be read." in text
    assert "failing since Mon 06:10 UTC: 503 from api.biorxiv.org" in text


def test_no_plain_text_line_is_wider_than_72_columns_but_for_addresses() -> None:
    assert not [x for x in TEMPLATES.text(full()).splitlines() if len(x) > 72 and "://" not in x]


def test_a_template_of_ones_own_wins_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "title.html").write_text("<p>Mine: {{ card.title }}</p>")
    own = Templates.load(tmp_path)
    assert "<p>Mine: A Study of Sparse Attention, Part 3</p>" in own.html(full())
    assert own.text(full()) == TEMPLATES.text(full())


def test_colours_of_ones_own_are_used(tmp_path: Path) -> None:
    (tmp_path / "tokens.toml").write_text('[light]\nlink = "#123456"\n')
    assert "#123456" in Templates.load(tmp_path).html(full())


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{% if %}", "Expected an expression"),
        ("{{ t.nothing }}", "no attribute 'nothing'"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "section.txt").write_text(f"\n{source}")
    with pytest.raises(TemplateError) as caught:
        Templates.load(tmp_path).letter(full())
    assert says in str(caught.value)
    assert "section.txt:2" in caught.value.where


def test_the_gist_is_made_of_whole_sentences_of_the_abstract() -> None:
    abstract = (
        "Much is known. " * 30
        + "We propose a new engine. It is 3.4× faster, e.g. on v1.5 of it. Code is available at https://x.org."
    )
    for sentence in sentences(gist(abstract).replace(" …", "")):
        assert sentence in abstract


LONG = (
    "Tics were rated by parents and by clinicians in a classroom that was built for that purpose alone, week by week. "
    * 3
)


def test_the_gist_brings_the_sentence_that_another_leans_on() -> None:
    found = "Withdrawal of the drug does not result in more tics. Nevertheless, these findings do not preclude reactions in some."
    assert gist(f"Nineteen children were looked at. {LONG}{found}").endswith(found)


def test_the_gist_of_a_structured_abstract_has_aim_and_conclusion_and_no_remnant() -> None:
    made = gist(
        f"Background: Much is known. Objective: To learn whether it helps those who are old. Methods: {LONG}"
        "Results: It helped 40 of 80. Conclusions: It helps half of those who are old. Grade: 2A. Registration: NCT1 at the office."
    )
    assert "To learn whether" in made
    assert "It helps half" in made
    assert not [word for word in ("Grade", "Registration", "Much is known") if word in made]


def test_the_gist_prefers_what_was_done_and_found() -> None:
    abstract = "Much is known about engines. " * 20 + "We propose a new engine. It is 3.4× faster than before."
    assert gist(abstract).endswith("We propose a new engine. It is 3.4× faster than before.")


def test_a_short_abstract_is_shown_whole() -> None:
    assert gist("One thing. Another thing.") == "One thing. Another thing."


def test_initials_and_abbreviations_end_no_sentence() -> None:
    assert sentences("We follow A. Turing et al. There is more, e.g. This.") == [
        "We follow A. Turing et al. There is more, e.g. This."
    ]


def test_two_hundred_sources_leave_the_room_to_the_papers() -> None:
    polled = [PolledSource(ref=f"s{n}", name=f"Source number {n}", new=n, sent=int(n == 7)) for n in range(200)]
    polled[50] = replace(polled[50], state="failing", note="503")
    made = digest(section(*(item(n) for n in range(1, 41))), polled=tuple(polled))
    html, text = TEMPLATES.html(made), TEMPLATES.text(made)
    assert html.count("<h3") == 40
    for shown in (html, text):
        assert "Source number 7" in shown
        assert "Source number 50" in shown
        assert "189 other sources" in shown
        assert shown.count("Source number") == 11


def test_a_quiet_day_with_many_failing_sources_names_a_few() -> None:
    failing = tuple(PolledSource(ref=f"s{n}", name=f"S{n}", state="failing") for n in range(30))
    text = TEMPLATES.text(digest(considered=0, polled=failing))
    assert "S0, S1, S2 and 27 others could not be read." in text


@pytest.mark.parametrize(
    ("clause", "rest"),
    [
        ("To address these challenges, ", "we propose a sparse reader that keeps 98% of the accuracy on four tasks."),
        ("Motivated by this gap, ", "this paper introduces a benchmark of 412 questions for two languages."),
        ("To bridge the gap, ", "we present a corpus of 12,000 dialogues and measure three models on it."),
    ],
)
def test_a_clause_that_leans_on_a_sentence_left_out_is_cut(clause: str, rest: str) -> None:
    setting = "Attention over long inputs is slow and takes a great deal of memory on today's machines. " * 6
    assert gist(setting + clause + rest).endswith(rest[:1].upper() + rest[1:])
    assert "these challenges" not in gist(setting + clause + rest)


def test_an_outlook_is_no_part_of_a_summary() -> None:
    setting = "Attention over long inputs is slow and takes a great deal of memory on today's machines. " * 6
    found = "We propose a reader that is 3.4 times faster. It keeps 98% of the accuracy on four benchmarks."
    assert "future" not in gist(f"{setting}{found} We hope that future work extends this to video and speech.")
