"""Regroup: take entries out of a paper, and assemble a paper anew from the entries it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from digestbot.acts.papers.manual_decisions import ManualDecisions
from digestbot.acts.papers.record_events import mention_of, split_events
from digestbot.model import PaperId
from digestbot.papers.facts.assemble import assemble_paper
from digestbot.papers.identity.cluster import cluster_records
from digestbot.papers.identity.decisions import Record, merge_all, record
from digestbot.papers.identity.identifiers import public_id, scheme_value
from digestbot.store import Joined, NewPaper, StoredEntry, Transaction


def separate_conflicting(tx: Transaction, paper: PaperId) -> int:
    """Look again at a paper whose identifiers exclude each other: what words had joined, identifiers may take apart.

    The part with the oldest entry stays the paper; how many others were made. They are news of their own: a wrong merge
    had hidden them.
    """
    entries = [s for s in tx.papers.entries_of([paper]).get(paper, ()) if not s.named]
    parts = cluster_records([record(s.entry, s.source) for s in entries])
    if len(parts) < 2:
        return 0
    _, *others = ManualDecisions.load(tx, ()).unite([[entries[at] for at in members] for members in parts])
    for some in others:
        take_out(tx, paper, some, (), reason="identifiers tell them apart")
    return len(others)


def take_out(
    tx: Transaction, paper: PaperId, out: Sequence[StoredEntry], stay: Sequence[StoredEntry], *, reason: str
) -> PaperId:
    """Some of its entries are another paper; which of the two had to be made or found.

    What they were before something merged them, they are again: under the same id, known to whom it was shown, and with
    what happened to each. So where it is the older one that is taken out, it keeps the row and what stays moves.
    """
    before = tx.papers.revive_paper(paper, _public_ids(out))
    if before is None and (own := tx.papers.papers_by_id([paper])[paper].public_id) in _public_ids(out):
        before = tx.papers.revive_paper(paper, _public_ids(stay) - {own})
        out = out if before is None else stay
    made = before if before is not None else _create(tx, out)
    tx.papers.add_mentions(Joined(s.id, made, reason) for s in out)
    for each in (paper, made):
        reassemble(tx, each)
    split_events(tx, paper, made)
    return made


def _public_ids(entries: Iterable[StoredEntry]) -> set[str]:
    """The public ids that a paper of these entries may have got when it was made."""
    return {public_id(stored.entry) for stored in entries}


def _create(tx: Transaction, entries: Sequence[StoredEntry]) -> PaperId:
    own = assemble_paper([*map(mention_of, entries)])
    [made] = tx.papers.add_papers([NewPaper(own, (), own.first_seen or min(s.seen for s in entries))])
    return made


def reassemble(tx: Transaction, paper: PaperId) -> None:
    """The paper as its entries make it, and under their keys alone."""
    mentions = tx.papers.entries_of([paper]).get(paper, [])
    if not mentions:
        return
    facts = merge_all([record(s.entry, s.source) for s in mentions if not s.named] or [Record(())])
    named = tuple(pair for s in mentions if (pair := scheme_value(s.named)))
    tx.papers.update_paper(replace(assemble_paper([*map(mention_of, mentions)]), id=paper))
    tx.papers.replace_keys(paper, keys=dict.fromkeys((*facts.identifiers, *named)), words=facts.texts)
