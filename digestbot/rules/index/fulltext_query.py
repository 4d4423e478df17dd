"""What a paper must say for a rule to be true: words for a full-text index, which knows more papers than wanted.

`said` is what is written down of a paper, `needs` what a rule asks of that. Whatever the rule is true for has what it
needs; not everything that has it is wanted: the rule itself decides in the end. Only what must be there counts, so
NOT, counts, dates and sources ask for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from digestbot.rules.language.fields import DEFAULT, FIELDS, HAS, CodeField, TextField, Thing
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Term
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import cut, is_initial

LONGEST = 200  #: characters of a word that are written down; PostgreSQL takes 2,046 bytes
#: ASCII that is no letter or digit, as private-use characters: no index may cut a word at them
_ONE_WORD: Final = str.maketrans({c: 0xE000 + c for c in range(128) if not chr(c).isalnum()})
_NOT_WRITTEN = ("src",)  #: known only by a paper's entries
_CHANGING = ("votes",)

Place = Literal["title", "abstract", "either", "other"]


@dataclass(frozen=True, slots=True)
class Said:
    """A paper's words, ready for an index: in their order, and those of other fields with the field's name in front."""

    title: tuple[str, ...]
    abstract: tuple[str, ...]
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """These words behind each other, or near each other; of the last only the beginning, with `prefix`."""

    place: Place
    words: tuple[str, ...]
    prefix: bool = False
    near: int | None = None  #: in any order, with so many more words between the first and the last of them


@dataclass(frozen=True, slots=True)
class All:
    """All of these."""

    parts: tuple[Need, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least one of these."""

    parts: tuple[Need, ...]


Need = Words | All | Any


def said(paper: Thing) -> Said:
    """What is written down of a paper."""
    texts = [cut(paper.title), cut(paper.summary)]
    title, abstract = (tuple(_written(stem(word)) for word in text) for text in texts)
    forms = {_marked("form", word) for text in texts for word in text if stem(word) != word}
    return Said(title, abstract, frozenset(forms | set(_others(paper))))


def _others(paper: Thing) -> Iterator[str]:
    for name, field in FIELDS.items():
        if isinstance(field, TextField) and name not in DEFAULT:
            for text in field.read(paper) or ():
                yield from (_marked(name, form) for word in cut(text) for form in {word, stem(word)})
        elif isinstance(field, CodeField) and name not in _NOT_WRITTEN:
            yield from (_marked(name, value.casefold()) for value in field.read(paper) or ())
    yield from (_marked("has", what) for what, had in HAS.items() if what not in _CHANGING and had.read(paper))


def _marked(field: str, word: str) -> str:
    return _written(f"{field}:{word}")


def _written(word: str) -> str:
    return word[:LONGEST].translate(_ONE_WORD)


def needs(node: Node) -> Need | None:
    """What a paper must say; None: that cannot be told from its words."""
    match node:
        case Term():
            return _term(node)
        case And():
            parts = tuple(need for part in node.nodes if (need := needs(part)) is not None)
            return All(parts) if parts else None
        case Or():
            every = [needs(part) for part in node.nodes]
            return Any(tuple(need for need in every if need is not None)) if None not in every else None
        case Code():
            return None if node.field in _NOT_WRITTEN else _other(_marked(node.field, node.value), node.prefix)
        case Has():
            return None if node.what in _CHANGING else _other(_marked("has", node.what))
        case Not() | Compare():
            return None


def _other(word: str, prefix: bool = False) -> Words:
    return Words("other", (word,), prefix)


def _term(term: Term) -> Need:
    places: dict[tuple[str, ...], Place] = {DEFAULT: "either", ("ti",): "title", ("abs",): "abstract"}
    if term.fields in places:
        return _in_text(term, places[term.fields])
    [field] = term.fields  # the grammar gives several only to words without a field
    if field == "au" and len(term.words) > 1 and not term.exact and term.near is None:
        return All(tuple(_name(word, term.prefix and at == len(term.words) - 1) for at, word in enumerate(term.words)))
    forms = term.words if term.exact or field == "au" else term.stems
    whole = forms[:-1] if term.prefix else forms
    begun = [_other(_marked(field, term.words[-1]), prefix=True)] if term.prefix else []
    return All((*(_other(_marked(field, word)) for word in whole), *begun))


def _in_text(term: Term, place: Place) -> Need:
    """Words equal as they stand have equal forms, so forms are enough; a beginning is one of the word as it stands."""
    stems = tuple(map(_written, term.stems))
    if term.near is not None:
        return Words(place, stems, near=term.near + max(0, len(stems) - 2))
    if not term.prefix:
        return Words(place, stems)
    last = term.words[-1]
    begun = Any((Words(place, (_written(last),), prefix=True), _other(_marked("form", last), prefix=True)))
    return All((Words(place, stems[:-1]), begun)) if len(stems) > 1 else begun


def _name(word: str, begun: bool) -> Need:
    """A word of a name, or the letter that stands for it."""
    if is_initial(word):
        return _other(_marked("au", word), prefix=True)
    return Any((_other(_marked("au", word), begun), _other(_marked("au", word[0]))))


def flat(words: Said) -> Iterable[str]:
    """All of it as single words, for an index that knows no places: those of the title stand there a second time."""
    yield from dict.fromkeys((*words.title, *words.abstract))
    yield from (_marked("ti", word) for word in dict.fromkeys(words.title))
    yield from (_marked("abs", word) for word in dict.fromkeys(words.abstract))
    yield from sorted(words.others)


def single(need: Words) -> Iterator[tuple[str, bool]]:
    """The words of `flat` that a need asks for, each with: only its beginning?"""
    mark: dict[Place, str] = {"title": "ti", "abstract": "abs"}
    for at, word in enumerate(need.words):
        begun = need.prefix and at == len(need.words) - 1
        yield (_marked(mark[need.place], word) if need.place in mark else word), begun
