"""Routes of this wing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digestbot.web.frame.site import Site
from digestbot.web.people.curating import Curating
from digestbot.web.people.leaving import Leaving
from digestbot.web.people.own import Own
from digestbot.web.people.preferences import Preferences
from digestbot.web.people.sampling import Sampling
from digestbot.web.people.subscribing import Subscribing

Handler = Callable[[Request], Awaitable[Response]]


def routes(site: Site) -> list[Route]:
    """GET of a route answers HEAD too, without a body; POST acts. A slash behind an address leads to the same page."""
    leaving, subscribing, preferences, own = Leaving(site), Subscribing(site), Preferences(site), Own(site)
    curating, sampling = Curating(site), Sampling(site, subscribing)
    table: dict[str, tuple[Handler | None, Handler | None]] = {
        "/u/{token}": (leaving.show, leaving.act),
        "/subscribe": (subscribing.show, subscribing.ask),
        "/sample": (sampling.show, sampling.chosen),
        "/sample/mail": (sampling.mail, None),
        "/leave": (subscribing.show_leave, subscribing.ask_leave),
        "/c/{token}": (subscribing.look, subscribing.confirm),
        "/p/{token}": (preferences.show, preferences.change),
        "/p/{token}/pause": (None, preferences.pause),
        "/p/{token}/papers/{paper}/who": (own.show_who, own.who),
        "/p/{token}/papers/{paper}/{choice}": (own.show_vote, own.vote),
        "/p/{token}/address": (None, own.move),
        "/p/{token}/feeds": (None, own.feeds),
        "/p/{token}/data.json": (own.data, None),
        "/p/{token}/pick": (curating.show, curating.act),
        "/p/{token}/delete": (own.show_delete, own.delete),
    }
    return [
        Route(path + slash, handler, methods=[method])
        for path, pair in table.items()
        for method, handler in zip(("GET", "POST"), pair, strict=True)
        if handler is not None
        for slash in ("", "/")
    ]
