"""A paper as its row holds it."""

from __future__ import annotations

import logging
from typing import Any, Final

from sqlalchemy.engine import Row

from digestbot.memo import remembered
from digestbot.model import Paper
from digestbot.store.tables.json_codec import loads
from digestbot.store.tables.packing import unpack

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
