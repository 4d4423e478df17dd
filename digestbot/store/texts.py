"""Texts and their blocks: how a paper is found by its words. A part of `store.Papers`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from digestbot.model import PaperId
from digestbot.papers.blocking import CROWD, MOST, blocks, met
from digestbot.papers.words import Text
from digestbot.store import schema as t
from digestbot.store.chunks import chunks
from digestbot.store.upsert import insert


def packed(text: Text) -> str:
    """As it is stored."""
    return json.dumps([text.title, text.names, text.year, text.venue], ensure_ascii=False, separators=(",", ":"))


def unpacked(number: int, data: str) -> Text:
    """And back, its number known."""
    title, names, year, venue = json.loads(data)
    text = Text(title, tuple(names), year, venue)
    vars(text)["number"] = number  # where the cached property keeps it
    return text


_B, _X = t.blocks.c, t.texts.c
_UNDER = sa.select(_B.key, _B.text).where(_B.key.in_(sa.bindparam("keys", expanding=True))).order_by(_B.key, _B.text)
_OF = sa.select(_X.number, _X.paper, _X.data).where(_X.number.in_(sa.bindparam("numbers", expanding=True)))


def near(db: Connection, keys: Iterable[int]) -> list[tuple[int, Text, PaperId]]:
    """(block, text, paper) of what is worth a look under these blocks. A text is the dear part: each is read once."""
    under: dict[int, list[int]] = {}
    for some in chunks(dict.fromkeys(keys)):
        for key, number in db.execute(_UNDER, {"keys": some}).all():
            under.setdefault(key, []).append(number)
    found: dict[int, tuple[Text, list[PaperId]]] = {}
    for some in chunks(met(under.values())):
        for number, paper, data in db.execute(_OF, {"numbers": some}).all():
            if number not in found:
                found[number] = unpacked(number, data), []
            if len(found[number][1]) <= 2 * CROWD:
                found[number][1].append(paper)
    known = [(key, number) for key, numbers in under.items() for number in numbers if number in found]
    return [(key, found[number][0], paper) for key, number in known for paper in found[number][1]]


def file(db: Connection, texts: Iterable[tuple[PaperId, Text]]) -> None:
    """What is there already stays. A block that has grown too long is cut to its smallest numbers."""
    given = list(dict.fromkeys(texts))
    if not given:
        return
    rows = [{"number": text.number, "paper": paper, "data": packed(text)} for paper, text in given]
    db.execute(insert(db, t.texts).on_conflict_do_nothing(), rows)
    keys = {(key, text.number) for _, text in given for key in blocks(text)}
    if keys:
        adding = insert(db, t.blocks).on_conflict_do_nothing()
        db.execute(adding, [{"key": key, "text": number} for key, number in keys])
        _cut(db, {key for key, _ in keys})


def _cut(db: Connection, keys: Collection[int]) -> None:
    """The same rule as `papers.shelf.kept`, so that what is found hangs on no order."""
    b = t.blocks.c
    for some in chunks(keys):
        counted = sa.select(b.key).where(b.key.in_(some)).group_by(b.key).having(sa.func.count() > 2 * MOST)
        for key in db.execute(counted).scalars().all():
            last = sa.select(b.text).where(b.key == key).order_by(b.text).offset(MOST - 1).limit(1).scalar_subquery()
            db.execute(sa.delete(t.blocks).where(b.key == key, b.text > last))


def forget(db: Connection, papers: Collection[PaperId] | None = None) -> None:
    """The texts of these papers, or of all, with blocks that no text is left for."""
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
