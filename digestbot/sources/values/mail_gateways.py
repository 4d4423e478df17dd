"""Links as the sender of a mail wrote them: a reader's mail server puts its own address around each, to look at it first. Pure.

Most of these gateways hold the address inside theirs, each in a way of its own; some know it alone. Nothing is asked.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

LONGEST = 3000  #: characters
MOST_WRAPS = 6
#: the parameter that holds the address, by the host, with all below it
_NAMED = {
    "safelinks.protection.outlook.com": "url", "safelinks.protection.office365.us": "url", "linkprotect.cudasvc.com": "a",
    "trendmicro.com": "url", "fireeye.com": "u", "trellix.com": "u", "clicktime.symantec.com": "u", "vadesecure.com": "u",
    "clicktime.cloud.postoffice.net": "u", "link.edgepilot.com": "u", "link.zixcentral.com": "u", "esvalabs.com": "u",
    "protection.sophos.com": "u", "l.facebook.com": "u", "slack-redir.net": "url", "deref-gmx.net": "redirecturl",
    "deref-gmx.com": "redirecturl", "deref-web.de": "redirecturl", "deref-mail.com": "redirecturl", "urldefense.proofpoint.com": "u",
}  # fmt: skip
#: hosts that alone know where their links lead
_SEALED = (
    "mimecast.com", "mimecastprotect.com", "inky.com", "hornetsecurity.com", "blackspider.com", "titanhq.com", "avanan.click",
    "checkpoint.com", "secure-web.cisco.com", "urldefense.com", "urldefense.us",
)  # fmt: skip
_BASE64 = re.compile(r"aHR0c[\w+/-]{8,2500}={0,2}\Z")
_RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_REPLACED = re.compile(r"\*(?:\*(.))?")
_INNER = re.compile(r"https?(?::|%3A)(?:/|%2F).*", re.IGNORECASE | re.DOTALL)


def sent_as(href: str) -> str:
    """The address that the sender wrote; "" where only a gateway knows it."""
    address = href.strip()[:LONGEST]
    for _ in range(MOST_WRAPS):
        host = host_of(address)
        inside = _inside(address, host)
        if not inside:
            return "" if _below(host, _SEALED) or _names(host, address) else address
        address = inside
    return address


def host_of(address: str) -> str:
    """Of an address, lower case; "" where it has none."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def written_out(value: str) -> str:
    """An address that is encoded once more, or stands in base64; "" for anything else."""
    if _BASE64.match(value):
        try:
            value = base64.urlsafe_b64decode(value.replace("+", "-").replace("/", "_").rstrip("=") + "==").decode()
        except (binascii.Error, ValueError):
            return ""
    if value[:10].lower().startswith(("http%3a", "https%3a")):
        value = unquote(value)
    return value if value.startswith(("https://", "http://")) else ""


def pairs(address: str) -> list[tuple[str, str]]:
    """The parameters of a query, names in lower case."""
    try:
        return [(name.lower(), value) for name, value in parse_qsl(urlsplit(address).query, max_num_fields=60)]
    except ValueError:
        return []


def _inside(address: str, host: str) -> str:
    """What a gateway holds; "" where there is none, or it holds nothing that can be read."""
    if parameter := _names(host, address):
        held = next((value for name, value in pairs(address) if name in (parameter, "url")), "")
        return _proofpoint(held) if "/v2/" in address and host.startswith("urldefense.") else written_out(held)
    return next((read(address) for hosts, read in _IN_PATHS if _below(host, hosts)), "")


def _names(host: str, address: str) -> str:
    """The parameter in which this host holds addresses."""
    if host in ("google.com", "www.google.com"):
        return "q" if "/url?" in address[:40] else ""
    return next((name for domain, name in _NAMED.items() if _below(host, (domain,))), "")


def _below(host: str, domains: tuple[str, ...]) -> bool:
    return any(f".{host}".endswith(f".{domain}") for domain in domains)


def _proofpoint(held: str) -> str:
    """The second version writes - for % and _ for /."""
    return written_out(unquote(held.replace("-", "%").replace("_", "/")))


def _proofpoint_3(address: str) -> str:
    """`/v3/__https://a.example/b*c__;Iw!!…`: each * stands for the next of the characters behind the semicolon, `**B` for three."""
    held, ends, rest = address.partition("/v3/__")[2].partition("__;")
    if not ends:
        return ""
    try:
        characters = base64.urlsafe_b64decode(rest.partition("!")[0].rstrip("=") + "==").decode()
    except (binascii.Error, ValueError):
        return ""
    left = iter(characters)

    def put_back(said: re.Match[str]) -> str:
        run = _RUNS.find(said[1]) + 2 if said[1] else 1
        return "".join(next(left, "") for _ in range(run))

    scheme, _, rest = _REPLACED.sub(put_back, held).partition(":/")
    return written_out(f"{scheme}://{rest.lstrip('/')}")


def _between_bars(address: str) -> str:
    """`/v2/___https://a.example/b___.YXAz…`; a form in which letters are turned is left."""
    return written_out(address.partition("/___")[2].partition("___")[0])


def _behind_path(address: str) -> str:
    """`/1AbC…/https%3A%2F%2Fa.example%2Fb`"""
    found = _INNER.search(address, 8)
    return written_out(unquote(found[0])) if found else ""


_IN_PATHS: tuple[tuple[tuple[str, ...], Callable[[str], str]], ...] = (
    (("urldefense.com", "urldefense.us"), _proofpoint_3),
    (("avanan.click", "checkpoint.com"), _between_bars),
    (("secure-web.cisco.com",), _behind_path),
)
