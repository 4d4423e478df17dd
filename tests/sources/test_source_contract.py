"""The built-in kinds of sources pass the suite that is shipped for strangers' kinds."""

from __future__ import annotations

from datetime import date

from digestbot.sources import Source
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.feed import FeedSource
from digestbot.sources.kinds.huggingface import HuggingFaceSource
from digestbot.sources.kinds.page import PageSource
from digestbot.testing import samples
from digestbot.testing.sources import SourceContract

DAY = date(2026, 11, 23)
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "Lab", "items": [{"id": "1", "title": "A", "url": "https://lab.example/1"}]}'


class TestFeed(SourceContract):
    def source(self) -> Source:
        return FeedSource.from_options({"url": "https://journal.example.org/feed"})

    def replies(self) -> list[bytes]:
        return [samples.journal_atom(DAY), samples.arxiv_rss(DAY), JSON_FEED]


class TestArxiv(SourceContract):
    def source(self) -> Source:
        return ArxivSource.from_options({"categories": ["cs.LG"]})

    def replies(self) -> list[bytes]:
        return [samples.arxiv_rss(DAY)]


class TestHuggingFace(SourceContract):
    def source(self) -> Source:
        return HuggingFaceSource.from_options({})

    def replies(self) -> list[bytes]:
        return [samples.daily_json(DAY)]


class TestPage(SourceContract):
    def source(self) -> Source:
        return PageSource.from_options({"url": "https://daily.example.org/papers.txt"})

    def replies(self) -> list[bytes]:
        return [samples.page_text(DAY)]
