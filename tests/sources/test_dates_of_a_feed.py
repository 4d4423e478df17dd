"""`03/04/2026` is read in the order that the other dates of its feed show."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from digestbot.model import ParseResult, Response
from digestbot.sources.kinds.feed import FeedSource

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def dated(*dates: str) -> ParseResult:
    items = "".join(f"<item><title>T{n}</title><pubDate>{said}</pubDate></item>" for n, said in enumerate(dates))
    body = f'<rss version="2.0"><channel><title>J</title>{items}</channel></rss>'.encode()
    return FeedSource("https://j.example/feed").parse(
        Response(url="https://j.example/feed", body=body, fetched=NOW), NOW
    )


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (("03/04/2026", "25/03/2026"), "2026-04-03"),
        (("03/04/2026", "03/25/2026"), "2026-03-04"),
        (("03/04/2026 10:00", "25/03/2026 09:00"), "2026-04-03"),
        (("03/04/2026",), "2026"),
        (("03/04/2026", "25/03/2026", "03/25/2026"), "2026"),
    ],
)
def test_the_order_of_day_and_month_is_that_of_the_other_dates(dates: tuple[str, ...], first: str) -> None:
    read = dated(*dates)
    assert str(read.entries[0].published) == first
    told = [problem.what for problem in read.problems]
    assert told == (["a date does not tell which number is the month"] if first == "2026" else [])
