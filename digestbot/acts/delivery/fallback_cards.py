"""Fallback cards: a paper that cannot be rendered becomes a plain title line, so that the rest of the mail goes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from digestbot.acts.faults.isolate import Breaks, breaking
from digestbot.digest.rendering.cards import web
from digestbot.model import Digest, Item, Link, LinkRel, Paper, PaperId, Section

T = TypeVar("T")


def render_with_fallback(digest: Digest, build: Callable[[Digest], T]) -> tuple[T, Breaks]:
    """What `build` makes of a digest without the cards that it cannot render: those are plain title lines.

    Raises what `build` raised when no paper is to blame, or not even a title line helps.
    """
    try:
        return build(digest), {}
    except Exception as error:
        papers = [item.paper for item in digest.items()]
        breaks = breaking(papers, lambda paper: build(keep_only(digest, paper)))
        if not breaks or len(breaks) == len({paper.id for paper in papers}) > 1:
            raise  # a template that fails for all of them is not the fault of a paper
        try:
            return build(as_title_lines(digest, breaks)), breaks
        except Exception:
            raise error from None


def keep_only(digest: Digest, paper: Paper) -> Digest:
    """The digest as if this paper were all there is."""
    return _each(digest, lambda item: item if item.paper.id == paper.id else None)


def as_title_lines(digest: Digest, breaks: Iterable[PaperId]) -> Digest:
    """These papers are nothing but a title and an address."""
    those = set(breaks)
    if not those:
        return digest
    return _each(digest, lambda item: replace(item, paper=title_only(item.paper)) if item.paper.id in those else item)


def title_only(paper: Paper) -> Paper:
    """What can be shown of any paper."""
    title = paper.title if isinstance(paper.title, str) else ""
    plain = " ".join(title.encode("utf-8", "replace").decode().split())
    link = web(paper.link) if isinstance(paper.link, str) else ""
    return Paper(
        id=paper.id, public_id=paper.public_id, title=plain or paper.public_id, link=link, first_seen=paper.first_seen,
        links=(Link(LinkRel.ABSTRACT, link),) if link else (),
    )  # fmt: skip


def _each(digest: Digest, change: Callable[[Item], Item | None]) -> Digest:
    def changed(items: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(new for item in items if (new := change(item)) is not None)

    sections: tuple[Section, ...] = tuple(
        replace(s, items=changed(s.items), more=changed(s.more)) for s in digest.sections
    )
    return replace(digest, sections=tuple(s for s in sections if s.items or s.more))
