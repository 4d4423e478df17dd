"""dkim: the key that signs our mails, and what DNS has to say of it."""

from __future__ import annotations

from pathlib import Path

import click

from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.errors import DigestbotError, UsageError


@click.group("dkim", short_help="The key that signs mails: key.")
def dkim_command() -> None:
    """The key that signs mails, and what DNS has to say of it."""


@dkim_command.command("key")
@click.option(
    "--type", "kind", type=click.Choice(["rsa", "ed25519"]), default="rsa", show_default=True,
    help="RSA with 2048 bits, or Ed25519 (not every provider checks it).",
)  # fmt: skip
@click.option(
    "--out", "out", metavar="FILE", type=click.Path(path_type=Path),
    help="Where the key goes; by default [dkim] key_file.",
)  # fmt: skip
@json_option
@with_app
def key_command(app: App, kind: str, out: Path | None, as_json: bool) -> None:
    """Make a key and print its DNS record; of a key that is there, only print the record."""
    from digestbot.mail.dkim import DkimKey
    from digestbot.system.key_files import read_key_file, write_key_file

    config = app.config.dkim
    path = out or (config.key_file if config else None)
    if path is None:
        raise UsageError(
            "nobody says where the key goes", fix='Write key_file = "secrets/dkim.pem" into [dkim], or --out'
        )
    made = not path.exists()
    if made:
        write_key_file(path, DkimKey.generate("ed25519" if kind == "ed25519" else "rsa").pem)
    try:
        key = DkimKey.parse(read_key_file(path))
    except DigestbotError as error:
        raise DigestbotError(error.what, where=str(path), fix=error.fix) from error
    domain = config.domain if config else app.config.delivery.domain
    name = f"{config.selector if config else 'digestbot'}._domainkey.{domain}"
    if as_json:
        told = {"file": str(path), "made": made, "type": key.kind, "name": name, "record": key.record}
        terminal.say(terminal.as_json(told))
        return
    terminal.say(f"{'Made' if made else 'There is'} {path} ({key.kind}).\n\nIn DNS:\n\n{_zone_line(name, key.record)}")
    if config is None:
        terminal.say(f'\nIn the configuration:\n\n[dkim]\nkey_file = "{path}"')
    terminal.say("\n`digestbot doctor` tells whether DNS has it.")


def _zone_line(name: str, record: str) -> str:
    """Returns the record as a zone file writes it, in strings of at most 255 octets."""
    from digestbot.mail.dkim import dns_strings

    strings = " ".join(f'"{one}"' for one in dns_strings(record))
    return f"{name}. IN TXT ( {strings} )"
