"""Cards: what templates show of a paper, as plain values, so that templates decide only about looks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote

from digestbot.digest.rendering.catalog import Catalog
from digestbot.digest.rendering.summary import gist
from digestbot.memo import remembered
from digestbot.model import TRENDING, Digest, Item, Paper, Reason
from digestbot.papers.facts.events import acceptance, in_journal
from digestbot.papers.text.clean import fold

LINKS = ("notice", "abstract", "pdf", "html", "code", "project", "discussion")  #: what a card links to
MOST_LINKS = 5
LONGEST_TLDR = 600
MOST_HEARD, LONGEST_HEARD = 2, 120  #: of what alert mails say
MOST_WORDS, MOST_ALSO = 12, 5  #: of a rule that matched, and of other topics: what a card tells of its reasons
LONGEST_TITLE, LONGEST_NAME, LONGEST_LINK = (
    300,
    80,
    2000,
)  #: characters: one odd paper must not cost the others their room
_UNSAFE = re.compile(r"[\s\x00-\x20\x7f-\xa0\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Badge(NamedTuple):
    """A word in a frame beside a paper's date."""

    kind: str  #: code | version | accepted | journal | withdrawn | retracted
    text: str


class Link(NamedTuple):
    """A link of a card."""

    rel: str  #: one of LINKS
    label: str
    href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A paper as everybody sees it. What is personal stands in `Why`."""

    title: str
    href: str  #: "" when there is no page to open
    authors: str  #: up to three and the last
    authors_short: str  #: first … last
    place: str  #: "arXiv cs.LG", a venue, or the source's title
    day: str  #: "20 Nov"
    votes: str  #: "41 votes"
    badges: tuple[Badge, ...]
    fallen: str  #: "This paper has been withdrawn."; "" for a paper that stands
    gist: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why a paper is in this mail: a note of ours, or the words that matched, field by field."""

    note: str = ""
    rising: bool = False
    matched: tuple[tuple[tuple[str, ...], str], ...] = ()  #: ((words), "in_title"); words are shown highlighted
    also: tuple[str, ...] = ()  #: other topics
    beside: tuple[str, str] = ("", "")  #: title and address of what is perhaps the same paper
    heard: tuple[str, ...] = ()  #: why alert mails brought it: "Google Scholar: citing “A Study”"

    def __bool__(self) -> bool:
        return bool(self.note or self.matched or self.also or self.beside[0] or self.heard)


def why(item: Item, words: Catalog) -> Why:
    """The reasons of an item, grouped by field in the order they were found."""
    return Why(
        note=words.note(item.note),
        rising=rising(item),
        matched=tuple(_told(some, place, words) for some, place in matched(item.reasons)),
        also=tuple(short(name, LONGEST_NAME) for name in item.also[:MOST_ALSO]) + ("…",) * (len(item.also) > MOST_ALSO),
        beside=(short(item.beside.title, LONGEST_TITLE), web(item.beside.link)) if item.beside else ("", ""),
        heard=tuple(short(reason, LONGEST_HEARD) for reason in item.paper.reasons[:MOST_HEARD]),
    )


def _told(some: tuple[str, ...], place: str, words: Catalog) -> tuple[tuple[str, ...], str]:
    """Matched words as they stand in the paper; counts and dates, which belong to no text, in the reader's language."""
    return (some if place else tuple(map(words.note, some))), place


def rising(item: Item) -> bool:
    """Whether the item's note says that it is trending, with its votes: they are not said beside it once more."""
    return item.kind == "new" and bool(item.note) and (not item.reasons or item.note.startswith(TRENDING))


def matched(reasons: tuple[Reason, ...]) -> tuple[tuple[tuple[str, ...], str], ...]:
    """((words), "in_title"): the matched words of each field in the order they were found, each word once."""
    by_field: dict[str, list[str]] = {}
    told: set[str] = set()
    for reason in sorted(reasons, key=lambda r: -len(r.text)):  # the longest first: the others may stand inside
        key = fold(_words(reason))
        if not any(f" {key} " in f" {longer} " for longer in told) or reason.field not in _TEXTS:
            by_field.setdefault(_where(reason), []).append(short(_words(reason), LONGEST_NAME))
            told.add(key)
    places = dict.fromkeys(_where(reason) for reason in reasons)
    found, room = [], MOST_WORDS
    for place in (place for place in places if place in by_field):
        words = tuple(dict.fromkeys(by_field[place]))
        if room:
            found.append((words if len(words) <= room else (*words[: room - 1], f"{words[room - 1]} …"), place))
        room -= min(room, len(words))
    return tuple(found)


_TEXTS = ("title", "abstract")  #: what is said of one need not be said of the other
_IN = (*_TEXTS, "comment")
_OF = {
    "category": "categories",
    "author": "authors",
    "affiliation": "affiliations",
    "source": "sources",
    "venue": "venue",
    "like": "like",
    "votes": "voted",
}


def _where(reason: Reason) -> str:
    """`in_title`, `in_categories`, keys of the strings; "" when the words say it themselves."""
    if reason.field in _IN:
        return f"in_{reason.field}"
    return f"in_{_OF[reason.field]}" if reason.field in _OF else ""


def _words(reason: Reason) -> str:
    if reason.field in _IN or reason.field in _OF:
        return reason.text
    if reason.field == "has":
        return f"has {reason.text}"
    counted = reason.text.isdecimal() and reason.field != "version"
    return f"{reason.text} {reason.field}" if counted else f"{reason.field} {reason.text}"


@remembered(4096)
def card(paper: Paper, carrier: str, year: int, words: Catalog) -> Card:
    """The card of a paper. `carrier` is the title of its first source; dates outside `year` name their year."""
    links = _links(paper, words)
    when = paper.announced or paper.published
    votes = paper.signals.get("upvotes", 0)
    return Card(
        title=short(paper.title.strip(), LONGEST_TITLE) or words.text["untitled"],
        href=web(paper.link),
        authors=authors(paper.authors, 3),
        authors_short=authors(paper.authors, 1),
        place=place(paper, carrier),
        day=words.partly(when, year) if when else "",
        votes=words.count("votes", votes) if votes > 0 else "",
        badges=tuple(_badges(paper, words, coded=any(link.rel == "code" for link in links))),
        fallen=fallen(paper, words),
        gist=_shown_gist(paper),
        links=links,
    )


def fallen(paper: Paper, words: Catalog) -> str:
    """The line over a paper that no longer stands; "" for all others."""
    return words.text[f"fallen_{paper.standing}"] if paper.standing else ""


def _badges(paper: Paper, words: Catalog, *, coded: bool) -> list[Badge]:
    place = acceptance(paper)
    accepted = "" if place is None else words.say("accepted_at", place=place) if place else words.text["accepted"]
    version = words.say("version", number=paper.version) if paper.version and paper.version > 1 else ""
    found = [
        Badge(paper.standing, words.text.get(paper.standing, "")),
        Badge("code", words.text["code"] if coded else ""),
        Badge("version", version),
        Badge("accepted", accepted),
        Badge("journal", words.text["journal"] if in_journal(paper) else ""),
    ]
    return [badge for badge in found if badge.text]


def _shown_gist(paper: Paper) -> str:
    """Sentences of the abstract; a summary that somebody else wrote, and that says who, only where there is none."""
    return gist(paper.summary) if paper.summary else short(paper.tldr, LONGEST_TLDR)


def _links(paper: Paper, words: Catalog) -> tuple[Link, ...]:
    """The paper's own page first; each address and each kind once."""
    found: dict[str, str] = {}
    if own := web(paper.link):
        rel = next((link.rel for link in paper.links if link.href == paper.link), "abstract")
        found[rel if rel in LINKS else "abstract"] = own
    for link in paper.links:
        href = web(link.href)
        if link.rel in LINKS and href and link.rel not in found and href not in found.values():
            found[link.rel] = href
    named = [Link(rel, words.text[f"link_{rel}"], href) for rel, href in found.items()]
    return tuple(named[:MOST_LINKS])


def web(href: str) -> str:
    """The address if it leads to the web, else "". Spaces and invisible characters are percent-encoded, because an
    address in plain text ends at a space."""
    if not href.startswith(("https://", "http://")) or len(href) > LONGEST_LINK:
        return ""
    return _UNSAFE.sub(lambda sign: quote(sign.group()), href) if not href.isprintable() or " " in href else href


def short(text: str, most: int) -> str:
    """The text, cut after `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def authors(names: Sequence[str], first: int) -> str:
    """`A, B, C … H`; two names are never shortened."""
    if len(names) <= max(first + 1, 2):
        return ", ".join([short(name, LONGEST_NAME) for name in names])
    return f"{', '.join([short(name, LONGEST_NAME) for name in names[:first]])} … {short(names[-1], LONGEST_NAME)}"


def place(paper: Paper, carrier: str) -> str:
    """`arXiv cs.LG`, the venue, or the title of the source that carries it."""
    if "arxiv" in paper.identifiers:
        return f"arXiv {paper.categories[0]}" if paper.categories and "." in paper.categories[0] else "arXiv"
    return short(paper.venue, LONGEST_NAME) or carrier


def carriers(digest: Digest) -> Mapping[str, str]:
    """Source → its title."""
    return {s.ref: s.name for s in digest.polled}
