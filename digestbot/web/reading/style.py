"""GET /style.css: the one style sheet, with the colours and faces of tokens.toml. GET /robots.txt and /favicon.svg."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from digestbot.web.frame.site import Site

#: a search has pages without end, and what lies behind a token is nobody's to list
ROBOTS = "User-agent: *\nDisallow: /search\nDisallow: /*?q=\n" + "".join(f"Disallow: /{door}/\n" for door in "cdfpu")


class Style:
    """Serves the style sheet. Browsers keep it for ever: its address changes when it does."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def sheet(self, request: Request) -> Response:
        """The style sheet."""
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return Response(self._site.app.templates.style(), media_type="text/css", headers=headers)

    async def icon(self, request: Request) -> Response:
        """What a tab shows: a line of a paper, marked."""
        return Response(
            self._site.render("icon"), media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=86400"}
        )

    async def robots(self, request: Request) -> Response:
        """Serves robots.txt: what is not for search engines."""
        return Response(ROBOTS, media_type="text/plain", headers={"Cache-Control": "public, max-age=86400"})
