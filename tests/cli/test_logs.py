"""The log: one event a line, JSON where no terminal is, one run from poll to receipt, and nobody's address or secret in it."""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import signal
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import BY_SMTP, CommandLine

from digestbot.cli.logs import Lines, mask, to_stderr
from digestbot.testing import samples
from digestbot.testing.http_server import Site, fixed, running

CANARIES = ("canary-reader", "canary-secret", "canary-key", "canary-login")
CONFIG = (
    """
[site]
contact = "canary-reader-admin@example.org"
base_url = "http://127.0.0.1:1"
[web]
listen = "127.0.0.1:0"
"""
    + BY_SMTP
    + """username = "canary-login"
password_file = "secret"
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed?api_key=canary-key"
[[sources]]
name = "broken"
kind = "feed"
url = "http://canary-login:canary-secret@127.0.0.1:9/feed?token=canary-key"
[[subscribers]]
id = "reader"
email = "canary-reader@example.org"
schedule = "every 5m"
  [[subscribers.topics]]
  name = "Everything"
  query = "the OR a"
"""
)


@pytest.mark.slow
def test_no_planted_secret_or_address_stands_in_any_log_line(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "secret").write_text("canary-secret")
    with running(Site(pages={"/feed": fixed(samples.journal_atom(datetime.now(UTC).date()))})) as web:
        (tmp_path / "config" / "digestbot.toml").write_text(CONFIG.format(web=web, port=9))
        there = CommandLine(tmp_path)
        commands = (["poll"], ["send", "--now"], ["status"], ["tick"])
        logs = "".join(there.ended("-v", *command).err for command in commands)
        shutil.rmtree(tmp_path / "var")  # so that the daemon has something to do
        with there.start("-v", "run", "--tick", "0.3") as daemon:
            logs += said_until(daemon, "polled journal", "polled broken")
            daemon.send_signal(signal.SIGTERM)
            logs += said_until(daemon, '"stopped"')
    lines = [json.loads(line) for line in logs.splitlines()]
    assert {"running: 2 sources, 1 subscribers", "stopped"} <= {line["event"] for line in lines}
    for canary in CANARIES:
        assert canary not in logs, next(line for line in logs.splitlines() if canary in line)
    assert not re.search(r"[\w.]+@example\.org", logs.replace("***@", ""))


def said_until(process: subprocess.Popen[str], *events: str) -> str:
    """What a process writes to stderr until each of these has come."""
    assert process.stderr is not None
    said = ""
    while not all(event in said for event in events):
        line = process.stderr.readline()
        assert line, said
        said += line
    return said


def test_a_round_has_one_run_id_in_its_lines_its_polls_and_its_slots(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    with running(Site(pages={"/feed": fixed(samples.journal_atom(datetime.now(UTC).date()))})) as web:
        text = CONFIG.format(web=web, port=9).replace('channel = "smtp"', 'channel = "maildir"')
        text = re.sub(r"\[smtp\].*?(?=\[\[sources)", "", text, flags=re.DOTALL)
        (tmp_path / "config" / "digestbot.toml").write_text(text)
        said, told = (CommandLine(tmp_path).ended("-v", *command).err for command in (["poll"], ["send", "--now"]))
    with sqlite3.connect(tmp_path / "var" / "digestbot.db") as db:
        polls = {run for (run,) in db.execute("SELECT run FROM polls")}
        slots = {run for (run,) in db.execute("SELECT run FROM slots")}
    db.close()
    assert polls == {json.loads(line)["run"] for line in said.splitlines()}
    assert slots == {json.loads(line)["run"] for line in told.splitlines()}
    assert len(polls | slots) == 2


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("550 no such user ada.lovelace+x@mail.example.org", "550 no such user ***@mail.example.org"),
        ("GET https://p.example.org/u/abcdefghijklmnopqrstuvwxyz234567", "GET https://p.example.org/u/***"),
        ("postgresql://bot:s3cret@db/x", "postgresql://***@db/x"),
        ("https://x.example/feed?api_key=abc&n=1", "https://x.example/feed?api_key=***&n=1"),
        ("3 @ 5 and cs.LG v2", "3 @ 5 and cs.LG v2"),
    ],
)
def test_addresses_tokens_and_secrets_are_masked(said: str, shown: str) -> None:
    assert mask(said) == shown


def test_a_traceback_is_in_the_same_json_line_and_masked() -> None:
    stream = io.StringIO()
    to_stderr(logging.INFO, stream)
    try:
        raise ValueError("ada@example.org")
    except ValueError:
        logging.getLogger("digestbot.x").exception("this round of %s failed", "mail")
    [line] = stream.getvalue().splitlines()
    event = json.loads(line)
    assert (event["level"], event["event"]) == ("error", "this round of mail failed")
    assert "Traceback" in event["error"]
    assert "ada" not in line


def test_a_terminal_gets_plain_lines() -> None:
    record = logging.LogRecord("digestbot.x", logging.WARNING, "", 0, "to ada@example.org", (), None)
    assert Lines().format(record).endswith("WARNING digestbot.x: to ***@example.org")


HOSTILE = (
    'GET "http://h/?token=abc" failed', "said:\nfoo@example.org", "half a character: \ud800", 'x="ada@example.org\\"', "a\x00b\x1b[31m",
    "\u202eright to left", 'http://h/?key=\\"', "fake\n2026-11-30 ERROR forged", "\r\n\r\n", '{"level": "error"}', "é中\U0001f600", "?token=\udfff",
)  # fmt: skip


@pytest.mark.parametrize("said", HOSTILE)
def test_a_json_line_is_one_valid_object_whatever_is_said(said: str) -> None:
    stream = io.TextIOWrapper(raw := io.BytesIO(), encoding="ascii", errors="strict")
    to_stderr(logging.INFO, stream)
    logging.getLogger("digestbot.x").info("%s", said)
    stream.flush()
    [line] = raw.getvalue().decode().split("\n")[:-1]
    event = json.loads(line)
    assert event["event"] == mask(said).encode("utf-8", "replace").decode()
    assert "foo@" not in line
    assert "token=abc" not in line


@pytest.mark.parametrize("said", HOSTILE)
def test_a_line_for_people_is_one_line_without_control_characters(said: str) -> None:
    shown = Lines().format(logging.LogRecord("digestbot.x", logging.INFO, "", 0, "%s", (said,), None))
    assert shown.isprintable()
    assert "forged" not in shown or "\\n" in shown
    shown.encode()
