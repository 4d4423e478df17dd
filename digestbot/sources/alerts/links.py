"""What a link of a mail leads to, read off its letters: nothing is followed. Pure.

Services count clicks, and mail servers rewrite links: the address of the paper stands inside theirs, or it does not. One
that does not is a tracker's: asking it would tell that the mail was read, and showing it would count others as its reader.
"""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from digestbot.papers.identity.urls import identifiers_in_url

LONGEST = 3000  #: characters
MOST_WRAPS = 6
#: parameters under which redirectors name the place
_PLACES = ("url", "q", "u", "target", "redirect", "redirecturl", "redirect_url", "dest", "destination", "to", "link")
#: hosts that only lead on, with all below them
_REDIRECTORS = (
    "google.com/url", "scholar_url", "safelinks.protection.outlook.com", "urldefense.com", "urldefense.proofpoint.com",
    "linkprotect.cudasvc.com", "/click", "/redirect", "/link", "/track", "/l0/", "/cl0/", "lt.php", "/ls/",
)  # fmt: skip
_INSIDE = re.compile(r"/(?:L0|CL0)/(https?:.+?)(?:/\d+/[0-9a-f-]{20,}|\Z)", re.IGNORECASE)
_OPAQUE = re.compile(
    r"\A(?:click|url\d*|el|links?|email|go|trk|track|t|e|mail|r|news|info|ablink|u\d+|lnk|cl|l|connect)\.|awstrack\.me|sendgrid|list-manage|exacttarget|"
    r"\.ct\.|mailgun|sparkpost|mkto|pardot|hubspot|rs6\.net",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"utm_|mc_|casa_token|dgcid|campaign|email|track|sc_|_hs|rss|af\Z|ref\Z|fbclid|gclid|src\Z|elq|cmp\Z", re.IGNORECASE
)


def unwrapped(href: str) -> str:
    """The address behind a link, without what counts clicks; "" for one that only its counter knows."""
    address = href.strip()[:LONGEST]
    for _ in range(MOST_WRAPS):
        inner = _inner(address)
        if not inner or inner == address:
            break
        address = inner
    if not address.startswith(("https://", "http://")) or not address.isprintable() or " " in address:
        return ""
    return "" if is_tracker(address) else _without_noise(address)


def is_tracker(address: str) -> bool:
    """Does only the host know where this leads?"""
    return _OPAQUE.search(_host(address)) is not None and "doi" not in identifiers_in_url(address)


def _inner(address: str) -> str:
    """The address inside a redirector's; "" where there is none."""
    low = address.lower()
    if found := _INSIDE.search(address):
        return unquote(found[1])
    _, defended, rest = address.partition("/v3/__")
    if defended and rest.startswith(("https:", "http:")):
        return rest.partition("__;")[0].replace("*", "")
    if not any(sign in low for sign in _REDIRECTORS) and not is_tracker(address):
        return _nature(address)
    given = {name.lower(): value for name, value in _pairs(address)}
    named = next((given[name] for name in _PLACES if given.get(name, "").startswith("http")), "")
    if named and "urldefense.proofpoint" in low:
        named = unquote(named.replace("-", "%").replace("_", "/"))
    return named or _nature(address)


def _nature(address: str) -> str:
    """Nature's alerts hold the address in a parameter of base64."""
    coded = next((value for name, value in _pairs(address) if name == "_L54AD1F204_"), "")
    if not coded:
        return ""
    try:
        told = base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""
    return next(iter(parse_qs(told).get("target", [])), "")


def _pairs(address: str) -> list[tuple[str, str]]:
    """The parameters of a query. Scholar does not encode the address in its own: it ends where Scholar's begin."""
    try:
        query = urlsplit(address).query
        return parse_qsl(query, max_num_fields=60)
    except ValueError:
        return []


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _without_noise(address: str) -> str:
    try:
        parts = urlsplit(address)
        kept = [(name, value) for name, value in parse_qsl(parts.query, max_num_fields=60) if not _NOISE.match(name)]
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept, safe=":/,"), ""))
