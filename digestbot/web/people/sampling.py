"""A sample of the mail before one gives an address: the form with the mail below it, made of what was chosen in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from digestbot.acts.digests.preview import preview_first
from digestbot.acts.pages.public_pages import LONGEST_RULE
from digestbot.acts.people.asking import joined_as
from digestbot.errors import RuleError
from digestbot.rules import parse
from digestbot.web.frame.forms import posted
from digestbot.web.frame.kept import Answers
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site
from digestbot.web.people.subscribing import MOST_TOPICS, Subscribing, wishes_of

SOMEBODY = "you@example.org"
#: of the mail in its frame: a mail's styles are inline, and only our own page may show it
FRAMED = b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'self'; frame-ancestors 'self'"
#: of the page around it
FRAMING = ("default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
           "frame-ancestors 'none'")  # fmt: skip


class Sampling:
    """Nothing is stored: GET and POST show. POST keeps an address that was typed out of every address bar and log."""

    def __init__(self, site: Site, subscribing: Subscribing) -> None:
        self._site, self._subscribing = site, subscribing
        self._answers = Answers(site)

    async def show(self, request: Request) -> Response:
        """Show the form with the mail."""
        return self._page(request.query_params)

    async def chosen(self, request: Request) -> Response:
        """The same for what was chosen in the form."""
        form = await posted(request)
        return self._page(form) if form is not None else self._site.message(413, Says.TOO_LARGE)

    async def mail(self, request: Request) -> Response:
        """The mail alone."""
        chosen = _choice(request.query_params)
        try:
            answer = await self._answers.answer(
                request, "text/html", lambda: self._mail(chosen), query=urlencode(chosen) or "edition"
            )
        except RuleError as error:
            return self._site.wrong_rule(f"{error.what}. {error.fix}".strip())
        answer.raw_headers = [*answer.raw_headers, (b"content-security-policy", FRAMED), (b"x-robots-tag", b"noindex")]
        return answer

    def _page(self, form: Mapping[str, str]) -> Response:
        chosen = _choice(form)
        address = f"{self._site.to.sample}/mail?{urlencode(chosen)}".rstrip("?")
        page = self._subscribing.form(form, sample="" if _wrong(chosen, self._site.app.rules) else address)
        page.headers["Content-Security-Policy"] = FRAMING
        return page

    def _mail(self, chosen: Mapping[str, str]) -> str:
        app = self._site.app
        for topic in (person := joined_as(app.signup_settings, SOMEBODY, wishes_of(chosen), None)).topics:
            parse(topic.query, topics=app.rules)
        digest = preview_first(app.store, app.digest_settings, person, now=app.clock())
        html = app.templates.html(replace(digest, links=app.linker.example()))
        return html.replace("<head>", '<head><base target="_blank">', 1)


def _choice(form: Mapping[str, str]) -> dict[str, str]:
    """What the mail depends on, in one order, and nothing else of the form."""
    topics = sorted(name for name in form if name.startswith("topic-"))[:MOST_TOPICS]
    said = {name: form.get(name, "")[:LONGEST_RULE] for name in ("topic", "rhythm")}
    return {name: value for name, value in said.items() if value} | dict.fromkeys(topics, "on")


def _wrong(chosen: Mapping[str, str], rules: Mapping[str, str]) -> bool:
    try:
        parse(chosen.get("topic", "") or "x", topics=rules)
    except RuleError:
        return True
    return False
