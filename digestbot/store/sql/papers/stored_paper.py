"""A paper as its row holds it."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Row

from digestbot.memo import remembered
from digestbot.model import Paper
from digestbot.store.tables import schema as t
from digestbot.store.tables.json_codec import loads
from digestbot.store.tables.packing import unpack
from digestbot.store.tables.schema import Indexed

log = logging.getLogger(__name__)

KEPT: Final = 2048  #: a batch of mails shows much the same papers as the one before: each is decoded once a round


def stored_paper(row: Row[Any], **known: Any) -> Paper:
    """A stored paper, with what is `known` from its columns and from other tables. A value that today's code cannot read
    costs this paper everything but its title, and no other paper anything."""
    try:
        return _decoded(row.data, *known.items())
    except Exception as error:
        log.error("paper %s is damaged (%s: %s): only its title is known", row.public_id, type(error).__name__, error)
        return Paper(title=row.title, **known)


@remembered(KEPT)
def _decoded(data: bytes, *known: tuple[str, Any]) -> Paper:
    return loads(Paper, unpack(data), **dict(known))


def is_replacement(data: bytes) -> bool:
    """Whether a packed paper is a new version of an older one. A text with these words has its quotes escaped."""
    try:
        return '"replacement":true' in unpack(data)
    except ValueError:  # damaged: only its title is known
        return False


def complete_between(after: datetime, until: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions: complete papers first seen in (after, until]."""
    p = t.papers.c
    return p.first_seen > after, p.first_seen <= until, p.merged_into.is_(None), p.old == 0, p.title != ""


def waits_again(row: Row[Any, Any, Any, Any], paper: Paper) -> Indexed:
    """How a stored paper waits to be indexed that is written again, as `paper`."""
    once = Indexed.WAITS, Indexed.ONCE
    return Indexed.WAITS if row.indexed in once and _has_same_words(row, paper) else Indexed.WAITS_AGAIN


def _has_same_words(row: Row[Any, Any, Any, Any], paper: Paper) -> bool:
    """Whether a stored paper has the title, abstract and categories of this one."""
    try:
        had = json.loads(unpack(row.data))
    except ValueError:  # damaged
        return False
    same = row.title == paper.title and had.get("summary", "") == paper.summary
    return same and tuple(had.get("categories", ())) == paper.categories
