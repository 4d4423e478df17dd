"""The public feeds: of the edition, of each topic, of any search; and the sheet by which a browser shows them."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digestbot.acts.pages import read_feeds
from digestbot.acts.pages.public_pages import LONGEST_RULE
from digestbot.acts.pages.read_feeds import Place
from digestbot.digest.feeds import Feed
from digestbot.digest.rendering.addresses import FEEDS
from digestbot.errors import RuleError
from digestbot.web.frame.kept import Answers, Headers
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

SHEET = "feed.xsl"
VARY = b"Accept, Accept-Encoding, Sec-Fetch-Dest"
#: browsers take a style sheet of XML for a script
SHEET_POLICY = (b"content-security-policy", b"default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; "
                b"frame-ancestors 'none'")  # fmt: skip


class PublicFeeds:
    """Made from the store when they are asked for, and kept by content."""

    def __init__(self, site: Site, answers: Answers) -> None:
        self._site, self._answers = site, answers

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            *(Route(f"/{name}", self.main) for name in FEEDS),
            *(Route(f"/topics/{{topic}}/{name}", self.topic) for name in FEEDS),
            Route(f"/{SHEET}", self.sheet),
        ]

    async def main(self, request: Request) -> Response:
        """The edition's; with `?q=RULE` a search's."""
        query = request.query_params.get("q", "").strip()
        app = self._site.app
        if not query:
            return await self._feed(
                request, lambda: read_feeds.of_edition(app.store, app.feed_settings), self._site.to.home
            )
        if len(query) > LONGEST_RULE:
            return self._site.wrong_rule(self._site.words.text["page_rule_long"])
        try:
            return await self._feed(request, lambda: self._searched(query), self._site.to.found(query), query)
        except RuleError as error:
            return self._site.wrong_rule(f"{error.what}. {error.fix}".strip())

    async def topic(self, request: Request) -> Response:
        """A topic's."""
        app, name = self._site.app, request.path_params["topic"]
        topic = next((t for t in app.feed_settings.topics if t.name == name), None)
        if topic is None:
            return self._site.message(404, Says.NO_FEED)

        def made() -> Feed:
            return read_feeds.of_topic(app.store, app.feed_settings, topic, now=app.clock())

        return await self._feed(request, made, self._site.to.topic(name))

    async def sheet(self, request: Request) -> Response:
        """The XSL sheet."""
        return await self._answers.answer(request, "text/xsl", lambda: self._site.render("feed_sheet"))

    def _searched(self, query: str) -> Feed:
        app = self._site.app
        return read_feeds.of_rule(
            app.store, app.feed_settings, query, name=f"search-{query}", title=query, now=app.clock()
        )

    async def _feed(self, request: Request, made: Callable[[], Feed], page: str, query: str = "") -> Response:
        return await answered(self._site, self._answers, request, made, page=page, query=query)


async def answered(
    site: Site,
    answers: Answers,
    request: Request,
    made: Callable[[], Feed],
    *,
    page: str,
    query: str = "",
    private: bool = False,
) -> Response:
    """The feed; to who opens its address in a browser, a page with the same papers."""
    place = place_of(site, request, page, query)
    kind = FEEDS[place.name]
    if request.headers.get("sec-fetch-dest") == "document":  # browsers alone say so; they give up XSL

        def as_page() -> str:
            feed = made()
            count = site.words.count("papers", len(feed.items))
            return site.render("feed", feed=feed, kind=kind, address=place.itself, count=count)

        answer = await answers.answer(request, "text/html", as_page, query=query, private=private)
        answer.raw_headers = [(name, VARY if name == b"vary" else value) for name, value in answer.raw_headers]
        return answer
    answer = await answers.answer(
        request, kind, lambda: read_feeds.written(made(), place), query=query, private=private
    )
    return shown(request, answer)


def place_of(site: Site, request: Request, page: str, query: str = "") -> Place:
    """Where a feed stands. Its addresses are made from the configured base address, never from the Host of the request."""
    path = quote(request.scope["path"].rstrip("/"))
    asked = f"?{urlencode({'q': query})}" if query else ""
    base = site.app.config.site.base_url
    return Place(
        name=path.rpartition("/")[2],
        itself=f"{base}{path}{asked}" if base else "",
        home=f"{site.to.origin}{page}" if base else "",
        sheet=f"{site.to.root}{SHEET}",
    )


def shown(request: Request, answer: Response) -> Response:
    """The answer, so that a browser that asks for no page shows one of RSS and Atom."""
    if answer.status_code in (200, 304):
        sheet = request.scope["path"].rstrip("/").endswith((".xml", ".atom"))
        answer.raw_headers = _shown(answer.raw_headers, sheet and "text/html" in request.headers.get("accept", ""))
    return answer


def _shown(headers: Headers, browser: bool) -> Headers:
    """Browsers apply the sheet to what is called XML, and to nothing that is called a feed."""
    made = [(name, VARY if name == b"vary" else value) for name, value in headers]
    if browser:
        made = [(name, b"application/xml; charset=utf-8" if name == b"content-type" else value) for name, value in made]
    return [*made, SHEET_POLICY]
