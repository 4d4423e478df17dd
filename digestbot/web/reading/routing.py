"""Routes of this wing."""

from __future__ import annotations

from starlette.routing import Route

from digestbot.web.frame.site import Site
from digestbot.web.reading.own_digest import OwnDigests
from digestbot.web.reading.style import Style


def routes(site: Site) -> list[Route]:
    """GET of a route answers HEAD too, without a body."""
    own = OwnDigests(site)
    return [
        Route("/style.css", Style(site).sheet),
        Route("/d/{token}", own.digest),
        Route("/f/{token}/{name}", own.feed),
    ]
