"""Secrets planted wherever one can stand: servers repeat them, addresses hold them. No command writes one anywhere."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import CommandLine

from digestbot.testing import samples
from digestbot.testing.http_server import Reply, Site, fixed, running
from digestbot.testing.smtp_server import Faults, SmtpServer

SECRET = "canary"  #: part of each
CONFIG = """
[site]
contact = "admin@example.org"
base_url = "http://127.0.0.1:1"
[store]
url = "sqlite:///var/digestbot.db"
[fetch]
allow_private = true
{proxy}
[delivery]
channel = "smtp"
from = "papers@example.org"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
username = "canary-login"
password_file = "password"
[alerts]
url = "http://127.0.0.1:9/hook?token=canary-hook"
[bounces]
imap = "imap://bounces@127.0.0.1:9/INBOX"
imap_password_file = "password"
[[sources]]
name = "journal"
kind = "feed"
url = "{web}/feed?api_key=canary-key"
[[sources]]
name = "refused"
kind = "feed"
url = "{web}/refused?access_token=canary-token"
[[sources]]
name = "signed"
kind = "feed"
url = "http://canary-user:canary-pass@127.0.0.1:9/feed"
[[sources]]
name = "moved"
kind = "feed"
url = "{web}/moved?key=canary-moved"
[[subscribers]]
id = "reader"
email = "reader@example.org"
schedule = "every 5m"
  [[subscribers.topics]]
  name = "Everything"
  query = "the OR a"
"""
COMMANDS = [
    ["poll"], ["send", "--now"], ["tick"], ["status"], ["check"], ["plan"], ["sources", "list"], ["subscribers", "list"],
    ["outbox", "list"], ["quarantine", "list"], ["suppressions", "list"], ["audit"], ["search", "the"],
    ["preview", "reader"], ["suggest", "reader"], ["export", "opml"], ["export", "bibtex", "--query", "the"], ["export", "csv", "--query", "the"], ["backup", "b.db"],
    ["papers", "rebuild"], ["profile", "reader", "show"], ["doctor"],
]  # fmt: skip


def repeated(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status=status, body=body, headers={"content-type": "application/xml", **(headers or {})})


def outputs(there: CommandLine) -> str:
    """All that the commands write, for people and as JSON, and the files they make for others."""
    said = []
    for command in COMMANDS:
        for form in ([], ["--json"]):
            ended = there.ended(*command, *form)
            said.append(f"{command} {form}\n{ended.out}{ended.err}")
    files = [*there.root.glob("var/feeds/**/*"), *there.root.glob("var/preview*/**/*"), *there.root.glob("reader/**/*")]
    return "\n".join([*said, *(f"{path}\n{path.read_text(errors='replace')}" for path in files if path.is_file())])


async def test_no_command_writes_a_secret_of_an_address_a_server_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "password").write_text("canary-password")
    (tmp_path / "password").chmod(0o600)
    feed = samples.journal_atom(datetime.now(UTC).date())
    own = b'<link rel="self" href="http://127.0.0.1:1/feed?api_key=canary-key"/><entry'
    pages: dict[str, Reply | list[Reply]] = {
        "/feed?api_key=canary-key": repeated(feed.replace(b"<entry", own, 1)),
        "/refused?access_token=canary-token": repeated(b"<error>access_token canary-token is not known</error>", 403),
        "/moved?key=canary-moved": repeated(b"", 302, {"location": "http://127.0.0.1:9/there?key=canary-moved"}),
    }
    faults = Faults(auth="535 5.7.8 USER with SECRET is not known")
    with running(Site(pages=pages)) as web:
        async with SmtpServer(faults, login=("canary-login", "canary-password")) as server:
            config = tmp_path / "config" / "digestbot.toml"
            config.write_text(CONFIG.format(web=web, port=server.port, proxy=""))
            said = await asyncio.to_thread(outputs, CommandLine(tmp_path))
    assert "journal" in said
    assert said.count("is not known") > 1, "both servers are quoted"
    lines = [line for line in said.splitlines() if SECRET in line.replace("canary-login", "")]
    assert not lines, lines[:3]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('url = "sqlite:///var/digestbot.db"', 'url = "postgresql://bot:canary-db@127.0.0.1:9/x"'),
        ("{proxy}", 'proxy = "http://name:canary-word@127.0.0.1:9"'),
        ('base_url = "http://127.0.0.1:1"', 'base_url = "http://name:canary-word@127.0.0.1:1"'),
        (
            'kind = "feed"\nurl = "{web}/feed?api_key=canary-key"',
            'kind = "nothing"\nurl = "{web}/feed?api_key=canary-key"',
        ),
        ('password_file = "password"', 'password_file = "password"\npassword = "canary-inline"'),
        ('imap = "imap://bounces@127.0.0.1:9/INBOX"', 'imap = "imap://bounces:canary-word@127.0.0.1:9/INBOX"'),
    ],
    ids=["database", "proxy", "own address", "unknown kind", "password in the file", "mailbox"],
)
def test_no_error_of_the_configuration_repeats_a_secret(tmp_path: Path, old: str, new: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "password").write_text("canary-password")
    (tmp_path / "password").chmod(0o600)
    text = CONFIG.replace(old, new, 1)
    assert text != CONFIG
    with running(Site(pages={"/feed": fixed(b"")})) as web:
        (tmp_path / "config" / "digestbot.toml").write_text(text.format(web=web, port=9, proxy=""))
        for command in (["check"], ["status"], ["poll", "journal"], ["sources", "list"]):
            ended = CommandLine(tmp_path).ended(*command)
            said = ended.out + ended.err
            assert SECRET not in said.replace("canary-login", ""), (command, said)
            assert "Traceback" not in said, (command, said)
