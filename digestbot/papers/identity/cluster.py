"""Cluster: which of many entries are one paper, decided at once and without a store. Pure.

Identifiers make groups first (union-find). Words then join a group with a cluster as a whole, never pair by pair: a chain
of likenesses would make one paper of two.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from digestbot.model import Entry, Paper
from digestbot.papers.identity.candidate_index import CandidateIndex
from digestbot.papers.identity.decisions import (
    Identifier,
    Record,
    decide,
    group_by_identifier,
    merge_all,
    record,
)


def cluster(entries: Iterable[Entry | Paper], sources: Iterable[str] = ()) -> list[list[int]]:
    """Positions of entries that are one paper, each list ascending, the lists by their first member. Linear.

    First what identifiers tie together, then what words join. `sources` says who brought each entry, "" for nobody known:
    what one source brings once more under another address or date is known by that, as in the store. Raises ValueError
    when there are some, and not one for each entry.
    """
    given = list(entries)
    by = list(sources) or [""] * len(given)
    if len(by) != len(given):
        raise ValueError(
            f"cluster: {len(given)} entries and {len(by)} sources; give one source for each entry, or none"
        )
    with _uncollected():
        return cluster_records([record(entry, source) for entry, source in zip(given, by, strict=True)])


def cluster_records(records: Sequence[Record]) -> list[list[int]]:
    """The same for records. They are processed in an order derived from content, because a full block keeps only some
    records: largest numbers first, so that a record that leaves a block was compared with those that stay.
    """
    with _uncollected():
        return _clustered(records)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Pause the garbage collector: clustering makes no reference cycles, and collection takes a fifth of its time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _clustered(records: Sequence[Record]) -> list[list[int]]:
    index, members = CandidateIndex(), dict[int, list[int]]()
    groups = [(group, merge_all(records[at] for at in group)) for group in group_by_identifier(records)]
    for place, (group, new) in enumerate(sorted(groups, key=lambda known: _said(known[1]), reverse=True)):
        home, *others = decide(new, index.candidates_for(new)).join or (place,)
        members.setdefault(home, []).extend(group)
        for other in others:
            members[home] += members.pop(other)
            index.merge(other, home)
        index.add_record(home, new)
    return sorted(sorted(each) for each in members.values())


def _said(some: Record) -> tuple[bool, list[int], tuple[Identifier, ...]]:
    """What has no abstract comes last, and finds works that abstracts have told apart."""
    whole = any(text.abstract for text in some.texts)
    return whole, sorted(text.number for text in some.texts), some.identifiers
