"""Files and folders: a file is written beside its place and then moved there, so that nobody reads half of it.

What root makes in a folder of another user belongs to that user: a service must be able to write what an administrator's
command made for it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from digestbot.errors import DigestbotError

PRIVATE, PRIVATE_FOLDER = 0o600, 0o700


def read_if_there(path: Path) -> bytes | None:
    """The bytes of a file; None when it does not exist."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def make_folder(path: Path, *, mode: int = 0o777) -> None:
    """Make a folder and the folders above it, each with the owner of the folder it stands in. Raises DigestbotError.

    One that exists keeps its rights; a new one gets `mode`, as far as the umask allows.
    """
    if path.is_dir():  # most often: a feed's folder
        return
    missing = [one for one in (path, *path.parents) if not one.exists()]
    for one in reversed(missing):
        with _errors(one, "cannot be made"):
            one.mkdir(mode=mode if one == path else 0o777, exist_ok=True)
            give_to_owner_of(one.parent, one)


def replace_file(path: Path, data: bytes, *, mode: int | None = None) -> bool:
    """Write `data` to `path`, whole or not at all; False when these bytes stand there already.

    A file that exists keeps its rights; a new one gets `mode`, or what the umask leaves. Raises DigestbotError.
    """
    there = read_if_there(path)
    if there == data:
        return False
    make_folder(path.parent)
    with _moved_whole(path, path.parent if there is None else path) as beside:
        beside.write_bytes(data)
        if there is not None:
            shutil.copymode(path, beside)
        elif mode is not None:
            beside.chmod(mode)
    return True


@contextmanager
def writing_beside(path: Path) -> Iterator[Path]:
    """Give a name beside `path`; what stands there at the end of the block is moved to `path`. Raises DigestbotError."""
    with _moved_whole(path, path if path.exists() else path.parent) as beside:
        try:
            yield beside
        finally:
            for name in (f"{beside.name}-wal", f"{beside.name}-shm"):  # a database has files beside it
                beside.with_name(name).unlink(missing_ok=True)


@contextmanager
def _moved_whole(path: Path, owned_as: Path) -> Iterator[Path]:
    """The same for a file that has none beside it; it belongs to who owns `owned_as`."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    with _errors(path, "cannot be written"):
        try:
            yield beside
            give_to_owner_of(owned_as, beside)
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise


def create_private(path: Path, data: bytes) -> bool:
    """Make a file that only its owner can read, whole or not at all; False when there is one already. Raises
    DigestbotError."""
    make_folder(path.parent)
    beside = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(3)}")
    with _errors(path, "cannot be written"):
        try:
            number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
            with os.fdopen(number, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            give_to_owner_of(path.parent, beside)
            os.link(beside, path)  # unlike rename, it fails where there is a file already
        except FileExistsError:
            return False
        finally:
            beside.unlink(missing_ok=True)
    return True


@contextmanager
def private_copy(path: Path) -> Iterator[Path]:
    """A copy of a file in a folder of its own, gone after the block. Raises DigestbotError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with _errors(path, "cannot be read"):
            shutil.copyfile(path, copy)
        yield copy


def remove_file(path: Path) -> bool:
    """Remove a file; False when there is none. Raises DigestbotError."""
    with _errors(path, "cannot be removed"):
        there = path.is_file()
        path.unlink(missing_ok=True)
    return there


def size_of(path: Path) -> int:
    """The size of a file in bytes."""
    return path.stat().st_size


def give_to_owner_of(other: Path, path: Path) -> None:
    """Run by root, a command makes files for the user whose folder it is."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = other.stat()
        with suppress(OSError):  # a file system without owners
            os.chown(path, owner.st_uid, owner.st_gid)


@contextmanager
def _errors(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fix = "Free some space, or choose another place" if error.errno == 28 else "Is the folder yours to write?"
        raise DigestbotError(f"{what}: {error.strerror or error}", where=str(path), fix=fix) from error


@contextmanager
def text_lines(path: Path) -> Iterator[Iterable[str]]:
    """The lines of a file that may be large, with their ends as they are. Raises OSError."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield file


def disk_space(folder: Path) -> tuple[int, int]:
    """(free, whole) space in bytes of the disk that holds the folder, or would: its nearest parent that exists is asked."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    return usage.free, usage.total
