"""`digestbot doctor`: a line for each thing, its mend below, and 1 when something is bad."""

from __future__ import annotations

import sqlite3
import sys
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from command_line import CommandLine

from digestbot.testing.dns import FixedDns

CONFIG = '[delivery]\nfrom = "Papers <papers@example.org>"\n[[sources]]\nname = "lab"\nkind = "feed"\nurl = "https://e.org/rss"\n'
DMARC = ("TXT", "_dmarc.example.org")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "digestbot.toml").write_text(CONFIG)
    monkeypatch.setattr("digestbot.transport.sntp.clock_offset", lambda: timedelta(seconds=1))
    monkeypatch.setattr("digestbot.transport.dns.SystemDns", lambda: FixedDns({DMARC: ["v=DMARC1; p=none"]}))
    return CommandLine(tmp_path)


def test_it_says_what_is_wrong_and_what_mends_it(site: CommandLine) -> None:
    shown = site.run("doctor", code=1)
    assert "bad      spf        example.org has no SPF record" in shown
    assert '         -> Add TXT "v=spf1 mx -all" to example.org' in shown
    assert "ok       database   there is none yet" in shown
    assert not (site.root / "var").exists(), "a question makes nothing"
    assert "ok       clock      the clock is 1.0 s behind" in shown


def test_a_database_of_an_older_version_is_looked_at_and_not_changed(site: CommandLine) -> None:
    site.run("outbox", "pause")
    file = site.root / "var" / "digestbot.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE alembic_version SET version_num = '0013'")
        db.commit()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.read_bytes()
    assert "it answers and is whole; it is of an older version" in " ".join(site.run("doctor", code=1).split())
    assert file.read_bytes() == before
    file.write_bytes(b"no database at all" * 1000)
    assert "bad      database" in site.run("doctor", code=1)


def test_a_script_gets_every_finding(site: CommandLine) -> None:
    ended = site.ended("doctor", "--json")
    assert ended.code == 1
    assert '{"check": "dmarc", "state": "ok", "text": "policy for example.org: none"' in ended.out


def test_without_dnspython_it_says_what_to_install(site: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr("digestbot.transport.sntp.clock_offset", lambda: timedelta(0))
    monkeypatch.setitem(sys.modules, "dns.asyncresolver", None)
    assert "pip install 'digestbot[doctor]'" in site.run("doctor", code=1)
