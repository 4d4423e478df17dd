"""[bounces], [dkim] and [admin]: how mails that come back reach us, how ours are signed, who operates by the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from digestbot.model import Secret
from digestbot.settings.config import AdminConfig, BouncesConfig, DkimConfig, ImapConfig

LOOPBACK = re.compile(r"localhost|127\.\d+\.\d+\.\d+|::1")
SHORTEST_SECRET = 16  #: characters a shared secret has at least


def read_bounces(
    values: Mapping[str, Any], root: Path, read_secret: Callable[[Path], str], tell: Callable[[str, str], None]
) -> BouncesConfig:
    """[bounces]. `tell` is given (key, what is wrong)."""
    secret = _secret("secret_file", values, root, read_secret, tell)
    if 0 < len(secret) < SHORTEST_SECRET:  # an empty file opens nothing
        tell("secret_file", f"{values['secret_file']} holds fewer than {SHORTEST_SECRET} characters")
    password = _secret("imap_password_file", values, root, read_secret, tell)
    maildir = values.get("maildir")
    return BouncesConfig(
        maildir=root / maildir if maildir else None, imap=_imap(values.get("imap", ""), password, tell),
        secret=Secret(secret),
    )  # fmt: skip


def read_admin(
    values: Mapping[str, Any], root: Path, read_secret: Callable[[Path], str], tell: Callable[[str, str], None]
) -> AdminConfig:
    """[admin]. `tell` is given (key, what is wrong)."""
    secret = _secret("token_file", values, root, read_secret, tell)
    if "token_file" in values and len(secret) < SHORTEST_SECRET:
        tell("token_file", f"{values['token_file']} holds fewer than {SHORTEST_SECRET} characters")
    return AdminConfig(token=Secret(secret), header=values.get("header", ""), users=values.get("users", ()))


def _secret(
    key: str,
    values: Mapping[str, Any],
    root: Path,
    read_secret: Callable[[Path], str],
    tell: Callable[[str, str], None],
) -> str:
    """The text in the file that a key names; "" where it names none."""
    name = values.get(key)
    if not name:
        return ""
    try:
        return read_secret(root / name)
    except (OSError, UnicodeDecodeError) as error:
        tell(key, f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}")
        return ""


def _imap(address: str, password: str, tell: Callable[[str, str], None]) -> ImapConfig | None:
    """A mailbox; a password goes without TLS to this machine only."""
    if not address:
        return None
    parts = urlsplit(address)
    host, tls = parts.hostname or "", parts.scheme == "imaps"
    if not tls and not LOOPBACK.fullmatch(host):
        tell("imap", "imap:// is for this machine itself: write imaps://")
    return ImapConfig(
        host=host, port=parts.port or (993 if tls else 143), tls=tls, user=unquote(parts.username or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX", password=Secret(password),
    )  # fmt: skip


def read_dkim(values: Mapping[str, Any], root: Path, sender: str) -> DkimConfig | None:
    """[dkim]; None without a key file. The domain is that of From unless said."""
    if "key_file" not in values:
        return None
    domain = values.get("domain", sender.rpartition("@")[2].rstrip("> "))
    return DkimConfig(domain=domain, selector=values.get("selector", "digestbot"), key_file=root / values["key_file"])
