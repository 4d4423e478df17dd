"""Encode papers: what the configured sentence encoder makes of each of them, once, for the readers' own models.

Beside the round: no digest waits for it, and a paper without a code is ranked by its words. Only where somebody has voted. A round is
bounded, and one process at a time encodes; after a failure the encoder is left alone for a while. How it stands is a note of the site.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from digestbot.acts import leases
from digestbot.digest.selection.select import LOOK_BACK
from digestbot.encoders import Encoder
from digestbot.model import Paper
from digestbot.ranking.meaning import packed
from digestbot.store import Store, Transaction

log = logging.getLogger(__name__)

NOTE = "encoder"  #: of the site, and the name of the lease
READ = "encoder: votes"  #: note of the site: when all papers that want a code were last seen to have one, and of which encoder
WHOLE = timedelta(hours=1)  #: so long two weeks and all voted papers are not read again, only what came since
OVERLAP = timedelta(hours=1)  #: papers are seen a little before they are stored
TOGETHER = 32  #: papers of one request
MOST = 4096  #: of one round
LONGEST_ROUND = timedelta(minutes=5)
EVERY, AFTER_FAILURE, LEASE = timedelta(minutes=1), timedelta(minutes=15), timedelta(minutes=10)
KEPT = timedelta(days=60)  #: a code that no reader's model needs: what the best of a month looks back to


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeReport:
    """What a round did."""

    encoded: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderState:
    """How the encoder stands."""

    name: str
    papers: int  #: that have a code of it
    at: datetime  #: of the last round that had something to do; of an error, since when
    error: str = ""


async def encode(store: Store, encoder: Encoder, *, clock: Callable[[], datetime], owner: str) -> EncodeReport:
    """Encode what has no code of this encoder yet, the newest first. What fails is in the report, and in the note."""
    began = clock()
    if not await asyncio.to_thread(_begin, store, owner, began):
        return EncodeReport()
    done, error, papers = 0, "", list[Paper]()
    try:
        papers = await asyncio.to_thread(_to_encode, store, encoder.name, began)
        for at in range(0, len(papers), TOGETHER):
            if clock() - began > LONGEST_ROUND:
                break
            some = papers[at : at + TOGETHER]
            made = await encoder.encode([text_of(paper) for paper in some])
            if error := made.error:
                break
            codes = {p.stored_id: packed(vector) for p, vector in zip(some, made.vectors, strict=True)}
            done += len(codes)
            with store.transaction() as tx:
                tx.vectors.put_vectors(encoder.name, codes)
    finally:
        await asyncio.to_thread(_end, store, owner, clock(), EVERY if not error else AFTER_FAILURE)
    if papers:
        await asyncio.to_thread(_note, store, encoder.name, error, clock())
        log.info("encoded %d papers by %s%s", done, encoder.name, f"; {error}" if error else "")
    return EncodeReport(encoded=done, error=error)


def text_of(paper: Paper) -> str:
    """What an encoder reads of a paper."""
    return f"{paper.title}. {paper.summary}" if paper.summary else paper.title


def encoder_state(tx: Transaction, name: str) -> EncoderState | None:
    """How the encoder of this name stands; None while it has had nothing to do."""
    note = tx.site.note(NOTE)
    if note is None:
        return None
    noted, _, error = note.text.partition("\n")
    return EncoderState(
        name=name, papers=tx.vectors.count_vectors(name), at=note.at, error=error if noted == name else ""
    )


def _begin(store: Store, owner: str, now: datetime) -> bool:
    with store.transaction() as tx:
        return leases.take(tx, NOTE, owner=owner, now=now, lease=LEASE) is None


def _to_encode(store: Store, name: str, now: datetime) -> list[Paper]:
    with store.reading() as tx:
        read = tx.site.note(READ)
        whole = read is None or read.text != name or not read.at <= now < read.at + WHOLE
        since = now - LOOK_BACK if read is None or whole else read.at - OVERLAP
        wanted = tx.vectors.papers_to_encode(name, since=since, most=MOST, voted=whole)
        found = tx.papers.papers_by_id(wanted)
    if whole and not wanted:
        with store.transaction() as tx:
            tx.site.set_note(READ, at=now, text=name)
    return [found[number] for number in wanted if number in found]


def _end(store: Store, owner: str, now: datetime, pause: timedelta) -> None:
    with store.transaction() as tx:
        tx.leases.give_back_lease(NOTE, owner=owner, next_at=now + pause)


def _note(store: Store, name: str, error: str, now: datetime) -> None:
    """A failure keeps the moment it began."""
    text = f"{name}\n{error}" if error else name
    with store.transaction() as tx:
        before = tx.site.note(NOTE)
        failed = before is not None and error and before.text.startswith(f"{name}\n")
        tx.site.set_note(NOTE, at=before.at if before is not None and failed else now, text=text)
