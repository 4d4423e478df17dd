"""Polling a real (local) web server into a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll_decision import budget_of, next_poll
from digestbot.acts.papers.resolve import resolve
from digestbot.model import Budget, PartialDate, ReadStatus
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.feed import FeedSource
from digestbot.sources.kinds.huggingface import HuggingFaceSource
from digestbot.testing import samples
from digestbot.testing.builders import entry
from digestbot.testing.http_server import Reply, fixed
from digestbot.testing.site import TestSite

DAY = date(2026, 11, 23)
RSS = (
    '<rss version="2.0"><channel><title>Lab</title><item><title>One thing</title><link>https://lab.example/1</link>'
    "<guid>1</guid><description>{}</description></item></channel></rss>"
)


def lab(polled_site: TestSite, path: str = "/feed", kind: Any = FeedSource, **change: Any) -> SourceSetup:
    return SourceSetup(name="lab", kind="feed", source=kind(url=f"{polled_site.web}{path}"), **change)


async def test_new_entries_are_stored_and_the_second_poll_is_a_304(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = fixed(samples.journal_atom(DAY))
    first, second = await polled_site.poll(lab(polled_site)), await polled_site.poll(lab(polled_site))
    assert (first.status, first.entries, first.new) == (ReadStatus.OK, 5, 5)
    assert (second.status, second.entries, second.new) == (ReadStatus.UNCHANGED, 0, 0)
    assert polled_site.server.asked[1].headers["if-none-match"]


async def test_the_same_bytes_without_validators_are_unchanged_too(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = Reply(body=RSS.format("a").encode())
    assert [(await polled_site.poll(lab(polled_site))).status for _ in range(2)] == [
        ReadStatus.OK,
        ReadStatus.UNCHANGED,
    ]


async def test_an_entry_that_changed_counts_as_updated_and_not_as_new(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = [Reply(body=RSS.format("a").encode()), Reply(body=RSS.format("b").encode())]
    await polled_site.poll(lab(polled_site))
    second = await polled_site.poll(lab(polled_site))
    assert (second.new, second.updated) == (0, 1)


async def test_votes_are_stored_although_the_entry_is_known(polled_site: TestSite) -> None:
    body = samples.daily_json(DAY)
    polled_site.server.pages["/feed"] = [Reply(body=body), Reply(body=body.replace(b'"upvotes": 41', b'"upvotes": 99'))]
    for _ in range(2):
        report = await polled_site.poll(lab(polled_site, kind=HuggingFaceSource))
        resolve(polled_site.store, now=polled_site.now)
        polled_site.now += timedelta(hours=1)
    assert (report.new, report.updated) == (0, 0)
    with polled_site.store.reading() as tx:
        paper = tx.papers.paper_by_public_id("2611.09014")
    assert paper is not None
    assert paper.signals["upvotes"] == 99


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (Reply(status=503), ReadStatus.LATER),
        (Reply(status=429, headers={"Retry-After": "7200"}), ReadStatus.LATER),
        (Reply(status=404), ReadStatus.UNREADABLE),
        (Reply(status=410), ReadStatus.GONE),
        (Reply(body=b"<!DOCTYPE html><html><body>Log in</body></html>"), ReadStatus.UNREADABLE),
        (Reply(body=RSS.format("x").encode(), cut=40), ReadStatus.UNREACHABLE),
    ],
    ids=["503", "429", "404", "410", "login page", "cut"],
)
async def test_a_failure_keeps_the_last_good_state_and_says_since_when(
    polled_site: TestSite, reply: Reply, status: ReadStatus
) -> None:
    good = fixed(RSS.format("a").encode())
    polled_site.server.pages["/feed"] = [good, reply, good]
    await polled_site.poll(lab(polled_site))
    before, report = polled_site.source_row("lab"), await polled_site.poll(lab(polled_site))
    row = polled_site.source_row("lab")
    assert (report.status, row.status, row.failures) == (status, status, 1)
    assert (row.failing_since, row.last_ok, row.validators) == (polled_site.now, before.last_ok, before.validators)
    assert row.error
    polled_site.now += timedelta(hours=3)
    await polled_site.poll(lab(polled_site))
    assert (
        polled_site.source_row("lab").failures,
        polled_site.source_row("lab").failing_since,
        polled_site.source_row("lab").error,
    ) == (
        0,
        None,
        "",
    )


async def test_retry_after_is_kept_even_by_a_named_poll(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = Reply(status=429, headers={"Retry-After": "7200"})
    await polled_site.poll(lab(polled_site))
    assert polled_site.source_row("lab").next_poll == polled_site.now + timedelta(hours=2)
    assert (await polled_site.poll(lab(polled_site))).status is ReadStatus.LATER
    assert (len(polled_site.server.asked), polled_site.source_row("lab").failures) == (1, 1)


async def test_an_unreadable_reply_is_asked_for_whole_again(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = [
        fixed(b"<html><body>maintenance</body></html>"),
        fixed(RSS.format("a").encode()),
    ]
    await polled_site.poll(lab(polled_site))
    assert (await polled_site.poll(lab(polled_site))).new == 1
    assert "if-none-match" not in polled_site.server.asked[1].headers


async def test_a_source_that_moved_for_good_is_asked_at_its_new_place(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = Reply(status=301, headers={"Location": "/new"})
    polled_site.server.pages["/new"] = fixed(RSS.format("a").encode())
    await polled_site.poll(lab(polled_site))
    await polled_site.poll(lab(polled_site))
    assert [a.path for a in polled_site.server.asked] == ["/feed", "/new", "/new"]


async def test_a_weekend_without_papers_is_no_failure(polled_site: TestSite) -> None:
    empty = b'<rss version="2.0"><channel><title>cs.LG updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.LG</link></channel></rss>'
    polled_site.server.pages["/feed"] = Reply(body=empty)
    report = await polled_site.poll(lab(polled_site, kind=ArxivSource, pause=0.0))
    assert (report.status, polled_site.source_row("lab").failures) == (ReadStatus.EMPTY, 0)


async def test_replies_are_kept_so_that_parsing_can_be_replayed(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = fixed(samples.journal_atom(DAY))
    await polled_site.poll(lab(polled_site))
    with polled_site.store.reading() as tx:
        assert [response.body for _, _, response in tx.source_log.replies()] == [samples.journal_atom(DAY)]


async def test_a_lease_of_a_killed_process_is_free_at_once_and_of_a_living_one_is_not(polled_site: TestSite) -> None:
    import os
    import socket

    polled_site.server.pages["/feed"] = fixed(RSS.format("a").encode())
    setup = lab(polled_site)
    for owner, status in (
        (f"{socket.gethostname()}/{os.getpid()}/0", ReadStatus.LATER),
        (f"{socket.gethostname()}/4194300/1", ReadStatus.OK),
    ):
        with polled_site.store.transaction() as tx:
            tx.leases.give_back_lease(
                "source:lab", owner=f"{socket.gethostname()}/{os.getpid()}/0", next_at=polled_site.now
            )
            assert (
                tx.leases.take_lease("source:lab", owner=owner, now=polled_site.now, lease=timedelta(minutes=3)) is None
            )
        assert (await polled_site.poll(setup)).status is status


async def test_half_an_entry_is_left_for_the_next_poll(polled_site: TestSite) -> None:
    body = RSS.format("a").encode()
    polled_site.server.pages["/feed"] = [
        Reply(body=body[: body.index(b"<link>https://lab.example/1")]),
        Reply(body=body),
    ]
    first, second = await polled_site.poll(lab(polled_site)), await polled_site.poll(lab(polled_site))
    assert (first.status, first.new, second.new) == (ReadStatus.PARTIAL, 0, 1)


def listed(day: str, *numbers: int) -> bytes:
    """An announcement of that day."""
    items = "".join(
        f"<item><title>Paper {n}</title><link>https://arxiv.org/abs/2611.{n:05}</link><description>arXiv:2611.{n:05}v1 "
        f"Announce Type: new \nAbstract: x</description><guid>oai:arXiv.org:2611.{n:05}v1</guid>"
        "<category>cs.LG</category></item>"
        for n in numbers
    )
    return (
        '<rss version="2.0"><channel><title>cs.LG updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.LG</link>'
        f"<pubDate>{day} 00:00:00 -0500</pubDate>{items}</channel></rss>"
    ).encode()


async def test_a_list_that_does_not_move_on_is_stale_and_asked_again_soon(polled_site: TestSite) -> None:
    setup = lab(polled_site, kind=ArxivSource, pause=0.0)
    polled_site.server.pages["/feed"] = fixed(listed("Mon, 23 Nov 2026", 1, 2))
    first = await polled_site.poll(setup)
    polled_site.now += timedelta(minutes=15)
    second = await polled_site.poll(setup)
    polled_site.now = datetime(2026, 11, 24, 6, 5, tzinfo=UTC)
    third = await polled_site.poll(setup)
    assert [r.status for r in (first, second, third)] == [ReadStatus.OK, ReadStatus.UNCHANGED, ReadStatus.STALE]
    assert third.problems[0].what == "it shows the list of Monday 23 November; that of Tuesday is due"
    assert (polled_site.source_row("lab").next_poll or polled_site.now) - polled_site.now < timedelta(minutes=16)
    assert polled_site.source_row("lab").failures == 0


async def test_the_backlog_of_a_new_feed_goes_into_the_record_and_its_newest_is_news(polled_site: TestSite) -> None:
    dated = "<item><title>Thing {0}</title><link>https://lab.example/{0}</link><guid>{0}</guid><pubDate>{1}</pubDate></item>"
    items = [dated.format(n, "Mon, 03 Aug 2026 08:00:00 GMT") for n in range(200)]
    items.append(dated.format(200, "Sun, 22 Nov 2026 08:00:00 GMT"))
    body = f'<rss version="2.0"><channel><title>Lab</title><link>https://lab.example/</link>{"".join(items)}</channel></rss>'
    polled_site.server.pages["/feed"] = Reply(body=body.encode())
    assert (await polled_site.poll(lab(polled_site))).new == 201
    resolve(polled_site.store, now=polled_site.now)
    with polled_site.store.reading() as tx:
        assert [p.title for p in tx.papers.papers_seen_between(polled_site.now - timedelta(1), polled_site.now)] == [
            "Thing 200"
        ]
        assert tx.papers.count_entries_and_papers() == (201, 201)


async def test_an_old_paper_that_another_source_announces_later_is_news_then(polled_site: TestSite) -> None:
    old = entry(1, announced=None, published=PartialDate("2026-08-03"))
    with polled_site.store.transaction() as tx:
        tx.papers.add_entries("library", [old], sha="", now=polled_site.now - timedelta(days=30), old={0})
        tx.papers.add_entries(
            "arxiv", [entry(1, announce_type="replace")], sha="", now=polled_site.now - timedelta(days=2)
        )
    resolve(polled_site.store, now=polled_site.now)
    with polled_site.store.transaction() as tx:
        assert tx.papers.papers_seen_between(polled_site.now - timedelta(days=60), polled_site.now) == []
        tx.papers.add_entries("daily", [entry(1, native_key="daily-1")], sha="", now=polled_site.now)
    resolve(polled_site.store, now=polled_site.now)
    with polled_site.store.reading() as tx:
        (paper,) = tx.papers.papers_seen_between(polled_site.now - timedelta(days=60), polled_site.now)
    assert (paper.first_seen, paper.old) == (polled_site.now, False)


SETUP = SourceSetup(name="lab", kind="feed", source=FeedSource("https://lab.example/feed"))
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def minutes(failures: int = 0, status: ReadStatus = ReadStatus.OK, **change: Any) -> int:
    values: dict[str, Any] = {"after": None, "fresh_until": None, "now": NOW}
    return round((next_poll(SETUP, failures, status, **values | change) - NOW).total_seconds() / 60)


def test_a_healthy_source_is_asked_again_after_its_interval_and_a_little_spread() -> None:
    assert 60 <= minutes() <= 63


def test_failures_double_the_interval_up_to_a_day() -> None:
    assert [minutes(n, ReadStatus.LATER) for n in (1, 2, 3, 9)] == [60, 120, 240, 1440]


def test_a_failed_connection_is_tried_again_after_1_5_and_15_minutes_whatever_the_interval() -> None:
    assert [minutes(n, ReadStatus.UNREACHABLE) for n in (1, 2, 3, 4, 5, 6, 20)] == [1, 5, 15, 60, 120, 240, 1440]


async def test_a_source_is_asked_again_a_minute_after_the_network_was_away(polled_site: TestSite) -> None:
    polled_site.server.pages["/feed"] = [Reply(body=RSS.format("x").encode(), cut=40), fixed(RSS.format("x").encode())]
    setup = lab(polled_site, every=timedelta(hours=6))
    await polled_site.poll(setup)
    assert (polled_site.source_row("lab").next_poll, polled_site.source_row("lab").failures) == (
        polled_site.now + timedelta(minutes=1),
        1,
    )
    polled_site.now += timedelta(minutes=1)
    assert ((await polled_site.poll(setup)).new, polled_site.source_row("lab").failures) == (1, 0)


async def test_what_a_service_still_lets_us_spend_is_kept_with_its_source(polled_site: TestSite) -> None:
    told = {"x-ratelimit-remaining-usd": "0.42", "x-ratelimit-limit-usd": "1", "x-ratelimit-reset": "3600"}
    polled_site.server.pages["/feed"] = [
        Reply(body=RSS.format("a").encode(), headers=told),
        Reply(body=RSS.format("a").encode()),
    ]
    for _ in range(2):
        await polled_site.poll(lab(polled_site))
        resets = polled_site.now + timedelta(hours=1)
        assert budget_of(polled_site.source_row("lab")) == Budget(left=0.42, limit=1.0, resets=resets)


def test_max_age_is_honoured_up_to_six_hours() -> None:
    assert minutes(fresh_until=NOW + timedelta(hours=3)) == 180
    assert minutes(fresh_until=NOW + timedelta(days=30)) == 360


ITEM = "<item><title>{}</title><link>{}</link><guid isPermaLink='false'>{}</guid><description>{}</description><pubDate>{}</pubDate></item>"


def channel(*items: tuple[str, str, str, str, str]) -> Reply:
    made = "".join(ITEM.format(*item) for item in items)
    return Reply(body=f'<rss version="2.0"><channel><title>Lab</title>{made}</channel></rss>'.encode())


MONDAY, TUESDAY = "Mon, 23 Nov 2026 10:00:00 GMT", "Tue, 24 Nov 2026 10:00:00 GMT"
LONG, CHINESE = "Freezing of shallow ponds in cold nights", "池塘冬季结冰研究进展"


async def test_what_one_source_brings_again_under_another_name_is_nothing_new(polled_site: TestSite) -> None:
    first = [
        (LONG, "/a?v=1", "g1", "x", MONDAY),
        (CHINESE, "/b?v=1", "g2", "y", MONDAY),
        ("Ponds", "/blog/c", "g3", "z", MONDAY),
    ]
    second = [
        (LONG, "/a?v=2", "h1", "x", MONDAY),
        (CHINESE, "/b?v=2", "h2", "y", MONDAY),
        ("Ponds", "/news/c", "h3", "z", MONDAY),
    ]
    hosted = [[(t, f"https://lab.example{link}", *rest) for t, link, *rest in items] for items in (first, second)]
    polled_site.server.pages["/feed"] = [channel(*items) for items in hosted]  # type: ignore[arg-type]
    reports = []
    for _ in range(2):
        reports.append(await polled_site.poll(lab(polled_site)))
        papers_new = resolve(polled_site.store, now=polled_site.now).papers_new
    assert [report.new for report in reports] == [3, 0]
    assert papers_new == 0


async def test_a_series_stays_a_series(polled_site: TestSite) -> None:
    links = "Weekly links", "https://lab.example/{}", "{}", "Ten links, number {}", MONDAY
    days = [(*(part.format(n) for part in links[:4]), day) for n, day in ((1, MONDAY), (2, TUESDAY), (3, TUESDAY))]
    polled_site.server.pages["/feed"] = [channel(days[0]), channel(*days)]  # type: ignore[arg-type]
    reports = [await polled_site.poll(lab(polled_site))]
    made = resolve(polled_site.store, now=polled_site.now).papers_new
    reports.append(await polled_site.poll(lab(polled_site)))
    made += resolve(polled_site.store, now=polled_site.now).papers_new
    assert ([report.new for report in reports], made) == ([1, 2], 3)
