"""A scripted web server for tests and the demo, on loopback, in a thread of its own."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. With `etag` or `last_modified` a conditional request that fits gets 304."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    delay: float = 0.0  #: seconds before the first byte
    drip: float = 0.0  #: seconds between single bytes
    packed: bool = False  #: gzip
    cut: int | None = None  #: bytes after which the connection is closed


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came; header names are lower case."""

    path: str
    headers: Mapping[str, str]
    at: float  #: time.monotonic()
    posted: bytes = b""  #: what a POST held


@dataclass(slots=True)
class Site:
    """path → a reply, or replies played one after the other (the last one stays). Paths include the query."""

    pages: dict[str, Reply | list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    turns: dict[str, int] = field(default_factory=dict)
    to_post: Callable[[Asked], Reply] | None = None  #: answers a POST by what it held; None: as a GET

    def answer(self, path: str) -> Reply:
        """Returns the reply whose turn it is for this path."""
        page = self.pages.get(path) or self.pages.get(path.partition("?")[0]) or Reply(status=404, body=b"not here")
        if isinstance(page, Reply):
            return page
        turn = self.turns.get(path, 0)
        self.turns[path] = turn + 1
        return page[min(turn, len(page) - 1)]


def fixed(body: bytes, content_type: str = "application/xml") -> Reply:
    """Returns a reply whose ETag is made of its bytes."""
    return Reply(body=body, etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"', headers={"Content-Type": content_type})


@contextmanager
def running(site: Site) -> Iterator[str]:
    """Serves the site while the block runs; yields its address without a slash at the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            """Answers any path."""
            said = {name.lower(): value for name, value in self.headers.items()}
            site.asked.append(Asked(self.path, said, time.monotonic()))
            _send(self, site.answer(self.path), said)

        def do_POST(self) -> None:
            """Answers any path: as the site says, else as to a GET."""
            said = {name.lower(): value for name, value in self.headers.items()}
            posted = self.rfile.read(int(said.get("content-length", "0")))
            site.asked.append(asked := Asked(self.path, said, time.monotonic(), posted))
            _send(self, site.to_post(asked) if site.to_post is not None else site.answer(self.path), said)

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, *_: object) -> None:
            """Says nothing of clients that hang up: they are part of the tests."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, reply: Reply, said: Mapping[str, str]) -> None:
    if reply.delay:
        time.sleep(reply.delay)
    known = _is_known(reply, said)
    body = b"" if known else gzip.compress(reply.body) if reply.packed else reply.body
    handler.send_response(304 if known else reply.status)
    for name, value in (("ETag", reply.etag), ("Last-Modified", reply.last_modified), *reply.headers.items()):
        if value:
            handler.send_header(name, value)
    if not known:
        _send_headers_of(handler, body, packed=reply.packed)
    handler.end_headers()
    _write(handler, body if reply.cut is None else body[: reply.cut], reply.drip)
    if reply.cut is not None:
        handler.close_connection = True


def _is_known(reply: Reply, said: Mapping[str, str]) -> bool:
    """Whether the request's validators are those of the reply; an ETag wins over a date (RFC 9110 13.2.2)."""
    if reply.etag:
        return said.get("if-none-match") == reply.etag
    return bool(reply.last_modified) and said.get("if-modified-since") == reply.last_modified


def _send_headers_of(handler: BaseHTTPRequestHandler, body: bytes, *, packed: bool) -> None:
    if packed:
        handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Content-Length", str(len(body)))


def _write(handler: BaseHTTPRequestHandler, body: bytes, drip: float) -> None:
    """Writes the body at once, or byte by byte with a pause of `drip` seconds after each."""
    for part in (body[at : at + 1] for at in range(len(body))) if drip else (body,):
        handler.wfile.write(part)
        handler.wfile.flush()
        time.sleep(drip)
