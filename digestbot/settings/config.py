"""The checked configuration: frozen values with defaults. `settings.tables` lists the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Literal

from digestbot.errors import ConfigProblem
from digestbot.model import Entry, Secret, Security, SignupMode, Subscriber, Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """[site]."""

    name: str = "Papers"
    base_url: str = ""
    contact: str = ""
    time_zone: str = "UTC"
    language: str = "en"
    templates: Path | None = None
    imprint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreConfig:
    """[store]."""

    url: str = "sqlite:///var/digestbot.db"
    queue: str = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """[fetch]."""

    allow_private: bool | tuple[str, ...] = False
    parse_seconds: float = 10.0  #: for reading one reply, of the processor; three times as many by the clock
    parse_megabytes: int = 512
    proxy: str = ""  #: its address, or "environment"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryConfig:
    """[delivery]."""

    channel: str = "maildir"
    sender: str = "Papers <papers@localhost.localdomain>"
    on_unknown: str = "resend"
    unknown_after: timedelta = timedelta(minutes=15)
    wait_for_sources: timedelta = timedelta(seconds=60)
    keep_open: timedelta = timedelta(hours=6)

    @property
    def domain(self) -> str:
        """The domain of the From address."""
        return self.sender.rpartition("@")[2].rstrip("> ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """[smtp]."""

    host: str
    port: int = 587
    security: Security = Security.STARTTLS
    username: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    password_file: Path | None = None  #: read again for each connection; None: the password came from elsewhere
    hello: str = ""  #: our name in EHLO; "": chosen by the channel
    sender: str = ""  #: envelope sender; "": the address of From
    connections: int = 4
    rate: float | None = None  #: messages per second
    per_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maildir:
    """[maildir]."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapConfig:
    """[bounces] imap, read."""

    host: str
    port: int
    tls: bool
    user: str
    folder: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class BouncesConfig:
    """[bounces]."""

    maildir: Path | None = None  #: where mails that come back arrive
    imap: ImapConfig | None = None  #: a mailbox that is read every few minutes
    secret: Secret = field(default_factory=lambda: Secret(""))  #: of POST /bounces; empty: there is no such page


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimConfig:
    """[dkim]."""

    domain: str  #: d= of the signature
    selector: str  #: s=
    key_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """[feeds]."""

    path: Path
    private: str = "asked"  #: "files": those of one person are written too


@dataclass(frozen=True, slots=True, kw_only=True)
class Web:
    """[web]; served when [site] base_url is set."""

    host: str = "127.0.0.1"
    port: int = 8080
    proxies: tuple[str, ...] = ()  #: networks whose X-Forwarded-* are believed
    monitors: tuple[str, ...] = ()  #: networks that may read /metrics
    hosts: tuple[str, ...] = ()  #: further names this site answers to


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminConfig:
    """[admin]: who sees how everything stands; nobody unless one of these is said."""

    token: Secret = field(default_factory=lambda: Secret(""))
    header: str = ""  #: set by a proxy of [web] proxies: who it let in
    users: tuple[str, ...] = ()  #: of that header; (): whoever the proxy lets in


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupConfig:
    """[signup]: who may subscribe by the page."""

    mode: SignupMode = "open"
    domains: tuple[str, ...] = ()  #: only addresses of these; (): any
    per_address: int = 3  #: confirmation mails in 24 hours
    per_network: int = 20  #: sign-ups in an hour from one /24 or /48
    overall: int = 1000  #: sign-ups in an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionConfig:
    """[retention]."""

    replies: timedelta = timedelta(days=30)
    receipts: timedelta = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsConfig:
    """[alerts]: whom to tell that no mail goes out."""

    command: str = ""
    url: str = ""
    after: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichConfig:
    """[enrich]."""

    providers: tuple[str, ...] = ("arxiv",)  #: (): nobody is asked
    notices: str = ""  #: file or address of Retraction Watch's list


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderConfig:
    """[encoder]: a service where `url` is given, else a model on this machine."""

    folder: Path | None = None  #: of the model on this machine; None: the one of digestbot[encoder]
    url: str = ""
    model: str = ""
    key: Secret = field(default_factory=lambda: Secret(""))


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionConfig:
    """[edition]."""

    query: str = ""
    sources: tuple[str, ...] = ()
    limit: int = 50
    closes: time = time(12, 0)
    hold: bool = False  #: until a curator lets it go
    curators: tuple[str, ...] = ()  #: ids or addresses of subscribers who may pick


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """One of [[sources]]."""

    name: str
    kind: str
    options: Mapping[str, Any]  #: the kind's own, and url
    every: timedelta = timedelta(hours=1)
    pause: float | None = None
    title: str = ""
    abstracts: Literal["full", "excerpt", "none"] = "full"  #: what public pages may show


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFile:
    """A file of subscribers as it was read, for the next time: reading those of 30,000 people takes seconds."""

    text: str
    people: tuple[Subscriber, ...]
    warnings: tuple[ConfigProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything, checked."""

    root: Path
    site: Site
    store: StoreConfig
    fetch: Fetch
    delivery: DeliveryConfig
    smtp: Smtp | None
    maildir: Maildir
    bounces: BouncesConfig
    dkim: DkimConfig | None
    feeds: Feeds
    web: Web
    retention: RetentionConfig
    enrich: EnrichConfig
    edition: EditionConfig
    sources: tuple[SourceConfig, ...]
    topics: tuple[Topic, ...]
    subscribers: tuple[Subscriber, ...]
    liked: tuple[Entry, ...] = ()  #: the papers that topics are made of
    admin: AdminConfig = field(default_factory=AdminConfig)
    signup: SignupConfig = field(default_factory=SignupConfig)
    alerts: AlertsConfig = field(default_factory=AlertsConfig)
    encoder: EncoderConfig | None = None
    warnings: tuple[ConfigProblem, ...] = ()
    main: str = field(default="", compare=False, repr=False)  #: the text of the main file
    #: by name, those that say the same as long as their text and that of the main file do
    people_files: Mapping[str, PeopleFile] = field(default_factory=dict, compare=False, repr=False)
