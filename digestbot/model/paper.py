"""Entry (what one source said, once), Paper (the work), and the small values both are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final, Literal, NewType, NoReturn, TypeVar

PaperId = NewType("PaperId", int)

K = TypeVar("K")
V = TypeVar("V")


class FrozenMap(dict[K, V]):
    """A dict that cannot change and can be hashed and pickled: identifiers and signals of frozen values."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("this mapping is frozen; build a new one")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __hash__(self) -> int:  # type: ignore[override]  # dict says None
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return FrozenMap, (dict(self),)


_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(?:\.\d+)?Z)?)?)?\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as precise as it was given: `2026`, `2026-11`, `2026-11-23` or `2026-11-23T07:30:00Z`.

    Raises ValueError for anything else, also for days that do not exist.
    """

    text: str

    def __post_init__(self) -> None:
        if not _PARTIAL.match(self.text):
            raise ValueError(f"not a date of the form 2026, 2026-11, 2026-11-23 or 2026-11-23T07:30:00Z: {self.text!r}")
        self.earliest()

    @classmethod
    def of(cls, moment: datetime | date) -> PartialDate:
        """The day of a date, or the second of an aware datetime (written in UTC)."""
        if not isinstance(moment, datetime):
            return cls(moment.isoformat())
        if moment.tzinfo is None:
            raise ValueError(f"a naive time has no place on the line: {moment!r}")
        return cls(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))

    @property
    def precision(self) -> Literal["year", "month", "day", "instant"]:
        """How much of it was given."""
        match len(self.text):
            case 4:
                return "year"
            case 7:
                return "month"
            case 10:
                return "day"
            case _:
                return "instant"

    def earliest(self) -> datetime:
        """The first instant it can mean, aware UTC."""
        text = self.text  # of one of four lengths, or with parts of a second: what is not there is ""
        month, day, hour = int(text[5:7] or 1), int(text[8:10] or 1), int(text[11:13] or 0)
        minute, second = int(text[14:16] or 0), min(int(text[17:19] or 0), 59)
        return datetime(int(text[:4]), month, day, hour, minute, second, tzinfo=UTC)

    @property
    def is_zero(self) -> bool:
        """The zero of a clock or a calendar, which says nothing: year 1, an instant about the beginning of 1970."""
        if self.text[:4] not in ("0001", "1969", "1970"):
            return False
        begin = self.earliest()
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return begin.year == 1 or (self.precision == "instant" and abs(begin - epoch) <= timedelta(days=1))

    def day(self) -> date:
        """The first day it can mean (UTC)."""
        return self.earliest().date()

    def __str__(self) -> str:
        return self.text

    def __reduce__(self) -> tuple[Any, ...]:
        return PartialDate, (self.text,)


class LinkRel(StrEnum):
    """What a link of a paper leads to."""

    ABSTRACT = "abstract"  #: the paper's own page
    PDF = "pdf"
    HTML = "html"
    CODE = "code"
    PROJECT = "project"
    DISCUSSION = "discussion"
    NOTICE = "notice"  #: of a retraction and its like
    DOI = "doi"
    RELATED = "related"  #: anything else, and what a plug-in calls by a word that is not in this list

    @classmethod
    def _missing_(cls, value: object) -> LinkRel:
        return cls.RELATED


class Standing(StrEnum):
    """Whether the paper still holds. STANDS is false, so that `if paper.standing` asks for a fallen one."""

    STANDS = ""
    WITHDRAWN = "withdrawn"  #: by its authors
    RETRACTED = "retracted"  #: by its publisher


class NoticeKind(StrEnum):
    """What was published about a paper after the paper; what says most about how the paper stands comes first."""

    RETRACTION = "retraction"
    WITHDRAWAL = "withdrawal"
    REINSTATEMENT = "reinstatement"  #: the paper stands again
    CONCERN = "concern"  #: an expression of concern
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Link:
    """An address and what it leads to."""

    rel: LinkRel  #: a plug-in may give the word; one that is not in the list becomes RELATED
    href: str  #: absolute, http or https

    def __post_init__(self) -> None:
        if not isinstance(self.rel, LinkRel):
            object.__setattr__(self, "rel", LinkRel(self.rel))

    def __reduce__(self) -> tuple[Any, ...]:
        return Link, (self.rel, self.href)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What was published about a paper after the paper: it names the paper by an identifier of its own."""

    kind: NoticeKind  #: a plug-in may give the word; ValueError for one that is not in the list
    id: str = ""  #: the notice's own identifier, as "scheme:value"; "" where it has none
    day: PartialDate | None = None
    by: str = ""  #: who says so: "Retraction Watch", "PubMed", "the publisher"
    reason: str = ""  #: in their words

    def __post_init__(self) -> None:
        if not isinstance(self.kind, NoticeKind):
            object.__setattr__(self, "kind", NoticeKind(self.kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What one source said about one paper at one time. Text fields are plain text: no HTML, LaTeX as it came.

    Identity is in `identifiers`, by scheme: `arxiv` (without version), `arxiv_version` ("2"), `doi` (lower case),
    `pmid`, `acl`, … The three dates differ on purpose: `published` is the paper's, `announced` the source's listing
    day, and when *we* first saw it stands with the stored entry.
    """

    title: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  #: who wrote it, and where, by id: ORCID, OpenAlex author (A…), ROR of an institution
    categories: tuple[str, ...] = ()
    published: PartialDate | None = None
    updated: PartialDate | None = None
    announced: PartialDate | None = None
    link: str = ""  #: the entry's own page at its source; "" when there is none
    identifiers: Mapping[str, str] = field(default_factory=FrozenMap[str, str])
    announce_type: str = ""  #: arXiv's: new | cross | replace | replace-cross
    submitter: str = ""
    links: tuple[Link, ...] = ()
    signals: Mapping[str, int] = field(default_factory=FrozenMap[str, int])  #: upvotes, comments, stars
    venue: str = ""
    language: str = ""  #: BCP 47, lower case: "en"
    comment: str = ""  #: authors' remark, e.g. "Accepted at ICML"
    tldr: str = ""  #: the source's own one-sentence summary
    rights: str = ""
    native_key: str = ""  #: what the source calls this entry (guid, id, DOI…); never shown
    #: further identifiers of this very work, as "scheme:value": a preprint's journal DOI, a journal copy's preprint
    same_as: tuple[str, ...] = ()
    #: other works it speaks of, as "scheme:value": what a blog post or an aggregator links to
    mentions: tuple[str, ...] = ()
    standing: Standing = Standing.STANDS
    notices: tuple[Notice, ...] = ()  #: what was published about this very work
    reason: str = ""  #: why its source brought it, in the source's words: "Google Scholar: citing “A Study”"
    serial: bool = False  #: stands beside other works of its title in its source's list: `Notice`, `Weekly links`

    def __post_init__(self) -> None:
        _freeze(self)

    def __getstate__(self) -> tuple[Any, ...]:
        return _STATE(self)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        for put, value in zip(_PUT, state, strict=True):
            put(self, value)


#: an entry's state for pickle, as it comes from the process that reads replies: the way of dataclasses themselves looks the
#: fields up for each value, and takes five times as long
_STATE: Final = attrgetter(*Entry.__slots__)
_PUT: Final = [getattr(Entry, name).__set__ for name in Entry.__slots__]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """The work itself, joined from many entries. Text fields are clean Unicode (`papers.clean`).

    `id` is None for a paper that is not stored: rules and ranking need none.
    """

    title: str = ""
    summary: str = ""
    authors: tuple[str, ...] = ()
    affiliations: tuple[str, ...] = ()
    people: tuple[str, ...] = ()  #: who wrote it, and where, by id: ORCID, OpenAlex author (A…), ROR of an institution
    categories: tuple[str, ...] = ()
    published: PartialDate | None = None
    updated: PartialDate | None = None
    announced: PartialDate | None = None
    link: str = ""
    identifiers: Mapping[str, str] = field(default_factory=FrozenMap[str, str])
    links: tuple[Link, ...] = ()
    signals: Mapping[str, int] = field(
        default_factory=FrozenMap[str, int]
    )  #: newest of each kind, by source the largest
    venue: str = ""
    language: str = ""
    comment: str = ""
    tldr: str = ""
    rights: str = ""
    id: PaperId | None = None
    public_id: str = ""  #: stable for ever, in addresses and feeds
    version: int | None = None  #: the highest known; None where the source has no versions
    first_seen: datetime | None = None  #: ours, aware UTC
    same_as: tuple[str, ...] = ()  #: further identifiers of this very work, as "scheme:value"
    standing: Standing = Standing.STANDS
    notices: tuple[Notice, ...] = ()  #: what was published about it, the oldest first
    reasons: tuple[str, ...] = ()  #: why sources brought it, in their words
    replacement: bool = False  #: known only from announcements of later versions: no news for anybody
    old: bool = False  #: known only from entries that were old when they came: in the record, no news for anybody
    sources: tuple[str, ...] = ()  #: names of the sources that carry it, in the order they came

    def __post_init__(self) -> None:
        _freeze(self)
        if self.first_seen is not None and self.first_seen.utcoffset() != timedelta(0):
            raise ValueError(f"first_seen must be aware UTC: {self.first_seen!r}")

    @property
    def stored_id(self) -> PaperId:
        """The id of a paper read from the store. Raises ValueError for one that was only assembled."""
        if self.id is None:
            raise ValueError(f"{self.public_id or self.title!r} was not read from the store")
        return self.id

    @property
    def came(self) -> datetime:
        """When a paper read from the store was first seen. Raises ValueError for one that was only assembled."""
        if self.first_seen is None:
            raise ValueError(f"{self.public_id or self.title!r} was not read from the store")
        return self.first_seen


def _freeze(value: Entry | Paper) -> None:
    """Lists become tuples and dicts frozen maps, so that a value handed on cannot change under its holder.

    The word of a standing becomes its member; ValueError for a word that is none.
    """
    for name in ("identifiers", "signals"):
        given = getattr(value, name)
        if not isinstance(given, FrozenMap):
            object.__setattr__(value, name, FrozenMap(given))
    if not isinstance(value.standing, Standing):
        object.__setattr__(value, "standing", Standing(value.standing))
    own = ("sources", "reasons") if isinstance(value, Paper) else ("mentions",)
    for name in ("authors", "affiliations", "people", "categories", "links", "same_as", "notices", *own):
        given = getattr(value, name)
        if not isinstance(given, tuple):
            object.__setattr__(value, name, _as_tuple(name, given))


def _as_tuple(name: str, given: Iterable[Any]) -> tuple[Any, ...]:
    if isinstance(given, str):
        raise TypeError(f"{name} is a list of values, not one text: {given!r}")
    return tuple(given)
