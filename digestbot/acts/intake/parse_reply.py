"""What a reader's process is asked to do. It is imported there, so it imports no store and no network."""

from __future__ import annotations

from datetime import datetime

from digestbot.model import Broken, ParseResult, Problem, ReadStatus, Response
from digestbot.sources import Source

SHOWN_BYTES = 64 * 1024  #: bytes of a reply that broke its reader, shown to people; the whole one is kept beside
ASIDE = "`digestbot quarantine list` holds the reply"  #: the hint where a reply was polled, and not only looked at


def parse_reply(source: Source, response: Response, now: datetime) -> ParseResult:
    """What the source makes of a reply. A source may not raise; one that does is unreadable."""
    try:
        return source.parse(response, now)
    except MemoryError:
        return failed_reply(response, "its reader took more memory than it may")
    except Exception as error:
        return failed_reply(response, f"its reader failed: {type(error).__name__}: {error}")


def failed_reply(response: Response, said: str) -> ParseResult:
    """The result for a reply that broke its reader: its bytes go aside."""
    problem = Problem(what=said, hint=ASIDE)
    broken = Broken(position=0, data=response.body[:SHOWN_BYTES], error=said.removeprefix("its reader failed: "))
    return ParseResult(status=ReadStatus.UNREADABLE, problems=(problem,), broken=(broken,))
