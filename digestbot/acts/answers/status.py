"""Status: what happened, what comes next, and why somebody got no mail. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from digestbot.acts.answers.queue import QueueState, queue_state
from digestbot.acts.delivery.operator import OutboxState, outbox_state
from digestbot.acts.delivery.trouble import ServerTrouble, mail_trouble
from digestbot.acts.intake.listing_days import current_rows
from digestbot.acts.papers.encode import EncoderState, encoder_state
from digestbot.acts.site.marks import DOUBTED
from digestbot.acts.upkeep.clock import ClockJump, last_jump
from digestbot.digest.selection.listing_counts import tallies
from digestbot.digest.selection.quiet_reasons import AFTER
from digestbot.model import Delivery, Listing, ReadStatus, Silence, SlotState, State, Subscriber, Tally
from digestbot.model.mail import WAITING
from digestbot.papers.facts.listing_days import TOLD
from digestbot.store import Note, SlotRow, SourceRow, Store, Transaction
from digestbot.system import process

NO_PARTS: Mapping[str, Collection[str]] = {}
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonStatus:
    """One subscriber: the last slot, what became of it, and the next."""

    subscriber: Subscriber
    last: SlotRow | None
    delivery: Delivery | None
    why: Silence | None  #: why the last slot brought no mail; None when it did
    answer: str  #: the same in plain words

    last_sent: SlotRow | None = None  #: the newest slot whose mail was accepted; a later empty one does not hide it

    @property
    def sent(self) -> int:
        """Papers of the last slot that reached them."""
        return self.last.chosen if self.last and self.delivery and self.delivery.state is State.SENT else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything at one moment."""

    at: datetime
    people: tuple[PersonStatus, ...]
    sources: tuple[SourceRow, ...]
    new: dict[str, int]  #: papers first seen in the last 24 hours, by source
    listings: dict[str, tuple[Tally, ...]]  #: how complete the last listing day of each source is
    waiting: tuple[Delivery, ...]
    counts: dict[State, int]
    sent_today: int
    entries: int
    papers: int
    aside: int  #: in quarantine
    daemon: str  #: who runs as daemon; "" when nobody does
    outbox: OutboxState  #: whether the mail server is asked, and who waits for it
    queue: QueueState | None = None  #: None: this process does the work, and there is no queue
    mail: ServerTrouble | None = None  #: None while the mail server takes mails
    jump: ClockJump | None = None  #: the clock was set in the last days
    encoder: EncoderState | None = None  #: how the sentence encoder stands
    frozen: str = ""  #: why the store takes no writes any more: it was moved, and whereto
    doubted: Note | None = None  #: people who are missing in the configuration, and are kept for the time being

    @property
    def troubled(self) -> tuple[SourceRow, ...]:
        """Sources that did not give what they should."""
        return tuple(s for s in self.sources if s.status is not None and s.status.failed)

    @property
    def stale(self) -> tuple[SourceRow, ...]:
        """Sources that answer, and still show what they showed before."""
        return tuple(s for s in self.sources if s.status is ReadStatus.STALE)


def status(
    store: Store,
    *,
    now: datetime,
    day_start: datetime,
    hold: bool = False,
    server: str = "channel",
    parts: Mapping[str, Collection[str]] = NO_PARTS,
    encoder: str = "",
) -> Status:
    """How everything stands. `day_start`: when today began where the operator lives, aware UTC; `hold`: what is not
    known is left to the operator; `server`: the name of the mail server; `parts`: what each source lists by days now;
    `encoder`: the name of the sentence encoder."""
    with store.reading() as tx:
        entries, papers = tx.papers.count_entries_and_papers()
        waits = {row.subscriber: row for row in tx.outbox.list_deliveries(WAITING, most=1000)}
        return Status(
            at=now,
            people=tuple(_person(tx, s, now, hold=hold, waits=waits.get(s.id)) for s in tx.people.all_people()),
            sources=tuple(tx.source_log.sources()),
            new=tx.papers.new_papers_by_source(day_start, now),
            listings=_listings(tx, parts, now),
            waiting=tuple(
                tx.outbox.list_deliveries((*WAITING, State.CLAIMED, State.COMMITTING, State.UNKNOWN), most=50)
            ),
            counts=tx.outbox.count_by_state(),
            sent_today=tx.outbox.count_sent_since(day_start),
            entries=entries,
            papers=papers,
            aside=tx.quarantine.count_items(),
            daemon=_daemon(tx, now),
            mail=mail_trouble(tx, server, now),
            jump=last_jump(tx, now),
            queue=queue_state(tx, now),
            outbox=outbox_state(tx, server, now=now),
            doubted=tx.site.note(DOUBTED),
            frozen=tx.site.why_frozen(),
            encoder=encoder_state(tx, encoder) if encoder else None,
        )


def _daemon(tx: Transaction, now: datetime) -> str:
    """Who runs as daemon; nobody when the process is gone, or was one of another machine's before a restore."""
    holder = tx.leases.lease_holder("daemon", now)
    return "" if holder and process.gone(holder) else holder


def _listings(tx: Transaction, parts: Mapping[str, Collection[str]], now: datetime) -> dict[str, tuple[Tally, ...]]:
    by_source: dict[str, list[Listing]] = {}
    for row in current_rows(tx.source_log.listings(since=(now - TOLD).date()), parts, now):
        by_source.setdefault(row.source, []).append(row)
    return {source: tallies(rows, max(row.day for row in rows)) for source, rows in by_source.items()}


def _person(
    tx: Transaction, subscriber: Subscriber, now: datetime, *, hold: bool, waits: Delivery | None
) -> PersonStatus:
    """`waits`: a mail that waits for them, of whatever slot: an empty slot after it does not hide it."""
    # rows of a later day than today were written by a clock that was ahead
    rows = [row for row in tx.slots.slots_of(subscriber.stored_id, 20) if (row.decided or row.due) <= now + A_DAY]
    last = next((row for row in rows if row.state is not SlotState.COVERED), None)
    delivery = _delivery_of(tx, subscriber, last)
    sent = next((row for row in rows if _accepted(_delivery_of(tx, subscriber, row))), None)
    why = silent(subscriber, last, delivery, hold=hold, now=now)
    if waits is not None and delivery is None and (last is None or last.state is not SlotState.COMPOSED):
        delivery, why = waits, AFTER[waits.state]
    said = answer(subscriber, why, delivery)
    return PersonStatus(subscriber=subscriber, last=last, delivery=delivery, why=why, answer=said, last_sent=sent)


def _delivery_of(tx: Transaction, subscriber: Subscriber, row: SlotRow | None) -> Delivery | None:
    if row is None or row.state is not SlotState.COMPOSED:
        return None
    digest = tx.slots.digest_of_slot(subscriber.stored_id, row.key)
    return tx.outbox.delivery_of_digest(digest) if digest is not None else None


def _accepted(delivery: Delivery | None) -> bool:
    return delivery is not None and delivery.state is State.SENT


def silent(
    subscriber: Subscriber, last: SlotRow | None, delivery: Delivery | None, *, now: datetime, hold: bool = False
) -> Silence | None:
    """The one reason why no mail came at the last slot; None when one did. Pure."""
    if subscriber.status == "left":
        return Silence.LEFT
    if subscriber.suppressed:
        return Silence.SUPPRESSED
    if subscriber.paused_at(now):
        return Silence.PAUSED
    if last is None:
        return Silence.NOT_YET
    if last.state is not SlotState.COMPOSED:
        return Silence(last.reason or last.state)
    if delivery is None:
        return Silence.QUEUED if subscriber.mail else Silence.FEED
    return Silence.HELD if hold and delivery.state is State.UNKNOWN else AFTER[delivery.state]


def answer(subscriber: Subscriber, why: Silence | None, delivery: Delivery | None) -> str:
    """In plain words, with what the mail server said where it said no. Pure."""
    match why:
        case None:
            return "sent"
        case Silence.SUPPRESSED:
            return f"not mailed: {subscriber.suppressed or 'suppressed'}"
        case Silence.PAUSED:
            return (
                f"paused until {_day(subscriber, subscriber.paused_until)}"
                if subscriber.paused_until
                else "paused until resumed"
            )
        case Silence.DEFERRED | Silence.REFUSED | Silence.QUEUED | Silence.HELD | Silence.UNKNOWN:
            heard = delivery.last.text if delivery and delivery.last else ""
            return f"{SHORT[why]}: {heard}" if heard else SHORT[why]
        case _:
            return SHORT[why]


def _day(subscriber: Subscriber, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(subscriber.time_zone))
    return f"{local:%a} {local.day} {local:%b}"


SHORT = {
    Silence.NO_MATCH: "new papers came, none matched",
    Silence.NOTHING_NEW: "no new paper came",
    Silence.SOURCE_QUIET: "nothing new, as usual on this day",
    Silence.SOURCE_FAILING: "nothing new; a source could not be read",
    Silence.NOT_POLLED: "nothing has been polled yet",
    Silence.WAITS: "what they follow comes weekly or monthly",
    Silence.LEFT: "unsubscribed",
    Silence.FEED: "no mails by choice; in their feed",
    Silence.COVERED: "covered by a later digest",
    Silence.QUEUED: "waits to be sent",
    Silence.DEFERRED: "not accepted yet, will be tried again",
    Silence.REFUSED: "refused by the mail server",
    Silence.HELD: "no answer came; held for you",
    Silence.UNKNOWN: "no answer came; sent once more soon",
    Silence.EXPIRED: "given up; its papers come next time",
    Silence.CANCELLED: "cancelled",
    Silence.NOT_YET: "the first digest is still to come",
    Silence.FAILED: "could not be composed",
}  #: each reason as it fits into a table
