"""Words: how texts and rules are cut into them and folded. `docs/rules.md` says it as algorithms.

Cutting: a word is a run of letters, digits and the marks on them; an apostrophe inside belongs to it and is dropped,
but behind an elided word (l'économie) it ends it;
`+` and `#` behind a single letter belong to it (C++, C#). Everything else ends a word, so `state-space` is the two
words `state space`. Characters of scripts written without spaces (kana, CJK ideographs) are a word each.

Folding: NFKD, marks dropped, case folded. Two words are the same when their stems are (`stemming`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from unicodedata import category, combining, normalize

from digestbot.memo import remembered
from digestbot.rules.words.stemming import stem

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fa1f"
#: invisible inside a word: soft hyphen, zero-width joiners, word joiner
_INVISIBLE = "\u00ad\u200c\u200d\u2060"
_APOSTROPHES = "'’ʼʻ"  #: the last is the okina of Hawaiʻi
#: words that an apostrophe parts from the word behind them: l'économie, d'Alembert, dell'arte
ELIDED = (
    "c d j l m n s t qu lorsqu puisqu jusqu quoiqu presqu quelqu all dall dell nell sull coll quell gl degl agl dagl negl "
    "sugl un quest sant"
).split()
_ELIDED = f"(?i:{'|'.join(ELIDED)})"
_MARK = "\u0300"  #: stands for every mark while cutting: `re` knows letters and digits, but no marks


def _pattern(mark: str) -> re.Pattern[str]:
    """Matches words of any script; `mark` is what may follow a letter."""
    letter, sign = rf"[^\W\d_{_CJK}]{mark}", rf"[^\W_{_CJK}]{mark}"
    return re.compile(
        rf"(?=[^\W_])[{_CJK}]{mark}|{letter}[+#]++(?![^\W_])|{_ELIDED}(?=[{_APOSTROPHES}]{letter}{letter})"
        rf"|(?:{sign})+(?:[{_APOSTROPHES}](?:{letter})+)*"
    )


_ASCII = re.compile(r"[a-z][+#]++(?![a-z0-9])|[a-z0-9]+")
_ASCII_APOSTROPHES = re.compile(rf"[a-z][+#]++(?![a-z0-9])|{_ELIDED}(?='[a-z][a-z])|[a-z0-9]+(?:'[a-z]+)*")
_PLAIN, _MARKED = _pattern(""), _pattern(f"{_MARK}*")
_HARD = re.compile("['\u0080-\U0010ffff]")
_LOWER_OR_SPACE = bytes(ord(chr(c).lower()) if c < 0x80 and chr(c).isalnum() else ord(" ") for c in range(256))

#: letters with a stroke or joined ones, which Unicode does not take apart
_STROKES = str.maketrans({
    "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip
_DROPPED = str.maketrans("", "", _APOSTROPHES + _INVISIBLE + "".join(map(chr, range(0xFE00, 0xFE10))))


@dataclass(frozen=True)
class TextWords:
    """The folded words of a text; on demand their stems and their positions in it."""

    text: str
    folded: tuple[str, ...]

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The stem of each word."""
        return tuple(map(stem, self.folded))

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Begin and end of each word in the text."""
        pattern, text = _ready(self.text)
        if text.isascii():
            return tuple(m.span() for m in pattern.finditer(text))
        return tuple(m.span() for m in pattern.finditer(text) if fold(self.text[m.start() : m.end()]))

    def shown(self, first: int, last: int) -> str:
        """Returns the original text from word `first` to word `last`."""
        return self.text[self.spans[first][0] : self.spans[last][1]]


def words_of(text: str) -> TextWords:
    """Splits a text into folded words."""
    return TextWords(text, tuple(folded_words(text)))


def folded_words(text: str) -> list[str]:
    """Returns the folded words of a text.

    Most of a text needs no pattern. No word reaches over a space, so only what stands between two spaces and has an
    apostrophe or a character beyond ASCII is left to `words_by_pattern`, which takes ten times as long.
    """
    hard = _HARD.search(text)
    if hard is None:
        return _plain_words(text)
    words: list[str] = []
    at = 0
    while hard is not None:
        begin, end = text.rfind(" ", at, hard.start()) + 1 or at, text.find(" ", hard.end())
        end = len(text) if end < 0 else end
        words += _plain_words(text[at:begin])
        words += words_by_pattern(text[begin:end])
        at, hard = end, _HARD.search(text, end)
    return words + _plain_words(text[at:])


def _plain_words(text: str) -> list[str]:
    """The folded words of ASCII without apostrophes."""
    if "+" in text or "#" in text:
        return _ASCII.findall(text.lower())
    return text.encode().translate(_LOWER_OR_SPACE).decode().split()


def words_by_pattern(text: str) -> list[str]:
    """Returns the folded words of any text, as the patterns say."""
    if text.isascii():
        if "'" not in text:
            return _ASCII.findall(text.lower())
        return [word.replace("'", "") for word in _ASCII_APOSTROPHES.findall(text.lower())]
    pattern, ready = _ready(text)
    if pattern is _PLAIN:
        return [folded for w in pattern.findall(text) if (folded := fold(w))]
    return [folded for m in pattern.finditer(ready) if (folded := fold(text[m.start() : m.end()]))]


def _ready(text: str) -> tuple[re.Pattern[str], str]:
    """Returns the pattern for a text, and the text with its marks replaced. The length stays, so positions do too."""
    if text.isascii():
        return (_ASCII_APOSTROPHES if "'" in text else _ASCII), text.lower()
    marks = {ord(c): _MARK for c in set(text) if c in _INVISIBLE or (c >= "\u0300" and category(c)[0] == "M")}
    return (_MARKED, text.translate(marks)) if marks else (_PLAIN, text)


@remembered(16384)
def fold(word: str) -> str:
    """Folds one word: case, accents and apostrophes go: `Schrödinger’s` → `schrodingers`, `Łukasz` → `lukasz`."""
    if word.isascii():
        return word.lower().replace("'", "")
    apart = normalize("NFKD", normalize("NFKD", word.translate(_DROPPED)).casefold())
    return "".join(c for c in apart if not combining(c)).translate(_STROKES)


def is_initial(word: str) -> bool:
    """Is a folded word a lone letter, as in `J. Doe`? An ideograph is a whole word."""
    return len(word) == 1 and word.isalpha() and not _IDEOGRAPH.match(word)


def is_ideograph(word: str) -> bool:
    """Is a folded word one character of a script written without spaces?"""
    return _IDEOGRAPH.fullmatch(word) is not None


_IDEOGRAPH = re.compile(f"[{_CJK}]")
