"""The gist of an abstract: the sentences that say what was done and what was found. Pure.

Whole sentences in their order, joined by an ellipsis where something between them was left out; never cut in the
middle, unless one sentence alone is longer than any card.
"""

from __future__ import annotations

import re
from itertools import pairwise

from digestbot.digest.columns import width

ROOM = 440  #: columns of a gist: a Chinese sign says, and takes, about twice as much as a letter
LONGEST = 700  #: of a single sentence that has to stand alone

_END = re.compile(
    r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘«(\[]*[A-ZÀ-Þ0-9\u0370-\u03ff\u0401-\u042f\u0590-\u06ff\u0900-\u097f])|[。！？]\s*|[؟।]\s+"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|al|resp|approx|etc|Fig|Figs|Eq|Eqs|Sec|Ref|Refs|Dr|Prof|St|No|Vol|pp|ca|w\.r\.t|a\.k\.a)|\b[A-Z])\.$"
)
_DONE = re.compile(
    r"\b(?:we|this (?:paper|work|article|study|letter|note)|our (?:method|approach|framework|model|key))\b.{0,40}?"
    r"\b(?:propos|introduc|present|develop|design|describ|releas|prov|deriv|build|construct|formulat|study|studies|investigat|"
    r"analy[sz]|evaluat|compar|ask|address|revisit|give|offer|show|establish|characteri)",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:we (?:show|find|found|prove|demonstrate|observe|conclude|report|achieve|obtain)|"
    r"results? (?:show|indicate|suggest|reveal|demonstrate)|"
    r"experiments?|outperform|achiev|improv|reduc|surpass|state-of-the-art|significant|speed-?up|faster|accuracy|gains?|"
    r"reveals?|demonstrates?|empirically|finally, we)\b|\d(?:\.\d+)?\s?(?:%|×|x\b|percent|points?|times)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d(?:\.\d+)?\s?(?:%|×|x\b|percent|points?|times|dB|ms)", re.IGNORECASE)
_SETTING = re.compile(
    r"^(?:however|although|while|recent|existing|despite|with the|in recent|traditional|prior|many)\b", re.IGNORECASE
)
_ASIDE = re.compile(
    r"\b(?:code|data|demo|models?|website|page)\b.{0,30}\b(?:available|released|found|at)\b|https?://", re.IGNORECASE
)


def gist(abstract: str, room: int = ROOM) -> str:
    """At most about `room` columns of a clean abstract; "" for an empty one."""
    said = sentences(abstract)
    if not said:
        return ""
    if width(abstract) <= room:
        return _joined(said)
    best = sorted(range(len(said)), key=lambda at: (-_worth(said[at], at, len(said)), at))
    chosen: list[int] = []
    left = room
    for at in best:
        if width(said[at]) <= left and (_worth(said[at], at, len(said)) > 0 or not chosen):
            chosen.append(at)
            left -= width(said[at]) + 1
        if len(chosen) == 3:
            break
    if not chosen:
        return _cut(said[best[0]])
    chosen.sort()
    parts = [said[chosen[0]]]
    for before, at in pairwise(chosen):
        parts += ["…"] * (at > before + 1) + [said[at]]
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """With blanks between, but after the full stop of a script that has none."""
    return "".join(
        part if not before or before[-1] in "。！？" else f" {part}" for before, part in pairwise(["", *parts])
    )


def sentences(text: str) -> list[str]:
    """Split at ends of sentences; `e.g.`, initials and decimal points end none."""
    parts, begin = [], 0
    for end in _END.finditer(text):
        piece = text[begin : end.end()].strip()
        if _ABBREVIATED.search(piece[-12:]):
            continue
        parts.append(piece)
        begin = end.end()
    return [p for p in (*parts, text[begin:].strip()) if p]


def _worth(sentence: str, at: int, count: int) -> float:
    """What was done counts most, then findings, with figures most of all; the setting at the start counts little."""
    worth = (
        3.0 * bool(_DONE.search(sentence)) + 1.5 * bool(_FOUND.search(sentence)) + 1.0 * bool(_NUMBER.search(sentence))
    )
    worth -= 1.5 * bool(_SETTING.match(sentence)) + 3.0 * bool(_ASIDE.search(sentence))
    return worth + 0.8 * (at == count - 1) - 0.6 * (at == 0) - 0.02 * at


def _cut(sentence: str) -> str:
    if width(sentence) <= LONGEST:
        return sentence
    short = sentence[: LONGEST * len(sentence) // width(sentence)]
    return (short.rsplit(" ", 1)[0] if " " in short else short).rstrip(",;: ") + " …"
