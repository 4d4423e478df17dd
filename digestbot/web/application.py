"""The application: the routes of all wings, the answers when there is none, and the edge around them."""

from __future__ import annotations

import logging

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from digestbot.daemon.live_config import LiveApp
from digestbot.errors import StoreError
from digestbot.web.frame.edge import Edge
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site
from digestbot.web.operate import routing as operate
from digestbot.web.people import routing as people
from digestbot.web.reading import routing as reading

log = logging.getLogger(__name__)


def make(live: LiveApp) -> ASGIApp:
    """The web part, always of the configuration in force."""
    site = Site(live)
    failed = Failures(site)
    made = Starlette(
        routes=[*operate.routes(site), *people.routes(site), *reading.routes(site)],  # `reading` ends with any name
        exception_handlers={
            404: failed.missing,
            405: failed.refused,
            500: failed.broken,
            StoreError: failed.busy,
            ClientDisconnect: failed.hung_up,
        },
    )
    made.router.redirect_slashes = False  # it would lead to whatever host the client named
    return Edge(made, failed.elsewhere, live)


class Failures:
    """Answers to what cannot be answered."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def missing(self, request: Request, error: Exception) -> Response:
        """Answer that there is no such page."""
        return self._site.message(404, Says.NO_PAGE)

    async def elsewhere(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer whoever asks for a host that is not ours: it repeats no host, and tells nothing of the site."""
        await self._site.plain(400, Says.NO_HOST)(scope, receive, send)

    async def refused(self, request: Request, error: Exception) -> Response:
        """There is such a page, but not for this method."""
        answer = self._site.message(405, Says.ONLY_READ)
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer

    async def hung_up(self, request: Request, error: Exception) -> Response:
        """A request that breaks off is no error; nobody reads the answer."""
        return Response(status_code=400)

    async def busy(self, request: Request, error: Exception) -> Response:
        """The database is busy, full or away: nothing that the reader did."""
        log.error("a page could not be made: %s", error)
        answer = self._site.message(503, Says.BUSY)
        answer.headers["Retry-After"] = "60"
        return answer

    async def broken(self, request: Request, error: Exception) -> Response:
        """Answer for a bug of ours: it is logged for the operator and not shown."""
        return self._site.message(500, Says.BROKEN)
