"""What templates show: plain values made from a digest, so that templates decide only about looks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from urllib.parse import quote

from digestbot.digest.gist import gist
from digestbot.digest.schedule import Schedule
from digestbot.model import Digest, Item, Paper, PolledSource, Reason, Section
from digestbot.papers.text import fold

LABELS = {
    "abstract": "Abstract",
    "pdf": "PDF",
    "html": "HTML",
    "code": "Code",
    "project": "Project",
    "discussion": "Discussion",
}
MOST_LINKS = 5
SUBJECT_ROOM = 44  #: characters for the topics' names: what a phone shows of a subject, less count and date


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One paper as everybody sees it; what is personal stands in `Why`."""

    title: str
    href: str  #: "" when there is no page to open
    authors: str  #: up to three and the last
    authors_short: str  #: first … last
    place: str  #: "arXiv cs.LG", a venue, or the source's title
    day: str  #: "20 Nov"
    votes: str  #: "41 votes"
    badges: tuple[str, ...]  #: "Code", "v2", "Accepted at ICML"
    gist: str
    links: tuple[tuple[str, str], ...]  #: (label, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Why this paper is in this mail: a note of ours, or the words that matched, field by field."""

    note: str = ""
    rising: bool = False
    matched: tuple[tuple[tuple[str, ...], str], ...] = ()  #: ((words), "in title"); words are shown highlighted
    also: str = ""  #: "also in Robots"
    beside: tuple[str, str] | None = None  #: title and address of a paper that is perhaps the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A card at its place in the mail."""

    number: int
    item: Item
    why: Why
    full: bool
    last: bool  #: of its section


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A section with its rows and, below them, papers by title only."""

    kind: str
    title: str
    note: str
    count: str
    rows: tuple[Row, ...]
    more: tuple[Row, ...]
    hidden: int  #: titles that found no room


@dataclass(frozen=True, slots=True)
class Detail:
    """How much room a mail gives: cards with a gist, cards in all, title lines."""

    full: int
    cards: int
    titles: int


#: from roomy to narrow: the first that keeps the mail under its size is taken
DETAILS = (
    Detail(10, 1000, 60),
    Detail(6, 40, 50),
    Detail(3, 24, 40),
    Detail(1, 12, 40),
    Detail(0, 6, 30),
    Detail(0, 0, 30),
)


def parts(digest: Digest, detail: Detail) -> tuple[Part, ...]:
    """The sections in reading order, papers numbered through."""
    number, made, cards, titles = 0, [], detail.cards, detail.titles
    lead = set(_full(digest.sections, detail.full))
    for section in digest.sections:
        shown, rest = section.items[:cards], (*section.items[cards:], *section.more)
        rows = []
        for at, item in enumerate(shown):
            number += 1
            key = (section.title, at)
            rows.append(Row(number=number, item=item, why=why(item), full=key in lead, last=at == len(shown) - 1))
        more = [Row(number=0, item=i, why=Why(), full=False, last=False) for i in rest[:titles]]
        cards, titles = cards - len(rows), titles - len(more)
        made.append(
            Part(kind=section.kind, title=section.title, note=section.note, count=plural(len(section.items), "paper"),
                 rows=tuple(rows), more=tuple(more), hidden=len(rest) - len(more))
        )  # fmt: skip
    return tuple(made)


def _full(sections: Sequence[Section], most: int) -> Iterable[tuple[str, int]]:
    """Which cards are full: one of each section while it lasts, then the first of the mail; updates never."""
    able = [(s.title, at) for s in sections if s.kind != "updates" for at in range(len(s.items))]
    firsts = [key for key in able if key[1] == 0]
    return [*firsts, *(key for key in able if key[1] != 0)][:most]


def why(item: Item) -> Why:
    """Why one item is in the mail."""
    made = _why(item.reasons, item.note, item.also, item.kind == "new" and not item.reasons and bool(item.note))
    return replace(made, beside=(item.beside.title, web(item.beside.link))) if item.beside else made


@lru_cache(maxsize=8192)  # people with one rule have one reason for a paper
def _why(reasons: tuple[Reason, ...], note: str, also: tuple[str, ...], rising: bool) -> Why:
    """The reasons, grouped by field in the order they were found."""
    by_field: dict[str, list[str]] = {}
    told: set[str] = set()
    for reason in sorted(reasons, key=lambda r: -len(r.text)):  # the longest first: the others may stand inside
        key = fold(_words(reason))
        if not any(f" {key} " in f" {longer} " for longer in told) or reason.field not in _TEXTS:
            by_field.setdefault(_where(reason), []).append(_words(reason))
            told.add(key)
    places = dict.fromkeys(_where(reason) for reason in reasons)
    matched = tuple((tuple(dict.fromkeys(by_field[place])), place) for place in places if place in by_field)
    return Why(
        note=note,
        rising=rising,
        matched=matched,
        also=f"also in {', '.join(also)}" if also else "",
    )


_TEXTS = ("title", "abstract")  #: what is said of one need not be said of the other
_IN = (*_TEXTS, "comment")
_OF = {
    "category": "categories",
    "author": "authors",
    "affiliation": "affiliations",
    "source": "sources",
    "venue": "venue",
}


def _where(reason: Reason) -> str:
    """`in title`, `in categories`; "" when the words say it themselves."""
    if reason.field in _IN:
        return f"in {reason.field}"
    return f"in {_OF[reason.field]}" if reason.field in _OF else ""


def _words(reason: Reason) -> str:
    if reason.field in _IN or reason.field in _OF:
        return reason.text
    if reason.field == "has":
        return f"has {reason.text}"
    number = reason.text.isdecimal()
    return f"{reason.text} {reason.field}" if number else f"{reason.field} {reason.text}"


@lru_cache(maxsize=4096)
def card(paper: Paper, carrier: str, year: int) -> Card:
    """The card of a paper. `carrier`: title of its first source; `year`: dates of other years name theirs."""
    version = f"v{paper.version}" if paper.version and paper.version > 1 else ""
    accepted = paper.comment if paper.comment.lower().startswith("accepted") and len(paper.comment) <= 40 else ""
    links = _links(paper)
    code = "Code" if any(label == "Code" for label, _ in links) else ""
    votes = paper.signals.get("upvotes", 0)
    return Card(
        title=paper.title or "(without a title)",
        href=web(paper.link),
        authors=_authors(paper.authors, 3),
        authors_short=_authors(paper.authors, 1),
        place=_place(paper, carrier),
        day=_day(paper, year),
        votes=plural(votes, "vote") if votes > 0 else "",
        badges=tuple(b for b in (code, version, accepted) if b),
        gist=gist(paper.summary),
        links=links,
    )


def _links(paper: Paper) -> tuple[tuple[str, str], ...]:
    links: dict[str, str] = {}
    if web(paper.link):
        rel = next((link.rel for link in paper.links if link.href == paper.link), "abstract")
        links[LABELS.get(rel, "Abstract")] = web(paper.link)
    for link in paper.links:
        label = LABELS.get(link.rel, "")
        if label and web(link.href) and label not in links and link.href not in links.values():
            links[label] = web(link.href)
    return tuple(links.items())[:MOST_LINKS]


def web(href: str) -> str:
    """The address if it leads to the web, else "": nothing else may stand behind a link."""
    return href if href.startswith(("https://", "http://")) else ""


def _authors(names: Sequence[str], first: int) -> str:
    """`A, B, C … H`; two names are never shortened."""
    if len(names) <= max(first + 1, 2):
        return ", ".join(names)
    return f"{', '.join(names[:first])} … {names[-1]}"


def _place(paper: Paper, carrier: str) -> str:
    if "arxiv" in paper.identifiers:
        return f"arXiv {paper.categories[0]}" if paper.categories and "." in paper.categories[0] else "arXiv"
    return paper.venue or carrier


def _day(paper: Paper, year: int) -> str:
    when = paper.announced or paper.published
    if when is None:
        return ""
    if when.precision == "year":
        return when.text
    on = when.day()
    if when.precision == "month":
        return f"{on:%b %Y}"
    return f"{on.day} {on:%b}" + (f" {on.year}" if on.year != year else "")


def subject_names(digest: Digest) -> str:
    """The topics with papers, as many names as fit; `and more` for the rest."""
    filled = [s for s in digest.sections if s.items]
    names = [s.title for s in filled if s.kind in ("topic", "edition")] or [s.title for s in filled]
    kept: list[str] = []
    for name in names:
        if kept and len(", ".join([*kept, name])) > SUBJECT_ROOM:
            break
        kept.append(name if len(name) <= SUBJECT_ROOM else name[: SUBJECT_ROOM - 1].rstrip() + "…")
    return ", ".join(kept) + (" and more" if len(kept) < len(names) else "")


def split(digest: Digest) -> str:
    """`5 in your topics, 1 update, 2 trending, 3 more by title`."""
    found = {
        kind: sum(len(s.items) for s in digest.sections if s.kind == kind)
        for kind in ("topic", "updates", "trending", "edition")
    }
    more = sum(len(s.more) for s in digest.sections)
    told = [
        f"{found['topic']} in your topics" * bool(found["topic"]),
        f"{found['edition']} of the day" * bool(found["edition"]),
        plural(found["updates"], "update") * bool(found["updates"]),
        f"{found['trending']} trending" * bool(found["trending"]),
        f"{more:,} more by title" * bool(more),
    ]
    return ", ".join(t for t in told if t)


def everything_here(parts: Iterable[Part]) -> bool:
    """Did every paper that was chosen find room?"""
    return not any(p.hidden for p in parts)


def schedule_words(digest: Digest) -> str:
    """`Weekdays at 07:30 (Europe/Berlin)`."""
    words = Schedule.parse(digest.subscriber.schedule, digest.subscriber.time_zone).words()
    return words[:1].upper() + words[1:]


def leave_href(digest: Digest) -> str:
    """Where they unsubscribe: a page, else a mailto; "" without either."""
    if digest.links.leave:
        return digest.links.leave
    if not digest.contact:
        return ""
    return f"mailto:{quote(digest.contact, safe='@+.-_')}?subject={quote(f'unsubscribe {digest.subscriber.ref}')}"


def carriers(digest: Digest) -> Mapping[str, str]:
    """Source → its title."""
    return {s.ref: s.name for s in digest.polled}


def long_day(moment: datetime | date) -> str:
    """`Monday 23 November`."""
    return f"{moment:%A} {moment.day} {moment:%B}"


def short_day(moment: datetime | date) -> str:
    """`Mon 23 Nov`."""
    return f"{moment:%a} {moment.day} {moment:%b}"


def plural(count: int, noun: str) -> str:
    """`1 paper`, `2 papers`, `1,204 papers`."""
    return f"{count:,} {noun}{'s' * (count != 1)}"


def since(moment: datetime) -> str:
    """An instant for the footer, in UTC."""
    return f"{moment.astimezone(UTC):%a %H:%M} UTC"


def told(source: PolledSource) -> str:
    """What is to be said of a source beside its counts; "" when nothing is."""
    if source.state == "failing":
        return f"failing {source.note}".rstrip()
    return source.note or ("nothing new" if source.state == "quiet" else "")


MOST_POLLED = 12  #: lines of the footer's account: two hundred would leave no room for papers


def polled(digest: Digest) -> tuple[PolledSource, ...]:
    """The footer's account in few lines: what failed, what is in this mail, what was new; the rest in one line."""
    if len(digest.polled) <= MOST_POLLED:
        return digest.polled
    ranked = sorted(digest.polled, key=lambda s: (s.state != "failing", -s.sent, -s.new))
    shown, rest = ranked[: MOST_POLLED - 1], ranked[MOST_POLLED - 1 :]
    failing = sum(s.state == "failing" for s in rest)
    note = f"{failing} of them failing" if failing else ""
    other = PolledSource(
        ref="",
        name=f"{len(rest)} other sources",
        new=sum(s.new for s in rest),
        sent=sum(s.sent for s in rest),
        note=note,
    )
    order = {source.ref: at for at, source in enumerate(digest.polled)}
    return (*sorted(shown, key=lambda s: order[s.ref]), other)
