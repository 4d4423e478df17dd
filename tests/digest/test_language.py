"""A digest in the language of its reader: no word of ours stays English."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

from rows import rows
from test_identity_pairs import entry, pairs

import digestbot.sources
from digestbot.bundled import folder
from digestbot.digest.rendering.headings import leave_words
from digestbot.digest.rendering.renderer import Templates
from digestbot.digest.selection.listing_counts import tallies
from digestbot.digest.selection.near_duplicates import paired
from digestbot.digest.selection.updates import News, Shown, by_paper, updates
from digestbot.mail.lint.page import Markup, read
from digestbot.model import (
    Digest,
    Entry,
    Item,
    ItemPlace,
    Link,
    LinkRel,
    Links,
    Listing,
    ListingState,
    PaperId,
    PolledSource,
    Reason,
    SectionKind,
    Standing,
    Tally,
)
from digestbot.papers.facts.events import events_between
from digestbot.papers.identity.decisions import compare_records, record
from digestbot.ranking.trending import why
from digestbot.sources.values.arxiv_calendar import quiet
from digestbot.testing.builders import NOW, digest, item, paper, section, slot, subscriber

TEMPLATES = Templates.load()
READER = subscriber(language="de", name="Erika", updates="all")
#: texts that hold no English word, so that each one found is ours
TITLE, ABSTRACT = "Etwas Neues", "Wir zeigen etwas Neues. Es geht schnell. Es geht weit."
OWN: dict[str, Any] = {"title": TITLE, "summary": ABSTRACT, "authors": ("Erika Muster",)}
WEB = Links(page="https://p.example/d/t", leave="https://p.example/u/t", feed="https://p.example/f/t/",
            preferences="https://p.example/p/t", votes="https://p.example/v/t/")  # fmt: skip


def some(number: int, **change: Any) -> Any:
    return paper(number, **(OWN | change))


def news() -> list[Item]:
    """Everything that can happen to a paper, told by those who see it happen."""
    before = some(1, version=1, title="Etwas Altes", summary="Wir ahnen etwas. Es geht schnell. Es geht weit.")
    code = (*before.links, Link(LinkRel.CODE, "https://x.example/y"))
    after = [
        replace(
            before, id=PaperId(1), comment="Accepted at ISCA", version=2, title=TITLE, summary=ABSTRACT, links=code
        ),
        replace(before, id=PaperId(2), venue="Zeitschrift 7", same_as=("doi:10.1000/7",), comment="accepted"),
        replace(before, id=PaperId(3), standing=Standing.RETRACTED, version=3, same_as=("doi:10.1000/8",)),
        replace(before, id=PaperId(4), standing=Standing.WITHDRAWN, version=3, summary="Ganz anders. Sehr."),
    ]
    events = [News(paper=new, event=event, at=NOW) for new in after for event in events_between(before, new)]
    had = {PaperId(n): Shown(version=n % 2 or None, at=NOW - timedelta(days=60 + n)) for n in (1, 2, 3, 4)}
    return updates(READER, had, by_paper(events))


def listing(state: ListingState, days_ago: int, **change: Any) -> Listing:
    day = date(2026, 11, 23) - timedelta(days=days_ago)
    return Listing(source="s", part="", day=day, state=state, got=("1",) * 1204, updated=NOW, **change)


def polled(lists: int = 3) -> tuple[PolledSource, ...]:
    since, until = datetime(2026, 11, 21, 6, tzinfo=UTC), datetime(2026, 11, 22, 6, tzinfo=UTC)
    rows = [
        [listing(ListingState.MISSED, 3), listing(ListingState.MISSED, 2), listing(ListingState.CLOSED, 0, expected=1300)],
        [listing(ListingState.STALE, 0)],
        [listing(ListingState.FILLING, 0)],
        *([listing(ListingState.CLOSED, 0, expected=1300)] for _ in range(lists - 3)),
    ]  # fmt: skip
    told = [
        PolledSource(ref="f", name="F", state="failing", note="since Mon 06:10 UTC: 503"),
        PolledSource(ref="n", name="N", state="never", note="not polled yet"),
        PolledSource(ref="q", name="Q", state="quiet", note=quiet(since, until)),
        PolledSource(ref="e", name="E", state="quiet"),
    ]
    listed = [
        PolledSource(ref=f"l{n}", name=f"L{n}", new=1204, tally=tallies(row, date(2026, 11, 1)))
        for n, row in enumerate(rows)
    ]
    return (*told, *listed)


def rich(more: int = 3, lists: int = 3) -> Digest:
    """Every kind of section and note, more papers than find room, and every link."""
    reasons = tuple(
        Reason(field=f, text="etwas") for f in ("title", "abstract", "comment", "category", "author", "venue")
    )
    alike = [
        (PaperId(21), "same title, other authors"),
        (PaperId(22), "nearly the same title and authors, different DOI"),
    ]
    topic = section(
        item(10, paper=some(10, signals={"upvotes": 1204}), reasons=reasons, also=("Anderes",)),
        *(item(n, paper=some(n, version=2)) for n in (11, 12)),
        item(21, paper=some(21)),
        more=tuple(
            item(n, paper=some(n, title=f"{TITLE} {n} " * 20), place=ItemPlace.MORE) for n in range(100, 100 + more)
        ),
        title="Thema",
        note="etwas",
    )
    rising = some(30, signals={"upvotes": 1204}, sources=("L0", "L1", "L2"))
    others = [
        section(*news(), kind=SectionKind.UPDATES, title="Updates"),
        section(Item(paper=rising, note=why(rising)), kind=SectionKind.TRENDING, title="Trending"),
        section(item(40, paper=some(40), reasons=()), kind=SectionKind.EDITION, title="Monday 23 November", note=""),
    ]
    perhaps = {PaperId(10): alike[:1], PaperId(11): alike[1:]}
    had = {PaperId(22): Shown(version=1, at=NOW - timedelta(days=9))}
    sections = paired([topic, *others], perhaps, had, {PaperId(22): some(22)}, ZoneInfo(READER.time_zone))
    return digest(
        *sections, subscriber=READER, polled=polled(lists), considered=1204, links=WEB,
        next_slot=slot(NOW + timedelta(days=1)),
    )  # fmt: skip


def strings(language: str) -> dict[str, Any]:
    return tomllib.loads((folder("templates") / "strings" / f"{language}.toml").read_text(encoding="utf-8"))


def fragments(forms: list[str]) -> Iterator[str]:
    """What stands between the names in braces."""
    for form in forms:
        yield from (text.strip(" .,:;·“”()") for text, *_ in Formatter().parse(form))


def english() -> set[str]:
    """Everything the English catalogue says and the German one does not."""
    forms: dict[str, list[str]] = {}
    for language in ("en", "de"):
        told = strings(language)
        forms[language] = [*told["text"].values(), *(form for pair in told["count"].values() for form in pair)]
        forms[language] += [name for names in told["date"].values() if isinstance(names, list) for name in names]
    notes = strings("de")["note"]
    here = "\n".join([*forms["de"], *notes.values()]).lower()  # `unsubscribe` is what a German writes too
    return {text for text in (*fragments(forms["en"]), *fragments(list(notes))) if text and text.lower() not in here}


def shown_in(html: Markup) -> str:
    return " ".join(text for _, text, _ in html.texts)


def left(shown: str) -> list[str]:
    words = " ".join(shown.split())
    return [text for text, pattern in patterns() if pattern.search(words)]


@cache
def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Compiled once: they are more than `re` remembers."""
    return [(text, re.compile(rf"(?<![\w/.@]){re.escape(text)}(?![\w/.@])", re.I)) for text in sorted(english())]


QUIET: list[dict[str, Any]] = [
    {"considered": 1204},
    {"considered": 1},
    {"considered": 0, "polled": polled()[:1]},
    {"considered": 0, "polled": polled()[1:2]},
    {"considered": 0, "polled": polled()[2:3]},
    {"considered": 0, "polled": polled()[3:4]},
]


@rows(
    "one",
    [
        rich(), rich(600, 20), replace(rich(), links=Links()), replace(rich(600), links=Links()),
        *(replace(rich(), sections=(), **changed) for changed in QUIET),
        *(digest(subscriber=replace(READER, schedule=s)) for s in ("every 6h", "weekdays 07:30", "mon,thu 08:00", "30 7 * * 1")),
    ],
)  # fmt: skip
def test_a_german_digest_holds_no_english_of_ours(one: Digest) -> None:
    html = read(TEMPLATES.html(one))
    labels = [e.attributes.get("aria-label", "") for e in html.elements]
    for shown in (TEMPLATES.text(one), shown_in(html), *labels, TEMPLATES.subject(one)):
        assert left(" ".join(shown.split()).replace(leave_words(one), "")) == []  # what is typed is the same everywhere


def test_the_rich_digest_holds_what_it_is_to_hold() -> None:
    text = " ".join(TEMPLATES.text(rich()).split())
    for note in ("Sie hatten v1 am", "Sie hatten es am", "angenommen: ISCA", "Code unter x.example/y", "Es wurde widerrufen",
                 "Es wurde zurückgezogen", "▲ 1.204 Stimmen · in 3 Quellen", "Gleicher Titel, andere Autoren",
                 "Jenes hatten Sie am Sa 14. November", "füllt sich noch", "Montag noch nicht da",
                 "Freitag und Samstag verpasst", "MONTAG, 23. NOVEMBER", "seit Mo 06:10 UTC: 503"):  # fmt: skip
        assert note in text


def test_a_note_in_english_stays_as_it_was_said() -> None:
    english_words = TEMPLATES.stationery.languages.of("en")
    assert english_words.note("You had v1 on Fri 20 November. New: v2.") == "You had v1 on Fri 20 November. New: v2."


def test_names_within_a_note_stay_as_they_are() -> None:
    words = TEMPLATES.stationery.languages.of("de")
    note = "New: published in Science and Nature; v2 changes the title (it was “The abstract of 3 sources”)."
    assert words.note(note) == (
        "Neu: erschienen in Science and Nature; v2 ändert den Titel (er war „The abstract of 3 sources“)."
    )


def test_reasons_that_are_no_words_of_a_text_are_said_in_the_language_too() -> None:
    said = {"has": "code", "upvotes": "5", "version": "2", "published": "2026-01-02"}
    reasons = tuple(Reason(field=field, text=text) for field, text in said.items())
    person = subscriber(language="de")
    text = Templates.load().text(digest(section(item(1, reasons=reasons)), subscriber=person))
    for word in ("mit Code", "5 Stimmen", "Version 2", "veröffentlicht 2026-01-02"):
        assert word in " ".join(text.split())


def test_whatever_makes_two_works_perhaps_one_is_said_in_the_language() -> None:
    asked = [
        (entry(p.a, None), entry(p.b, None)) for p in pairs() if not p.a.startswith("@") and not p.b.startswith("@")
    ]
    post = Entry(title="Sparse attention over proteins", link="https://lab.example/post", native_key="post-1")
    asked.append((post, replace(post, title="Whale songs under arctic ice")))
    said = {
        re.sub(r"'[^']*'", "'…'", verdict.reason)
        for one, other in asked
        if (verdict := compare_records(record(one), record(other))).answer == "perhaps"
    }
    assert "same page, another title" in said
    words = TEMPLATES.stationery.languages.of("de")
    assert len(said) > 12
    english_words = set(
        "the a of and one other others only title titles same authors years word page short near not".split()
    )
    assert {reason for reason in said if english_words & set(re.findall(r"[a-z]+", words.note(reason)))} == set()


def test_a_sources_own_title_is_never_translated() -> None:
    named = PolledSource(
        ref="a", name="arXiv language and speech", new=1204, tally=(Tally(got=3, expected=4, note="still filling"),)
    )
    text = " ".join(TEMPLATES.text(digest(section(item(1)), polled=(named,), subscriber=READER)).split())
    assert "arXiv language and speech 3 von 4, füllt sich noch" in text


def test_whatever_our_readers_say_of_an_unreadable_reply_is_said_in_the_language() -> None:
    said = set()
    for path in Path(digestbot.sources.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "unreadable":
                said |= {a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)}
    words = TEMPLATES.stationery.languages.of("de")
    assert len(said) > 10
    assert {text for text in said if words.note(text) == text} == set()
