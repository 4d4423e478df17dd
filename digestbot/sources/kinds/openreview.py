"""Kind `openreview`: the papers of a venue at OpenReview. https://docs.openreview.net/reference/api-v2

Since 2026 its API answers whoever is not logged in with 403 and `ChallengeRequiredError`, or with a page that looks at
browsers: a source here wants a log-in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from digestbot.model import (
    Entry,
    Link,
    LinkRel,
    ParseResult,
    PartialDate,
    Request,
    Response,
    Secret,
    ServiceLogin,
    Standing,
)
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.text.clean import plain
from digestbot.sources.formats.items import NoEntry, as_json, each
from digestbot.sources.formats.json_feed import json_reply
from digestbot.sources.formats.reply_body import opened, read_status, unreadable
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import number, object_of, rows_of, text, unique_keys, web_address
from digestbot.sources.values.options import days_option, text_option
from digestbot.sources.values.poll_windows import FURTHEST, first_day, read_to_the_end

API = "https://api2.openreview.net/notes"
LOG_IN = "https://api2.openreview.net/login"
SITE = "https://openreview.net"
PAGE = 250  #: the service allows 1000; with abstract and BibTeX a note has up to 10 kB
MOST = 3000  #: notes of one poll
_EXAMPLE = '"ICLR.cc/2027/Conference"'
_HINT = "log in: login_file names a file with two lines, your address at openreview.net and the password"


class OpenReviewSource:
    """The accepted papers of a venue, or what is submitted to it."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"venue", "invitation", "look_back", "login_file"})
    #: no limit is published
    politeness: ClassVar[tuple[str, float] | None] = ("openreview", 1.0)

    def __init__(
        self, venue: str = "", invitation: str = "", url: str = "", look_back: int = 7, login: ServiceLogin | None = None
    ) -> None:  # fmt: skip
        self.venue, self.invitation, self.url, self.look_back, self._login = venue, invitation, url, look_back, login

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> OpenReviewSource:
        """Needs `venue` (its accepted papers), `invitation` (its submissions) or `url`."""
        url, venue = str(options.get("url") or ""), text_option(options, "venue", _EXAMPLE)
        invitation = text_option(options, "invitation", '"TMLR/-/Submission"')
        if invitation and "/-/" not in invitation:
            raise ValueError(f"invitation: {invitation!r} has no /-/; they look like TMLR/-/Submission")
        if not (url or venue or invitation):
            raise ValueError(f'kind = "openreview" needs a venue or an invitation, for example: venue = {_EXAMPLE}')
        if venue and invitation:
            raise ValueError("venue: either a venue or an invitation; write two sources for both")
        look_back = days_option(options, "look_back", 7, FURTHEST)
        return cls(venue, invitation, url, look_back, _login(options.get("login")))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """What was submitted since the day before the last poll; of a venue what was changed last, for it cannot be asked
        for what was accepted since a day."""
        if self.url:
            return (self._request(self.url),)
        since = datetime.combine(first_day(state, now, self.look_back), time(), UTC)
        moment = int(since.timestamp())
        if self.venue:
            asked = {"content.venueid": self.venue, "sort": "tmdate:desc"}
        else:
            asked = {"invitation": self.invitation, "mintcdate": f"{moment}000", "sort": "tcdate:desc"}
        asked |= {"limit": str(PAGE), "offset": "0"}
        return (self._request(f"{API}?{urlencode(asked, safe='/:')}#since={moment}"),)

    def _request(self, url: str) -> Request:
        return Request(url=url, login=self._login)

    def refused(self, status: int, said: str) -> str:
        """What helps against a refusal."""
        if "ChallengeRequiredError" in said or status in (401, 403):
            return "OpenReview's API gives nothing to whoever is not logged in: " + (
                _HINT if self._login is None else "is the log-in right, and has its address been confirmed?"
            )
        return ""

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of notes. What is no submission (a review, a comment) is left out."""
        hint = "the page looks at browsers. " + _HINT if self._login is None else f"the API is at {API}"
        data = json_reply(opened(response), "OpenReview's API", hint)
        if isinstance(data, ParseResult):
            return data
        if not isinstance(object_of(data).get("notes"), list):
            given = object_of(data)
            said = ": ".join(part for part in (text(given.get("name")), text(given.get("message"))) if part)
            advice = self.refused(number(given.get("status")) or 0, said)
            return unreadable("this is JSON, but no list of OpenReview's notes", where=said[:200], hint=advice)
        notes = rows_of(object_of(data).get("notes"))
        papers = [note for note in notes if text(note.get("forum")) in ("", text(note.get("id")))]
        entries, problems, broken = each(papers, _entries, as_json)
        following = self._next(response.url, notes)
        return ParseResult(
            status=read_status(entries, problems, more=following),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(broken), next_requests=following,
            kind="OpenReview", left_out=len(notes) - len(papers), state={} if following else read_to_the_end(now),
        )  # fmt: skip

    def _next(self, url: str, notes: Sequence[Mapping[str, Any]]) -> tuple[Request, ...]:
        """The next page, unless this one goes back further than is wanted, or is not full."""
        parts = urlsplit(url)
        asked, since = dict(parse_qsl(parts.query)), number(parts.fragment.removeprefix("since="))
        limit, offset = number(asked.get("limit")), number(asked.get("offset"))
        if since is None or not limit or offset is None or len(notes) < limit or offset + limit >= MOST:
            return ()
        last = number(notes[-1].get("tmdate")) if asked.get("sort") == "tmdate:desc" else None
        if last is not None and last < since * 1000:
            return ()
        onward = urlencode(asked | {"offset": str(offset + limit)}, safe="/:")
        return (self._request(f"{url.partition('?')[0]}?{onward}#{parts.fragment}"),)


def _login(given: Any) -> ServiceLogin | None:
    """From the two lines of the file."""
    if given is None:
        return None
    lines = [line.strip() for line in (given.reveal() if isinstance(given, Secret) else str(given)).splitlines()]
    if len(lines) != 2 or not all(lines):
        raise ValueError("login_file has two lines: your address at openreview.net, and the password")
    return ServiceLogin(url=LOG_IN, fields={"id": Secret(lines[0]), "password": Secret(lines[1])})


def _entries(note: Mapping[str, Any]) -> list[Entry]:
    own, content = text(note.get("id")), object_of(note.get("content"))
    if not own:
        raise NoEntry("a note without an id")
    page, venueid = f"{SITE}/forum?id={quote(own)}", text(_said(content, "venueid"))
    drawn = venueid.lower().endswith("withdrawn_submission") or "withdrawn" in text(_said(content, "venue")).lower()
    return [Entry(
        title=plain(text(_said(content, "title"))),
        summary=plain(text(_said(content, "abstract"))),
        authors=_authors(_said(content, "authors")),
        categories=_words(_said(content, "primary_area"), _said(content, "subject_areas"), _said(content, "keywords")),
        published=_moment(note, "pdate", "odate", "cdate", "tcdate"),
        updated=_moment(note, "mdate", "tmdate"),
        announced=_day(_moment(note, "pdate", "odate", "tcdate")),
        link=page,
        identifiers=normal({"openreview": own}),
        links=_links(content, own),
        venue=plain(text(_said(content, "venue"))) or plain(venueid),
        tldr=plain(text(_said(content, "TLDR")) or text(_said(content, "TL;DR"))),
        rights=plain(text(note.get("license")))[:200],
        standing=Standing.WITHDRAWN if drawn else Standing.STANDS,
        native_key=own,
    )]  # fmt: skip


def _said(content: Mapping[str, Any], name: str) -> Any:
    """A field of a note: version 2 of the API wraps each value, version 1 does not."""
    value = content.get(name)
    return value.get("value") if isinstance(value, Mapping) else value


def _authors(given: Any) -> tuple[str, ...]:
    """Names, or people with a name; nothing while the authors are hidden."""
    rows = given if isinstance(given, list) else []
    names = (plain(text(row.get("fullname")) if isinstance(row, Mapping) else text(row)) for row in rows)
    return tuple(name for name in names if name and name.lower() not in ("anonymous", "anonymous authors"))


def _words(*given: Any) -> tuple[str, ...]:
    listed = [word for one in given for word in (one if isinstance(one, list) else [one])]
    return tuple(dict.fromkeys(word for one in listed if (word := plain(text(one)))))


def _moment(note: Mapping[str, Any], *names: str) -> PartialDate | None:
    """The first of these instants, which are milliseconds since 1970."""
    return next((d for name in names if (d := date_of(text(note.get(name)))) is not None), None)


def _day(given: PartialDate | None) -> PartialDate | None:
    return PartialDate.of(given.day()) if given else None


def _links(content: Mapping[str, Any], own: str) -> tuple[Link, ...]:
    found = [Link(LinkRel.DISCUSSION, f"{SITE}/forum?id={quote(own)}")]
    if text(_said(content, "pdf")):
        found.append(Link(LinkRel.PDF, f"{SITE}/pdf?id={quote(own)}"))
    code = web_address(_said(content, "code"))
    return (*found, Link(LinkRel.CODE, code)) if code else tuple(found)
