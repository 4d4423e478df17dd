"""The wiring: a checked configuration becomes a store, sources, a channel and templates. It opens, wires and closes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from digestbot import plugins
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.errors import UsageError
from digestbot.model import Fetched, Request
from digestbot.model.mail import CONFIRM
from digestbot.settings import Config
from digestbot.store import Store
from digestbot.system import process
from digestbot.system.key_files import file_state

if TYPE_CHECKING:  # heavy, and needed by some commands only
    from digestbot.acts.delivery.deliver import Policy
    from digestbot.acts.intake.guarded_parse import Reader
    from digestbot.acts.intake.notice_list import NoticeList
    from digestbot.acts.rounds import Intake, Mailer
    from digestbot.acts.site.links import Linker
    from digestbot.acts.site.settings import DigestSettings, FeedSettings
    from digestbot.acts.site.signing_up import SignupSettings
    from digestbot.acts.upkeep.retention import Retention
    from digestbot.app.template_process import TemplateProcess
    from digestbot.channels import Channel
    from digestbot.digest.rendering.renderer import Templates
    from digestbot.encoders import Encoder
    from digestbot.mail.dkim import DkimSigner
    from digestbot.model import Delivery, Digest, Message
    from digestbot.sources.providers import Provider
    from digestbot.transport.http import HttpTransport, Limits


@dataclass(frozen=True)
class App:
    """A configuration with everything that hangs on it, opened when it is first needed."""

    config: Config
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    store_url: str = ""  #: in place of the configured one
    main: Path | None = None  #: the file the configuration was read from
    texts: tuple[tuple[str, str], ...] = ()  #: (name, text) of the files it was read from
    reading: bool = False  #: for a question: nothing is written, neither database nor key

    @property
    def main_file(self) -> Path:
        """The main file of the configuration. Raises UsageError for a configuration that was not read from a file."""
        if self.main is None:
            raise UsageError("this configuration was not read from a file", fix="Name the file with --config")
        return self.main

    @cached_property
    def database(self) -> Store:
        """The database with our schema. Its people and sources are those of the last configuration in force."""
        from digestbot.store.database import open_store

        if self.reading:
            from digestbot.app.reading import database_to_read

            return database_to_read(self)
        store = open_store(self.store_url or self.config.store.url, root=self.config.root)
        store.migrate()
        if self.config.store.queue != "local":
            store.prepare_queue()
        return store

    @cached_property
    def store(self) -> Store:
        """The database with the configuration's people, sources and site rules in it."""
        if not self.reading:
            self.apply_to(self.database)
        return self.database

    def apply_to(self, store: Store) -> None:
        """Make the configuration's people, sources and site rules those of the database, and keep its files in it."""
        from digestbot.acts.people.sync import sync
        from digestbot.acts.site.last_good import keep_last_good

        sync(
            store, self.config.subscribers, self.source_kinds, rules=self.rules, liked=self.config.liked,
            now=self.clock(),
        )  # fmt: skip
        if self.texts:
            keep_last_good(store, self.texts, now=self.clock())

    def leave_to_others(self) -> None:
        """Another process makes the database's people, sources and rules those of the configuration."""
        self.__dict__["store"] = self.database

    def having(self, config: Config, texts: tuple[tuple[str, str], ...] = ()) -> App:
        """The same with another configuration, over the same open database."""
        made = replace(self, config=config, texts=texts)
        made.__dict__["database"] = self.database
        if config.fetch == self.config.fetch:
            made.__dict__["reader"] = self.reader
        return made

    def in_memory(self) -> App:
        """The same configuration over an empty database that is gone with the process."""
        return replace(self, store_url="sqlite://", reading=False)

    @property
    def has_database(self) -> bool:
        """Whether the database exists; asking makes none."""
        path = self.config.store.url.removeprefix("sqlite:///")
        return path == self.config.store.url or (self.config.root / path).exists()

    @property
    def source_kinds(self) -> list[tuple[str, str]]:
        """(name, kind) of the configured sources."""
        return [(s.name, s.kind) for s in self.config.sources]

    @property
    def rules(self) -> dict[str, str]:
        """The site's rules by name, for @name."""
        return {t.name: t.query for t in self.config.topics}

    @cached_property
    def reader(self) -> Reader:
        """What calls the parsers of sources: in processes of their own, or here."""
        from digestbot.app.reply_reader import reply_reader

        return reply_reader(self.config.fetch)

    @cached_property
    def setups(self) -> tuple[SourceSetup, ...]:
        """The sources as polling needs them."""
        kinds = plugins.Kinds(plugins.SOURCES)
        return tuple(
            SourceSetup(
                name=s.name, kind=s.kind, source=kinds[s.kind].from_options(s.options), every=s.every, pause=s.pause
            )
            for s in self.config.sources
        )

    @cached_property
    def services(self) -> dict[str, str]:
        """The service each source is a list of, by the source's name."""
        return {setup.name: setup.service for setup in self.setups}

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """The services that complete papers."""
        from digestbot.sources.providers import PROVIDERS

        return tuple(PROVIDERS[name](self.config.site.contact) for name in self.config.enrich.providers)

    @cached_property
    def encoder(self) -> Encoder | None:
        """The sentence encoder; None without [encoder]."""
        from digestbot.app.encoder import encoder

        return encoder(self.config) if self.config.encoder else None

    def transport(self, limits: Limits | None = None) -> HttpTransport:
        """The network; opened by `async with`."""
        from digestbot.transport.http import HttpTransport

        fetch = self.config.fetch
        return HttpTransport(
            self.config.site.contact, allow_private=fetch.allow_private, proxy=fetch.proxy, clock=self.clock, limits=limits,
        )  # fmt: skip

    def notice_list(self, where: str) -> NoticeList | None:
        """The list of retractions at a file or an address; None for ""."""
        from digestbot.acts.intake.notice_list import LARGEST, LONGEST, NoticeList
        from digestbot.transport.http import Limits

        limits = Limits(body=LARGEST, seconds=LONGEST)
        return NoticeList(where=where, network=lambda: self.transport(limits)) if where else None

    @asynccontextmanager
    async def intake(self) -> AsyncIterator[Intake]:
        """The client of polling, over an open network."""
        from digestbot.acts.intake.client import IntakeClient
        from digestbot.acts.rounds import Intake
        from digestbot.transport.mailboxes import WithMailboxes

        async with self.transport() as network:
            transport = WithMailboxes(network, self.config.root, self.clock)
            client = IntakeClient(
                store=self.store, transport=transport, clock=self.clock, owner=self.owner, reader=self.reader
            )
            try:
                yield Intake(
                    client=client, feeds=self.feed_settings, sources=self.setups, providers=self.providers,
                    notices=self.notice_list(self.config.enrich.notices), encoder=self.encoder,
                )  # fmt: skip
            finally:
                transport.close()

    def mailer(self) -> Mailer:
        """The client of sending."""
        from digestbot.acts.rounds import Mailer

        self._look_at_key()
        return Mailer(
            store=self.store, channel=self.channel(), clock=self.clock, owner=self.owner, build=self.build,
            policy=self.policy, digests=self.digest_settings, feeds=self.feed_settings,
            signup=self.signup_settings if self.config.site.base_url else None, form_mails={CONFIRM: self.build_form_mail},
        )  # fmt: skip

    @cached_property
    def templates(self) -> Templates:
        """Our templates, and those of the site that override them."""
        from digestbot.digest.rendering.renderer import Templates

        return Templates.load(self.config.site.templates, self.template_process)

    @cached_property
    def template_process(self) -> TemplateProcess | None:
        """Renders templates of one's own; None without any."""
        from digestbot.app.template_process import template_process

        return template_process(self.config.site.templates)

    @cached_property
    def digest_settings(self) -> DigestSettings:
        """What every digest has in common."""
        from digestbot.acts.site.settings import DigestSettings

        return DigestSettings(
            site=self.config.site.name,
            domain=self.config.delivery.domain,
            contact=self.config.site.contact,
            topics=self.rules,
            titles={s.name: s.title for s in self.config.sources if s.title},
            linker=self.linker,
            parts={s.name: s.source.parts for s in self.setups if hasattr(s.source, "parts")},
            quiet={s.name: s.source.quiet for s in self.setups if hasattr(s.source, "quiet")},
            keep_open=self.config.delivery.keep_open,
            edition_sources=self.config.edition.sources,
            services=self.services,
            encoder=self.encoder.name if self.encoder else "",
        )

    @cached_property
    def linker(self) -> Linker:
        """Private addresses; none without a web address."""
        from digestbot.acts.site.links import Linker
        from digestbot.system.site_key import site_key

        base, key_file = self.config.site.base_url, self.feed_settings.key_file
        return Linker(base, lambda: site_key(key_file)) if base else Linker()

    @cached_property
    def signup_settings(self) -> SignupSettings:
        """Who may subscribe by the page, and what they get."""
        from digestbot.app.outgoing import signup_settings

        return signup_settings(self)

    @cached_property
    def feed_settings(self) -> FeedSettings:
        """Where feeds go, and what the edition is."""
        from digestbot.acts.site.settings import EditionRule, FeedSettings

        edition = self.config.edition
        return FeedSettings(
            site=self.config.site.name,
            zone=self.config.site.time_zone,
            path=self.config.feeds.path,
            home=self.config.site.base_url,
            edition=EditionRule(
                query=edition.query,
                sources=edition.sources,
                limit=edition.limit,
                closes=edition.closes,
                hold=edition.hold,
            ),
            topics=self.config.topics,
            services=self.services,
            private_files=self.config.feeds.private == "files",
            titles={s.name: s.title for s in self.config.sources if s.title},
            abstracts={s.name: s.abstracts for s in self.config.sources if s.abstracts != "full"},
            language=self.config.site.language,
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
            rate=smtp.rate if by_smtp and smtp else None,
            server=f"{smtp.host}:{smtp.port}" if by_smtp and smtp else self.config.delivery.channel,
        )

    @property
    def retention(self) -> Retention:
        """How long is kept what nobody needs for ever."""
        from digestbot.acts.upkeep.retention import Retention

        return Retention(replies=self.config.retention.replies, receipts=self.config.retention.receipts)

    def channel(self) -> Channel:
        """The way out that is configured."""
        kind: Channel = plugins.Kinds(plugins.CHANNELS)[self.config.delivery.channel].from_config(self.config)
        return kind

    def _look_at_key(self) -> None:
        """Sign by the key as its file is now. One that cannot be read is no message's fault: raises DigestbotError."""
        if self.config.dkim is not None:
            changed = file_state(self.config.dkim.key_file)
            if self.__dict__.get("_key_state") != changed:
                self.__dict__.pop("signer", None)
            _ = self.signer
            self.__dict__["_key_state"] = changed

    @cached_property
    def signer(self) -> DkimSigner | None:
        """The DKIM signature; None without [dkim]. Raises DigestbotError."""
        from digestbot.app.outgoing import dkim_signer

        return dkim_signer(self.config.dkim) if self.config.dkim else None

    def build(self, digest: Digest) -> Message:
        """Build the mail of a digest."""
        from digestbot.app.outgoing import build_mail

        return build_mail(self, digest)

    def build_form_mail(self, delivery: Delivery) -> Message:
        """The mail of something that was asked for by a form. Raises DigestbotError."""
        from digestbot.app.outgoing import form_mail

        return form_mail(self, delivery)

    @property
    def owner(self) -> str:
        """This process, for leases."""
        return process.name()

    @contextmanager
    def opened(self) -> Iterator[App]:
        """Closes the store at the end, if it was opened."""
        from digestbot.system.memory import share_arenas

        process.collect_seldom()
        share_arenas()
        try:
            yield self
        finally:
            if "database" in self.__dict__:
                self.database.close()
            if "reader" in self.__dict__:
                self.reader.close()
            if self.__dict__.get("template_process") is not None:
                self.__dict__["template_process"].close()


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
