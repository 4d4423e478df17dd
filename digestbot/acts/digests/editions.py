"""Editions: keep the open one as it stands, close it at its hour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digestbot.acts.faults.isolate import answered
from digestbot.acts.site.settings import FeedSettings
from digestbot.digest.selection.select import LOOK_BACK
from digestbot.model import EditionState, Listing, Paper
from digestbot.papers.facts.listing_days import EQUAL_POLLS
from digestbot.ranking.trending import edition_order, why
from digestbot.rules import PaperIndex, parse
from digestbot.store import Edition, Poll, Store, Transaction

LATE = timedelta(minutes=15)  #: a paper may be written down that long after it was first seen
EDITIONS_IN_FEED = 7
APPROVED = "edition {day} approved"  #: named timestamp: a curator let it go


def update_editions(store: Store, settings: FeedSettings, *, now: datetime) -> list[Edition]:
    """Write the open edition anew, close those whose hour has come; the newest editions, newest first."""
    with store.transaction() as tx:
        known = tx.slots.latest_editions(EDITIONS_IN_FEED)
        last = max((e for e in known if e.state is EditionState.CLOSED), key=lambda e: e.closes, default=None)
        since = min(last.closes, _closing(date.fromisoformat(last.day), settings)) if last else now - LOOK_BACK
        seen = tx.papers.papers_seen_between(since, now)
        if last and len(last.items) < settings.edition.limit:  # then it has all that were there when it was closed
            seen = [*_not_closed(known, tx.papers.papers_seen_between(since - LATE, since)), *seen]
        for day, papers in sorted(_by_day(tx, known, wanted_papers(seen, settings), settings, now).items()):
            done = sources_done(tx, settings, day, now)
            before, chosen = tx.slots.edition_of(day.isoformat()), _chosen(tx, day)
            made = _edition(day, papers, settings, before, now, done=done, chosen=chosen)
            tx.slots.put_edition(_held(tx, made, now) if settings.edition.hold else made)
        return tx.slots.latest_editions(EDITIONS_IN_FEED)


def _by_day(
    tx: Transaction, known: Sequence[Edition], papers: Iterable[Paper], settings: FeedSettings, now: datetime
) -> dict[date, list[Paper]]:
    """The papers of each day to be written: days with papers or picks, and open ones, which close all the same."""
    closed = {
        e.day for e in known if e.state is EditionState.CLOSED
    }  # today's too, when all its sources were done early
    by_day: dict[date, list[Paper]] = {}
    for paper in papers:
        day = edition_day(paper.first_seen or now, settings.zone, settings.edition.closes)
        by_day.setdefault(day if day.isoformat() not in closed else day + timedelta(days=1), []).append(paper)
    today = edition_day(now, settings.zone, settings.edition.closes)
    picks = tx.picks.picks_of([today.isoformat(), (today + timedelta(days=1)).isoformat()])
    for named in (
        *(e.day for e in known if e.state is EditionState.OPEN),
        *(p.day for p in picks if p.day not in closed),
    ):
        by_day.setdefault(date.fromisoformat(named), [])
    return by_day


def close_editions(store: Store, settings: FeedSettings, *, now: datetime) -> None:
    """Close the editions whose hour has come, where no poll has done so yet: the digests of that hour have them then."""
    with store.reading() as tx:
        due = any(e.state is EditionState.OPEN and e.closes <= now for e in tx.slots.latest_editions(EDITIONS_IN_FEED))
    if due:
        update_editions(store, settings, now=now)


def _chosen(tx: Transaction, day: date) -> list[tuple[Paper, str]]:
    """What curators picked for a day, with who chose it and why."""
    picks = tx.picks.picks_of([day.isoformat()])
    papers = tx.papers.papers_by_id([pick.paper for pick in picks])
    said = {p.paper: f"Picked by {p.by or 'a curator'}{f': {p.why}' if p.why else ''}" for p in picks}
    return [(papers[one], told) for one, told in said.items() if one in papers]


def _held(tx: Transaction, edition: Edition, now: datetime) -> Edition:
    """The edition as it stays open until a curator lets it go; it closes then, or at its hour."""
    approved = tx.site.timestamp(APPROVED.format(day=edition.day))
    if edition.state is not EditionState.CLOSED:
        return edition
    if approved is None:
        return replace(edition, state=EditionState.OPEN)
    return replace(edition, closes=max(edition.closes, approved))


def _closing(day: date, settings: FeedSettings) -> datetime:
    """The hour at which a day's edition closes."""
    return datetime.combine(day, settings.edition.closes, ZoneInfo(settings.zone)).astimezone(UTC)


def _not_closed(editions: Sequence[Edition], papers: Sequence[Paper]) -> list[Paper]:
    had = {paper for edition in editions if edition.state is EditionState.CLOSED for paper, _ in edition.items}
    return [paper for paper in papers if paper.id not in had]


def edition_day(seen: datetime, zone: str, closes: time) -> date:
    """The edition a paper first seen then belongs to: after the closing hour it is the next day's. Pure."""
    local = seen.astimezone(ZoneInfo(zone))
    return local.date() + timedelta(days=1) if local.time() > closes else local.date()


def wanted_papers(papers: Sequence[Paper], settings: FeedSettings) -> list[Paper]:
    """The papers that the edition's rule and sources let through, without new versions of older ones."""
    rule = settings.edition
    fit = [p for p in papers if not p.replacement and (not rule.sources or set(rule.sources) & set(p.sources))]
    if not rule.query:
        return fit
    wanted = parse(rule.query, topics=settings.rules)
    found, _ = answered(PaperIndex(fit), fit, lambda index: index.select(wanted))
    return found


def sources_done(tx: Transaction, settings: FeedSettings, day: date, now: datetime) -> bool:
    """Has every source of the edition listed that day to its end? Sources without listing days have none."""
    rows: dict[str, list[Listing]] = {}
    for row in tx.source_log.listings(since=day):
        if row.day == day:
            rows.setdefault(row.source, []).append(row)
    if not rows:
        return False
    wanted = [
        s.name for s in tx.source_log.sources() if not settings.edition.sources or s.name in settings.edition.sources
    ]
    last = {name: tx.source_log.polls_of(name, EQUAL_POLLS) for name in wanted if name not in rows}
    begins = datetime.combine(day, time(), ZoneInfo(settings.zone))
    listed = all(row.done for name in wanted for row in rows.get(name, ()))
    return listed and all(_quiet(polls, begins) for polls in last.values())


def _quiet(polls: Sequence[Poll], since: datetime) -> bool:
    """Two polls of that day that brought nothing new."""
    equal = [p for p in polls if p.at >= since and not p.status.failed and not p.new]
    return len(equal) == EQUAL_POLLS


def _edition(
    day: date,
    papers: Sequence[Paper],
    settings: FeedSettings,
    before: Edition | None,
    now: datetime,
    *,
    done: bool,
    chosen: Sequence[tuple[Paper, str]] = (),
) -> Edition:
    """Picks stand first, in the order they were made; the others by how they rise."""
    closes = _closing(day, settings)
    picked = {paper.id for paper, _ in chosen}
    ordered = edition_order([p for p in papers if p.id not in picked], now, settings.services)
    told = [*((p, " · ".join(filter(None, (said, why(p, settings.services))))) for p, said in chosen),
            *((p, why(p, settings.services)) for p in ordered)]  # fmt: skip
    items = tuple((p.id, said) for p, said in told[: settings.edition.limit] if p.id is not None)
    same = before is not None and before.items == items
    state = EditionState.CLOSED if now >= closes or done else EditionState.OPEN
    closes = min(closes, now) if done else closes
    return Edition(day=day.isoformat(), state=state, closes=closes, items=items,
                   updated=before.updated if same and before else now)  # fmt: skip
