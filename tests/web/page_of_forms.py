"""A site with its pages served over HTTP and its mails sent over SMTP, and a visitor without JavaScript."""

from __future__ import annotations

import asyncio
import re
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode, urlsplit

from databases import store_url

from digestbot.acts.papers.resolve import resolve
from digestbot.acts.rounds import send_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.model import Subscriber
from digestbot.testing.builders import entry
from digestbot.testing.smtp_server import SmtpServer
from digestbot.web.server import serving

CONFIG = """
[site]
name = "Papers & Co"
base_url = "http://127.0.0.1:8080"
contact = "admin@example.org"
time_zone = "UTC"
[store]
url = "{store}"
[delivery]
channel = "smtp"
from = "Papers <papers@example.org>"
[smtp]
host = "127.0.0.1"
port = {smtp}
security = "none"
connections = 1
[web]
listen = "127.0.0.1:0"
{web}
[[topics]]
name = "attention"
query = "attention"
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
categories = ["cs.LG"]
{more}
"""
Answer = tuple[int, dict[str, str], str]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


class Clock:
    """The machine's, moved ahead by hand."""

    ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


class Visited:
    """A served site."""

    def __init__(self, live: LiveApp, port: int, smtp: int, clock: Clock) -> None:
        self.live, self.app, self.port, self.smtp, self.clock = live, live.app, port, smtp, clock
        self.opener = urllib.request.build_opener(_NoRedirect)

    def ask(self, url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body, headers, method=method)
        try:
            with self.opener.open(request, timeout=10) as answer:
                return answer.status, {k.lower(): v for k, v in answer.headers.items()}, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, {k.lower(): v for k, v in error.headers.items()}, error.read().decode()

    def post(self, url: str, **fields: str) -> Answer:
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.ask(url, "POST", urlencode(fields).encode(), **kind)

    def papers(self, *numbers: int, **change: object) -> None:
        now = self.app.clock()
        with self.app.store.transaction() as tx:
            tx.papers.add_entries("arxiv-cs", [entry(n, **change) for n in numbers], sha="", now=now)
        resolve(self.app.store, now=now)

    def mails(self) -> list[EmailMessage]:
        """One round of sending: what the mail server took in it."""

        async def sent() -> list[bytes]:
            async with SmtpServer(port=self.smtp) as server:
                await send_round(self.app.mailer())
                return [message.data for message in server.messages]

        found = [message_from_bytes(data, policy=policy.default) for data in asyncio.run(sent())]
        return [mail for mail in found if isinstance(mail, EmailMessage)]

    def person(self, who: str) -> Subscriber | None:
        with self.app.store.reading() as tx:
            return tx.people.find_person(who)

    def subscribed(self, address: str = "ada@example.org", **fields: str) -> EmailMessage:
        """Form, mail, button; the welcome digest."""
        assert self.post("/subscribe", email=address, **fields)[0] == 200
        [asked] = self.mails()
        assert self.post(link(asked, "c"), do="yes")[0] == 200
        [welcome] = self.mails()
        return welcome


def text_of(mail: EmailMessage) -> str:
    """The plain text."""
    found: str = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]  # it has one
    return found


def html_of(mail: EmailMessage) -> str:
    """The HTML."""
    found: str = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]  # it has one
    return found


def link(mail: EmailMessage, door: str) -> str:
    """The first link of a mail behind /DOOR/."""
    found = re.search(rf"http://127\.0\.0\.1:8080/{door}/\S+", text_of(mail))
    assert found, text_of(mail)
    return found[0]


def rows(place: Visited) -> list[str]:
    """Everything in the database."""
    from digestbot.store.tables import schema as t

    with place.app.store.engine.connect() as db:  # type: ignore[attr-defined]  # ours has one
        return [str(db.execute(table.select()).all()) for table in t.metadata.sorted_tables]


@contextmanager
def visited(
    folder: Path, kind: Literal["sqlite", "postgresql"], *, more: str = "", people: str = "", web: str = ""
) -> Iterator[Visited]:
    """The site on a database of this kind."""
    (folder / "config" / "subscribers").mkdir(parents=True)
    main = folder / "config" / "digestbot.toml"
    if people:
        (folder / "config" / "subscribers" / "all.toml").write_text(people)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        smtp = free.getsockname()[1]
    with store_url(kind, folder) as url:
        main.write_text(CONFIG.format(store=url, smtp=smtp, more=more, web=web))
        clock = Clock()
        with App(config=load(main), main=main, clock=clock).opened() as app:
            live = LiveApp(app)
            with serving(live) as port:
                yield Visited(live, port, smtp, clock)
