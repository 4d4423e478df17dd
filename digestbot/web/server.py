"""Server: uvicorn in a thread of its own, so that a slow page never holds up a mail."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from digestbot.daemon.live_config import LiveApp
from digestbot.errors import DigestbotError
from digestbot.system.service_manager import handed_over
from digestbot.web.application import make
from digestbot.web.connections import BACKLOG, Connections, QuietDescriptors, QuietRequests, limited

log = logging.getLogger(__name__)

START = 10.0  #: seconds until the port must be open


@contextmanager
def serving(live: LiveApp) -> Iterator[int]:
    """Serve the pages at `[web] listen`, or on the sockets of the service manager, until the block ends; yields the port.
    Raises DigestbotError when it is taken."""
    kept = handed_over()
    host, port = live.app.config.web.host, live.app.config.web.port
    config = uvicorn.Config(
        make(live), host=host, port=port, lifespan="off", log_config=None, access_log=False, proxy_headers=False,
        server_header=False, http=limited(Connections()), ws="none", backlog=BACKLOG, timeout_keep_alive=15,
        timeout_graceful_shutdown=5, h11_max_incomplete_event_size=32_768,
    )  # fmt: skip
    quiet = QuietRequests()
    logging.getLogger("uvicorn.error").addFilter(quiet)
    server = _Server(config)
    thread = threading.Thread(target=_run, args=(server, kept), name="web", daemon=True)
    thread.start()
    deadline = time.monotonic() + START
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise DigestbotError(
                f"the pages cannot be served at {host}:{port}", fix="Is the port taken? See [web] listen"
            )
        time.sleep(0.01)
    bound: int = server.servers[0].sockets[0].getsockname()[1]
    log.info("pages at http://%s:%d", host, bound) if not kept else log.info("pages at the service manager's socket")
    try:
        yield bound
    finally:
        server.should_exit = True
        thread.join(10)
        logging.getLogger("uvicorn.error").removeFilter(quiet)


class _Server(uvicorn.Server):
    """With a loop that says in a line a minute when descriptors are used up."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve, on the loop of this thread."""
        asyncio.get_running_loop().set_exception_handler(QuietDescriptors())
        await super().serve(sockets)


def _run(server: uvicorn.Server, kept: list[socket.socket]) -> None:
    try:
        server.run(kept or None)
    except SystemExit:  # uvicorn's way to say that it cannot listen; the waiting side says it better
        log.debug("the web server did not start")
