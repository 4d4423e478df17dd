"""What goes over the wire: requests, replies, what was read from them, and how a read went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from digestbot.model.paper import Entry, FrozenMap, PartialDate


class ReadStatus(StrEnum):
    """How a read went. One list for `try`, `poll` and `status`."""

    OK = "ok"
    UNCHANGED = "unchanged"  #: 304, or the same bytes as last time
    EMPTY = "empty"  #: valid, nothing there (an arXiv weekend): no failure
    PARTIAL = "partial"  #: some could not be read
    STALE = "stale"  #: the source has not moved on when it should have
    LATER = "later"  #: rate-limited or overloaded: 429, 503
    GONE = "gone"  #: 410
    UNREADABLE = "unreadable"  #: bytes came, but not what this source should say
    UNREACHABLE = "unreachable"  #: no bytes came

    @property
    def failed(self) -> bool:
        """True when the source gave us nothing it should have given: back off and say so."""
        return self in (ReadStatus.LATER, ReadStatus.GONE, ReadStatus.UNREADABLE, ReadStatus.UNREACHABLE)


class Secret:
    """A text that shows itself only when it is asked to."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Returns the text of the secret."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLogin:
    """How a service is logged in to: its `fields` are posted to `url` as JSON, and the reply's `token` is shown with each
    request (`Authorization: Bearer …`). Only the transport ever sees the token.
    """

    url: str
    fields: Mapping[str, Secret]
    token: str = "token"  # noqa: S105  the name of a field

    def __post_init__(self) -> None:
        if not isinstance(self.fields, FrozenMap):
            object.__setattr__(self, "fields", FrozenMap(self.fields))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One GET. Validators are added by the caller, who keeps them; a source names only the address.

    `secrets` are further parameters of the query, for the host of `url` alone: the transport adds them as it asks, so
    that a key stands in no stored address, no log and no error.
    """

    url: str
    secrets: Mapping[str, Secret] = field(default_factory=FrozenMap[str, Secret])
    headers: Mapping[str, str] = field(default_factory=FrozenMap[str, str])
    etag: str = ""
    last_modified: str = ""
    stop_at: tuple[str, ...] = ()  #: hosts, with all below them, that a redirect is not followed to: they have a turn
    login: ServiceLogin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One reply, whole. `body` is decompressed; header names are lower case."""

    url: str  #: the address that answered, after redirects; relative links are relative to it
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=FrozenMap[str, str])
    body: bytes = b""
    fetched: datetime  #: aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a service still lets us spend, and until when that counts."""

    left: float  #: US dollars
    limit: float | None = None
    resets: datetime | None = None  #: aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of one Request: a reply, or the reason why there is none. Never an exception.

    `response` is None unless `status` is OK. `moved_to` is the address to ask from now on (301, 308 only).
    `after` is the earliest instant the server wants to be asked again (Retry-After), aware UTC.
    """

    request: Request
    status: ReadStatus
    response: Response | None = None
    http_status: int | None = None
    etag: str = ""
    last_modified: str = ""
    moved_to: str = ""
    onward: str = ""  #: where a redirect leads that was not followed: a host of `stop_at`
    after: datetime | None = None
    fresh_until: datetime | None = None  #: Cache-Control max-age / Expires, aware UTC
    pause: float = 0.0  #: seconds between two requests that the server's rate limit asks for
    budget: Budget | None = None
    error: str = ""  #: for people: what happened and where, no secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that could not be read: what, where in the bytes (line, entry number), and what may help."""

    what: str
    where: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One item whose reading failed in a way nobody foresaw: put aside with its bytes, the others are read."""

    position: int  #: among the items of the reply, counted from 1; 0: the whole reply
    data: bytes  #: the item as it came, cut where it is longer than anybody reads
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseResult:
    """What a source read from one Response."""

    status: ReadStatus = ReadStatus.OK  #: OK, EMPTY, PARTIAL, STALE or UNREADABLE
    entries: tuple[Entry, ...] = ()
    next_requests: tuple[Request, ...] = ()  #: further pages
    state: Mapping[str, Any] = field(
        default_factory=FrozenMap[str, Any]
    )  #: JSON values, merged into what the source remembers
    expected: int | None = None  #: how many entries the source says there are, on this and all further pages
    left_out: int = 0  #: of those, what stands on this page and is no paper: deleted records, whole issues
    not_papers: str = (
        ""  #: what was left out, for people: "2 dataset, 1 reference-entry"; "" where the kind does not say
    )
    restarts: bool = False  #: its list begins anew: what came of it before comes once more
    problems: tuple[Problem, ...] = ()
    broken: tuple[Broken, ...] = ()  #: each has its Problem too
    title: str = ""  #: the feed's own
    listed: PartialDate | None = None  #: the listing day of the whole page or feed
    curators: str = ""  #: "AK and the research community"
    cut: bool = False  #: the bytes end in the middle of the last entry
    kind: str = ""  #: what the bytes turned out to be: "RSS 2.0", "Atom 1.0", "JSON Feed 1.1", …
