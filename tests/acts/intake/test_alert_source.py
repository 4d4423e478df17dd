"""A mailbox of alerts is a source like any other: polled, joined, quarantined, told in the digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alert_mails import SAMPLES, mail
from databases import empty_store

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import SourceReport, poll
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.digest.rendering.cards import why
from digestbot.model import Fetched, ReadStatus, Request
from digestbot.sources.kinds.alerts import AlertsSource
from digestbot.store.database import SqlStore
from digestbot.system.maildir import put_mail
from digestbot.testing.builders import NOW, entry, subscriber, topic
from digestbot.testing.site import TEMPLATES, TestSite
from digestbot.transport.http import HttpTransport
from digestbot.transport.mailboxes import WithMailboxes

SETUP = SourceSetup(name="alerts", kind="alerts", source=AlertsSource.from_options({"maildir": "box"}))


class Breaking(WithMailboxes):
    """A mailbox whose connection ends before one mail."""

    at = ""

    async def fetch(self, request: Request) -> Fetched:
        """As a server that goes away."""
        if self.at and request.url.endswith(f"#{self.at}"):
            return Fetched(request=request, status=ReadStatus.UNREACHABLE, error="it went away")
        return await super().fetch(request)


class Desk(TestSite):
    """An installation with a Maildir of alerts."""

    __test__ = False

    def __init__(self, folder: Path, store: SqlStore) -> None:
        super().__init__(store, [subscriber(topics=(topic(query="heads OR jupiter OR attention"),), trending=0)])
        self.folder, self.breaks_at = folder, ""
        with store.transaction() as tx:
            tx.source_log.sync_sources([("alerts", "alerts"), ("arxiv-cs", "arxiv")])

    def gets(self, name: str, data: bytes) -> None:
        """A mail comes in."""
        put_mail(self.folder / "box", data, name)

    async def looks(self) -> SourceReport:
        """Polls the mailbox."""
        self.now += timedelta(minutes=5)
        async with HttpTransport("", allow_private=True, clock=lambda: self.now) as network:
            box = Breaking(network, self.folder, lambda: self.now)
            box.at = self.breaks_at
            client = IntakeClient(store=self.store, transport=box, clock=lambda: self.now, owner="here/1/0")
            report = await poll(client, [SETUP], only=["alerts"])
        resolve(self.store, now=self.now)
        return report.sources[0]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with empty_store("sqlite", tmp_path) as store:
        yield Desk(tmp_path, store)


async def test_a_paper_of_an_alert_joins_that_of_a_feed_and_says_why_it_came(desk: Desk) -> None:
    desk.entries(entry(7, identifiers={"arxiv": "2611.00007"}, title="Sparse Heads Suffice"))
    desk.gets("1.a", SAMPLES["scholar, citations"].mail)
    desk.gets("2.b", SAMPLES["myads"].mail)
    report = await desk.looks()
    assert (report.status, report.new, report.problems) == (ReadStatus.OK, 2, ())
    with desk.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (3, 2)
    [digest] = desk.digests(desk.dispatch(NOW))
    words = TEMPLATES.stationery.languages.of("en")
    told = {item.paper.title: why(item, words).heard for item in digest.items()}
    assert told == {
        "Sparse Heads Suffice": ("Google Scholar: citing “Attention on Trial”",),
        "A Hot Jupiter in the Cold": ("myADS: new papers for “exoplanets”",),
    }
    assert (await desk.looks()).new == 0


async def test_a_mail_that_is_no_alert_stops_no_other_and_is_put_aside_once(desk: Desk) -> None:
    desk.gets("1.a", mail("friend@example.net", "Lunch", "<p>At one?</p>"))
    desk.gets("2.b", SAMPLES["scholar, citations"].mail)
    report = await desk.looks()
    assert (report.status, report.new) == (ReadStatus.PARTIAL, 1)
    assert [p.what for p in report.problems] == ["a mail from example.net that is no alert we know"]
    await desk.looks()
    with desk.store.reading() as tx:
        [row] = tx.quarantine.all_items()
    assert (row.source, row.error) == ("alerts", "a mail from example.net that is no alert we know")


async def test_mails_that_are_kept_are_read_again_by_a_rebuild(desk: Desk) -> None:
    desk.gets("1.a", SAMPLES["scholar, citations"].mail)
    await desk.looks()
    rebuild(desk.store, {"alerts": SETUP.source}, now=desk.now)
    with desk.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (1, 1)


async def test_a_mailbox_that_breaks_off_is_read_again_from_the_first_mail_that_is_not_stored(desk: Desk) -> None:
    desk.gets("1.a", SAMPLES["scholar, citations"].mail)
    desk.gets("2.b", SAMPLES["myads"].mail)
    desk.breaks_at = "2.b"
    assert (await desk.looks()).status is ReadStatus.PARTIAL
    desk.breaks_at = ""
    assert [(r.status, r.new) for r in [await desk.looks()]] == [(ReadStatus.OK, 1)]
    assert (await desk.looks()).status in (ReadStatus.EMPTY, ReadStatus.UNCHANGED)


async def test_a_mail_that_is_gone_stops_no_other(desk: Desk) -> None:
    desk.gets("1.a", SAMPLES["scholar, citations"].mail)
    (desk.folder / "box/new/1.a").chmod(0)
    desk.gets("2.b", SAMPLES["myads"].mail)
    assert (await desk.looks()).new >= 1
