"""OpenReview: the log-in, what is asked, how far back; what a note says in both versions of the API."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digestbot.acts.intake.polite_fetch import advised
from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Request, Response, Secret, ServiceLogin
from digestbot.sources import Source
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.openreview import API, OpenReviewSource
from digestbot.sources.known_sites import known_place
from digestbot.testing import field_replies
from digestbot.testing.http_server import Reply, Site, running
from digestbot.testing.sources import SourceContract
from digestbot.transport.http import HttpTransport

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
MOMENT = 1795392000  #: 2026-11-23T00:00Z


class TestOpenReview(SourceContract):
    def source(self) -> Source:
        return OpenReviewSource.from_options({"venue": "TMLR", "login": Secret("me@uni.example\nhush")})

    def replies(self) -> list[bytes]:
        return [field_replies.openreview(DAY)]


def read(body: Any, url: str = API, **options: Any) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return OpenReviewSource.from_options({"url": API} | options).parse(Response(url=url, body=data, fetched=NOW), NOW)


def note(**content: Any) -> Entry:
    wrapped = {name: {"value": value} for name, value in content.items()}
    return read({"notes": [{"id": "AbC-1_x", "forum": "AbC-1_x", "pdate": MOMENT * 1000, "content": wrapped}]}).entries[
        0
    ]


def test_the_accepted_papers_of_a_venue_are_asked_for_newest_change_first() -> None:
    (request,) = OpenReviewSource.from_options({"venue": "ICLR.cc/2027/Conference"}).requests(
        {"read": "2026-11-22"}, NOW
    )
    asked, _, since = request.url.partition("#since=")
    assert asked == f"{API}?content.venueid=ICLR.cc/2027/Conference&sort=tmdate:desc&limit=250&offset=0"
    assert datetime.fromtimestamp(int(since), UTC) == datetime(2026, 11, 21, tzinfo=UTC)


def test_submissions_are_asked_for_since_a_day() -> None:
    (request,) = OpenReviewSource.from_options({"invitation": "TMLR/-/Submission", "look_back": 0}).requests({}, NOW)
    assert request.url.startswith(f"{API}?invitation=TMLR/-/Submission&mintcdate={MOMENT}000&sort=tcdate:desc&")


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "needs a venue or an invitation"), ({"invitation": "TMLR"}, "has no /-/"), ({"venue": "a", "invitation": "a/-/b"}, "either a venue"),
     ({"venue": "a", "login": Secret("only-one-line")}, "login_file has two lines")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said) as told:
        OpenReviewSource.from_options(options)
    assert "only-one-line" not in str(told.value)


def test_pages_follow_until_one_goes_back_further_than_wanted() -> None:
    def url(offset: int, limit: int = 5) -> str:
        return f"{API}?content.venueid=A/B&sort=tmdate:desc&limit={limit}&offset={offset}#since={MOMENT}"

    page = read(field_replies.openreview(DAY), url(0))
    assert ([r.url for r in page.next_requests], page.state) == ([url(5)], {})
    last = read(field_replies.openreview(date(2026, 11, 20)), url(5))
    assert (last.next_requests, last.state) == ((), {"read": "2026-11-23"})
    assert read(field_replies.openreview(DAY), url(0, limit=6)).next_requests == ()  # the page was not full


def test_a_note_is_read_whole() -> None:
    entry = note(
        title="On $L_2$ games", abstract="We play.", authors=["Ines Okafor", "Mei Abara"], keywords=["games"], TLDR="Play.",
        venue="TMLR", venueid="TMLR", pdf="/pdf/1.pdf", code="https://github.com/a/b",
    )  # fmt: skip
    assert (entry.title, entry.summary, entry.tldr, entry.venue) == ("On $L_2$ games", "We play.", "Play.", "TMLR")
    assert (entry.authors, entry.categories) == (("Ines Okafor", "Mei Abara"), ("games",))
    assert (entry.published, entry.announced) == (PartialDate("2026-11-23T00:00:00Z"), PartialDate("2026-11-23"))
    assert (entry.identifiers, entry.link) == ({"openreview": "AbC-1_x"}, "https://openreview.net/forum?id=AbC-1_x")
    assert [(link.rel, link.href) for link in entry.links][1:] == [
        ("pdf", "https://openreview.net/pdf?id=AbC-1_x"), ("code", "https://github.com/a/b")]  # fmt: skip


def test_notes_of_the_older_version_and_people_as_objects_are_read_too() -> None:
    old = read({"notes": [{"id": "a", "content": {"title": "Old", "authors": ["Ada Doe"]}}]}).entries[0]
    assert (old.title, old.authors) == ("Old", ("Ada Doe",))
    assert note(title="T", authors=[{"fullname": "Ada Doe", "username": "~Ada_Doe1"}, "Anonymous"]).authors == (
        "Ada Doe",
    )


def test_reviews_are_left_out_and_what_was_withdrawn_is_marked() -> None:
    page = read({"notes": [{"id": "a", "forum": "a", "content": {}}, {"id": "r", "forum": "a", "content": {}}]})
    assert (len(page.entries), page.left_out) == (1, 1)
    assert note(title="T", venueid="ICLR.cc/2027/Conference/Withdrawn_Submission").standing == "withdrawn"


@pytest.mark.parametrize(
    "body", [field_replies.openreview_challenge(), b"<!DOCTYPE html><title>Verifying your browser</title>"]
)
def test_whoever_is_not_logged_in_is_told_to_log_in(body: bytes) -> None:
    (problem,) = read(body).problems
    assert "login_file names a file with two lines" in problem.hint
    assert "login_file" not in read(body, login=Secret("a@b.example\nhush")).problems[0].hint


@pytest.fixture
def anonymous_site() -> Site:
    refused = Reply(status=403, body=field_replies.openreview_challenge(), headers={"Content-Type": "application/json"})
    return Site(pages={"/notes": refused, "/login": Reply(body=b'{"token": "t0ken-1", "user": {}}')})


async def test_the_403_of_a_challenge_is_told_in_its_own_words_with_what_helps(anonymous_site: Site) -> None:
    source = OpenReviewSource.from_options({"venue": "TMLR"})
    with running(anonymous_site) as base:
        async with HttpTransport("", allow_private=True) as transport:
            fetched = advised(await transport.fetch(Request(url=f"{base}/notes")), source)
    assert fetched.error == (
        "403 from 127.0.0.1: ChallengeRequiredError: Challenge verification required. OpenReview's API gives nothing to whoever "
        "is not logged in: log in: login_file names a file with two lines, your address at openreview.net and the password"
    )


def login_at(base: str) -> ServiceLogin:
    return ServiceLogin(url=f"{base}/login", fields={"id": Secret("me@uni.example"), "password": Secret("hush-hush")})


async def test_it_logs_in_once_and_shows_the_token_with_each_request(anonymous_site: Site) -> None:
    anonymous_site.pages["/notes"] = Reply(body=field_replies.openreview(DAY))
    with running(anonymous_site) as base:
        async with HttpTransport("", allow_private=True) as transport:
            for _ in range(2):
                fetched = await transport.fetch(Request(url=f"{base}/notes", login=login_at(base)))
    first, *notes = anonymous_site.asked
    assert json.loads(first.posted) == {"id": "me@uni.example", "password": "hush-hush"}
    assert [(a.path, a.headers["authorization"]) for a in notes] == [("/notes", "Bearer t0ken-1")] * 2
    assert fetched.status is ReadStatus.OK
    assert "t0ken-1" not in repr(fetched.request)
    assert "hush" not in repr(fetched.request)


async def test_a_token_that_is_no_longer_good_is_replaced_once(anonymous_site: Site) -> None:
    old, good = (
        Reply(status=401, body=b'{"name": "TokenExpiredError", "message": "jwt t0ken-1 expired"}'),
        Reply(body=b'{"notes": []}'),
    )
    anonymous_site.pages |= {"/notes": [good, old, good, old, old]}
    anonymous_site.pages["/login"] = [Reply(body=b'{"token": "t0ken-1"}'), Reply(body=b'{"token": "t0ken-2"}')]
    with running(anonymous_site) as base:
        async with HttpTransport("", allow_private=True) as transport:
            came = [await transport.fetch(Request(url=f"{base}/notes", login=login_at(base))) for _ in range(3)]
    assert [f.status for f in came] == [ReadStatus.OK, ReadStatus.OK, ReadStatus.UNREADABLE]
    assert [a.path for a in anonymous_site.asked].count("/login") == 3
    assert "TokenExpiredError: jwt" in came[2].error


@pytest.mark.parametrize(
    ("reply", "said"),
    [(Reply(status=400, body=b'{"name": "Error", "message": "Invalid username or password for me@uni.example"}'), "the log-in failed: 400 from 127.0.0.1: Invalid username or password for ***"),
     (Reply(body=b'{"mfaPending": true}'), "the log-in gave no token (does it want a second factor?"), (Reply(body=b"<html>"), "the log-in gave no token"),
     (Reply(status=429), "the log-in failed: 429 from 127.0.0.1"), (Reply(status=302, headers={"Location": "/elsewhere"}), "the log-in failed: 302")],
)  # fmt: skip
async def test_a_log_in_that_fails_says_why_and_asks_nothing_further(
    anonymous_site: Site, reply: Reply, said: str
) -> None:
    anonymous_site.pages["/login"] = reply
    with running(anonymous_site) as base:
        async with HttpTransport("", allow_private=True) as transport:
            fetched = await transport.fetch(Request(url=f"{base}/notes", login=login_at(base)))
    assert (said in fetched.error, fetched.response, len(anonymous_site.asked)) == (True, None, 1)


async def test_a_log_in_at_a_private_address_is_refused_like_any_request(anonymous_site: Site) -> None:
    with running(anonymous_site) as base:
        async with HttpTransport("") as transport:
            fetched = await transport.fetch(Request(url=f"{base}/notes", login=login_at(base)))
    assert (fetched.status, anonymous_site.asked) == (ReadStatus.UNREACHABLE, [])
    assert "is private" in fetched.error


def test_its_replies_and_its_venues_are_known() -> None:
    assert kind_of(Response(url="", body=field_replies.openreview(DAY), fetched=NOW)) == "openreview"
    assert known_place("https://openreview.net/group?id=TMLR") == ("openreview", {"venue": "TMLR"})
