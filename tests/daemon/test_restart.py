"""A restart under load: with the socket that systemd keeps, nobody is refused and nobody gets half an answer."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from command_line import ENVIRONMENT, configured
from processes import end_with_parent, wait_for

CONFIG = """
[site]
base_url = "https://papers.example.org"
[web]
listen = "127.0.0.1:1"
"""
ASK = b"GET /about HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


#: what systemd does between fork and exec
STARTS = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
"""


class Visitors:
    """Threads that ask for a page all the time, each on a connection of its own, and what they got."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address, self.got, self.over = address, Counter[str](), threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(4)]

    def come(self) -> None:
        for one in self._threads:
            one.start()

    def go(self) -> None:
        self.over.set()
        for one in self._threads:
            one.join()

    def _ask(self) -> None:
        while not self.over.is_set():
            try:
                with socket.create_connection(self.address, 60) as asked:
                    asked.sendall(ASK)
                    answer = b"".join(iter(lambda: asked.recv(65536), b""))
            except OSError as error:
                self.got[type(error).__name__] += 1
                continue
            whole = answer.startswith(b"HTTP/1.1 200") and answer.rstrip().endswith(b"</html>")
            self.got["answered" if whole else f"half an answer: {answer[:20]!r}"] += 1


@contextmanager
def serving(folder: Path, kept: socket.socket) -> Iterator[subprocess.Popen[str]]:
    """`digestbot serve` as systemd starts it: the socket is descriptor 3, and two variables say so."""
    command = [sys.executable, "-c", STARTS, str(kept.fileno()), "-m", "digestbot", "serve"]
    with subprocess.Popen(command, cwd=folder, text=True, stderr=subprocess.PIPE, env=os.environ | ENVIRONMENT,
                          pass_fds=[kept.fileno()], preexec_fn=end_with_parent) as process:  # fmt: skip  # noqa: PLW1509
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            said = process.communicate(timeout=60)[1]
            assert process.returncode == 0, said


@pytest.mark.slow
def test_a_restart_refuses_nobody_and_leaves_no_answer_half(tmp_path: Path) -> None:
    configured(tmp_path, CONFIG)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as kept:
        visitors = Visitors(kept.getsockname())
        visitors.come()
        for turn in (1, 2, 3):
            before = sum(visitors.got.values())
            with serving(tmp_path, kept):
                wait_for(lambda before=before: sum(visitors.got.values()) >= before + 100)  # type: ignore[misc]
                if turn == 3:
                    visitors.go()
    assert list(visitors.got) == ["answered"], visitors.got
