"""What is a reader's own: votes by the links of a mail, another address, feeds, their data and its deletion."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from digestbot.acts.people.asking import Asked, Asking, ask
from digestbot.acts.people.namesakes import questions, say_by_page
from digestbot.acts.people.own_data import erase, own_data
from digestbot.acts.people.vote import vote_by_page, voted
from digestbot.acts.site.links import renew_feeds
from digestbot.digest.selection.namesakes import sentence
from digestbot.model import Subscriber
from digestbot.web.frame.forms import posted
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)

SAID = {"more": 1, "fewer": -1, "none": 0}


class Own:
    """Pages behind the link of the preferences. GET and HEAD change nothing, POST acts."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def _who(self, request: Request) -> Subscriber | None:
        found = await self._site.whose(request.path_params["token"], "preferences")
        return found[0] if found else None

    async def show_vote(self, request: Request) -> Response:
        """Show the paper, with the choice made and one button."""
        person = await self._who(request)
        if person is None or request.path_params["choice"] not in SAID:
            return self._site.gone()
        return await self._vote_page(request, person, pressed=False)

    async def vote(self, request: Request) -> Response:
        """Store a vote: the newest counts, `none` takes it back."""
        site, person = self._site, await self._who(request)
        if person is None or request.path_params["choice"] not in SAID:
            return site.gone()
        form = await posted(request) or {}
        value = SAID.get(form.get("say", ""))
        if value is None:
            return site.message(400, Says.NOT_KNOWN)
        paper = request.path_params["paper"]
        found = await run_in_threadpool(vote_by_page, site.app.store, paper, person, value, now=site.app.clock())
        if found is None:
            return site.gone()
        log.info("%s said what they think of a paper", person.ref)
        return await self._vote_page(request, person, pressed=True)

    async def _vote_page(self, request: Request, person: Subscriber, *, pressed: bool) -> Response:
        site = self._site
        found = await run_in_threadpool(voted, site.app.store, request.path_params["paper"], person)
        if found is None:
            return site.gone()
        paper, said = found
        return site.page(
            "vote", language=person.language, paper=paper, said=said, pressed=pressed,
            choice=request.path_params["choice"], preferences=f"{site.to.root}p/{request.path_params['token']}",
        )  # fmt: skip

    async def show_who(self, request: Request) -> Response:
        """Show whose the paper may be, with a button for yes and one for no."""
        person = await self._who(request)
        return await self._who_page(request, person, pressed=False) if person else self._site.gone()

    async def who(self, request: Request) -> Response:
        """Store whether the paper is by somebody whom they follow."""
        site, person = self._site, await self._who(request)
        if person is None:
            return site.gone()
        form, paper = await posted(request) or {}, request.path_params["paper"]
        if form.get("say") not in ("yes", "no"):
            return site.message(400, Says.NOT_KNOWN)
        same, key = form["say"] == "yes", form.get("person", "")[:300]
        if not await run_in_threadpool(
            say_by_page, site.app.store, paper, person, key, same=same, now=site.app.clock()
        ):
            return site.gone()
        log.info("%s said whose a paper is", person.ref)
        return await self._who_page(request, person, pressed=True)

    async def _who_page(self, request: Request, person: Subscriber, *, pressed: bool) -> Response:
        site = self._site
        found = await run_in_threadpool(questions, site.app.store, request.path_params["paper"], person)
        if found is None:
            return site.gone()
        paper, every = found
        words = site.words_of(person)
        told = [
            {"person": one.person, "said": one.said, "note": words.note(sentence(one.person, one.verdict))}
            for one in every
        ]
        return site.page(
            "who", language=person.language, paper=paper, questions=told, pressed=pressed,
            preferences=f"{site.to.root}p/{request.path_params['token']}",
        )  # fmt: skip

    async def move(self, request: Request) -> Response:
        """Send a confirmation mail to another address; until it is confirmed nothing changes."""
        site, person = self._site, await self._who(request)
        if person is None:
            return site.gone()
        form = await posted(request) or {}
        client = request.client.host if request.client else ""
        asking = Asking(address=form.get("email", ""), client=client, purpose="move", subscriber=person.id)
        if person.origin != "web":
            return site.message(403, Says.OF_A_FILE)
        answer = await run_in_threadpool(ask, site.app.store, site.app.signup_settings, asking, now=site.app.clock())
        if answer is not Asked.TAKEN:
            words = site.words_of(person)
            return site.page(
                "message", status=429 if answer is Asked.TOO_MANY else 422, language=person.language,
                heading=words.text["move_title"], text=words.text[f"refused_{answer.name.lower()}"],
            )  # fmt: skip
        made = self._back(request, "asked")
        made.background = BackgroundTask(site.live.wake)
        return made

    async def feeds(self, request: Request) -> Response:
        """Give the feeds new addresses; the old ones are closed for good."""
        site, person = self._site, await self._who(request)
        if person is None:
            return site.gone()
        await run_in_threadpool(renew_feeds, site.app.store, site.app.linker, person, now=site.app.clock())
        log.info("%s has new addresses for their feeds", person.ref)
        return self._back(request, "feeds")

    async def data(self, request: Request) -> Response:
        """Answer with everything that is kept of the reader, as JSON."""
        site, person = self._site, await self._who(request)
        if person is None:
            return site.gone()
        kept = await run_in_threadpool(own_data, site.app.store, person)
        text = json.dumps(kept, ensure_ascii=False, indent=1, default=_plain)
        headers = {"Content-Disposition": 'attachment; filename="digestbot-data.json"'}
        return Response(text, media_type="application/json", headers=headers)

    async def show_delete(self, request: Request) -> Response:
        """Show the page that asks once more before everything is deleted."""
        person = await self._who(request)
        if person is None:
            return self._site.gone()
        return self._site.page("delete", language=person.language, email=person.email, done=False)

    async def delete(self, request: Request) -> Response:
        """Delete everything, when the button of that page was pressed."""
        site, person = self._site, await self._who(request)
        if person is None:
            return site.gone()
        form = await posted(request) or {}
        if form.get("do") != "delete":
            return site.page("delete", language=person.language, email=person.email, done=False)
        await run_in_threadpool(erase, site.app.store, person, now=site.app.clock())
        return site.page("delete", language=person.language, email="", done=True)

    def _back(self, request: Request, said: str) -> Response:
        return RedirectResponse(f"{self._site.to.root}p/{request.path_params['token']}?said={said}", 303)


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in the data of a reader")
