"""Fetching over HTTP from a real (local) server, and which addresses are never connected to."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from rows import rows

from digestbot.model import Budget, Fetched, ReadStatus, Request, Secret
from digestbot.testing.http_server import Reply, Site, running
from digestbot.transport import file
from digestbot.transport.addresses import allowed, is_private
from digestbot.transport.http import Connections, HttpTransport, Limits, _origin
from digestbot.transport.proxies import proxy_for
from digestbot.transport.reply_meaning import (
    LONGEST_WAIT,
    budget,
    fresh_until,
    http_date,
    rate_limit_pause,
    retry_after,
    verdict,
    without_keys,
    without_secrets,
)

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
BODY = b"<rss version='2.0'><channel><title>Lab</title></channel></rss>"


@dataclass
class Loopback:
    """A site on loopback and its address."""

    site: Site
    web: str

    def page(self, path: str, *replies: Reply) -> None:
        self.site.pages[path] = list(replies)

    async def get(self, path: str = "/", *, ask: dict[str, Any] | None = None, **change: Any) -> Fetched:
        values: dict[str, Any] = {"allow_private": True, "clock": lambda: NOW}
        async with HttpTransport("admin@example.org", **values | change) as transport:
            return await transport.fetch(Request(url=f"{self.web}{path}", **ask or {}))

    def headers(self) -> dict[str, str]:
        return dict(self.site.asked[-1].headers)


@pytest.fixture
def place() -> Iterator[Loopback]:
    site = Site()
    with running(site) as web:
        yield Loopback(site, web)


async def test_a_page_comes_whole_with_lower_case_headers_and_its_validators(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, etag='"a"', last_modified="Mon, 23 Nov 2026 05:00:00 GMT"))
    fetched = await place.get()
    assert fetched.response is not None
    assert (fetched.status, fetched.http_status, fetched.response.body) == (ReadStatus.OK, 200, BODY)
    assert (fetched.etag, fetched.last_modified) == ('"a"', "Mon, 23 Nov 2026 05:00:00 GMT")
    assert fetched.response.headers["etag"] == '"a"'
    assert (fetched.response.fetched, fetched.error) == (NOW, "")


async def test_both_validators_are_sent_and_a_304_is_unchanged(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, etag='"a"'))
    ask = {"etag": '"a"', "last_modified": "Mon, 23 Nov 2026 05:00:00 GMT"}
    fetched = await place.get(ask=ask)
    assert (fetched.status, fetched.response, fetched.http_status) == (ReadStatus.UNCHANGED, None, 304)
    assert place.headers()["if-none-match"] == '"a"'
    assert place.headers()["if-modified-since"] == "Mon, 23 Nov 2026 05:00:00 GMT"


async def test_without_validators_nothing_conditional_is_asked(place: Loopback) -> None:
    place.page("/", Reply(body=BODY))
    await place.get()
    assert not {"if-none-match", "if-modified-since"} & set(place.headers())


async def test_new_validators_of_a_304_are_given_back(place: Loopback) -> None:
    place.page("/", Reply(status=304, headers={"ETag": '"b"', "Last-Modified": "Mon, 23 Nov 2026 06:00:00 GMT"}))
    fetched = await place.get(ask={"etag": '"a"'})
    assert (fetched.status, fetched.etag) == (ReadStatus.UNCHANGED, '"b"')
    assert fetched.last_modified == "Mon, 23 Nov 2026 06:00:00 GMT"


async def test_a_validator_that_is_no_text_can_be_kept_and_sent_again(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, headers={"ETag": '"\xe9"'}))
    fetched = await place.get()
    assert fetched.etag.encode()
    assert (await place.get(ask={"etag": fetched.etag})).status is ReadStatus.OK


async def test_gzip_is_unpacked(place: Loopback) -> None:
    place.page("/", Reply(body=BODY * 100, packed=True))
    fetched = await place.get()
    assert fetched.response is not None
    assert fetched.response.body == BODY * 100
    assert "gzip" in place.headers()["accept-encoding"]


async def test_a_gzip_bomb_is_stopped_at_the_limit(place: Loopback) -> None:
    place.page("/", Reply(body=bytes(64 * 2**20), packed=True))
    fetched = await place.get(limits=Limits(body=2**20))
    assert (fetched.status, fetched.response) == (ReadStatus.UNREACHABLE, None)
    assert "more than 1 MB" in fetched.error


async def test_a_body_of_exactly_the_limit_is_taken(place: Loopback) -> None:
    place.page("/", Reply(body=b"x" * 1000))
    assert (await place.get(limits=Limits(body=1000))).status is ReadStatus.OK
    assert (await place.get(limits=Limits(body=999))).status is ReadStatus.UNREACHABLE


async def test_bytes_that_are_not_the_gzip_they_claim_to_be_are_no_answer(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, headers={"Content-Encoding": "gzip"}))
    assert (await place.get()).status is ReadStatus.UNREACHABLE


async def test_a_slow_drip_is_stopped_by_the_overall_limit(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, drip=0.05))
    fetched = await place.get(limits=Limits(seconds=0.5))
    assert (fetched.status, "within 0.5 s" in fetched.error) == (ReadStatus.UNREACHABLE, True)


async def test_redirects_share_one_time_limit(place: Loopback) -> None:
    place.page("/", Reply(status=302, headers={"Location": "/slow"}, delay=0.3))
    place.page("/slow", Reply(body=BODY, delay=0.3))
    assert (await place.get(limits=Limits(seconds=0.5))).status is ReadStatus.UNREACHABLE


async def test_a_cut_off_body_is_unreachable_and_no_crash(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, cut=20))
    fetched = await place.get()
    assert (fetched.status, fetched.response) == (ReadStatus.UNREACHABLE, None)
    assert fetched.error


async def test_a_port_where_nobody_listens_is_unreachable(place: Loopback) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        fetched = await Loopback(place.site, f"http://127.0.0.1:{closed.getsockname()[1]}").get()
    assert fetched.status is ReadStatus.UNREACHABLE
    assert "127.0.0.1 cannot be reached" in fetched.error


async def test_the_operators_contact_stands_in_the_user_agent(place: Loopback) -> None:
    place.page("/", Reply(body=BODY))
    await place.get()
    assert place.headers()["user-agent"].startswith("digestbot/")
    assert "(+mailto:admin@example.org)" in place.headers()["user-agent"]


async def test_cookies_are_neither_kept_nor_sent(place: Loopback) -> None:
    place.page("/", Reply(status=302, headers={"Location": "/next", "Set-Cookie": "id=1; Path=/"}))
    place.page("/next", Reply(body=BODY))
    named = Loopback(
        place.site, place.web.replace("127.0.0.1", "site.test")
    )  # no browser keeps cookies of bare addresses
    assert (
        await named.get(connections=Connections(resolver=Names({"site.test": "127.0.0.1"})))
    ).status is ReadStatus.OK
    assert "cookie" not in place.headers()


@pytest.mark.parametrize(("status", "kept"), [(301, True), (308, True), (302, False), (303, False), (307, False)])
async def test_a_redirect_is_followed_and_remembered_only_when_it_is_permanent(
    place: Loopback, status: int, kept: bool
) -> None:
    place.page("/", Reply(status=status, headers={"Location": "/new"}))
    place.page("/new", Reply(body=BODY))
    fetched = await place.get()
    assert fetched.response is not None
    assert fetched.response.url == f"{place.web}/new"
    assert (fetched.request.url, fetched.moved_to) == (f"{place.web}/", f"{place.web}/new" if kept else "")


async def test_one_temporary_hop_makes_the_whole_way_temporary(place: Loopback) -> None:
    place.page("/", Reply(status=301, headers={"Location": "/b"}))
    place.page("/b", Reply(status=302, headers={"Location": "/c"}))
    place.page("/c", Reply(body=BODY))
    fetched = await place.get()
    assert (fetched.status, fetched.moved_to) == (ReadStatus.OK, "")


async def test_a_permanent_redirect_to_nowhere_is_not_remembered(place: Loopback) -> None:
    place.page("/", Reply(status=301, headers={"Location": "/gone-wrong"}))
    fetched = await place.get()
    assert (fetched.status, fetched.moved_to) == (ReadStatus.UNREADABLE, "")


async def test_five_redirects_are_followed_and_six_are_not(place: Loopback) -> None:
    for at in range(7):
        place.page(f"/{at}", Reply(status=302, headers={"Location": f"/{at + 1}"}))
    place.page("/7", Reply(body=BODY))
    assert (await place.get("/2")).status is ReadStatus.OK
    fetched = await place.get("/1")
    assert (fetched.status, "more than 5 redirects" in fetched.error) == (ReadStatus.UNREACHABLE, True)


@pytest.mark.parametrize(
    "target", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "data:text/xml,<rss/>", "mailto:x@y.z"]
)
async def test_a_redirect_out_of_the_web_is_not_followed(place: Loopback, target: str) -> None:
    place.page("/", Reply(status=302, headers={"Location": target}))
    fetched = await place.get()
    assert (fetched.status, "not the web" in fetched.error) == (ReadStatus.UNREACHABLE, True)


async def test_a_sources_own_headers_do_not_follow_a_redirect_to_another_host(place: Loopback) -> None:
    place.page("/", Reply(status=302, headers={"Location": place.web.replace("127.0.0.1", "other.test") + "/there"}))
    place.page("/there", Reply(body=BODY))
    resolver = Names({"other.test": "127.0.0.1"})
    assert (
        await place.get(ask={"headers": {"X-Key": "s3cret"}}, connections=Connections(resolver=resolver))
    ).status is ReadStatus.OK
    first, second = place.site.asked
    assert (first.headers.get("x-key"), second.headers.get("x-key")) == ("s3cret", None)


@pytest.mark.parametrize(
    ("given", "wait"), [("120", timedelta(minutes=2)), (format_datetime(NOW + timedelta(hours=3)), timedelta(hours=3))]
)
async def test_retry_after_is_understood_in_both_forms(place: Loopback, given: str, wait: timedelta) -> None:
    place.page("/", Reply(status=503, headers={"Retry-After": given}))
    fetched = await place.get()
    assert (fetched.status, fetched.after) == (ReadStatus.LATER, NOW + wait)


async def test_how_long_a_page_stays_fresh_is_given_back(place: Loopback) -> None:
    place.page("/", Reply(body=BODY, headers={"Cache-Control": "public, max-age=600"}))
    assert (await place.get()).fresh_until == NOW + timedelta(minutes=10)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "gopher://x/", "/feed", "http://", "http://[bad/", "https://a b/"]
)
async def test_what_is_no_web_address_is_said_to_be_none(place: Loopback, url: str) -> None:
    async with HttpTransport("", allow_private=True) as transport:
        fetched = await transport.fetch(Request(url=url))
    assert fetched.status is ReadStatus.UNREACHABLE
    assert fetched.error


@pytest.mark.parametrize(
    "reply", [Reply(status=404), Reply(body=BODY, cut=5), Reply(status=302, headers={"Location": "ftp://u:s3cret@h/"})]
)
async def test_no_secret_of_an_address_stands_in_an_error(place: Loopback, reply: Reply) -> None:
    place.page("/", reply)
    host = place.web.removeprefix("http://")
    fetched = await Loopback(place.site, f"http://me:s3cret@{host}").get("/?api_key=s3cret#s3cret")
    assert fetched.error
    assert "s3cret" not in fetched.error


# Which addresses are connected to: nothing below reaches any address but 127.0.0.1.


@dataclass
class Names(AbstractResolver):
    """A DNS of our own."""

    known: dict[str, str]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        address = self.known[host]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
        ]

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Guarded:
    """A transport that refuses private addresses, and what it connected to."""

    connected: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def open(self, names: dict[str, str], allow: Any = False) -> AsyncIterator[HttpTransport]:
        made = HttpTransport(
            "", allow_private=allow, connections=Connections(resolver=Names(names), connecting=self.connected.append)
        )
        async with made as transport:
            yield transport

    async def get(self, url: str, names: dict[str, str], allow: Any = False) -> Fetched:
        async with self.open(names, allow) as transport:
            return await transport.fetch(Request(url=url))


PRIVATE = ["10.0.0.1", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
           "192.88.99.1", "192.0.0.8", "198.18.0.1", "203.0.113.9", "240.0.0.1", "255.255.255.255", "fec0::1",
           "::ffff:0:a00:1", "2001::1", "2001:10::1", "2001:db8::1", "3fff::1", "5f00::1", "100::1", "ff02::1", "4000::1",
           "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "fe80::1", "fc00::1", "64:ff9b::7f00:1", "2002:7f00:1::"]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_leads_to_a_private_address_is_refused_before_connecting(address: str) -> None:
    guarded = Guarded()
    fetched = await guarded.get("http://feed.test/rss?key=s3cret", {"feed.test": address})
    assert (fetched.status, guarded.connected) == (ReadStatus.UNREACHABLE, [])
    assert "is private" in fetched.error
    assert "s3cret" not in fetched.error


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "10.0.0.1", "0.0.0.0", "169.254.169.254"])
async def test_a_private_address_written_out_is_refused_before_connecting(host: str) -> None:
    guarded = Guarded()
    fetched = await guarded.get(f"http://{host}:9/", {})
    assert (fetched.status, guarded.connected) == (ReadStatus.UNREACHABLE, [])


@pytest.mark.parametrize("target", ["http://metadata.test/latest", "http://10.0.0.1/", "http://[::1]/"])
async def test_a_redirect_from_an_allowed_host_to_a_private_address_is_refused(place: Loopback, target: str) -> None:
    place.page("/", Reply(status=302, headers={"Location": target}))
    guarded, names = Guarded(), {"intranet.test": "127.0.0.1", "metadata.test": "169.254.169.254"}
    fetched = await guarded.get(place.web.replace("127.0.0.1", "intranet.test"), names, ["intranet.test"])
    assert (fetched.status, guarded.connected) == (ReadStatus.UNREACHABLE, ["127.0.0.1"])
    assert "is private" in fetched.error


@pytest.mark.parametrize("allow", [True, ["intranet.test"], ["INTRANET.test"], ["127.0.0.0/8"], ["127.0.0.1"]])
async def test_an_allowed_host_or_network_is_connected_to(place: Loopback, allow: Any) -> None:
    place.page("/", Reply(body=BODY))
    guarded = Guarded()
    fetched = await guarded.get(place.web.replace("127.0.0.1", "intranet.test"), {"intranet.test": "127.0.0.1"}, allow)
    assert (fetched.status, guarded.connected) == (ReadStatus.OK, ["127.0.0.1"])


@pytest.mark.parametrize("allow", [False, [], ["other.test"], ["10.0.0.0/8"], ["test"]])
async def test_what_is_allowed_for_others_is_not_allowed_for_this_host(place: Loopback, allow: Any) -> None:
    guarded = Guarded()
    fetched = await guarded.get(place.web.replace("127.0.0.1", "intranet.test"), {"intranet.test": "127.0.0.1"}, allow)
    assert (fetched.status, guarded.connected, place.site.asked) == (ReadStatus.UNREACHABLE, [], [])


@rows("address", PRIVATE)
def test_private_addresses_are_known_as_such(address: str) -> None:
    assert is_private(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses_are_not_private(address: str) -> None:
    assert not is_private(address)
    assert allowed("any.test", address, False)


def test_a_link_local_address_with_its_zone_is_private() -> None:
    assert is_private("fe80::1%eth0")
    assert allowed("h", "fe80::1%eth0", ["fe80::/10"])


@rows(
    ("status", "word"),
    [(200, "ok"), (206, "ok"), (304, "unchanged"), (410, "gone"), (404, "unreadable"), (401, "unreadable"),
     (408, "later"), (425, "later"), (429, "later"), (500, "later"), (503, "later"), (599, "later")],
)  # fmt: skip
def test_every_status_is_one_word(status: int, word: str) -> None:
    assert verdict(status).value == word


@pytest.mark.parametrize("given", ["", "0", "-5", "soon", "Mon, 23 Nov 2026 06:00:00 GMT", "1.5"])
def test_a_retry_after_that_is_past_or_no_sense_is_none(given: str) -> None:
    assert retry_after({"retry-after": given}, NOW) is None


def test_nobody_makes_us_wait_longer_than_a_day() -> None:
    assert retry_after({"retry-after": "999999999"}, NOW) == NOW + LONGEST_WAIT
    assert retry_after({"retry-after": "Fri, 01 Jan 2100 00:00:00 GMT"}, NOW) == NOW + LONGEST_WAIT
    assert fresh_until({"cache-control": "max-age=999999999"}, NOW) == NOW + LONGEST_WAIT


def test_max_age_wins_over_expires_and_no_cache_over_both() -> None:
    expires = {"expires": format_datetime(NOW + timedelta(hours=1))}
    assert fresh_until(expires, NOW) == NOW + timedelta(hours=1)
    assert fresh_until(expires | {"cache-control": "max-age=60"}, NOW) == NOW + timedelta(minutes=1)
    assert fresh_until(expires | {"cache-control": "no-cache, max-age=60"}, NOW) is None
    assert fresh_until({"cache-control": "s-maxage=60"}, NOW) is None


def test_an_http_date_is_aware_utc() -> None:
    assert http_date("Mon, 23 Nov 2026 01:30:00 -0500") == NOW
    assert http_date("yesterday") is None


def test_an_address_for_people_has_neither_user_nor_query() -> None:
    assert without_secrets("https://me:pw@host.test:8443/feed?key=1#top") == "https://host.test:8443/feed"
    assert "pw" not in without_secrets("https://me:pw@[bad/feed")


def test_a_file_is_read_as_if_it_had_been_fetched(tmp_path: Path) -> None:
    (tmp_path / "feed.xml").write_bytes(BODY)
    fetched = file.read_file(tmp_path / "feed.xml", NOW)
    assert fetched.response is not None
    assert (fetched.status, fetched.response.body, fetched.response.fetched) == (ReadStatus.OK, BODY, NOW)
    assert fetched.response.url == (tmp_path / "feed.xml").as_uri()


def test_a_missing_file_and_a_folder_are_unreachable_and_say_why(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.xml", tmp_path):
        fetched = file.read_file(path, NOW)
        assert (fetched.status, fetched.response) == (ReadStatus.UNREACHABLE, None)
        assert "cannot be read" in fetched.error


def test_a_file_larger_than_a_feed_may_be_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "LARGEST", 100)
    (tmp_path / "big").write_bytes(b"x" * 101)
    assert file.read_file(tmp_path / "big", NOW).status is ReadStatus.UNREACHABLE
    (tmp_path / "small").write_bytes(b"x" * 100)
    assert file.read_file(tmp_path / "small", NOW).status is ReadStatus.OK


class Rebinding(Names):
    """A name that leads to a public address when it is asked first, and to this machine ever after."""

    def __init__(self) -> None:
        super().__init__({})
        self.answers = iter(["93.184.216.34"])

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.known[host] = next(self.answers, "127.0.0.1")
        return await super().resolve(host, port, family)


async def test_what_counts_is_the_address_that_is_connected_to_and_not_what_a_name_meant_before() -> None:
    connected: list[str] = []

    def refuse(address: str) -> None:
        connected.append(address)
        raise OSError("the test connects nowhere")

    names, answers = Rebinding(), []
    for _ in range(2):
        async with HttpTransport("", connections=Connections(resolver=names, connecting=refuse)) as transport:
            answers.append(await transport.fetch(Request(url="http://rebinding.test/")))
    first, second = answers
    assert (first.status, connected) == (ReadStatus.UNREACHABLE, ["93.184.216.34"])
    assert "is private" in second.error


async def test_a_key_does_not_follow_a_redirect_to_another_port(place: Loopback) -> None:
    other = Site(pages={"/there": Reply(body=BODY)})
    with running(other) as web:
        place.page("/", Reply(status=302, headers={"Location": f"{web}/there"}))
        keys = {"api_key": Secret("s3cret")}
        fetched = await place.get(ask={"secrets": keys, "headers": {"Authorization": "Bearer s3cret"}})
    assert fetched.status is ReadStatus.OK
    assert place.site.asked[0].path == "/?api_key=s3cret"
    assert "s3cret" not in f"{other.asked[0].path} {other.asked[0].headers}"


@pytest.mark.parametrize(
    ("one", "other"),
    [("https://h.test/", "http://h.test/"), ("https://h.test/", "https://h.test:8443/"), ("https://h.test/", "https://h2.test/"),
     ("http://h.test/", "https://h.test/"), ("https://h.test/", "https://h.test.evil.test/")],
)  # fmt: skip
def test_scheme_host_and_port_are_what_a_key_is_for(one: str, other: str) -> None:
    assert _origin(one) != _origin(other)
    assert _origin(one) == _origin(f"{one}elsewhere?a=b")


async def test_a_304_that_nobody_asked_for_is_a_failure(place: Loopback) -> None:
    place.page("/", Reply(status=304))
    fetched = await place.get("/")
    assert (fetched.status, fetched.response) == (ReadStatus.UNREACHABLE, None)
    assert "304" in fetched.error


@pytest.mark.parametrize(
    ("said", "hours"),
    [("9" * 400, 24), ("4000000000", 24), ("-5", None), ("Fri, 31 Dec 9999 23:59:59 -2359", None),
     ("Fri, 31 Dec 9999 23:59:59 GMT", 24), ("soon", None), ("٣", None)],
)  # fmt: skip
def test_an_absurd_wait_is_a_day_or_none(said: str, hours: int | None) -> None:
    after = retry_after({"retry-after": said}, NOW)
    assert after == (None if hours is None else NOW + timedelta(hours=hours))


async def test_a_proxy_is_asked_for_everything_and_still_not_for_what_is_surely_private(place: Loopback) -> None:
    place.page("http://feeds.example.org/rss", Reply(body=BODY))
    async with HttpTransport("", proxy=place.web) as transport:
        through = await transport.fetch(Request(url="http://feeds.example.org/rss"))
        refused = [
            (await transport.fetch(Request(url=f"http://{host}/"))).error
            for host in ("169.254.169.254", "[::ffff:10.0.0.1]", "2130706434", "0x7f.2", "a.localhost")
        ]
    assert through.status is ReadStatus.OK
    assert all("is private" in error for error in refused)
    assert [asked.path for asked in place.site.asked] == ["http://feeds.example.org/rss"]


async def test_the_proxies_of_the_environment_are_used_when_they_are_asked_for(
    place: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.page("http://feeds.example.org/rss", Reply(body=BODY))
    for name, value in (("http_proxy", place.web), ("no_proxy", "direct.example.org")):
        monkeypatch.setenv(name, value)
    assert proxy_for("http://feeds.example.org/", "") == ""
    assert proxy_for("http://feeds.example.org/", "environment") == place.web
    assert proxy_for("http://direct.example.org/", "environment") == ""
    assert proxy_for("http://direct.example.org/", place.web) == ""
    assert proxy_for("http://127.0.0.1/", "environment") == ""


async def test_a_host_that_cannot_be_reached_names_the_key_for_a_proxy() -> None:
    async with HttpTransport("", allow_private=True) as transport:
        fetched = await transport.fetch(Request(url="http://127.0.0.1:1/"))
    assert "[fetch] proxy" in fetched.error


@pytest.mark.parametrize(
    ("headers", "pause"),
    [({"x-rate-limit-limit": "50", "x-rate-limit-interval": "1s"}, 0.02), ({"x-rate-limit-limit": "1", "x-rate-limit-interval": "2s"}, 2.0),
     ({"x-rate-limit-limit": "0", "x-rate-limit-interval": "1s"}, 0.0), ({"x-rate-limit-limit": "many"}, 0.0), ({}, 0.0),
     ({"x-rate-limit-limit": "1", "x-rate-limit-interval": "9999s"}, 60.0)],
)  # fmt: skip
def test_the_pause_of_a_rate_limit_is_read_from_its_headers(headers: dict[str, str], pause: float) -> None:
    assert rate_limit_pause(headers) == pause


def test_the_budget_of_a_day_is_read_from_its_headers() -> None:
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    told = {"x-ratelimit-remaining-usd": "0.42", "x-ratelimit-limit-usd": "1", "x-ratelimit-reset": "54000"}
    assert budget(told, now) == Budget(left=0.42, limit=1.0, resets=now + timedelta(hours=15))
    in_epoch = told | {"x-ratelimit-reset": str(int((now + timedelta(hours=15)).timestamp()))}
    assert budget(in_epoch, now) == budget(told, now)
    assert budget({"x-ratelimit-remaining-usd": "-1"}, now) is None
    assert budget({"x-ratelimit-remaining": "59"}, now) is None


@pytest.mark.parametrize(
    ("url", "shown", "shared"),
    [
        ("https://x.example/rss?token=s3cret&n=1", "https://x.example/rss?token=***&n=1", "https://x.example/rss?n=1"),
        ("https://bot:s3cret@x.example:8443/rss", "https://x.example:8443/rss", "https://x.example:8443/rss"),
        ("https://x.example/?API_KEY=s3cret#a", "https://x.example/?API_KEY=***#a", "https://x.example/#a"),
        (
            "https://x.example/?author=Ada&q=a=b",
            "https://x.example/?author=Ada&q=a=b",
            "https://x.example/?author=Ada&q=a=b",
        ),
        ("http://[broken", "an address that cannot be read", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_and_shared_without_its_keys(url: str, shown: str, shared: str) -> None:
    assert without_keys(url, "***") == shown
    assert without_keys(url) == shared
