"""Keep: what the database can be made anew from, and what is forgotten after a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.faults.quarantine_rows import broken_item
from digestbot.acts.intake.guarded_parse import Parse, complete_entries, storable
from digestbot.acts.intake.listing_days import archived_entries
from digestbot.acts.intake.parse_reply import parse_reply
from digestbot.acts.papers.resolve import resolve
from digestbot.model import ReadStatus
from digestbot.sources import Source
from digestbot.store import Stage, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What reading all kept replies again brought."""

    replies: int
    passed_over: int  #: replies of sources that are no longer configured
    entries_new: int  #: entries that today's parsers read and earlier ones did not
    papers_new: int
    papers: int


def rebuild(
    store: Store,
    sources: Mapping[str, Source],
    *,
    now: datetime,
    parse: Parse = parse_reply,
    on_progress: Callable[[int], None] = lambda _: None,
) -> RebuildReport:
    """Parse every kept reply with today's parsers and decide anew which paper each entry speaks of.

    Papers keep their ids, and what was shown to whom stays: nothing is sent again. `on_progress` is told the number of each
    reply as it is read.
    """
    replies = passed_over = fresh = 0
    read_again: set[tuple[str, str]] = set()
    still: set[str] = set()  #: items that break their reader today too
    with store.transaction() as tx:
        for sha, name, response in tx.source_log.replies():
            if name not in sources:
                passed_over += 1
                continue
            result = storable(parse(sources[name], response, response.fetched))
            broken = [broken_item(name, sha, one) for one in result.broken]
            tx.quarantine.add_items(broken, now=now)
            if result.status is not ReadStatus.UNREADABLE:  # else nothing is known of its items
                read_again.add((name, sha))
            still |= {row.subject for row in broken}
            entries = complete_entries(result)
            old = archived_entries(sources[name], result, entries, read=response.fetched, now=response.fetched)
            added = tx.papers.add_entries(name, entries, sha=sha, now=response.fetched, old=old)
            fresh += sum(a.fresh for a in added)
            replies += 1
            on_progress(replies)
        tx.quarantine.release_items(
            row.id for row in tx.quarantine.all_items()
            if row.stage is Stage.PARSE and (row.source, row.sha) in read_again and row.subject not in still
        )  # fmt: skip
        tx.papers.forget_resolution()
    report = resolve(store, now=now, news=False)
    with store.transaction() as tx:
        for orphan, survivor in tx.papers.orphaned_papers():
            tx.papers.merge_papers(orphan, survivor, reason="a rebuild", now=now)
        _, papers = tx.papers.count_entries_and_papers()
    return RebuildReport(
        replies=replies, passed_over=passed_over, entries_new=fresh, papers_new=report.papers_new, papers=papers
    )
