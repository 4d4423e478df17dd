"""Messages: pages of a sentence or two for who cannot be served, in the language of whoever asked (RFC 9110 12.5.4)."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from digestbot.digest.rendering.catalog import Languages

MOST_LANGUAGES = 20  #: of an Accept-Language that are looked at


class Says(StrEnum):
    """What a message says: its texts are `says_NAME` and `says_NAME_text` of the strings."""

    NO_PAGE = "no_page"
    NO_FEED = "no_feed"
    NO_LINK = "no_link"  #: a token that opens nothing
    FEED_MOVED = "feed_moved"
    ONLY_READ = "only_read"  #: a method that the page does not take
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    NOT_KNOWN = "not_known"  #: a form with nothing we know
    STALE = "stale"  #: a form of another page or another day
    OF_A_FILE = "of_a_file"  #: an address that a file owns
    BUSY = "busy"
    BROKEN = "broken"
    NO_HOST = "no_host"  #: asked for under a name that is not ours
    WHO = "who"  #: for operators alone


class Message(Response):
    """A page that is rendered when it is sent: only then is it known who reads it.

    `render` takes the header Accept-Language.
    """

    def __init__(self, status: int, render: Callable[[str], str], media_type: str = "text/html") -> None:
        super().__init__(b"", status, {"Vary": "Accept-Language"}, media_type=media_type)
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it, as ASGI defines it."""
        self.body = self._render(Headers(scope=scope).get("accept-language", "")).encode()
        self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def language_for(accept_language: str, languages: Languages, default: str) -> str:
    """The language that a browser likes best among those that have texts; `default` where it likes none of them."""
    ranked = []
    for one in accept_language.split(",")[:MOST_LANGUAGES]:
        code, _, weight = one.partition(";")
        if (liked := _weight(weight)) > 0:
            ranked.append((-liked, code.strip()))
    for _, code in sorted(ranked, key=lambda one: one[0]):  # stable: of two liked alike, the first named
        if code == "*":
            return default
        if languages.knows(code):
            return languages.of(code).language
    return default


def _weight(text: str) -> float:
    """`q=0.8`; 1 where none is given, 0 for what is none."""
    name, _, value = text.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        liked = float(value) if name.lower() == "q" else 0.0
    except ValueError:
        return 0.0
    return liked if 0 <= liked <= 1 else 0.0
