"""The operator's page: shut unless it is opened, for who knows the word or whom a proxy names, and no stranger's form acts."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from page_of_forms import Visited, visited

WORD = "a-word-of-many-letters"
BASIC = {"Authorization": "Basic " + base64.b64encode(f"anybody:{WORD}".encode()).decode()}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Visited]:
    (tmp_path / "word").write_text(f"{WORD}\n")
    more = f'[admin]\ntoken_file = "{tmp_path / "word"}"\n'
    with visited(tmp_path, "sqlite", more=more) as found:
        yield found


def proof(page: str) -> str:
    found = re.search(r'name="proof" value="(\w+)"', page)
    assert found
    return found[1]


def test_without_a_word_in_the_configuration_there_is_no_such_page(tmp_path: Path) -> None:
    with visited(tmp_path, "sqlite") as place:
        for path in ("/admin", "/admin/preview?who=ana"):
            assert place.ask(path, "GET", None, **BASIC)[0] == 404


def test_it_opens_for_the_word_alone(place: Visited) -> None:
    status, headers, _ = place.ask("/admin")
    assert (status, headers["www-authenticate"].startswith("Basic")) == (401, True)
    wrong = base64.b64encode(b"anybody:wrong").decode()
    assert place.ask("/admin", "GET", None, Authorization=f"Basic {wrong}")[0] == 401
    assert place.ask("/admin", "GET", None, Authorization="Basic ?")[0] == 401
    status, headers, page = place.ask("/admin", "GET", None, **BASIC)
    assert (status, "arxiv-cs" in page, WORD in page) == (200, True, False)
    assert "no-store" in headers["cache-control"]


def test_it_shows_people_mails_and_what_somebody_would_get(place: Visited) -> None:
    place.papers(1, 2)
    place.subscribed(topic="attention")
    place.papers(3)
    page = place.ask("/admin", "GET", None, **BASIC)[2]
    assert "ada@example.org" in page
    assert "Sparse Attention" in place.ask("/admin/preview?who=ada@example.org", "GET", None, **BASIC)[2]
    assert place.ask("/admin/preview?who=nobody", "GET", None, **BASIC)[0] == 422


def test_a_form_acts_with_the_pages_own_word_only(place: Visited) -> None:
    place.papers(1)
    place.post("/subscribe", email="ada@example.org")
    page = place.ask("/admin", "GET", None, **BASIC)[2]
    form = {"Content-Type": "application/x-www-form-urlencoded", **BASIC}
    assert place.ask("/admin", "POST", b"do=pick&paper=2611.00001", **form)[0] == 403
    body = f"do=pick&paper=2611.00001&proof={proof(page)}".encode()
    assert place.ask("/admin", "POST", body, **form, **{"Sec-Fetch-Site": "cross-site"})[0] == 403
    status, _, page = place.ask("/admin", "POST", body, **form)
    assert (status, "Picked for" in page) == (200, True)
    assert place.ask("/admin", "POST", f"do=release&proof={proof(page)}".encode(), **form)[0] == 422
    assert place.ask("/admin", "POST", f"do=retry&proof={proof(page)}".encode(), **form)[0] == 200
    for number in ("9" * 19, "9" * 5000):
        wrong = f"do=retry&delivery={number}&proof={proof(page)}".encode()
        assert place.ask("/admin", "POST", wrong, **form)[0] == 422, "no database counts that far"
    assert place.ask("/admin", "POST", body)[0] == 401


def test_a_header_counts_from_a_proxy_of_ours_alone(tmp_path: Path) -> None:
    more = '[admin]\nheader = "X-Remote-User"\nusers = ["ops"]\n'
    with visited(tmp_path, "sqlite", more=more) as place:
        assert place.ask("/admin", "GET", None, **{"X-Remote-User": "ops"})[0] == 403
    main = tmp_path / "config" / "digestbot.toml"
    assert main.exists()
    other = tmp_path / "other"
    with visited(other, "sqlite", more=more, web='proxies = ["127.0.0.1"]') as place:
        assert place.ask("/admin", "GET", None, **{"X-Remote-User": "ops"})[0] == 200
        assert place.ask("/admin", "GET", None, **{"X-Remote-User": "eve"})[0] == 403
        assert place.ask("/admin")[0] == 403
