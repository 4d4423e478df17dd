"""Asking the web part without a network: a request becomes an ASGI call, an answer its status, headers and body."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from databases import lay_schema
from starlette.types import ASGIApp

from digestbot.acts.digests.editions import update_editions
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.model import Entry
from digestbot.testing.builders import NOW
from digestbot.web.application import make

CONFIG = """
[site]
name = "Papers & Co"
base_url = "https://papers.example.org"
contact = "admin@example.org"
time_zone = "UTC"
imprint = "Ada Lovelace\\nLondon\\n\\nWrite to us."
[store]
url = "sqlite:///papers.db"
[web]
proxies = ["10.0.0.0/8"]
hosts = ["papers.lab"]
monitors = ["10.9.0.0/16"]
[[topics]]
name = "attention"
query = "attention"
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
categories = ["cs.LG"]
title = "arXiv"
[[sources]]
name = "daily"
kind = "huggingface"
title = "Daily papers"
[[sources]]
name = "journal"
kind = "feed"
url = "https://journal.example.org/rss"
"""


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body of a page."""
        return self.body.decode()


class Asked:
    """A site with a clock moved by hand."""

    def __init__(self, app: App, served: ASGIApp) -> None:
        self.app, self.served = app, served

    def bring(self, source: str, *entries: Entry, at: datetime = NOW) -> None:
        """Papers come in, as a poll would bring them."""
        with self.app.store.transaction() as tx:
            tx.papers.add_entries(source, entries, sha="", now=at)
        resolve(self.app.store, now=at)
        update_editions(self.app.store, self.app.feed_settings, now=at)
        update_search_index(self.app.store)

    def get(self, path: str, method: str = "GET", client: str = "192.0.2.7", **headers: str) -> Answer:
        """Ask for a path, its query included. `x_forwarded_for` is X-Forwarded-For."""
        return asyncio.run(self._call(path, method, client, {"host": "papers.example.org"} | headers))

    def post(self, path: str, body: bytes = b"", client: str = "192.0.2.7", **headers: str) -> Answer:
        """Post a form; urlencoded unless a content type is given."""
        given = {"host": "papers.example.org", "content_type": "application/x-www-form-urlencoded"} | headers
        return asyncio.run(self._call(path, "POST", client, given, body))

    async def _call(self, path: str, method: str, client: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        plain, _, query = path.partition("?")
        given = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(plain), "raw_path": plain.encode(), "query_string": query.encode(), "root_path": "",
            "headers": given, "client": (client, 1), "server": ("127.0.0.1", 8080),
        }  # fmt: skip
        said: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        try:
            await self.served(scope, receive, send)
        except Exception:  # it is raised once more after the answer, for the server's log
            if not said or said[0]["status"] != 500:
                raise
        found = {name.decode(): value.decode() for name, value in said[0]["headers"]}
        return Answer(said[0]["status"], found, b"".join(one.get("body", b"") for one in said[1:]))


@contextmanager
def asked(folder: Path, change: str = "", now: list[datetime] | None = None, site: str = "") -> Iterator[Asked]:
    """A site in this folder; `change` are further lines of its configuration, `site` of its first table."""
    main = folder / "config" / "digestbot.toml"
    main.parent.mkdir(parents=True)
    main.write_text(CONFIG.replace("[site]\n", f"[site]\n{site}") + change)
    lay_schema(folder / "papers.db")
    moment = now or [NOW + timedelta(minutes=5)]
    with App(config=load(main), main=main, clock=lambda: moment[0]).opened() as app:
        yield Asked(app, make(LiveApp(app)))
