"""Routes of this wing."""

from __future__ import annotations

from starlette.routing import Route

from digestbot.web.frame.kept import Answers
from digestbot.web.frame.site import Site
from digestbot.web.reading.feeds import PublicFeeds
from digestbot.web.reading.own_digest import OwnDigests
from digestbot.web.reading.pages import ReadingPages
from digestbot.web.reading.style import Style


def routes(site: Site) -> list[Route]:
    """GET of a route answers HEAD too, without a body. The route of days takes any name: these stand last of all.
    A slash behind an address shows the same page."""
    answers = Answers(site)
    own, pages, feeds = OwnDigests(site, answers), ReadingPages(site, answers), PublicFeeds(site, answers)
    style = Style(site)
    found = [
        *pages.routes(),
        *feeds.routes(),
        Route("/style.css", style.sheet),
        Route("/robots.txt", style.robots),
        Route("/favicon.svg", style.icon),
        Route("/favicon.ico", style.icon),
        Route("/d/{token}", own.digest),
        Route("/f/{token}/{name}", own.feed),
        *pages.days(),
    ]
    return [*found, *(Route(f"{one.path}/", one.endpoint) for one in found if one.path != "/")]
