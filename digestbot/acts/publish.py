"""Publish: keep the edition as it stands, close it at its hour, and write the feeds.

Feeds are files, written beside their place and moved into it, and only when their bytes differ: a reader never sees
half a feed, and an unchanged one keeps its date.
"""

from __future__ import annotations

import hmac
import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from digestbot.acts.aside import Breaks, answered, note
from digestbot.acts.secret import site_key
from digestbot.digest.select import LOOK_BACK
from digestbot.digest.syndication import Feed, FeedItem, atom, feed_item, json_feed, rss
from digestbot.model import Digest, Listing, Paper, Reason, Subscriber, Topic
from digestbot.papers.completeness import EQUAL_POLLS
from digestbot.ranking.trending import edition_order, why
from digestbot.rules import PaperIndex, parse
from digestbot.store import Edition, Poll, Store, Transaction

log = logging.getLogger(__name__)

MOST_ITEMS = 100
LATE = timedelta(minutes=15)  #: a paper may be written down that long after it was first seen
EDITIONS_IN_FEED = 7
DIGESTS_IN_FEED = 10
BATCH = 100  #: people whose feeds are made from one read


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRule:
    """What goes into the daily page: DESIGN.md section 7."""

    query: str = ""  #: "": every paper
    sources: tuple[str, ...] = ()  #: (): all
    limit: int = 50
    closes: time = time(12, 0)  #: in the site's zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Where the feeds go and what they are called."""

    site: str
    zone: str
    path: Path
    home: str = ""  #: address of the site; "" when it has none
    edition: EditionRule = field(default_factory=EditionRule)
    topics: tuple[Topic, ...] = ()  #: the site's public ones

    @property
    def rules(self) -> Mapping[str, str]:
        """For @name."""
        return {topic.name: topic.query for topic in self.topics}


def publish(store: Store, press: Press, *, now: datetime) -> list[Path]:
    """Editions, and the feeds of the edition and of each site topic; the files whose bytes changed."""
    editions = update_editions(store, press, now=now)
    with store.reading() as tx:
        feeds = {"edition": _edition_feed(tx, press, editions)}
        seen = tx.papers.seen_between(now - LOOK_BACK, now)
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
            papers = [p for name in lost if (p := tx.papers.by_public_id(name)) is not None and p.id is not None]
        note(store, papers, {p.id: lost[p.public_id] for p in papers if p.id}, stage="publish", now=now)
    return changed


def publish_people(store: Store, press: Press, people: Sequence[Subscriber]) -> list[Path]:
    """The private feeds of `people`; the files whose bytes changed."""
    changed: list[Path] = []
    for at in range(0, len(people), BATCH):
        batch = {s.id: s for s in people[at : at + BATCH] if s.id is not None}
        with store.reading() as tx:
            digests = tx.slots.digests(batch, DIGESTS_IN_FEED)
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
        digests = tx.slots.digests([subscriber.id], DIGESTS_IN_FEED)
    return _formats(_private_feed(press, subscriber, digests.get(subscriber.id, [])), {})


def private_folder(path: Path, ref: str) -> Path:
    """A folder nobody can guess: 160 bits, from the reference and the site's key."""
    digest = hmac.new(site_key(key_file(path)), ref.encode(), "sha256").hexdigest()
    return path / "private" / digest[:40]


def update_editions(store: Store, press: Press, *, now: datetime) -> list[Edition]:
    """Write the open edition anew, close those whose hour has come; the newest editions, newest first."""
    with store.transaction() as tx:
        known = tx.slots.latest_editions(EDITIONS_IN_FEED)
        last = max((e for e in known if e.state == "closed"), key=lambda e: e.closes, default=None)
        since = last.closes if last else now - LOOK_BACK
        closed = {e.day for e in known if e.state == "closed"}  # today's too, when all its sources were done early
        by_day: dict[date, list[Paper]] = {}
        seen = tx.papers.seen_between(since, now)
        if last and len(last.items) < press.edition.limit:  # then it has all that were there when it was closed
            seen = [*_not_closed(known, tx.papers.seen_between(since - LATE, since)), *seen]
        for paper in _wanted(seen, press):
            day = edition_day(paper.first_seen or now, press.zone, press.edition.closes)
            by_day.setdefault(day if day.isoformat() not in closed else day + timedelta(days=1), []).append(paper)
        for edition in known:  # one that got no further paper closes all the same
            if edition.state == "open":
                by_day.setdefault(date.fromisoformat(edition.day), [])
        for day, papers in sorted(by_day.items()):
            done = _sources_done(tx, press, day, now)
            tx.slots.put_edition(_edition(day, papers, press, tx.slots.edition(day.isoformat()), now, done=done))
        return tx.slots.latest_editions(EDITIONS_IN_FEED)


def close_editions(store: Store, press: Press, *, now: datetime) -> None:
    """Close the editions whose hour has come, where no poll has done so yet: the digests of that hour have them then."""
    with store.reading() as tx:
        due = any(e.state == "open" and e.closes <= now for e in tx.slots.latest_editions(EDITIONS_IN_FEED))
    if due:
        update_editions(store, press, now=now)


def _not_closed(editions: Sequence[Edition], papers: Sequence[Paper]) -> list[Paper]:
    had = {paper for edition in editions if edition.state == "closed" for paper, _ in edition.items}
    return [paper for paper in papers if paper.id not in had]


def edition_day(seen: datetime, zone: str, closes: time) -> date:
    """The edition a paper first seen then belongs to: after the closing hour it is the next day's. Pure."""
    local = seen.astimezone(ZoneInfo(zone))
    return local.date() + timedelta(days=1) if local.time() > closes else local.date()


def _wanted(papers: Sequence[Paper], press: Press) -> list[Paper]:
    rule = press.edition
    fit = [p for p in papers if not p.replacement and (not rule.sources or set(rule.sources) & set(p.sources))]
    if not rule.query:
        return fit
    wanted = parse(rule.query, topics=press.rules)
    found, _ = answered(PaperIndex(fit), fit, lambda index: index.select(wanted))
    return found


def _sources_done(tx: Transaction, press: Press, day: date, now: datetime) -> bool:
    """Has every source of the edition listed that day to its end? Sources without listing days have none."""
    rows: dict[str, list[Listing]] = {}
    for row in tx.ledger.listings(since=day):
        if row.day == day:
            rows.setdefault(row.source, []).append(row)
    wanted = [s.name for s in tx.ledger.sources() if not press.edition.sources or s.name in press.edition.sources]
    last = {name: tx.ledger.polls(name, EQUAL_POLLS) for name in wanted if name not in rows}
    begins = datetime.combine(day, time(), ZoneInfo(press.zone))
    listed = all(row.done for name in wanted for row in rows.get(name, ()))
    return bool(rows) and listed and all(_quiet(polls, begins) for polls in last.values())


def _quiet(polls: Sequence[Poll], since: datetime) -> bool:
    """Two polls of that day that brought nothing new."""
    equal = [p for p in polls if p.at >= since and not p.status.failed and not p.new]
    return len(equal) == EQUAL_POLLS


def _edition(
    day: date, papers: Sequence[Paper], press: Press, before: Edition | None, now: datetime, *, done: bool
) -> Edition:
    closes = datetime.combine(day, press.edition.closes, ZoneInfo(press.zone)).astimezone(UTC)
    ordered = edition_order(papers, now)[: press.edition.limit]
    items = tuple((p.id, why(p)) for p in ordered if p.id is not None)
    same = before is not None and before.items == items
    state = "closed" if now >= closes or done else "open"
    closes = min(closes, now) if done else closes
    return Edition(day=day.isoformat(), state=state, closes=closes, items=items,
                   updated=before.updated if same and before else now)  # fmt: skip


def _edition_feed(tx: Transaction, press: Press, editions: Sequence[Edition]) -> Feed:
    papers = tx.papers.get({paper for e in editions for paper, _ in e.items})
    items = [
        feed_item(papers[paper], at=papers[paper].first_seen or e.updated, reason=note)
        for e in editions
        for paper, note in e.items
        if paper in papers
    ]
    return _feed(press, "edition", press.site, tuple(items[:MOST_ITEMS]))


def _private_feed(press: Press, subscriber: Subscriber, digests: Sequence[Digest]) -> Feed:
    items = [feed_item(i.paper, at=d.composed, reason=i.note or _reason(i.reasons)) for d in digests for i in d.items()]
    return _feed(press, f"for-{subscriber.ref}", f"{press.site} for {subscriber.name or subscriber.ref}",
                 tuple(_once(items))[:MOST_ITEMS])  # fmt: skip


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
