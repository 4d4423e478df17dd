"""What is only one reader's: a digest's own page, and their feed."""

from __future__ import annotations

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digestbot.acts.digests.feed_files import private_feed
from digestbot.web.frame.forms import has_copy
from digestbot.web.frame.site import Site

FEEDS = {
    "feed.xml": "application/rss+xml",
    "feed.atom": "application/atom+xml",
    "feed.json": "application/feed+json",
}


class OwnDigests:
    """Behind the tokens of a mail."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def digest(self, request: Request) -> Response:
        """A digest's own page."""
        site = self._site
        found = await site.whose(request.path_params["token"], "page")
        if found is None or found[1] is None:
            return site.gone()
        shown = site.app.linker.shown(found[1])
        html = await run_in_threadpool(site.app.templates.web_digest, shown, site.to)
        return HTMLResponse(html)

    async def feed(self, request: Request) -> Response:
        """A private feed; 304 when the reader has it already."""
        site = self._site
        found = await site.whose(request.path_params["token"], "feed")
        kind = FEEDS.get(request.path_params["name"])
        if found is None or kind is None:
            return site.gone()
        made = await run_in_threadpool(private_feed, site.app.store, site.app.feed_settings, found[0])
        data = made[request.path_params["name"]]
        headers = {
            "ETag": f'"{hashlib.sha256(data).hexdigest()[:32]}"',
            "Cache-Control": "private, no-cache",
            "X-Robots-Tag": "noindex",
        }
        if has_copy(request.headers.get("if-none-match", ""), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(data, media_type=kind, headers=headers)
