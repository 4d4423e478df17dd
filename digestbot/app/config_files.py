"""The files of a configuration: find, read, check and extend them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from digestbot import plugins, settings
from digestbot.errors import ConfigError, ConfigProblem, DigestbotError
from digestbot.settings import Config
from digestbot.system.files import replace_file

if TYPE_CHECKING:  # heavy, and needed by some commands only
    from digestbot.settings.writing import NewSource


def load(main: Path) -> Config:
    """Read and check the configuration. Raises ConfigError with every problem of all files."""
    return checked(read_texts(main), main)


def read_texts(main: Path) -> list[tuple[str, str]]:
    """(name, text) of the main file and the files of subscribers beside it. Raises ConfigError."""
    if not main.is_file():
        what = f"there is no configuration file {main}"
        raise ConfigError((ConfigProblem(file=str(main), what=what, detail="Write one with: digestbot init"),))
    return [(_shown(path), _text(path)) for path in settings.files(main)]


def read_main(main: Path) -> str:
    """The text of the main file, as far as it can be read."""
    try:
        return main.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def checked(texts: Sequence[tuple[str, str]], main: Path, last: Config | None = None) -> Config:
    """The configuration of these texts, as if they stood in the files of `main`. Raises ConfigError.

    `last` is what was read of these files before.
    """
    return settings.read(
        texts,
        root=root_of(main),
        kinds=plugins.Kinds(plugins.SOURCES),
        channels=plugins.Kinds(plugins.CHANNELS).keys(),
        environ=os.environ,
        read_secret=lambda path: path.read_text(encoding="utf-8").strip(),
        last=last,
    )


def root_of(main: Path) -> Path:
    """What relative paths of the configuration are relative to: the folder above the main file's."""
    return main.resolve().parent.parent


def add_sources(main: Path, new: Sequence[NewSource]) -> str:
    """Write sources into the main file, and leave the rest of it untouched; the blocks that were added.

    Nothing is written unless the whole configuration loads with them. Raises ConfigError or DigestbotError.
    """
    from digestbot.settings.writing import with_sources

    before = read_texts(main)
    checked(before, main)  # an error that was there before is reported as such
    try:
        made = with_sources(before[0][1], new)
    except ValueError as error:
        raise DigestbotError(str(error), where=_shown(main)) from error
    checked([(_shown(main), made), *before[1:]], main)
    replace_file(main.resolve(), made.encode())
    return "\n".join(one.toml() for one in new)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError((ConfigProblem(file=_shown(path), what=f"cannot be read: {error}"),)) from error


def _shown(path: Path) -> str:
    """The path as a person would write it from where they stand."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)
