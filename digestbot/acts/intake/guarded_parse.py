"""Reading: a source's parser, guarded. Whatever a reply holds, and whatever a stranger's reader makes of it, costs at most
the items that are to blame."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from digestbot.model import Broken, Entry, ParseResult, Problem, ReadStatus, Response
from digestbot.sources import Source
from digestbot.store.tables.json_codec import dumps

SHOWN_BYTES = 64 * 1024  #: bytes of a reply that broke its reader, shown to people; the whole one is kept beside


def parse_reply(source: Source, response: Response, now: datetime) -> ParseResult:
    """What the source makes of a reply. A source may not raise; one that does is unreadable."""
    try:
        return source.parse(response, now)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        problem = Problem(what=f"its reader failed: {said}", hint="`digestbot quarantine list` holds the reply")
        broken = Broken(position=0, data=response.body[:SHOWN_BYTES], error=said)
        return ParseResult(status=ReadStatus.UNREADABLE, problems=(problem,), broken=(broken,))


def storable(result: ParseResult) -> ParseResult:
    """Only the entries whose texts are texts: half a character, or a value of another type, is broken."""
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
    """The entries, but for half an entry without an identifier: the whole one, next time, would be another paper."""
    half = result.cut and result.entries and not result.entries[-1].identifiers
    return result.entries[:-1] if half else result.entries
