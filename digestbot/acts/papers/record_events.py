"""Record the events that follow when an entry changes a paper."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from digestbot.model import Entry, Paper, PaperId
from digestbot.papers.facts.assemble import REPLACED, Mention, assemble_paper, carries, version_of
from digestbot.papers.facts.events import STANDING, EventKind, Happening, events_between, fates_of, numbered
from digestbot.papers.facts.listing_days import ASKED_AGAIN
from digestbot.papers.identity.identifiers import is_preprint_doi
from digestbot.store import Event, StoredEntry, Transaction

_LONG_KNOWN = (
    EventKind.ACCEPTED,
    EventKind.JOURNAL,
    EventKind.CODE,
)  #: what may have stood in a version from the beginning
_VERSION = re.compile(r"(?<=\d)v\d+\Z")


def mention_of(stored: StoredEntry) -> Mention:
    """A stored entry as a Mention, of which papers are assembled."""
    return Mention(entry=stored.entry, source=stored.source, seen=stored.seen, old=stored.old, named=stored.named)


def record_changes(
    tx: Transaction,
    paper: PaperId,
    before: Paper | None,
    after: Paper,
    entries: Sequence[StoredEntry],
    fresh: Collection[int],
) -> int:
    """Record what follows from the change; how many new versions that were (0 or 1).

    `entries` are all of the paper's, `fresh` the ids of those that made the change. An event counts from when its entry
    was seen: what a restored database learns again is not younger than the restore.
    """
    news = _events(paper, before, after, entries, fresh)
    if any(e.kind in STANDING for e in news):  # of few papers, so the others do without
        news = _numbered(news, tx.papers.events_of([paper], STANDING))
    return sum(tx.papers.add_event(e) and e.kind is EventKind.VERSION for e in news)


def split_events(tx: Transaction, paper: PaperId, made: PaperId) -> None:
    """`made` was taken out of `paper`: what happened to the whole happened to the one whose entries say it."""
    every = tx.papers.entries_of([paper, made])
    tx.papers.divide_events(
        paper, made, [e for p in (paper, made) for e in _story(p, [s for s in every.get(p, ()) if not s.named])]
    )


def _story(paper: PaperId, entries: Sequence[StoredEntry]) -> list[Event]:
    """What these entries make happen, one moment after the other; each kind and key once."""
    found: dict[tuple[str, str], Event] = {}
    before: Paper | None = None
    for moment in dict.fromkeys(e.seen for e in entries):
        until = [e for e in entries if e.seen <= moment]
        after = assemble_paper([*map(mention_of, until)])
        news = _events(paper, before, after, until, {e.id for e in until if e.seen == moment})
        for event in _numbered(news, [*found.values()]):
            found.setdefault((event.kind, event.key), event)
        before = after
    return list(found.values())


def _numbered(news: Sequence[Event], earlier: Sequence[Event]) -> list[Event]:
    """The same events, with a key of its own for what happens once more."""
    told = [Happening(kind=e.kind, key=e.key, note=e.note) for e in news]
    keys = [h.key for h in numbered(told, [(e.kind, e.key) for e in earlier])]
    return [replace(event, key=key) for event, key in zip(news, keys, strict=True)]


def _events(
    paper: PaperId, before: Paper | None, after: Paper, entries: Sequence[StoredEntry], fresh: Collection[int]
) -> list[Event]:
    new = [entry for entry in entries if entry.id in fresh]
    if not new:
        return []
    at = max(entry.seen for entry in new)
    news = fates_of(after) if before is None else _news(_as_announced(before, new), after, entries, fresh)
    return [Event(paper=paper, kind=h.kind, key=h.key, at=at, note=h.note) for h in news]


def _as_announced(before: Paper, new: Sequence[StoredEntry]) -> Paper:
    """A replacement implies an earlier version, even if no source named it."""
    replaced = [version_of(e.entry) for e in new if e.entry.announce_type in REPLACED]
    if before.version is not None or min(replaced, default=0) < 2:
        return before
    return replace(before, version=min(replaced) - 1)


def _news(before: Paper, after: Paper, entries: Sequence[StoredEntry], fresh: Collection[int]) -> list[Happening]:
    """Events between two states, without those that a fuller description of the same version would wrongly create."""
    every = list(events_between(before, after))
    earlier = [e for e in entries if e.id not in fresh]
    described = {e.id for e in entries if e.id in fresh and _only_describes(e, earlier)}
    every += [
        h for h in _late(after, entries, fresh, described) if (h.kind, h.key) not in {(k.kind, k.key) for k in every}
    ]
    if not described or not any(h.kind in _LONG_KNOWN for h in every):
        return every
    rest = [mention_of(e) for e in entries if e.id not in described]
    without = {(h.kind, h.key) for h in events_between(before, assemble_paper(rest))} if rest else set()
    return [h for h in every if h.kind not in _LONG_KNOWN or (h.kind, h.key) in without]


def _late(
    after: Paper, entries: Sequence[StoredEntry], fresh: Collection[int], described: Collection[int]
) -> list[Happening]:
    """A source's own edit is news, even if another source's first description already contained it."""
    changed = {e.source for e in entries if e.id in fresh and e.id not in described}
    earlier = [e for e in entries if e.id not in fresh]
    base = [e for e in earlier if e.source in changed or not _held_back(e, earlier)]
    if not changed or not base or len(base) == len(earlier):
        return []
    return [h for h in events_between(assemble_paper([*map(mention_of, base)]), after) if h.kind in _LONG_KNOWN]


def _held_back(stored: StoredEntry, entries: Sequence[StoredEntry]) -> bool:
    before = [e for e in entries if e.seen < stored.seen]
    return bool(before) and _only_describes(stored, before)


def _only_describes(stored: StoredEntry, earlier: Sequence[StoredEntry]) -> bool:
    """Does it tell more of the version that we knew, and is it the first of its kind to tell of the paper at all?

    What a source changes in what it had said is news. So is what one that carries the paper first says long after it
    came: until then days are asked for once more, and pages list what others listed days before.
    """
    if any(_said(e, stored) for e in earlier) or _is_later(stored.entry, earlier):
        return False
    if not earlier or not carries(stored.source):
        return True
    since = min(e.seen for e in earlier)
    return stored.seen - since <= ASKED_AGAIN and not _came_out(stored.entry, since)


def _said(earlier: StoredEntry, stored: StoredEntry) -> bool:
    """Had this source said as much of the paper? arXiv's announcements bear neither date nor remark, its records do."""
    if earlier.source != stored.source:
        return False
    return bool(earlier.entry.comment) or _record_of(earlier.entry) == _record_of(stored.entry)


def _record_of(entry: Entry) -> tuple[str, bool]:
    """Where in its source it stands, whatever its version, and is it more than an announcement?"""
    return _VERSION.sub("", entry.native_key), bool(entry.published or entry.comment)


def _is_later(entry: Entry, earlier: Sequence[StoredEntry]) -> bool:
    """Is it of a later version than one that we knew? Who lists a replacement says that there was one."""
    known = [version for e in earlier if (version := version_of(e.entry))]
    return any(v < version_of(entry) for v in known) or (not known and entry.announce_type in REPLACED)


def _came_out(entry: Entry, since: datetime) -> bool:
    """A journal's own copy is news of the day it was published."""
    doi, day = entry.identifiers.get("doi", ""), entry.announced or entry.published
    own = bool(doi) and "arxiv" not in entry.identifiers and not is_preprint_doi(doi)
    return own and day is not None and day.day() >= since.date()
