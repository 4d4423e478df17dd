"""Words: how texts and rules are cut into them, and when two are the same. `docs/rules.md` says it as algorithms.

Cutting: a word is a run of letters, marks and digits; an apostrophe inside belongs to it and is dropped; `+` and `#`
directly behind a letter belong to it (C++, C#). Everything else ends a word, so `state-space` is the two words
`state space`. Characters of scripts written without spaces (CJK) are a word each.

Folding: NFKD, marks dropped, case folded. Plurals are folded lightly: `model` finds `models`, and the other way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining, normalize

_WORD = re.compile(
    r"[぀-ヿ㐀-䶿一-鿿豈-﫿]"  # kana and CJK ideographs, one at a time
    r"|[^\W_぀-ヿ㐀-䶿一-鿿豈-﫿]+(?:['’ʼ][^\W\d_]+)*[+#]*"
)
_APOSTROPHES = str.maketrans("", "", "'’ʼ")


@dataclass(frozen=True, slots=True)
class Words:
    """A text, cut: the folded words, their stems, and where each stands in the text."""

    text: str
    folded: tuple[str, ...]
    stems: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]

    def shown(self, first: int, last: int) -> str:
        """The text from word `first` to word `last`, as it stands there."""
        return self.text[self.spans[first][0] : self.spans[last][1]]


def words(text: str) -> Words:
    """Cut and fold a text."""
    folded, stems, spans = [], [], []
    for word, start, end in _cut(text):
        folded.append(word)
        stems.append(stem(word))
        spans.append((start, end))
    return Words(text, tuple(folded), tuple(stems), tuple(spans))


def _cut(text: str) -> Iterator[tuple[str, int, int]]:
    for found in _WORD.finditer(text):
        word = fold(found.group())
        if word:
            yield word, found.start(), found.end()


@lru_cache(maxsize=65536)
def fold(word: str) -> str:
    """One word without case, accents and apostrophes: `Schrödinger’s` → `schrodingers`."""
    if word.isascii():
        return word.lower().replace("'", "")
    apart = normalize("NFKD", word.translate(_APOSTROPHES)).casefold()
    return "".join(c for c in normalize("NFKD", apart) if not combining(c))


#: plurals no ending tells, and words that only look like plurals
IRREGULAR = {
    "analyses": "analysis", "hypotheses": "hypothesis", "syntheses": "synthesis", "biases": "bias", "viruses": "virus",
    "lenses": "lens", "gases": "gas", "indices": "index", "matrices": "matrix", "vertices": "vertex", "caches": "cache",
    "niches": "niche", "axes": "axis", "criteria": "criterion", "phenomena": "phenomenon", "mice": "mouse",
    "news": "news", "lens": "lens", "series": "series", "species": "species", "does": "does",
}  # fmt: skip


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A folded word without its plural ending: `models` → `model`, `studies` → `study`, `boxes` → `box`.

    In this order: the table of irregular ones; words of up to three letters, and those ending in ss, is, or us with
    more than four letters, stay; -ies (over four letters) → y; -xes, -sses, -shes, -ches lose es; -s is lost.
    """
    if word in IRREGULAR:
        return IRREGULAR[word]
    if len(word) <= 3 or word[-1] != "s" or word.endswith(("ss", "is")) or (word.endswith("us") and len(word) > 4):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("xes", "sses", "shes", "ches")) else word[:-1]
