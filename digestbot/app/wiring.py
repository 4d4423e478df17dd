"""The wiring: a checked configuration becomes a store, sources, a channel and templates. The only place they meet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digestbot import plugins
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import SourceReport
from digestbot.errors import NotFound
from digestbot.model import Fetched, Request
from digestbot.settings import Config
from digestbot.store import Store
from digestbot.system import process

if TYPE_CHECKING:  # heavy, and needed by some commands only
    from digestbot.acts.answers.plan import Change, Plan
    from digestbot.acts.delivery.deliver import Policy
    from digestbot.acts.digests.candidates import Desk
    from digestbot.acts.digests.editions import Press
    from digestbot.acts.intake.client import IntakeClient
    from digestbot.acts.intake.enrich import EnrichReport
    from digestbot.acts.intake.guarded_parse import Reader
    from digestbot.acts.rounds import SentOut, TakenIn
    from digestbot.acts.site.links import Linker
    from digestbot.acts.upkeep.retention import ForgetReport
    from digestbot.channels import Channel
    from digestbot.digest.rendering.renderer import Templates
    from digestbot.mail.dkim import DkimSigner
    from digestbot.model import Digest, Message, Subscriber
    from digestbot.sources.providers import Provider
    from digestbot.transport.http import HttpTransport


@dataclass(frozen=True)
class App:
    """A configuration with everything that hangs on it, opened when it is first needed."""

    config: Config
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    store_url: str = ""  #: in place of the configured one
    main: Path | None = None  #: the file the configuration was read from

    @cached_property
    def database(self) -> Store:
        """The database, brought to our schema; its people and sources are those of the last time."""
        from digestbot.store.database import open_store

        store = open_store(self.store_url or self.config.store.url, root=self.config.root)
        store.migrate()
        return store

    @cached_property
    def store(self) -> Store:
        """The database with the configuration's people, sources and site rules in it."""
        from digestbot.acts.people.sync import sync

        config = self.config
        sync(self.database, config.subscribers, _sources(config), rules=_rules(config), now=self.clock())
        return self.database

    def having(self, config: Config) -> App:
        """The same with another configuration, over the same open database."""
        made = replace(self, config=config)
        made.__dict__["database"] = self.database
        if config.fetch == self.config.fetch:
            made.__dict__["reader"] = self.reader
        return made

    @cached_property
    def reader(self) -> Reader:
        """Who calls the parsers."""
        from digestbot.app.reply_reader import reply_reader

        return reply_reader(self.config.fetch)

    @cached_property
    def setups(self) -> tuple[SourceSetup, ...]:
        """The sources as the poll wants them."""
        kinds = plugins.Kinds(plugins.SOURCES)
        return tuple(
            SourceSetup(
                name=s.name, kind=s.kind, source=kinds[s.kind].from_options(s.options), every=s.every, pause=s.pause
            )
            for s in self.config.sources
        )

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """The services that complete papers."""
        from digestbot.sources.providers import PROVIDERS

        return tuple(PROVIDERS[name](self.config.site.contact) for name in self.config.enrich.providers)

    def transport(self) -> HttpTransport:
        """The network; opened by `async with`."""
        from digestbot.transport.http import HttpTransport

        fetch = self.config.fetch
        return HttpTransport(
            self.config.site.contact, allow_private=fetch.allow_private, proxy=fetch.proxy, clock=self.clock
        )

    @cached_property
    def templates(self) -> Templates:
        """Ours, and those that override them."""
        from digestbot.digest.rendering.renderer import Templates

        return Templates.load(self.config.site.templates)

    @cached_property
    def desk(self) -> Desk:
        """What every digest has in common."""
        from digestbot.acts.digests.candidates import Desk

        return Desk(
            site=self.config.site.name,
            domain=self.config.delivery.domain,
            contact=self.config.site.contact,
            topics={t.name: t.query for t in self.config.topics},
            titles={s.name: s.title for s in self.config.sources if s.title},
            linker=self.linker,
            parts={s.name: s.source.parts for s in self.setups if hasattr(s.source, "parts")},
            quiet={s.name: s.source.quiet for s in self.setups if hasattr(s.source, "quiet")},
        )

    @cached_property
    def linker(self) -> Linker:
        """Private addresses; none without a web address."""
        from digestbot.acts.site.links import Linker
        from digestbot.system.site_key import site_key

        base = self.config.site.base_url
        return Linker(base, site_key(self.key_file)) if base else Linker()

    @cached_property
    def press(self) -> Press:
        """Where feeds go, and what the edition is."""
        from digestbot.acts.digests.editions import EditionRule, Press

        edition = self.config.edition
        return Press(
            site=self.config.site.name,
            zone=self.config.site.time_zone,
            path=self.config.feeds.path,
            home=self.config.site.base_url,
            edition=EditionRule(
                query=edition.query, sources=edition.sources, limit=edition.limit, closes=edition.closes
            ),
            topics=self.config.topics,
        )

    @cached_property
    def policy(self) -> Policy:
        """What the operator decided about deliveries."""
        from digestbot.acts.delivery.deliver import Policy

        smtp = self.config.smtp
        by_smtp = self.config.delivery.channel == "smtp" and smtp is not None
        return Policy(
            on_unknown=self.config.delivery.on_unknown,
            unknown_after=self.config.delivery.unknown_after,
            per_day=smtp.per_day if by_smtp and smtp else None,
            server=f"{smtp.host}:{smtp.port}" if by_smtp and smtp else self.config.delivery.channel,
        )

    def forget(self) -> ForgetReport:
        """What is older than the operator wants to keep, once a day."""
        from digestbot.acts.upkeep.retention import Retention, forget

        kept = self.config.retention
        return forget(self.store, Retention(replies=kept.replies, receipts=kept.receipts), now=self.clock())

    @property
    def key_file(self) -> Path:
        """The site's secret."""
        from digestbot.acts.digests.feed_files import key_file

        return key_file(self.config.feeds.path)

    def channel(self) -> Channel:
        """The way out that is configured."""
        kind: Channel = plugins.Kinds(plugins.CHANNELS)[self.config.delivery.channel].from_config(self.config)
        return kind

    @cached_property
    def signer(self) -> DkimSigner | None:
        """The DKIM signature; None without [dkim]. Raises DigestbotError."""
        from digestbot.app.outgoing import dkim_signer

        return dkim_signer(self.config.dkim) if self.config.dkim else None

    def build(self, digest: Digest) -> Message:
        """The mail of a digest."""
        from digestbot.app.outgoing import build_mail

        return build_mail(self, digest)

    async def take_in(
        self, *, only: Collection[str] = (), heard: Callable[[SourceReport], None] = lambda _: None
    ) -> TakenIn:
        """Poll what is due, or the named sources; entries become papers, papers an edition."""
        from digestbot.acts.rounds import take_in

        async with self.transport() as transport:
            return await take_in(self._client(transport), self.setups, self.press, only=only, heard=heard)

    async def look_up(self, *, heard: Callable[[int], None] = lambda _: None) -> tuple[EnrichReport, ...]:
        """Ask other services about papers that lack something and those that were sent; [enrich] says which services.

        `heard` is told how many papers are done.
        """
        from digestbot.acts.rounds import look_up

        if not self.providers:
            return ()
        done = 0

        def count_on(more: int) -> None:
            nonlocal done
            done += more
            heard(done)

        async with self.transport() as transport:
            return await look_up(self._client(transport), self.providers, self.press, heard=count_on)

    def _client(self, transport: HttpTransport) -> IntakeClient:
        from digestbot.acts.intake.client import IntakeClient

        return IntakeClient(
            store=self.store, transport=transport, clock=self.clock, owner=self.owner, reader=self.reader
        )

    async def send_out(
        self,
        *,
        only: Collection[str] = (),
        more: Sequence[Subscriber] = (),
        stop: asyncio.Event | None = None,
        heard: Callable[[int], None] = lambda _: None,
    ) -> SentOut:
        """Compose what is due and deliver; `heard` is told how many are done."""
        from digestbot.acts.rounds import send_out

        _ = self.signer  # a key that cannot be read is no message's fault
        done = count(1)
        return await send_out(
            self.store, self.desk, self.press, self.channel(), self.build, self.policy, clock=self.clock,
            owner=self.owner, only=only, more=more, stop=stop, heard=lambda _: heard(next(done)),
        )  # fmt: skip

    def would_send(self, people: Sequence[Subscriber], *, now: bool) -> list[Digest]:
        """What `send` would compose at this moment, nothing recorded."""
        from digestbot.acts.digests.dispatch import due_slots, look, now_slot

        moment = self.clock()
        with self.store.reading() as tx:
            chosen = people or tx.people.all_people()
            if not now:
                chosen = [s for s in chosen if s.next_slot is not None and s.next_slot <= moment]
            return [
                look(tx, self.desk, s, now_slot(s, moment) if now else due_slots(s, moment).slot, now=moment)
                for s in chosen
            ]

    def look(self, subscriber: Subscriber, *, now: datetime) -> Digest:
        """The digest they would get at their next slot if it were made at `now`; nothing recorded."""
        from digestbot.acts.digests.dispatch import look
        from digestbot.digest.selection.schedule import Schedule

        slot = Schedule.parse(subscriber.schedule, subscriber.time_zone).next(now)
        with self.store.reading() as tx:
            return look(tx, self.desk, subscriber, slot, now=now)

    def plan(self, config: Config) -> Plan:
        """What `config` would change in what was last applied, and what each person would get."""
        from digestbot.acts.answers.plan import plan

        return plan(self.database, config.subscribers, _sources(config), _rules(config), now=self.clock())

    def changes(self, config: Config) -> list[Change]:
        """What `config` would change in what was last applied."""
        from digestbot.acts.answers.plan import changes

        return changes(self.database, config.subscribers, _sources(config), _rules(config), now=self.clock())

    def doubts(self) -> list[tuple[str, str, str]]:
        """(subscriber, topic, what is odd) by the stored history; nothing when there is no database yet."""
        from digestbot.acts.answers.backtest import doubts

        if not self._has_database():
            return []
        return doubts(self.database, self.config.subscribers, rules=_rules(self.config), now=self.clock())

    def _has_database(self) -> bool:
        """Without making one."""
        path = self.config.store.url.removeprefix("sqlite:///")
        return path == self.config.store.url or (self.config.root / path).exists()

    def left(self) -> list[Subscriber]:
        """People of the configuration who unsubscribed; nobody when there is no database yet."""
        if not self._has_database():
            return []
        from digestbot.acts.people.sync import UNSUBSCRIBED

        refs = {person.ref for person in self.config.subscribers}
        with self.database.reading() as tx:
            return [
                p
                for p in tx.people.all_people()
                if p.ref in refs and (p.status == "left" or p.suppressed == UNSUBSCRIBED)
            ]

    def polled(self) -> bool:
        """Has any source ever been polled?"""
        with self.store.reading() as tx:
            return any(row.last_poll for row in tx.source_log.sources())

    def everybody(self) -> list[Subscriber]:
        """All subscribers."""
        with self.store.reading() as tx:
            return tx.people.all_people()

    def subscriber(self, who: str) -> Subscriber:
        """By id or address. Raises NotFound with the nearest names."""
        with self.store.reading() as tx:
            found = tx.people.find_person(who)
            if found is not None and found.status != "removed":
                return found
            known = [s.ref for s in tx.people.all_people()]
        from difflib import get_close_matches

        near = get_close_matches(who, known, 1)
        known_names = f"known: {', '.join(known[:10]) or 'none; see config/subscribers'}"
        hint = f'did you mean "{near[0]}"?' if near else known_names
        raise NotFound(f"no subscriber {who!r}", fix=hint)

    def source_names(self, names: Sequence[str]) -> Sequence[str]:
        """The same names, checked. Raises NotFound."""
        known = [s.name for s in self.config.sources]
        for name in names:
            if name not in known:
                raise NotFound(f"no source {name!r}", fix=f"known: {', '.join(known) or 'none'}")
        return names

    def in_memory(self) -> App:
        """The same configuration over an empty database that is gone with the process."""
        return replace(self, store_url="sqlite://")

    @property
    def owner(self) -> str:
        """This process, for leases."""
        return process.name()

    @contextmanager
    def opened(self) -> Iterator[App]:
        """Closes the store at the end, if it was opened."""
        try:
            yield self
        finally:
            if "reader" in self.__dict__:
                self.reader.close()
            if "database" in self.__dict__:
                self.database.close()


def _sources(config: Config) -> list[tuple[str, str]]:
    return [(s.name, s.kind) for s in config.sources]


def _rules(config: Config) -> dict[str, str]:
    return {t.name: t.query for t in config.topics}


def kinds() -> Mapping[str, Any]:
    """All installed kinds of sources."""
    return plugins.Kinds(plugins.SOURCES)


async def fetched(name: str, now: datetime) -> Fetched:
    """What stands at an address or in a file. An address typed by hand may be a private one."""
    from digestbot.transport.file import read_file
    from digestbot.transport.http import HttpTransport

    if not name.lower().startswith(("http://", "https://")):
        return read_file(Path(name.removeprefix("file://")), now)
    async with HttpTransport("", allow_private=True, proxy="environment") as transport:
        return await transport.fetch(Request(url=name))
