"""Assemble a paper from all its entries. Pure, and always from all of them, so that it can be made anew."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from digestbot.model import Entry, Link, Paper, PartialDate
from digestbot.papers.identity.identifiers import known_ids, normal, public_id, scheme_value
from digestbot.papers.text.clean import clean
from digestbot.papers.text.person_names import reading_orders

REPLACED: Final = ("replace", "replace-cross")  #: `announce_type` of later versions
LOOKED_UP = "enrich:"  #: how names of the sources begin that only complete papers; no configured name has a colon
_ORDER = ("abstract", "pdf", "html", "code", "project", "discussion")


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
    """The paper. `mentions` in the order they came; at least one. id is None, public_id that of the earliest.

    Who only speaks of it gives it no words: until an entry comes that is the paper, it has an identifier and no title.
    """
    own = [m for m in mentions if not m.named]
    by_worth = sorted(own, key=_worth, reverse=True)  # sorted() is stable: of equals the earlier wins
    spoken = [Entry(identifiers=dict([pair])) for m in mentions if (pair := scheme_value(m.named))]
    entries = [m.entry for m in by_worth] or spoken[:1]
    every = [*(m.entry for m in by_worth), *spoken]
    identifiers = _identifiers(every)
    arxiv = identifiers.get("arxiv")
    return Paper(
        title=_first(clean(e.title) for e in entries),
        summary=_first(clean(e.summary) for e in entries),
        authors=reading_orders([clean(a) for a in max((e.authors for e in entries), key=len)]),
        affiliations=_union(e.affiliations for e in entries),
        categories=_union(e.categories for e in entries),
        published=_earliest(e.published for e in entries),
        updated=_latest(e.updated for e in entries),
        announced=_earliest(e.announced for e in entries if e.announce_type not in REPLACED),
        link=_link(entries, identifiers),
        identifiers=identifiers,
        links=_links(entries, arxiv),
        signals=_signals(mentions),
        venue=_first(clean(e.venue) for e in entries),
        language=_first(e.language for e in entries),
        comment=_remark(own),
        tldr=_first(clean(e.tldr) for e in entries),
        rights=_first(e.rights for e in entries),
        public_id=public_id(own[0].entry if own else spoken[0]),
        version=_version(entries),
        same_as=_same_as(every, identifiers),
        standing=_standing(own),
        first_seen=_first_seen(own or mentions),
        replacement=_only_replaced(own),
        old=_is_old(own),
        sources=tuple(dict.fromkeys(m.source for m in mentions if carries(m.source))),
    )


def carries(source: str) -> bool:
    """Does this source carry papers? Those of ours bring none by themselves: what is looked up to complete a paper
    (`enrich:arxiv`), and libraries (`library:reader`). No configured name has a colon."""
    return ":" not in source


def _only_replaced(mentions: Sequence[Mention]) -> bool:
    brought = [m.entry.announce_type in REPLACED for m in mentions if carries(m.source)]
    return bool(brought) and all(brought)


def _standing(mentions: Sequence[Mention]) -> str:
    """A retraction stays until who said it says otherwise; a withdrawal holds until a later version stands again."""
    entries = [m.entry for m in mentions]
    newest = _version(entries)
    said = {e.standing for e in entries if (version_of(e) or newest) == newest}
    words = {(m.source, m.entry.native_key, version_of(m.entry)): m.entry.standing for m in sorted(mentions, key=_seen)}
    if "retracted" in words.values():
        return "retracted"
    return "withdrawn" if "withdrawn" in said else ""


def _seen(mention: Mention) -> datetime:
    return mention.seen


def _remark(mentions: Sequence[Mention]) -> str:
    """The authors' remark of the highest version, and of that the newest: it changes while the text stays."""
    by_time = sorted(mentions, key=lambda m: (version_of(m.entry), m.seen), reverse=True)
    return _first(clean(m.entry.comment) for m in by_time)


def version_of(entry: Entry) -> int:
    """The version that an entry is of, 0 where it does not say: bioRxiv and medRxiv write it in the address only."""
    version = entry.identifiers.get("arxiv_version", "")
    if not version and "arxiv" not in entry.identifiers and (found := _RXIV_VERSION.search(entry.link)):
        version = found.group(1)
    return int(version) if version.isdecimal() else 0


def _first_seen(mentions: Sequence[Mention]) -> datetime:
    """When the paper first counted as news; archive entries, replacements and enrichment do not count."""
    news = [m.seen for m in mentions if not _no_news(m)]
    return min(news or [m.seen for m in mentions]).astimezone(UTC)


def _is_old(mentions: Sequence[Mention]) -> bool:
    """Is the paper known from archive entries only, and from new versions since?"""
    return any(m.old for m in mentions) and all(map(_no_news, mentions))


def _no_news(mention: Mention) -> bool:
    return mention.old or mention.entry.announce_type in REPLACED or not carries(mention.source)


def _worth(mention: Mention) -> tuple[bool, int, int]:
    """Which entry's words to show: one with a title and an abstract, of the highest version, with the longest text."""
    entry = mention.entry
    whole = bool(entry.title) and len(entry.summary) >= 80
    return whole, version_of(entry), len(entry.summary)


def _identifiers(entries: Sequence[Entry]) -> dict[str, str]:
    known: dict[str, str] = {}
    for entry in entries:
        known = dict(normal(entry.identifiers)) | known
    version = _version(entries) if "arxiv" in known else None
    return known | ({"arxiv_version": str(version)} if version else {})


def _same_as(entries: Sequence[Entry], shown: dict[str, str]) -> tuple[str, ...]:
    """The identifiers beside those that are shown: a second DOI is as much its own as the first."""
    known = dict.fromkeys(pair for entry in entries for pair in known_ids(entry))
    return tuple(f"{scheme}:{value}" for scheme, value in known if shown.get(scheme) != value)


def _version(entries: Iterable[Entry]) -> int | None:
    """Of two servers' versions arXiv's count."""
    every = list(entries)
    on_arxiv = [e for e in every if "arxiv" in e.identifiers]
    return max((n for e in on_arxiv or every if (n := version_of(e))), default=None)


def _first(values: Iterable[str]) -> str:
    return next((v for v in values if v), "")


def _union(lists: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for values in lists for value in values))


def _earliest(dates: Iterable[PartialDate | None]) -> PartialDate | None:
    """The earliest; of dates that could be the same moment the most precise."""
    known = [d for d in dates if d is not None and not d.is_zero]
    return min(known, key=lambda d: (d.day(), -len(d.text), d.earliest()), default=None)


def _latest(dates: Iterable[PartialDate | None]) -> PartialDate | None:
    return max((d for d in dates if d is not None), key=lambda d: d.earliest(), default=None)


def _signals(mentions: Sequence[Mention]) -> dict[str, int]:
    """Of each kind the newest value of each source, and of these the largest."""
    newest: dict[tuple[str, str], int] = {}
    for mention in sorted(mentions, key=lambda m: m.seen):
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
    own = (
        [Link("abstract", f"https://arxiv.org/abs/{arxiv}"), Link("pdf", f"https://arxiv.org/pdf/{arxiv}")]
        if arxiv
        else []
    )
    html = (
        [Link("html", f"https://arxiv.org/html/{arxiv}")]
        if arxiv and any(_is_html(x) for e in entries for x in e.links)
        else []
    )
    rest = [
        x
        for e in entries
        for x in e.links
        if not (arxiv and "arxiv.org/" in x.href and x.rel in ("abstract", "pdf", "html"))
    ]
    unique = {_same_address(link.href): link for link in reversed([*own, *html, *rest])}
    ordered = list(reversed(unique.values()))
    return tuple(sorted(ordered, key=lambda x: _ORDER.index(x.rel) if x.rel in _ORDER else len(_ORDER)))


def _is_html(link: Link) -> bool:
    return link.rel == "html" and "arxiv.org/" in link.href


def _same_address(href: str) -> str:
    return href.partition("://")[2].removeprefix("www.").rstrip("/").removesuffix(".git").lower()
