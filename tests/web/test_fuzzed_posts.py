"""Whatever is posted to whatever route: no fault of ours, and without a right token nothing of anybody changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from asgi import Asked, asked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.acts.people.sync import sync
from digestbot.testing.builders import entry, subscriber, topic
from digestbot.web.frame.site import Site
from digestbot.web.people import routing

FIELDS = st.dictionaries(
    st.sampled_from(["email", "topic", "rhythm", "website", "do", "paper", "why", "day", "until", "list-unsubscribe", "rule-0",
                     "name-0", "schedule", "time_zone", "language", "proof", "invitation", "max_papers"]) | st.text(max_size=12),
    st.text(max_size=40), max_size=6,
)  # fmt: skip
TABLES = ("subscribers", "topics", "suppressions", "votes", "picks", "tokens", "consents", "digests")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Asked]:
    with asked(tmp_path) as made:
        made.bring("arxiv-cs", entry(1))
        sync(made.app.store, [subscriber("ada", id=None, topics=(topic(),))], [], now=made.app.clock())
        yield made


def _kept(site: Asked) -> dict[str, list[object]]:
    with closing(sqlite3.connect(site.app.store.engine.url.database)) as db:  # type: ignore[attr-defined]
        return {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in TABLES}


def _body(fields: dict[str, str], raw: bytes) -> bytes:
    return raw or urlencode({k: v.encode("utf-8", "replace") for k, v in fields.items()}).encode()


@given(
    fields=FIELDS,
    raw=st.just(b"") | st.binary(max_size=60),
    kind=st.sampled_from(
        ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data", ""]
    ),
    token=st.sampled_from(["a" * 32, "A" * 43, "0", "%00", "%2e%2e", "x" * 300, "é"]),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_without_a_right_token_no_post_breaks_or_changes_anything(
    site: Asked, fields: dict[str, str], raw: bytes, kind: str, token: str
) -> None:
    before = _kept(site)
    paths = [route.path for route in routing.routes(Site(site.served.live)) if "POST" in (route.methods or ())]  # type: ignore[attr-defined]
    for path in (one for one in paths if "{token}" in one):
        asked_for = path.format(token=token, paper="2611.00001", choice="more")
        answer = site.post(asked_for, _body(fields, raw), content_type=kind)
        assert answer.status in (400, 403, 404, 405, 413), asked_for
    for path in ("/admin/retry", "/admin/release", "/admin/pick", "/about", "/", "/feed.xml"):
        assert site.post(path, _body(fields, raw), content_type=kind).status in (401, 403, 404, 405), path
    assert site.post("/subscribe", _body(fields, raw), content_type=kind).status in (200, 403, 413, 422, 429)
    assert site.post("/leave", _body(fields, raw), content_type=kind).status in (200, 403, 413, 422, 429)
    assert _kept(site) == before
