"""Audit: what each source listed on each day, and what of it we have. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digestbot.acts.intake.listing_days import ListingDays, current_rows
from digestbot.acts.intake.poll_decision import not_papers_of
from digestbot.model import Listing, ListingState, ReadStatus
from digestbot.papers.facts.listing_days import TOLD, is_end_unseen, missing_ids
from digestbot.sources import Listed
from digestbot.store import CUT, GAVE_UP, Poll, SourceRow, Store, Transaction

DAYS = 7
GRACE = timedelta(days=1)  #: for the poll that counts a day again after its end
NO_CALENDARS: Mapping[str, Listed] = {}
LACKING = frozenset({ListingState.MISSED, ListingState.STALE, "failing", "unreadable", "cut"})
MOST_POLLS = 400  #: of one source, to tell what it said of its numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One listing day of one part of one source; or one day of a source that does not list by days."""

    source: str
    part: str
    day: date
    #: a `ListingState`; of a source without listing days "counted", "failing" when it never answered, "unreadable" when
    #: no answer could be read, "cut" when the last one ended before its end
    state: str
    got: int
    expected: int | None = None  #: None: the source does not say
    missing: tuple[str, ...] = ()  #: the ids, as far as they can be told
    checked: datetime | None = None  #: when the day was counted again after its end
    since: datetime | None = None  #: of a source that still fails: when that began
    overdue: bool = False  #: nobody looked at the end of its day, nor since, though its source could have been asked

    @property
    def lacks(self) -> bool:
        """Is something missing, as far as anybody can tell?"""
        short = self.expected is not None and self.got < self.expected and self.state != ListingState.FILLING
        return short or self.overdue or bool(self.missing) or self.state in (*LACKING, "failing", "unreadable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """The ledger, newest day first."""

    lines: tuple[Line, ...]
    left_out: tuple[tuple[str, str], ...] = ()  #: source, and what its last poll left out because it is no paper

    @property
    def complete(self) -> bool:
        """Nothing is known to be missing."""
        return not any(line.lacks for line in self.lines)


def audit(
    store: Store, *, now: datetime, day: date | None = None, listed: Mapping[str, Listed] = NO_CALENDARS
) -> Audit:
    """The ledger of `day`; or of the last seven days, and what was missed in the last thirty.

    `listed`: the sources that list by days. By their calendars the days are told that came due since the last poll.
    """
    first, last = (day, day) if day else (now.date() - timedelta(days=DAYS), now.date() + timedelta(days=1))
    with store.reading() as tx:
        rows = _rows(tx, now, day or (now - TOLD).date(), listed)
        sources = tx.source_log.sources()
        counted = [line for s in sources for line in _counted(tx, s, {r.source for r in rows}, first, last)]
    order = {source.name: at for at, source in enumerate(sources)}
    told = [_line(r, listed.get(r.source), now) for r in rows if r.source in order and r.day <= last]
    lines = [*(x for x in told if x.day >= first or x.overdue or x.state == ListingState.MISSED), *counted]
    return Audit(
        lines=tuple(sorted(lines, key=lambda x: (-x.day.toordinal(), order[x.source], x.part))),
        left_out=tuple((source.name, said) for source in sources if (said := not_papers_of(source))),
    )


def _rows(tx: Transaction, now: datetime, first: date, listed: Mapping[str, Listed]) -> list[Listing]:
    """The stored listing days, brought up to date with what the hours since have changed."""
    rows = {(r.source, r.part, r.day): r for r in tx.source_log.listings(since=first)}
    for name, source in listed.items():
        of_now = ListingDays.of(tx, name, source, now).rows.values()
        rows |= {(name, r.part, r.day): r for r in of_now if r.day >= first}
    return current_rows(rows.values(), {name: source.parts for name, source in listed.items()}, now)


def _line(row: Listing, source: Listed | None, now: datetime) -> Line:
    return Line(
        source=row.source, part=row.part, day=row.day, state=row.state, got=len(row.got), expected=row.expected,
        missing=tuple(missing_ids(row.got)), checked=row.checked, overdue=source is not None and _overdue(row, source, now),
    )  # fmt: skip


def _overdue(row: Listing, source: Listed, now: datetime) -> bool:
    """The next poll after its end counts a day again; that may be the daily one."""
    day = source.listing_day(row.day)
    return now >= day.closes + GRACE and is_end_unseen(row, day, now) and bool(source.recover(row.day, (), now))


def _counted(tx: Transaction, source: SourceRow, listed: Collection[str], first: date, last: date) -> list[Line]:
    """Sources without listing days: by day of the poll (UTC), what came, and whether it was as much as they said."""
    if source.name in listed:
        return []
    polls = tx.source_log.polls_of(source.name, MOST_POLLS)
    by_day: dict[date, list[Poll]] = {}
    for poll in polls:
        if first <= poll.at.date() <= last:
            by_day.setdefault(poll.at.date(), []).append(poll)
    lines = [
        _day(source.name, day, of_day, made_up=_made_up(p for p in reversed(polls) if p.at.date() > day))
        for day, of_day in by_day.items()
    ]
    return [replace(x, since=source.failing_since) if x.state in ("failing", "unreadable") else x for x in lines]


def _made_up(later: Iterable[Poll]) -> bool:
    """Did the first whole answer after a day reach back over it? `later`: oldest first.

    A source that counts what it was asked for was asked for all since the last whole answer. A list that counts nothing
    has lost nothing when it is the same as before, or still holds something that was known.
    """
    read = (ReadStatus.OK, ReadStatus.EMPTY, ReadStatus.UNCHANGED)
    for poll in later:
        if poll.status not in read or poll.error or _lacks(poll):
            continue
        if poll.expected is not None or poll.got or poll.status is ReadStatus.UNCHANGED:
            return poll.expected is not None or poll.got > poll.new or poll.status is ReadStatus.UNCHANGED
    return False


def _day(source: str, day: date, polls: Sequence[Poll], *, made_up: bool) -> Line:
    """One line from the polls of a day, newest first; the last answer that says how many there are decides.

    `made_up`: a complete answer of a later day makes up for what this day's lacked.
    """
    answered = [p for p in polls if not p.status.failed]
    given_up = next((p for p in answered if p.error.startswith(GAVE_UP)), None)
    last = given_up or next((p for p in answered if p.expected is not None), None)  # newest first
    counted = Line(source=source, part="", day=day, state="counted", got=sum(p.new for p in polls))
    if made_up and not given_up:
        return counted
    if not answered:
        heard = any(p.status is ReadStatus.UNREADABLE for p in polls)
        return replace(counted, state="unreadable" if heard else "failing")
    if answered[0].error == CUT:
        return replace(counted, state="cut")
    return replace(counted, got=last.got, expected=last.expected) if last and _lacks(last) else counted


def _lacks(poll: Poll) -> bool:
    """Whether fewer entries came than the source said there are."""
    return poll.expected is not None and poll.got < poll.expected
