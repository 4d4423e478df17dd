"""Texts and their blocks: how a paper is found by its words. A part of `store.Papers`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.papers.identity.blocking import LARGEST_BLOCK, MOST_PAPERS, blocks, worth_comparing
from digestbot.papers.identity.title_features import TitleFeatures
from digestbot.store import Near
from digestbot.store.tables import schema as t
from digestbot.store.tables.among import among
from digestbot.store.tables.bulk import write_rows
from digestbot.store.tables.chunks import chunks
from digestbot.store.tables.upsert import insert


def packed(text: TitleFeatures) -> str:
    """A text as it is stored."""
    said = [text.title, text.names, text.year, text.venue, *text.bodies, *([[text.abstract]] if text.abstract else [])]
    return _ENCODE(said)


_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
UNSIGNED = -1  #: `signers` of rows of before they were written down: anybody's
_DECODER = json.JSONDecoder()


def unpacked(number: int, data: str) -> TitleFeatures:
    """A stored text and its number."""
    (title, names, year, venue, *rest), _ = _DECODER.raw_decode(data)
    abstract = rest.pop()[0] if rest and isinstance(rest[-1], list) else ""
    text = TitleFeatures(title, tuple(names), year, venue, tuple(rest), abstract)
    vars(text)["number"] = number  # where the cached property keeps it
    return text


_B, _X = t.blocks.c, t.texts.c
_UNDER = sa.select(_B.key, _B.text, _B.signers).order_by(_B.key, _B.text)
_OF = sa.select(_X.number, _X.paper, _X.data)


def near(db: Connection, texts: Iterable[TitleFeatures]) -> Near:
    """Texts under the blocks of the given texts. Blocks are read as numbers first; only texts worth comparing are
    loaded, once."""
    asked = {text: blocks(text) for text in texts}
    under: dict[int, list[int]] = {}
    signers: dict[int, int] = {}
    for these in among(db, _B.key, dict.fromkeys(key for keys in asked.values() for key in keys)):
        for key, number, people in db.execute(_UNDER.where(these)).all():
            under.setdefault(key, []).append(number)
            signers[number] = people
    wanted = {
        n
        for text, keys in asked.items()
        for n in worth_comparing([under.get(k, ()) for k in keys], signers, text.signers)
    }
    return Near(under, signers, list(_read(db, wanted)))


def _read(db: Connection, numbers: Iterable[int]) -> Iterator[tuple[TitleFeatures, PaperId]]:
    found: dict[int, tuple[TitleFeatures, int]] = {}
    for these in among(db, _X.number, numbers):
        for number, paper, data in db.execute(_OF.where(these)).all():
            text, papers = found.get(number) or (unpacked(number, data), 0)
            found[number] = text, papers + 1
            if papers <= 2 * MOST_PAPERS:
                yield text, paper


def file(db: Connection, texts: Iterable[tuple[PaperId, TitleFeatures]]) -> None:
    """Add texts; known ones stay. A block that has grown too long is cut to its smallest numbers."""
    given = list(dict.fromkeys(texts))
    if not given:
        return
    rows = [{"number": text.number, "paper": paper, "data": packed(text)} for paper, text in given]
    write_rows(db, insert(db, t.texts).on_conflict_do_nothing(), rows)
    under = {(key, text.number): text.signers for _, text in given for key in blocks(text)}
    if under:
        adding = insert(db, t.blocks)
        adding = adding.on_conflict_do_update(
            index_elements=[_B.key, _B.text], set_={"signers": adding.excluded.signers}, where=_B.signers == UNSIGNED
        )
        write_rows(db, adding, [{"key": key, "text": n, "signers": people} for (key, n), people in under.items()])
        _cut(db, {key for key, _ in under})


def _cut(db: Connection, keys: Collection[int]) -> None:
    """Cut long blocks by the same rule as `papers.identity.candidate_index`, so that results do not depend on the order
    of arrival."""
    b = t.blocks.c
    for these in among(db, b.key, keys):
        counted = sa.select(b.key).where(these).group_by(b.key).having(sa.func.count() > 2 * LARGEST_BLOCK)
        for key in db.execute(counted).scalars().all():
            last = (
                sa.select(b.text)
                .where(b.key == key)
                .order_by(b.text)
                .offset(LARGEST_BLOCK - 1)
                .limit(1)
                .scalar_subquery()
            )
            db.execute(sa.delete(t.blocks).where(b.key == key, b.text > last))


def forget(db: Connection, papers: Collection[PaperId] | None = None) -> None:
    """Delete the texts of these papers, or of all papers, and blocks that no text is left in."""
    if papers is None:
        db.execute(sa.delete(t.blocks))
        db.execute(sa.delete(t.texts))
        return
    numbers = [n for some in chunks(papers) for n in
               db.execute(sa.select(t.texts.c.number).where(t.texts.c.paper.in_(some))).scalars()]  # fmt: skip
    for some in chunks(papers):
        db.execute(sa.delete(t.texts).where(t.texts.c.paper.in_(some)))
    for some in chunks(numbers):
        left = sa.exists(sa.select(1).where(t.texts.c.number == t.blocks.c.text))
        db.execute(sa.delete(t.blocks).where(t.blocks.c.text.in_(some), ~left))
