"""Forms, copies and connections: what strangers send to the pages."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import pytest
import uvicorn
from processes import wait_for
from rows import rows

from digestbot.web import connections
from digestbot.web.connections import Connections, QuietDescriptors, QuietRequests, limited, places
from digestbot.web.frame.forms import has_copy, is_one_click, read_form

MULTIPART = "multipart/form-data; boundary=b"


def part(name: str, value: str) -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


@rows(
    ("kind", "body", "leaves"),
    [
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click", True),
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One-Click\r\n", True),
        ("application/x-www-form-urlencoded; charset=utf-8", b"list-unsubscribe=one-click", True),
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=One%2DClick", True),
        ("", b"LIST-UNSUBSCRIBE=ONE-CLICK", True),
        ("text/plain", b"List-Unsubscribe=One-Click\n", True),
        ("", b"", True),
        ("application/x-www-form-urlencoded", b"\r\n", True),
        (MULTIPART, (part("List-Unsubscribe", "One-Click") + "--b--\r\n").encode(), True),
        (MULTIPART, (part("other", "1") + part("list-unsubscribe", "one-click") + "--b--").encode(), True),
        ('Multipart/Form-Data; boundary="b"', part("List-Unsubscribe", "One-Click").encode(), True),
        (MULTIPART, (part("note", "List-Unsubscribe=One-Click") + "--b--").encode(), False),
        (MULTIPART, (part("One-Click", "List-Unsubscribe") + "--b--").encode(), False),
        (MULTIPART, b"List-Unsubscribe One-Click", False),
        ("multipart/form-data", b"List-Unsubscribe One-Click", False),
        ("application/x-www-form-urlencoded", b"List-Unsubscribe=", False),
        ("application/x-www-form-urlencoded", b"note=List-Unsubscribe%3DOne-Click", False),
        ("application/x-www-form-urlencoded", b"pause=14", False),
        ("application/json", b'{"List-Unsubscribe": "One-Click"}', False),
        ("", b"\xff\xfe", False),
        ("", b"&".join(b"a%d=1" % n for n in range(2000)), False),
    ],
)
def test_only_a_body_that_is_the_one_click_form_unsubscribes(kind: str, body: bytes, leaves: bool) -> None:
    assert is_one_click(read_form(kind, body)) is leaves


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", MULTIPART])
def test_a_field_keeps_its_lines_and_loses_what_nobody_sees(kind: str) -> None:
    typed = "ti:a\0b\x1b\r\n\u202ec\u2069\ufffe 日本"
    body = part("topic", typed) + "--b--" if kind == MULTIPART else urlencode({"topic": typed})
    assert read_form(kind, body.encode())["topic"] == "ti:ab\r\nc 日本"


@rows(
    ("given", "same"),
    [('"abc"', True), ('W/"abc"', True), ('"x", "abc"', True), ('"abc-gzip"', True), ('"abc--gzip"', True), ('W/"abc;gzip"', True),
     ('"x","abc-br"', True), ("*", True), ("abc", True), ("", False), ('"abcd"', False), ('"ab"', False), ('"x-gzip"', False)],
)  # fmt: skip
def test_a_copy_is_known_however_its_etag_comes_back(given: str, same: bool) -> None:
    assert has_copy(given, '"abc"') is same


Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def _echo(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


@contextmanager
def served(limits: Connections) -> Iterator[int]:
    config = uvicorn.Config(_echo, port=0, lifespan="off", log_config=None, http=limited(limits), ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)


def _open(port: int, begin: bytes = b"GET / HTTP/1.1\r\nHost: x\r\n") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=60)
    made.sendall(begin)
    return made


def _answer(port: int) -> bytes:
    with _open(port, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") as asked:
        return asked.recv(4096)


def test_half_open_requests_make_room_for_whole_ones_and_take_no_more_places_than_there_are() -> None:
    limits = Connections(most=10)
    with served(limits) as port:
        half = [_open(port) for _ in range(40)]
        wait_for(lambda: len(limits.open) == 10)
        for _ in range(5):
            assert _answer(port).startswith(b"HTTP/1.1 200")
        assert len(limits.open) <= 10
        for one in half:
            one.close()
        wait_for(lambda: not limits.open)


@pytest.mark.parametrize(
    "begin",
    [b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"],
    ids=["nothing", "head", "body"],
)
def test_a_request_that_does_not_come_to_its_end_is_cut_off(begin: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD", 0.2)
    monkeypatch.setattr(connections, "BODY", 0.2)
    limits = Connections()
    with served(limits) as port, _open(port, begin) as half:
        with suppress(ConnectionResetError):
            assert half.recv(100) == b""
        wait_for(lambda: not limits.open)


def test_who_has_just_connected_is_answered_before_the_server_stops() -> None:
    limits = Connections()
    config = uvicorn.Config(_echo, port=0, lifespan="off", log_config=None, http=limited(limits), ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started)
    with _open(server.servers[0].sockets[0].getsockname()[1], b"") as early:
        wait_for(lambda: limits.open)
        [connection] = limits.open
        server.should_exit = True
        wait_for(lambda: connection._last)
        early.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        answer = b"".join(iter(lambda: early.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    thread.join(10)
    assert not thread.is_alive()


def test_a_drip_of_bytes_does_not_stretch_the_time_for_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD", 0.3)
    limits = Connections()

    def cut_off() -> bool:
        try:
            half.sendall(b"a")
        except OSError:
            return True
        return False

    with served(limits) as port, _open(port) as half:
        wait_for(cut_off)


def test_one_client_has_no_more_places_than_are_for_one_but_this_machine_may_be_a_proxy() -> None:
    limits = Connections(most=100, of_one_client=2)
    made: list[Any] = [object() for _ in range(4)]
    assert [limits.admit(one, "192.0.2.1") for one in made] == [True, True, False, False]
    assert limits.admit(made[2], "192.0.2.2")
    assert all(limits.admit(one, "127.0.0.1") for one in [object(), object(), object()])  # type: ignore[arg-type]
    limits.leave(made[0])
    assert limits.admit(made[3], "192.0.2.1")


def test_descriptors_are_kept_back_for_mail_and_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    found = []
    for soft in (256, 1024, 1_000_000, 100):
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        found.append(places())
    assert found == [64, 500, 500, 8]


@pytest.mark.parametrize(
    "request_",
    [
        b"\x00" * 5000,
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ],
)
def test_what_is_no_request_is_answered_or_cut_off_and_logs_nothing(
    request_: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with served(Connections()) as port, caplog.at_level(logging.INFO), _open(port, request_) as broken:
        with suppress(ConnectionResetError):
            assert broken.recv(100)[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 200", b"HTTP/1.1 501", b"")
        assert _answer(port).startswith(b"HTTP/1.1 200")
    quiet = QuietRequests()
    assert not [record for record in caplog.records if record.name == "uvicorn.error" and quiet.filter(record)]


def test_used_up_descriptors_are_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    loop, quiet = asyncio.new_event_loop(), QuietDescriptors()
    with caplog.at_level(logging.ERROR):
        for _ in range(100):
            quiet(loop, {"message": "accept", "exception": OSError(errno.EMFILE, "Too many open files")})
        assert len(caplog.records) == 1
        quiet(loop, {"message": "something else"})
        assert len(caplog.records) == 2
    loop.close()
