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
from digestbot.sources.values.mail_gateways import MOST_WRAPS, host_of, pairs, sent_as, written_out

#: parameters under which counters name the place
_PLACES = (
    "url",
    "q",
    "u",
    "target",
    "redirect",
    "redirecturl",
    "redirect_url",
    "dest",
    "destination",
    "to",
    "link",
    "p",
    "a",
    "r",
)
#: what only leads on
_REDIRECTORS = ("scholar_url", "/click", "/redirect", "/link", "/track", "/l0/", "/cl0/", "lt.php", "/ls/")
_INSIDE = re.compile(r"/(?:L0|CL0)/(https?:.+?)(?:/\d+/[0-9a-f-]{20,}|\Z)", re.IGNORECASE)
_MANDRILL = re.compile(r'\\?"url\\?":\\?"(https?:[^"]{5,2000}?)\\?"')
_OPAQUE = re.compile(
    r"\A(?:click|url\d*|el|links?|email|go|trk|track|t|e|mail|r|news|info|ablink|u\d+|lnk|cl|l|connect)\.|awstrack\.me|sendgrid|list-manage|exacttarget|"
    r"\.ct\.|mailgun|sparkpost|mandrillapp|mkto|pardot|hubspot|rs6\.net",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"utm_|mc_|casa_token|dgcid|campaign|email|track|sc_|_hs|rss|af\Z|ref\Z|fbclid|gclid|src\Z|elq|cmp\Z", re.IGNORECASE
)


def unwrapped(href: str) -> str:
    """The address behind a link, without what counts clicks; "" for one that only its counter knows."""
    address = sent_as(href)
    for _ in range(MOST_WRAPS):
        inner = sent_as(_inner(address))
        if not inner or inner == address:
            break
        address = inner
    if not address.startswith(("https://", "http://")) or not address.isprintable() or " " in address:
        return ""
    return "" if is_tracker(address) else _without_noise(address)


def is_tracker(address: str) -> bool:
    """Does only the host know where this leads?"""
    return _OPAQUE.search(host_of(address)) is not None and "doi" not in identifiers_in_url(address)


def _inner(address: str) -> str:
    """The address inside a counter's; "" where there is none."""
    low = address.lower()
    if found := _INSIDE.search(address):
        return unquote(found[1])
    if not any(sign in low for sign in _REDIRECTORS) and not is_tracker(address):
        return _nature(address)
    given = dict(pairs(address))
    named = next((told for name in _PLACES if (told := written_out(given.get(name, "")))), "")
    return named or _mandrill(given.get("p", "")) or _nature(address)


def _mandrill(held: str) -> str:
    """Mandrill's parameter is base64 of JSON inside JSON."""
    found = _MANDRILL.search(_base64(held)) if held.startswith("eyJ") else None
    return found[1].replace("\\", "") if found else ""


def _nature(address: str) -> str:
    """Nature's alerts hold the address in a parameter of base64."""
    coded = next((value for name, value in pairs(address) if name == "_l54ad1f204_"), "")
    return next(iter(parse_qs(_base64(coded)).get("target", [])), "") if coded else ""


def _base64(coded: str) -> str:
    try:
        return base64.urlsafe_b64decode(coded + "=" * (-len(coded) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return ""


def _without_noise(address: str) -> str:
    try:
        parts = urlsplit(address)
        kept = [(name, value) for name, value in parse_qsl(parts.query, max_num_fields=60) if not _NOISE.match(name)]
    except ValueError:
        return ""
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept, safe=":/,"), ""))
