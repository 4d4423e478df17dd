"""Rows: one frozen value for each kind of row that the store returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from digestbot.model import EditionState, SlotState
from digestbot.model.digest import Fate
from digestbot.model.paper import Entry, FrozenMap, Paper, PaperId
from digestbot.model.people import SubscriberId
from digestbot.model.wire import ReadStatus
from digestbot.papers.facts.events import EventKind
from digestbot.papers.identity.title_features import TitleFeatures

RESTORED = "restored"  #: the mark of a restore: what was known until then counts as sent
CUT = "the list was not read to its end"  #: what a poll's `error` says
GAVE_UP = "left at that"  #: and how it begins when the source told of more, each time it was asked
Key = tuple[str, str]  #: (scheme, value) of an identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """What we remember of one source between polls."""

    name: str
    kind: str
    state: Mapping[str, Any] = field(default_factory=FrozenMap[str, Any])  #: the source's own, JSON values
    validators: Mapping[str, Any] = field(
        default_factory=FrozenMap[str, Any]
    )  #: url -> [etag, last_modified, sha of the body]
    moved: Mapping[str, str] = field(default_factory=FrozenMap[str, str])  #: url -> where it permanently went
    status: ReadStatus | None = None  #: of the last poll; None: never polled
    failures: int = 0  #: failed polls in a row
    failing_since: datetime | None = None
    next_poll: datetime | None = None  #: None: at once
    last_poll: datetime | None = None
    last_ok: datetime | None = None  #: last poll that did not fail
    newest: datetime | None = None  #: first seen of the newest new entry
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An address that must not be mailed. Only its hash is kept; the address is known while a subscriber has it."""

    email_hash: str
    reason: str
    since: datetime
    until: datetime | None = None  #: lifted by itself then
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A text of the whole site, and since when it holds."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """One poll of one source and how it went."""

    source: str
    at: datetime
    status: ReadStatus
    run: str = ""
    got: int = 0  #: entries read
    new: int = 0  #: entries not seen before
    expected: int | None = None
    problems: int = 0
    error: str = ""


class Added(NamedTuple):
    """What happened to one entry in `add_entries`."""

    id: int
    fresh: bool  #: this content was not stored before
    known_key: bool  #: the source had said something under this native key before


class NewPaper(NamedTuple):
    """A paper to be stored, the keys it is found by, and when its first entry was seen (aware UTC)."""

    paper: Paper
    keys: Sequence[Key]
    seen: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEntry:
    """An entry with what is known about how it came."""

    id: int
    source: str
    entry: Entry
    seen: datetime
    old: bool = False  #: it was old when it came: into the record only
    named: str = ""  #: as a mention: "scheme:value" of the paper where the entry only speaks of it
    home: PaperId | None = None  #: its paper before the last rebuild


class Joined(NamedTuple):
    """A mention to be stored."""

    entry: int
    paper: PaperId
    reason: str
    named: str = ""  #: "scheme:value" where the entry only speaks of the paper


class DecisionKind(StrEnum):
    """What is decided about two entries."""

    MUST = "must"  #: one paper, by hand
    CANNOT = "cannot"  #: different papers, by hand
    PERHAPS = "perhaps"  #: their words are alike, and nobody has said


class Stage(StrEnum):
    """The step that an item of a reply, an entry, a paper or a mail broke."""

    PARSE = "parse"
    RESOLVE = "resolve"
    INDEX = "index"
    RENDER = "render"
    PUBLISH = "publish"
    INBOX = "inbox"  #: a returned mail that a person has to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that two entries must, cannot or perhaps may be one paper."""

    kind: DecisionKind
    entry_a: int
    entry_b: int
    reason: str = ""
    by: str = ""  #: "words", or who said so by hand
    at: datetime


class Near(NamedTuple):
    """What `texts_near` found."""

    under: Mapping[int, Sequence[int]]  #: block → the numbers of its texts, ascending
    signers: Mapping[int, int]  #: `TitleFeatures.signers` of each number
    texts: Sequence[tuple[TitleFeatures, PaperId]]  #: those worth a look


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened to a paper after it was first seen (see `papers.facts.events`)."""

    paper: PaperId
    kind: EventKind
    key: str  #: "v2"; else mostly like its kind
    at: datetime  #: when the entry that tells it was seen
    note: str = ""  #: a clause for people: "v2 changes the title"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRow:
    """What happened to one slot of one subscriber."""

    subscriber: SubscriberId
    key: str
    due: datetime
    state: SlotState
    covered_by: str = ""  #: the key of the slot whose digest covers this one
    reason: str = ""  #: a `Silence`; "" for a slot that brought papers
    decided: datetime | None = None  #: papers first seen until then were considered
    fates: Mapping[PaperId, Fate] = field(default_factory=FrozenMap[PaperId, Fate])  #: matched, and held back; why
    seen: int = 0  #: papers that were new for it
    matched: int = 0
    chosen: int = 0
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownItem:
    """What a subscriber was shown of one paper, and when."""

    paper: PaperId
    kind: str  #: "new" or the key of an event
    version: int | None
    at: datetime  #: composed


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The dated daily page: its papers in order, each with its sentence."""

    day: str  #: "2026-11-23" in the site's zone
    state: EditionState
    closes: datetime
    items: tuple[tuple[PaperId, str], ...] = ()
    updated: datetime  #: when its items last changed


@dataclass(frozen=True, slots=True, kw_only=True)
class PutAside:
    """What broke a step: an item of a reply, an entry or a paper."""

    stage: Stage
    subject: str  #: what it is, once for each stage: "item:SHA", "entry:12", "paper:7"
    error: str
    id: int = 0
    source: str = ""  #: who said it
    entry: int | None = None
    paper: PaperId | None = None
    sha: str = ""  #: of the reply it came in
    position: int = 0  #: in that reply
    title: str = ""
    data: bytes = b""  #: an item's own bytes; entries and papers stand in their tables
    at: datetime | None = None  #: first, aware UTC
    last: datetime | None = None  #: tried last
    tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """What is stored of a link's token: never the token itself."""

    hash: str  #: SHA-256 in hex
    purpose: str
    subscriber: SubscriberId
    digest: int | None = None
