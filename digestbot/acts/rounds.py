"""The two halves of a round: take in what the sources say, and send out what is due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.answers.search import bring_up
from digestbot.acts.delivery.deliver import Build, Delivered, DeliverReport, Policy, deliver
from digestbot.acts.digests.candidates import Desk
from digestbot.acts.digests.dispatch import Composed, DispatchReport, dispatch, extra
from digestbot.acts.digests.editions import Press, close_editions
from digestbot.acts.digests.feed_files import publish, publish_people
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.enrich import EnrichReport, enrich
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import PollReport, SourceReport, poll
from digestbot.acts.papers.resolve import ResolveReport, resolve
from digestbot.channels import Channel
from digestbot.model import State, Subscriber
from digestbot.sources.providers import Provider
from digestbot.store import Store
from digestbot.system.process import begin_run

log = logging.getLogger(__name__)

#: what became of a slot or a delivery, in the words of `send --json`
OUTCOMES = {
    "empty": "skipped_empty",
    "paused": "paused",
    "suppressed": "suppressed",
    "failed": "deferred",
    State.SENT: "sent",
    State.DEFERRED: "deferred",
    State.PENDING: "queued",
    State.REFUSED: "refused",
    State.UNKNOWN: "unknown",
    State.SUPPRESSED: "suppressed",
    State.CANCELLED: "suppressed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What the sources brought."""

    polled: PollReport
    resolved: ResolveReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of one digest in this round."""

    subscriber: str
    slot: str
    papers: tuple[str, ...] = ()
    outcome: str = "queued"  #: one of OUTCOMES
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentOut:
    """What went out."""

    digests: tuple[Told, ...]
    delivered: DeliverReport
    seconds: float

    @property
    def nothing_done(self) -> bool:
        """Something should have gone out, and nothing could."""
        wanted = [d for d in self.digests if d.outcome not in ("skipped_empty", "paused", "suppressed")]
        return bool(wanted) and not any(d.outcome in ("sent", "refused", "unknown") for d in wanted)


async def take_in(
    client: IntakeClient,
    setups: Sequence[SourceSetup],
    press: Press,
    *,
    only: Collection[str] = (),
    heard: Callable[[SourceReport], None] = lambda _: None,
) -> TakenIn:
    """Poll, decide which entries are which papers, and show the edition as it stands."""
    store, clock = client.store, client.clock
    run = begin_run()
    polled = await poll(client, setups, only=only, run=run, on_progress=heard)
    resolved = await asyncio.to_thread(resolve, store, now=clock())
    if polled.sources:
        log.info("taken in: %d sources, %d new papers", len(polled.sources), resolved.papers_new)
    await asyncio.to_thread(publish, store, press, now=clock())
    await asyncio.to_thread(bring_up, store)  # last: nobody waits for the search
    return TakenIn(polled=polled, resolved=resolved)


async def look_up(
    client: IntakeClient,
    providers: Sequence[Provider],
    press: Press,
    *,
    heard: Callable[[int], None] = lambda _: None,
) -> tuple[EnrichReport, ...]:
    """Complete papers that lack something, and follow what was sent. Beside the round, never in the way of a digest."""
    store, clock = client.store, client.clock
    reports = await enrich(client, providers, on_progress=heard)
    if any(report.found for report in reports):
        await asyncio.to_thread(resolve, store, now=clock())
        await asyncio.to_thread(publish, store, press, now=clock())
    return reports


async def send_out(
    store: Store,
    desk: Desk,
    press: Press,
    channel: Channel,
    build: Build,
    policy: Policy,
    *,
    clock: Callable[[], datetime],
    owner: str,
    only: Collection[str] = (),
    more: Sequence[Subscriber] = (),
    stop: asyncio.Event | None = None,
    heard: Callable[[Delivered], None] = lambda _: None,
) -> SentOut:
    """Compose what is due (for `only`, when it names anybody) and an extra digest for each of `more`; deliver."""
    began, run = clock(), begin_run()
    await asyncio.to_thread(_lift_ended, store, began)
    await asyncio.to_thread(close_editions, store, press, now=began)
    if more:
        composed = await asyncio.to_thread(extra, store, desk, more, now=began, run=run)
    else:
        composed = await asyncio.to_thread(dispatch, store, desk, now=began, only=only, run=run)
    delivered = await deliver(store, channel, build, policy, clock=clock, owner=owner, stop=stop, heard=heard)
    if composed.slots or delivered.deliveries:
        sent = delivered.count(State.SENT)
        log.info("sent out: %d slots, %d deliveries, %d sent", len(composed.slots), len(delivered.deliveries), sent)
    told = await asyncio.to_thread(_told, store, composed, delivered.deliveries)
    await asyncio.to_thread(_show, store, press, composed)
    return SentOut(digests=told, delivered=delivered, seconds=(clock() - began).total_seconds())


def _lift_ended(store: Store, now: datetime) -> None:
    """Who was suppressed until a date that has come is mailed again."""
    with store.transaction() as tx:
        lifted = tx.people.lift_ended_suppressions(now)
    if lifted:
        log.info("%d suppressions have ended", lifted)


def _told(store: Store, composed: DispatchReport, delivered: Iterable[Delivered]) -> tuple[Told, ...]:
    """One line for each digest composed or delivered in this round."""
    last = {d.delivery: d for d in delivered}
    lines = [_line(c, last.pop(c.delivery, None) if c.delivery is not None else None) for c in composed.slots]
    with store.reading() as tx:
        digests = tx.slots.digests_by_id(one.digest for one in last.values() if one.digest is not None)
        for one in last.values():  # composed in an earlier round
            if digest := digests.get(one.digest or 0):
                papers = tuple(i.paper.public_id for i in digest.items())
                outcome = OUTCOMES.get(one.state, "queued")
                lines.append(Told(subscriber=digest.subscriber.ref, slot=digest.slot.key, papers=papers,
                                  outcome=outcome, reason=one.reason))  # fmt: skip
    return tuple(lines)


def _line(composed: Composed, delivered: Delivered | None) -> Told:
    outcome = OUTCOMES.get(delivered.state if delivered else composed.state, "queued")
    return Told(
        subscriber=composed.subscriber,
        slot=composed.slot,
        papers=composed.papers,
        outcome=outcome,
        reason=delivered.reason if delivered else composed.reason,
    )


def _show(store: Store, press: Press, composed: DispatchReport) -> None:
    """The feeds of everybody for whom something was composed: they need no mail server."""
    refs = {c.subscriber for c in composed.slots if c.papers}
    if not refs:
        return
    with store.reading() as tx:
        people = [s for s in tx.people.all_people() if s.ref in refs]
    publish_people(store, press, people)
