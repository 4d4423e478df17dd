"""Fields: how the value of a key is read, and what it accepts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from ipaddress import ip_network
from typing import Any

from digestbot.digest.selection.rhythm import Rhythm
from digestbot.errors import ScheduleError
from digestbot.mail.addresses import address_problem, ascii_domain, split_mailbox


class Wrong(ValueError):
    """A value that cannot be accepted; `allowed` names values that can."""

    def __init__(self, what: str, allowed: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Key:
    """One key: how its value is read, and a line for people."""

    read: Callable[[Any], Any]
    help: str
    needed: bool = False

    @property
    def shape(self) -> dict[str, Any]:
        """The JSON Schema of the value: what its reader declares, else a text."""
        return dict(getattr(self.read, "shape", {"type": "string"}))


def _shaped(read: Callable[[Any], Any], **shape: Any) -> Callable[[Any], Any]:
    """Attach to a reader the JSON Schema of what it accepts."""
    read.shape = shape  # type: ignore[attr-defined]  # functions take attributes
    return read


_DURATION = re.compile(r"(\d{1,6})\s*(ms|s|m|h|d)\Z")
_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_RATE = re.compile(r"(\d{1,6})\s*/\s*(s|sec|m|min|h|hour)\Z")
_PER = {"s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "hour": 3600}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\n\t]")
LONGEST_LABEL = 200  #: characters
_EMAIL = re.compile(r"[^@\s<>\",;:\\()\[\]]+@[^@\s<>\",;:\\()\[\]]+\Z")


def text(value: Any) -> str:
    """Any text without control characters."""
    if not isinstance(value, str):
        raise Wrong(f"wants a text in quotes, not {_kind(value)}")
    if _CONTROL.search(value):
        raise Wrong("holds a control character")
    return value


def words(value: Any) -> str:
    """A text that is not empty."""
    if not text(value).strip():
        raise Wrong("must not be empty")
    return str(value)


def label(value: Any) -> str:
    """A name that stands in one line of a mail."""
    if len(text(value)) > LONGEST_LABEL:
        raise Wrong(f"has {len(value)} characters; {LONGEST_LABEL} are the most")
    if _UNSEEN.search(value):
        raise Wrong("holds a sign that is not seen and turns or breaks the line")
    return str(value)


def filled_label(value: Any) -> str:
    """A name that stands in one line of a mail and is not empty."""
    return label(words(value))


def _kind(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a decimal number",
        list: "a list",
        dict: "a table",
        str: "a text",
    }
    return names.get(type(value), "a date or time")


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A whole number from low to high."""

    def read(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Wrong(f"wants a whole number, not {_kind(value)}")
        if not low <= value <= high:
            raise Wrong(f"must be from {low} to {high}, not {value}")
        return value

    return _shaped(read, type="integer", minimum=low, maximum=high)


def decimal(low: float, high: float) -> Callable[[Any], float]:
    """A number from low to high, whole or not."""

    def read(value: Any) -> float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise Wrong(f"wants a number, not {_kind(value)}")
        if not low <= value <= high:
            raise Wrong(f"must be from {low:g} to {high:g}, not {value}")
        return float(value)

    return _shaped(read, type="number", minimum=low, maximum=high)


def one_of(*allowed: str) -> Callable[[Any], str]:
    """One of a few words."""

    def read(value: Any) -> str:
        if value not in allowed:
            raise Wrong(f'"{value}" is not possible here', allowed)
        return str(value)

    return _shaped(read, enum=list(allowed))


def some_of(*allowed: str) -> Callable[[Any], tuple[str, ...]]:
    """A list of a few words, each once."""

    def read(value: Any) -> tuple[str, ...]:
        for word in texts(value):
            if word not in allowed:
                raise Wrong(f'"{word}" is not possible here', allowed)
        return tuple(dict.fromkeys(value))

    return _shaped(read, type="array", items={"enum": list(allowed)})


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise Wrong('wants a list of texts, like ["one", "two"]')
    return tuple(value)


def duration(value: Any) -> timedelta:
    """`15m`, `1h`, `0s`."""
    found = _DURATION.match(value.strip()) if isinstance(value, str) else None
    if not found:
        raise Wrong('wants a duration such as "90s", "15m", "1h" or "2d"')
    return timedelta(seconds=int(found.group(1)) * _UNIT[found.group(2)])


def often(value: Any) -> timedelta:
    """How often a source is asked: from every minute to once a month."""
    given = duration(value)
    if not timedelta(minutes=1) <= given <= timedelta(days=31):
        raise Wrong('must be from "1m" to "31d": sources are asked politely')
    return given


def rate(value: Any) -> float:
    """`1/s`, `100/min`: messages per second."""
    found = _RATE.match(value.strip()) if isinstance(value, str) else None
    if not found or int(found.group(1)) == 0:
        raise Wrong('wants a rate such as "1/s", "100/min" or "500/hour"')
    return int(found.group(1)) / _PER[found.group(2)]


def email(value: Any) -> str:
    """A bare address."""
    given = text(value).strip()
    if not _EMAIL.match(given) or address_problem(given):
        raise Wrong(f"{value!r} is no mail address; it looks like reader@example.org")
    return given


def sender(value: Any) -> str:
    """`Name <address>` or a bare address."""
    given = text(value).strip()
    email(split_mailbox(given)[1])
    return given


def hello(value: Any) -> str:
    """A full host name, or an address in brackets (RFC 5321 4.1.1.1)."""
    given = text(value).strip()
    if re.fullmatch(r"\[(?:\d+\.\d+\.\d+\.\d+|IPv6:[0-9A-Fa-f:.]+)\]", given):
        return given
    if "." not in given or address_problem(f"a@{given}"):
        raise Wrong(f'{value!r} is no full host name such as "mail.example.org", and no "[192.0.2.1]"')
    return ascii_domain(given)


def web(value: Any) -> str:
    """https://…, or http:// for this machine itself; no slash at the end."""
    given = text(value).strip().rstrip("/")
    if given and not re.match(r"https://[^/\s]+|http://(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?(/|\Z)", given):
        raise Wrong("wants an address that begins with https:// (http:// only for this machine itself)")
    if given and not re.fullmatch(
        r"https?://[\w.-]+(?::\d{1,5})?(?:/[\w.~%/+-]*)?|http://\[::1\](?::\d{1,5})?(?:/[\w.~%/+-]*)?", given
    ):
        raise Wrong(
            "wants a host and perhaps a path: no user, password, query, blank or other sign (it stands in every mail)"
        )
    return given


def address(value: Any) -> str:
    """Any web address, of a source."""
    given = text(value).strip()
    if not re.match(r"https?://[^/\s]+", given):
        raise Wrong("wants an address that begins with https:// or http://")
    return given


def proxy(value: Any) -> str:
    """http://host:port of a proxy, or the word `environment`."""
    given = text(value).strip()
    if given != "environment" and not re.fullmatch(r"https?://(?:[^/\s@]*@)?[^/\s@]+/?", given):
        raise Wrong('wants the address of a proxy such as "http://proxy.example.org:3128", or "environment"')
    return given


def private(value: Any) -> bool | tuple[str, ...]:
    """true, false, or a list of hosts and networks."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list):
        raise Wrong('wants true, or a list of hosts and networks, like ["feeds.intranet", "10.0.0.0/8"]')
    for one in (given := texts(value)):
        _check_network(one)
    return given


def networks(value: Any) -> tuple[str, ...]:
    """A list of addresses and networks."""
    for one in (given := texts(value)):
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise Wrong(f'"{one}" is no address or network such as "10.0.0.0/8"') from None
    return given


def _check_network(given: str) -> None:
    """A host's name, an address, or a network that there can be. Raises Wrong."""
    try:
        ip_network(given, strict=False)
    except ValueError:
        if not re.fullmatch(r"[\w-]+(?:\.[\w-]+)*", given) or re.fullmatch(r"[\d.]+", given):
            raise Wrong(f'"{given}" is neither a host nor a network such as "10.0.0.0/8"') from None


def flag(value: Any) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise Wrong(f"wants true or false, not {_kind(value)}")
    return value


def language(value: Any) -> str:
    """A language code of BCP 47: `de`, `pt-BR`."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text(value)):
        raise Wrong('wants a language code such as "en", "de" or "pt-BR"')
    return str(value)


def clock(value: Any) -> time:
    """`12:00`."""
    found = re.fullmatch(r"(\d{1,2}):(\d\d)", value) if isinstance(value, str) else None
    if not found or int(found.group(1)) > 23 or int(found.group(2)) > 59:
        raise Wrong('wants a time of day such as "12:00"')
    return time(int(found.group(1)), int(found.group(2)))


def likes(value: Any) -> str | tuple[str, ...]:
    """A list of papers, or the name of a file of them."""
    if isinstance(value, str):
        return words(value)
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise Wrong('wants papers, like ["2611.09001", "10.1000/182"], or a BibTeX file, like "papers.bib"')
    return tuple(value)


def rhythm(value: Any) -> str:
    """`weekly`, `weekly fri`, `monthly`, or `no`."""
    if (given := text(value)) != "no":
        try:
            Rhythm.parse(given)
        except ScheduleError as error:
            raise Wrong(f'{error.what}. {error.fix}, or "no"') from error
    return given


def listen(value: Any) -> tuple[str, int]:
    """`127.0.0.1:8080`, `[::1]:8080`, `:8080` for all addresses; port 0 is any free one."""
    found = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[\w.-]*):(\d{1,5})", text(value).strip())
    if not found or int(found.group(2)) > 65535:
        raise Wrong('wants a host and a port such as "127.0.0.1:8080"')
    return found.group(1).strip("[]") or "0.0.0.0", int(found.group(2))  # noqa: S104  # asked for


def store_url(value: Any) -> str:
    """sqlite:///path or postgresql://…"""
    if not re.match(r"sqlite:///.+|postgres(ql)?://.+", text(value)):
        raise Wrong('wants "sqlite:///var/digestbot.db" or "postgresql://user@host/name"')
    return str(value)


def imap(value: Any) -> str:
    """imaps://user@host[:port]/folder; imap:// for this machine itself."""
    if not re.fullmatch(r"imaps?://[^\s@/]+@[\w.\[\]-]+(:\d{1,5})?(/[^\s]*)?", text(value)):
        raise Wrong("wants an address such as imaps://user@imap.example.org/INBOX, without the password")
    return str(value)


def domain(value: Any) -> str:
    """A name in DNS, in ASCII: example.org."""
    label = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
    if len(text(value)) > 253 or not re.fullmatch(rf"{label}(?:\.{label})*", value):
        raise Wrong("wants a name in DNS such as example.org, in letters, digits and hyphens")
    return str(value).lower()


def domains(value: Any) -> tuple[str, ...]:
    """A list of names in DNS."""
    return tuple(domain(one) for one in texts(value))


def ref(value: Any) -> str:
    """A short name without spaces."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text(value)):
        raise Wrong("wants a short name of letters, digits, dot, dash and underscore")
    return str(value)


_shaped(texts, type="array", items={"type": "string"})
_shaped(networks, type="array", items={"type": "string"})
_shaped(likes, anyOf=[{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}])
_shaped(domains, type="array", items={"type": "string"})
_shaped(flag, type="boolean")
_shaped(private, anyOf=[{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}])
_shaped(words, type="string", minLength=1)
for _read in (duration, often):
    _shaped(_read, type="string", pattern=_DURATION.pattern.replace(r"\Z", "$"))
_shaped(rate, type="string", pattern=_RATE.pattern.replace(r"\Z", "$"))
_shaped(email, type="string", format="email")
_shaped(clock, type="string", pattern=r"^\d{1,2}:\d\d$")
