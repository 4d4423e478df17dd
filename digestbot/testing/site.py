"""An installation for tests of the acts, with the settings that a configuration would give it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from digestbot.acts.delivery.client import DeliveryClient, Policy
from digestbot.acts.digests.dispatch import DispatchReport, compose_extra, dispatch
from digestbot.acts.digests.editions import update_editions
from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import SourceReport, poll
from digestbot.acts.papers.resolve import ResolveReport, resolve
from digestbot.acts.people.sync import sync
from digestbot.acts.site.settings import DigestSettings, EditionRule, FeedSettings
from digestbot.channels import Channel
from digestbot.channels.smtp import SmtpChannel, SmtpSettings
from digestbot.digest.rendering.renderer import Templates
from digestbot.mail.message import build
from digestbot.model import (
    Delivery,
    DeliveryResult,
    Digest,
    Entry,
    Message,
    Outcome,
    Receipt,
    SendStage,
    SlotState,
    State,
    Subscriber,
)
from digestbot.store import Edition, SourceRow
from digestbot.store.database import SqlStore
from digestbot.system.process import name
from digestbot.testing.builders import NOW, entry, subscriber
from digestbot.testing.http_server import Site
from digestbot.transport.http import HttpTransport

TEMPLATES = Templates.load()
DESK = DigestSettings(
    site="Papers", domain="example.org", contact="admin@example.org", titles={"arxiv-cs": "arXiv cs.LG"}
)


def mail_of(digest: Digest) -> Message:
    """Returns the mail of a digest as the app builds it."""
    return build(
        digest,
        TEMPLATES.letter(digest),
        sender="Papers <papers@example.org>",
        unsubscribe_mailto="admin@example.org",
    )


class TestSite:
    """A whole digestbot: people and papers in a store, a clock moved by hand, a web server to poll."""

    __test__ = False  # its name makes pytest look for tests in it

    def __init__(
        self, store: SqlStore, people: Sequence[Subscriber] = (), *, server: Site | None = None, web: str = ""
    ) -> None:
        self.store, self.server, self.web, self.now = store, server or Site(), web, NOW - timedelta(days=30)
        self.people(*(people or [subscriber()]))
        self.now = NOW - timedelta(hours=3)

    def people(self, *people: Subscriber) -> None:
        """Applies a configuration with these people."""
        sync(self.store, people, [("arxiv-cs", "arxiv"), ("daily", "huggingface")], now=self.now)
        self._plan()

    def _plan(self) -> None:
        """Moves next slots from before the test to its beginning, so that none of the month before is due."""
        with self.store.transaction() as tx:
            for person in tx.people.all_people():
                if person.id is not None and person.next_slot is not None and person.next_slot < NOW:
                    tx.people.plan_slot(person.id, NOW, was=person.next_slot)

    def papers(self, *numbers: int, source: str = "arxiv-cs", **change: Any) -> ResolveReport:
        """These come in now."""
        return self.entries(*(entry(n, **change) for n in numbers), source=source)

    def entries(self, *entries: Entry, source: str = "arxiv-cs") -> ResolveReport:
        """These come in now."""
        with self.store.transaction() as tx:
            added = tx.papers.add_entries(source, entries, sha="", now=self.now)
            tx.papers.add_signals(
                ((a.id, e.signals) for a, e in zip(added, entries, strict=True) if e.signals), now=self.now
            )
        return resolve(self.store, now=self.now)

    def editions(self, *, closes: datetime) -> list[Edition]:
        """Writes the editions as a poll at the present moment does; they close at that hour."""
        rule = EditionRule(closes=closes.time())
        settings = FeedSettings(site="Papers", zone="UTC", path=Path("feeds"), edition=rule)
        return update_editions(self.store, settings, now=self.now)

    async def poll(self, setup: SourceSetup, **change: Any) -> SourceReport:
        """Poll one source, due or not."""
        with self.store.transaction() as tx:
            tx.source_log.sync_sources([(setup.name, setup.kind)])
        async with HttpTransport("admin@example.org", allow_private=True, clock=lambda: self.now) as transport:
            client = IntakeClient(store=self.store, transport=transport, clock=lambda: self.now, owner="here/1/0")
            report = await poll(client, [setup], only=[setup.name], **change)
        return report.sources[0]

    def source_row(self, name: str) -> SourceRow:
        """Returns the stored row of a source that was polled."""
        with self.store.reading() as tx:
            [row] = [row for row in tx.source_log.sources() if row.name == name]
        return row

    def asked(self) -> list[str]:
        """Returns the paths that the web server was asked for."""
        return [asked.path for asked in self.server.asked]

    def dispatch(self, at: datetime | None = None, *, arrived: bool = True, **change: Any) -> DispatchReport:
        """The round of that moment. `arrived`: mails of earlier slots that nobody has tried count as sent in time."""
        self.now = at or self.now
        if arrived:
            self._send_untried()
        return dispatch(self.store, DESK, now=self.now, **change)

    def _send_untried(self) -> None:
        accepted = Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, code=250)
        with self.store.transaction() as tx:
            over = [
                d
                for d in tx.outbox.list_deliveries([State.PENDING], most=10_000)
                if d.expires <= self.now and not d.last
            ]
            for delivery in over:
                ids = [
                    d.id
                    for d in tx.outbox.claim_deliveries(10_000, owner="x", now=delivery.next_at, lease=timedelta(1))
                ]
                granted = tx.outbox.commit_deliveries(ids, owner="x", now=delivery.next_at)
                results = [DeliveryResult(number, State.SENT, accepted) for number in granted]
                tx.outbox.finish_deliveries(results, owner="x", now=delivery.next_at)

    def extra(self, *refs: str) -> DispatchReport:
        """`send --now`."""
        return compose_extra(self.store, DESK, [self.person(ref) for ref in refs], now=self.now)

    def person(self, ref: str = "reader") -> Subscriber:
        """Returns a subscriber as stored."""
        with self.store.reading() as tx:
            found = tx.people.find_person(ref)
        assert found is not None
        return found

    def titles(self, report: DispatchReport) -> list[list[str]]:
        """Returns the public ids of the papers of each digest that was composed."""
        return [list(c.papers) for c in report.slots if c.state is SlotState.COMPOSED]

    def digests(self, report: DispatchReport) -> list[Digest]:
        """Returns the digests that were composed."""
        with self.store.reading() as tx:
            found = tx.slots.digests_by_id([c.digest for c in report.slots if c.digest is not None])
        return list(found.values())

    def deliveries(self, *states: State) -> list[Delivery]:
        """Returns all deliveries of the outbox."""
        with self.store.reading() as tx:
            return tx.outbox.list_deliveries(states or None, most=10_000)

    def states(self) -> list[str]:
        """Returns the states of all deliveries, in the order they were made."""
        return [str(d.state) for d in sorted(self.deliveries(), key=lambda d: d.id)]

    def tuned(self, **change: Any) -> Subscriber:
        """Stores the reader with these changes, as if the configuration had changed."""
        changed = replace(subscriber(), id=None, **change)
        self.people(changed)
        return self.person()


def delivery_client(site: TestSite, channel: Channel, policy: Policy | None = None, **change: Any) -> DeliveryClient:
    """Returns what a round of delivering needs, on the clock of `site`."""
    values: dict[str, Any] = {"build": mail_of, "clock": lambda: site.now, "owner": name()}
    return DeliveryClient(store=site.store, channel=channel, policy=policy or POLICY, **values | change)


def by_smtp(port: int, **change: Any) -> Channel:
    """Returns the real SMTP channel to a port of this machine."""
    values: dict[str, Any] = {"host": "127.0.0.1", "security": "none", "timeout": 5.0, "dot_timeout": 1.0}
    return SmtpChannel(SmtpSettings(port=port, **values | change))


POLICY = Policy(server="test")
settled = partial(replace, POLICY)
