"""Messages to who cannot be served: in the language of whoever asked, among those that have texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from asgi import Asked, asked
from hypothesis import given
from hypothesis import strategies as st
from rows import rows

from digestbot.digest.rendering.template_loader import TemplateLoader
from digestbot.web.frame.messages import Says, language_for

LANGUAGES = TemplateLoader.load().languages
GERMAN = "de-AT,de;q=0.9,en;q=0.5"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Asked]:
    with asked(tmp_path, "[signup]\noverall = 1\n") as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "english", "german"),
    [
        ("/nothing", 404, "There is no such page", "Diese Seite gibt es nicht"),
        ("/paper/nothing", 404, "There is no such page", "Diese Seite gibt es nicht"),
        ("/topics/nothing/feed.xml", 404, "There is no such feed", "Diesen Feed gibt es nicht"),
        ("/u/" + "a" * 32, 404, "This link opens nothing", "Dieser Link öffnet nichts"),
        ("/feed.xml?q=ti%3A%22", 400, "This rule cannot be read", "Diese Regel ist nicht zu lesen"),
    ],
)
def test_who_cannot_be_served_reads_it_in_their_language(
    site: Asked, path: str, status: int, english: str, german: str
) -> None:
    for wanted, lang, said in (("", "en", english), (GERMAN, "de", german), ("fr, ja;q=0.5", "en", english)):
        answer = site.get(path, accept_language=wanted)
        assert (answer.status, answer.headers["vary"]) == (status, "Accept-Language")
        assert f"<h1>{said}</h1>" in answer.text
        assert f'<html lang="{lang}"' in answer.text
        assert answer.headers["content-length"] == str(len(answer.body))
        assert answer.headers["cache-control"] == "private, no-store"


def test_forms_and_methods_are_refused_in_their_language(site: Asked) -> None:
    form = urlencode({"email": "a@example.org"}).encode()
    assert site.post("/subscribe", form).status == 200
    for path in ("/subscribe", "/leave"):
        refused = site.post(path, form, accept_language=GERMAN)
        assert (refused.status, refused.headers["retry-after"]) == (429, "3600")
        assert "In der letzten Stunde" in refused.text
    assert "Das war zu viel" in site.post("/subscribe", b"x" * 70_000, accept_language=GERMAN).text
    wrong = site.post("/about", accept_language=GERMAN)
    assert (wrong.status, set(wrong.headers["allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert "Das geht hier nicht" in wrong.text


def test_a_fault_of_ours_is_told_in_their_language(tmp_path: Path) -> None:
    own = tmp_path / "look" / "web"
    own.mkdir(parents=True)
    (own / "archive.html").write_text("{{ nothing.of.this }}")
    with asked(tmp_path / "run", site=f'templates = "{tmp_path / "look"}"\n') as site:
        broken = site.get("/archive", accept_language=GERMAN)
        assert (broken.status, "Da ging etwas schief" in broken.text) == (500, True)
        with closing(sqlite3.connect(site.app.store.engine.url.database)) as db:  # type: ignore[attr-defined]
            db.execute("ALTER TABLE editions RENAME TO away")
        busy = site.get("/", accept_language=GERMAN)
    assert (busy.status, busy.headers["retry-after"]) == (503, "60")
    assert "Die Datenbank antwortet nicht" in busy.text


def test_who_asks_under_another_name_or_for_the_operators_page_reads_a_line_in_their_language(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("a-word-of-many-letters\n")
    with asked(tmp_path / "run", f'[admin]\ntoken_file = "{tmp_path / "word"}"\n', site='language = "de"\n') as site:
        for wanted, host, admin in (
            (GERMAN, "Diesen Host", "Diese Seite ist für"),
            ("en", "This host is not", "This page is for"),
        ):
            elsewhere = site.get("/", host="evil.example", accept_language=wanted)
            assert (elsewhere.status, host in elsewhere.text, "Papers" in elsewhere.text) == (400, True, False)
            refused = site.get("/admin", accept_language=wanted)
            assert (refused.status, admin in refused.text) == (401, True)
        opened = site.get("/admin", authorization="Bearer a-word-of-many-letters")
        assert '<html lang="en"' in opened.text, "it is in English whatever the site's language"


@rows("says", Says)
def test_every_message_is_said_in_every_language(says: Says) -> None:
    for key in (f"says_{says}", f"says_{says}_text"):
        assert len({words.text[key] for words in LANGUAGES.known.values()}) == len(LANGUAGES.known), key


@rows(
    ("wanted", "found"),
    [
        ("de", "de"), ("de-CH, fr", "de"), ("fr, de", "de"), ("en;q=0.5, de;q=0.9", "de"), ("de;q=0.5, en", "en"),
        ("DE ; Q=1", "de"), ("de;q=0", "xx"), ("*", "xx"), ("*;q=0.1, de;q=0.2", "de"), ("", "xx"), ("fr", "xx"),
        ("de;q=nan", "xx"), ("de;q=9", "xx"), ("de;level=1", "xx"), ("de;q=", "xx"), (";,;,;q", "xx"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_a_browser_likes_best(wanted: str, found: str) -> None:
    assert language_for(wanted, LANGUAGES, "xx") == found


@given(st.text())
def test_whatever_a_browser_says_there_is_a_language(wanted: str) -> None:
    assert language_for(wanted, LANGUAGES, "en") in LANGUAGES.known
