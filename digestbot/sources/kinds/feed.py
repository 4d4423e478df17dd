"""Kind `feed`: whatever feedparser reads (RSS 0.9x to 2.0, Atom, RDF with Dublin Core and PRISM), and JSON Feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from digestbot.model import ParseResult, Request, Response
from digestbot.sources.formats.json_feed import looks_like_json, read_json_feed
from digestbot.sources.formats.reply_body import not_a_feed, opened
from digestbot.sources.formats.xml_feed import entry_of, read_feed


class FeedSource:
    """A feed at an address."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset()
    politeness: ClassVar[tuple[str, float] | None] = None

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> FeedSource:
        """Needs `url`."""
        if not options.get("url"):
            raise ValueError('kind = "feed" needs a url, for example: url = "https://journal.example.org/rss"')
        return cls(str(options["url"]))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The one address."""
        return (Request(url=self.url),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Entries of any feed."""
        body = opened(response)
        if (answer := not_a_feed(body)) is not None:
            return answer
        if looks_like_json(body):
            return read_json_feed(body, response.url, response.fetched)
        return read_feed(body, response, entry_of)
