"""[bounces] and [dkim]: how mails that come back reach us, and how ours are signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from digestbot.model import Secret
from digestbot.settings.config import BouncesConfig, DkimConfig

SHORTEST_SECRET = 16  #: characters a shared secret has at least


def read_bounces(
    values: Mapping[str, Any], root: Path, read_secret: Callable[[Path], str], tell: Callable[[str, str], None]
) -> BouncesConfig:
    """[bounces]. `tell` is given (key, what is wrong)."""
    maildir, name = values.get("maildir"), values.get("secret_file")
    secret = ""
    if name:
        try:
            secret = read_secret(root / name)
        except (OSError, UnicodeDecodeError) as error:
            tell("secret_file", f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}")
        else:
            if 0 < len(secret) < SHORTEST_SECRET:  # an empty file opens nothing
                tell("secret_file", f"{name} holds fewer than {SHORTEST_SECRET} characters")
    return BouncesConfig(maildir=root / maildir if maildir else None, secret=Secret(secret))


def read_dkim(values: Mapping[str, Any], root: Path, sender: str) -> DkimConfig | None:
    """[dkim]; None without a key file. The domain is that of From unless said."""
    if "key_file" not in values:
        return None
    domain = values.get("domain", sender.rpartition("@")[2].rstrip("> "))
    return DkimConfig(domain=domain, selector=values.get("selector", "digestbot"), key_file=root / values["key_file"])
