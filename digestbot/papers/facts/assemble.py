"""Assemble a paper from all its entries. Pure, and always from all of them, so that it can be made anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from digestbot.model import Entry, Link, LinkRel, Paper, PartialDate, Standing
from digestbot.papers.facts.notices import is_reinstated, links_to, notices_of
from digestbot.papers.identity.identifiers import known_ids, normal, public_id, scheme_value
from digestbot.papers.text.clean import clean
from digestbot.papers.text.person_names import reading_orders

REPLACED: Final = ("replace", "replace-cross")  #: `announce_type` of later versions
LOOKED_UP = "enrich:"  #: how names of the sources begin that only complete papers; no configured name has a colon
_MOST_PEOPLE = 400  #: ids of people and places that are kept of one paper
_MOST_REASONS = 5  #: that are kept of why sources brought a paper
_ORDER = (LinkRel.ABSTRACT, LinkRel.PDF, LinkRel.HTML, LinkRel.CODE, LinkRel.PROJECT, LinkRel.DISCUSSION)


_RXIV_VERSION = re.compile(r"(?:bio|med)rxiv\.org/content/(?:[^/]{1,40}/){0,6}10\.\d+/[\d.]+v(\d{1,3})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One entry, who said it, and when we first saw it (aware UTC)."""

    entry: Entry
    source: str
    seen: datetime
    old: bool = False  #: it was old when it came
    named: str = ""  #: "scheme:value" of the paper in an entry that only speaks of it; "" for one that is the paper


def assemble_paper(mentions: Sequence[Mention]) -> Paper:
    """Assemble the paper from at least one mention, in the order they came. `id` is None, `public_id` that of the earliest.

    Who only speaks of it gives it no words: until an entry comes that is the paper, it has an identifier and no title.
    """
    own = [m for m in mentions if not m.named]
    spoken = [Entry(identifiers=dict([pair])) for m in mentions if (pair := scheme_value(m.named))]
    ranked = sorted(own, key=_worth, reverse=True) if len(own) > 1 else own  # stable: of equals the earlier wins
    by_worth = [m.entry for m in ranked]
    entries, every = by_worth or spoken[:1], [*by_worth, *spoken]
    identifiers = _identifiers(every)
    told = any(m.entry.standing or m.entry.notices for m in own)  # of few papers, so the others do without
    in_force = _in_force(own) if told else own
    notices = notices_of(m.entry for m in _as_last_said(in_force)) if told else ()
    return Paper(
        title=_first_of(entries, lambda e: clean(e.title)),
        summary=_first_of(entries, lambda e: clean(e.summary)),
        authors=_authors(entries),
        affiliations=_union([e.affiliations for e in entries]),
        people=_union([e.people for e in entries])[:_MOST_PEOPLE],
        categories=_union([e.categories for e in entries]),
        published=_earliest(e.published for e in entries),
        updated=_latest(e.updated for e in entries),
        announced=_earliest(e.announced for e in entries if e.announce_type not in REPLACED),
        link=_link(entries, identifiers),
        identifiers=identifiers,
        links=(*(links_to(notices) if notices else ()), *_links(entries, identifiers.get("arxiv"))),
        signals=_signals(mentions),
        venue=_first_of(entries, lambda e: clean(e.venue)),
        language=_first_of(entries, lambda e: e.language),
        comment=_remark(own),
        tldr=_first_of(entries, lambda e: clean(e.tldr)),
        rights=_first_of(entries, lambda e: e.rights),
        public_id=public_id(own[0].entry if own else spoken[0]),
        version=_version(entries),
        same_as=_same_as(every, identifiers),
        standing=_standing(in_force) if told and not is_reinstated(notices) else Standing.STANDS,
        notices=notices,
        reasons=tuple(dict.fromkeys(m.entry.reason for m in own if m.entry.reason))[:_MOST_REASONS],
        first_seen=_first_seen(own or mentions),
        replacement=_only_replaced(own),
        old=_is_old(own),
        sources=tuple(dict.fromkeys(m.source for m in mentions if carries(m.source) and not _is_notice(m.entry))),
    )


def carries(source: str) -> bool:
    """Does this source carry papers? Those of ours bring none by themselves: what is looked up to complete a paper
    (`enrich:arxiv`), and libraries (`library:reader`). No configured name has a colon."""
    return ":" not in source


def _only_replaced(mentions: Sequence[Mention]) -> bool:
    brought = [m.entry.announce_type in REPLACED for m in mentions if carries(m.source)]
    return bool(brought) and all(brought)


def _is_notice(entry: Entry) -> bool:
    """Does it only say how the paper stands? Who names a paper in a notice does not bring it."""
    return bool(entry.standing or entry.notices) and not (entry.title or entry.summary)


def _in_force(mentions: Sequence[Mention]) -> list[Mention]:
    """Without notices of a service that was asked about the paper since: its record names every notice there is."""
    asked = {m.source: m.seen for m in sorted(mentions, key=_seen) if not carries(m.source) and not _is_notice(m.entry)}
    return [m for m in mentions if not _is_notice(m.entry) or m.source not in asked or m.seen >= asked[m.source]]


def _as_last_said(mentions: Sequence[Mention]) -> Iterable[Mention]:
    """Of each thing in a source what it said last: a notice that was taken out of a record is not there any more."""
    return {(m.source, m.entry.native_key): m for m in sorted(mentions, key=_seen)}.values()


def _standing(mentions: Sequence[Mention]) -> Standing:
    """A retraction stays until who said it says otherwise; a withdrawal holds until a later version stands again."""
    entries = [m.entry for m in mentions]
    newest = _version(entries)
    said = {e.standing for e in entries if (version_of(e) or newest) == newest}
    words = {(m.source, m.entry.native_key, version_of(m.entry)): m.entry.standing for m in sorted(mentions, key=_seen)}
    if Standing.RETRACTED in words.values():
        return Standing.RETRACTED
    return Standing.WITHDRAWN if Standing.WITHDRAWN in said else Standing.STANDS


def _seen(mention: Mention) -> datetime:
    return mention.seen


def _remark(mentions: Sequence[Mention]) -> str:
    """The authors' remark of the highest version, and of that the newest: it changes while the text stays."""
    remarks = [m for m in mentions if m.entry.comment]
    if not remarks:
        return ""
    by_time = sorted(remarks, key=lambda m: (version_of(m.entry), m.seen), reverse=True)
    return _first(clean(m.entry.comment) for m in by_time)


def version_of(entry: Entry) -> int:
    """The version that an entry is of, 0 where it does not say: bioRxiv and medRxiv write it in the address only."""
    version = entry.identifiers.get("arxiv_version", "")
    if not version and "rxiv.org/" in entry.link and "arxiv" not in entry.identifiers:
        found = _RXIV_VERSION.search(entry.link)
        version = found.group(1) if found else ""
    return int(version) if version.isdecimal() else 0


def _first_seen(mentions: Sequence[Mention]) -> datetime:
    """When the paper first counted as news; archive entries, replacements and enrichment do not count."""
    news = [m.seen for m in mentions if not _no_news(m)]
    return min(news or [m.seen for m in mentions]).astimezone(UTC)


def _is_old(mentions: Sequence[Mention]) -> bool:
    """Is the paper known from archive entries only, and from new versions since?"""
    return any(m.old for m in mentions) and all(map(_no_news, mentions))


def _no_news(mention: Mention) -> bool:
    entry = mention.entry
    return mention.old or entry.announce_type in REPLACED or not carries(mention.source) or _is_notice(entry)


def _worth(mention: Mention) -> tuple[bool, int, int]:
    """Which entry's words to show: one with a title and an abstract, of the highest version, with the longest text."""
    entry = mention.entry
    whole = bool(entry.title) and len(entry.summary) >= 80
    return whole, version_of(entry), len(entry.summary)


def _identifiers(entries: Sequence[Entry]) -> dict[str, str]:
    known: dict[str, str] = {}
    for entry in entries:
        if entry.identifiers:
            known = dict(normal(entry.identifiers)) | known
    version = _version(entries) if "arxiv" in known else None
    return known | ({"arxiv_version": str(version)} if version else {})


def _same_as(entries: Sequence[Entry], shown: dict[str, str]) -> tuple[str, ...]:
    """Returns the identifiers beyond the shown ones, for example a second DOI."""
    if not any(entry.identifiers or entry.same_as for entry in entries):
        return ()
    known = dict.fromkeys(pair for entry in entries for pair in known_ids(entry))
    return tuple(f"{scheme}:{value}" for scheme, value in known if shown.get(scheme) != value)


def _version(entries: Iterable[Entry]) -> int | None:
    """Returns the highest version; arXiv's where two servers have the paper."""
    every = list(entries)
    on_arxiv = [e for e in every if "arxiv" in e.identifiers]
    return max((n for e in on_arxiv or every if (n := version_of(e))), default=None)


def _authors(entries: Sequence[Entry]) -> tuple[str, ...]:
    """Returns the longest author list: others may be truncated."""
    return reading_orders([clean(name) for name in max([e.authors for e in entries], key=len)])


def _first(values: Iterable[str]) -> str:
    return next((v for v in values if v), "")


def _first_of(entries: Iterable[Entry], read: Callable[[Entry], str]) -> str:
    """The text of the first entry that has one."""
    for entry in entries:
        if found := read(entry):
            return found
    return ""


def _union(values: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The values of all entries, each once."""
    return tuple(dict.fromkeys(chain.from_iterable(values))) if any(values) else ()


def _earliest(dates: Iterable[PartialDate | None]) -> PartialDate | None:
    """The earliest; of dates that could be the same moment the most precise."""
    known = [d for d in dates if d is not None and not d.is_zero]
    if len(known) < 2:
        return known[0] if known else None
    return min(dict.fromkeys(known), key=lambda d: (d.day(), -len(d.text), d.earliest()))


def _latest(dates: Iterable[PartialDate | None]) -> PartialDate | None:
    known = [d for d in dates if d is not None]
    if len(known) < 2:
        return known[0] if known else None
    return max(dict.fromkeys(known), key=lambda d: d.earliest())


def _signals(mentions: Sequence[Mention]) -> dict[str, int]:
    """Returns for each kind the largest of the sources' newest values."""
    counted = [m for m in mentions if m.entry.signals]
    if not counted:
        return {}
    newest: dict[tuple[str, str], int] = {}
    for mention in sorted(counted, key=_seen):
        newest |= {(kind, mention.source): value for kind, value in mention.entry.signals.items()}
    best: dict[str, int] = {}
    for (kind, _), value in newest.items():
        best[kind] = max(value, best.get(kind, value))
    return best


def _link(entries: Sequence[Entry], identifiers: dict[str, str]) -> str:
    """The page to open: arXiv's, else the publisher's by DOI, else the first entry's own."""
    if arxiv := identifiers.get("arxiv"):
        return f"https://arxiv.org/abs/{arxiv}"
    if doi := identifiers.get("doi"):
        return f"https://doi.org/{doi}"
    return _first(e.link for e in entries) or next((link.href for e in entries for link in e.links), "")


def _links(entries: Sequence[Entry], arxiv: str | None) -> tuple[Link, ...]:
    """All addresses once, arXiv's own without version, in the order a card shows them."""
    links = [link for e in entries for link in e.links]
    if arxiv:
        own = [LinkRel.ABSTRACT, LinkRel.PDF, *([LinkRel.HTML] if any(map(_is_html, links)) else [])]
        rest = [link for link in links if not _is_of_arxiv(link)]
        links = [*(Link(rel, f"https://arxiv.org/{_ON_ARXIV[rel]}/{arxiv}") for rel in own), *rest]
    if len(links) < 2:
        return tuple(links)
    unique = {_same_address(link.href): link for link in reversed(links)}
    ordered = list(reversed(unique.values()))
    return tuple(sorted(ordered, key=lambda x: _ORDER.index(x.rel) if x.rel in _ORDER else len(_ORDER)))


_ON_ARXIV: Final = {
    LinkRel.ABSTRACT: "abs",
    LinkRel.PDF: "pdf",
    LinkRel.HTML: "html",
}  #: kind of link → folder of arXiv's address


def _is_of_arxiv(link: Link) -> bool:
    return "arxiv.org/" in link.href and link.rel in _ON_ARXIV


def _is_html(link: Link) -> bool:
    return link.rel is LinkRel.HTML and _is_of_arxiv(link)


def _same_address(href: str) -> str:
    return href.partition("://")[2].removeprefix("www.").rstrip("/").removesuffix(".git").lower()
