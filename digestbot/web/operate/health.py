"""GET /healthz: whether the loop comes round, and whether the database answers."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from digestbot.acts.intake.questions import was_polled
from digestbot.errors import DigestbotError
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)


class Health:
    """For monitors."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def health(self, request: Request) -> Response:
        """`ok`, when the loop comes round and the database answers."""
        if late := self._site.live.heartbeat.standing_for:
            return PlainTextResponse(f"the loop has not come round for {late:.0f} s\n", 503)
        try:
            await run_in_threadpool(was_polled, self._site.app.store)
        except DigestbotError as error:
            log.error("not healthy: %s", error)
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ok\n")
