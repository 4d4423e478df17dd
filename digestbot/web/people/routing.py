"""Routes of this wing."""

from __future__ import annotations

from starlette.routing import Route

from digestbot.web.frame.site import Site
from digestbot.web.people.leaving import Leaving


def routes(site: Site) -> list[Route]:
    """GET of a route answers HEAD too, without a body; POST acts."""
    leaving = Leaving(site)
    return [
        Route(path, handler, methods=[method])
        for path in ("/u/{token}", "/u/{token}/")
        for method, handler in (("GET", leaving.show), ("POST", leaving.act))
    ]
