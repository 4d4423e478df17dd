"""What stands below a title: authors, venue, year, DOI, words of the abstract, each told by its own looks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from digestbot.model import PartialDate
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.sources.alerts.lines import Line

MOST_LINES = 14  #: below a title that may belong to it
MOST_AUTHORS = 200
LONG = 110  #: characters: longer is a sentence of the abstract
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_PMID = re.compile(r"\bPMID:?\s{0,3}(\d{5,9})\b", re.IGNORECASE)
_ARXIV = re.compile(r"\barxiv:\s{0,2}(\d{4}\.\d{4,5})", re.IGNORECASE)
_DAY = re.compile(
    r"(?<!\d)(\d{1,2})[ -](jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?[ -]((?:19|20)\d\d)",
    re.IGNORECASE,
)
_AMERICAN = re.compile(
    r"\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? (\d{1,2}),? ((?:19|20)\d\d)", re.IGNORECASE
)
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_LABELS = re.compile(
    r"(?:authors?|by|source|journal|published(?: in)?|document type|title|doi|abstract|tldr)\s{0,2}[:.]\s{0,3}",
    re.IGNORECASE,
)
_BY = re.compile(r"(?:[Bb]y|BY)\s{1,3}(?=[^\W\d_a-z])")
_PARTICLES = frozenset(
    "de da di du del della des van von der den ter ten la le el al bin ibn ben dos das y e af av zu und and et".split()
)
#: of what appears in places, not of people
_PLACES = re.compile(
    r"\b(?:journal|nature|science|proceedings|communications|letters|reviews?|research|international|conference|transactions|"
    r"annals|university|press|archives?|bulletin|magazine|reports|studies|advances|plos|elife|cell|lancet|arxiv|biorxiv|"
    r"medrxiv|preprints?|ieee|acm|symposium|workshop|society|institute|quarterly|physics|chemistry|biology|medicine|"
    r"methods|systems|access|engineering|networks?|learning|analysis|abstracts?|issue|volume|online|papers?)\b",
    re.IGNORECASE,
)
#: volume, issue, pages, year: what stands behind the name of a journal
_AFTER_NAME = re.compile(
    r",? ?\b(?:vol(?:ume|\.)?|issue|no\.|pages?|pp\.)\b|[,.;(]? ?\(?(?:19|20)\d\d\b|\||\s·\s|,\s\d", re.IGNORECASE
)
_REST = re.compile(
    r",?\s{0,3}(?:\+\s?\d{1,4} (?:more )?(?:authors?|others)|et al\.?|and others)\s{0,3}\Z", re.IGNORECASE
)
_AFFILIATION = re.compile(
    r"\b(?:university|school|department|institute|college|faculty|hospital|arxiv)\b", re.IGNORECASE
)
_SEPARATORS = re.compile(r"\s{0,3}(?:;|,(?! (?:Jr|Sr)\b)|\s&\s|\sand\s|…|\.\.\.)\s{0,3}")
#: what a publisher calls a thing, or offers to do with it
_NOT_WORDS = re.compile(
    r"(?:open access|free access|(?:original |research |review |short )?(?:article|paper|letter|communication|review)s?|"
    r"abstract|full text|pdf|html|first published.{0,30}|view .{0,30}|read .{0,30}|save|share|cite|download.{0,20}|similar articles|"
    r"no abstract available.{0,5}|research letter|editorial|preprint|accepted manuscript|just accepted|corrected proof|"
    r"article in press|highlights?|supplementary.{0,30}|save to library.{0,20}|create alert.{0,20}|manage .{0,40}|"
    r"unsubscribe.{0,40}|\W{0,3})\W{0,3}\Z",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Below:
    """What was found."""

    authors: tuple[str, ...] = ()
    more_follow: bool = False  #: the line of names ended with a comma
    venue: str = ""
    published: PartialDate | None = None
    summary: str = ""
    identifiers: dict[str, str] = field(default_factory=dict)


def read_below(lines: Sequence[Line]) -> Below:
    """Each line counts for the first thing it looks like."""
    found = Below()
    for line in lines[:MOST_LINES]:
        _take(found, line.text[:3000])
    return found


def _take(found: Below, text: str) -> None:
    label = _LABELS.match(text) or _BY.match(text)
    words = text[label.end() :] if label else text
    words = _behind_people(found, words)
    _identify(found, words)
    if not words or _NOT_WORDS.match(words):
        return
    if (found.more_follow or not found.authors) and (names := people(words)):
        found.authors, found.more_follow = (*found.authors, *names), words.rstrip().endswith((",", ";", "&", " and"))
    elif len(words) >= LONG and "doi" not in words.lower()[:300]:
        found.summary = found.summary or words
    else:
        _place(found, words)


def _behind_people(found: Below, text: str) -> str:
    """What stands behind the people of a line that names both, them and the place; else the line."""
    before, dash, place = parted(text)
    if not dash or found.authors or found.venue or not (said := people(before)):
        return text
    found.authors = said
    return place


def parted(text: str) -> tuple[str, str, str]:
    """`A Karmakar, B Ng - Venue, 2019` at its dash."""
    for dash in (" - ", " – ", " — "):
        if dash in text:
            return text.partition(dash)
    return text, "", ""


def _identify(found: Below, text: str) -> None:
    """Identifiers that stand there in so many words."""
    named = {"doi": doi(text) if "10." in text else None, "pmid": _first(_PMID, text), "arxiv": _first(_ARXIV, text)}
    for scheme, value in normal({s: v for s, v in named.items() if v}).items():
        found.identifiers.setdefault(scheme, value)


def _first(pattern: re.Pattern[str], text: str) -> str:
    said = pattern.search(text)
    return said[1] if said else ""


def _place(found: Below, text: str) -> None:
    """A line that is short and no list of people: where and when."""
    day = day_in(text)
    found.published = found.published or day
    if not found.venue and _LABELS.match(text) is None:
        found.venue = venue_in(text)


def is_labelled(text: str) -> bool:
    """`Authors: …`, `Source: …`: a line that says what it is, and is no title."""
    label = _LABELS.match(text)
    return label is not None and not label[0].lower().startswith("title")


def day_in(text: str) -> PartialDate | None:
    """A day, or a year, in words."""
    day, american = _DAY.search(text), _AMERICAN.search(text)
    if day or american:
        d, m, y = (
            (day[1], day[2], day[3]) if day else (american[2], american[1], american[3]) if american else ("", "", "")
        )
        try:
            return PartialDate(f"{y}-{_MONTHS.index(m.lower()) + 1:02}-{int(d):02}")
        except ValueError:
            return PartialDate(y)
    year = _YEAR.search(text)
    return PartialDate(year[1]) if year else None


def venue_in(text: str) -> str:
    """`Mayo Clinic Proceedings, Volume 93, Issue 8`, `Genome Biol. 2020 Mar;1`: the name before volume and year."""
    name = _AFTER_NAME.split(text, maxsplit=1)[0].strip(" ,.;:|·-–(")
    looks = 2 <= len(name) <= 150 and re.search(r"[^\W\d_]{2}", name) is not None
    return name if looks and not _AFFILIATION.search(name) and not doi(name) else ""


def people(text: str) -> tuple[str, ...]:
    """Names, where all of the line is names; () otherwise. Lists that are cut off end with an ellipsis."""
    text = _REST.sub("", text)
    if len(text) > 6000 or any(sign.isdigit() for sign in text) or ":" in text:
        return ()
    parts = _names(text.rstrip(" .…,;"))
    if not parts or len(parts) > MOST_AUTHORS or not all(map(_is_name, parts)):
        return ()
    some = len(parts) > 1 and sum(_PLACES.search(part) is not None for part in parts) * 3 < len(parts)
    return tuple(parts) if some or (len(parts) == 1 and _is_whole(parts[0])) else ()


def _names(text: str) -> list[str]:
    """Split at semicolons where there are any: then a comma stands inside a name."""
    if ";" in text:
        return [name for part in text.split(";") if (name := part.strip(" ,&"))]
    return [name for part in _SEPARATORS.split(text) if (name := part.strip(" ,;&-"))]


def _is_name(name: str) -> bool:
    words = name.replace(",", " ").split()
    if not 1 <= len(words) <= 6 or len(name) > 80:
        return False
    return all(word[0].isupper() or not word[0].isascii() or word.lower() in _PARTICLES for word in words) and any(
        word[0].isalpha() and word.lower() not in _PARTICLES for word in words
    )


def _is_whole(name: str) -> bool:
    """One name alone may be a heading: it is taken for a person when it has an initial or two to four short words."""
    words = name.replace(",", " ").split()
    return 2 <= len(words) <= 4 and all(len(word) <= 16 for word in words) and not _PLACES.search(name)
