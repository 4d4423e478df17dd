"""Editions as pages show them: one day, the best of a week or a month, all days."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digestbot.acts.site.settings import FeedSettings
from digestbot.model import Paper, PaperId
from digestbot.ranking.best import best_of
from digestbot.store import Edition, Store, Transaction

BEST = 50  #: papers of a week or a month
RISES_LATE = timedelta(days=14)  #: so long before a week or month a paper may have come that rises in it
MOST_CURATORS = 3
Picked = tuple[Paper, str]  #: a paper and its sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One edition."""

    day: str  #: "2026-11-23"
    open: bool
    updated: datetime
    papers: tuple[Picked, ...]
    curators: tuple[str, ...]  #: who put the papers on the lists they were seen on, the busiest first
    before: str = ""  #: the day of the edition before
    after: str = ""
    polled: tuple[tuple[str, int], ...] = ()  #: source → its new papers of that day
    new: int = 0  #: papers that came on that day from all of them, each once


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A week or a month: the best papers of its editions."""

    name: str  #: "2026-W48", "2026-11"
    first: date
    last: date
    papers: tuple[Picked, ...]
    before: str
    after: str  #: "" when it lies ahead


def read_day(store: Store, settings: FeedSettings, day: str = "") -> Day | None:
    """The edition of a day; the newest that has papers when none is named. None when there is none."""
    with store.reading() as tx:
        days = tx.slots.edition_days()
        edition = tx.slots.edition_of(day) if day else _newest(tx)
        if edition is None:
            return None
        papers = _picked(tx, [edition])
        zone = ZoneInfo(settings.zone)
        begin = datetime.combine(date.fromisoformat(edition.day), settings.edition.closes, zone) - timedelta(days=1)
        polled = tx.papers.new_papers_by_source(begin, edition.closes)
        return Day(
            day=edition.day,
            open=edition.state == "open",
            updated=edition.updated,
            papers=papers,
            curators=_curators(tx, papers),
            before=max((d for d in days if d < edition.day), default=""),
            after=min((d for d in days if d > edition.day), default=""),
            new=tx.papers.count_new_papers(begin, edition.closes),
            polled=tuple(sorted(polled.items(), key=lambda one: (-one[1], one[0]))),
        )


def _newest(tx: Transaction) -> Edition | None:
    """The open edition is the day's; one that nothing has come for yet leaves the page to the one before."""
    newest = tx.slots.latest_editions(7)
    return next((e for e in newest if e.items), newest[0] if newest else None)


def read_days(store: Store) -> list[str]:
    """All days that have an edition, the newest first."""
    with store.reading() as tx:
        return tx.slots.edition_days()


def read_latest(store: Store, most: int) -> list[Edition]:
    """The newest editions."""
    with store.reading() as tx:
        return tx.slots.latest_editions(most)


def span(name: str, today: date) -> tuple[date, date, str, str] | None:
    """First day, last day, and the names before and after of "2026-W48" or "2026-11"; None for what is no such name."""
    try:
        if found := re.fullmatch(r"(\d{4})-W(\d\d)", name, re.ASCII):
            first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
            last = first + timedelta(days=6)
            names = (week_name(first - timedelta(days=7)), week_name(last + timedelta(days=1)))
        elif found := re.fullmatch(r"(\d{4})-(\d\d)", name, re.ASCII):
            first = date(int(found[1]), int(found[2]), 1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            names = (f"{first - timedelta(days=1):%Y-%m}", f"{last + timedelta(days=1):%Y-%m}")
        else:
            return None
    except (ValueError, OverflowError):
        return None
    return first, last, names[0], names[1] if last < today else ""


def week_name(day: date) -> str:
    """ISO 8601: "2026-W48"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def read_span(store: Store, settings: FeedSettings, name: str, *, now: datetime) -> Span | None:
    """The best of a week or month, late risers in, of the editions of its days and of the two weeks before; by the votes
    at its end. None for what is no week or month."""
    zone = ZoneInfo(settings.zone)
    found = span(name, now.astimezone(zone).date())
    if found is None:
        return None
    first, last, before, after = found
    since = datetime.combine(first, time(), zone).astimezone(UTC)
    until = min(datetime.combine(last + timedelta(days=1), time(), zone).astimezone(UTC), now)
    with store.reading() as tx:
        days = [
            day for day in tx.slots.edition_days() if str(first - RISES_LATE) <= day <= str(last + timedelta(days=1))
        ]
        editions = [e for day in days if (e := tx.slots.edition_of(day)) is not None]
        papers = [paper for paper, _ in _picked(tx, editions) if paper.first_seen and paper.first_seen <= until]
        ids = [paper.id for paper in papers if paper.id is not None]
        then = tx.papers.signals_of_papers_at(ids, until)
        votes = {i: told.get("upvotes", 0) for i, told in tx.papers.signals_of_papers_at(ids, since).items()}
    known = [replace(paper, signals=then.get(paper.id or PaperId(0), {})) for paper in papers]
    best = best_of(known, since=since, now=until, before=votes, services=settings.services, most=BEST)
    picked = tuple((one.paper, one.why) for one in best)
    return Span(name=name, first=first, last=last, papers=picked, before=before, after=after)


def _picked(tx: Transaction, editions: Sequence[Edition]) -> tuple[Picked, ...]:
    """The papers of editions, each once, in their order; merged ones under the paper they are now."""
    wanted = [item for e in editions for item in e.items]
    papers = tx.papers.papers_by_id([paper for paper, _ in wanted])
    found = {papers[i].id: (papers[i], note) for i, note in reversed(wanted) if i in papers}
    return tuple(reversed(found.values()))


def _curators(tx: Transaction, papers: Sequence[Picked]) -> tuple[str, ...]:
    """Who put most of these papers on the lists that they were seen on."""
    ids = [paper.id for paper, _ in papers if paper.id is not None]
    told = Counter(
        name
        for entries in tx.papers.entries_of(ids).values()
        for name in {e.entry.submitter.strip() for e in entries}
        if name
    )
    return tuple(name for name, _ in sorted(told.items(), key=lambda one: (-one[1], one[0]))[:MOST_CURATORS])
