"""The plain path, the oracle of rendering: every template runs for every mail, and the whole text is encoded at once."""

from __future__ import annotations

from typing import Any, cast

from markupsafe import Markup

from digestbot.digest.rendering.fragments import Fragment, Given, Letter, Pieces, decoded, encoded
from digestbot.digest.rendering.renderer import Known, Templates
from digestbot.digest.rendering.template_loader import TemplateLoader
from digestbot.model import Digest


class _Plain:
    """In the place of a form: the template itself."""

    def __init__(self, stationery: TemplateLoader, name: str, known: Known) -> None:
        self.stationery, self.name, self.known = stationery, name, known

    def filled(self, given: Given) -> Pieces:
        return (encoded(self.stationery.render(self.name, **self.known(), **self._values(given)).rstrip("\n")),)

    def _values(self, given: Given) -> dict[str, Any]:
        values: dict[str, Any] = {n: v if isinstance(v, str) else _read(v) for n, v in given.items()}
        return {n: Markup(v) for n, v in values.items()} if self.name.endswith(".html") else values

    def with_filled(self, given: Given) -> _Plain:
        return _Plain(self.stationery, self.name, lambda: {**self.known(), **self._values(given)})

    def kept(self, given: Given, cut: str, whole: str) -> None:
        """Nothing is kept for others."""


def _read(lines: Pieces) -> str:
    return decoded(b"".join(lines)) if lines else ""


class PlainTemplates(Templates):
    """No value is filled in later: a piece goes into the next as text."""

    def _form(self, name: str, known: Known, given: Given, columns: int = 0) -> Fragment:
        return cast(Fragment, _Plain(self.stationery, name, known))


def plain(templates: Templates, digest: Digest) -> Letter:
    """The letter with nothing kept from another one."""
    return PlainTemplates(templates.stationery).letter(digest)
