"""People whom a topic follows by name: namesakes are shown as perhaps, and what is said of them holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from quopri import decodestring

import pytest
from databases import empty_store

from digestbot.acts.answers.explain import explain
from digestbot.acts.people.namesakes import questions, said_of, say, say_by_page
from digestbot.errors import NotFound
from digestbot.testing.builders import NOW, entry, subscriber, topic
from digestbot.testing.site import DESK, TEMPLATES, TestSite

DAY = timedelta(days=1)
FOLLOWING = topic("People", 'au:"Jane Doe"', follow=("Jane Doe @ Uni X",))
OPEN = "Perhaps “Jane Doe”, whom you follow: same name, no institution given."
LIKELY = OPEN.replace("given.", "given, cs.LG as papers of theirs.")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[TestSite]:
    with empty_store("sqlite", tmp_path) as store:
        yield TestSite(store, [subscriber(id=None, topics=(FOLLOWING,), trending=0)])


def brings(site: TestSite, *papers: tuple[int, tuple[str, ...]]) -> None:
    """Papers of some Jane Doe with others."""
    site.entries(*(entry(n, native_key=f"{n}", authors=("Jane Doe", *beside), affiliations=()) for n, beside in papers))


def notes(site: TestSite, days: int) -> dict[str, str]:
    """What the digest of that many days later says of each paper."""
    return {
        item.paper.public_id: item.note
        for digest in site.digests(site.dispatch(NOW + days * DAY))
        for item in digest.items()
    }


def test_a_namesake_is_shown_as_perhaps_and_what_is_said_holds_for_later_papers(site: TestSite) -> None:
    brings(site, (1, ("Max Roe", "Ann Lee")), (2, ("Kim Poe",)))
    assert notes(site, 1) == {"2611.00001": OPEN, "2611.00002": OPEN}
    ada = site.person()
    say(site.store, "2611.00001", ada, "Jane Doe", same=True, now=site.now)
    assert say_by_page(site.store, "2611.00002", ada, "jane doe", same=False, now=site.now)
    site.now = NOW + DAY + timedelta(hours=1)
    brings(site, (3, ("Max Roe", "Ann Lee")), (4, ("Kim Poe",)), (5, ()))
    assert notes(site, 2) == {"2611.00003": "", "2611.00005": LIKELY}
    why = explain(site.store, DESK, "2611.00004", ada, now=site.now).why
    assert why.endswith("By another “Jane Doe” than the one you follow: Kim Poe wrote with another of that name.")
    assert explain(site.store, DESK, "2611.00005", ada, now=site.now).why.endswith(LIKELY)
    assert [(s.paper, s.same) for s, _ in said_of(site.store, ada)] == [(1, True), (2, False)]


def test_papers_that_were_sent_still_say_who_wrote_with_them(site: TestSite) -> None:
    site.entries(entry(1, native_key="1", authors=("Jane Doe", "Max Roe", "Ann Lee"), affiliations=("Uni X",)))
    assert notes(site, 1) == {"2611.00001": ""}
    site.now = NOW + DAY + timedelta(hours=1)
    brings(site, (2, ("Max Roe", "Ann Lee")))
    assert notes(site, 2) == {"2611.00002": ""}


def test_the_card_asks_and_links_to_the_page_only_where_it_is_open(site: TestSite) -> None:
    brings(site, (1, ()))
    [digest] = site.digests(site.dispatch(NOW + DAY))
    linked = replace(
        digest,
        links=replace(digest.links, votes="https://papers.example.org/p/abcdefghijklmnopqrstuvwxyz234567/papers/"),
    )
    html = decodestring(bytes(TEMPLATES.letter(linked).html)).decode()
    assert 'href="https://papers.example.org/p/abcdefghijklmnopqrstuvwxyz234567/papers/2611.00001/who"' in html
    sure = replace(
        linked,
        sections=tuple(replace(s, items=tuple(replace(i, follows="") for i in s.items)) for s in linked.sections),
    )
    assert b"/who" not in decodestring(bytes(TEMPLATES.letter(sure).html))
    assert (
        "Perhaps “Jane Doe”, whom you follow: same name, no"
        in decodestring(bytes(TEMPLATES.letter(linked).text)).decode()
    )


def test_a_word_on_nobody_or_on_another_name_is_refused(site: TestSite) -> None:
    brings(site, (1, ()))
    site.papers(2)
    ada = site.person()
    with pytest.raises(NotFound, match="follows nobody called"):
        say(site.store, "2611.00001", ada, "John Roe", same=True, now=site.now)
    with pytest.raises(NotFound, match="no author called Jane Doe"):
        say(site.store, "2611.00002", ada, "Jane Doe", same=True, now=site.now)
    assert not say_by_page(site.store, "2611.00002", ada, "jane doe", same=True, now=site.now)
    found = questions(site.store, "2611.00001", ada)
    assert found is not None
    assert [(q.person.name, q.verdict.why, q.said) for q in found[1]] == [
        ("Jane Doe", "same name, no institution given", None)
    ]
