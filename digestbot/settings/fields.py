"""Fields: the keys of every table, what each takes and how it is read. One declaration for reading, checking and
documenting."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from ipaddress import ip_network
from typing import Any, Final

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
LONGEST_LABEL = 200  #: characters
_EMAIL = re.compile(r"[^@\s<>\",;:\\()\[\]]+@[^@\s<>\",;:\\()\[\]]+\Z")


def text(value: Any) -> str:
    """Any text without control characters."""
    if not isinstance(value, str):
        raise Wrong(f"wants a text in quotes, not {_kind(value)}")
    if any(ord(c) < 32 and c not in "\n\t" for c in value):
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
    if re.search("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\n\t]", value):
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


def ref(value: Any) -> str:
    """A short name without spaces."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", text(value)):
        raise Wrong("wants a short name of letters, digits, dot, dash and underscore")
    return str(value)


_shaped(texts, type="array", items={"type": "string"})
_shaped(flag, type="boolean")
_shaped(private, anyOf=[{"type": "boolean"}, {"type": "array", "items": {"type": "string"}}])
_shaped(words, type="string", minLength=1)
for _read in (duration, often):
    _shaped(_read, type="string", pattern=_DURATION.pattern.replace(r"\Z", "$"))
_shaped(rate, type="string", pattern=_RATE.pattern.replace(r"\Z", "$"))
_shaped(email, type="string", format="email")
_shaped(clock, type="string", pattern=r"^\d{1,2}:\d\d$")

TABLES: Final[Mapping[str, Mapping[str, Key]]] = {
    "site": {
        "name": Key(filled_label, "what mails and feeds are called"),
        "base_url": Key(web, "address of the web pages; without it mails carry no action links but mailto"),
        "contact": Key(email, "who runs this: in the User-Agent, and the mailto of unsubscribe"),
        "time_zone": Key(text, "IANA name; the day of the edition"),
        "language": Key(language, "of mails, like en or de; English where there are no texts in it"),
        "root": Key(words, "relative paths start here; by default the folder above this file's"),
        "templates": Key(words, "folder with templates of your own, which win over ours by file name"),
    },
    "store": {
        "url": Key(store_url, "where everything is kept"),
        "queue": Key(one_of("local"), "who does the work: this process"),
    },
    "fetch": {
        "allow_private": Key(private, "true, or hosts and networks inside your own network that may be polled"),
        "proxy": Key(proxy, 'the proxy to the web, or "environment" for HTTPS_PROXY; it then decides about addresses'),
        "parse_seconds": Key(decimal(0.1, 600), "processor time for reading one reply: 10 seconds unless said"),
        "parse_megabytes": Key(whole(64, 65536), "memory for reading one reply: 512 megabytes unless said"),
    },
    "delivery": {
        "channel": Key(words, "how mails go out: smtp, or maildir (files)"),
        "from": Key(sender, "the From of every mail"),
        "on_unknown": Key(one_of("resend", "hold"), "what to do when nobody can know whether a mail arrived"),
        "unknown_after": Key(duration, "when resend resends"),
        "wait_for_sources": Key(duration, "how long a digest waits for sources that are due; 60s unless said"),
        "keep_open": Key(duration, "how long a slot waits while no source can be reached; 6h unless said"),
    },
    "smtp": {
        "host": Key(words, "the mail server", needed=True),
        "port": Key(whole(1, 65535), "587 for starttls, 465 for tls"),
        "security": Key(one_of("tls", "starttls", "none"), "how the connection is protected; never less"),
        "username": Key(text, "for the login"),
        "password_file": Key(words, "file that holds the password (or $DIGESTBOT_SMTP_PASSWORD)"),
        "hello": Key(hello, "our name in EHLO: a full host name or [an address]; by default the machine's, else the sender's domain"),
        "sender": Key(email, "envelope sender, where bounces go; by default the address of From"),
        "connections": Key(whole(1, 64), "connections at once"),
        "rate": Key(rate, "at most so many messages, like 1/s"),
        "per_day": Key(whole(1, 10_000_000), "at most so many messages in 24 hours"),
    },
    "maildir": {"path": Key(words, "folder for the channel maildir")},
    "bounces": {
        "maildir": Key(words, "Maildir in which mails that come back arrive; read in each round"),
        "imap": Key(imap, "mailbox of its own for them, like imaps://user@imap.example.org/INBOX; read every five minutes"),
        "imap_password_file": Key(words, "file that holds the mailbox's password"),
        "secret_file": Key(words, "file that holds the shared secret of POST /bounces; without it there is no such page"),
    },
    "dkim": {
        "key_file": Key(words, "file that holds the private key, made by digestbot dkim key", needed=True),
        "domain": Key(domain, "d= of the signature; by default the domain of From"),
        "selector": Key(domain, "s= of the signature: the name below _domainkey in DNS"),
    },
    "feeds": {"path": Key(words, "RSS, Atom and JSON Feed are written here")},
    "web": {"listen": Key(listen, "where the pages are served, like 127.0.0.1:8080")},
    "retention": {
        "replies": Key(duration, "how long replies of sources are kept, for papers rebuild"),
        "receipts": Key(duration, "how long mail servers' words and the ledger of polls are kept"),
    },
    "alerts": {
        "command": Key(words, "run when no mail goes out, and when it does again; the text comes on its stdin"),
        "url": Key(address, "gets the same text by POST"),
        "after": Key(duration, "how long the mail server must have taken nothing; 15m unless said"),
    },
    "enrich": {
        "on": Key(flag, "false: no other service is asked about papers"),
        "providers": Key(
            some_of("arxiv", "crossref", "openalex"), "who is asked: by default arxiv, with a contact the others too"
        ),
    },
    "edition": {
        "query": Key(text, "which papers the daily page shows; empty: every paper"),
        "sources": Key(texts, "only from these sources"),
        "limit": Key(whole(1, 1000), "at most so many"),
        "closes": Key(clock, "when the day's edition is final, in the site's zone"),
    },
    "topics": {
        "name": Key(ref, "rules may use it as @name", needed=True),
        "query": Key(words, "the rule", needed=True),
    },
    "sources": {
        "name": Key(ref, "what you call it", needed=True),
        "kind": Key(words, "arxiv, huggingface, feed, pubmed, biorxiv, crossref, openalex, oai, page, or a plug-in's", needed=True),
        "url": Key(address, "in place of the kind's own address"),
        "every": Key(often, "how often to ask"),
        "pause": Key(duration, "between requests to its host"),
        "title": Key(words, "as people see it"),
    },
    "subscribers": {
        "id": Key(ref, "stable: the address may change", needed=True),
        "email": Key(email, "where digests go", needed=True),
        "name": Key(label, "in the To of the mail"),
        "schedule": Key(words, "weekdays 07:30, daily 18:00, mon,thu 08:00, every 6h, or a cron line"),
        "time_zone": Key(text, "IANA name; by default the site's"),
        "language": Key(language, "of their mails; by default the site's"),
        "max_papers": Key(whole(1, 500), "most papers in one mail; the rest is listed as more"),
        "when_empty": Key(one_of("skip", "send"), "a mail on quiet days?"),
        "updates": Key(one_of("none", "important", "all"), "news of papers you have had: all, important or none"),
        "trending": Key(whole(0, 20), "most papers in the trending section; 0 for none"),
        "topics": Key(lambda value: value, "what they follow"),
    },
    "subscribers.topics": {
        "name": Key(filled_label, "the heading in the mail", needed=True),
        "query": Key(words, "the rule", needed=True),
        "limit": Key(whole(1, 500), "most papers of it in one mail"),
        "mute": Key(flag, "true: never show what this rule matches, whatever else does"),
        "weight": Key(decimal(0.1, 10), "how much its papers count against other topics'; 1 unless said"),
    },
}  # fmt: skip

SINGLE: Final = (
    "site",
    "store",
    "fetch",
    "delivery",
    "smtp",
    "maildir",
    "bounces",
    "dkim",
    "feeds",
    "web",
    "retention",
    "alerts",
    "enrich",
    "edition",
)
LISTS: Final = ("topics", "sources", "subscribers")
