"""SIGTERM in every state: the daemon is gone in time, and what it was at is done later, once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import ENVIRONMENT, SiteFolder, site_folder
from processes import PATIENCE, end_with_parent, wait_for

from digestbot.store.database import open_store
from digestbot.testing import samples
from digestbot.testing.http_server import fixed

DAY = datetime.now(UTC).date()
CONFIG = """
[site]
contact = "admin@example.org"
[fetch]
allow_private = true
[delivery]
channel = "{channel}"
from = "Papers <papers@example.org>"
wait_for_sources = "10m"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed"
{more}[[subscribers]]
id = "reader"
email = "reader@example.org"
schedule = "daily 07:30"
  [[subscribers.topics]]
  name = "Compilers"
  query = "compiler* OR whales OR the"
"""
OTHER = '[[sources]]\nname = "other"\nkind = "feed"\nurl = "{url}"\n'
#: what takes the place of DNS, and of a digest that takes for ever: calls that no thread can be got out of
HANGS = """
import pathlib, time
from digestbot.daemon import stopping
stopping.LEAVE = 1.0
def hang(*_, **__):
    pathlib.Path("reached").touch()
    time.sleep(3600)
"""
DNS = HANGS + "import socket; socket.getaddrinfo = hang\n"
COMPOSING = HANGS + "from digestbot.acts.digests import dispatch; dispatch.compose_digest = hang\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[SiteFolder]:
    with site_folder(tmp_path, {"/feed": fixed(samples.journal_atom(DAY))}) as made:
        configure(made)
        yield made


def configure(folder: SiteFolder, *, other: str = "", channel: str = "maildir", port: int = 1) -> None:
    """`other`: the address of a source more, which was not asked yet."""
    more = OTHER.format(url=other) if other else ""
    folder.main.write_text(CONFIG.format(web=folder.web, more=more, channel=channel, port=port))


@contextmanager
def daemon(folder: SiteFolder, prelude: str = "") -> Iterator[subprocess.Popen[str]]:
    code = f"{prelude}\nfrom digestbot.cli import main\nmain()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "run", "--tick", "0.2"], cwd=folder.root, text=True, stderr=subprocess.PIPE,
        env=os.environ | ENVIRONMENT, preexec_fn=end_with_parent,  # noqa: PLW1509  # calls one function of libc
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def gone(process: subprocess.Popen[str]) -> str:
    """Its log, once it has ended as it was asked to: within seconds, of states that last an hour."""
    process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    assert time.monotonic() - asked < 30, err  # ten, and what a busy machine adds
    assert "Traceback" not in err
    return err


@contextmanager
def silent() -> Iterator[tuple[int, list[socket.socket]]]:
    """A server that takes connections and never says a word."""
    taken: list[socket.socket] = []
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def take() -> None:
            while True:
                try:
                    taken.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1], taken
        server.shutdown(socket.SHUT_RDWR)
    for connection in taken:
        connection.close()


def make_due(folder: SiteFolder) -> None:
    with closing(open_store("sqlite:///var/digestbot.db", root=folder.root)) as store, store.transaction() as tx:
        [person] = tx.people.all_people()
        assert person.stored_id is not None
        assert tx.people.plan_slot(person.stored_id, datetime.now(UTC), was=person.next_slot)


def comes_once(folder: SiteFolder) -> None:
    """What was due, or waited, arrives now, and never again."""
    configure(folder)
    for _ in range(2):
        folder.run("tick")
        assert len(folder.mails()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("waiting", [False, True], ids=["polling", "a digest waits for it"])
def test_it_stops_while_a_web_server_is_silent(folder: SiteFolder, waiting: bool) -> None:
    folder.run("poll")
    if waiting:
        make_due(folder)
    with silent() as (port, taken):
        configure(folder, other=f"http://127.0.0.1:{port}/")
        with daemon(folder) as process:
            wait_for(lambda: len(taken) >= 1)
            assert "leaving without" not in gone(process)
    assert folder.json("status")["running"] is False
    if waiting:
        comes_once(folder)


@pytest.mark.slow
def test_it_stops_while_dns_gives_no_answer(folder: SiteFolder) -> None:
    folder.run("poll")
    configure(folder, other="http://nowhere.example/feed")
    with daemon(folder, DNS) as process:
        wait_for((folder.root / "reached").exists)
        assert "leaving without" in gone(process)
    assert folder.json("status")["running"] is False


@pytest.mark.slow
def test_it_stops_while_a_digest_is_composed(folder: SiteFolder) -> None:
    folder.run("poll")
    make_due(folder)
    with daemon(folder, COMPOSING) as process:
        wait_for((folder.root / "reached").exists)
        assert "leaving without" in gone(process)
    comes_once(folder)


@pytest.mark.slow
def test_it_stops_while_a_mail_server_is_silent(folder: SiteFolder) -> None:
    folder.run("poll")
    make_due(folder)
    with silent() as (port, taken):
        configure(folder, channel="smtp", port=port)
        with daemon(folder) as process:
            wait_for(lambda: len(taken) >= 1)
            gone(process)
    comes_once(folder)
