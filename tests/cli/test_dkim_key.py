"""`digestbot dkim key`, and mails of a site that has one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine, configured

dkim = pytest.importorskip("dkim", reason="dkimpy is not installed: pip install --group dev")

from digestbot.acts.papers.resolve import resolve  # noqa: E402  # after the check
from digestbot.app.config_files import load  # noqa: E402
from digestbot.app.wiring import App  # noqa: E402
from digestbot.errors import DigestbotError  # noqa: E402
from digestbot.testing.builders import entry  # noqa: E402

CONFIG = """
[site]
contact = "admin@example.org"
[delivery]
from = "Papers <papers@example.org>"
[dkim]
key_file = "secrets/dkim.pem"
selector = "bot"
[[sources]]
name = "lab"
kind = "feed"
url = "https://feed.example.org/rss"
"""


@pytest.fixture
def site(tmp_path: Path) -> CommandLine:
    return configured(tmp_path, CONFIG)


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_key_is_made_for_us_alone_and_its_record_printed(site: CommandLine, kind: str) -> None:
    shown = site.run("dkim", "key", "--type", kind)
    path = site.root / "secrets" / "dkim.pem"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["dkim.pem"]
    assert "bot._domainkey.example.org. IN TXT (" in shown
    strings = re.findall(r'"([^"]*)"', shown)
    assert "".join(strings).startswith(f"v=DKIM1; k={kind}; p=")
    assert max(map(len, strings)) <= 255


def test_a_key_that_is_there_is_not_written_over(site: CommandLine) -> None:
    first, second = site.json("dkim", "key"), site.json("dkim", "key", "--type", "ed25519")
    assert (first["made"], second["made"]) == (True, False)
    assert first["record"] == second["record"]


def test_a_mail_goes_out_with_a_signature_that_verifies(site: CommandLine) -> None:
    record = site.json("dkim", "key")["record"].encode()
    main = site.root / "config" / "digestbot.toml"
    with App(config=load(main), main=main).opened() as app:
        with app.store.transaction() as tx:
            tx.papers.add_entries("lab", [entry(1)], sha="", now=app.clock())
        resolve(app.store, now=app.clock())
    site.run("send", "--now")
    [mail] = (site.root / "var" / "maildir" / "new").iterdir()
    data = mail.read_bytes().replace(b"\n", b"\r\n")  # a Maildir has the machine's line ends

    def answer(name: bytes, **_: Any) -> bytes | None:
        return record if name == b"bot._domainkey.example.org." else None

    assert dkim.verify(data, dnsfunc=answer)
    assert data.startswith(b"DKIM-Signature: ")


def test_a_running_process_signs_by_the_key_that_is_in_the_file_now(site: CommandLine) -> None:
    site.run("dkim", "key")
    file, other = site.root / "secrets" / "dkim.pem", site.root / "secrets" / "other.pem"
    site.run("dkim", "key", "--out", str(other), "--type", "ed25519")
    main = site.root / "config" / "digestbot.toml"
    with App(config=load(main), main=main).opened() as app:
        app.mailer()
        first = app.signer
        app.mailer()
        assert app.signer is first
        other.replace(file)
        app.mailer()
        assert app.signer is not None
        assert app.signer.key.record.startswith("v=DKIM1; k=ed25519")


def test_a_key_that_everybody_may_read_signs_nothing(site: CommandLine) -> None:
    site.run("dkim", "key")
    (site.root / "secrets" / "dkim.pem").chmod(0o644)
    assert "chmod 600" in site.run("send", "--now", code=1)
    assert "[dkim] key_file" in site.run("check", code=2)
    main = site.root / "config" / "digestbot.toml"
    with App(config=load(main), main=main).opened() as app, pytest.raises(DigestbotError, match="everybody"):
        _ = app.signer


def test_without_a_place_for_the_key_the_command_says_so(site: CommandLine) -> None:
    (site.root / "config" / "digestbot.toml").write_text(re.sub(r"\[dkim\](\n\w.*)*", "", CONFIG))
    assert "--out" in site.run("dkim", "key", code=2)
    shown = site.run("dkim", "key", "--out", str(site.root / "key.pem"))
    assert "digestbot._domainkey.example.org. IN TXT" in shown
    assert "[dkim]" in shown
