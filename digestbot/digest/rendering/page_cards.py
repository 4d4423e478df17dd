"""Cards of pages: the card of the mail, with what only a public page adds: where it was seen, its abstract as far as its
source's licence allows, and what reference managers read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from markupsafe import escape

from digestbot.digest.rendering.cards import Card, Why, card, short
from digestbot.digest.rendering.catalog import Catalog
from digestbot.digest.rendering.summary import gist
from digestbot.model import Paper
from digestbot.papers.exchange.cite import coins

Abstracts = Literal["full", "excerpt", "none"]
EXCERPT = 300  #: characters of an abstract that may not be shown whole
NO_REASON = Why()
MOST_SEEN = 4  #: sources named on a card
ROOM = 53_000  #: bytes of the cards of a page: with its frame it stays below 60 kB
FULL = 30  #: cards for which there is that room; a page with more of them may be larger in proportion
MARKUP, OF_A_LINK, OF_A_BADGE, OF_VOTES, OF_AN_ABSTRACT = 480, 70, 50, 150, 110  #: bytes of a card beside its texts


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCard:
    """A paper on a public page."""

    id: str  #: the public id
    card: Card
    votes: int
    seen: str  #: "arXiv cs.CL, Daily papers"
    note: str  #: "▲ 41 votes · in 3 sources"; "" when nothing rises
    gist: str
    abstract: str  #: "" where the licence or the page's room does not allow it
    why: Why = NO_REASON
    coins: str = ""
    day: str = ""  #: what the card's day says, as precise as it is known: 2026-11-23
    published: str = ""  #: the paper's own date
    own: str = ""  #: what its own page is called: "arXiv", "journal.example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What all cards of a site share."""

    words: Catalog
    titles: Mapping[str, str]  #: source → its title
    abstracts: Mapping[str, Abstracts]  #: source → what its licence lets us show; "full" where it is not named
    year: int


def page_card(paper: Paper, shelf: Shelf, note: str = "", why: Why | None = None) -> PageCard:
    """The card of one paper, with its abstract as far as it may be shown."""
    words, first = shelf.words, paper.sources[0] if paper.sources else ""
    made = card(paper, shelf.titles.get(first, first), shelf.year, words)
    allowed = licence(paper, shelf.abstracts)
    when = paper.announced or paper.published
    return PageCard(
        id=paper.public_id,
        card=made,
        votes=max(0, paper.signals.get("upvotes", 0)),
        seen=_seen(paper, made, shelf.titles),
        note=words.note(note),
        gist="" if allowed == "none" and paper.summary else _gist(paper, made, allowed),
        abstract=paper.summary if allowed == "full" else "",
        why=why or NO_REASON,
        coins=coins(paper),
        day=when.text[:10] if when else "",
        published=paper.published.text[:10] if paper.published else "",
        own="arXiv" if "arxiv" in paper.identifiers else _host(made.href),
    )


def licence(paper: Paper, abstracts: Mapping[str, Abstracts]) -> Abstracts:
    """What of its abstract may be shown in public: the least that a source of it allows."""
    told = {abstracts.get(source, "full") for source in paper.sources}
    return "none" if "none" in told else "excerpt" if "excerpt" in told else "full"


def public(paper: Paper, abstracts: Mapping[str, Abstracts]) -> Paper:
    """The paper with no more of its abstract than may be shown in public."""
    allowed = licence(paper, abstracts)
    if allowed == "full" or not paper.summary:
        return paper
    return replace(paper, summary=short(paper.summary, EXCERPT) if allowed == "excerpt" else "")


def fold(cards: Sequence[PageCard]) -> list[PageCard]:
    """The cards of one page, which stay below ROOM together, thirty of them: gists for the first of them, then whole abstracts for the
    first of them, as far as there is room."""
    room = ROOM * max(FULL, len(cards)) // FULL - sum(map(_size, cards))
    made = []
    for one in cards:
        room -= _bytes(one.gist)
        made.append(one if room >= 0 else replace(one, gist=""))
    for at, one in enumerate(made):
        room -= _bytes(one.abstract) + OF_AN_ABSTRACT * bool(one.abstract)
        made[at] = one if room >= 0 else replace(one, abstract="")
    return made


def _size(one: PageCard) -> int:
    """About how many bytes a card takes without gist and abstract."""
    texts = (one.coins, one.card.title, one.card.authors, one.seen, one.note, *(link.href for link in one.card.links))
    parts = OF_A_LINK * len(one.card.links) + OF_A_BADGE * len(one.card.badges) + OF_VOTES * bool(one.votes)
    return MARKUP + parts + sum(map(_bytes, texts)) + 3 * len(one.id)


def _bytes(text: str) -> int:
    return len(str(escape(text)).encode("utf-8", "replace"))


def _host(href: str) -> str:
    found = re.match(r"https?://(?:www\.)?([^/?#:]{1,253})", href)
    return short(found.group(1).rpartition("@")[2], 40) if found else ""


def _gist(paper: Paper, made: Card, allowed: Abstracts) -> str:
    return short(gist(paper.summary), EXCERPT) if allowed == "excerpt" and paper.summary else made.gist


def _seen(paper: Paper, made: Card, titles: Mapping[str, str]) -> str:
    """Where the paper was seen: its own place first, the others by their titles."""
    named = [short(titles.get(source, source), 60) for source in paper.sources]
    if made.place and not any(name == made.place for name in named):
        arxiv = next((n for n in named if n.lower().startswith("arxiv")), None)
        named = [made.place, *(name for name in named if name != arxiv)]
    more = len(named) - MOST_SEEN
    return ", ".join(named[:MOST_SEEN]) + (f" +{more}" if more > 0 else "")
