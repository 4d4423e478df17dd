"""`digestbot bounce`: from a pipe, from a Maildir, and what a mail server is told when it cannot be done now."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from urllib.parse import unquote

import pytest
from command_line import CommandLine, Ended, configured
from imap_server import serving

from digestbot.acts.papers.resolve import resolve
from digestbot.app.config_files import load
from digestbot.app.returned_mail import read_before_sending
from digestbot.app.wiring import App
from digestbot.testing.builders import entry
from digestbot.testing.smtp_server import SmtpServer

CONFIG = """
[site]
contact = "admin@example.org"
[delivery]
channel = "maildir"
from = "Papers <papers@example.org>"
[bounces]
maildir = "var/returned"
[[sources]]
name = "lab"
kind = "feed"
url = "https://feed.example.org/rss"
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return configured(tmp_path, CONFIG).root


def digestbot(site: Path, *arguments: str, mail: bytes = b"") -> Ended:
    return CommandLine(site).ended(*arguments, stdin=mail)


def bounce(message_id: str) -> bytes:
    return (
        "From: MAILER-DAEMON@example.org\nTo: papers@example.org\nSubject: failure notice\n\n<reader@example.org>:\n"
        "192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown user\n\n"
        f"--- Below this line is a copy of the message.\n\nMessage-ID: {message_id}\nTo: reader@example.org\n"
        "From: papers@example.org\nSubject: digest\n"
    ).encode()


def store_paper(site: Path) -> None:
    main = site / "config" / "digestbot.toml"
    with App(config=load(main), main=main).opened() as app:
        with app.store.transaction() as tx:
            tx.papers.add_entries("lab", [entry(1)], sha="", now=app.clock())
        resolve(app.store, now=app.clock())


def sent(site: Path) -> bytes:
    store_paper(site)
    done = digestbot(site, "send", "--now")
    assert done.code == 0, done.err
    [mail] = (site / "var" / "maildir" / "new").iterdir()
    return mail.read_bytes()


def test_a_bounce_from_a_pipe_suppresses_the_address_once(site: Path) -> None:
    mail = bounce(str(message_from_bytes(sent(site))["Message-ID"]))
    first, again = (digestbot(site, "bounce", "--json", mail=mail) for _ in range(2))
    assert (first.code, again.code) == (0, 0)
    told = json.loads(first.out)
    assert (told["kind"], told["effect"], told["subscriber"]) == ("hard", "suppressed", "reader")
    assert json.loads(again.out)["effect"] == "known"
    assert "hard bounce: 192.0.2.1 does not like recipient." in " ".join(digestbot(site, "status").out.split())


def test_the_mailto_of_a_mail_unsubscribes(site: Path) -> None:
    header = str(message_from_bytes(sent(site))["List-Unsubscribe"])
    subject = unquote(header.partition("subject=")[2].rstrip(">"))
    done = digestbot(
        site, "bounce", mail=f"From: x@example.net\nTo: admin@example.org\nSubject: {subject}\n\n".encode()
    )
    assert done.out.strip() == "unsubscribe: reader left, unsubscribed by mail"


def test_a_maildir_is_read_once_and_what_was_read_moves_to_cur(site: Path) -> None:
    new, cur = site / "var" / "returned" / "new", site / "var" / "returned" / "cur"
    new.mkdir(parents=True)
    mail = bounce(str(message_from_bytes(sent(site))["Message-ID"]))
    (new / "1.host").write_bytes(mail)
    (new / "2.host").write_bytes(b"Subject: hello\n\nThanks!\n")
    done = digestbot(site, "bounce", "--maildir")
    assert done.out.splitlines() == [
        "hard: reader suppressed, hard bounce: 192.0.2.1 does not like recipient. Remote host said: 550 5.1.1 unknown user",
        "unknown: set aside, not understood",
    ]
    assert sorted(path.name for path in cur.iterdir()) == ["1.host:2,S", "2.host:2,S"]
    assert digestbot(site, "bounce", "--maildir").out == ""


def test_a_round_reads_the_maildir(site: Path) -> None:
    new = site / "var" / "returned" / "new"
    new.mkdir(parents=True)
    (new / "1.host").write_bytes(bounce(str(message_from_bytes(sent(site))["Message-ID"])))
    digestbot(site, "tick")
    assert not list(new.iterdir())
    assert "hard bounce" in digestbot(site, "status").out


def test_a_maildir_that_is_not_there_stops_no_round(site: Path) -> None:
    assert "Traceback" not in digestbot(site, "tick").err
    done = digestbot(site, "bounce", "--maildir")
    assert done.code == 75
    assert "[bounces] maildir" in done.err


def test_a_mail_server_keeps_the_mail_when_it_cannot_be_read_now(site: Path) -> None:
    (site / "config" / "digestbot.toml").write_text("[[broken")
    assert digestbot(site, "bounce", mail=b"Subject: x\n\n").code == 75


async def test_a_digest_goes_out_under_an_address_that_proves_what_comes_back(site: Path) -> None:
    async with SmtpServer() as server:
        main = site / "config" / "digestbot.toml"
        smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nsender = "bounces@example.org"\n'
        main.write_text(CONFIG.replace('channel = "maildir"\n', 'channel = "smtp"\n') + smtp)
        await asyncio.to_thread(store_paper, site)
        done = await asyncio.to_thread(CommandLine(site).process, "send", "--now")
        assert done.code == 0, done.err
        [mail] = server.messages
    assert mail.sender.startswith("bounces+")
    assert mail.sender.endswith("@example.org")
    returned = bounce("<elsewhere@example.net>").replace(b"To: papers@example.org", f"To: {mail.sender}".encode(), 1)
    told = json.loads(digestbot(site, "bounce", "--json", mail=returned).out)
    assert (told["effect"], told["subscriber"]) == ("suppressed", "reader")


def test_what_came_back_is_listed_and_what_was_read_is_dropped(site: Path) -> None:
    assert digestbot(site, "bounce", "--recent").out == "Nothing has come back.\n"
    digestbot(site, "bounce", mail=b"Subject: hello\n\nThanks!\n")
    assert "unknown  set aside  not understood" in digestbot(site, "bounce", "--recent").out
    [row] = json.loads(digestbot(site, "quarantine", "list", "--json").out)
    assert "Thanks!" in digestbot(site, "quarantine", "show", str(row["id"])).out
    assert "quarantine drop" in digestbot(site, "quarantine", "retry", "--all").out
    assert digestbot(site, "quarantine", "drop", str(row["id"])).out == "Dropped 1 mail.\n"
    assert digestbot(site, "quarantine", "drop", str(row["id"])).code == 1


@pytest.mark.parametrize(("days", "mails"), [(-1, 1), (1, 0)])
def test_a_suppression_with_an_end_holds_until_then(site: Path, days: int, mails: int) -> None:
    store_paper(site)
    main = site / "config" / "digestbot.toml"
    with App(config=load(main), main=main).opened() as app, app.store.transaction() as tx:
        now = app.clock()
        tx.people.suppress_address("reader@example.org", reason="soft", now=now, until=now + timedelta(days=days))
    digestbot(site, "send", "--now")
    assert len(list((site / "var" / "maildir").glob("new/*"))) == mails


def test_a_mailbox_is_visited_in_a_round_and_not_in_every_one(site: Path) -> None:
    with serving({1: b"Subject: hello\r\n\r\nThanks!\r\n"}) as server:
        (site / "password").write_text("right")
        main = site / "config" / "digestbot.toml"
        imap = f'imap = "imap://bot@127.0.0.1:{server.port}/INBOX"\nimap_password_file = "password"'
        main.write_text(CONFIG.replace('maildir = "var/returned"', imap))
        with App(config=load(main), main=main).opened() as app:
            read_before_sending(app)
            read_before_sending(app)
        assert server.said.count('SELECT "INBOX"') == 1
        assert server.seen == {1}
        assert digestbot(site, "bounce", "--imap").out == ""
    assert "set aside" in digestbot(site, "bounce", "--recent").out
    assert digestbot(site, "bounce", "--imap").code == 75
