"""Due: which slots have come, who may get something for them, and how far back their papers may reach.

Slots that were missed (misfires) are caught up with in one digest (catch-up).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digestbot.acts.digests.reader_history import has_topics
from digestbot.acts.site.settings import DigestSettings
from digestbot.digest.selection.rhythm import coming
from digestbot.digest.selection.schedule import Schedule
from digestbot.digest.selection.select import BEFORE_JOINING, LOOK_BACK, window_start
from digestbot.model import ReadStatus, Slot, SlotState, Subscriber, Topic
from digestbot.store import SourceRow, Transaction

USUAL = LOOK_BACK + timedelta(days=1)  #: the width of the window that nearly everybody needs
OUT_OF_REACH = (ReadStatus.UNREACHABLE, ReadStatus.LATER)
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """The slots of one subscriber that have come. The last gets the digest, which covers the others."""

    slot: Slot
    covered: tuple[Slot, ...] = ()
    next: Slot


def now_slot(subscriber: Subscriber, now: datetime) -> Slot:
    """The slot of an extra digest: key `now:<instant>`."""
    local = now.astimezone(ZoneInfo(subscriber.time_zone)).replace(tzinfo=None)
    return Slot(key=f"now:{now:%Y-%m-%dT%H:%M:%S.%f}Z", due=now, local=local)


def due_slots(subscriber: Subscriber, now: datetime) -> Due:
    """The slots from the planned one up to now. After a machine slept there are several: one digest covers them all."""
    return _due(subscriber.schedule, subscriber.time_zone, subscriber.next_slot or now, now)


@lru_cache(maxsize=1024)  # one hour is the hour of many
def _due(text: str, zone: str, planned: datetime, now: datetime) -> Due:
    schedule = Schedule.parse(text, zone)
    slots = schedule.slots(planned - timedelta(microseconds=1), now)
    if not slots:  # the schedule changed under a planned slot: that moment still counts, once
        local = planned.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        slots = [Slot(key=f"{local:%Y-%m-%dT%H:%M}", due=planned, local=local)]
    return Due(slot=slots[-1], covered=tuple(slots[:-1]), next=schedule.next(now))


def usual_window_first(
    due: Sequence[Subscriber], starts: Mapping[str, datetime], now: datetime
) -> Sequence[Subscriber]:
    """Choose whose digests are composed next. `starts`: from when on each may get papers, by ref.

    Readers whose window is no wider than usual come first, the others together after them: one address whose mails
    bounce for a month would otherwise widen the window of everybody.
    """
    usual = [s for s in due if starts.get(s.ref, now) >= now - USUAL]
    return usual or due


def window_starts(
    tx: Transaction, people: Sequence[Subscriber], now: datetime, at: datetime | None = None
) -> dict[str, datetime]:
    """From when on each of `people` may get papers, by ref. `at`: when their digest is due; now unless said.

    Those whose best of a month comes reach back further than others.
    """
    some = {s.id: s for s in people if s.id is not None}
    done, kept = tx.slots.last_slots(some), tx.slots.last_delivered_slots(some)
    lists = {who: _lists_reach(s, at or now, kept.get(who)) for who, s in some.items()}
    return {
        s.ref: window_start(
            s, now, done.get(who), kept.get(who), max(LOOK_BACK, lists[who]), max(BEFORE_JOINING, lists[who])
        )
        for who, s in some.items()
    }


def _lists_reach(subscriber: Subscriber, at: datetime, last: datetime | None) -> timedelta:
    """How long before its slot the best lists that come with a digest may take papers from."""
    wishes: list[Topic | Subscriber] = [*subscriber.topics] if has_topics(subscriber) else [subscriber]
    return max((r.length + r.late_for for r in coming(subscriber, wishes, at, last)), default=timedelta())


def kept_from(subscriber: Subscriber, now: datetime) -> SlotState | None:
    """Why this subscriber gets nothing at all: they left, are suppressed or pause; None when they get mail."""
    if subscriber.status == "left":
        return SlotState.LEFT
    if subscriber.suppressed:
        return SlotState.SUPPRESSED
    return SlotState.PAUSED if subscriber.paused_at(now) else None


def readers(people: Sequence[Subscriber], now: datetime) -> list[Subscriber]:
    """The people who may get something. The window of the others, since before their pause, need not be read."""
    return [s for s in people if not kept_from(s, now)]


def sources_of(subscriber: Subscriber, names: Collection[str], settings: DigestSettings) -> set[str]:
    """The sources that may bring this reader papers: those of the edition for readers without topics, else all."""
    if settings.edition_sources and not has_topics(subscriber):
        return set(names) & set(settings.edition_sources)
    return set(names)


def stays_open(subscriber: Subscriber, sources: Sequence[SourceRow], settings: DigestSettings, now: datetime) -> bool:
    """Whether the slot waits: no source of the reader can be reached, and the slot has not waited its longest yet."""
    if subscriber.next_slot is None or not subscriber.next_slot <= now < subscriber.next_slot + settings.keep_open:
        return False
    theirs = sources_of(subscriber, [row.name for row in sources], settings)
    rows = [row for row in sources if row.name in theirs]
    return bool(rows) and all(_out_of_reach(row, now) for row in rows)


def _out_of_reach(row: SourceRow, now: datetime) -> bool:
    """A source that has shown something else since a short while counts too: a network with a log-in page answers for
    all of them."""
    lately = row.failing_since is not None and row.failing_since > now - LATELY
    return row.status in OUT_OF_REACH or (row.status is ReadStatus.UNREADABLE and lately)
