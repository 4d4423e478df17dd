"""Admin: how everything stands as a page, and the few buttons of an operator. Off unless [admin] says who may."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from collections import Counter
from datetime import timedelta
from hashlib import sha256
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digestbot.acts.answers.status import Status, status
from digestbot.acts.delivery.outbox import list_outbox, retry, take_out
from digestbot.acts.digests.picking import pick
from digestbot.acts.digests.preview import preview_next
from digestbot.acts.people.find import find_subscriber
from digestbot.acts.people.suppressions import all_suppressions
from digestbot.digest.rendering.catalog import ENGLISH
from digestbot.errors import DigestbotError
from digestbot.system.site_key import site_key
from digestbot.web.frame.forms import posted
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)

MOST = 100  #: rows of each table
SAME = ("same-origin", "none")  #: of Sec-Fetch-Site: our own page, or typed


class Admin:
    """GET shows, POST acts. The browser sends the secret by itself, so each form carries a proof that only our page knows (CSRF)."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def _refused(self, request: Request) -> Response | None:
        """The answer to somebody who may not; None for who may."""
        config = self._site.app.config.admin
        secret = config.token.reveal()
        if not secret and not config.header:
            return self._site.message(404, Says.NO_PAGE)
        if config.header and request.scope.get("by_proxy"):
            user = request.headers.get(config.header, "")
            if user and (not config.users or user in config.users):
                return None
        given = _word(request.headers.get("authorization", ""))
        if secret and given and hmac.compare_digest(given.encode(), secret.encode()):
            return None
        answer = self._site.plain(401 if secret else 403, Says.WHO)
        if secret:
            answer.headers["WWW-Authenticate"] = 'Basic realm="digestbot", charset="UTF-8"'
        return answer

    def _proof(self, days_ago: int = 0) -> str:
        day = (self._site.app.clock() - timedelta(days=days_ago)).date().isoformat()
        key = site_key(self._site.app.feed_settings.key_file)
        return hmac.new(key, f"admin\0{day}".encode(), sha256).hexdigest()[:32]

    async def show(self, request: Request) -> Response:
        """Show how everything stands."""
        return self._refused(request) or await self._page()

    async def act(self, request: Request) -> Response:
        """Retry or release a mail, pick a paper."""
        if (refused := self._refused(request)) is not None:
            return refused
        form, app = await posted(request) or {}, self._site.app
        proofs = (self._proof(), self._proof(1))
        proven = any(hmac.compare_digest(form.get("proof", "").encode(), proof.encode()) for proof in proofs)
        if not proven or request.headers.get("sec-fetch-site", "none") not in SAME:
            return self._site.message(403, Says.STALE)
        said, wrong, now = "", "", app.clock()
        try:
            match form.get("do", ""):
                case "retry":
                    done = await run_in_threadpool(retry, app.store, _named(form), app.policy.server, now=now)
                    said = f"{len(done)} mails are tried again."
                case "release":
                    done = await run_in_threadpool(take_out, app.store, _named(form, needed=True), now=now)
                    said = f"{len(done)} mails were taken out; their papers come with the next digest."
                case "pick":
                    made = await run_in_threadpool(
                        pick, app.store, app.feed_settings, form.get("paper", ""), by=app.config.site.name,
                        why=form.get("why", ""), now=now,
                    )  # fmt: skip
                    said = f"Picked for {made.day}: {made.paper.title}"
                case _:
                    wrong = "The form said nothing we know."
        except DigestbotError as error:
            wrong = str(error)
        else:
            log.info("an operator used the page: %s", form.get("do", "")[:10])
        return await self._page(said=said, wrong=wrong)

    async def preview(self, request: Request) -> Response:
        """Show the digest that somebody would get now."""
        if (refused := self._refused(request)) is not None:
            return refused
        app = self._site.app
        try:
            person = await run_in_threadpool(find_subscriber, app.store, request.query_params.get("who", "")[:300])
            digest = await run_in_threadpool(preview_next, app.store, app.digest_settings, person, now=app.clock())
            return HTMLResponse(await run_in_threadpool(app.templates.html, digest), headers=_STYLED)
        except DigestbotError as error:
            return await self._page(wrong=str(error))

    async def _page(self, *, said: str = "", wrong: str = "") -> Response:
        values = await run_in_threadpool(self._values)
        return self._site.page(
            "admin",
            language=ENGLISH,
            status=422 if wrong else 200,
            said=said,
            wrong=wrong,
            proof=self._proof(),
            **values,
        )

    def _values(self) -> dict[str, Any]:
        app, now = self._site.app, self._site.app.clock()
        found: Status = status(app.store, now=now, day_start=now - timedelta(days=1), server=app.policy.server)
        return {
            "found": found, "people": found.people[:MOST], "more_people": len(found.people) - MOST,
            "states": Counter(p.subscriber.status for p in found.people), "outbox": list_outbox(app.store)[:MOST],
            "suppressions": all_suppressions(app.store)[-MOST:], "counts": {str(k): v for k, v in found.counts.items()},
        }  # fmt: skip


#: a mail's styles are inline
_STYLED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
}


def _named(form: Any, *, needed: bool = False) -> list[str]:
    """The mail of the button; all that wait, where none is named and that is allowed."""
    name = form.get("delivery", "")
    if needed and not name.isdecimal():
        raise DigestbotError("no mail was named")
    return [name] if name.isdecimal() else []


def _word(header: str) -> str:
    """The secret of `Bearer SECRET` or of Basic with any name."""
    kind, _, given = header.partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() == "basic":
        try:
            return base64.b64decode(given, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
