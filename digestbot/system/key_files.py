"""Private keys in files: written for us alone, and refused where everybody may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from digestbot.errors import DigestbotError


def read_key_file(path: Path) -> bytes:
    """The bytes of a key. Raises DigestbotError for a file that is missing or open to everybody on the machine."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & (stat.S_IROTH | stat.S_IWOTH):
                raise DigestbotError(
                    "everybody on this machine may read this key", where=str(path), fix=f"chmod 600 {path}"
                )
            return file.read(1 << 16)
    except OSError as error:
        raise DigestbotError(
            f"the key cannot be read: {error.strerror}", where=str(path), fix="Make one with: digestbot dkim key"
        ) from error


def file_state(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file is written anew; None where it is not there."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino


def write_key_file(path: Path, data: bytes) -> None:
    """Mode 0600, whole or not at all: written beside and renamed. Never over a file that is there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)  # unlike rename, it fails where a key is already
    except FileExistsError as error:
        raise DigestbotError("there is a key already", where=str(path), fix="Choose another --out") from error
    except OSError as error:
        raise DigestbotError(f"the key cannot be written: {error.strerror}", where=str(path)) from error
    finally:
        beside.unlink(missing_ok=True)
