"""Pages: routes and answers. Acts decide; templates show."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from digestbot.acts.digests.feed_files import private_feed
from digestbot.acts.intake.questions import was_polled
from digestbot.acts.people import sync as people
from digestbot.acts.site import links
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.errors import DigestbotError
from digestbot.mail.link_tokens import Purpose
from digestbot.model import Digest, Subscriber
from digestbot.web.bounces import BounceEndpoint
from digestbot.web.forms import has_copy, is_one_click, read_form

log = logging.getLogger(__name__)

LARGEST_FORM = 16_384  #: bytes; python-multipart would be a package more for three fields
PAUSES = (14, 31)  #: days; `pause_14`, `pause_31` of the strings
FEEDS = {
    "feed.xml": "application/rss+xml",
    "feed.atom": "application/atom+xml",
    "feed.json": "application/feed+json",
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Cache-Control": "private, no-store",
}


def make(live: LiveApp) -> Starlette:
    """The web part, always of the configuration in force."""
    pages, bounces = Pages(live), BounceEndpoint(live)
    # GET of a route answers HEAD too, without a body
    made = Starlette(
        routes=[
            Route("/healthz", pages.health),
            Route("/u/{token}", pages.leave, methods=["GET"]),
            Route("/u/{token}", pages.act, methods=["POST"]),
            Route("/u/{token}/", pages.leave, methods=["GET"]),
            Route("/u/{token}/", pages.act, methods=["POST"]),
            Route("/d/{token}", pages.digest),
            Route("/f/{token}/{name}", pages.feed),
            Route("/bounces", bounces.post, methods=["POST"]),
        ],
        exception_handlers={
            404: pages.missing,
            405: pages.refused,
            500: pages.broken,
            ClientDisconnect: pages.hung_up,
        },
    )
    made.router.redirect_slashes = False  # it would lead to whatever host the client named
    return made


class Pages:
    """One method for each page."""

    def __init__(self, live: LiveApp) -> None:
        self._live = live

    @property
    def app(self) -> App:
        """The app of the configuration in force."""
        return self._live.app

    async def health(self, request: Request) -> Response:
        """`ok`, when the loop comes round and the database answers."""
        if late := self._live.heartbeat.standing_for:
            return PlainTextResponse(f"the loop has not come round for {late:.0f} s\n", 503, HEADERS)
        try:
            await run_in_threadpool(was_polled, self.app.store)
        except DigestbotError as error:
            log.error("not healthy: %s", error)
            return PlainTextResponse("the database does not answer\n", 503, HEADERS)
        return PlainTextResponse("ok\n", headers=HEADERS)

    async def leave(self, request: Request) -> Response:
        """Show the unsubscribe and pause page. Changes nothing."""
        found = await self._whose(request, "leave")
        return self._control(found[0]) if found else self._gone()

    async def act(self, request: Request) -> Response:
        """Unsubscribe (RFC 8058, or the button), pause, resume."""
        found = await self._whose(request, "leave")
        if found is None:
            return self._gone()
        subscriber, now = found[0], self.app.clock()
        form = await _form(request)
        if form is None:
            return self._message(413, "That was too much", "The form was larger than any of ours.")
        if is_one_click(form):
            await run_in_threadpool(people.leave, self.app.store, subscriber, now=now)
            log.info("%s unsubscribed", subscriber.ref)
        elif (days := form.get("pause", "")) in {str(days) for days in PAUSES}:
            until = now + timedelta(days=int(days))
            await run_in_threadpool(people.pause, self.app.store, subscriber, until=until, now=now)
            log.info("%s paused for %s days", subscriber.ref, days)
        elif "resume" in form:
            await run_in_threadpool(people.resume, self.app.store, subscriber, now=now)
            log.info("%s resumed", subscriber.ref)
        else:
            return self._message(400, "Nothing was changed", "The form said nothing we know.")
        again = await self._whose(request, "leave")
        return self._control(again[0]) if again else self._gone()

    async def digest(self, request: Request) -> Response:
        """A digest's own page."""
        found = await self._whose(request, "page")
        if found is None or found[1] is None:
            return self._gone()
        shown = self.app.linker.shown(found[1])
        html = await run_in_threadpool(self.app.templates.web_digest, shown)
        return HTMLResponse(html, headers=HEADERS)

    async def feed(self, request: Request) -> Response:
        """A private feed; 304 when the reader has it already."""
        found = await self._whose(request, "feed")
        kind = FEEDS.get(request.path_params["name"])
        if found is None or kind is None:
            return self._gone()
        made = await run_in_threadpool(private_feed, self.app.store, self.app.feed_settings, found[0])
        data = made[request.path_params["name"]]
        headers = HEADERS | {"ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"', "Cache-Control": "private, no-cache"}
        if has_copy(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=kind, headers=headers)

    async def missing(self, request: Request, error: Exception) -> Response:
        """No such page."""
        return self._message(404, "There is no such page", "The address may have been cut when it was copied.")

    async def refused(self, request: Request, error: Exception) -> Response:
        """There is such a page, but not for this method."""
        answer = self._message(405, "This cannot be done here", "The page is there to be read.")
        answer.headers.update(getattr(error, "headers", None) or {})
        return answer

    async def hung_up(self, request: Request, error: Exception) -> Response:
        """A request that breaks off is no error; nobody reads the answer."""
        return Response(status_code=400)

    async def broken(self, request: Request, error: Exception) -> Response:
        """Answer for a bug of ours: it is logged for the operator and not shown."""
        log.error("a page could not be made: %s", type(error).__name__)
        return self._message(500, "That went wrong", "It is our fault, and has been written down. Try again later.")

    async def _whose(self, request: Request, purpose: Purpose) -> tuple[Subscriber, Digest | None] | None:
        found = await run_in_threadpool(links.whose, self.app.store, request.path_params["token"], purpose)
        return found if found is not None and found[0].status != "removed" else None

    def _control(self, subscriber: Subscriber) -> Response:
        left = subscriber.status == "left" or subscriber.suppressed == people.UNSUBSCRIBED
        html = self.app.templates.web_control(
            subscriber, self.app.clock(), site=self.app.config.site.name, left=left, pauses=PAUSES
        )
        return HTMLResponse(html, headers=HEADERS)

    def _gone(self) -> Response:
        """The same answer for every token that opens nothing, so that nobody learns whether it ever did."""
        return self._message(404, "This link opens nothing", "It may be old, or cut when it was copied.")

    def _message(self, status: int, heading: str, text: str) -> Response:
        return self._page("message", status=status, heading=heading, text=text, contact=self.app.config.site.contact)

    def _page(self, name: str, *, status: int = 200, **values: Any) -> Response:
        html = self.app.templates.page(name, site=self.app.config.site.name, **values)
        return HTMLResponse(html, status, HEADERS)


async def _form(request: Request) -> Mapping[str, str] | None:
    """The fields of a form; None for one that is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    return read_form(request.headers.get("content-type", ""), body)
