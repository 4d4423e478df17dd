"""The suite that every kind passes, and what this one promises beyond it."""

from __future__ import annotations

from datetime import UTC, datetime

from digestbot_seminar import SeminarSource

from digestbot.model import Response
from digestbot.testing.sources import SourceContract

LIST = b"date,title,authors,url,abstract\n2026-11-23,On samples,Ines Okafor; Mei Abara,https://arxiv.org/abs/2611.00001v2,We sample.\n"


class TestSeminar(SourceContract):
    """Damaged, cut and random bytes, web pages, control characters: thirteen promises."""

    def source(self) -> SeminarSource:
        return SeminarSource.from_options({"url": "https://uni.example/seminar.csv"})

    def replies(self) -> list[bytes]:
        return [LIST]


def test_a_line_is_a_paper_with_its_identity() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    source = SeminarSource.from_options({"url": "https://uni.example/seminar.csv", "room": "H 2.13"})
    (entry,) = source.parse(Response(url=source.url, body=LIST, fetched=now), now).entries
    assert (entry.title, entry.authors, entry.comment) == ("On samples", ("Ines Okafor", "Mei Abara"), "In H 2.13")
    assert entry.identifiers == {"arxiv": "2611.00001", "arxiv_version": "2"}
