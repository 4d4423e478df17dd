"""Keys of APIs: read from a file, asked with, and standing nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from digestbot import plugins, settings
from digestbot.errors import ConfigError
from digestbot.model import Request, Secret
from digestbot.settings import Config
from digestbot.testing.http_server import Reply, Site, running
from digestbot.transport.http import HttpTransport

TEXT = """
[site]
contact = "admin@example.org"

[[sources]]
name = "works"
kind = "openalex"
query = "protein folding"
api_key_file = "secrets/openalex"
"""


def configured(text: str, **files: str) -> Config:
    def read(path: Path) -> str:
        if path.name not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[path.name]

    return settings.read([("digestbot.toml", text)], root=Path("/srv"), kinds=plugins.Kinds(plugins.SOURCES), channels=["maildir"],
                         environ={}, read_secret=read)  # fmt: skip


def test_a_key_is_read_from_its_file_and_shows_itself_nowhere() -> None:
    (source,) = configured(TEXT, openalex="k3y").sources
    assert source.options["api_key"] == Secret("k3y")
    assert "k3y" not in repr(source)


def test_a_file_that_is_not_there_is_a_mistake_in_its_line() -> None:
    with pytest.raises(ConfigError) as raised:
        configured(TEXT)
    problem = raised.value.problems[0]
    assert (problem.line, problem.what) == (9, "secrets/openalex cannot be read: No such file or directory")


async def test_a_key_is_sent_with_the_request_and_is_in_no_address_that_is_kept() -> None:
    site = Site(
        pages={"/works": Reply(body=b"{}"), "/old": Reply(status=301, headers={"Location": "/works?q=1&api_key=k3y"})}
    )
    with running(site) as url:
        async with HttpTransport("admin@example.org", allow_private=True) as transport:
            direct = await transport.fetch(Request(url=f"{url}/works?q=1#got=5", secrets={"api_key": Secret("k3y&")}))
            moved = await transport.fetch(Request(url=f"{url}/old?q=1", secrets={"api_key": Secret("k3y")}))
    assert [asked.path for asked in site.asked] == [
        "/works?q=1&api_key=k3y%26",
        "/old?q=1&api_key=k3y",
        "/works?q=1&api_key=k3y&api_key=k3y",
    ]
    assert "k3y" not in repr(direct) + repr(moved)
    assert (direct.response is not None and direct.response.url, moved.moved_to) == (f"{url}/works?q=1#got=5", "")


async def test_a_key_is_not_sent_to_another_host_nor_told_when_nobody_answers() -> None:
    away, home = Site(pages={"/": Reply(body=b"{}")}), Site()
    with running(away) as there, running(home) as here:
        home.pages["/"] = Reply(status=302, headers={"Location": there.replace("127.0.0.1", "localhost") + "/"})
        async with HttpTransport("", allow_private=True) as transport:
            await transport.fetch(Request(url=f"{here}/", secrets={"api_key": Secret("k3y")}))
            nobody = await transport.fetch(Request(url="http://127.0.0.1:1/", secrets={"api_key": Secret("k3y")}))
    assert "k3y" not in away.asked[0].path
    assert "k3y" not in nobody.error
