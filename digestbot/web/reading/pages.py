"""The public pages: edition, week, month, paper, topic, search, archive, about."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from digestbot.acts.pages.public_pages import PublicPages
from digestbot.acts.pages.read_editions import week_name
from digestbot.acts.pages.read_papers import read_paper
from digestbot.app.public_pages import public_pages
from digestbot.digest.rendering.page_cards import public
from digestbot.papers.exchange.cite import csl_json, ris
from digestbot.papers.exchange.write import bibtex
from digestbot.web.frame.kept import Answers, Made
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

HTML = "text/html"
DAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:-p(\d{1,3}))?", re.ASCII)
CITES = {
    "bib": ("application/x-bibtex", bibtex),
    "ris": ("application/x-research-info-systems", ris),
    "json": ("application/vnd.citationstyles.csl+json", csl_json),
}


class ReadingPages:
    """The public pages. Each is made by `acts.pages` and kept by content."""

    def __init__(self, site: Site, answers: Answers) -> None:
        self._site, self._answers = site, answers

    def routes(self) -> list[Route]:
        """The routes, the most asked for first."""
        return [
            Route("/", self.home),
            Route("/week", self.this_week),
            Route("/month", self.this_month),
            Route("/week/{name}", self.span),
            Route("/month/{name}", self.span),
            Route("/search", self.search),
            Route("/topics", self.topics),
            Route("/topics/{name}", self.topic),
            Route("/archive", self.archive),
            Route("/about", self.about),
            Route("/paper/{name}", self.paper),
        ]

    def days(self) -> list[Route]:
        """The route of days, which takes any name and therefore stands last."""
        return [Route("/{name}", self.day)]

    async def home(self, request: Request) -> Response:
        """The newest edition."""
        return await self._page(request, lambda pages: pages.edition())

    async def day(self, request: Request) -> Response:
        """The edition of a day."""
        found = DAY.fullmatch(request.path_params["name"])
        if found is None:
            return self._site.message(404, Says.NO_PAGE)
        day, page = found[1], int(found[2] or 1)
        return await self._page(request, lambda pages: pages.edition(day, page))

    async def this_week(self, request: Request) -> Response:
        """Leads to the week of today."""
        return self._lead(f"week/{week_name(self._pages().today)}")

    async def this_month(self, request: Request) -> Response:
        """Leads to the month of today."""
        return self._lead(f"month/{self._pages().today:%Y-%m}")

    async def span(self, request: Request) -> Response:
        """The best of a week or month."""
        name = request.path_params["name"]
        week = request.url.path.startswith("/week/")
        return await self._page(request, lambda pages: pages.span(name) if week is ("W" in name) else None)

    async def search(self, request: Request) -> Response:
        """What a rule finds."""
        query = request.query_params.get("q", "")
        return await self._page(request, lambda pages: pages.search(query), query)

    async def topics(self, request: Request) -> Response:
        """The site's topics."""
        return await self._page(request, lambda pages: pages.topics())

    async def topic(self, request: Request) -> Response:
        """One topic of the site."""
        name = request.path_params["name"]
        return await self._page(request, lambda pages: pages.topic(name))

    async def archive(self, request: Request) -> Response:
        """The list of all days with an edition."""
        return await self._page(request, lambda pages: pages.archive())

    async def about(self, request: Request) -> Response:
        """How it works."""
        return await self._page(request, lambda pages: pages.about())

    async def paper(self, request: Request) -> Response:
        """A paper, or the paper for a reference manager."""
        name = request.path_params["name"]
        stem, _, kind = name.rpartition(".")
        if stem and kind in CITES:
            return await self._answers.answer(request, CITES[kind][0], partial(self._cite, stem, kind))
        return await self._page(request, lambda pages: pages.paper(name))

    def _cite(self, public_id: str, kind: str) -> Made:
        app = self._site.app
        found = read_paper(app.store, public_id, now=app.clock())
        return CITES[kind][1]([public(found.paper, app.feed_settings.abstracts)]) if found else None

    async def _page(self, request: Request, make: Callable[[PublicPages], str | None], query: str = "") -> Response:
        return await self._answers.answer(request, HTML, lambda: make(self._pages()), query=query)

    def _pages(self) -> PublicPages:
        return public_pages(self._site.app, self._site.render)

    def _lead(self, name: str) -> Response:
        return RedirectResponse(self._site.to.page(name), 302, {"Cache-Control": "public, max-age=60"})
