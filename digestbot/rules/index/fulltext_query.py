"""The full-text query of a rule: a quick filter in the database before the rule itself decides.

`indexed_words` gives what the index stores of a paper, `fulltext_query` what a rule requires of it. Every paper that the
rule matches satisfies the query; the query may find more. NOT, counts, dates and sources require nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from digestbot.memo import remembered
from digestbot.rules.evaluation.evaluate import is_name
from digestbot.rules.language.fields import DEFAULT, FIELDS, HAS, CodeField, TextField, Thing
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Term
from digestbot.rules.words.names import name_readings
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import folded_words, is_initial

LONGEST = 200  #: characters of a word that are stored; PostgreSQL takes 2,046 bytes
#: ASCII that is no letter or digit, as private-use characters: no index may cut a word at them
_ONE_WORD: Final = str.maketrans({c: 0xE000 + c for c in range(128) if not chr(c).isalnum()})
_NOT_STORED = ("src",)  #: known only by a paper's entries
_CHANGING = ("votes",)

Place = Literal["title", "abstract", "either", "other"]


@dataclass(frozen=True, slots=True)
class IndexedWords:
    """A paper's words for the index: title and abstract in order, those of other fields with the field's name in front."""

    title: tuple[str, ...]
    abstract: tuple[str, ...]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class PhraseQuery:
    """Words behind each other, or near each other. With `prefix`, the last is only a beginning."""

    place: Place
    words: tuple[str, ...]
    prefix: bool = False
    near: int | None = None  #: in any order, with so many more words between the first and the last of them


@dataclass(frozen=True, slots=True)
class AllOf:
    """All parts must hold."""

    parts: tuple[FulltextQuery, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must hold."""

    parts: tuple[FulltextQuery, ...]


FulltextQuery = PhraseQuery | AllOf | AnyOf


def indexed_words(paper: Thing) -> IndexedWords:
    """Returns what the index stores of a paper."""
    title, abstract = folded_words(paper.title), folded_words(paper.summary)
    stems = {word: _stored_stem(word) for word in {*title, *abstract}}
    forms = {form for form in map(_stored_form, stems) if form}
    stored_title, stored_abstract = (tuple(map(stems.__getitem__, text)) for text in (title, abstract))
    return IndexedWords(stored_title, stored_abstract, frozenset(forms.union(_others(paper))))


@remembered(16384)  # the same few thousand words make most of every text
def _stored_stem(word: str) -> str:
    return _stored(stem(word))


@remembered(16384)
def _stored_form(word: str) -> str:
    """The word beside its stem; "" where it is its stem."""
    return _marked("form", word) if stem(word) != word else ""


def _others(paper: Thing) -> Iterator[str]:
    for name, read in _READ_AS_TEXT:
        if texts := read(paper):
            yield from _words_of_field(name, texts)
    for name, read in _READ_AS_CODE:
        for value in read(paper) or ():
            yield _marked(name, value.casefold())
    yield from (mark for mark, had in _HAD if had(paper))


def _words_of_field(name: str, texts: Iterable[str]) -> Iterator[str]:
    """Each word as written and as its stem; of a name the words of all its readings."""
    for text in texts:
        words = set(chain.from_iterable(name_readings(text))) if name == "au" else folded_words(text)
        for word in words:
            yield _marked(name, word)
            if (shorter := stem(word)) != word:
                yield _marked(name, shorter)


def _marked(field: str, word: str) -> str:
    return _stored(f"{field}:{word}")


def _stored(word: str) -> str:
    return word[:LONGEST] if word.isascii() and word.isalnum() else word[:LONGEST].translate(_ONE_WORD)


#: the fields once sorted by what is read of them: each paper is asked for all
_READ_AS_TEXT: Final = [(n, f.read) for n, f in FIELDS.items() if isinstance(f, TextField) and n not in DEFAULT]
_READ_AS_CODE: Final = [(n, f.read) for n, f in FIELDS.items() if isinstance(f, CodeField) and n not in _NOT_STORED]
_HAD: Final = [(_marked("has", what), had.read) for what, had in HAS.items() if what not in _CHANGING]


def fulltext_query(node: Node) -> FulltextQuery | None:
    """Returns what a paper must contain for the rule to match, or None when words cannot tell."""
    match node:
        case Term():
            return _term(node)
        case And() | Or():
            return _of_parts(node)
        case Code():
            return None if node.field in _NOT_STORED else _other(_marked(node.field, node.value), node.prefix)
        case Has():
            return None if node.what in _CHANGING else _other(_marked("has", node.what))
        case Not() | Compare():
            return None


def fulltext_query_of_any(nodes: Iterable[Node]) -> FulltextQuery | None:
    """Returns what a paper must contain for one of several rules to match, or None when words cannot tell or there is no rule."""
    every = [fulltext_query(node) for node in nodes]
    told = tuple(need for need in every if need is not None)
    return AnyOf(told) if told and len(told) == len(every) else None


def words_asked(need: FulltextQuery) -> Iterator[str]:
    """Yields the words of a query, each as often as it stands there."""
    if isinstance(need, PhraseQuery):
        yield from need.words
    else:
        for part in need.parts:
            yield from words_asked(part)


def _of_parts(node: And | Or) -> FulltextQuery | None:
    """Of AND every part that words can tell; of OR nothing where one part cannot be told."""
    every = [fulltext_query(part) for part in node.nodes]
    told = tuple(need for need in every if need is not None)
    if isinstance(node, And):
        return AllOf(told) if told else None
    return AnyOf(told) if len(told) == len(every) else None


def _other(word: str, prefix: bool = False) -> PhraseQuery:
    return PhraseQuery("other", (word,), prefix)


def _term(term: Term) -> FulltextQuery:
    places: dict[tuple[str, ...], Place] = {DEFAULT: "either", ("ti",): "title", ("abs",): "abstract"}
    if term.fields in places:
        return _in_text(term, places[term.fields])
    [field] = term.fields  # the grammar gives several only to words without a field
    if field == "au" and is_name(term):
        return AllOf(
            tuple(_name(word, term.prefix and at == len(term.words) - 1) for at, word in enumerate(term.words))
        )
    forms = term.words if term.exact or field == "au" else term.stems
    whole = forms[:-1] if term.prefix else forms
    begun = [_other(_marked(field, term.words[-1]), prefix=True)] if term.prefix else []
    return AllOf((*(_other(_marked(field, word)) for word in whole), *begun))


def _in_text(term: Term, place: Place) -> FulltextQuery:
    """Equal words have equal stems, so stems are enough; a prefix is one of the word as written."""
    stems = tuple(map(_stored, term.stems))
    if term.near is not None:
        return PhraseQuery(place, stems, near=term.near + max(0, len(stems) - 2))
    if not term.prefix:
        return PhraseQuery(place, stems)
    last = term.words[-1]
    begun = AnyOf((PhraseQuery(place, (_stored(last),), prefix=True), _other(_marked("form", last), prefix=True)))
    return AllOf((PhraseQuery(place, stems[:-1]), begun)) if len(stems) > 1 else begun


def _name(word: str, begun: bool) -> FulltextQuery:
    """A word of a name, or its initial."""
    if is_initial(word):
        return _other(_marked("au", word), prefix=True)
    return AnyOf((_other(_marked("au", word), begun), _other(_marked("au", word[0]))))


def flat_words(words: IndexedWords) -> Iterable[str]:
    """Returns single words for an index without positions. Words of title and abstract come a second time with their field."""
    yield from dict.fromkeys((*words.title, *words.abstract))
    yield from (_marked("ti", word) for word in dict.fromkeys(words.title))
    yield from (_marked("abs", word) for word in dict.fromkeys(words.abstract))
    yield from sorted(words.others)


def single_words(need: PhraseQuery) -> Iterator[tuple[str, bool]]:
    """Yields the words of `flat_words` that a query requires, each with whether it is only a prefix."""
    mark: dict[Place, str] = {"title": "ti", "abstract": "abs"}
    for at, word in enumerate(need.words):
        begun = need.prefix and at == len(need.words) - 1
        yield (_marked(mark[need.place], word) if need.place in mark else word), begun
