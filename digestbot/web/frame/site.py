"""Site: what every handler works with: the app in force, rendered pages, and the answers they share."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from digestbot.acts.site import links
from digestbot.app.public_pages import addresses, page_frame
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.digest.rendering.addresses import Addresses
from digestbot.digest.rendering.catalog import Catalog
from digestbot.mail.link_tokens import Purpose
from digestbot.model import Digest, Subscriber
from digestbot.web.frame.messages import Message, Says, language_for

#: of pages anybody may see: a minute in every cache, then asked again with the ETag
PUBLIC = {"Cache-Control": "public, max-age=60"}


class Site:
    """The site as handlers see it, always of the configuration in force."""

    def __init__(self, live: LiveApp) -> None:
        self.live = live

    @property
    def app(self) -> App:
        """The app of the configuration in force."""
        return self.live.app

    @property
    def to(self) -> Addresses:
        """Addresses of this site's own pages, for templates: `{{ to.archive }}`."""
        return addresses(self.app)

    def render(self, name: str, /, **values: Any) -> str:
        """`web/NAME.html` with what `web/base.html` needs: the site's name, addresses, language.

        `index=True` lets search engines list the page and shows the Subscribe form in its masthead.
        """
        frame = page_frame(self.app) | {"to": self.to}
        language = str(values.pop("language", self.app.config.site.language))
        return self.app.templates.page(name, language, **(frame | values))

    @property
    def words(self) -> Catalog:
        """The texts in the site's language."""
        return self.app.templates.stationery.languages.of(self.app.config.site.language)

    def words_of(self, subscriber: Subscriber) -> Catalog:
        """The texts in a reader's language."""
        return self.app.templates.stationery.languages.of(subscriber.language)

    def html(self, html: str) -> Response:
        """A page that was rendered elsewhere, for one reader."""
        return HTMLResponse(html)

    def page(self, name: str, /, *, status: int = 200, public: bool = False, **values: Any) -> Response:
        """A page as an answer. One that is not `public` is kept by nobody and listed nowhere."""
        html = self.render(name, **({"index": public} | values))
        return HTMLResponse(html, status, PUBLIC if public else {})

    def message(self, status: int, says: Says) -> Response:
        """A page with a sentence or two, in the language of whoever asked."""
        return Message(status, lambda wanted: self._said(f"says_{says}", "", wanted))

    def plain(self, status: int, says: Says) -> Response:
        """The same as a line of text, for who is shown nothing of the site."""
        return Message(status, lambda wanted: f"{self._words_for(wanted).text[f'says_{says}_text']}\n", "text/plain")

    def wrong_rule(self, text: str) -> Response:
        """A rule that cannot be read; `text` says why, in the words of the rule language."""
        return Message(400, lambda wanted: self._said("says_wrong_rule", text, wanted))

    def _said(self, key: str, text: str, accept_language: str) -> str:
        words = self._words_for(accept_language)
        shown = text or words.text[f"{key}_text"]
        return self.render("message", language=words.language, heading=words.text[key], text=shown)

    def _words_for(self, accept_language: str) -> Catalog:
        languages = self.app.templates.stationery.languages
        return languages.of(language_for(accept_language, languages, self.app.config.site.language))

    def too_many(self) -> Response:
        """More mails were asked for than an hour has room for; the limits count by the hour."""
        answer = self.message(429, Says.TOO_MANY)
        answer.headers["Retry-After"] = "3600"
        return answer

    def gone(self) -> Response:
        """The same answer for every token that opens nothing, so that nobody learns whether it ever did."""
        return self.message(404, Says.NO_LINK)

    async def whose(self, token: str, purpose: Purpose) -> tuple[Subscriber, Digest | None] | None:
        """Whom a token lets in, and to which digest; None for one that opens nothing."""
        found = await run_in_threadpool(links.whose, self.app.store, token, purpose)
        return found if found is not None and found[0].status != "removed" else None
