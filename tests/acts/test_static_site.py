"""`publish DIR`: every link of the folder leads to a file, and a second run changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import pytest
from databases import lay_schema

from digestbot.acts.digests.editions import update_editions
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.app.config_files import load
from digestbot.app.public_pages import site_as_files
from digestbot.app.wiring import App
from digestbot.testing.builders import NOW, entry

CONFIG = """
[site]
base_url = "https://papers.example.org"
[store]
url = "sqlite:///papers.db"
[[topics]]
name = "Attention.1"
query = "attention"
"""


class Published:
    def __init__(self, app: App, folder: Path) -> None:
        self.app, self.folder = app, folder

    def bring(self, *numbers: int, days: int = 0) -> None:
        at = NOW + timedelta(days=days)
        with self.app.store.transaction() as tx:
            tx.papers.add_entries("a", [entry(n) for n in numbers], sha="", now=at)
        resolve(self.app.store, now=at)
        update_editions(self.app.store, self.app.feed_settings, now=at)
        update_search_index(self.app.store)

    def run(self) -> tuple[str, ...]:
        done = site_as_files(self.app).publish(self.folder)
        return (*done.written, *(f"-{name}" for name in done.removed))

    def broken(self) -> list[tuple[str, str]]:
        """(page, link) of links of pages into the folder that lead nowhere."""
        found = []
        for page in self.folder.rglob("*.html"):
            name = str(page.relative_to(self.folder))
            for href in re.findall(r'(?:href|src|action)="([^"#]*)', page.read_text()):
                where = urlsplit(urljoin(f"http://here/{name}", unescape(href)))
                if where.netloc == "here" and not (self.folder / unquote(where.path).lstrip("/")).is_file():
                    found.append((name, href))
        return found


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Published]:
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text(CONFIG)
    lay_schema(tmp_path / "papers.db")
    with App(config=load(main), main=main, clock=lambda: NOW + timedelta(days=3)).opened() as app:
        made = Published(app, tmp_path / "site")
        made.bring(1, 2)
        made.bring(3, days=1)
        yield made


def test_every_link_leads_to_a_file_and_no_page_names_a_host_for_ours(site: Published) -> None:
    written = site.run()
    assert {"index.html", "2026-11-23.html", "2026-11-24.html", "archive.html", "topics/attention.1.html", "feed.atom",
            "topics/attention.1/feed.xml", "paper/2611.00001.html", "week/2026-W48.html", "style.css"} <= set(written)  # fmt: skip
    assert site.broken() == []
    assert "search" not in (site.folder / "index.html").read_text(), "nobody answers there"
    assert not feedparser.parse((site.folder / "feed.xml").read_bytes()).bozo


def test_a_second_run_changes_nothing_and_a_third_what_is_new(site: Published) -> None:
    site.run()
    before = {path: path.stat().st_mtime_ns for path in site.folder.rglob("*")}
    assert site.run() == ()
    assert {path: path.stat().st_mtime_ns for path in site.folder.rglob("*")} == before
    site.bring(4, days=2)
    changed = site.run()
    assert {"2026-11-25.html", "index.html", "2026-11-24.html", "feed.json"} <= set(changed)
    assert "2026-11-23.html" not in changed
    assert site.broken() == []


def test_files_of_others_stay_and_what_we_no_longer_write_goes(site: Published) -> None:
    site.run()
    (site.folder / "CNAME").write_text("papers.example.org")
    names = site.folder / ".digestbot-files"
    for ours in ("gone.html", "../outside.html"):
        (site.folder / ours).write_text("x")
        names.write_text(f"{names.read_text()}{ours}\n")
    assert site.run() == ("-gone.html",)
    assert (site.folder / "CNAME").exists()
    assert (site.folder / "../outside.html").exists()
