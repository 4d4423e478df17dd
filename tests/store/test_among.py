"""Rows found by one JSON text are the rows that an IN (…) finds."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from digestbot.store.tables.among import among

TEXTS = (
    "a",
    "b",
    'quoted " and \\ back',
    "\\u0000",
    "line\nend",
    "ünïcode 🦆",
    "",
    "null",
    "7",
    "nul\x00inside",
    "nul",
)


def found(column: sa.Column[Any], stored: list[Any], asked: list[Any]) -> tuple[list[Any], list[Any]]:
    table = sa.Table("things", sa.MetaData(), column)
    engine = sa.create_engine("sqlite://")
    table.create(engine)
    with engine.begin() as db:
        db.execute(sa.insert(table), [{column.name: value} for value in stored])
        wanted = sa.select(column).order_by(column)
        rows = [value for these in among(db, column, asked) for value in db.execute(wanted.where(these)).scalars()]
        return rows, list(db.execute(wanted.where(column.in_(asked))).scalars())


@pytest.mark.parametrize("asked", [list(TEXTS), [t for t in TEXTS if "u0000" not in t and "\x00" not in t], ["c"], []])
def test_texts_are_found_as_an_in_finds_them(asked: list[str]) -> None:
    mine, theirs = found(sa.Column("name", sa.Text), list(TEXTS), asked)
    assert mine == theirs
    assert len(mine) == len(set(asked) & set(TEXTS))


def test_numbers_are_found_as_an_in_finds_them() -> None:
    numbers = [0, -1, 2**62, 2**63 - 1, -(2**63), 7]
    mine, theirs = found(sa.Column("number", sa.BigInteger), numbers, [*numbers[1:], 8])
    assert mine == theirs == sorted(numbers[1:])
