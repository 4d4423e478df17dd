"""The page an entry has of its own: what a lab's post has where a paper has an identifier. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.memo import remembered

_TRACKS: Final = re.compile(
    r"(?:utm|pk|mtm|piwik|at|hsa|wt|_hs|vero|oly|sc|ns)_\w+|wt\.\w+|_hs\w+|(?:fb|g|d|y|msclk|wbra|gbra)c?lid|msclkid|mc_[ce]id|mkt_tok|"
    r"ref|ref_src|source|cmp|cmpid|igshid|igsh|_ga|_gl|dgcid|rss|af|rft_dat|xtor|rsskey|sfnsn|smid|ncid|trk|spm|fromrss|"
    r"from_rss|guccounter",
    re.IGNORECASE,
)
_BY_FEED: Final = re.compile(r"(?:rss|atom)[\w.-]{0,20}|feed(?:burner|ly)?", re.IGNORECASE)  #: `via=rss`: how one came
_ASIDE: Final = re.compile(r"comments?|respond|more-\d+|top|rss|:~:.*|", re.IGNORECASE)
_BEHIND_HOST: Final = re.compile(r"[/?#]")
_FORM: Final = re.compile(r"/(?:amp|index\.(?:html?|php))\Z|/\Z")  #: the same page in another form
_FORMS: Final = ("/", "p", "l", "m")  #: how it ends


@remembered(256)  # several steps ask for the page of an entry
def normalize_page_url(link: str) -> str:
    """An address in one form: without its scheme, `www.`, what tracks readers and the last slash. "" of none, and of a home
    page, which is nobody's own."""
    if ":" not in link:  # guids most often; without one there is no scheme
        return ""
    try:
        parts = urlsplit(link.strip())
        host, number = parts.hostname, parts.port if ":" in parts.netloc else None
        port = f":{number}" if number not in (None, 80, 443) else ""
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    pairs = parse_qsl(parts.query, keep_blank_values=True) if parts.query else []
    asked = urlencode([pair for pair in pairs if not _is_tracking(*pair)]) if pairs else ""
    path = _FORM.sub("", _FORM.sub("", parts.path)) if parts.path.endswith(_FORMS) else parts.path
    place = parts.fragment.partition("?utm_")[0]
    place = "" if place and (_ASIDE.fullmatch(place) or place.startswith("utm_")) else place
    if not (path or asked or place):
        return ""
    return f"{host.rstrip('.').removeprefix('www.')}{port}{path}{'?' * bool(asked)}{asked}{'#' * bool(place)}{place}"


def _is_tracking(name: str, value: str) -> bool:
    """Is a query parameter only for tracking, so that it does not select the page?"""
    return _TRACKS.fullmatch(name) is not None or _BY_FEED.fullmatch(value) is not None


def feed_guid(own: str, given: str) -> str:
    """What its feed calls the entry on this page; "" where that is the page itself and tells nothing more."""
    return "" if normalize_page_url(given) == own else given.strip()


def host_of(own: str) -> str:
    """Returns the host of a normalized page address."""
    return _BEHIND_HOST.split(own, maxsplit=1)[0]
