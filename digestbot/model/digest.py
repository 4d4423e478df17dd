"""From match to digest: what was found for one person, why, and how it stands in their mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from digestbot.model.paper import Paper, PaperId
from digestbot.model.people import Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The moment one digest is due."""

    key: str  #: unique per subscriber: local wall time "2026-11-23T07:30"; for `every` the instant "2026-11-23T06:30:00Z"
    due: datetime  #: aware UTC
    local: datetime  #: wall clock in the subscriber's zone; naive on purpose, for showing

    def __post_init__(self) -> None:
        if self.due.utcoffset() != timedelta(0) or self.local.tzinfo is not None:
            raise ValueError(f"slot needs a UTC due and a naive local time: {self.due!r}, {self.local!r}")


TRENDING = "Trending: "  #: begins the note of a topic's paper that is trending too; what was seen of it follows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that made a rule true: which field, and the words as they stand there."""

    field: str  #: long name: title, abstract, author, category, source, venue, upvotes, code, …
    text: str  #: "Flow Matching" as in the text; for comparisons the value, "41"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScorePart:
    """One summand of the score by which a paper stands in its topic."""

    name: str  #: words | your votes | new | community
    points: float
    detail: str = ""  #: what moved it: "state space ▲, survey ▼"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Paper × rule: it is true, and why."""

    reasons: tuple[Reason, ...] = ()
    score: float = 0.0


class Fate(StrEnum):
    """What `select` decided about one paper for one subscriber."""

    SHOWN = "shown"
    MORE_LIMIT = "more: the topic's limit"
    MORE_MAX = "more: max_papers"
    MORE_LIKE = "more: much like papers above it"
    MUTED = "muted"
    ALREADY_SENT = "already sent"
    KNOWN = "in their library, or voted on: no news for them"
    REPLACEMENT = "a new version of a paper that was announced before"
    WITHDRAWN = "withdrawn or retracted before it was sent"
    RECORD = "in the record only: old as it came, or of somebody's library"
    TOO_OLD = "first seen before the topic reaches back"
    NOT_BEST = "matched, and others of its week or month were better"
    BEST_LIKE = "matched, and much like others that stand in the best of its week or month"
    WAITS = "its topic comes weekly or monthly, and not in this digest"
    NO_MATCH = "no match"


class Silence(StrEnum):
    """Why a slot brought no mail: the closed list of `status`, `explain` and quiet-day mails."""

    NO_MATCH = "no_match"  #: new papers came, none matched
    NOTHING_NEW = "nothing_new"  #: every source answered, and had no new paper
    SOURCE_QUIET = "source_quiet"  #: nothing new, as is usual on this day: a weekend or a holiday of its sources
    SOURCE_FAILING = "source_failing"  #: nothing new, and at least one source could not be read
    NOT_POLLED = "not_polled"  #: no source was ever read
    WAITS = "waits"  #: all they follow comes weekly or monthly, and not in this digest
    PAUSED = "paused"
    LEFT = "left"  #: unsubscribed
    SUPPRESSED = "suppressed"  #: the address must not be mailed
    FEED = "feed"  #: they chose their feed alone: it has the papers
    COVERED = "covered"  #: a later digest covers this slot
    QUEUED = "queued"  #: composed, waits to be sent
    DEFERRED = "deferred"  #: composed, the mail server said: later
    REFUSED = "refused"  #: composed, the mail server said: no
    HELD = "held"  #: handed over, no answer came; a person decides
    UNKNOWN = "unknown"  #: handed over, no answer came; it is sent once more after a while
    EXPIRED = "expired"  #: could not be sent in time; its papers come with the next digest
    CANCELLED = "cancelled"  #: taken out of the outbox
    NOT_YET = "not_yet"  #: no slot has come yet
    FAILED = "failed"  #: could not be composed


class Grade(StrEnum):
    """How much a paper of a best list deserves its reader's time."""

    MUST = "must"  #: it stands out of what else there was
    RELATED = "related"


class Span(StrEnum):
    """The time of which a best list holds the best."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class BestOf:
    """What makes a section part of a best list."""

    span: Span
    places: int  #: papers of the list, in both grades
    of: int  #: papers it was chosen from
    grade: Grade | None = None  #: of this section's papers; None where none of the list stands out


class SlotState(StrEnum):
    """What became of one slot of one subscriber."""

    COMPOSED = "composed"  #: it has a digest
    EMPTY = "empty"  #: nothing to tell, and no mail was wanted for that
    COVERED = "covered"  #: a later digest covers it
    PAUSED = "paused"
    SUPPRESSED = "suppressed"
    LEFT = "left"  #: unsubscribed
    FAILED = "failed"  #: could not be composed; only in reports, such a slot is not stored


class EditionState(StrEnum):
    """May an edition still change?"""

    OPEN = "open"
    CLOSED = "closed"


class ItemPlace(StrEnum):
    """Where an item of a digest stands."""

    MAIL = "mail"  #: on a card
    MORE = "more"  #: on the digest's page only, or as a title line


class SectionKind(StrEnum):
    """What a section of a digest gathers."""

    TOPIC = "topic"
    DISCOVER = "discover"  #: what no topic matches and the reader's votes speak for
    UPDATES = "updates"  #: of papers the reader has had
    TRENDING = "trending"
    EDITION = "edition"  #: for readers without topics
    BEST = "best"  #: the best list of a reader without topics


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One paper in one digest."""

    paper: Paper
    kind: str = "new"  #: "new", or the keys of the events it tells: "v2", "accepted+v2"
    topic: str = ""  #: the topic it stands under; "" in updates, trending and the edition
    also: tuple[str, ...] = ()  #: other topics it matches too
    reasons: tuple[Reason, ...] = ()
    score: float = 0.0
    score_parts: tuple[ScorePart, ...] = ()  #: what the score is the sum of; () outside topics
    place: ItemPlace = ItemPlace.MAIL
    note: str = ""  #: a sentence of ours: "You had v1 on Wed 30 September.", "41 votes · in 3 sources"
    beside: Paper | None = None  #: perhaps the same as this one: both stand on one card
    beside_had: bool = False  #: that one was in an earlier digest; else it is news of this one too
    follows: str = ""  #: a person whom they follow and whose it perhaps is; "" where nobody is asked

    @property
    def kinds(self) -> tuple[str, ...]:
        """Each thing it tells: none of them is told to the same person again."""
        return tuple(self.kind.split("+"))

    def papers(self) -> tuple[Paper, ...]:
        """The papers that it is news of."""
        return (self.paper, self.beside) if self.beside is not None and not self.beside_had else (self.paper,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A heading and the items below it. `items` stand in the mail, `more` only on the digest's page or as title lines."""

    kind: SectionKind
    title: str
    note: str = ""  #: the rule of a topic; a line of explanation elsewhere
    items: tuple[Item, ...] = ()
    more: tuple[Item, ...] = ()
    best: BestOf | None = None  #: None: everything of the topic, as it comes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How complete one part of a source is: papers got of those listed since the last digest."""

    part: str = ""  #: an arXiv category; "" for a source that is not divided
    got: int = 0
    expected: int | None = None  #: None: not known yet
    note: str = ""  #: "still filling", "Tuesday missed", "Thursday 13 so far"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolledSource:
    """A line of the footer: what one source brought since the last digest."""

    ref: str  #: its name in the configuration
    name: str  #: as people see it
    new: int = 0  #: papers first seen from it
    sent: int = 0  #: of these, in this mail
    state: Literal["ok", "quiet", "failing", "never"] = "ok"  #: never: not polled yet
    note: str = ""  #: "announces nothing on a holiday", "since Mon 06:10 UTC: 503 from api.biorxiv.org"
    tally: tuple[Tally, ...] = ()  #: () for a source that does not list by days


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The addresses that are only this reader's; "" where there is no web address."""

    page: str = ""  #: the digest's own page, with *more*
    leave: str = ""  #: unsubscribe and pause
    feed: str = ""  #: folder of their private feeds
    preferences: str = ""  #: where they change topics and schedule
    leave_word: str = ""  #: what a mail that unsubscribes has to say besides, to prove who wrote it
    votes: str = ""  #: with a paper's public id and "/more" or "/fewer" after it: a vote for or against its like


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one subscriber gets for one slot. Everything the mail shows is in here."""

    subscriber: Subscriber
    slot: Slot
    site: str  #: the site's name, for the masthead
    composed: datetime  #: aware UTC; also the mail's Date
    sections: tuple[Section, ...] = ()
    considered: int = 0  #: papers that were new for this slot
    waits: bool = False  #: it holds nothing because what they follow comes weekly or monthly
    polled: tuple[PolledSource, ...] = ()
    next_slot: Slot | None = None
    contact: str = ""
    id: int | None = None
    links: Links = Links()  #: made when it is shown: they are never stored

    def items(self, place: ItemPlace | None = None) -> tuple[Item, ...]:
        """Items in reading order; all, or only those of one place."""
        chosen = (
            (s.items if p is ItemPlace.MAIL else s.more) for s in self.sections for p in ItemPlace if place in (None, p)
        )
        return tuple(item for group in chosen for item in group)

    def paper_ids(self) -> tuple[PaperId, ...]:
        """Ids of all papers in it, mail and more, and those that are news beside another."""
        return tuple(p.id for i in self.items() for p in i.papers() if p.id is not None)
