"""Library: papers somebody knows and likes, out of their reference manager. Into the record and their votes, not mails.

The works become entries of an internal source, `library:WHO`, and find their papers as every entry does. Whoever has a
paper in their library knows it: it is never sent to them as new (`Fate.KNOWN`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.papers.resolve import resolve
from digestbot.model import Entry, PaperId, Subscriber, Vote
from digestbot.papers.exchange.bibtex import read_bibtex
from digestbot.papers.exchange.ris import looks_like_ris, read_ris
from digestbot.papers.exchange.works import Unread, Work, decoded, entry_of
from digestbot.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """The references that a library file holds."""

    entries: tuple[Entry, ...]  #: each once
    twice: int  #: works that were there already, further up in the file
    nameless: int  #: works without a title and an identifier
    problems: tuple[Unread, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of a library."""

    works: int
    known: int  #: papers that were in the record before
    new: int  #: papers that nothing but this library has
    liked: int  #: votes that were added; papers they had voted on before keep their vote


def read_library(data: bytes) -> Library:
    """Reads BibTeX or RIS; which of them is told from the content."""
    text = decoded(data)
    works, problems = read_ris(text) if looks_like_ris(text) else read_bibtex(text)
    return _library(works, problems)


def _library(works: Sequence[Work], problems: Iterable[Unread]) -> Library:
    read = [entry_of(work) for work in works]
    entries = {entry.native_key: entry for entry in reversed(read) if entry is not None}
    nameless = sum(entry is None for entry in read)
    return Library(
        entries=tuple(reversed(entries.values())), twice=len(works) - nameless - len(entries), nameless=nameless,
        problems=tuple(problems),
    )  # fmt: skip


def import_library(store: Store, library: Library, subscriber: Subscriber, *, now: datetime) -> Imported:
    """Store the papers of a library, and a vote for each as liked. The same library again changes nothing."""
    everything = range(len(library.entries))  # old as it comes: in the record, and no news for anybody
    with store.transaction() as tx:
        added = tx.papers.add_entries(f"library:{subscriber.ref}", library.entries, sha="", now=now, old=everything)
    resolve(store, now=now)
    with store.transaction() as tx:
        of = {one: paper for one in added if (paper := tx.quarantine.paper_of(one.id)) is not None}
        papers = set(of.values())
        fresh = {paper for one, paper in of.items() if one.fresh and not one.known_key}
        new = {i for i, paper in tx.papers.papers_by_id(fresh).items() if not paper.sources}
        liked = _like(tx, subscriber, papers, now)
    return Imported(works=len(library.entries), known=len(papers - new), new=len(new), liked=liked)


def _like(tx: Transaction, subscriber: Subscriber, papers: Iterable[PaperId], now: datetime) -> int:
    """Store the vote, unless the person has voted on this paper by themselves."""
    before = {vote.paper for vote in tx.votes.votes_of(subscriber.stored_id)}
    votes = [
        Vote(subscriber=subscriber.stored_id, paper=p, value=1, at=now, via="library")
        for p in sorted(papers)
        if p not in before
    ]
    tx.votes.add_votes(votes)
    return len(votes)
