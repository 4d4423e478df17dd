"""The page an entry has of its own: what a lab's post has where a paper has an identifier. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

_TRACKS: Final = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id", re.IGNORECASE)
_ASIDE: Final = re.compile(r"comments?|respond|more-\d+|top|rss|:~:.*|.*utm_.*", re.IGNORECASE)


def page(link: str) -> str:
    """An address in one form: without its scheme, `www.`, what tracks readers and the last slash. "" of none, and of a home
    page, which is nobody's own."""
    try:
        parts = urlsplit(link.strip())
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    asked = urlencode(
        [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKS.fullmatch(pair[0])]
    )
    path = parts.path.rstrip("/")
    place = "" if _ASIDE.fullmatch(parts.fragment) else parts.fragment
    if not (path or asked or place):
        return ""
    return f"{parts.hostname.removeprefix('www.')}{port}{path}{'?' * bool(asked)}{asked}{'#' * bool(place)}{place}"


def host(own: str) -> str:
    """Of a page in that form."""
    return re.split(r"[/?#]", own, maxsplit=1)[0]
