"""Log in to services that give nothing to strangers: one log-in for as long as the transport is open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from digestbot.model import Fetched, ReadStatus, Request, ServiceLogin

REFUSED = (401, 403)  #: a token that is no longer good is answered like none


class LogIns:
    """The tokens of one transport. They stand in memory only, and in no value that is given back."""

    def __init__(
        self, post: Callable[[ServiceLogin], Awaitable[Fetched]], get: Callable[[Request], Awaitable[Fetched]]
    ) -> None:
        self._post, self._get = post, get
        self._tokens: dict[ServiceLogin, str] = {}
        self._turn = asyncio.Lock()

    async def fetch(self, request: Request, login: ServiceLogin) -> Fetched:
        """The request with the token of its log-in; once more with a new one when an old one is refused."""
        fetched, was_old = await self._signed(request, login)
        if was_old and fetched.http_status in REFUSED:
            self._tokens.pop(login, None)
            fetched, _ = await self._signed(request, login)
        return replace(fetched, request=request)

    async def _signed(self, request: Request, login: ServiceLogin) -> tuple[Fetched, bool]:
        """(what came, whether the token is of an earlier request)."""
        async with self._turn:  # several requests at once must not log in several times
            was_old = login in self._tokens
            token = self._tokens.get(login) or await self._log_in(login)
            if isinstance(token, Fetched):
                return token, False
            self._tokens[login] = token
        return await self._get(
            replace(request, headers={**request.headers, "Authorization": f"Bearer {token}"})
        ), was_old

    async def _log_in(self, login: ServiceLogin) -> str | Fetched:
        """The token, or why there is none."""
        fetched = await self._post(login)
        if fetched.response is None:
            return replace(fetched, error=f"the log-in failed: {fetched.error}")
        try:
            said = json.loads(fetched.response.body)
        except (ValueError, RecursionError):
            said = None
        token = said.get(login.token) if isinstance(said, dict) else None
        if isinstance(token, str) and token and token.isprintable():
            return token
        second = " (does it want a second factor? digestbot has none)" if isinstance(said, dict) and said else ""
        return replace(
            fetched,
            status=ReadStatus.UNREADABLE,
            response=None,
            error=f"the log-in gave no token{second}",
            etag="",
            last_modified="",
        )
