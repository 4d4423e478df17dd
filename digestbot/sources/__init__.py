"""The contract of a source: bytes in, entries out, no I/O.

A kind of source is a class registered under the entry-point group `digestbot.sources`. `digestbot.testing.sources`
holds the suite that every kind has to pass, ours and a stranger's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Protocol, cast, runtime_checkable

from digestbot.model.listing import ListingDay
from digestbot.model.paper import Entry
from digestbot.model.wire import ParseResult, Request, Response


@runtime_checkable
class Listed(Protocol):
    """What a source may have beside `Source` when its papers come in listing days: then the ledger is kept of them."""

    @property
    def parts(self) -> tuple[str, ...]:
        """What each of its days is divided into, e.g. arXiv's categories; ("",) when it is not."""

    def due(self, after: datetime, until: datetime) -> Sequence[ListingDay]:
        """The days whose list should come in (after, until] (aware UTC), by its calendar, oldest first."""

    def listing_day(self, day: date) -> ListingDay:
        """When a day's list comes, is full and is done, also of one that is not in the calendar."""

    def day_of(self, entry: Entry) -> date | None:
        """The listing day an entry belongs to; None when nothing tells."""

    def recover(self, day: date, missed: Sequence[str], now: datetime) -> Sequence[Request]:
        """What asks for one past day once more, another way than `requests` where there is one; () when nothing can.

        `missed`: the parts nothing of that day came from. The other parts are only counted again.
        """


_kinds_with_days: dict[type, bool] = {}


def as_listed(source: Source) -> Listed | None:
    """The source, where its papers come in listing days. Asked once of each class: Python looks at every name of a protocol."""
    found = _kinds_with_days.get(type(source))
    if found is None:
        found = _kinds_with_days[type(source)] = isinstance(source, Listed)
    return cast(Listed, source) if found else None


class Source(Protocol):
    """One configured source. Pure: no network, no clock, no file; the same arguments give the same values.

    A source that knows its calendar may also have `quiet(after, until) -> str`: why nothing can have come from it in
    (after, until] (aware UTC), for people, "" when something should have. One that knows what to do about a refusal may
    have `refused(status, said) -> str`: advice for people to an HTTP status and the server's words, "" where it has none.
    """

    contract: ClassVar[int]  #: version of this contract the kind was written for: 1
    #: keys it takes in [[sources]] beside the common ones (name, kind, url, every, pause, title, abstracts)
    options: ClassVar[frozenset[str]]
    #: (key, seconds between requests) shared by all sources with this key, over all processes and whatever the
    #: address; None: per host and port, no pause
    politeness: ClassVar[tuple[str, float] | None]

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Source:
        """A source from its configuration: its own `options` and `url` ("" when not given).

        Raises ValueError with a message for people, naming the option, when something is missing or wrong.
        """

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The first requests of one poll. `state` is what earlier `ParseResult.state`s left, {} at first.

        `now` is aware UTC.
        """

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Entries and problems of one reply; further pages in `next_requests`. May not raise on any bytes.

        Only replies with a status of 2xx come here. A reply that is not what this kind reads is UNREADABLE with a
        problem that says what it is instead; a valid one without entries is EMPTY, which is no failure.
        """
