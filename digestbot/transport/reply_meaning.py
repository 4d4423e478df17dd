"""What a reply means, decided from status and headers alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit, urlunsplit

from digestbot.model import Budget, ReadStatus

LONGEST_WAIT = timedelta(hours=24)
LONGEST_PAUSE = 60.0  #: seconds between two requests
EPOCH_SECONDS, MAX_EPOCH = 1_000_000_000, 4_000_000_000  #: from here on a number is an instant
TRY_LATER = frozenset({408, 425, 429, 500, 502, 503, 504})


def verdict(status: int) -> ReadStatus:
    """One word for a status that is no redirect."""
    if 200 <= status < 300:
        return ReadStatus.OK
    if status == 304:
        return ReadStatus.UNCHANGED
    if status == 410:
        return ReadStatus.GONE
    return ReadStatus.LATER if status in TRY_LATER or status >= 500 else ReadStatus.UNREADABLE


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Retry-After in both forms (RFC 9110 10.2.3), at most a day from now; None when it is absent, past or no sense."""
    given = headers.get("retry-after", "").strip()
    if not given:
        return None
    if re.fullmatch(r"[0-9]+", given):
        wait = timedelta(seconds=int(given[:9])) if len(given) < 10 else LONGEST_WAIT
        return now + min(wait, LONGEST_WAIT) if wait else None
    moment = http_date(given)
    return min(moment, now + LONGEST_WAIT) if moment and moment > now else None


def fresh_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when the server says nothing changes: Cache-Control max-age, else Expires (RFC 9111 4.2.1)."""
    control = headers.get("cache-control", "").lower()
    if "no-cache" in control or "no-store" in control:
        return None
    if control and (found := re.search(r"(?<![\w-])max-age\s*=\s*\"?(\d{1,9})", control)):
        return now + min(timedelta(seconds=int(found.group(1))), LONGEST_WAIT)
    expires = http_date(headers.get("expires", ""))
    return min(expires, now + LONGEST_WAIT) if expires and expires > now else None


def rate_limit_pause(headers: Mapping[str, str]) -> float:
    """Seconds between two requests under Crossref's `x-rate-limit-limit` and `-interval`, or Zotero's `backoff`; 0 where
    nothing is said."""
    if "backoff" in headers and (backoff := re.fullmatch(r"\s*(\d{1,6})\s*", headers["backoff"])):
        return min(float(backoff.group(1)), LONGEST_PAUSE)
    if "x-rate-limit-limit" not in headers:
        return 0.0
    limit = re.fullmatch(r"\s*(\d{1,6})\s*", headers.get("x-rate-limit-limit", ""))
    interval = re.fullmatch(r"\s*+(\d{1,5})\s*+s?\s*+", headers.get("x-rate-limit-interval", ""))
    if limit is None or interval is None or not int(limit.group(1)):
        return 0.0
    return min(int(interval.group(1)) / int(limit.group(1)), LONGEST_PAUSE)


def budget(headers: Mapping[str, str], now: datetime) -> Budget | None:
    """What OpenAlex still lets us spend today, https://developers.openalex.org/api-reference/authentication."""
    left = _amount(headers.get("x-ratelimit-remaining-usd"))
    if left is None:
        return None
    return Budget(left=left, limit=_amount(headers.get("x-ratelimit-limit-usd")), resets=_reset(headers, now))


def _amount(text: str | None) -> float | None:
    found = re.fullmatch(r"\s*\$?(\d{1,12}(?:\.\d{1,12})?)\s*", text) if text else None
    return float(found.group(1)) if found else None


def _reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Seconds from now, or seconds since 1970."""
    seconds = _amount(headers.get("x-ratelimit-reset"))
    if seconds is None:
        return None
    since_1970 = seconds > EPOCH_SECONDS
    moment = datetime.fromtimestamp(min(seconds, MAX_EPOCH), UTC) if since_1970 else now + timedelta(seconds=seconds)
    return min(moment, now + LONGEST_WAIT) if moment > now else None


def http_date(text: str) -> datetime | None:
    """An HTTP date, aware UTC."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):  # also of a date in year 9999, west of Greenwich
        return None


def without_secrets(url: str) -> str:
    """An address for people: no user, password, query or fragment, where keys like to hide."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return urlunsplit((parts.scheme, f"{host}{port}", parts.path, "", ""))


#: parts of a parameter's name that make its value a key
SECRET_NAME = re.compile(r"key|token|secret|pass|auth(?!ors?\b)|sign?\b|signature|session", re.IGNORECASE)


def without_keys(url: str, instead: str = "") -> str:
    """An address as it may be shown or passed on: no user and password, and of a key in its query nothing, or `instead`."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an address that cannot be read"
    kept = []
    for pair in parts.query.split("&"):
        name, equals, _ = pair.partition("=")
        if not (equals and SECRET_NAME.search(name)):
            kept.append(pair)
        elif instead:
            kept.append(f"{name}={instead}")
    return urlunsplit((parts.scheme, host, parts.path, "&".join(kept), parts.fragment))
