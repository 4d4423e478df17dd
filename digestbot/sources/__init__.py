"""The contract of a source: bytes in, entries out, no I/O.

A kind of source is a class registered under the entry-point group `digestbot.sources`. `digestbot.testing.sources`
holds the suite that every kind has to pass, ours and a stranger's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Protocol

from digestbot.model.wire import ParseResult, Request, Response


class Source(Protocol):
    """One configured source. Pure: no network, no clock, no file; the same arguments give the same values.

    A source that knows its calendar may also have `quiet(after, until) -> str`: why nothing can have come from it in
    (after, until] (aware UTC), for people, "" when something should have.
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
