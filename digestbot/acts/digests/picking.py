"""Picking: a curator puts a paper on the day's edition, with who chose it and why, and lets a held edition go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from digestbot.acts.digests.editions import APPROVED, edition_day, update_editions
from digestbot.acts.papers.find import find_paper
from digestbot.acts.site.settings import FeedSettings
from digestbot.errors import NotFound, UsageError
from digestbot.model import EditionState, Paper
from digestbot.store import Pick, Store, Transaction

LONGEST_WHY = 300  #: characters


@dataclass(frozen=True, slots=True, kw_only=True)
class PickedPaper:
    """A paper that stands on an edition because somebody chose it."""

    day: str
    paper: Paper
    by: str
    why: str


def open_day(tx: Transaction, settings: FeedSettings, *, now: datetime) -> str:
    """The day whose edition takes picks now: today's, or the next when today's is closed."""
    day = edition_day(now, settings.zone, settings.edition.closes)
    for held in tx.slots.latest_editions(7):  # the newest first
        if held.state is EditionState.OPEN and held.day < day.isoformat():
            return held.day
    edition = tx.slots.edition_of(day.isoformat())
    closed = edition is not None and edition.state is EditionState.CLOSED
    return (day + timedelta(days=1) if closed else day).isoformat()


def pick(
    store: Store, settings: FeedSettings, text: str, *, by: str, why: str = "", day: str = "", now: datetime
) -> PickedPaper:
    """Put the paper that `text` names (an id, a DOI, an address, words of a title) on the open edition, or on that of
    `day`. Raises NotFound, and UsageError for an edition that is closed: it never changes."""
    why = " ".join(why.split())[:LONGEST_WHY]
    with store.transaction() as tx:
        paper = find_paper(tx, text)
        on = _day(tx, settings, day, now)
        tx.picks.put_pick(Pick(day=on, paper=paper.stored_id, by=by, why=why, at=now))
    update_editions(store, settings, now=now)
    return PickedPaper(day=on, paper=paper, by=by, why=why)


def unpick(store: Store, settings: FeedSettings, text: str, *, day: str = "", now: datetime) -> PickedPaper:
    """Take a pick back. Raises NotFound, UsageError."""
    with store.transaction() as tx:
        paper = find_paper(tx, text)
        on = _day(tx, settings, day, now)
        if paper.id is None or not tx.picks.remove_pick(on, paper.id):
            raise NotFound(f"nobody picked {paper.public_id} for {on}", fix="`digestbot pick` lists the picks")
    update_editions(store, settings, now=now)
    return PickedPaper(day=on, paper=paper, by="", why="")


def picked(store: Store, settings: FeedSettings, *, day: str = "", now: datetime) -> tuple[str, list[PickedPaper]]:
    """Returns the day that takes picks, and what was picked for it, in the order it was."""
    with store.reading() as tx:
        on = day or open_day(tx, settings, now=now)
        picks = tx.picks.picks_of([on])
        papers = tx.papers.papers_by_id([one.paper for one in picks])
    return on, [PickedPaper(day=on, paper=papers[p.paper], by=p.by, why=p.why) for p in picks if p.paper in papers]


def approve(store: Store, settings: FeedSettings, day: str, *, now: datetime) -> None:
    """Let a held edition go: it closes at its hour, or at once when that has come. Raises NotFound."""
    with store.transaction() as tx:
        if tx.slots.edition_of(day) is None:
            raise NotFound(f"there is no edition of {day}", fix="Days are written like 2026-11-23")
        tx.site.set_timestamp(APPROVED.format(day=day), at=now)
    update_editions(store, settings, now=now)


def _day(tx: Transaction, settings: FeedSettings, given: str, now: datetime) -> str:
    if not given:
        return open_day(tx, settings, now=now)
    try:
        day = date.fromisoformat(given).isoformat()
    except ValueError:
        raise UsageError(f"{given!r} is no day", fix="Write it as 2026-11-23") from None
    edition = tx.slots.edition_of(day)
    if edition is not None and edition.state is EditionState.CLOSED:
        raise UsageError(f"the edition of {day} is closed, and never changes", fix="Leave --day away for the open one")
    return day
