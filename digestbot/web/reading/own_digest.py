"""What is only one reader's: a digest's own page, and their feed."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from digestbot.acts.digests.feed_files import private_feed
from digestbot.acts.site import links
from digestbot.digest.feeds import Feed
from digestbot.digest.rendering.addresses import FEEDS
from digestbot.web.frame.kept import Answers
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site
from digestbot.web.reading.feeds import answered


class OwnDigests:
    """A digest and a feed that open with the tokens of a mail."""

    def __init__(self, site: Site, answers: Answers) -> None:
        self._site, self._answers = site, answers

    async def digest(self, request: Request) -> Response:
        """A digest's own page."""
        site = self._site
        found = await site.whose(request.path_params["token"], "page")
        if found is None or found[1] is None:
            return site.gone()
        digest = site.app.linker.shown(found[1])
        html = await run_in_threadpool(site.app.templates.web_digest, digest, site.to)
        return HTMLResponse(html)

    async def feed(self, request: Request) -> Response:
        """A private feed, made from the stored digests; 410 behind an address that was replaced."""
        site, name = self._site, request.path_params["name"]
        found = await site.whose(request.path_params["token"], "feed")
        if found is None and await run_in_threadpool(
            links.was_revoked, site.app.store, request.path_params["token"], "feed"
        ):
            return site.message(410, Says.FEED_MOVED)
        if found is None or name not in FEEDS:
            return site.gone()
        app, subscriber = site.app, found[0]

        def made() -> Feed:
            return private_feed(app.store, app.feed_settings, subscriber)

        return await answered(site, self._answers, request, made, page=site.to.home, private=True)
