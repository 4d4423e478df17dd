"""What the doctor is told, looks with, and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from digestbot.channels.relay_probe import RelayState
from digestbot.mail.policies.lookup import Dns
from digestbot.model import Fetched, Request, Security


class FindingState(StrEnum):
    """How grave a finding is."""

    OK = "ok"
    WARN = "warn"  #: mails go out, some may not arrive, or it will get worse
    BAD = "bad"  #: mails are refused, or something does not work
    SKIPPED = "skipped"  #: could not be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the answer: what was looked at, how it is, and the mend."""

    check: str  #: spf, dkim, dmarc, ptr, tls, clock, disk, database, one_click, bulk
    state: FindingState
    text: str
    fix: str = ""  #: what mends it; "" when there is nothing to mend


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderSetup:
    """How the site sends."""

    author: str  #: domain of From
    envelope: str  #: domain of the envelope sender
    host: str = ""  #: the mail server; "" when mails are files
    port: int = 0
    security: Security = Security.STARTTLS
    hello: str = ""  #: configured name in EHLO
    dkim_domain: str = ""  #: "" when we do not sign
    dkim_selector: str = ""
    dkim_record: str = ""  #: what DNS has to say
    dkim_error: str = ""  #: why the key cannot be used


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSetup:
    """The rest of the site."""

    sender: SenderSetup
    base_url: str
    contact: str
    folders: tuple[Path, ...]  #: where the program writes


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """The database as it lies there."""

    problems: Sequence[str] = ()  #: what is damaged
    is_current: bool = True  #: it has our schema
    frozen: str = ""  #: why it takes no writes any more


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorTools:
    """The ways out into the world; each may be a fake. Those that block are called in threads."""

    database: Callable[[], DatabaseState | None]  #: looked at without writing; None: there is none. Raises StoreError
    dns: Dns | None  #: None: dnspython is not installed
    fetch: Callable[[Request], Awaitable[Fetched]]
    probe: Callable[[str, int, Security], RelayState]
    offset: Callable[[], timedelta]
    free: Callable[[Path], tuple[int, int]]  #: (free, total) bytes where a folder stands
    now: datetime


def ok(check: str, text: str) -> Finding:
    """A finding that all is well."""
    return Finding(check=check, state=FindingState.OK, text=text)


def warn(check: str, text: str, fix: str) -> Finding:
    """A finding that a person should look at."""
    return Finding(check=check, state=FindingState.WARN, text=text, fix=fix)


def bad(check: str, text: str, fix: str) -> Finding:
    """A finding that has to be mended."""
    return Finding(check=check, state=FindingState.BAD, text=text, fix=fix)


def skipped(check: str, text: str, fix: str = "") -> Finding:
    """A finding that says why something was not looked at."""
    return Finding(check=check, state=FindingState.SKIPPED, text=text, fix=fix)
