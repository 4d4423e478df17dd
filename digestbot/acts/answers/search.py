"""Search: the rule language over every stored paper, newest first. Reads only, but for the index it may have to make.

The database's full text says which papers have the words; the rule itself says which of them are meant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digestbot.model import Match, Paper, PaperId
from digestbot.rules import PaperIndex, Rule
from digestbot.rules.index.fulltext_query import needs
from digestbot.store import Store

AT_ONCE = 500  #: papers indexed in one transaction: other writers do not wait long
FIRST, LARGEST = 50, 2000  #: papers read at once: few at first, many where most are not meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found."""

    papers: tuple[tuple[Paper, Match], ...]  #: newest first
    more: bool  #: are there older ones?


def bring_up(store: Store, heard: Callable[[int], None] = lambda _: None) -> int:
    """Put every paper that changed into the full text; how many. `heard` is told how many are done."""
    done = 0
    while True:
        with store.transaction() as tx:
            new = tx.full_text.index_papers(AT_ONCE)
        if not new:
            return done
        done += new
        heard(done)


def search(store: Store, rule: Rule, *, most: int) -> Found:
    """The newest `most` papers the rule is true for, of those in the full text."""
    need = needs(rule.tree)
    hits: list[tuple[Paper, Match]] = []
    before: PaperId | None = None
    size = max(FIRST, most)
    with store.reading() as tx:
        while len(hits) <= most:
            papers = tx.full_text.search_papers(need, before=before, most=size)
            hits += PaperIndex(papers).match(rule)
            if len(papers) < size:
                break
            before, size = papers[-1].id, min(size * 4, LARGEST)
    return Found(papers=tuple(hits[:most]), more=len(hits) > most)
