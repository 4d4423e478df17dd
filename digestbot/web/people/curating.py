"""The curator's page: picks for the open edition, behind the link of a curator's own mails."""

from __future__ import annotations

import logging

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digestbot.acts.digests.picking import approve, pick, picked, unpick
from digestbot.errors import DigestbotError
from digestbot.model import Subscriber
from digestbot.web.frame.forms import posted
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)

LONGEST_NAME = 60  #: characters of what a curator is called beside a pick


class Curating:
    """GET shows, POST picks. Only for subscribers whom `[edition] curators` names, by id or address."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def _curator(self, request: Request) -> Subscriber | None:
        found = await self._site.whose(request.path_params["token"], "preferences")
        if found is None or found[0].status != "active":
            return None
        named = {name.casefold() for name in self._site.app.config.edition.curators}
        return found[0] if {found[0].ref.casefold(), found[0].email.casefold()} & named else None

    async def show(self, request: Request) -> Response:
        """Show what was picked, and the form."""
        curator = await self._curator(request)
        return await self._page(curator) if curator else self._site.gone()

    async def act(self, request: Request) -> Response:
        """Pick, take back, let a held edition go."""
        curator = await self._curator(request)
        if curator is None:
            return self._site.gone()
        form, app, wrong = await posted(request) or {}, self._site.app, ""
        settings, now, paper = app.feed_settings, app.clock(), form.get("paper", "")[:500]
        try:
            if form.get("do") == "pick" and paper:
                name = form.get("by", "")[:LONGEST_NAME] or name_of(curator)
                await run_in_threadpool(pick, app.store, settings, paper, by=name, why=form.get("why", ""), now=now)
            elif form.get("do") == "remove" and paper:
                await run_in_threadpool(unpick, app.store, settings, paper, now=now)
            elif form.get("do") == "approve":
                await run_in_threadpool(approve, app.store, settings, form.get("day", "")[:10], now=now)
            else:
                return self._site.message(400, Says.NOT_KNOWN)
        except DigestbotError as error:
            wrong = str(error)
        else:
            log.info("%s curated the edition", curator.ref)
        return await self._page(curator, wrong=wrong, form=form)

    async def _page(self, curator: Subscriber, *, wrong: str = "", form: object = None) -> Response:
        app = self._site.app
        day, picks = await run_in_threadpool(picked, app.store, app.feed_settings, now=app.clock())
        typed = form if wrong and isinstance(form, dict) else {}
        return self._site.page(
            "curate", status=422 if wrong else 200, language=curator.language, day=day, picks=picks, wrong=wrong,
            by=typed.get("by", "") or next((p.by for p in reversed(picks)), "") or name_of(curator),
            paper=typed.get("paper", ""), why=typed.get("why", ""), hold=app.config.edition.hold,
        )  # fmt: skip


def name_of(curator: Subscriber) -> str:
    """What stands beside their picks: nothing that the public should not read, as the made-up id of who joined by the page."""
    return curator.name or (curator.ref if curator.origin == "file" else "")
