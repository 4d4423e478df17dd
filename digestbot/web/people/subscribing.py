"""Subscribe, confirm, and leave from the site: forms whose answer is the same whoever's address was typed."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from digestbot.acts.people.asking import Asked, Asking, Wishes, ask, consent_version
from digestbot.acts.people.joining import Opened, Outcome, confirm, look
from digestbot.web.frame.forms import posted
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)

MOST_TOPICS = 20  #: of the site's, in one form
STATUS = {Asked.TAKEN: 200, Asked.CLOSED: 403, Asked.UNINVITED: 403}


class Subscribing:
    """GET shows, POST asks or confirms."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def show(self, request: Request) -> Response:
        """Show the whole form."""
        return self.form({"invitation": request.query_params.get("invitation", "")[:64]})

    async def ask(self, request: Request) -> Response:
        """Take what was asked for. The mail is queued after the answer."""
        form = await posted(request)
        if form is None:
            return self._site.message(413, Says.TOO_LARGE)
        site, words = self._site, self._site.words
        if form.get("website"):  # a honeypot: people do not see this field, what filled it is a bot
            return self._taken(form.get("email", ""))
        asking = Asking(
            address=form.get("email", ""), client=request.client.host if request.client else "", wishes=wishes_of(form),
            invitation=form.get("invitation", ""), consent=words.say("consent", site=site.app.config.site.name),
        )  # fmt: skip
        answer = await run_in_threadpool(ask, site.app.store, site.app.signup_settings, asking, now=site.app.clock())
        if answer is Asked.TAKEN:
            return self._taken(asking.address)
        return site.too_many() if answer is Asked.TOO_MANY else self.form(form, answer)

    async def show_leave(self, request: Request) -> Response:
        """Show the form by which one leaves without a mail at hand."""
        return self._site.page("leave_by_mail", asked="", refused="", email="")

    async def ask_leave(self, request: Request) -> Response:
        """Give the same answer whoever asks: the mail goes to who is subscribed."""
        form = await posted(request)
        if form is None:
            return self._site.message(413, Says.TOO_LARGE)
        site, address = self._site, form.get("email", "")
        client = request.client.host if request.client else ""
        asking = Asking(address=address, client=client, purpose="leave")
        answer = await run_in_threadpool(ask, site.app.store, site.app.signup_settings, asking, now=site.app.clock())
        if answer is Asked.TOO_MANY:
            return site.too_many()
        taken = answer is Asked.TAKEN
        made = site.page(
            "leave_by_mail", status=STATUS.get(answer, 422), asked=address if taken else "", email=address,
            refused="" if taken else answer.name,
        )  # fmt: skip
        made.background = BackgroundTask(site.live.wake) if taken else None
        return made

    async def look(self, request: Request) -> Response:
        """What the link of a confirmation mail is for, with its button. Changes nothing."""
        site = self._site
        found = await run_in_threadpool(
            look, site.app.store, site.app.signup_settings, request.path_params["token"], now=site.app.clock()
        )
        return self._opened(found)

    async def confirm(self, request: Request) -> Response:
        """Do what the link is for: its button was pressed."""
        site = self._site
        found = await run_in_threadpool(
            confirm, site.app.store, site.app.signup_settings, request.path_params["token"], now=site.app.clock()
        )
        made = self._opened(found)
        made.background = BackgroundTask(site.live.wake)  # the first digest does not wait for the next tick
        return made

    def form(self, form: Mapping[str, str], refused: Asked | None = None, *, sample: str | None = None) -> Response:
        """The whole form. `sample`: the address of a mail to show below it; "" for a topic that is no rule."""
        site = self._site
        refused = Asked.NO_RULE if sample == "" else refused
        settings = site.app.signup_settings
        form = {"email": "", "topic": "", "rhythm": "", "invitation": "", **form}
        text = site.words.say("consent", site=site.app.config.site.name)
        return site.page(
            "subscribe", status=200 if refused is None else STATUS.get(refused, 422), form=form,
            refused=refused.name if refused else "", mode=settings.mode, domains=settings.domains, consent=text,
            version=consent_version(text), site_topics=tuple(settings.rules)[:MOST_TOPICS],
            sample=sample, chosen={name.removeprefix("topic-") for name in form if name.startswith("topic-")},
            index=refused is None and sample is None,
            slot=False,
        )  # fmt: skip

    def _taken(self, address: str) -> Response:
        made = self._site.page("asked", email=address)
        made.background = BackgroundTask(self._site.live.wake)
        return made

    def _opened(self, found: Opened | None) -> Response:
        site = self._site
        if found is None:
            return site.gone()
        done = found.outcome in (Outcome.SUBSCRIBED, Outcome.LEFT, Outcome.MOVED)
        known = found.outcome in (Outcome.SUBSCRIBED, Outcome.MOVED) and found.subscriber is not None
        links = site.app.linker.links(found.subscriber) if known and found.subscriber else None
        html = site.app.templates.web_confirm(
            found.outcome, found.address, found.language, topics=found.topics, schedule=found.schedule, zone=found.zone,
            done=done, preferences=links.preferences if links else "", site=site.app.config.site.name, to=site.to,
            contact=site.app.config.site.contact,
        )  # fmt: skip
        return site.html(html)


def wishes_of(form: Mapping[str, str]) -> Wishes:
    """What a form chose."""
    topics = tuple(sorted(name.removeprefix("topic-") for name in form if name.startswith("topic-")))[:MOST_TOPICS]
    rhythm = form.get("rhythm", "")
    return Wishes(
        rhythm=rhythm if rhythm in ("daily", "weekly") else "", topics=topics, rule=form.get("topic", "")[:2000]
    )
