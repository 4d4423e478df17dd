"""Inverted indexes: from words and values to papers. One class for each kind of field.

Papers are numbered; a set of papers is a bitmap, an int whose bit n is paper n. The answer to a term is a pair of sets: the papers
for which it is true, and those for which it is not false. They differ by the papers for which it is unknown.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property, reduce
from itertools import chain, compress
from operator import and_
from typing import TypeVar

from digestbot.model import PartialDate
from digestbot.rules.evaluation.evaluate import WHOLE, is_name, is_named
from digestbot.rules.language.comparisons import COMPARE_NUMBERS, compare_dates
from digestbot.rules.language.syntax_tree import Code, Compare, Term
from digestbot.rules.language.terms import MOST_WORDS
from digestbot.rules.words.names import name_readings
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import folded_words, is_initial

V = TypeVar("V", int, PartialDate)
T = TypeVar("T")

SPARSE = 16  #: fewer than one in so many: then going from bit to bit is quicker than looking at each
_DIGITS = bytes.maketrans(b"01", b"\0\1")

TruthSets = tuple[int, int]  #: papers for which it is true, papers for which it is not false


def bits_of(numbers: Iterable[int], size: int) -> int:
    """Returns the set of these papers, out of `size`."""
    some = list(numbers)
    if len(some) < 16:
        bits = 0
        for number in some:
            bits |= 1 << number
        return bits
    held = bytearray((size >> 3) + 1)
    for number in some:
        held[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(held, "little")


def picked(values: Sequence[T], bits: int) -> list[T]:
    """Returns the values whose numbers are in a set, in their order."""
    if bits.bit_count() * SPARSE > len(values):
        return list(compress(values, bin(bits)[:1:-1].encode().translate(_DIGITS)))  # bit 0 first
    found = []
    while bits:  # from the top: the number gets shorter, and its length is quicker had than its lowest bit
        at = bits.bit_length() - 1
        found.append(values[at])
        bits ^= 1 << at
    found.reverse()
    return found


def numbers_of(bits: int) -> list[int]:
    """Returns the papers of a set by their numbers, rising."""
    return picked(range(bits.bit_length()), bits)


class TextPostings:
    """The words of one text field, and which papers have each. All texts form one stream of words.

    An empty word ends each text, and some precede the first, so that no phrase crosses the end of a text and no position
    of a phrase needs a check of the borders. Where a word stands is looked for in the papers that have all words of a phrase:
    to know it of every word would take most of the time and memory of an index.
    """

    def __init__(self, texts: Sequence[tuple[str, ...] | None], *, field: str) -> None:
        self.size, self.names, self.whole = len(texts), field == "au", field in WHOLE
        self._texts = texts
        self.unknown = bits_of((n for n, read in enumerate(texts) if read is None), len(texts))
        self.words: list[str] = [""] * MOST_WORDS
        self._begins = array("I", [MOST_WORDS])  #: of a paper's words in the stream
        papers: defaultdict[str, list[int]] = defaultdict(list)
        known: dict[str, str] = {}  # each word once: most of a month's words are a few thousand, and one takes 50 bytes
        for paper, read in enumerate(texts):
            found: set[str] = set()
            for text in read or ():
                words = folded_words(text)
                found.update(words)
                self.words += map(known.setdefault, words, words)
                self.words.append("")
            self._begins.append(len(self.words))
            for word in found:
                papers[word].append(paper)
        self.papers: dict[str, list[int]] = dict(papers)  #: having a word, rising
        self._bits: dict[str, int] = {}

    @cached_property
    def forms(self) -> dict[str, list[str]]:
        """Stem → the words that have it."""
        forms: dict[str, list[str]] = {}
        for word in self.papers:
            forms.setdefault(stem(word), []).append(word)
        return forms

    @cached_property
    def stems(self) -> list[str]:
        """The stream as stems."""
        of = {word: form for form, some in self.forms.items() for word in some}
        of[""] = ""
        return [of[word] for word in self.words]

    @cached_property
    def vocabulary(self) -> list[str]:
        """All words, sorted, so that words with one prefix are neighbours."""
        return sorted(self.papers)

    def true(self, term: Term) -> int:
        """Returns the papers that have the term in this field."""
        plain = term.exact or self.names
        if term.near is not None and len(term.words) > 1:
            return self._near(term, plain)
        if self.names and is_name(term):
            return self._authors.true(term)
        if len(term.words) > 1 or (self.whole and term.exact):
            return self._phrase(term, plain)
        return self._word(term, plain or bool(term.capital))

    def _word(self, term: Term, plain: bool) -> int:
        if term.prefix:
            return self._any(self._begun(term.words[0]))
        return self._any(self._written(term.words[0] if plain else term.stems[0], plain))

    @cached_property
    def _authors(self) -> NamePostings:
        return NamePostings(self._texts)

    def _written(self, form: str, plain: bool) -> list[str]:
        """Returns the words of the texts that equal a word of a rule."""
        if plain:
            return [form] if form in self.papers else []
        return self.forms.get(form, [])

    def _begun(self, beginning: str) -> list[str]:
        low = bisect_left(self.vocabulary, beginning)
        high = bisect_left(self.vocabulary, beginning + "\U0010ffff", low)
        return self.vocabulary[low:high]

    def _any(self, written: Iterable[str]) -> int:
        bits = 0
        for word in written:
            if word not in self._bits:
                self._bits[word] = bits_of(self.papers[word], self.size)
            bits |= self._bits[word]
        return bits

    def _all(self, wanted: Iterable[str], plain: bool) -> int:
        """Returns the papers that have all these words, wherever they stand."""
        return reduce(and_, (self._any(self._written(word, plain)) for word in set(wanted)))

    def _phrase(self, term: Term, plain: bool) -> int:
        """Returns the papers where all words of a phrase stand, its last perhaps only begun, and nothing else beside it where
        the whole text is compared."""
        wanted = term.words if plain else term.stems
        whole = wanted[:-1] if term.prefix else wanted
        if not whole:
            return self._beginning(frozenset(self._begun(term.words[0])), term)
        stream = self.words if plain else self.stems
        papers = self._all(whole, plain)
        rarest = min(range(len(whole)), key=lambda k: self._any(self._written(whole[k], plain)).bit_count())
        found = [n for n in numbers_of(papers) if self._has_phrase(n, stream, whole, rarest, term)]
        return bits_of(found, self.size)

    def _beginning(self, begun: frozenset[str], term: Term) -> int:
        """Returns the papers where one of these words stands as the term wants it."""
        found = [
            n
            for n in numbers_of(self._any(begun))
            if any(self.words[at] in begun and self._is_as_written(at, term) for at in self._stretch(n))
        ]
        return bits_of(found, self.size)

    def _stretch(self, paper: int) -> range:
        """Where the words of a paper stand in the stream."""
        return range(self._begins[paper], self._begins[paper + 1])

    def _has_phrase(self, paper: int, stream: Sequence[str], whole: Sequence[str], rarest: int, term: Term) -> bool:
        """Looks at every place where the rarest word stands."""
        within = self._stretch(paper)
        at = within.start
        while True:
            try:
                at = stream.index(whole[rarest], at, within.stop) + 1
            except ValueError:
                return False
            start = at - 1 - rarest
            if all(stream[start + k] == word for k, word in enumerate(whole)) and self._is_as_written(start, term):
                return True

    def _is_as_written(self, start: int, term: Term) -> bool:
        """Whether the last word begins so, capitals are capitals, and a whole text is no more than that."""
        words, count = self.words, len(term.words)
        if term.prefix and not words[start + count - 1].startswith(term.words[-1]):
            return False
        if any(words[start + k] != term.words[k] for k in term.capital):
            return False
        return not (self.whole and term.exact) or not (words[start - 1] or words[start + count])

    def _near(self, term: Term, plain: bool) -> int:
        """Reads the papers that have all the words; none of them is read twice, whatever the words are."""
        wanted = term.words if plain else term.stems
        stream, widest = (self.words if plain else self.stems), len(wanted) + (term.near or 0)
        papers = numbers_of(self._all(wanted, plain))
        found = [n for n in papers if self._has_stretch(n, stream, Counter(wanted), widest)]
        return bits_of(found, self.size)

    def _has_stretch(self, paper: int, stream: Sequence[str], need: Mapping[str, int], widest: int) -> bool:
        """Slides over the words wanted; at each, the narrowest stretch that ends there and holds all."""
        have: dict[str, int] = dict.fromkeys(need, 0)
        missing = len(need)
        held: deque[int] = deque()
        for at in self._stretch(paper):
            word = stream[at]
            if word == "":  # the end of a text
                have, missing = dict.fromkeys(need, 0), len(need)
                held.clear()
            elif word in need:
                held.append(at)
                have[word] += 1
                missing -= have[word] == need[word]
                while have[stream[held[0]]] > need[stream[held[0]]]:
                    have[stream[held.popleft()]] -= 1
                if not missing and at - held[0] < widest:
                    return True
        return False


class NamePostings:
    """The names of authors: from their words to the names, from a name to the papers."""

    def __init__(self, texts: Sequence[tuple[str, ...] | None]) -> None:
        self._size = len(texts)
        self._papers: dict[str, list[int]] = {}
        for paper, names in enumerate(texts):
            for name in names or ():
                self._papers.setdefault(name, []).append(paper)
        self._having: dict[str, list[str]] = {}
        for name in self._papers:
            for word in {word for reading in name_readings(name) for word in reading}:
                self._having.setdefault(word, []).append(name)

    def true(self, term: Term) -> int:
        """Asks `same_name` about every name that has one of the words as written."""
        papers = (self._papers[name] for name in self._candidates(term) if is_named(name, term))
        return bits_of(chain.from_iterable(papers), self._size)

    def _candidates(self, term: Term) -> set[str]:
        """The names that have one of the words whole; initials alone are asked about only where there is nothing longer."""
        whole = term.words[:-1] if term.prefix else term.words
        long = [word for word in whole if not is_initial(word)]
        names = {name for word in long or whole for name in self._having.get(word, ())}
        if term.prefix:
            begun = (some for word, some in self._having.items() if word.startswith(term.words[-1]))
            names.update(chain.from_iterable(begun))
        return names


class CodePostings:
    """The codes of one field."""

    def __init__(self, values: Sequence[tuple[str, ...] | None]) -> None:
        size = len(values)
        self.unknown = bits_of((n for n, read in enumerate(values) if read is None), size)
        papers: dict[str, list[int]] = {}
        for paper, read in enumerate(values):
            for value in read or ():
                papers.setdefault(value.casefold(), []).append(paper)
        self._bits = {value: bits_of(some, size) for value, some in papers.items()}

    def value(self, code: Code) -> TruthSets:
        """Returns the papers that have the code, or a code with this prefix."""
        true = self._bits.get(code.value, 0)
        if code.prefix:
            for value, bits in self._bits.items():
                if value.startswith(code.value):
                    true |= bits
        return true, true | self.unknown if self.unknown else true


class NumberPostings:
    """The counts of one field."""

    def __init__(self, values: Sequence[int | None]) -> None:
        self._papers = _grouped(values)

    def value(self, compare: Compare) -> TruthSets:
        """Compares each count that occurs once."""
        holds = COMPARE_NUMBERS[compare.operator]
        return _compared(self._papers, lambda number: holds(number, compare.number))


class DatePostings:
    """The dates of one field."""

    def __init__(self, values: Sequence[PartialDate | None]) -> None:
        self._papers = _grouped(values)

    def value(self, compare: Compare) -> TruthSets:
        """Compares each date that occurs once."""
        asked = compare.asked_date
        return _compared(self._papers, lambda date: compare_dates(date, compare.operator, asked))


def _grouped(values: Sequence[V | None]) -> Mapping[V | None, int]:
    papers: dict[V | None, list[int]] = {}
    for paper, value in enumerate(values):
        papers.setdefault(value, []).append(paper)
    return {value: bits_of(some, len(values)) for value, some in papers.items()}


def _compared(papers: Mapping[V | None, int], holds: Callable[[V], bool | None]) -> TruthSets:
    true = possible = 0
    for value, bits in papers.items():
        answer = None if value is None else holds(value)
        if answer:
            true |= bits
        if answer is not False:
            possible |= bits
    return true, possible
