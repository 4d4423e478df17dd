"""The pages behind the links of a mail, over real HTTP: a scanner changes nothing, one POST does."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from databases import store_url

from digestbot.acts.papers.resolve import resolve
from digestbot.acts.people.find import all_subscribers
from digestbot.acts.people.sync import sync
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.mail.link_tokens import PURPOSES, hashed
from digestbot.mail.link_tokens import token as forged
from digestbot.model import State
from digestbot.store import Confirmation
from digestbot.store.tables import schema
from digestbot.testing.builders import entry
from digestbot.web.frame.site import Site
from digestbot.web.people import routing as people
from digestbot.web.reading import routing as reading
from digestbot.web.server import serving

CONFIG = """
[site]
name = "Papers & Co"
base_url = "http://127.0.0.1:8080"
contact = "admin@example.org"
time_zone = "UTC"
[store]
url = "{store}"
[web]
listen = "127.0.0.1:0"
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
categories = ["cs.LG"]
"""
PEOPLE = """
[[subscribers]]
id = "reader"
email = "reader@example.org"
max_papers = 2
  [[subscribers.topics]]
  name = "Attention"
  query = "attention"
"""
Answer = tuple[int, dict[str, str], bytes]


class ServedSite:
    """A served app, a mail that was composed, and its links."""

    def __init__(self, app: App, port: int) -> None:
        self.app, self.port = app, port

    def ask(self, url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        path = urlsplit(url).path
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read()

    def post(self, url: str, **fields: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(url, "POST", urlencode(fields).encode(), **kind)

    def compose(self, *numbers: int) -> EmailMessage:
        now = self.app.clock()
        with self.app.store.transaction() as tx:
            tx.papers.add_entries("arxiv-cs", [entry(n) for n in numbers], sha="", now=now)
        resolve(self.app.store, now=now)
        from digestbot.acts.digests.dispatch import compose_extra

        [made] = compose_extra(
            self.app.store, self.app.digest_settings, all_subscribers(self.app.store), now=self.app.clock()
        ).slots
        assert made.digest is not None, made
        with self.app.store.reading() as tx:
            digest = tx.slots.digests_by_id([made.digest])[made.digest]
        mail = message_from_bytes(self.app.build(digest).data, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        return mail

    def state(self) -> tuple[str, str]:
        person = all_subscribers(self.app.store)[0]
        return person.status, person.suppressed

    def waiting(self) -> list[str]:
        with self.app.store.reading() as tx:
            return [str(d.state) for d in tx.outbox.list_deliveries()]


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServedSite]:
    (tmp_path / "config" / "subscribers").mkdir(parents=True)
    main = tmp_path / "config" / "digestbot.toml"
    (tmp_path / "config" / "subscribers" / "all.toml").write_text(PEOPLE)
    with store_url(request.param, tmp_path) as url:
        main.write_text(CONFIG.format(store=url))
        with App(config=load(main), main=main).opened() as app, serving(LiveApp(app)) as port:
            yield ServedSite(app, port)


def links(mail: EmailMessage) -> dict[str, str]:
    """By the letter that names their purpose."""
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    return {url.split("/")[3]: url for url in re.findall(r"http://127\.0\.0\.1:8080/\S+", text)}


def test_one_click_unsubscribes_and_takes_back_what_waits(place: ServedSite) -> None:
    mail = place.compose(1)
    leave = re.match(r"<(http://[^>]+)>, <mailto:", mail["List-Unsubscribe"])
    assert leave
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    status, _, _ = place.post(leave[1], **{"List-Unsubscribe": "One-Click"})
    assert status == 200
    assert place.state() == ("left", "unsubscribed")
    assert place.waiting() == ["cancelled"]


def test_one_click_as_multipart_works_too(place: ServedSite) -> None:
    leave = links(place.compose(1))["u"]
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    place.ask(leave, "POST", body, **{"Content-Type": "multipart/form-data; boundary=x"})
    assert place.state()[0] == "left"


def test_a_scanner_that_follows_every_link_changes_nothing(place: ServedSite) -> None:
    mail = place.compose(1, 2, 3)
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
    urls = set(re.findall(r'href="(http://127[^"]+)"', html)) | set(links(mail).values())
    assert len(urls) == 8  # page, leave, feed, preferences, and two votes for each of two cards
    for url in urls:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            status, headers, body = place.ask(url, method)
            assert status in (200, 405), (url, method)
            assert method != "HEAD" or body == b""
            assert "set-cookie" not in headers
    assert place.state() == ("active", "")
    assert place.waiting() == ["pending"]


def test_unsubscribing_beats_the_configuration_until_they_come_back_themselves(place: ServedSite) -> None:
    leave = links(place.compose(1))["u"]
    place.post(leave, **{"List-Unsubscribe": "One-Click"})
    config = place.app.config
    sync(place.app.store, config.subscribers, [("arxiv-cs", "arxiv")], now=place.app.clock())
    assert place.state() == ("left", "unsubscribed")
    status, _, page = place.post(leave, resume="1")
    assert status == 200
    assert b"Stop the digest?" in page
    assert place.state() == ("active", "")


def test_a_pause_is_told_with_its_day_and_ends_by_a_button(place: ServedSite) -> None:
    leave = links(place.compose(1))["u"]
    _, _, page = place.post(leave, pause="14")
    assert b"Your digest pauses" in page
    assert place.state() == ("paused", "")
    assert place.waiting() == ["cancelled"]
    place.post(leave, resume="1")
    assert place.state() == ("active", "")


@pytest.mark.parametrize("fields", [{"pause": "3000"}, {"x": "y"}, {"List-Unsubscribe": "no"}])
def test_a_form_that_says_nothing_known_changes_nothing(place: ServedSite, fields: dict[str, str]) -> None:
    leave = links(place.compose(1))["u"]
    assert place.post(leave, **fields)[0] == 400
    assert place.state() == ("active", "")


def test_a_form_that_is_too_large_is_not_read(place: ServedSite) -> None:
    leave = links(place.compose(1))["u"]
    assert place.post(leave, x="y" * 70_000)[0] == 413


def test_the_digests_page_shows_what_the_mail_left_out(place: ServedSite) -> None:
    page = links(place.compose(1, 2, 3))["d"]
    status, headers, body = place.ask(page)
    assert status == 200
    assert body.count(b"<h3") == 3
    assert b"More that matched (1)" in body
    assert b"Papers &amp; Co" in body
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("name", "kind"), [("feed.xml", "rss"), ("feed.atom", "atom"), ("feed.json", "feed+json")])
def test_a_private_feed_is_served_and_not_sent_twice(place: ServedSite, name: str, kind: str) -> None:
    feed = links(place.compose(1))["f"].rpartition("/")[0]
    status, headers, body = place.ask(f"{feed}/{name}")
    assert (status, kind in headers["content-type"]) == (200, True)
    assert b"Sparse Attention" in body
    assert place.ask(f"{feed}/{name}", "GET", None, **{"If-None-Match": headers["etag"]})[0] == 304


#: each route that takes a token: method, address, whose purpose opens it
DOORS = [
    ("GET", "/u/{}", "leave"), ("POST", "/u/{}", "leave"), ("GET", "/d/{}", "page"), ("GET", "/f/{}/feed.xml", "feed"),
    ("GET", "/f/{}/feed.atom", "feed"), ("GET", "/f/{}/feed.json", "feed"), ("GET", "/c/{}", "confirm"),
    ("POST", "/c/{}", "confirm"), ("GET", "/p/{}", "preferences"), ("POST", "/p/{}", "preferences"),
    ("POST", "/p/{}/pause", "preferences"), ("GET", "/p/{}/papers/2611.00001/who", "preferences"),
    ("POST", "/p/{}/papers/2611.00001/who", "preferences"), ("GET", "/p/{}/papers/2611.00001/more", "preferences"),
    ("POST", "/p/{}/papers/2611.00001/fewer", "preferences"), ("POST", "/p/{}/address", "preferences"),
    ("POST", "/p/{}/feeds", "preferences"), ("GET", "/p/{}/data.json", "preferences"), ("GET", "/p/{}/pick", "preferences"),
    ("POST", "/p/{}/pick", "preferences"), ("GET", "/p/{}/delete", "preferences"), ("POST", "/p/{}/delete", "preferences"),
]  # fmt: skip
FORM = {
    "List-Unsubscribe": "One-Click", "do": "delete", "days": "daily", "time": "07:30", "weeks": "1", "say": "fewer",
    "email": "else@example.org", "paper": "2611.00001",
}  # fmt: skip


def test_the_table_of_doors_has_every_route_that_takes_a_token(place: ServedSite) -> None:
    site = Site(LiveApp(place.app))
    routes = {
        (method, re.sub(r"\{(\w+)\}", "{}", route.path))
        for route in (*people.routes(site), *reading.routes(site))
        for method in (route.methods or set()) - {"HEAD"}
        if "{token}" in route.path and not route.path.endswith("/")
    }
    known = {(method, re.sub(r"2611.00001|more|fewer|feed\.\w+", "{}", address)) for method, address, _ in DOORS}
    assert known == routes


def test_a_token_opens_the_doors_of_its_purpose_and_no_forged_expired_or_cut_one_opens_any(place: ServedSite) -> None:
    found = {letter: url.split("/")[4] for letter, url in links(place.compose(1)).items()}
    now, key = place.app.clock(), place.app.signup_settings
    nonce = "0123456789abcdef"
    with place.app.store.transaction() as tx:
        for given, ends in ((nonce, timedelta(hours=1)), (f"{nonce}-old", -timedelta(seconds=1))):
            tx.confirmations.add_confirmation(
                Confirmation(purpose="leave", nonce=given, token=hashed(key.token_of(given)), address="reader@example.org",
                             network="", subscriber=None, wishes="{}", consent="", state="queued", at=now, expires=now + ends)
            )  # fmt: skip
    tokens = {"leave": found["u"], "page": found["d"], "feed": found["f"], "preferences": found["p"],
              "confirm": key.token_of(nonce)}  # fmt: skip
    assert len(set(tokens.values())) == 5
    assert all(len(token) == 32 for token in tokens.values())
    stranger = {purpose: forged(b"x" * 32, purpose, 1, 1) for purpose in PURPOSES}
    before = tables(place)
    for method, address, purpose in DOORS:
        own = tokens[purpose]
        wrong = [token for other, token in tokens.items() if other != purpose]
        wrong += [own[:-1], own[1:], f"{own}a", own.upper(), own[::-1], f"{own[:-1]}{'b' if own[-1] == 'a' else 'a'}"]
        wrong += [f"{own}%00", f"%20{own}", f"{own}%0a", "a" * 32, key.token_of(f"{nonce}-old"), *stranger.values()]
        for token in wrong:
            status, headers, _ = place.ask(
                address.format(token), method, urlencode(FORM).encode() if method == "POST" else None
            )
            assert (status, headers.get("location")) == (404, None), (method, address, token)
        if method == "GET":
            assert place.ask(address.format(own))[0] == (404 if address.endswith("/pick") else 200), address
    assert tables(place) == before


def tables(place: ServedSite) -> list[str]:
    """Everything in the database."""
    store: Any = place.app.store
    with store.engine.connect() as db:
        return [str(db.execute(table.select()).all()) for table in schema.metadata.sorted_tables]


def test_revoked_links_open_nothing_and_new_ones_do(place: ServedSite) -> None:
    old = links(place.compose(1))
    who = all_subscribers(place.app.store)[0].id
    assert who is not None
    with place.app.store.transaction() as tx:
        tx.tokens.revoke_tokens(who, now=place.app.clock())
    new = links(place.compose(2))
    assert [place.ask(old[door])[0] for door in "ud"] == [404, 404]
    assert [place.ask(new[door])[0] for door in "ud"] == [200, 200]


def test_tokens_are_not_in_the_database(place: ServedSite) -> None:
    tokens = [url.split("/")[4] for url in links(place.compose(1)).values()]
    dump = " ".join(tables(place))
    assert not [token for token in tokens if token in dump]


def test_an_unknown_token_and_an_unknown_page_say_so_alike_for_everybody(place: ServedSite) -> None:
    status, _, body = place.ask("/u/" + "a" * 32)
    assert (status, b"This link opens nothing" in body) == (404, True)
    assert place.ask("/wp-login.php")[0] == 404


def test_it_says_that_it_is_well(place: ServedSite) -> None:
    assert place.ask("/healthz")[::2] == (200, b"ok\n")


def test_without_a_web_address_mails_carry_only_mailto(tmp_path: Path) -> None:
    (tmp_path / "config" / "subscribers").mkdir(parents=True)
    main = tmp_path / "config" / "digestbot.toml"
    main.write_text(CONFIG.format(store="sqlite:///d.db").replace('base_url = "http://127.0.0.1:8080"\n', ""))
    (tmp_path / "config" / "subscribers" / "all.toml").write_text(PEOPLE)
    with App(config=load(main)).opened() as app:
        mail = ServedSite(app, 0).compose(1)
    assert mail["List-Unsubscribe"].startswith("<mailto:")
    assert "List-Unsubscribe-Post" not in mail
    assert "127.0.0.1" not in str(mail)


def test_a_mail_that_was_committed_is_not_sent_to_someone_who_left(place: ServedSite) -> None:
    leave = links(place.compose(1))["u"]
    now = place.app.clock()
    with place.app.store.transaction() as tx:
        [claimed] = tx.outbox.claim_deliveries(1, owner="a", now=now, lease=now - now.replace(year=now.year - 1))
    place.post(leave, **{"List-Unsubscribe": "One-Click"})
    with place.app.store.transaction() as tx:
        assert tx.outbox.commit_deliveries([claimed.id], owner="a", now=now) == set()
        found = tx.outbox.delivery_by_id(claimed.id)
        assert found is not None
        assert found.state in (State.CANCELLED, State.SUPPRESSED)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_slash_behind_the_address_is_answered_and_leads_nowhere(place: ServedSite, method: str) -> None:
    url = links(place.compose(1))["u"]
    status, headers, _ = place.ask(f"{url}/", method, b"" if method == "POST" else None, Host="evil.example")
    assert (status, headers.get("location")) == (200, None)
    assert headers["referrer-policy"] == "no-referrer"
    assert (place.state()[1] != "") is (method == "POST")


@pytest.mark.parametrize("path", ["/d/x/", "/healthz/", "/u//", "/f/x/y/"])
def test_no_other_address_is_redirected_either(place: ServedSite, path: str) -> None:
    status, headers, _ = place.ask(f"http://x{path}", Host="evil.example")
    assert (status, headers.get("location")) == (404 if path in ("/u//", "/healthz/") else 400, None)
    assert headers["referrer-policy"] == "no-referrer"
    assert place.ask(f"http://x{path}")[0] == 404


def test_a_post_that_breaks_off_is_no_error(place: ServedSite, caplog: pytest.LogCaptureFixture) -> None:
    path = urlsplit(links(place.compose(1))["u"]).path
    with socket.create_connection(("127.0.0.1", place.port)) as half:
        half.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nList".encode())
    assert place.ask("http://x/healthz")[0] == 200
    assert not [record for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]


def test_a_feed_with_a_new_address_is_gone_for_good_at_the_old_one(place: ServedSite) -> None:
    old = links(place.compose(1))
    feed = old["f"].rpartition("/")[0]
    assert place.ask(f"{feed}/feed.atom")[0] == 200
    who = all_subscribers(place.app.store)[0].id
    assert who is not None
    with place.app.store.transaction() as tx:
        tx.tokens.revoke_tokens(who, now=place.app.clock())
    assert place.ask(f"{feed}/feed.atom")[0] == 410
    assert place.ask(f"http://127.0.0.1:8080/f/{'a' * 32}/feed.atom")[0] == 404
