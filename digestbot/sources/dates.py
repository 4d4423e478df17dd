"""Dates as feeds write them, as precise as they were given. Guessing is worse than not knowing."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from digestbot.model import PartialDate
from digestbot.papers.text import fold

_ISO = re.compile(
    r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?"
    r"(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?\s*\Z",
    re.I,
)

#: `Seg, 24 Set 2018 19:42:40 -0300`: the order of RFC 822 with another language's words or blanks where none belong
_WORDED = re.compile(
    r"(?<!\d)(\d{1,2})\.?\s+([^\W\d_]{3,10})\.?\s+(\d{4})(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*(Z|GMT|UTC?|[+-]\d\d:?\d\d)?)?\s*\Z"
)
#: first letters of the months in English, German, French, Spanish, Portuguese, Italian and Dutch, without accents
_MONTHS = (
    "jan ene gen", "feb fev", "mar maa mrt", "apr abr avr", "may mai mag mei", "jun juin giu", "jul juil lug",
    "aug ago aou", "sep set", "oct okt out ott", "nov", "dec dez dic",
)  # fmt: skip


def date_of(text: Any, parsed: Any = None) -> PartialDate | None:
    """ISO 8601 (2026, 2026-11, 2026-11-23, with or without time), RFC 822, or what feedparser made of it.

    A time without a zone is taken as UTC, as feedparser does. None when it is no date.
    """
    if not isinstance(text, str) or not text.strip():
        return None
    try:
        return _iso(text) or _rfc822(text) or _from_struct(parsed) or _worded(text)
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
    return PartialDate.of(datetime.fromtimestamp(timegm(parsed), UTC)) if parsed else None


def _worded(text: str) -> PartialDate | None:
    found = _WORDED.search(text)
    month = _month(found.group(2)) if found else 0
    if not found or not month:
        return None
    day, _, year, hour, minute, second, zone = found.groups()
    written = f"{year}-{month:02}-{day.zfill(2)}"
    if hour is None:
        return PartialDate(written)
    return _iso(f"{written}T{hour}:{minute}:{second or '00'}{zone if zone and zone[0] in '+-' else 'Z'}")


def _month(word: str) -> int:
    """1 to 12, or 0: `jui` alone could be two months, so all that is known of a word has to fit."""
    name = fold(word)
    return next((n for n, starts in enumerate(_MONTHS, 1) if name.startswith(tuple(starts.split()))), 0)
