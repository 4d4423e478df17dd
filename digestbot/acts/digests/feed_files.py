"""Publish: keep the edition as it stands, close it at its hour, and write the feeds.

Feeds are files, written beside their place and moved into it, and only when their bytes differ: a reader never sees
half a feed, and an unchanged one keeps its date.
"""

from __future__ import annotations

import hmac
import logging
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from digestbot.acts.digests.editions import Press, update_editions
from digestbot.acts.faults.isolate import Breaks, answered
from digestbot.acts.faults.quarantine_rows import note
from digestbot.digest.feeds import Feed, FeedItem, atom, feed_item, json_feed, rss
from digestbot.digest.selection.select import LOOK_BACK
from digestbot.model import Digest, Paper, Reason, Subscriber
from digestbot.rules import PaperIndex, parse
from digestbot.store import Edition, Store, Transaction
from digestbot.system.site_key import site_key

log = logging.getLogger(__name__)

MOST_ITEMS = 100
DIGESTS_IN_FEED = 10
BATCH = 100  #: people whose feeds are made from one read


def publish(store: Store, press: Press, *, now: datetime) -> list[Path]:
    """Editions, and the feeds of the edition and of each site topic; the files whose bytes changed."""
    editions = update_editions(store, press, now=now)
    with store.reading() as tx:
        feeds = {"edition": _edition_feed(tx, press, editions)}
        seen = tx.papers.papers_seen_between(now - LOOK_BACK, now)
    index, breaks = PaperIndex(seen), Breaks()
    for topic in press.topics:
        topical = parse(topic.query, topics=press.rules)
        found, odd = answered(index, seen, partial(PaperIndex.match, rule=topical))
        breaks |= odd
        newest = sorted(found, key=lambda f: (f[0].first_seen or now, f[0].public_id), reverse=True)[:MOST_ITEMS]
        items = tuple(feed_item(p, at=p.first_seen or now, reason=_reason(m.reasons)) for p, m in newest)
        feeds[f"topics/{_file_name(topic.name)}"] = _feed(
            press, f"topic-{topic.name}", f"{press.site}: {topic.name}", items
        )
    note(store, seen, breaks, stage="index", now=now)
    lost: dict[str, str] = {}
    changed = [path for name, feed in feeds.items() for path in _write(press.path / name, feed, lost)]
    if lost:
        with store.reading() as tx:
            papers = [p for name in lost if (p := tx.papers.paper_by_public_id(name)) is not None and p.id is not None]
        note(store, papers, {p.id: lost[p.public_id] for p in papers if p.id}, stage="publish", now=now)
    return changed


def publish_people(store: Store, press: Press, people: Sequence[Subscriber]) -> list[Path]:
    """The private feeds of `people`; the files whose bytes changed."""
    changed: list[Path] = []
    for at in range(0, len(people), BATCH):
        batch = {s.id: s for s in people[at : at + BATCH] if s.id is not None}
        with store.reading() as tx:
            digests = tx.slots.latest_digests(batch, DIGESTS_IN_FEED)
        for number, subscriber in batch.items():
            feed = _private_feed(press, subscriber, digests.get(number, []))
            changed += _write(private_folder(press.path, subscriber.ref), feed, {})
    return changed


def key_file(path: Path) -> Path:
    """The site's key stands beside the feeds' folder, never inside."""
    return path.with_name(f"{path.name}.key")


def private_feed(store: Store, press: Press, subscriber: Subscriber) -> dict[str, bytes]:
    """The feed of one person in each format, by file name."""
    assert subscriber.id is not None  # stored people have one
    with store.reading() as tx:
        digests = tx.slots.latest_digests([subscriber.id], DIGESTS_IN_FEED)
    return _formats(_private_feed(press, subscriber, digests.get(subscriber.id, [])), {})


def private_folder(path: Path, ref: str) -> Path:
    """A folder nobody can guess: 160 bits, from the reference and the site's key."""
    digest = hmac.new(site_key(key_file(path)), ref.encode(), "sha256").hexdigest()
    return path / "private" / digest[:40]


def _edition_feed(tx: Transaction, press: Press, editions: Sequence[Edition]) -> Feed:
    papers = tx.papers.papers_by_id({paper for e in editions for paper, _ in e.items})
    items = [
        feed_item(papers[paper], at=papers[paper].first_seen or e.updated, reason=note)
        for e in editions
        for paper, note in e.items
        if paper in papers
    ]
    return _feed(press, "edition", press.site, tuple(items[:MOST_ITEMS]))


def _private_feed(press: Press, subscriber: Subscriber, digests: Sequence[Digest]) -> Feed:
    """The newest digests, each of them whole: as many as it takes to reach MOST_ITEMS."""
    items: list[FeedItem] = []
    for digest in digests:
        if len(items) >= MOST_ITEMS:
            break
        at = digest.composed
        items += [feed_item(i.paper, at=at, reason=i.note or _reason(i.reasons)) for i in digest.items()]
    return _feed(press, f"for-{subscriber.ref}", f"{press.site} for {subscriber.name or subscriber.ref}",
                 tuple(_once(items)))  # fmt: skip


def _once(items: Iterable[FeedItem]) -> Iterable[FeedItem]:
    """A feed has one item for a paper: the newest that was said of it."""
    return {item.id: item for item in reversed(list(items))}.values().__reversed__()


def _reason(reasons: Sequence[Reason]) -> str:
    return "Matched " + ", ".join(f"“{r.text}” in {r.field}" for r in reasons) if reasons else ""


def _feed(press: Press, name: str, title: str, items: tuple[FeedItem, ...]) -> Feed:
    return Feed(
        id=name,
        title=title,
        home=press.home,
        self_url="",
        description=f"Papers selected by {press.site}",
        items=items,
        updated=max((i.updated for i in items), default=None),
    )


def _write(folder: Path, feed: Feed, lost: dict[str, str]) -> list[Path]:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
    return [folder / name for name, data in _formats(feed, lost).items() if _replace(folder / name, data)]


def _formats(feed: Feed, lost: dict[str, str]) -> dict[str, bytes]:
    """Each format, by file name. An item that cannot be written is left out, and named in `lost` with the reason."""
    try:
        return _written(feed)
    except Exception:  # which of the items is it?
        sound = []
        for item in feed.items:
            try:
                _written(replace(feed, items=(item,)))
                sound.append(item)
            except Exception as error:
                log.warning("paper %s left out of the feed %s: %s", item.id, feed.id, error)
                lost[item.id] = f"{type(error).__name__}: {error}"
        return _written(replace(feed, items=tuple(sound)))


def written_alone(paper: Paper) -> None:
    """Raises what writing a feed of this paper alone raises."""
    at = paper.first_seen or datetime(2000, 1, 1, tzinfo=UTC)
    item = feed_item(paper, at=at, reason="")
    _written(Feed(id="", title="", home="", self_url="", description="", items=(item,), updated=at))


def _written(feed: Feed) -> dict[str, bytes]:
    return {"feed.xml": rss(feed), "feed.atom": atom(feed), "feed.json": json_feed(feed)}


def _replace(path: Path, data: bytes) -> bool:
    try:
        if path.read_bytes() == data:
            return False
    except FileNotFoundError:
        pass
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_bytes(data)
    os.replace(beside, path)
    return True


def _file_name(topic: str) -> str:
    return re.sub(r"[^\w.-]+", "-", topic.lower()).strip("-.") or "topic"
