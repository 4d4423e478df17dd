"""Quarantine rows: what broke a step, and how, as rows of the store."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from digestbot.acts.faults.isolate import Breaks
from digestbot.model import Broken, Paper
from digestbot.store import PutAside, Stage, Store

log = logging.getLogger(__name__)


def broken_item(source: str, sha: str, broken: Broken) -> PutAside:
    """An item that could not be read; the same bytes in tomorrow's reply are the same item."""
    name = sha256(broken.data or f"{sha}:{broken.position}".encode()).hexdigest()[:16]
    return PutAside(
        stage=Stage.PARSE, subject=f"item:{source}:{name}", source=source, sha=sha, position=broken.position,
        error=broken.error, data=broken.data,
    )  # fmt: skip


def note(store: Store, papers: Iterable[Paper], breaks: Breaks, *, stage: Stage, now: datetime) -> None:
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
        tx.quarantine.add_items(rows, now=now)
