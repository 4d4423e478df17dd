"""Reading a Maildir (https://cr.yp.to/proto/maildir.html): new mails, each moved to `cur` once it is done with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from digestbot.errors import DigestbotError


def new_mails(folder: Path, largest: int) -> Iterator[tuple[bytes, Callable[[], None]]]:
    """(the first `largest` bytes, a function that moves the mail to `cur`), oldest name first.

    A mail that another process took meanwhile is passed over. Raises DigestbotError when the folder cannot be read.
    """
    try:
        names = sorted(path.name for path in (folder / "new").iterdir() if path.is_file())
    except OSError as error:
        fix = "It needs the folders new, cur and tmp: is [bounces] maildir right?"
        raise DigestbotError(f"the Maildir cannot be read: {error.strerror}", where=str(folder), fix=fix) from error
    for name in names:
        try:
            with (folder / "new" / name).open("rb") as file:
                data = file.read(largest)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise DigestbotError(
                f"a mail cannot be read: {error.strerror}", where=str(folder / "new" / name)
            ) from error
        yield data, partial(_seen, folder, name)


def _seen(folder: Path, name: str) -> None:
    """Flag S: seen. Another process may have moved it."""
    (folder / "cur").mkdir(exist_ok=True)
    try:
        (folder / "new" / name).rename(folder / "cur" / f"{name.partition(':')[0]}:2,S")
    except FileNotFoundError:
        return


def put_mail(folder: Path, data: bytes, name: str) -> None:
    """Put a mail into `new`, whole or not at all, and make the Maildir where there is none. Raises DigestbotError."""
    try:
        for part in ("new", "cur", "tmp"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        with (folder / "tmp" / name).open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        (folder / "tmp" / name).rename(folder / "new" / name)
    except OSError as error:
        fix = "Is it yours to write, and is there room?"
        raise DigestbotError(f"the Maildir cannot be written: {error.strerror}", where=str(folder), fix=fix) from error
