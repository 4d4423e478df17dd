"""The order of a round: overdue sources of those who are due, for a while; then compose; then deliver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digestbot.acts.answers.status import status
from digestbot.acts.delivery.client import Policy
from digestbot.acts.delivery.operator import pause_outbox, resume_outbox
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.rounds import Intake, Mailer, SendRound, poll_for_digests, send_round
from digestbot.acts.site.settings import FeedSettings
from digestbot.channels.maildir import MaildirChannel
from digestbot.model import Fetched, ReadStatus, Request, Response, Silence
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber, topic
from digestbot.testing.site import DESK, TestSite, mail_of

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ITEM = "<item><title>Sparse attention {n}</title><link>https://x.example/{n}</link><pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate></item>"


class Network:
    """Answers with a feed of one more paper each time; or is slow, or away."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock, self.away, self.slow, self.asked = clock, False, False, 0
        self.portal = False  #: a log-in page for whatever is asked

    async def fetch(self, request: Request) -> Fetched:
        self.asked += 1
        if self.slow:
            await asyncio.sleep(3600)
        if self.away:
            return Fetched(request=request, status=ReadStatus.UNREACHABLE, error="no route to host")
        if self.portal:
            page = b"<!DOCTYPE html><html><title>Hotel: please log in</title><body><form>Room</form></body></html>"
            response = Response(url=request.url, status=200, headers={}, body=page, fetched=self.clock())
            return Fetched(request=request, status=ReadStatus.OK, response=response)
        items = "".join(ITEM.format(n=n, at=self.clock()) for n in range(1, self.asked + 1))
        body = f'<rss version="2.0"><channel><title>X</title>{items}</channel></rss>'.encode()
        response = Response(url=request.url, status=200, headers={}, body=body, fetched=self.clock())
        return Fetched(request=request, status=ReadStatus.OK, response=response)


class Laptop(TestSite):
    """One reader, due daily, and one feed that is asked every hour."""

    __test__ = False

    def __init__(self, store: SqlStore, folder: Path) -> None:
        reader = subscriber(topics=(topic(query="sparse"),), trending=0, schedule="daily 07:30")
        super().__init__(store, [reader])
        self.network, self.folder = Network(lambda: self.now), folder
        with store.transaction() as tx:
            tx.source_log.sync_sources([("feed", "feed")])
        client = IntakeClient(store=store, transport=self.network, clock=lambda: self.now, owner="here/1/0")
        feeds = FeedSettings(site="Papers", zone="UTC", path=folder / "feeds")
        setup = SourceSetup(name="feed", kind="feed", source=FeedSource("https://x.example/rss"), every=HOUR, pause=0.0)
        self.intake = Intake(client=client, feeds=feeds, sources=[setup])
        self.mailer = Mailer(
            store=store, channel=MaildirChannel(folder / "mail"), clock=lambda: self.now, owner="here/1/0",
            build=mail_of, policy=Policy(server="test"), digests=DESK, feeds=feeds,
        )  # fmt: skip

    async def round(self, at: datetime, *, bound: float = 60.0, at_most: int | None = None) -> SendRound:
        self.now = at
        await poll_for_digests(self.intake, DESK, at_most=timedelta(seconds=bound))
        return await send_round(self.mailer, at_most=at_most)


@pytest.fixture
def laptop(store: SqlStore, tmp_path: Path) -> Laptop:
    return Laptop(store, tmp_path)


async def test_what_is_overdue_is_polled_before_the_digest_of_its_hour(laptop: Laptop) -> None:
    await laptop.round(NOW - MINUTE)
    assert laptop.network.asked == 0  # nobody is due: the round of mail asks nothing
    woken = await laptop.round(NOW + 3 * HOUR)  # the machine slept through its hour
    assert [(d.outcome, len(d.papers)) for d in woken.digests] == [("sent", 1)]
    assert laptop.network.asked == 1


async def test_a_slow_source_holds_a_digest_no_longer_than_its_bound(laptop: Laptop) -> None:
    laptop.papers(1, title="Sparse things", summary="sparse")
    laptop.network.slow = True
    sent = await asyncio.wait_for(laptop.round(NOW, bound=0.05), 60)
    assert [d.outcome for d in sent.digests] == ["sent"]
    laptop.network.slow = False
    assert laptop.source_row("feed").last_poll is None  # cut short, it has written nothing, and holds no lease
    laptop.now = NOW + MINUTE
    polled = await poll_for_digests(laptop.intake, DESK, at_most=MINUTE, extra=[laptop.person()])
    assert polled is not None
    assert [r.status for r in polled.polled.sources] == [ReadStatus.OK]


async def test_a_slot_stays_open_until_a_source_can_be_reached_and_six_hours_at_most(laptop: Laptop) -> None:
    laptop.network.away = True
    away = await laptop.round(NOW)
    assert (away.digests, away.open) == ((), ("reader",))
    assert (await laptop.round(NOW + 5 * HOUR)).open == ("reader",)
    laptop.network.away = False
    back = await laptop.round(NOW + 5 * HOUR + 50 * MINUTE)
    assert [(d.slot[:10], d.outcome, len(d.papers)) for d in back.digests] == [
        (f"{NOW:%Y-%m-%d}", "sent", laptop.network.asked)
    ]

    laptop.network.away = True
    tomorrow = NOW + 24 * HOUR
    assert (await laptop.round(tomorrow)).open == ("reader",)
    taken = await laptop.round(tomorrow + 6 * HOUR + MINUTE)
    assert [(d.outcome, d.reason) for d in taken.digests] == [("skipped_empty", "source_failing")]
    assert laptop.person().next_slot == NOW + 48 * HOUR


async def test_an_empty_slot_does_not_hide_a_mail_that_waits(laptop: Laptop) -> None:
    pause_outbox(laptop.store, now=NOW - HOUR)
    await laptop.round(NOW)
    people = [laptop.person()]
    again = await send_round(laptop.mailer, extra=people)
    assert [(d.outcome, d.reason) for d in again.digests] == [("skipped_empty", "an earlier mail waits")]
    [told] = status(laptop.store, now=laptop.now, day_start=NOW).people
    assert (told.why, told.answer) == (Silence.QUEUED, "waits to be sent")
    resume_outbox(laptop.store, now=laptop.now)


async def test_a_mail_that_waited_gives_its_place_to_the_new_digest_and_is_not_sent_beside_it(laptop: Laptop) -> None:
    pause_outbox(laptop.store, now=NOW - HOUR)
    before = await laptop.round(NOW)
    assert [d.outcome for d in before.digests] == ["queued"]
    resume_outbox(laptop.store, now=NOW)
    after = await laptop.round(NOW + 24 * HOUR)
    assert [(d.outcome, len(d.papers)) for d in after.digests] == [("sent", 2)]
    assert len(list((laptop.folder / "mail" / "new").iterdir())) == 1


async def test_a_mail_that_another_process_has_in_hand_does_not_wait_for_anybody(laptop: Laptop) -> None:
    """`send` beside a daemon that sends would advise a retry, which then finds nothing to retry."""
    laptop.papers(1, title="Sparse things", summary="sparse")
    laptop.dispatch(NOW)
    with laptop.store.transaction() as tx:
        assert len(tx.outbox.claim_deliveries(5, owner="elsewhere/1/1", now=NOW, lease=HOUR)) == 1
    beside = await laptop.round(NOW + MINUTE)
    assert (beside.waiting, beside.nothing_done) == (0, False)


async def test_a_log_in_page_in_the_way_is_no_quiet_day(laptop: Laptop) -> None:
    await laptop.round(NOW)
    laptop.network.portal = True
    morning = NOW + 24 * HOUR
    assert (await laptop.round(morning)).open == ("reader",)
    assert laptop.source_row("feed").status is ReadStatus.UNREADABLE
    asked = laptop.network.asked
    laptop.network.portal = False
    back = await laptop.round(morning + 2 * MINUTE)
    assert laptop.network.asked == asked + 1
    assert [d.outcome for d in back.digests] == ["sent"]

    laptop.network.portal = True  # a source that is broken for days holds up nobody
    for day in (2, 3):
        await laptop.round(NOW + day * 24 * HOUR)
        await laptop.round(NOW + day * 24 * HOUR + 7 * HOUR)
    assert (await laptop.round(NOW + 4 * 24 * HOUR)).open == ()


async def test_the_first_of_many_goes_alone_and_the_others_wait_until_the_outbox_is_resumed(
    store: SqlStore, tmp_path: Path
) -> None:
    laptop = Laptop(store, tmp_path)
    laptop.people(*(subscriber(f"r{n}", topics=(topic(query="sparse"),), trending=0) for n in range(4)))
    with store.transaction() as tx:
        tx.source_log.sync_sources([("feed", "feed")])
    first = await laptop.round(NOW, at_most=1)
    assert sorted(d.outcome for d in first.digests) == ["queued", "queued", "queued", "sent"]
    waiting = await laptop.round(NOW + MINUTE)
    assert (waiting.digests, waiting.paused, waiting.waiting, waiting.nothing_done) == ((), True, 3, False)
    resume_outbox(store, now=laptop.now)
    assert [d.outcome for d in (await laptop.round(NOW + 2 * MINUTE)).digests] == ["sent"] * 3
