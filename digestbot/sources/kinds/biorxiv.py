"""Kind `biorxiv`: what was posted on bioRxiv or medRxiv, by the API or one of their feeds. https://api.biorxiv.org

Every version of a preprint is a row of its own. Numbers come as numbers or as texts, and a page has a hundred rows or
thirty: what came is counted, and the total decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, Request, Response, Standing
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.papers.text.clean import GREEK, plain
from digestbot.sources.formats import jats
from digestbot.sources.formats.items import NoEntry, as_json, each
from digestbot.sources.formats.json_feed import load_json, looks_like_json
from digestbot.sources.formats.reply_body import MOST_ENTRIES, not_a_feed, opened, read_status, unreadable
from digestbot.sources.formats.xml_feed import entry_of, read_feed
from digestbot.sources.records.arxiv_paper import standing
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import number, object_of, rows_of, split_names, text, tokens
from digestbot.sources.values.options import days_option, names_option, one_of
from digestbot.sources.values.poll_windows import FURTHEST, READ, first_day, read_to_the_end
from digestbot.sources.values.standing_marks import unmarked

API = "https://api.biorxiv.org/details"
#: an interval of days; cursor and format may be left out
_PLACE = re.compile(r"(.*/details/[^/]+/[\d-]+/[\d-]+)(?:/(\d+))?(/json)?/?(?=[?#]|\Z)")
_LETTERS = {name: letter for letter, name in GREEK.items()}
_BRACED = re.compile(r"\{(" + "|".join(_LETTERS) + r")\}", re.IGNORECASE)


class BiorxivSource:
    """Preprints of one server."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"server", "categories", "look_back"})
    #: no limit is published; one request a second is what their own clients keep
    politeness: ClassVar[tuple[str, float] | None] = ("biorxiv", 1.0)

    def __init__(
        self, server: str = "biorxiv", categories: Sequence[str] = (), url: str = "", look_back: int = 2
    ) -> None:  # fmt: skip
        self.server, self.categories, self.url, self.look_back = server, tuple(categories), url, look_back

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> BiorxivSource:
        """`server` is biorxiv unless said; without `categories` all of it."""
        categories = names_option(options, "categories", '["neuroscience", "cell biology"]')
        if odd := next((c for c in categories if not re.fullmatch(r"[A-Za-z][A-Za-z _-]+", c)), ""):
            raise ValueError(f"categories: {odd!r} is no subject; they look like neuroscience or cell biology")
        server, url = one_of(options, "server", ("biorxiv", "medrxiv")), str(options.get("url") or "")
        return cls(server, categories, url, days_option(options, "look_back", 2, FURTHEST))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The days since the last poll, for each category by itself."""
        if self.url:
            return (Request(url=self.url),)
        named = [re.sub(r"[ -]", "_", c.lower()) for c in self.categories] or [""]
        return tuple(Request(url=self._address(c, state, now)) for c in named)

    def _address(self, category: str, state: Mapping[str, Any], now: datetime) -> str:
        since = first_day(state, now, self.look_back, _read(category))
        asked = f"?category={category}" if category else ""
        return f"{API}/{self.server}/{since}/{now.date()}/0/json{asked}"

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of the API, or a feed."""
        body = opened(response)
        if (answer := not_a_feed(body)) is not None:
            return answer
        if not looks_like_json(body):
            result = read_feed(body, response, entry_of)
            return replace(result, entries=tuple(_announced(entry) for entry in result.entries))
        data = load_json(body)
        return data if isinstance(data, ParseResult) else _page(object_of(data), response.url, now)


def _page(data: Mapping[str, Any], url: str, now: datetime) -> ParseResult:
    message = next(iter(rows_of(data.get("messages"))), {})
    rows = rows_of(data.get("collection"))
    said = text(message.get("status"))
    if not isinstance(data.get("collection"), list) or (rows and not any("doi" in row for row in rows)):
        return unreadable("this is JSON, but no list of preprints", where=said[:200])
    newest = _newest(rows[:MOST_ENTRIES])
    entries, problems, broken = each(newest, lambda row: [_entry(row)], as_json)
    following = _next(url, len(rows), number(message.get("total")))
    return ParseResult(
        status=read_status(entries, problems),
        entries=tuple(entries), problems=tuple(problems), broken=tuple(broken), next_requests=following,
        kind="bioRxiv API",
        expected=_expected(url, len(rows), number(message.get("total"))),
        left_out=len(rows) - len(newest),
        state={} if following else read_to_the_end(now, _read(urlsplit(url).query.removeprefix("category="))),
    )  # fmt: skip


def _read(category: str) -> str:
    return f"{READ} {category}".strip()


def _expected(url: str, came: int, total: int | None) -> int | None:
    """Returns the number of rows to expect. Only lists of days have a next page; other lists count when whole."""
    return total if came and (_PLACE.match(url) or total == came) else None if came else 0


def _next(url: str, came: int, total: int | None) -> tuple[Request, ...]:
    """The page behind this one: the cursor is the number of rows before it. Without a total an empty page is the last."""
    place = _PLACE.match(url)
    if place is None or not came:
        return ()
    got = int(place.group(2) or 0) + came
    rest = url[place.end() :]
    return (Request(url=f"{place.group(1)}/{got}{place.group(3) or ''}{rest}"),) if total is None or got < total else ()


def _newest(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Of each preprint the row of its highest version, in the order the preprints came; rows without a DOI all."""
    newest: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for place, row in enumerate(rows):
        name, version = doi(_given(row, "doi")) or f"row {place}", number(row.get("version")) or 1
        if name not in newest or version > newest[name][0]:
            newest[name] = version, row
    return [row for _, row in newest.values()]


def _given(row: Mapping[str, Any], key: str) -> str:
    """A field; the literal `NA` stands for none."""
    value = text(row.get(key)).strip()
    return "" if value == "NA" else value


def _entry(row: Mapping[str, Any]) -> Entry:
    """One version. Its date is the day this version was posted: that of the preprint only for the first."""
    name, version = doi(_given(row, "doi")), number(row.get("version")) or 1
    if name is None:
        raise NoEntry("a preprint without a DOI")
    called, mark = unmarked(greek(jats.title(_given(row, "title"))))
    posted = date_of(_given(row, "date"))
    page = _address(row, name, version)
    summary = greek(jats.abstract(_given(row, "abstract")))
    withdrawn = mark or "withdrawn" in _given(row, "type").lower() or standing("", summary)
    return Entry(
        title=called,
        summary=summary,
        authors=tuple(dict.fromkeys(split_names(_given(row, "authors")))),
        affiliations=tuple(a for a in (plain(_given(row, "author_corresponding_institution")),) if a),
        categories=tuple(c for c in (plain(_given(row, "category")),) if c),
        published=posted if version == 1 else None,
        updated=posted if version > 1 else None,
        announced=_day(posted),
        announce_type="new" if version == 1 else "replace",
        link=page,
        identifiers=normal({"doi": name}),
        links=(Link(LinkRel.ABSTRACT, page), Link(LinkRel.PDF, f"{page}.full.pdf")),
        venue=plain(_given(row, "server")),
        rights=plain(_given(row, "license")),
        same_as=_published_as(row, name),
        standing=Standing.WITHDRAWN if withdrawn else Standing.STANDS,
        native_key=f"{name}v{version}",
    )


def _address(row: Mapping[str, Any], name: str, version: int) -> str:
    host = "www.medrxiv.org" if _given(row, "server").lower() == "medrxiv" else "www.biorxiv.org"
    return f"https://{host}/content/{name}v{version}"


def _published_as(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The DOI of the article that a preprint became."""
    published = doi(_given(row, "published"))
    return tokens({"doi": published}) if published and published != name else ()


def _day(posted: PartialDate | None) -> PartialDate | None:
    return posted if posted and posted.precision == "day" else None


def _announced(entry: Entry) -> Entry:
    """An item of their feeds, which mark a withdrawn preprint as the API does."""
    called, mark = unmarked(greek(entry.title))
    summary = greek(entry.summary)
    return replace(entry, title=called, summary=summary, standing=Standing.WITHDRAWN if mark else standing("", summary))


def greek(said: str) -> str:
    """`{beta}-catenin` and `{Delta}`, as both servers write Greek letters, with the letters themselves."""
    return _BRACED.sub(_letter, said)


def _letter(found: re.Match[str]) -> str:
    letter = _LETTERS[found.group(1).lower()]
    return letter.upper() if found.group(1)[0].isupper() else letter
