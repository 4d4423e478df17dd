"""POST /bounces over real HTTP: only with the secret, only so much."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import lay_schema

from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.mail.bounces.mime import LARGEST
from digestbot.web.server import serving

SECRET = "sixteen-letters-and-more"
MAIL = b"From: reader@example.org\nSubject: Out of office\n\nBack on Monday.\n"


def write(folder: Path, extra: str) -> App:
    (folder / "config").mkdir()
    lay_schema(folder / "var" / "digestbot.db")
    (folder / "secret").write_text(f"{SECRET}\n")
    main = folder / "config" / "digestbot.toml"
    main.write_text(f'[site]\nbase_url = "http://127.0.0.1:8080"\n[web]\nlisten = "127.0.0.1:0"\n{extra}')
    return App(config=load(main), main=main)


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    with write(tmp_path, '[bounces]\nsecret_file = "secret"\n').opened() as app, serving(LiveApp(app)) as number:
        yield number


def post(port: int, data: bytes, authorization: str = f"Bearer {SECRET}") -> tuple[int, bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/bounces", data, {"Authorization": authorization})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_a_mail_with_the_secret_is_read(port: int) -> None:
    status, body = post(port, MAIL)
    assert (status, json.loads(body)) == (200, {"kind": "auto_reply", "effect": "noted"})


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", f"Bearer {SECRET}x"])
def test_without_the_secret_nothing_is_read(port: int, given: str) -> None:
    assert post(port, MAIL, given)[0] == 401


def test_more_than_the_largest_mail_is_refused(port: int) -> None:
    assert post(port, b"x" * (LARGEST + 1))[0] == 413


def test_without_a_configured_secret_there_is_no_such_page(tmp_path: Path) -> None:
    with write(tmp_path, "").opened() as app, serving(LiveApp(app)) as number:
        assert post(number, MAIL)[0] == 404
