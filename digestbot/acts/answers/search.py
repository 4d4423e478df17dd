"""Searches every stored paper with a rule, newest first. Reads only, except for bringing the index up to date.

The database's full text finds candidates; the rule itself decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digestbot.model import Match, Paper, PaperId
from digestbot.rules import PaperIndex, Rule
from digestbot.rules.index.fulltext_query import fulltext_query
from digestbot.store import Store

AT_ONCE = 500  #: papers indexed in one transaction: other writers do not wait long
FIRST, LARGEST = 50, 2000  #: papers read at once: few at first, many where most are not meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search."""

    papers: tuple[tuple[Paper, Match], ...]  #: newest first
    more: bool  #: older papers match too


def bring_up(store: Store, heard: Callable[[int], None] = lambda _: None) -> int:
    """Indexes every paper that changed and returns how many. `heard` receives the number done so far."""
    done = 0
    with store.reading() as tx:
        if not tx.full_text.is_behind():
            return 0
    while True:
        with store.transaction() as tx:
            new = tx.full_text.index_papers(AT_ONCE)
        if not new:
            return done
        done += new
        heard(done)


def search(store: Store, rule: Rule, *, most: int, within: int | None = None) -> Found:
    """Returns the newest `most` papers that the rule matches, of those in the full text; of the newest `within` that may
    match, where that is given: a rule that hardly anything matches costs no more then."""
    need = fulltext_query(rule.tree)
    hits: list[tuple[Paper, Match]] = []
    before: PaperId | None = None
    size = max(FIRST, most)
    with store.reading() as tx:
        read = 0
        while len(hits) <= most and (within is None or read < within):
            papers = tx.full_text.search_papers(need, before=before, most=size)
            hits += PaperIndex(papers).match(rule)
            read += len(papers)
            if len(papers) < size:
                break
            before, size = papers[-1].id, min(size * 4, LARGEST)
    return Found(papers=tuple(hits[:most]), more=len(hits) > most)
