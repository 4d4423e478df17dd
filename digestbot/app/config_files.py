"""The files of a configuration: found, read, checked, and extended."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from digestbot import plugins, settings
from digestbot.errors import ConfigError, ConfigProblem, DigestbotError
from digestbot.settings import Config

if TYPE_CHECKING:  # needed by one command only
    from digestbot.settings.writing import NewSource


def load(main: Path) -> Config:
    """Read and check the configuration. Raises ConfigError with every problem of all files."""
    if not main.is_file():
        what = f"there is no configuration file {main}"
        raise ConfigError((ConfigProblem(file=str(main), what=what, detail="Write one with: digestbot init"),))
    return _checked([(_shown(path), _text(path)) for path in settings.files(main)], main)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((ConfigProblem(file=_shown(path), what=f"cannot be read: {error}"),)) from error


def add_sources(main: Path, new: Sequence[NewSource]) -> str:
    """Write sources into the main file, everything else of it untouched; the blocks that were added.

    Nothing is written unless the whole configuration loads with them. Raises ConfigError or DigestbotError.
    """
    from digestbot.settings.writing import with_sources

    load(main)  # what is wrong already is said as such
    before = [(path, _text(path)) for path in settings.files(main)]
    try:
        made = with_sources(before[0][1], new)
    except ValueError as error:
        raise DigestbotError(str(error), where=_shown(main)) from error
    _checked([(_shown(main), made), *((_shown(path), text) for path, text in before[1:])], main)
    _replace_text(main.resolve(), made)
    return "\n".join(one.toml() for one in new)


def _replace_text(path: Path, text: str) -> None:
    """Whole or not at all, with the rights the file had."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(text.encode())
        shutil.copymode(path, beside)
        os.replace(beside, path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DigestbotError(f"cannot be written: {error.strerror}", where=_shown(path)) from error


def _checked(texts: Sequence[tuple[str, str]], main: Path) -> Config:
    return settings.read(
        texts,
        root=main.resolve().parent.parent,
        kinds=plugins.Kinds(plugins.SOURCES),
        channels=plugins.Kinds(plugins.CHANNELS).keys(),
        environ=os.environ,
        read_secret=lambda path: path.read_text(encoding="utf-8").strip(),
    )


def _shown(path: Path) -> str:
    """As a person would name it from where they stand."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
