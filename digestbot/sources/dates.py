"""Dates as feeds write them, as precise as they were given. Guessing is worse than not knowing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from digestbot.model import PartialDate

_ISO = re.compile(r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?\s*\Z", re.I)


def date_of(text: Any, parsed: Any = None) -> PartialDate | None:
    """ISO 8601 (2026, 2026-11, 2026-11-23, with or without time), RFC 822, or what feedparser made of it.

    A time without a zone is taken as UTC, as feedparser does. None when it is no date.
    """
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return _iso(text) or _rfc822(text) or _from_struct(parsed)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None


def _iso(text: str) -> PartialDate | None:
    found = _ISO.match(text)
    if not found:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    if hour is None:
        return PartialDate("-".join(part.zfill(2) for part in (year, month, day) if part))
    if day is None:
        return None
    shift = "+00:00" if zone in (None, "Z", "z") else zone if ":" in zone else f"{zone[:3]}:{zone[3:]}"
    moment = f"{year}-{month.zfill(2)}-{day.zfill(2)}T{hour.zfill(2)}:{minute}:{second or '00'}{shift}"
    return PartialDate.of(datetime.fromisoformat(moment))


def _rfc822(text: str) -> PartialDate | None:
    try:
        moment = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError):
        return None
    return PartialDate.of(moment if moment.tzinfo else moment.replace(tzinfo=UTC)) if moment.year >= 1900 else None


def _from_struct(parsed: Any) -> PartialDate | None:
    return PartialDate.of(datetime(*parsed[:6], tzinfo=UTC)) if parsed else None
