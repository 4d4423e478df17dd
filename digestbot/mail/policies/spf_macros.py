"""Macros of SPF, RFC 7208 section 7: names in a record that are made from the mail that is looked at. Pure."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import quote

_MACRO = re.compile(r"%(?:\{([a-zA-Z])(\d{0,3})(r?)([.\-+,/_=]{0,7})\}|([%_-])|(.?))", re.DOTALL)
_WORDS = {"%": "%", "_": " ", "-": "%20"}
LONGEST = 253  #: RFC 7208 7.3: a longer name loses labels from the left


class BadMacro(ValueError):
    """The record is broken: a permerror."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroValues:
    """What macros stand for."""

    sender: str  #: envelope sender; only its domain: postmaster@ is put before it
    address: str  #: of the server that sends; "" when none is asked about
    hello: str = "unknown"

    def of(self, letter: str, domain: str) -> str:
        """The value of one letter; `domain`: the record's that is read. Raises BadMacro."""
        local, _, origin = self.sender.rpartition("@")
        match letter.lower():
            case "s":
                return f"{local or 'postmaster'}@{origin}"
            case "l":
                return local or "postmaster"
            case "o":
                return origin
            case "d":
                return domain
            case "i":
                return _dotted(self.address)
            case "p":
                return "unknown"  # RFC 7208 7.3 lets whoever asks leave it out
            case "v":
                return "ip6" if ":" in self.address else "in-addr"
            case "h":
                return self.hello
        raise BadMacro(f"%{{{letter}}} is no macro")


def expanded(text: str, values: MacroValues, domain: str) -> str:
    """A name with its macros replaced. Raises BadMacro."""

    def one(found: re.Match[str]) -> str:
        letter, digits, backwards, delimiters, word, wrong = found.groups()
        if word:
            return _WORDS[word]
        if not letter:
            raise BadMacro(f"%{wrong or ''} is no macro")
        value = values.of(letter, domain)
        parts = re.split(f"[{re.escape(delimiters or '.')}]", value)
        parts = parts[::-1] if backwards else parts
        if digits and not int(digits):
            raise BadMacro("a macro keeps at least one part")
        value = ".".join(parts[-int(digits) :] if digits else parts)
        return quote(value, safe="") if letter.isupper() else value

    name = _MACRO.sub(one, text)
    while len(name) > LONGEST and "." in name:
        name = name.partition(".")[2]
    return name


def _dotted(address: str) -> str:
    """IPv4 as it is, IPv6 as its 32 digits with dots between."""
    if ":" not in address:
        return address
    return ".".join(ipaddress.ip_address(address).exploded.replace(":", ""))
