"""Curators: what they pick stands first on the open edition, and a held edition waits for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from digestbot.acts.digests.editions import update_editions
from digestbot.acts.digests.picking import approve, pick, picked, unpick
from digestbot.acts.site.settings import EditionRule, FeedSettings
from digestbot.errors import NotFound, UsageError
from digestbot.model import EditionState
from digestbot.store import Edition
from digestbot.store.database import SqlStore
from digestbot.testing.site import TestSite

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULE = EditionRule(limit=3, closes=time(12, 0))
SETTINGS = FeedSettings(site="Papers", zone="UTC", path=Path("feeds"), edition=RULE)
HELD = replace(SETTINGS, edition=replace(RULE, hold=True))


@pytest.fixture
def site(store: SqlStore) -> TestSite:
    made = TestSite(store)
    made.now = MORNING - timedelta(days=9)
    made.papers(9)
    made.now = MORNING
    made.papers(1, 2, 3, 4)
    return made


def edition(site: TestSite, settings: FeedSettings = SETTINGS, day: str = "2026-11-23") -> Edition:
    update_editions(site.store, settings, now=site.now)
    with site.store.reading() as tx:
        found = tx.slots.edition_of(day)
    assert found is not None
    return found


def named(site: TestSite, found: Edition) -> list[tuple[str, str]]:
    with site.store.reading() as tx:
        papers = tx.papers.papers_by_id([paper for paper, _ in found.items])
    return [(papers[paper].public_id, note) for paper, note in found.items]


def test_a_pick_stands_first_with_who_chose_it_and_why_however_old_the_paper(site: TestSite) -> None:
    pick(site.store, SETTINGS, "2611.00009", by="Ada", why="It  reads\nwell", now=site.now)
    pick(site.store, SETTINGS, "2611.00003", by="Bo", now=site.now + timedelta(seconds=1))
    found = named(site, edition(site))
    assert found[:2] == [("2611.00009", "Picked by Ada: It reads well"), ("2611.00003", "Picked by Bo")]
    assert len(found) == 3
    assert len({name for name, _ in found}) == 3


def test_a_pick_is_taken_back(site: TestSite) -> None:
    pick(site.store, SETTINGS, "2611.00009", by="Ada", now=site.now)
    unpick(site.store, SETTINGS, "2611.00009", now=site.now)
    assert "2611.00009" not in [name for name, _ in named(site, edition(site))]
    with pytest.raises(NotFound):
        unpick(site.store, SETTINGS, "2611.00009", now=site.now)


def test_after_the_closing_hour_a_pick_is_the_next_days(site: TestSite) -> None:
    site.now = NOON + timedelta(hours=1)
    edition(site)
    made = pick(site.store, SETTINGS, "2611.00009", by="Ada", now=site.now)
    assert made.day == "2026-11-24"
    assert named(site, edition(site, day="2026-11-24"))[0][0] == "2611.00009"


def test_a_closed_edition_never_changes(site: TestSite) -> None:
    site.now = NOON + timedelta(hours=1)
    before = edition(site)
    with pytest.raises(UsageError, match="closed"):
        pick(site.store, SETTINGS, "2611.00009", by="Ada", day="2026-11-23", now=site.now)
    assert edition(site) == before


def test_a_held_edition_waits_for_its_curator_and_then_closes(site: TestSite) -> None:
    site.now = NOON + timedelta(hours=2)
    assert edition(site, HELD).state is EditionState.OPEN
    assert picked(site.store, HELD, now=site.now)[0] == "2026-11-23"
    approve(site.store, HELD, "2026-11-23", now=site.now)
    found = edition(site, HELD)
    assert (found.state, found.closes) == (EditionState.CLOSED, site.now)


def test_papers_that_came_while_an_edition_was_held_are_the_next_days(site: TestSite) -> None:
    site.now = NOON + timedelta(hours=1)
    site.papers(7)
    edition(site, HELD)
    site.now = NOON + timedelta(hours=2)
    approve(site.store, HELD, "2026-11-23", now=site.now)
    site.now += timedelta(hours=1)
    assert [name for name, _ in named(site, edition(site, HELD, day="2026-11-24"))] == ["2611.00007"]


def test_an_edition_that_is_let_go_early_closes_at_its_hour(site: TestSite) -> None:
    edition(site, HELD)
    approve(site.store, HELD, "2026-11-23", now=site.now)
    assert edition(site, HELD).state is EditionState.OPEN
    site.now = NOON + timedelta(minutes=1)
    found = edition(site, HELD)
    assert (found.state, found.closes) == (EditionState.CLOSED, NOON)
