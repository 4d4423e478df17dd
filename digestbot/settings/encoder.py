"""[encoder]: which sentence encoder helps the readers' own models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digestbot.model import Secret
from digestbot.settings.config import EncoderConfig

LOCAL, ENDPOINT = "local", "endpoint"
_OWN = ("localhost", "127.0.0.1", "::1")


def read_encoder(
    values: Mapping[str, Any], root: Path, read_secret: Callable[[Path], str], tell: Callable[[str, str, str], None]
) -> EncoderConfig | None:
    """[encoder]; None without it. `tell` is given (table, key, what is wrong)."""
    if not values.get("use"):  # without the table, or wrong: told already
        return None
    if values["use"] == LOCAL:
        for other in ("url", "key_file"):
            if other in values:
                tell("encoder", other, 'belongs to use = "endpoint"')
        folder = values.get("model")
        return EncoderConfig(folder=root / folder if folder else None)
    for needed, what in (("url", "its address, like https://api.openai.com/v1"), ("model", "the name of its model")):
        if not values.get(needed):
            tell("encoder", needed, f'use = "endpoint" needs {what}')
    url, key = values.get("url", ""), _key(values, root, read_secret, tell)
    if key and urlsplit(url).scheme == "http" and urlsplit(url).hostname not in _OWN:
        tell("encoder", "url", "the key would go over the network as plain text: use https://")
    return EncoderConfig(url=url, model=values.get("model", ""), key=key)


def _key(
    values: Mapping[str, Any], root: Path, read_secret: Callable[[Path], str], tell: Callable[[str, str, str], None]
) -> Secret:
    if not (name := values.get("key_file")):
        return Secret("")
    try:
        return Secret(read_secret(root / name))
    except (OSError, UnicodeDecodeError) as error:
        tell("encoder", "key_file", f"{name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}")
        return Secret("")
