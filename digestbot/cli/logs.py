"""Logs: one event a line on stderr; words for a terminal, JSON for everything else; addresses and tokens never in clear.

What is masked here is a net below the rule, not the rule: log calls name people by their id and digests by number.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

from digestbot.system.process import run_id

#: an address keeps its domain, which says who refuses mail; a token keeps its purpose
_MASKS = (
    (re.compile(r"(?<![\w.!#$%&'*+/=?^`{|}~-])[\w.!#$%&'*+/=?^`{|}~-]++@(?=[\w-])"), "***@"),
    (re.compile(r"(?<=/[a-z]/)[a-z2-7]{32}"), "***"),
    (re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+@"), "***@"),
    (re.compile(r"([?&](?=[\w-]*(?:key|token|secret|password|auth|sig))[\w-]++=)[^&\s\"']+", re.IGNORECASE), r"\1***"),
)
#: as Python writes them: a terminal obeys control characters, and bidirectional ones turn a line round
_CONTROLS = {
    c: f"\\x{c:02x}" if c < 256 else f"\\u{c:04x}"
    for c in (
        *range(10),
        *range(11, 32),
        *range(0x7F, 0xA0),
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
        *range(0xD800, 0xE000),
    )
}
_LINE_ENDS = {
    ord(sign): f"\\{name}"
    for sign, name in (("\n", "n"), ("\r", "r"), ("\x0b", "x0b"), ("\u2028", "u2028"), ("\u2029", "u2029"))
}
QUIET = ("alembic", "apscheduler", "uvicorn", "asyncio")  #: others' loggers, heard from warnings on
#: it warns of each try to connect, four a second and worker while the database is away: that is said by us, once
QUIETER = ("psycopg.pool",)


def mask(text: str) -> str:
    """Returns the text with addresses, tokens and secrets masked."""
    for pattern, instead in _MASKS:
        text = pattern.sub(instead, text)
    return text


class Lines(logging.Formatter):
    """Formats log records for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Returns one line; more only for a traceback."""
        return mask(super().format(record).translate(_CONTROLS))

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Returns the message on one line, so that text of strangers cannot forge a log line."""
        record.message = record.message.translate(_LINE_ENDS)
        return super().formatMessage(record)


class JsonLines(logging.Formatter):
    """For programs: time, level, logger, event, run, and the error with its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object on one line."""
        event = {
            "time": datetime.fromtimestamp(record.created, UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "run": run_id.get(),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        # masked before they are written as JSON: a mask over JSON may take a quotation mark or half an escape with it.
        # ASCII alone is valid on every stream, and what UTF-8 cannot write is replaced
        said = {name: mask(value).encode("utf-8", "replace").decode() for name, value in event.items() if value}
        return json.dumps(said)


def to_stderr(level: int, stream: TextIO | None = None) -> None:
    """Sends logs to stderr from now on, because stdout belongs to the answer."""
    where = stream or sys.stderr
    handler = logging.StreamHandler(where)
    handler.setFormatter(Lines() if where.isatty() else JsonLines())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    for name in QUIETER:
        logging.getLogger(name).setLevel(logging.ERROR)
