"""Quarantine: look at what was put aside, and put it through its step again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.acts.digests.feed_files import written_alone
from digestbot.acts.faults.isolate import ask_everything, breaking
from digestbot.acts.faults.quarantine_rows import broken_item
from digestbot.acts.intake.guarded_parse import Parse, storable
from digestbot.acts.intake.parse_reply import parse_reply
from digestbot.acts.papers.resolve import resolve
from digestbot.errors import NotFound
from digestbot.model import Digest, Item, Paper, ReadStatus, Response, Section, SectionKind, Slot, Subscriber
from digestbot.sources import Source
from digestbot.store import PutAside, Stage, Store, StoredEntry

TO_READ = "a mail that came back: `quarantine show` it, then `quarantine drop` it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One row, with what stands behind it."""

    row: PutAside
    entry: StoredEntry | None = None
    paper: Paper | None = None
    reply: Response | None = None  #: None: no longer kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """What became of one row."""

    id: int
    stage: str
    title: str
    released: bool
    outcome: str  #: for people


def quarantined(store: Store) -> list[PutAside]:
    """Everything in quarantine, oldest first."""
    with store.reading() as tx:
        return tx.quarantine.all_items()


def look(store: Store, number: int) -> Looked:
    """One row of the quarantine, with what stands behind it. Raises NotFound."""
    with store.reading() as tx:
        row = tx.quarantine.item(number)
        if row is None:
            known = [str(r.id) for r in tx.quarantine.all_items()]
            raise NotFound(
                f"nothing in quarantine has the number {number}", fix=f"There are: {', '.join(known[:20]) or 'none'}"
            )
        return Looked(
            row=row,
            entry=tx.quarantine.entry(row.entry) if row.entry is not None else None,
            paper=tx.papers.papers_by_id([row.paper]).get(row.paper) if row.paper is not None else None,
            reply=tx.source_log.reply(row.source, row.sha) if row.sha else None,
        )


def retry(
    store: Store,
    numbers: Sequence[int],
    sources: Mapping[str, Source],
    render: Callable[[Paper], object],
    *,
    now: datetime,
    parse: Parse = parse_reply,
) -> list[Retried]:
    """Each through its step again, or all of them when no number is given; `render` makes a mail of one paper."""
    with store.reading() as tx:
        chosen = numbers or [row.id for row in tx.quarantine.all_items()]
    looked = [look(store, number) for number in chosen]
    items = [_parse(store, one, sources, parse, now) for one in looked if one.row.stage is Stage.PARSE]
    entries = _resolve(store, [one.row for one in looked if one.row.entry is not None], now)
    papers = [_paper(store, one, render, now) for one in looked if one.row.paper is not None]
    mails = [_told(one.row, released=False, outcome=TO_READ) for one in looked if one.row.stage is Stage.INBOX]
    if any(done.released for done in items):
        resolve(store, now=now)
    return sorted([*items, *entries, *papers, *mails], key=lambda done: chosen.index(done.id))


def _parse(store: Store, looked: Looked, sources: Mapping[str, Source], parse: Parse, now: datetime) -> Retried:
    """The whole reply is read again: an item is no document by itself."""
    row, reply = looked.row, looked.reply
    source = sources.get(row.source)
    if source is None or reply is None:
        why = f"the source {row.source} is no longer configured" if source is None else "its reply is no longer kept"
        return _told(row, released=False, outcome=f"cannot be tried: {why}")
    result = storable(parse(source, reply, reply.fetched))
    if result.status is ReadStatus.UNREADABLE:
        return _again(store, row, result.problems[0].what, now)
    still = {b.subject: b for b in (broken_item(row.source, row.sha, broken) for broken in result.broken)}
    if row.subject in still:
        return _again(store, row, still[row.subject].error, now)
    with store.transaction() as tx:
        added = tx.papers.add_entries(row.source, result.entries, sha=row.sha, now=now)
        tx.quarantine.release_items([row.id])
    fresh = sum(one.fresh for one in added)
    return _told(
        row, released=True, outcome=f"read: {fresh} new {'entry' if fresh == 1 else 'entries'} of {row.source}"
    )


def _resolve(store: Store, rows: Sequence[PutAside], now: datetime) -> list[Retried]:
    if not rows:
        return []
    with store.transaction() as tx:
        tx.quarantine.retry_entries(row.entry for row in rows if row.entry is not None)
    resolve(store, now=now)
    done = []
    for row in rows:
        with store.transaction() as tx:
            paper = tx.quarantine.paper_of(row.entry) if row.entry is not None else None
            if paper is None:
                after = tx.quarantine.item(row.id)
                done.append(_told(row, released=False, outcome=f"broke again: {after.error if after else row.error}"))
                continue
            tx.quarantine.release_items([row.id])
            name = next((p.public_id for p in tx.papers.papers_by_id([paper]).values()), "")
        done.append(_told(row, released=True, outcome=f"belongs to paper {name}"))
    return done


def _paper(store: Store, looked: Looked, render: Callable[[Paper], object], now: datetime) -> Retried:
    row, paper = looked.row, looked.paper
    steps: Mapping[str, Callable[[Paper], object]] = {
        "index": ask_everything, "render": render, "publish": written_alone,
    }  # fmt: skip
    if paper is None:
        return _told(row, released=False, outcome="cannot be tried: its paper is gone")
    if breaks := breaking([paper], steps[row.stage]):
        return _again(store, row, next(iter(breaks.values())), now)
    with store.transaction() as tx:
        tx.quarantine.release_items([row.id])
    comes = {
        "index": "the next digest considers it",
        "render": "the next mail shows it",
        "publish": "the next feed has it",
    }
    return _told(row, released=True, outcome=f"works now: {comes[row.stage]}")


def _again(store: Store, row: PutAside, error: str, now: datetime) -> Retried:
    with store.transaction() as tx:
        tx.quarantine.add_items([replace(row, error=error)], now=now)
    return _told(row, released=False, outcome=f"broke again: {error}")


def _told(row: PutAside, *, released: bool, outcome: str) -> Retried:
    return Retried(id=row.id, stage=row.stage, title=row.title or row.subject, released=released, outcome=outcome)


def proof(paper: Paper, *, site: str, now: datetime) -> Digest:
    """A digest of this paper alone, for nobody: what `render` is tried on."""
    nobody = Subscriber(ref="proof", email="proof@localhost.localdomain", time_zone="UTC")
    slot = Slot(key="proof", due=now, local=now.replace(tzinfo=None))
    sections = (Section(kind=SectionKind.TOPIC, title="Proof", items=(Item(paper=paper),)),)
    return Digest(subscriber=nobody, slot=slot, site=site, composed=now, sections=sections)
