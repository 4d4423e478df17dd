"""Addresses as a mail and its envelope write them: the domain as A-labels (IDNA 2008), the local part as it is.

RFC 5321 4.1.2 for the local part, RFC 6531 for one that is not ASCII, RFC 5891 with the mapping of UTS 46 for domains.
"""

from __future__ import annotations

import re
from functools import lru_cache

from digestbot.errors import MessageError
from digestbot.mail.header_guard import header_value

_ATOM = r"A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-"
_LOCAL = re.compile(rf"[{_ATOM}]+(?:\.[{_ATOM}]+)*\Z")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
LONGEST_LOCAL, LONGEST_DOMAIN = 64, 253  #: octets, RFC 5321 4.5.3.1 and RFC 1035 2.3.4


@lru_cache(maxsize=4096)
def envelope_address(address: str) -> str:
    """The address with its domain in ASCII. Raises MessageError for an address that no mail can have."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not _LOCAL.match(local) or not local.isprintable() or len(local.encode()) > LONGEST_LOCAL:
        raise MessageError(
            "an address that cannot be written in a mail", fix="Letters, digits and .!#$%&'*+/=?^_`{|}~- before the @"
        )
    return f"{local}@{ascii_domain(domain)}"


def split_mailbox(mailbox: str) -> tuple[str, str]:
    """`Name <address>` as name and address; the name may hold any sign, quoted or not. A bare address has no name."""
    name, bracket, rest = mailbox.strip().rpartition("<")
    if not bracket or not rest.endswith(">"):
        return "", mailbox.strip()
    name = name.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, rest[:-1].strip()


def needs_smtputf8(address: str) -> bool:
    """Whether only a server with SMTPUTF8 (RFC 6531) takes it: the part before the @ is not ASCII."""
    return not address.rpartition("@")[0].isascii()


def address_problem(address: str) -> str:
    """Why no mail can be sent to it, by the same rule as `envelope_address`; "" when one can."""
    try:
        envelope_address(address)
    except MessageError as error:
        return str(error)
    return ""


@lru_cache(maxsize=1024)
def ascii_domain(domain: str) -> str:
    """A domain as A-labels. Raises MessageError."""
    found = domain if domain.isascii() else _a_labels(domain)
    if len(found) > LONGEST_DOMAIN or not _DOMAIN.match(found):
        raise MessageError(f"{header_value(domain)!r} is no domain")
    return found


def _a_labels(domain: str) -> str:
    import idna

    try:
        return idna.encode(domain, uts46=True, std3_rules=True, transitional=False).decode()
    except UnicodeError as error:
        raise MessageError(f"{header_value(domain)!r} is no domain") from error
