"""deploy/github-actions/round.sh on a machine that forgets everything between its runs: skipped, repeated, killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from conftest import needed
from processes import PATIENCE, end_with_parent

from digestbot.testing.http_server import Site, fixed, running

ROUND = Path(__file__).parents[2] / "deploy" / "github-actions" / "round.sh"
CONFIG = """
[site]
contact = "admin@example.org"
time_zone = "UTC"
[fetch]
allow_private = true
[delivery]
channel = "maildir"
on_unknown = "hold"
[maildir]
path = "{mails}"
[enrich]
on = false
[[sources]]
name = "journal"
kind = "feed"
url = "{feed}"
every = "1m"
[[subscribers]]
id = "reader"
email = "reader@example.org"
schedule = "every 1h"
  [[subscribers.topics]]
  name = "Attention"
  query = "attention"
"""
FEED = """<rss version="2.0"><channel><title>J</title><link>https://journal.example.org</link><description>J</description>
{items}</channel></rss>"""
ITEM = "<item><title>Attention, part {n}</title><link>https://journal.example.org/{n}</link><guid>{n}</guid></item>"
#: digestbot by a clock that the test sets, ending whoever runs it once the real one is done with a step
DRIVER = """
import os, signal, sys
from datetime import datetime
from digestbot.app.wiring import App
now = datetime.fromisoformat(os.environ["TEST_NOW"])
App.__init__.__defaults__ = (lambda: now, *App.__init__.__defaults__[1:])
from digestbot.cli import main
try:
    main()
finally:
    if sys.argv[1] == os.environ["TEST_KILL_AFTER"]:
        sys.stdout.flush()
        os.kill(os.getppid(), signal.SIGKILL)
"""
BEGIN = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)


class Fork:
    """A fork of the repository: a remote, and a machine for each run that has nothing else."""

    def __init__(self, root: Path, server: Site, web: str) -> None:
        self.root, self.mails, self.server, self.web, self.runs = root, root / "mails", server, web, 0
        self.git("init", "-q", "--bare", str(root / "remote.git"))
        (root / "driver.py").write_text(DRIVER)

    def git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], check=True, capture_output=True, text=True).stdout

    def run(self, hour: int, papers: range, kill_after: str = "") -> subprocess.CompletedProcess[str]:
        """One run, at this hour, while the feed has these papers."""
        self.runs += 1
        machine = self.root / f"machine{self.runs}"
        (machine / "config").mkdir(parents=True)
        self.git("init", "-q", str(machine))
        self.git("-C", str(machine), "remote", "add", "origin", str(self.root / "remote.git"))
        (machine / "config" / "digestbot.toml").write_text(CONFIG.format(feed=f"{self.web}/feed", mails=self.mails))
        self.server.pages["/feed"] = fixed(FEED.format(items="".join(ITEM.format(n=n) for n in papers)).encode())
        told = {
            "DIGESTBOT": f"{sys.executable} {self.root / 'driver.py'}", "DIGESTBOT_STATE_KEY": "k" * 40,
            "TEST_NOW": (BEGIN + timedelta(hours=hour)).isoformat(), "TEST_KILL_AFTER": kill_after,
        }  # fmt: skip
        return subprocess.run(
            ["sh", str(ROUND)], cwd=machine, text=True, capture_output=True, timeout=PATIENCE, env=os.environ | told,
            check=False, preexec_fn=end_with_parent,  # calls one function of libc
        )  # fmt: skip

    def sent(self) -> list[list[int]]:
        """The papers in each mail, oldest first."""
        mails = [
            message_from_bytes(path.read_bytes(), policy=policy.default) for path in (self.mails / "new").glob("*")
        ]
        mails.sort(key=lambda mail: mail["Date"].datetime)
        texts = [part.get_content() for mail in mails if (part := mail.get_body(("plain",))) is not None]
        return [sorted({int(n) for n in re.findall(r"Attention, part (\d+)", text)}) for text in texts]


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Fork]:
    needed("git")
    needed("openssl")
    server = Site()
    with running(server) as web:
        yield Fork(tmp_path, server, web)


@pytest.mark.full
def test_runs_that_are_skipped_repeated_or_killed_lose_and_double_nothing(fork: Fork) -> None:
    first = fork.run(0, range(1, 3))
    assert (first.returncode, fork.sent()) == (0, []), first.stderr
    assert fork.run(1, range(1, 3)).returncode == 0
    fork.run(1, range(1, 3))  # repeated
    assert fork.sent() == [[1, 2]]
    fork.run(4, range(1, 4))  # two were skipped
    assert fork.sent() == [[1, 2], [3]]
    assert fork.run(5, range(1, 5), kill_after="tick").returncode == -9  # before anything was promised
    fork.run(6, range(1, 5))
    assert fork.sent() == [[1, 2], [3], [4]]
    assert fork.run(7, range(1, 6), kill_after="send").returncode == -9  # sent, and nowhere saved
    after = fork.run(8, range(1, 7))
    assert "held" in after.stderr
    assert fork.sent() == [[1, 2], [3], [4], [5], [6]]
    assert (fork.root / f"machine{fork.runs}" / "site" / "index.html").is_file()
    show = ["git", "-C", str(fork.root / "remote.git"), "cat-file", "blob", "digestbot-state:store"]
    kept = subprocess.run(show, check=True, capture_output=True).stdout
    assert kept.startswith(b"Salted__"), "addresses lie there encrypted only"
    assert fork.git("-C", str(fork.root / "remote.git"), "rev-list", "--count", "digestbot-state").strip() == "1"
