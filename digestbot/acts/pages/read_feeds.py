"""Feeds as they are asked for: of the edition, of a topic, of a search. Each is made in one format, from the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.acts.answers.search import search
from digestbot.acts.digests.editions import EDITIONS_IN_FEED
from digestbot.acts.digests.feed_files import MOST_ITEMS, edition_feed, feed_of, formats, topic_item
from digestbot.acts.pages.public_pages import WITHIN
from digestbot.acts.site.settings import FeedSettings
from digestbot.digest.feeds import Feed
from digestbot.model import Topic
from digestbot.rules import parse
from digestbot.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a feed stands: `name` is its file name."""

    name: str  #: feed.xml, feed.atom, feed.json
    itself: str  #: its own address; "" when the site has none
    home: str  #: the page it belongs to; "" when there is none
    sheet: str  #: the XSL sheet's address


def written(feed: Feed, place: Place) -> bytes:
    """The feed in the format that its file name says."""
    shown = replace(feed, self_url=place.itself, home=place.home, sheet=place.sheet)
    return formats(shown, {})[place.name]


def of_edition(store: Store, settings: FeedSettings) -> Feed:
    """The feed of the newest editions."""
    with store.reading() as tx:
        return edition_feed(tx, settings, tx.slots.latest_editions(EDITIONS_IN_FEED))


def of_topic(store: Store, settings: FeedSettings, topic: Topic, *, now: datetime) -> Feed:
    """The newest papers of a topic of the site."""
    return of_rule(store, settings, topic.query, name=f"topic-{topic.name}", title=topic.name, now=now)


def of_rule(store: Store, settings: FeedSettings, rule: str, *, name: str, title: str, now: datetime) -> Feed:
    """The newest papers that a rule matches. Raises RuleError."""
    found = search(store, parse(rule, topics=settings.rules), most=MOST_ITEMS, within=WITHIN)
    items = tuple(topic_item(settings, paper, match.reasons, now) for paper, match in found.papers)
    return feed_of(settings, name, f"{settings.site}: {title}", items)
