"""`03/04/2026` is read in the order that the other dates of its feed show."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rows import rows

from digestbot.model import ParseResult, Response
from digestbot.sources.kinds.feed import FeedSource
from digestbot.sources.values.dates import date_of

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


@rows(
    ("text", "day"),
    [("1er mars 2026", "2026-03-01"), ("3. Mrz. 2026", "2026-03-03"), ("março de 2026", "2026-03"), ("dez. de 2026", "2026-12"), ("dez/2026", "2026-12"),
     ("3 марта 2026 г.", "2026-03-03"), ("3 marca 2026 r.", "2026-03-03"), ("2026 r.", "2026"), ("3rd of March, 2026", "2026-03-03"),
     ("March the 3rd, 2026", "2026-03-03"), ("3 de marzo del 2026", "2026-03-03"), ("Publication date: March 2026", "2026-03"), ("03MAR2026", "2026-03-03"),
     ("3.III.2026", "2026-03-03"), ("28 X 2026", "2026-10-28"), ("2026. március 3.", "2026-03-03"), ("ngày 3 tháng 3 năm 2026", "2026-03-03"),
     ("令和8年3月3日", "2026-03-03"), ("令和元年5月", "2019-05"), ("民國115年3月3日", "2026-03-03"), ("二〇二六年十一月二十三日", "2026-11-23"),
     ("２０２６年３月３日", "2026-03-03"), ("2026 Mar 3;12(3):45-50", "2026-03-03"), ("2026年第3期", "2026"), ("2026年春季号", "2026"), ("été 2026", "2026"),
     ("Frühjahr 2026", "2026"), ("Winter 2025/26", "2025"), ("otoño de 2026", "2026"), ("jesień 2026", "2026"), ("лето 2026", "2026"), ("T3 2026", "2026"),
     ("2º trimestre de 2026", "2026"), ("enero - marzo de 2026", "2026"), ("23 نوفمبر 2026", "2026-11-23"),
     ("الاثنين، ٢٣ نوفمبر ٢٠٢٦", "2026-11-23"), ("23 تشرين الثاني 2026", "2026-11-23"), ("آذار 2026", "2026-03"), ("23 نوفمبر 2026 09:12", "2026-11-23T09:12:00Z"),
     ("23 בנובמבר 2026", "2026-11-23"), ("יום שני, 23 בנובמבר 2026", "2026-11-23"), ("נובמבר 2026", "2026-11"), ("23 พฤศจิกายน 2569", "2026-11-23"),
     ("จันทร์ที่ 23 พฤศจิกายน พ.ศ. 2569", "2026-11-23"), ("๒๓ พ.ย. ๒๕๖๙", "2026-11-23"), ("23 พ.ย. 2026", "2026-11-23"), ("۲ آذر ۱۴۰۵", "2026-11-23"),
     ("دوشنبه ۲ آذر ۱۴۰۵", "2026-11-23"), ("۱۴۰۵/۰۹/۰۲", "2026-11-23"), ("آذر ۱۴۰۵", "2026"), ("دی ۱۴۰۵", None), ("۳۰ اسفند ۱۴۰۳", "2025-03-20"), ("۱ فروردین ۱۴۰۴", "2025-03-21"),
     ("۲۳ نوامبر ۲۰۲۶", "2026-11-23"), ("23 Kasım 2026 Pazartesi", "2026-11-23"), ("23 Ağustos 2026", "2026-08-23"), ("Şubat 2026", "2026-02"),
     ("Thứ Hai, ngày 23 tháng 11 năm 2026", "2026-11-23"), ("23 thg 11, 2026", "2026-11-23"), ("Thg 11 23, 2026", "2026-11-23"), ("Tháng 11, 2026", "2026-11"),
     ("Tháng Mười Một 23, 2026", "2026-11-23"), ("23/11/2569", "2026-11-23"), ("2 Azar 1405", None), ("spring forward", None), ("Volume 12 of 30", None), ("十", None)],
)  # fmt: skip
def test_a_date_is_read_in_the_words_of_its_language(text: str, day: str | None) -> None:
    found = date_of(text)
    assert (found.text if found else None) == day


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp1252"])
def test_a_json_feed_is_read_in_any_encoding(encoding: str) -> None:
    body = '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "Größen der «é»", "url": "https://a.example/1"}]}'
    response = Response(url="https://a.example/f", status=200, body=body.encode(encoding), fetched=NOW)
    assert [entry.title for entry in FeedSource("https://a.example/f").parse(response, NOW).entries] == [
        "Größen der «é»"
    ]
