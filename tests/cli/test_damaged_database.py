"""A database that was emptied, overwritten or damaged in one page: every command says so, and touches nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import SiteFolder, site_folder

from digestbot.testing import samples
from digestbot.testing.http_server import fixed

PAGE = 4096
CONFIG = """
[site]
contact = "admin@example.org"
[fetch]
allow_private = true
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed"
[[subscribers]]
id = "reader"
email = "reader@example.org"
  [[subscribers.topics]]
  name = "Whales"
  query = "whales"
"""
COMMANDS = [
    ["audit"], ["backup", "b.db"], ["check"], ["explain", "arxiv:2611.00001", "reader"], ["outbox", "list"],
    ["papers", "rebuild"], ["plan"], ["poll"], ["preview", "reader"], ["profile", "reader", "show"], ["quarantine", "list"],
    ["run"], ["search", "whales"], ["send"], ["send", "--now"], ["sources", "list"], ["status"], ["subscribers", "list"],
    ["suggest", "reader"], ["suppressions", "list"], ["tick"],
]  # fmt: skip


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    path.write_bytes(b"no database at all " * 500)


def one_page(path: Path) -> None:
    """The first page stays, with the names of all tables."""
    data = bytearray(path.read_bytes())
    for at in range(PAGE, len(data), PAGE):
        data[at : at + PAGE] = b"\xff" * PAGE
    path.write_bytes(data)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteFolder]:
    pages = {"/feed": fixed(samples.journal_atom(datetime.now(UTC).date()))}
    with site_folder(tmp_path_factory.mktemp("damaged"), pages) as made:
        made.main.write_text(CONFIG.format(web=made.web))
        made.run("poll")
        yield made


@pytest.mark.parametrize("damage", [emptied, overwritten, one_page], ids=lambda damage: damage.__name__)
def test_every_command_says_that_the_database_is_damaged_and_what_to_do(
    folder: SiteFolder, damage: Callable[[Path], None]
) -> None:
    path = folder.root / "var" / "digestbot.db"
    whole = path.read_bytes()
    try:
        damage(path)
        before = hashlib.sha256(path.read_bytes()).digest()
        for command in COMMANDS:
            ended = folder.ended(*command)
            said = ended.out + ended.err
            assert ended.code == 1, (command, said)
            assert "Traceback" not in said, (command, said)
            assert any(word in said for word in ("damaged", "is empty")), (command, said)
            assert "restore" in said, (command, said)
            assert str(path) in said or "digestbot.db" in said, (command, said)
        assert hashlib.sha256(path.read_bytes()).digest() == before
    finally:
        path.write_bytes(whole)


def test_status_and_check_tell_of_a_page_that_their_answers_do_not_need(folder: SiteFolder) -> None:
    path = folder.root / "var" / "digestbot.db"
    whole = path.read_bytes()
    try:
        data = bytearray(whole)
        at = next(
            at
            for at in range(len(data) - PAGE, 0, -PAGE)
            if data[at] in (2, 5, 10, 13) and any(data[at + 8 : at + PAGE])
        )
        data[at + 8 : at + PAGE] = b"\xff" * (PAGE - 8)
        path.write_bytes(data)
        for command in ("status", "check"):
            said = folder.run(command, code=1)
            assert "damaged" in said
            assert "restore" in said
    finally:
        path.write_bytes(whole)
