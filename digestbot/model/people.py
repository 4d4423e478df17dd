"""Subscribers and their topics, as the store and the configuration both hand them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, NewType

from digestbot.model.paper import PaperId

SubscriberId = NewType("SubscriberId", int)
UNSUBSCRIBED: Final = "unsubscribed"  #: reason of a suppression: they left by themselves, and may come back
ERASED: Final = "erased"  #: they had everything deleted: neither a file nor a form brings the address back


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A named rule with a limit: a subscriber's own, or the site's (public, `@name` in rules)."""

    name: str
    query: str
    limit: int | None = None  #: most papers of this topic in one mail; None: no limit
    mute: bool = False  #: never show what matches; wins over every other topic
    #: instead of a rule: papers, as `arxiv:2611.09001` or `title:…`; `query` then only names them, and is no rule
    like: tuple[str, ...] = ()
    threshold: float = 0.8  #: how like these a paper has to be, 0 to 1; of no meaning for a rule
    best: str = ""  #: "weekly", "weekly fri", "monthly": only the best of that time; "": everything as it comes
    weight: float = 1.0  #: how much its papers count against those of other topics; 0.1 to 10
    since: datetime | None = None  #: in force since, aware UTC; None until stored
    follow: tuple[str, ...] = ()  #: people whom the rule finds by name, as they were written: namesakes are told apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whom we write to, when, and about what."""

    ref: str  #: the stable name in the configuration; the address may change
    email: str
    name: str = ""
    schedule: str = "weekdays 07:30"  #: see digest.schedule
    time_zone: str = "UTC"  #: IANA name
    language: str = "en"  #: of the mails, BCP 47; one without texts of its own is English
    max_papers: int = 15  #: most cards in one mail; the rest is `more`
    when_empty: Literal["skip", "send"] = "skip"
    updates: Literal["none", "important", "all"] = "important"
    trending: int = 3  #: most papers in the trending section; 0: none
    discover: int = 0  #: most papers that no rule matched and their own model likes; 0: none
    best: str = ""  #: as of a topic, for those of their topics that say nothing, or for the edition
    length: Literal["full", "short", "titles"] = "full"  #: of the mails: cards with gists, without, titles alone
    mail: bool = True  #: False: digests are composed for their feed and page, and nothing is mailed
    topics: tuple[Topic, ...] = ()  #: none: they receive the edition
    id: SubscriberId | None = None  #: None until stored
    #: removed: no longer in the configuration; left: unsubscribed by themselves, which beats the configuration
    status: Literal["active", "paused", "removed", "left"] = "active"
    paused_until: datetime | None = None  #: aware UTC; None with status paused: until resumed
    joined: datetime | None = None  #: first read by a command, aware UTC
    next_slot: datetime | None = None  #: aware UTC; None: not planned yet
    token_epoch: int = 0  #: one more, and all links of earlier mails are dead
    feed_epoch: int = 0  #: one more, and the addresses of their feeds are others
    suppressed: str = ""  #: why we must not mail the address; "" when we may
    origin: Literal["file", "web"] = (
        "file"  #: who says what they get: the configuration, or they themselves by the page
    )

    def paused_at(self, now: datetime) -> bool:
        """Whether they get nothing at `now` because of a pause. A pause that is over is none."""
        return self.status == "paused" and (self.paused_until is None or self.paused_until > now)

    @property
    def stored_id(self) -> SubscriberId:
        """The id of somebody read from the store. Raises ValueError for somebody of the configuration."""
        if self.id is None:
            raise ValueError(f"{self.ref} was not read from the store")
        return self.id


SignupMode = Literal["open", "invitation", "closed"]  #: who may subscribe by the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Namesake:
    """One person's word on whether a paper is by somebody whom they follow. The newest counts."""

    subscriber: SubscriberId
    person: str  #: the name, folded
    paper: PaperId
    same: bool  #: False: by another of that name
    at: datetime  #: aware UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """What one person thought of one paper. The newest counts; there is one for each paper."""

    subscriber: SubscriberId
    paper: PaperId
    value: Literal[1, -1]  #: more like this, less like this
    at: datetime  #: aware UTC
    via: Literal["mail", "web", "library", "command"]  #: library: it stood in a collection they imported

    def __post_init__(self) -> None:
        if self.value not in (1, -1) or self.at.utcoffset() != timedelta(0):
            raise ValueError(f"a vote is +1 or -1 at a time in UTC: {self.value!r}, {self.at!r}")
