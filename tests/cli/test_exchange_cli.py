"""In and out and the quarantine, as a person and a script use them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import SiteFolder, site_folder

from digestbot.store import PutAside, Stage
from digestbot.store.database import open_store
from digestbot.testing import samples
from digestbot.testing.http_server import fixed

DAY = datetime.now(UTC).date()
CONFIG = """\
# ours
[site]
contact = "admin@example.org"
[fetch]
allow_private = true
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
url = "{web}/rss"
pause = "0s"

# people
[[subscribers]]
id = "reader"
email = "reader@example.org"
schedule = "daily 07:30"
  [[subscribers.topics]]
  name = "All"
  query = "compiler* OR cat:cs.*"
"""
OPML = b"<opml><body><outline text='Journal & co' xmlUrl='%s/feed'/><outline text='x' xmlUrl='%s/rss'/></body></opml>"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[SiteFolder]:
    page = b"<!doctype html><html><head><link rel=alternate type='application/atom+xml' href='/feed'></head></html>"
    pages = {
        "/rss": fixed(samples.arxiv_rss(DAY)),
        "/feed": fixed(samples.journal_atom(DAY)),
        "/blog": fixed(page),
    }
    with site_folder(tmp_path, pages) as made:
        made.main.write_text(CONFIG.format(web=made.web))
        yield made


def test_a_source_is_added_by_the_address_of_a_page(folder: SiteFolder) -> None:
    shown = folder.run("sources", "add", f"{folder.web}/blog", "--dry-run")
    assert "the page names this feed" in shown
    assert "Would be written" in shown
    assert folder.main.read_text() == CONFIG.format(web=folder.web)
    added = folder.json("sources", "add", f"{folder.web}/blog", "--name", "journal")
    assert (added["added"], added["source"], added["kind"]) == (True, "journal", "feed")
    text = folder.main.read_text()
    assert text.startswith("# ours\n[site]")
    assert text.index('name = "journal"') < text.index("# people")
    assert "the source journal asks the same" in folder.run("sources", "add", f"{folder.web}/feed")
    assert "journal" in folder.run("sources", "list")
    assert "ok" in folder.run("poll", "journal")


def test_what_is_no_source_is_refused_and_nothing_written(folder: SiteFolder) -> None:
    assert "no source could be read there" in folder.run("sources", "add", f"{folder.web}/nothing", code=1)
    assert "already" in folder.run("sources", "add", f"{folder.web}/feed", "--name", "arxiv-cs", code=2)
    assert folder.main.read_text() == CONFIG.format(web=folder.web)


def test_a_list_of_feeds_comes_in_and_goes_out(folder: SiteFolder) -> None:
    (folder.root / "feeds.opml").write_bytes(OPML.replace(b"%s", folder.web.encode()))
    shown = folder.run("import", "opml", "feeds.opml")
    assert "Added 1 source to config/digestbot.toml." in shown
    assert "is there already: arxiv-cs" in shown
    assert folder.json("import", "opml", "feeds.opml")["added"] == []
    assert f'xmlUrl="{folder.web}/feed"' in folder.run("export", "opml")
    (folder.root / "no.opml").write_text("hello")
    assert "no list of feeds" in folder.run("import", "opml", "no.opml", code=2)


def test_papers_go_out_and_a_library_comes_in(folder: SiteFolder) -> None:
    folder.run("poll")
    folder.run("send", "reader", "--now")
    out = folder.run("export", "bibtex", "--digest", "reader@example.org")
    assert out.startswith("@misc{")
    assert "archivePrefix = {arXiv}" in out
    (folder.root / "mine.bib").write_text(out)
    told = folder.run("import", "bibtex", "mine.bib", "--subscriber", "reader")
    assert "were in the record, 0 are new to it." in told
    (folder.root / "other.bib").write_text("@article{a, title = {A Title Nobody Else Has}, author = {Doe, Jo}}")
    assert "0 were in the record, 1 is new to it." in folder.run(
        "import", "bibtex", "other.bib", "--subscriber", "reader"
    )
    assert "1 were in the record, 0 are new to it." in folder.run(
        "import", "bibtex", "other.bib", "--subscriber", "reader"
    )
    liked = list(csv.DictReader(io.StringIO(folder.run("export", "csv", "--liked", "reader"), newline="")))
    assert len(liked) == out.count("\n@") + 2
    known = json.loads(folder.run("library", "list", "reader", "--json"))
    assert (known["papers"], known["library"][0]["stands"]) == (len(liked), "")
    assert "nothing is said against any of them" in folder.run("library", "list", "reader")
    assert len(
        list(csv.DictReader(io.StringIO(folder.run("library", "export", "reader", "--as", "csv"), newline="")))
    ) == len(liked)
    found = folder.run("export", "csv", "--query", "compiler*", "-o", "found.csv")
    assert found == ""
    assert (folder.root / "found.csv").read_bytes().startswith(b"id,title,authors,")
    assert "say which papers" in folder.run("export", "csv", code=2)
    assert "no edition of" in folder.run("export", "csv", "--edition", "1999-01-01", code=1)
    assert "no digest" in folder.run("export", "csv", "--digest", "reader@2026-01-01T07:30", code=1)


def test_an_item_in_quarantine_is_listed_as_json_without_its_bytes(folder: SiteFolder) -> None:
    folder.run("poll")
    store = open_store(f"sqlite:///{folder.root / 'var' / 'digestbot.db'}")
    with store.transaction() as tx:
        aside = PutAside(
            stage=Stage.PARSE, subject="item:1", error="ValueError: x", source="journal", data=b"<item>\xff"
        )
        tx.quarantine.add_items([aside], now=datetime.now(UTC))
    store.close()
    [row] = json.loads(folder.run("quarantine", "list", "--json"))
    assert (row["stage"], "data" in row) == ("parse", False)
    assert "<item>" in json.loads(folder.run("quarantine", "show", str(row["id"]), "--json"))["data"]


def test_an_empty_quarantine_says_so(folder: SiteFolder) -> None:
    assert folder.run("quarantine", "list") == "Nothing is in quarantine.\n"
    assert json.loads(folder.run("quarantine", "retry", "--all", "--json")) == []
    assert "name what to retry" in folder.run("quarantine", "retry", code=2)
    assert "nothing in quarantine has the number 7" in folder.run("quarantine", "show", "7", code=1)
