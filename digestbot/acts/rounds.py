"""The order of a round: poll, resolve, publish; compose, deliver. Decisions belong to the wings below."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digestbot.acts.delivery.client import (
    Build,
    BuildFormMail,
    Delivered,
    DeliverReport,
    DeliveryClient,
    Policy,
)
from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.delivery.operator import pause_outbox
from digestbot.acts.digests.dispatch import Composed, DispatchReport, compose_extra, dispatch
from digestbot.acts.digests.due import kept_from, sources_of
from digestbot.acts.digests.editions import close_editions
from digestbot.acts.digests.feed_files import publish_people
from digestbot.acts.digests.news import publish_news
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.enrich import MOST_ALONE, EnrichReport, enrich
from digestbot.acts.intake.notice_list import NoticeList, read_if_due
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import PollReport, SourceReport, is_due, poll
from digestbot.acts.papers.encode import EncodeReport, encode
from digestbot.acts.papers.resolve import ResolveReport, resolve
from digestbot.acts.people.asking import queue_asked
from digestbot.acts.people.library import ask_soon
from digestbot.acts.site.settings import DigestSettings, FeedSettings
from digestbot.acts.site.signing_up import SignupSettings
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.channels import Channel
from digestbot.encoders import Encoder
from digestbot.model import Delivery, ItemPlace, ReadStatus, SlotState, State, Subscriber
from digestbot.model.mail import WAITING
from digestbot.sources.providers import Provider
from digestbot.store import Store, Transaction
from digestbot.system.memory import give_back
from digestbot.system.process import begin_run

log = logging.getLogger(__name__)

LOOK_AGAIN = 0.2  #: seconds between two looks whether another process has ended its part
OTHERS_LOOKS = 50  #: so often, until a mail in another process's hand is reported as queued

#: what became of a slot or a delivery, in the words of `send --json`
OUTCOMES = {
    SlotState.EMPTY: "skipped_empty",
    SlotState.PAUSED: "paused",
    SlotState.SUPPRESSED: "suppressed",
    SlotState.FAILED: "deferred",
    State.SENT: "sent",
    State.DEFERRED: "deferred",
    State.PENDING: "queued",
    State.REFUSED: "refused",
    State.UNKNOWN: "unknown",
    State.SUPPRESSED: "suppressed",
    State.CANCELLED: "suppressed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What polling works with: store, network, clock and owner, the sources, and where feeds go."""

    client: IntakeClient
    feeds: FeedSettings
    sources: Sequence[SourceSetup] = ()
    providers: Sequence[Provider] = ()
    notices: NoticeList | None = None  #: a list of retractions
    encoder: Encoder | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailer:
    """What sending works with: store, channel, clock, who we are, and the settings of digests and deliveries."""

    store: Store
    channel: Channel
    clock: Callable[[], datetime]
    owner: str
    build: Build
    policy: Policy
    digests: DigestSettings
    feeds: FeedSettings
    signup: SignupSettings | None = None  #: None: nothing is asked for by forms
    form_mails: Mapping[str, BuildFormMail] = field(default_factory=dict)

    def client(self, on_progress: Callable[[Delivered], None] = lambda _: None) -> DeliveryClient:
        """What delivering needs of it."""
        return DeliveryClient(
            store=self.store, channel=self.channel, build=self.build, policy=self.policy, clock=self.clock,
            owner=self.owner, on_progress=on_progress, form_mails=self.form_mails,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PollRound:
    """What the sources brought."""

    polled: PollReport
    resolved: ResolveReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one digest in this round."""

    subscriber: str
    slot: str
    papers: tuple[str, ...] = ()
    shown: int = 0  #: papers with a card in the mail
    outcome: str = "queued"  #: one of OUTCOMES
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendRound:
    """What went out."""

    digests: tuple[Told, ...]
    delivered: DeliverReport
    seconds: float
    waiting: int = 0  #: deliveries that wait after this round
    open: tuple[str, ...] = ()  #: refs of people whose slot waits for their sources
    paused: bool = False  #: by hand: nothing was handed over

    @property
    def nothing_done(self) -> bool:
        """Something should have gone out, and nothing could."""
        if any(d.outcome in ("sent", "unknown") for d in self.digests):
            return False
        if self.paused:
            return False
        kept_back = self.delivered.capped or self.delivered.closed_until is not None
        return (
            self.delivered.nothing_went
            or (kept_back and self.waiting > 0)
            or any(d.outcome in ("deferred", "queued", "refused") for d in self.digests)
        )


async def poll_round(
    intake: Intake, *, only: Collection[str] = (), on_progress: Callable[[SourceReport], None] = lambda _: None
) -> PollRound:
    """Poll what is due, or the named sources; decide which entries are which papers; show the edition as it stands."""
    done = await _poll_and_resolve(intake, only, on_progress)
    await asyncio.to_thread(publish_news, intake.client.store, intake.feeds, now=intake.client.clock())
    await asyncio.to_thread(update_search_index, intake.client.store)  # last: nobody waits for the search
    if done.polled.sources:
        await asyncio.to_thread(give_back)
    return done


async def _poll_and_resolve(
    intake: Intake, only: Collection[str], on_progress: Callable[[SourceReport], None]
) -> PollRound:
    run = begin_run()
    polled = await poll(
        intake.client, intake.sources, only=only, run=run, on_progress=on_progress
    )  # fmt: skip
    resolved = await asyncio.to_thread(resolve, intake.client.store, now=intake.client.clock())
    if polled.sources:
        log.info("polled %d sources, %d new papers", len(polled.sources), resolved.papers_new)
    return PollRound(polled=polled, resolved=resolved)


async def enrich_round(
    intake: Intake, *, on_progress: Callable[[int], None] = lambda _: None
) -> tuple[EnrichReport, ...]:
    """Complete papers that lack something, and follow what was sent. Beside the round: no digest waits for it."""
    client, listed = intake.client, None
    if intake.notices is not None:
        listed = await read_if_due(client.store, intake.notices, owner=client.owner, clock=client.clock)
    reports = await enrich(client, intake.providers, on_progress=on_progress) if intake.providers else ()
    if any(report.found for report in reports) or (listed is not None and listed.found):
        await asyncio.to_thread(resolve, intake.client.store, now=intake.client.clock())
        await asyncio.to_thread(publish_news, intake.client.store, intake.feeds, now=intake.client.clock())
    return reports


async def library_round(
    intake: Intake, subscriber: Subscriber, *, on_progress: Callable[[int], None] = lambda _: None
) -> tuple[EnrichReport, ...]:
    """Ask about a whole library now, as politely as ever: what nobody was asked about in the last two days."""
    client, done = intake.client, list[EnrichReport]()
    await asyncio.to_thread(ask_soon, client.store, subscriber, intake.providers, now=client.clock())
    open_ = list(intake.providers)
    while open_:
        reports = await enrich(client, open_, every=timedelta(0), on_progress=on_progress)
        done += reports
        await asyncio.to_thread(resolve, client.store, now=client.clock())
        more = {r.provider for r in reports if r.more and r.asked > 2 * MOST_ALONE and not r.error}
        open_ = [provider for provider in open_ if provider.name in more]
    return tuple(done)


async def encode_round(intake: Intake) -> EncodeReport:
    """Let the sentence encoder read what is new. Beside the round: no digest waits for it."""
    if intake.encoder is None:
        return EncodeReport()
    return await encode(intake.client.store, intake.encoder, clock=intake.client.clock, owner=intake.client.owner)


async def poll_for_digests(
    intake: Intake,
    settings: DigestSettings,
    *,
    at_most: timedelta,
    only: Collection[str] = (),
    extra: Sequence[Subscriber] = (),
    on_progress: Callable[[SourceReport], None] = lambda _: None,
) -> PollRound | None:
    """Poll the overdue sources of those who get a digest now, for no longer than `at_most`; None when none is overdue.

    `extra`: people who get a digest beside their schedule; else those whose slot has come. What is cut short by the
    limit has written nothing of its source, and is polled again later. Sources that another task or process polls at
    this moment are waited for within the same limit.
    """
    overdue = await asyncio.to_thread(_overdue_sources, intake, settings, only, extra)
    if not overdue:
        return None
    began, done = intake.client.clock(), list[SourceReport]()

    def note(report: SourceReport) -> None:
        done.append(report)
        on_progress(report)

    mine = replace(
        intake.client, owner=f"{intake.client.owner}#digests"
    )  # the turn of another task of this process is not ours
    try:
        async with asyncio.timeout(at_most.total_seconds()):
            await poll(mine, intake.sources, only=overdue, run=begin_run(), on_progress=note)
            await _wait_for_others(intake, {r.source for r in done if r.status is ReadStatus.LATER})
    except TimeoutError:
        slow = sorted(set(overdue) - {r.source for r in done})
        log.warning("digests do not wait any longer for %s", ", ".join(slow) or "a source that is polled elsewhere")
    resolved = await asyncio.to_thread(resolve, intake.client.store, now=intake.client.clock())
    seconds = (intake.client.clock() - began).total_seconds()
    return PollRound(polled=PollReport(sources=tuple(done), seconds=seconds), resolved=resolved)


def _overdue_sources(
    intake: Intake, settings: DigestSettings, only: Collection[str], extra: Sequence[Subscriber]
) -> list[str]:
    """Names of the sources that are due and may bring something to those who get a digest now."""
    now = intake.client.clock()
    with intake.client.store.reading() as tx:
        rows = {row.name: row for row in tx.source_log.sources()}
        due = extra or [s for s in tx.people.due_people(now, 1_000_000) if not only or s.ref in only]
    names = [s.name for s in intake.sources]
    theirs = {name for s in due if not kept_from(s, now) for name in sources_of(s, names, settings)}
    return [name for name in names if name in theirs and is_due(rows.get(name), now)]


async def _wait_for_others(intake: Intake, names: Collection[str]) -> None:
    """Return when none of these sources is overdue any more."""
    while names:
        with intake.client.store.reading() as tx:
            rows = {row.name: row for row in tx.source_log.sources()}
        now = intake.client.clock()
        if not any(is_due(rows.get(name), now) for name in names):
            return
        await asyncio.sleep(LOOK_AGAIN)


async def send_round(
    mailer: Mailer,
    *,
    only: Collection[str] = (),
    extra: Sequence[Subscriber] = (),
    stop: asyncio.Event | None = None,
    at_most: int | None = None,
    on_progress: Callable[[Delivered], None] = lambda _: None,
) -> SendRound:
    """Compose what is due (for `only`, when it names anybody), or one more digest for each of `extra`; deliver.

    `at_most`: pause the outbox and hand over so many mails: the first of many, to look at. While the outbox is paused
    nothing else is handed over, by no process.
    """
    began, run = mailer.clock(), begin_run()
    store, settings = mailer.store, mailer.digests
    await asyncio.to_thread(before_composing, mailer, began)
    first = at_most is not None or await asyncio.to_thread(_is_open, store)
    if extra:
        composing = asyncio.to_thread(compose_extra, store, settings, extra, now=began, run=run)
    else:
        composing = asyncio.to_thread(dispatch, store, settings, now=began, only=only, run=run)
    client, coming = mailer.client(on_progress), asyncio.ensure_future(composing)
    if first:
        await asyncio.wait({coming})
    if at_most is not None:  # before: a daemon beside us sends no more from here on
        await asyncio.to_thread(pause_outbox, store, now=mailer.clock())
    try:
        delivered = await deliver(client, stop=stop, most=at_most, coming=coming)
    finally:  # a thread cannot be ended: whoever calls us may close the store next
        await asyncio.wait({coming})
    composed = coming.result()
    if composed.slots or delivered.deliveries:
        sent = delivered.count(State.SENT)
        log.info("sent out: %d slots, %d deliveries, %d sent", len(composed.slots), len(delivered.deliveries), sent)
    asked = stop is not None and stop.is_set()
    elsewhere = [] if asked else await _sent_by_others(store, composed, delivered.deliveries)
    told, waiting = await asyncio.to_thread(_told, store, composed, (*delivered.deliveries, *elsewhere))
    await asyncio.to_thread(publish_own_feeds, store, mailer.feeds, composed)
    if told:
        await asyncio.to_thread(give_back)
    seconds = (mailer.clock() - began).total_seconds()
    return SendRound(
        digests=told, delivered=delivered, seconds=seconds, waiting=waiting, open=composed.open, paused=delivered.paused
    )


def _is_open(store: Store) -> bool:
    """Whether an earlier mail is not done with. The new digest may take its place: so it is not sent before that is composed."""
    with store.reading() as tx:
        return bool(tx.outbox.list_deliveries((*WAITING, State.CLAIMED, State.COMMITTING, State.UNKNOWN), most=1))


def before_composing(mailer: Mailer, now: datetime) -> None:
    """Lift suppressions that have ended, queue what was asked for by forms, close the editions whose hour has come."""
    _lift_ended(mailer.store, now)
    if mailer.signup is not None:
        queue_asked(mailer.store, mailer.signup, now=now)
    close_editions(mailer.store, mailer.feeds, now=now)


def _lift_ended(store: Store, now: datetime) -> None:
    """Mail again who was suppressed until a date that has come."""
    with store.transaction() as tx:
        lifted = tx.people.lift_ended_suppressions(now)
    if lifted:
        log.info("%d suppressions have ended", lifted)


async def _sent_by_others(store: Store, composed: DispatchReport, delivered: Iterable[Delivered]) -> list[Delivered]:
    """What became of deliveries of this round that another process took out of the outbox: it may be sending them now."""
    mine = {d.delivery for d in delivered}
    missing = {c.delivery for c in composed.slots if c.delivery is not None} - mine
    for _ in range(OTHERS_LOOKS):
        rows = await asyncio.to_thread(_deliveries, store, missing)
        if not any(row.state in (State.CLAIMED, State.COMMITTING) for row in rows):
            break
        await asyncio.sleep(LOOK_AGAIN)
    return [
        Delivered(delivery=row.id, digest=row.digest, state=row.state, reason=row.last.text if row.last else "")
        for row in rows
        if row.state not in (State.PENDING, State.CLAIMED)
    ]


def _deliveries(store: Store, ids: Iterable[int]) -> list[Delivery]:
    with store.reading() as tx:
        return [row for one in sorted(ids) if (row := tx.outbox.delivery_by_id(one)) is not None]


def _told(store: Store, composed: DispatchReport, delivered: Iterable[Delivered]) -> tuple[tuple[Told, ...], int]:
    """One line for each digest composed or delivered in this round, and how many deliveries wait after it."""
    last = {d.delivery: d for d in delivered}
    lines = [_line(c, last.pop(c.delivery, None) if c.delivery is not None else None) for c in composed.slots]
    with store.reading() as tx:
        if any(line.outcome == OUTCOMES[SlotState.EMPTY] for line in lines):
            lines = _with_waiting(tx, lines)
        digests = tx.slots.digests_by_id(one.digest for one in last.values() if one.digest is not None)
        counts = tx.outbox.count_by_state()
    for one in last.values():  # composed in an earlier round
        if digest := digests.get(one.digest or 0):
            papers = tuple(i.paper.public_id for i in digest.items())
            lines.append(
                Told(
                    subscriber=digest.subscriber.ref, slot=digest.slot.key, papers=papers, reason=one.reason,
                    outcome=OUTCOMES.get(one.state, "queued"), shown=len(digest.items(ItemPlace.MAIL)),
                )
            )  # fmt: skip
    return tuple(lines), sum(counts.get(state, 0) for state in WAITING)


def _with_waiting(tx: Transaction, lines: Sequence[Told]) -> list[Told]:
    """Nothing new for somebody whose mail of before still waits is no quiet day."""
    people = {row.subscriber for row in tx.outbox.list_deliveries(WAITING, most=1000) if row.subscriber is not None}
    refs = {person.ref for one in people if (person := tx.people.find_person(one)) is not None}
    empty = [line.outcome == OUTCOMES[SlotState.EMPTY] and line.subscriber in refs for line in lines]
    return [
        replace(x, reason="an earlier mail waits") if is_empty else x for x, is_empty in zip(lines, empty, strict=True)
    ]


def _line(composed: Composed, delivered: Delivered | None) -> Told:
    outcome = OUTCOMES.get(delivered.state if delivered else composed.state, "queued")
    return Told(
        subscriber=composed.subscriber, slot=composed.slot, papers=composed.papers, shown=composed.shown,
        outcome=outcome, reason=delivered.reason if delivered else composed.reason,
    )  # fmt: skip


def publish_own_feeds(store: Store, settings: FeedSettings, composed: DispatchReport) -> None:
    """Write the feeds of everybody for whom something was composed: they need no mail server."""
    refs = {c.subscriber for c in composed.slots if c.papers}
    if not refs or not settings.private_files:
        return
    with store.reading() as tx:
        people = [s for s in tx.people.all_people() if s.ref in refs]
    publish_people(store, settings, people)
