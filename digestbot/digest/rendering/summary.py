"""Summary of an abstract: the sentences that say what was done and what was found. Pure.

Whole sentences in their order, joined by an ellipsis where one was left out. A sentence is cut only when it alone is
longer than a card.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from digestbot.digest.rendering.text_layout import width

ROOM = 440  #: columns of a gist: a Chinese sign says, and takes, about twice as much as a letter
LONGEST = 700  #: of a single sentence that has to stand alone
_LEAST, _MOST = 2, 3  #: sentences
_NEVER = 2.5  #: how little a second sentence may be worth below nothing
_AGAIN = 0.3  #: of what a second sentence about what was done is worth
_LEANING = 1.0  #: less for a sentence that brings another

_END = re.compile(
    r"[.!?][\"'”’)\]]*\s+(?=[\"'“‘«(\[]*[A-ZÀ-Þ0-9\u0370-\u03ff\u0401-\u042f\u0590-\u06ff\u0900-\u097f])|[。！？]\s*|[؟।]\s+"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|al|resp|approx|etc|Fig|Figs|Eq|Eqs|Sec|Ref|Refs|Dr|Prof|St|No|Vol|pp|ca|w\.r\.t|a\.k\.a)|\b[A-Z])\.$"
)
_DONE = re.compile(
    r"\b(?:we|this (?:paper|work|article|study|letter|note)|our (?:method|approach|framework|model|key))\b.{0,40}?"
    r"\b(?:propos|introduc|present|develop|design|describ|releas|deriv|build|construct|formulat|study|studies|investigat|"
    r"analy[sz]|evaluat|compar|ask|address|revisit|offer|characteri)|"
    r"\b(?:aim|objective|purpose|goal)s? (?:of|was|were|is)\b|\bthis (?:review|trial|meta-analysis|guideline|report|survey|thesis)\b|"
    r"\b(?:was|were) (?:investigated|examined|studied|compared|reviewed|randomi[sz]ed)\b|\bis (?:proposed|presented|introduced)\b",
    re.IGNORECASE,
)
_FOUND = re.compile(
    r"\b(?:we (?:show|find|found|prove|demonstrate|observe|conclude|report|achieve|obtain)|"
    r"results? (?:show|indicate|suggest|reveal|demonstrate)|"
    r"experiments?|outperform|achiev|improv|reduc|surpass|state-of-the-art|significant|speed-?up|faster|accuracy|gains?|"
    r"reveals?|demonstrates?|empirically|finally, we|associated with|correlated|no (?:significant |clear )?(?:change|difference|evidence|"
    r"effect|benefit)s?|effective|ineffective|superior|inferior|increased?|decreased?|(?:higher|lower) than|concluded?|confirm(?:s|ed)?|"
    r"should be|recommended|unchanged|unaffected|comparable|similar|suggest(?:s|ed|ing)?|(?:does|did|do) not|"
    r"(?:was|were|is) no|appears?)\b|\d(?:\.\d+)?\s?(?:%|×|x\b|percent|points?|times)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d(?:\.\d+)?\s?(?:%|×|x\b|percent|points?|times|dB|ms)", re.IGNORECASE)
_SETTING = re.compile(
    r"^(?:however|although|while|recent|existing|despite|with the|in recent|traditional|prior|many)\b", re.IGNORECASE
)
_ASIDE = re.compile(
    r"\b(?:code|data|demo|models?|website|page)\b.{0,30}\b(?:available|released|found|at)\b|https?://", re.IGNORECASE
)


#: begins by what stands in the sentence before it
_LEANS = re.compile(
    r"(?:however|nevertheless|nonetheless|moreover|furthermore|therefore|thus|then|hence|but|yet|also|additionally|in addition|"
    r"consequently|conversely|similarly|likewise|by contrast|in contrast|on the other hand|for example|for instance|in particular|"
    r"specifically|finally|second(?:ly)?|third(?:ly)?|this|these|those|they|it|its|such|such an?|both|here|as a result)\b(?! (?:paper|work|"
    r"article|study|letter|note|review|trial|thesis|report|survey|is (?:shown|known|well)|we)\b)",
    re.IGNORECASE,
)
#: an introductory clause that leans on a sentence which is left out: "To address these challenges, we …"
_CLAUSE = re.compile(
    r"(?:to|in order to|motivated|inspired|building|based|in (?:this|light|response|view)|given|with|against|for|towards?|here|"
    r"under|despite|beyond|following|on the basis)\b[^.,;:()]{0,40}\b(?:this|these|those|such|it|them|its|their|the (?:above|former|latter|"
    r"issues?|problems?|gaps?|challenges?|limitations?|shortcomings?|end))\b[^.,;:()]{0,80},\s+"
    r"(?=(?:we|our|this (?:paper|work|article|study))\b)",
    re.IGNORECASE,
)
#: what may come later, and says nothing of this paper
_OUTLOOK = re.compile(
    r"\bfuture (?:work|research|studies|directions?|investigations?)\b|\bfurther (?:research|studies|work|investigation)\b|"
    r"\bpav(?:e|es|ing) the way\b|\bwe (?:hope|plan|believe|envision)\b|"
    r"\bopen(?:s|ing)? (?:up )?(?:new |promising )?(?:avenues|directions|doors)\b|"
    r"\bremains? (?:to be|an open)\b|\bwarrant(?:s|ed)?\b",
    re.IGNORECASE,
)
#: the parts of a structured abstract, and what their sentences are worth
_SECTIONS = tuple(
    (re.compile(rf"(?:{names})\s*[:.—–-]+\s", re.IGNORECASE), worth)
    for names, worth in (
        ("backgrounds?|introduction|context|rationale|importance|motivation", -1.5),
        ("(?:study )?(?:objectives?|aims?|purpose|question|hypothesis)", 2.0),
        ("(?:materials? and |patients and |study |search )?(?:methods?|methodology|design|setting|participants|patients|population|"
         "data sources|data extraction|data collection(?: and analysis)?|study selection|selection criteria|measurements|"
         "interventions?|main outcome measures?|main outcomes(?: and measures)?)", -0.5),
        ("(?:main |key )?(?:results?|findings)|outcomes", 2.0),
        ("(?:authors'? )?conclusions?(?: and relevance)?|interpretation|discussion|implications|significance", 2.5),
        ("(?:trial |clinical trial )?registration|funding|keywords?|level of evidence|limitations?", -6.0),
    )
)  # fmt: skip
_FEW_WORDS = 6  #: a sentence of fewer is a remnant: `Grade: 2A.`


def gist(abstract: str, room: int = ROOM) -> str:
    """At most about `room` columns of a clean abstract; "" for an empty one."""
    said = sentences(abstract)
    if not said:
        return ""
    if width(abstract) <= room:
        return _joined(said)
    chosen = _chosen(said, room)
    if not chosen:
        return _cut(max(zip(_worths(said), said, strict=True), key=lambda pair: sum(pair[0]))[1])
    parts = [said[0] if chosen[0] == 0 else _alone(said[chosen[0]])]
    for before, at in pairwise(chosen):
        parts += [said[at]] if at == before + 1 else ["…", _alone(said[at])]
    return _joined(parts)


def _alone(sentence: str) -> str:
    """A sentence without the one before it: a clause that leans on that one is cut."""
    if found := _CLAUSE.match(sentence):
        rest = sentence[found.end() :]
        return rest[:1].upper() + rest[1:]
    return sentence


def _joined(parts: list[str]) -> str:
    """Sentences joined by spaces, except after the full stop of a script that uses none."""
    return "".join(
        part if not before or before[-1] in "。！？" else f" {part}" for before, part in pairwise(["", *parts])
    )


def sentences(text: str) -> list[str]:
    """Split a text into sentences; `e.g.`, initials and decimal points end none."""
    parts, begin = [], 0
    for end in _END.finditer(text):
        piece = text[begin : end.end()].strip()
        if _ABBREVIATED.search(piece[-12:]):
            continue
        parts.append(piece)
        begin = end.end()
    return [p for p in (*parts, text[begin:].strip()) if p]


def _chosen(said: list[str], room: int) -> list[int]:
    """Positions of the two or three best sentences that fit. A sentence that leans on the one before it brings that
    one along, or is left out."""
    worths, widths = _worths(said), [width(sentence) + 1 for sentence in said]
    chosen: set[int] = set()
    while len(chosen) < _MOST:
        best, group = 0.0 if len(chosen) >= _LEAST else -_NEVER, set[int]()
        for at, worth in enumerate(worths):
            with_it = {at, at - 1} - chosen if _LEANS.match(said[at]) and at else {at}
            fits = sum(widths[n] for n in chosen | with_it) <= room + 1 and len(chosen | with_it) <= _MOST
            value = worth.alone(chosen_done=any(worths[n].done for n in chosen)) - _LEANING * (len(with_it) > 1)
            if at not in chosen and fits and value > best:
                best, group = value, with_it
        if not group:
            break
        chosen |= group
    return sorted(chosen)


class _Worth(NamedTuple):
    """The value of one sentence."""

    done: float  #: for saying what was done: once is enough
    rest: float

    def alone(self, *, chosen_done: bool) -> float:
        return self.rest + (_AGAIN if chosen_done else 1.0) * self.done


def _worths(said: list[str]) -> list[_Worth]:
    """The value of each sentence: what was done counts most, then findings, most of all those with figures; the
    setting counts little."""
    found, of_section = [], 0.0
    for at, sentence in enumerate(said):
        section = next((worth for name, worth in _SECTIONS if name.match(sentence)), None)
        of_section = of_section if section is None else section
        worth = 1.5 * bool(_FOUND.search(sentence)) + 1.0 * bool(_NUMBER.search(sentence)) + of_section
        worth -= 1.5 * bool(_SETTING.match(sentence)) + 3.0 * bool(_ASIDE.search(sentence))
        worth -= 3.0 * bool(_OUTLOOK.search(sentence))
        worth -= 5.0 * (sentence.isascii() and len(sentence.split()) < _FEW_WORDS)
        worth += 1.2 * (at == len(said) - 1) - 0.6 * (at == 0) - 0.02 * at
        found.append(_Worth(3.0 * bool(_DONE.search(sentence)), worth))
    return found


def _cut(sentence: str) -> str:
    if width(sentence) <= LONGEST:
        return sentence
    short = sentence[: LONGEST * len(sentence) // width(sentence)]
    return (short.rsplit(" ", 1)[0] if " " in short else short).rstrip(",;: ") + " …"
