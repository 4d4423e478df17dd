"""Identifiers that several entries of one reply share: they are the journal's or the issue's, and no entry's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from digestbot.model import Entry, FrozenMap, Problem
from digestbot.papers.text.clean import fold

_MANY: Final = 3  #: works of different titles under one identifier; two are enough where there are no others


def without_container_ids(entries: Sequence[Entry]) -> tuple[list[Entry], list[Problem]]:
    """The entries without identifiers that name a container, and a problem for each such identifier.

    Versions of one work share its identifier and, as a rule, its title: only different titles count.
    """
    titles: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        for scheme, value in entry.identifiers.items():
            if scheme != "arxiv_version" and entry.title:
                titles[scheme, value].add(fold(entry.title))
    titled = sum(bool(entry.title) for entry in entries)
    shared = {name for name, those in titles.items() if len(those) >= _MANY or len(those) == titled == _MANY - 1}
    if not shared:
        return list(entries), []
    problems = [
        Problem(what=f"{scheme} {value} stands at {len(titles[scheme, value])} entries of different titles",
                hint="it names what holds them, and none of them")
        for scheme, value in sorted(shared)
    ]  # fmt: skip
    return [_without(entry, shared) for entry in entries], problems


def _without(entry: Entry, shared: set[tuple[str, str]]) -> Entry:
    kept = {scheme: value for scheme, value in entry.identifiers.items() if (scheme, value) not in shared}
    if "arxiv" not in kept:
        kept.pop("arxiv_version", None)
    return entry if kept == dict(entry.identifiers) else replace(entry, identifiers=FrozenMap(kept))
