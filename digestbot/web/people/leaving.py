"""Leave, get fewer mails, pause, come back: the page behind the unsubscribe link of a mail."""

from __future__ import annotations

import logging
from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digestbot.acts.people import sync as people
from digestbot.acts.people.fewer_mails import choose_fewer, fewer_mails
from digestbot.digest.rendering.form_mails import LeaveOffer
from digestbot.model import Subscriber
from digestbot.model.people import UNSUBSCRIBED
from digestbot.web.frame.forms import is_one_click, posted
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)

PAUSES = (14, 31)  #: days; `pause_14`, `pause_31` of the strings


class Leaving:
    """The page of the unsubscribe link: GET shows it, POST acts."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, request: Request) -> Response:
        """Show the unsubscribe and pause page. Changes nothing."""
        found = await self._site.whose(request.path_params["token"], "leave")
        return self._control(found[0]) if found else self._site.gone()

    async def act(self, request: Request) -> Response:
        """Unsubscribe (RFC 8058, or the button), choose fewer mails, pause, resume."""
        site, token = self._site, request.path_params["token"]
        found = await site.whose(token, "leave")
        if found is None:
            return site.gone()
        subscriber, now, chosen = found[0], site.app.clock(), ""
        form = await posted(request)
        if form is None:
            return site.message(413, Says.TOO_LARGE)
        if is_one_click(form):
            await run_in_threadpool(people.leave, site.app.store, subscriber, now=now)
            log.info("%s unsubscribed", subscriber.ref)
        elif (days := form.get("pause", "")) in {str(days) for days in PAUSES}:
            until = now + timedelta(days=int(days))
            await run_in_threadpool(people.pause, site.app.store, subscriber, until=until, now=now)
            log.info("%s paused for %s days", subscriber.ref, days)
        elif "resume" in form:
            await run_in_threadpool(people.resume, site.app.store, subscriber, now=now)
            log.info("%s resumed", subscriber.ref)
        elif await run_in_threadpool(choose_fewer, site.app.store, subscriber, form.get("fewer", ""), now=now):
            chosen = form["fewer"]
            log.info("%s chose fewer mails: %s", subscriber.ref, chosen)
        else:
            return site.message(400, Says.NOT_KNOWN)
        again = await site.whose(token, "leave")
        return self._control(again[0], chosen) if again else site.gone()

    def _control(self, subscriber: Subscriber, chosen: str = "") -> Response:
        app = self._site.app
        now = app.clock()
        left = subscriber.status == "left" or subscriber.suppressed == UNSUBSCRIBED
        offer = LeaveOffer(now=now, left=left, pauses=PAUSES, fewer=fewer_mails(subscriber, now), chosen=chosen)
        frame = {"site": app.config.site.name, "to": self._site.to, "contact": app.config.site.contact}
        html = app.templates.web_control(subscriber, offer, **frame)
        return HTMLResponse(html)
