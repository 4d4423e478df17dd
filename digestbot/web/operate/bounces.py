"""POST /bounces: a mail server or a mail service hands over what came back."""

from __future__ import annotations

import hmac
import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from digestbot.app.returned_mail import take_returned_mail
from digestbot.daemon.live_config import LiveApp
from digestbot.errors import DigestbotError
from digestbot.mail.bounces.mime import LARGEST

log = logging.getLogger(__name__)


class BounceEndpoint:
    """The body is one mail; `Authorization: Bearer SECRET` opens it."""

    def __init__(self, live: LiveApp) -> None:
        self._live = live

    async def post(self, request: Request) -> Response:
        """404 without a configured secret, 401 with a wrong one, 413 for too much, 503 while the store is busy."""
        app = self._live.app
        secret = app.config.bounces.secret.reveal()
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        if not secret or not hmac.compare_digest(given, f"Bearer {secret}".encode()):
            await _pass_over(request)
            if not secret:
                return PlainTextResponse("no [bounces] secret_file is configured\n", 404)
            return PlainTextResponse("wrong secret\n", 401, {"WWW-Authenticate": "Bearer"})
        data = await _body(request)
        if data is None:
            return PlainTextResponse(f"more than {LARGEST} bytes\n", 413)
        try:
            taken = await run_in_threadpool(take_returned_mail, app, data)
        except DigestbotError as error:
            log.error("a mail that came back could not be written: %s", error)
            return PlainTextResponse("try again later\n", 503, {"Retry-After": "60"})
        return JSONResponse({"kind": taken.kind, "effect": taken.effect})


async def _pass_over(request: Request) -> None:
    """Take the body and keep none of it: a proxy that cannot hand its body over tells of a broken server, and of no answer."""
    passed = 0
    async for chunk in request.stream():
        passed += len(chunk)
        if passed > LARGEST:
            return


async def _body(request: Request) -> bytes | None:
    """The body of a request; None when it is larger than LARGEST bytes."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)
