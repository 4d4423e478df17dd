"""The fields a rule can name: how each reads a paper. One table; the grammar, the evaluator and the docs read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from digestbot.model import Entry, Paper, PartialDate

Thing = Paper | Entry


@dataclass(frozen=True, slots=True)
class TextField:
    """Texts in which words are looked for. None for the whole field: not known."""

    name: str
    read: Callable[[Thing], tuple[str, ...] | None]
    help: str


@dataclass(frozen=True, slots=True)
class CodeField:
    """Codes that are compared whole or by prefix (`cs.*`), without case. None: not known."""

    name: str
    read: Callable[[Thing], tuple[str, ...] | None]
    help: str


@dataclass(frozen=True, slots=True)
class NumberField:
    """A count. None: not known."""

    name: str
    read: Callable[[Thing], int | None]
    help: str


@dataclass(frozen=True, slots=True)
class DateField:
    """A date as precise as it was given. None: not known."""

    name: str
    read: Callable[[Thing], PartialDate | None]
    help: str


@dataclass(frozen=True, slots=True)
class HasField:
    """Something that is there or not; never unknown."""

    name: str
    read: Callable[[Thing], bool]
    help: str


Field = TextField | CodeField | NumberField | DateField


def _links(thing: Thing, *rels: str) -> tuple[str, ...]:
    return tuple(link.href for link in thing.links if link.rel in rels)


def _sources(thing: Thing) -> tuple[str, ...]:
    return thing.sources if isinstance(thing, Paper) else ()


def _ids(thing: Thing) -> tuple[str, ...]:
    """All that name this work, those its other editions have too; the arXiv id also with its version."""
    known = [value for scheme, value in thing.identifiers.items() if scheme != "arxiv_version"]
    arxiv, version = thing.identifiers.get("arxiv"), thing.identifiers.get("arxiv_version")
    known += [f"{arxiv}v{version}"] if arxiv and version else []
    return tuple(dict.fromkeys([*known, *(same.partition(":")[2] for same in thing.same_as)]))


def _dois(thing: Thing) -> tuple[str, ...] | None:
    own = thing.identifiers.get("doi")
    same = [value for scheme, _, value in (s.partition(":") for s in thing.same_as) if scheme == "doi"]
    return tuple(dict.fromkeys([*([own] if own else []), *same])) or None


def _venue(thing: Thing) -> tuple[str, ...] | None:
    return (thing.venue,) if thing.venue else None


def _one(value: str | None) -> tuple[str, ...] | None:
    return (value,) if value else None


def _version(thing: Thing) -> int | None:
    if isinstance(thing, Paper) and thing.version is not None:
        return thing.version
    given = thing.identifiers.get("arxiv_version", "")
    return int(given) if given.isdecimal() else None


FIELDS: Final[Mapping[str, Field]] = {
    "ti": TextField("title", lambda p: (p.title,), "words in the title"),
    "abs": TextField("abstract", lambda p: (p.summary,), "words in the abstract"),
    "au": TextField("author", lambda p: p.authors or None, "an author's name, or part of it"),
    "aff": TextField("affiliation", lambda p: p.affiliations or None, "where the authors work"),
    "who": CodeField("who", lambda p: p.people or None, "a person or a lab by id: ORCID, OpenAlex author, ROR"),
    "venue": TextField("venue", _venue, "journal or conference"),
    "code": TextField("code", lambda p: _links(p, "code") or None, "words in the address of the code"),
    "cat": CodeField("category", lambda p: p.categories, "a category: cs.CV, or cs.* for all below it"),
    "src": CodeField("source", _sources, "the name of a source"),
    "id": CodeField("id", lambda p: _ids(p) or None, "any identifier: arXiv id, DOI, PMID"),
    "doi": CodeField("doi", _dois, "the DOI"),
    "lang": CodeField("language", lambda p: _one(p.language), "the language: en, de"),
    "upvotes": NumberField("upvotes", lambda p: p.signals.get("upvotes"), "votes of the community"),
    "comments": NumberField("comments", lambda p: p.signals.get("comments"), "comments of the community"),
    "stars": NumberField("stars", lambda p: p.signals.get("stars"), "stars of its code"),
    "authors": NumberField("authors", lambda p: len(p.authors) or None, "how many authors"),
    "sources": NumberField("sources", lambda p: len(_sources(p)) or None, "how many sources carry it"),
    "version": NumberField("version", _version, "the highest known version"),
    "published": DateField("published", lambda p: p.published, "the paper's own date"),
    "announced": DateField("announced", lambda p: p.announced, "the day a source listed it"),
}

ALIASES: Final[Mapping[str, str]] = {
    "title": "ti", "abstract": "abs", "author": "au", "affiliation": "aff", "category": "cat", "source": "src",
    "language": "lang", "votes": "upvotes", "date": "published", "journal": "venue", "arxiv": "id",
}  # fmt: skip

HAS: Final[Mapping[str, HasField]] = {
    "code": HasField("code", lambda p: bool(_links(p, "code")), "a link to code"),
    "doi": HasField("doi", lambda p: _dois(p) is not None, "a DOI"),
    "pdf": HasField("pdf", lambda p: bool(_links(p, "pdf")), "a link to a PDF"),
    "abstract": HasField("abstract", lambda p: bool(p.summary), "an abstract"),
    "project": HasField("project", lambda p: bool(_links(p, "project")), "a project page"),
    "votes": HasField("votes", lambda p: p.signals.get("upvotes", 0) > 0, "at least one vote"),
    "venue": HasField("venue", lambda p: bool(p.venue), "a journal or conference"),
}

#: words without a field are looked for in these, in this order
DEFAULT: Final = ("ti", "abs")
