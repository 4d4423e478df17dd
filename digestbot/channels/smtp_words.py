"""A server's words in a receipt: one line, without controls, addresses and secrets. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

from digestbot.channels.reply_faults import OUTCOMES, fault_of
from digestbot.model import Fault, Receipt, SendStage

_ENHANCED = re.compile(r"\A([245]\.\d{1,3}\.\d{1,3})\b")
_ADDRESS = re.compile(r"<?(?<![^\s<>])[^\s<>]+@[^\s<>]+>?")
LONGEST = 300  #: characters of a server's words
SHORTEST_NAME = 3  #: a user name of one or two letters stands in many words


def receipt_of(
    stage: SendStage, code: int | None, text: str, secrets: Iterable[str] = (), fault: Fault | None = None
) -> Receipt:
    """The receipt of a reply that is no yes, or of a step that failed without one (code None, `fault` given)."""
    plain = _one_line(text)
    found = _ENHANCED.match(plain)
    enhanced = found.group(1) if found else ""
    fault = fault or fault_of(stage, code or 0, enhanced, plain)
    words = without_reply(plain, secrets)
    return Receipt(outcome=OUTCOMES[fault], stage=stage, code=code, enhanced=enhanced, text=words, fault=fault)


def without_reply(text: str, secrets: Iterable[str] = ()) -> str:
    """Words for a person: masked, on one line, cut."""
    return _ADDRESS.sub("<address>", masked(_one_line(text), secrets))[:LONGEST]


def masked(text: str, secrets: Iterable[str]) -> str:
    """Without the user name, the password, and what a login writes of them in base64."""
    named = [s for s in secrets if s]
    if not named:
        return text
    *names, password = named
    shapes = {password, *(n for n in names if len(n) >= SHORTEST_NAME)}
    shapes |= {base64.b64encode(s.encode()).decode() for s in named}
    shapes |= {base64.b64encode("\0".join(("", *named)).encode()).decode()}
    for shape in sorted(shapes, key=len, reverse=True):
        text = text.replace(shape, "***")
    return text


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
