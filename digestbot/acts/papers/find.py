"""Find the one paper that a person means by an id, a DOI, an address or words of its title."""

from __future__ import annotations

from digestbot.errors import NotFound
from digestbot.model import (
    Paper,
)
from digestbot.papers.identity.identifiers import arxiv_id, doi
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.papers.text.clean import fold
from digestbot.store import Key, Transaction

CANDIDATES = 6  #: titles that are named when several fit


def find_paper(tx: Transaction, text: str) -> Paper:
    """The one paper that is meant. Raises NotFound, with the papers that could be meant."""
    wanted = text.strip()
    if known := tx.papers.paper_by_public_id(wanted):
        return known
    found = [paper for ids in tx.papers.papers_by_key(_keys(wanted)).values() for paper in ids]
    if found:
        return tx.papers.papers_by_id(found[:1])[found[0]]
    words = wanted.split()[:12]
    titled = tx.papers.papers_titled(words, CANDIDATES) if words else []
    exact = [paper for paper in titled if fold(paper.title) == fold(wanted)]
    if len(exact or titled) == 1:
        return (exact or titled)[0]
    if titled:
        raise NotFound(
            f"several papers have {wanted!r} in their title", fix="Name one: " + "; ".join(map(_named, titled))
        )
    raise NotFound(
        f"no source has brought {wanted!r}", fix=f"{_trouble(tx)} `digestbot status` shows what came".strip()
    )


def _trouble(tx: Transaction) -> str:
    """Which sources could not be read by their last poll, as a sentence; "" when all could."""
    failing = [row.name for row in tx.source_log.sources() if row.status is not None and row.status.failed]
    return f"Could not be read lately: {', '.join(failing)}." if failing else ""


def _keys(text: str) -> list[Key]:
    """What the text may be as an identifier."""
    keys: list[Key] = [(scheme, value) for scheme, value in identifiers_in_url(text).items()]
    if named := arxiv_id(text):
        keys.append(("arxiv", named[0]))
    if found := doi(text):
        keys.append(("doi", found))
    if text.isdecimal():
        keys.append(("pmid", text))
    return [key for key in keys if key[0] != "arxiv_version"]


def _named(paper: Paper) -> str:
    title = paper.title if len(paper.title) <= 60 else f"{paper.title[:57]}..."
    return f"{paper.public_id} ({title})"
