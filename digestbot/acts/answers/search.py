"""Search: every stored paper by a rule, newest first. Reads only.

The database's full-text search finds candidates; the rule itself decides. `acts.upkeep.search_index` keeps the index.
"""

from __future__ import annotations

from dataclasses import dataclass

from digestbot.model import Match, Paper, PaperId
from digestbot.rules import PaperIndex, Rule
from digestbot.rules.index.fulltext_query import fulltext_query
from digestbot.store import Store

FIRST, LARGEST = 50, 2000  #: papers read at once: few at first, many where most are not meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The result of a search."""

    papers: tuple[tuple[Paper, Match], ...]  #: newest first
    more: bool  #: older papers match too


def search(store: Store, rule: Rule, *, most: int, within: int | None = None) -> Found:
    """The newest `most` papers that the rule matches, of those that are indexed.

    `within` bounds the cost of a rule that hardly anything matches: only the newest so many candidates are tried.
    """
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
