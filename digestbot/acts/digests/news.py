"""Is there anything to publish? A round that brought nothing reads neither papers nor editions nor feeds.

What is published is told by a note in the store: by which settings, and up to which line of the poll log. It is made anew
when a poll behind that line brought something, a paper changed, the settings did, an edition can close, or a feed is gone;
and once a day in any case, as papers leave the feeds by their age.
"""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from digestbot.acts.digests.editions import edition_day, sources_done
from digestbot.acts.digests.feed_files import feed_folders, publish
from digestbot.acts.site.settings import FeedSettings
from digestbot.model import EditionState
from digestbot.store import RESTORED, Store, Transaction

PUBLISHED = "published"


def publish_news(store: Store, settings: FeedSettings, *, now: datetime) -> list[Path]:
    """`publish`, where what it writes may differ from what it wrote last."""
    with store.reading() as tx:
        if not _may_differ(tx, settings, now):
            return []
        read = tx.source_log.newest_poll()  # before the papers are read: what comes meanwhile is published next
    changed = publish(store, settings, now=now)
    with store.transaction() as tx:
        tx.site.set_note(PUBLISHED, at=now, text=f"{_told_by(settings)} {read}")
    return changed


def _may_differ(tx: Transaction, settings: FeedSettings, now: datetime) -> bool:
    note, restored = tx.site.note(PUBLISHED), tx.site.timestamp(RESTORED)
    if note is None or note.at > now or (restored is not None and restored > note.at):
        return True
    told_by, _, read = note.text.partition(" ")
    day = _open_day(settings, now)
    return (
        told_by != _told_by(settings)
        or day != _open_day(settings, note.at)  # an edition's hour has come
        or tx.source_log.polls_brought(int(read))
        or tx.full_text.is_behind()
        or (sources_done(tx, settings, day, now) and _is_open(tx, day.isoformat()))
        or not all((folder / "feed.xml").exists() for folder in feed_folders(settings))
    )


def _open_day(settings: FeedSettings, at: datetime) -> date:
    """The edition that is open then: one whose hour has just come is not."""
    return edition_day(at + datetime.resolution, settings.zone, settings.edition.closes)


def _is_open(tx: Transaction, day: str) -> bool:
    edition = tx.slots.edition_of(day)
    return edition is not None and edition.state is EditionState.OPEN


def _told_by(settings: FeedSettings) -> str:
    return sha256(repr(settings).encode()).hexdigest()
