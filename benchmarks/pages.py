"""The edition and its feeds over real HTTP, beside a bare Starlette answer of the same size on the same server.

A closed loop of keep-alive connections from another process; the best of several turns each, by turns, so that both see the
same machine. The goal: at least half the bare rate.
"""

from __future__ import annotations

import multiprocessing
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.report import report
from digestbot.acts.digests.editions import update_editions
from digestbot.acts.papers.resolve import resolve
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.testing.builders import NOW, entry
from digestbot.web.server import serving

CONFIG = """
[site]
base_url = "http://127.0.0.1:8080"
[store]
url = "sqlite:///pages.db"
[web]
listen = "127.0.0.1:0"
"""
PATHS = ("/", "/feed.xml", "/feed.atom", "/feed.json")
SECONDS, TURNS, CONNECTIONS = 1.5, 3, 4


def main() -> None:
    """Print answers a second, and their share of the bare rate."""
    with tempfile.TemporaryDirectory() as name, site(Path(name)) as port:
        for path in PATHS:
            size = len(ask(port, path))
            with bare(size) as other:
                turns = [(rate(port, path), rate(other, "/")) for _ in range(1 if report.quick else TURNS)]
            ours, theirs = max(one for one, _ in turns), max(one for _, one in turns)
            what = f"{path}, {size / 1000:.1f} kB"
            report.add(what, ours, "answers a second", peer="bare Starlette", against=theirs, aim="ratio .5")


@contextmanager
def site(folder: Path) -> Iterator[int]:
    """An edition of thirty papers, served; its port."""
    main = folder / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text(CONFIG)
    with App(config=load(main), main=main, clock=lambda: NOW + timedelta(hours=1)).opened() as app:
        with app.store.transaction() as tx:
            long = "We show that attention is all there is to say about it, once more. " * 18
            tx.papers.add_entries("a", [entry(n, summary=long) for n in range(1, 31)], sha="", now=NOW)
        resolve(app.store, now=NOW)
        update_editions(app.store, app.feed_settings, now=NOW)
        with serving(LiveApp(app)) as port:
            yield port


@contextmanager
def bare(size: int) -> Iterator[int]:
    """Starlette with one route that answers so many bytes, on the same server program; its port."""
    body = b"x" * size

    async def answer(request: Request) -> Response:
        return Response(body, media_type="text/html")

    app = Starlette(routes=[Route("/", answer)])
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False, http="h11", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


def ask(port: int, path: str) -> bytes:
    """The body of one answer."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        return _exchange(connection, path)


def rate(port: int, path: str) -> float:
    """Answers a second to CONNECTIONS clients in a process of their own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(clients, (port, path))


def clients(port: int, path: str) -> float:
    """Each asks again as soon as it was answered."""
    counts = [0] * CONNECTIONS
    end = time.monotonic() + SECONDS

    def client(number: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            while time.monotonic() < end:
                _exchange(connection, path)
                counts[number] += 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


def _exchange(connection: socket.socket, path: str) -> bytes:
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return body
