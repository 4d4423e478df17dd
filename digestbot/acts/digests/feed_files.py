"""Publish: keep the edition as it stands, close it at its hour, and write the feeds.

Feeds are files, written beside their place and moved into it, and only when their bytes differ: a reader never sees
half a feed, and an unchanged one keeps its date.
"""

from __future__ import annotations

import hmac
import logging
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from digestbot.acts.digests.editions import update_editions
from digestbot.acts.faults.isolate import Breaks, answered
from digestbot.acts.faults.quarantine_rows import note
from digestbot.acts.site.settings import FeedSettings
from digestbot.digest.feeds import Feed, FeedItem, atom, feed_item, json_feed, rss
from digestbot.digest.rendering.page_cards import public
from digestbot.digest.selection.select import LOOK_BACK
from digestbot.model import Digest, Paper, Reason, Subscriber
from digestbot.rules import PaperIndex, parse
from digestbot.rules.index.fulltext_query import fulltext_query_of_any
from digestbot.store import Edition, Stage, Store, Transaction
from digestbot.system.files import PRIVATE, PRIVATE_FOLDER, make_folder, replace_file
from digestbot.system.site_key import site_key

log = logging.getLogger(__name__)

MOST_ITEMS = 100
DIGESTS_IN_FEED = 10
BATCH = 100  #: people whose feeds are made from one read


def publish(store: Store, settings: FeedSettings, *, now: datetime) -> list[Path]:
    """Editions, and the feeds of the edition and of each site topic; the files whose bytes changed."""
    editions = update_editions(store, settings, now=now)
    rules = [(topic, parse(topic.query, topics=settings.rules)) for topic in settings.topics]
    need = fulltext_query_of_any(topical.tree for _, topical in rules)
    with store.reading() as tx:
        feeds = {"edition": edition_feed(tx, settings, editions)}
        seen = tx.full_text.papers_with(need, now - LOOK_BACK, now) if rules else []
    index, breaks = PaperIndex(seen), Breaks()
    for topic, topical in rules:
        found, odd = answered(index, seen, partial(PaperIndex.match, rule=topical))
        breaks |= odd
        newest = sorted(found, key=lambda f: (f[0].first_seen or now, f[0].public_id), reverse=True)[:MOST_ITEMS]
        items = tuple(topic_item(settings, p, m.reasons, now) for p, m in newest)
        feeds[topic_folder(topic.name)] = feed_of(
            settings, f"topic-{topic.name}", f"{settings.site}: {topic.name}", items
        )
    note(store, seen, breaks, stage=Stage.INDEX, now=now)
    lost: dict[str, str] = {}
    changed = [path for name, feed in feeds.items() for path in _write(settings.path / name, feed, lost)]
    if lost:
        with store.reading() as tx:
            papers = [p for name in lost if (p := tx.papers.paper_by_public_id(name)) is not None and p.id is not None]
        note(store, papers, {p.id: lost[p.public_id] for p in papers if p.id}, stage=Stage.PUBLISH, now=now)
    return changed


def feed_folders(settings: FeedSettings) -> list[Path]:
    """Where `publish` writes: the edition's folder, and one for each site topic."""
    return [settings.path / "edition", *(settings.path / topic_folder(topic.name) for topic in settings.topics)]


def publish_people(store: Store, settings: FeedSettings, people: Sequence[Subscriber]) -> list[Path]:
    """The private feeds of `people`; the files whose bytes changed."""
    changed: list[Path] = []
    for at in range(0, len(people), BATCH):
        batch = {s.id: s for s in people[at : at + BATCH] if s.id is not None}
        with store.reading() as tx:
            digests = tx.slots.latest_digests(batch, DIGESTS_IN_FEED)
        for number, subscriber in batch.items():
            feed = _private_feed(settings, subscriber, digests.get(number, []))
            folder = private_folder(settings, subscriber.ref)
            make_folder(folder.parent, mode=PRIVATE_FOLDER)  # nobody may list its names
            changed += _write(folder, feed, {}, mode=PRIVATE)
    return changed


def private_feed(store: Store, settings: FeedSettings, subscriber: Subscriber) -> Feed:
    """The feed of one person."""
    who = subscriber.stored_id
    with store.reading() as tx:
        digests = tx.slots.latest_digests([who], DIGESTS_IN_FEED)
    return _private_feed(settings, subscriber, digests.get(who, []))


def private_folder(settings: FeedSettings, ref: str) -> Path:
    """A folder nobody can guess: 160 bits, from the reference and the site's key."""
    digest = hmac.new(site_key(settings.key_file), ref.encode(), "sha256").hexdigest()
    return settings.path / "private" / digest[:40]


def topic_item(settings: FeedSettings, paper: Paper, reasons: Sequence[Reason], now: datetime) -> FeedItem:
    """A paper that a public rule brought."""
    return feed_item(public(paper, settings.abstracts), at=paper.first_seen or now, reason=reason_of(reasons))


def edition_feed(tx: Transaction, settings: FeedSettings, editions: Sequence[Edition]) -> Feed:
    """The papers of these editions, with no more of their abstracts than may be public."""
    papers = tx.papers.papers_by_id({paper for e in editions for paper, _ in e.items})
    items = [
        feed_item(public(papers[paper], settings.abstracts), at=papers[paper].first_seen or e.updated, reason=note)
        for e in editions
        for paper, note in e.items
        if paper in papers
    ]
    return feed_of(settings, "edition", settings.site, tuple(items[:MOST_ITEMS]))


def _private_feed(settings: FeedSettings, subscriber: Subscriber, digests: Sequence[Digest]) -> Feed:
    """The newest digests, each of them whole: as many as it takes to reach MOST_ITEMS."""
    items: list[FeedItem] = []
    for digest in digests:
        if len(items) >= MOST_ITEMS:
            break
        items += [
            feed_item(one.paper, at=digest.composed - timedelta(seconds=n), reason=one.note or reason_of(one.reasons))
            for n, one in enumerate(digest.items())  # readers sort by date: so they show the mail's order
        ]
    who = subscriber.name or (subscriber.ref if subscriber.origin == "file" else "")  # not a made-up id
    title = f"{settings.site} for {who}" if who else settings.site
    return feed_of(settings, f"for-{subscriber.ref}", title, tuple(once(items)))


def once(items: Iterable[FeedItem]) -> Iterable[FeedItem]:
    """A feed has one item for a paper: the newest that was said of it."""
    return {item.id: item for item in reversed(list(items))}.values().__reversed__()


def reason_of(reasons: Sequence[Reason]) -> str:
    """What matched, as a sentence of a feed."""
    return "Matched " + ", ".join(f"“{r.text}” in {r.field}" for r in reasons) if reasons else ""


def feed_of(settings: FeedSettings, name: str, title: str, items: tuple[FeedItem, ...]) -> Feed:
    """A feed of this site."""
    return Feed(
        id=name,
        title=title,
        home=settings.home,
        self_url="",
        description=f"Papers selected by {settings.site}",
        items=items,
        updated=max((i.updated for i in items), default=None),
    )


def _write(folder: Path, feed: Feed, lost: dict[str, str], *, mode: int | None = None) -> list[Path]:
    made = formats(feed, lost).items()
    return [folder / name for name, data in made if replace_file(folder / name, data, mode=mode)]


def formats(feed: Feed, lost: dict[str, str]) -> dict[str, bytes]:
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


def topic_folder(topic: str) -> str:
    """Below the feeds' folder, and in addresses of the pages as files."""
    return f"topics/{_file_name(topic)}"


def _file_name(topic: str) -> str:
    return re.sub(r"[^\w.-]+", "-", topic.lower()).strip("-.") or "topic"
