"""Calls a source's parser on a reply. Whatever the reply holds, and whatever a stranger's parser makes of it, costs at
most the items that are to blame: what raises, hangs or fills the memory becomes a value."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pickle import PickleError
from typing import Protocol

from digestbot.acts.intake.parse_reply import failed_reply, parse_reply
from digestbot.errors import CallDied, CallLimit, CallUnfit
from digestbot.model import Broken, Entry, ParseResult, Problem, ReadStatus, Response
from digestbot.sources import Source
from digestbot.store.tables.json_codec import dumps
from digestbot.system.limited_calls import LimitedCalls

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Calls a source's parser on a reply."""

    async def read(self, source: Source, response: Response, now: datetime) -> ParseResult:
        """What the source makes of the reply. Raises nothing: a parser that fails is an unreadable reply with its bytes."""

    def read_now(self, source: Source, response: Response, now: datetime) -> ParseResult:
        """The same, for callers without an event loop."""

    def close(self) -> None:
        """End what it started."""


class ReadHere:
    """In a thread of this process, without limits: for tests, and platforms that start no processes."""

    async def read(self, source: Source, response: Response, now: datetime) -> ParseResult:
        """Can be neither stopped nor limited."""
        return await asyncio.to_thread(parse_reply, source, response, now)

    def read_now(self, source: Source, response: Response, now: datetime) -> ParseResult:
        """In the caller's thread."""
        return parse_reply(source, response, now)

    def close(self) -> None:
        """Nothing was started."""


class ReadElsewhere:
    """Parses in another process, within limits of time and memory."""

    def __init__(self, calls: LimitedCalls) -> None:
        self._calls = calls
        self._told: set[type] = set()

    def _tell(self, source: Source, error: CallUnfit) -> None:
        """Once for each kind of source: a plug-in that holds what cannot be pickled is read here, without limits."""
        if type(source) not in self._told:
            self._told.add(type(source))
            log.warning("%s is read without limits: %s", type(source).__name__, error.what)

    async def read(self, source: Source, response: Response, now: datetime) -> ParseResult:
        """A reader that is cancelled is ended."""
        try:
            return await self._calls.call(parse_reply, source, response, now)
        except CallUnfit as error:
            self._tell(source, error)
            return await HERE.read(source, response, now)
        except _NO_ANSWER as error:
            return _unanswered(response, error)

    def read_now(self, source: Source, response: Response, now: datetime) -> ParseResult:
        """In the same processes."""
        try:
            return self._calls.call_now(parse_reply, source, response, now)
        except CallUnfit as error:
            self._tell(source, error)
            return parse_reply(source, response, now)
        except _NO_ANSWER as error:
            return _unanswered(response, error)

    def close(self) -> None:
        """End the processes."""
        self._calls.close()


HERE = ReadHere()
_NO_ANSWER = (CallDied, PickleError)


def _unanswered(response: Response, error: Exception) -> ParseResult:
    said = f"its reader {error.what}" if isinstance(error, CallLimit) else f"its reader failed: {error}"
    return failed_reply(response, said)


Parse = Callable[[Source, Response, datetime], ParseResult]  #: `parse_reply`, or `Reader.read_now`


def storable(result: ParseResult) -> ParseResult:
    """Returns the result without entries that no database stores: half a character, a value of another type."""
    kept, broken = [], []
    for position, entry in enumerate(result.entries, 1):
        try:
            dumps(entry).encode()
            if "\x00" in entry.native_key:
                raise ValueError("a NUL in its native key")
            kept.append(entry)
        except (ValueError, TypeError, AttributeError) as error:
            said = f"{type(error).__name__}: {error}".encode("utf-8", "backslashreplace").decode()
            broken.append(Broken(position=position, data=repr(entry).encode("utf-8", "backslashreplace"), error=said))
    if not broken:
        return result
    count = "an entry" if len(broken) == 1 else f"{len(broken)} entries"
    problem = Problem(what=f"{count} could not be stored", hint="`digestbot quarantine list` holds what it said")
    status = ReadStatus.PARTIAL if result.status is ReadStatus.OK else result.status
    return replace(
        result,
        status=status,
        entries=tuple(kept),
        broken=(*result.broken, *broken),
        problems=(*result.problems, problem),
    )


def complete_entries(result: ParseResult) -> tuple[Entry, ...]:
    """Returns the entries without a last one that is cut off and has no identifier: whole, it would be another paper."""
    half = result.cut and result.entries and not result.entries[-1].identifiers
    return result.entries[:-1] if half else result.entries
