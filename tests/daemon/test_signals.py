"""Signals to real processes: how long a stop takes, what a second one does, and what SIGHUP reads again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import BY_SMTP, SiteFolder, site_folder
from processes import PATIENCE, wait_for

from digestbot.testing import samples
from digestbot.testing.builders import NOW
from digestbot.testing.http_server import fixed

CONFIG = (
    """
[site]
contact = "admin@example.org"
{site}
"""
    + BY_SMTP
    + """connections = 2
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed"
every = "5m"
{more}
"""
)
READER = """
[[subscribers]]
id = "r{n}"
email = "r{n}@example.org"
when_empty = "send"
schedule = "every 1h"
  [[subscribers.topics]]
  name = "Everything"
  query = "the OR a"
"""
GRACE = 10.0  #: seconds that `digestbot run --help` promises


@contextmanager
def hanging_server(folder: Path) -> Iterator[int]:
    """A mail server in a process of its own that takes bodies and never answers the dot; its port."""
    command = [sys.executable, "-m", "digestbot.testing.smtp_server", "--dot", "hang", "--out", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[SiteFolder]:
    with site_folder(tmp_path, {"/feed": fixed(samples.journal_atom(NOW.date()))}) as made:
        yield made


def write(folder: SiteFolder, port: int, site: str = "", more: str = "") -> None:
    folder.main.write_text(CONFIG.format(web=folder.web, port=port, site=site, more=more))
    people = folder.main.parent / "subscribers"
    people.mkdir(exist_ok=True)
    (people / "all.toml").write_text("".join(READER.format(n=n) for n in range(3)))


def states(folder: SiteFolder) -> dict[str, int]:
    found: dict[str, int] = folder.json("status")["outbox"]
    return found


@pytest.fixture
def stuck(folder: SiteFolder) -> Iterator[subprocess.Popen[str]]:
    """A `digestbot send` with two mails in the air whose answer never comes."""
    with hanging_server(folder.root / "mails") as port:
        write(folder, port)
        folder.run("poll")
        process = folder.start("send", "--now")
        wait_for(lambda: states(folder).get("committing") == 2)
        yield process
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_a_second_signal_ends_a_command_at_once_and_nothing_is_lost(
    folder: SiteFolder, stuck: subprocess.Popen[str]
) -> None:
    def ended() -> bool:
        """Signals that come together are one: so it is sent until it has been heard twice."""
        stuck.send_signal(signal.SIGTERM)
        return stuck.poll() is not None

    began = time.monotonic()
    wait_for(ended)
    assert time.monotonic() - began < GRACE / 2
    assert states(folder) == {"claimed": 1, "committing": 2}, "the next round finds them, and resends two"


@pytest.mark.full
def test_a_signal_lets_what_is_in_the_air_ten_seconds_and_gives_the_rest_back(
    folder: SiteFolder, stuck: subprocess.Popen[str]
) -> None:
    stuck.send_signal(signal.SIGTERM)
    began = time.monotonic()
    stuck.communicate(timeout=PATIENCE)
    assert GRACE / 2 - 1 < time.monotonic() - began < GRACE + 1
    assert states(folder) == {"committing": 2, "pending": 1}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def got(url: str) -> str:
    """The page, whatever its status; "" while nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except OSError:
        return ""


@pytest.mark.slow
def test_serve_reads_the_configuration_again_when_asked(folder: SiteFolder) -> None:
    port = free_port()
    site = f'base_url = "http://127.0.0.1:{port}"'
    pages = f'[web]\nlisten = "127.0.0.1:{port}"'
    write(folder, 1, site, pages)
    process = folder.start("serve")
    try:
        wait_for(lambda: got(f"http://127.0.0.1:{port}/healthz"))
        write(folder, 1, f'{site}\nname = "Something else"', pages)
        began = time.monotonic()
        process.send_signal(signal.SIGHUP)
        wait_for(lambda: "Something else" in got(f"http://127.0.0.1:{port}/u/nobody"))
        assert time.monotonic() - began < 12, "it looks by itself every 15 s"
        assert process.poll() is None
    finally:
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
