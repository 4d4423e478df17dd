"""Aside: what breaks a step goes into quarantine with its reason, and everything else goes on.

Nothing of this is on the way of what works: only when a step fails for many is it asked which of them it fails for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import TypeVar

from digestbot.digest.view import web
from digestbot.model import Broken, Digest, Item, Link, Paper, PaperId, Section
from digestbot.rules import PaperIndex, parse
from digestbot.store import PutAside, Store

log = logging.getLogger(__name__)
T = TypeVar("T")
EVERY_FIELD = "ti:a OR abs:a OR au:a OR aff:a OR cat:a OR src:a OR venue:a OR lang:a OR id:a OR doi:a OR has:code"
Breaks = dict[PaperId, str]  #: papers that break a step, and how


def broken_item(source: str, sha: str, broken: Broken) -> PutAside:
    """An item that could not be read; the same bytes in tomorrow's reply are the same item."""
    name = sha256(broken.data or f"{sha}:{broken.position}".encode()).hexdigest()[:16]
    return PutAside(
        stage="parse", subject=f"item:{source}:{name}", source=source, sha=sha, position=broken.position,
        error=broken.error, data=broken.data,
    )  # fmt: skip


def note(store: Store, papers: Iterable[Paper], breaks: Breaks, *, stage: str, now: datetime) -> None:
    """Write down which papers broke a step."""
    rows = [
        PutAside(stage=stage, subject=f"paper:{p.id}", paper=p.id, title=str(p.title), source=", ".join(p.sources),
                 error=breaks[p.id])
        for p in {p.id: p for p in papers}.values()
        if p.id is not None and p.id in breaks
    ]  # fmt: skip
    if not rows:
        return
    for row in rows:
        log.warning("paper %s put aside: %s failed: %s", row.paper, stage, row.error)
    with store.transaction() as tx:
        tx.quarantine.put(rows, now=now)


def answered(
    index: PaperIndex, papers: Sequence[Paper], ask: Callable[[PaperIndex], list[T]]
) -> tuple[list[T], Breaks]:
    """What the index of `papers` answers; without those papers, named, that cannot be asked."""
    try:
        return ask(index), {}
    except Exception:  # which of them is it?
        breaks = breaking(papers, lambda paper: ask(PaperIndex([paper])))
        if not breaks:
            raise
        return ask(PaperIndex([paper for paper in papers if paper.id not in breaks])), breaks


def ask_everything(paper: Paper) -> None:
    """Raises what a rule would stumble over that looks at every field of the paper."""
    PaperIndex([paper]).match(parse(EVERY_FIELD))


def breaking(papers: Iterable[Paper], step: Callable[[Paper], object]) -> Breaks:
    """The papers for which the step fails by themselves, and how."""
    breaks: Breaks = {}
    for paper in papers:
        try:
            step(paper)
        except Exception as error:  # whatever a value nobody foresaw makes of it
            if paper.id is not None:
                breaks[paper.id] = f"{type(error).__name__}: {error}"
    return breaks


def mended(digest: Digest, build: Callable[[Digest], T]) -> tuple[T, Breaks]:
    """What `build` makes of a digest without the cards that it cannot render: those are plain title lines.

    Raises what `build` raised when no paper is to blame, or not even a title line helps.
    """
    try:
        return build(digest), {}
    except Exception as error:
        papers = [item.paper for item in digest.items()]
        breaks = breaking(papers, lambda paper: build(only(digest, paper)))
        if not breaks or len(breaks) == len({paper.id for paper in papers}) > 1:
            raise  # a template that fails for all of them is not the fault of a paper
        try:
            return build(bared(digest, breaks)), breaks
        except Exception:
            raise error from None


def only(digest: Digest, paper: Paper) -> Digest:
    """The digest as if this paper were all there is."""
    return _each(digest, lambda item: item if item.paper.id == paper.id else None)


def bared(digest: Digest, breaks: Iterable[PaperId]) -> Digest:
    """These papers are nothing but a title and an address."""
    those = set(breaks)
    if not those:
        return digest
    return _each(digest, lambda item: replace(item, paper=bare(item.paper)) if item.paper.id in those else item)


def bare(paper: Paper) -> Paper:
    """What can be shown of any paper."""
    title = paper.title if isinstance(paper.title, str) else ""
    plain = " ".join(title.encode("utf-8", "replace").decode().split())
    link = web(paper.link) if isinstance(paper.link, str) else ""
    return Paper(
        id=paper.id, public_id=paper.public_id, title=plain or paper.public_id, link=link, first_seen=paper.first_seen,
        links=(Link("abstract", link),) if link else (),
    )  # fmt: skip


def _each(digest: Digest, change: Callable[[Item], Item | None]) -> Digest:
    def changed(items: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(new for item in items if (new := change(item)) is not None)

    sections: tuple[Section, ...] = tuple(
        replace(s, items=changed(s.items), more=changed(s.more)) for s in digest.sections
    )
    return replace(digest, sections=tuple(s for s in sections if s.items or s.more))
