"""Render: a digest becomes subject, HTML and plain text. Pure, once the templates are read.

A card is the same for everybody but for its line that says why: it is rendered once for each paper with a mark in place
of that line (and of its number in plain text), kept, and joined with each reader's own line.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from textwrap import TextWrapper
from typing import Any

import jinja2
from markupsafe import Markup

from digestbot.bundled import folder
from digestbot.digest import view
from digestbot.digest.silence import sentence, silence
from digestbot.digest.tally import account
from digestbot.errors import TemplateError
from digestbot.model import Digest

MOST_HTML = 94_000  #: bytes; Gmail hides what comes after about 102 kB, and quoted-printable adds some
COLUMNS = 72
KEPT = 4096  #: rendered cards
_HERE = "\ue000why\ue000"  #: private-use: `clean` lets none of these through, so no paper can hold it
_NUMBER = "\ue001"


@dataclass
class Templates:
    """The templates, ours and those that override them. Raises TemplateError for any that cannot be used."""

    environment: jinja2.Environment
    tokens: Mapping[str, Any]
    _cards: dict[tuple[Any, ...], str] = field(default_factory=dict)
    _lines: dict[tuple[Any, ...], str] = field(default_factory=dict)
    _last: tuple[Digest | None, dict[str, Any]] = (None, {})
    _whys: dict[tuple[Any, ...], str] = field(default_factory=dict)

    @classmethod
    def load(cls, override: Path | None = None) -> Templates:
        """Read the tokens and find the templates; a file of the same name in `override` wins."""
        folders = [*([override] if override else []), folder("templates")]
        environment = jinja2.Environment(  # no sandbox: templates are the operator's own, as the configuration is
            loader=jinja2.FileSystemLoader([str(f) for f in folders]),
            autoescape=jinja2.select_autoescape(("html",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, keep_trailing_newline=False,
        )  # fmt: skip
        tokens = _tokens(next(f / "tokens.toml" for f in folders if (f / "tokens.toml").is_file()))
        environment.globals.update(s=tokens["style"], light=tokens["light"], dark=tokens["dark"], face=tokens["face"])
        environment.globals.update(plural=view.plural, told=view.told, nbsp=Markup("&nbsp;"))
        environment.filters.update(wrap=_wrap, right=_right, underline=_underline)
        return cls(environment, tokens)

    def subject(self, digest: Digest) -> str:
        """One line, without control characters of its own making; `mail.guard` makes it safe for a header."""
        return " ".join(self._render("mail/subject.txt", **self._common(digest)).split())

    def html(self, digest: Digest) -> str:
        """The HTML of a mail, always under 96 kB: where it would be more, cards become shorter and then titles."""
        made = ""
        for detail in view.DETAILS:
            parts = view.parts(digest, detail)
            whys = {row.number: self._why(row.why) for part in parts for row in part.rows}
            cards = {row.number: self._card(digest, row, whys[row.number]) for part in parts for row in part.rows}
            made = self._render(
                "mail/digest.html", parts=parts, cards=cards, **self._common(digest), preheader=_preheader(parts)
            )
            if len(made) <= MOST_HTML and len(made.encode()) <= MOST_HTML:
                break
        return made

    def text(self, digest: Digest) -> str:
        """Plain text: the same papers in the same order with the same numbers."""
        parts = view.parts(digest, view.Detail(10, 1000, 200))
        cards = {row.number: self._line(digest, row) for part in parts for row in part.rows}
        return self._render("mail/digest.txt", parts=parts, cards=cards, **self._common(digest)).strip() + "\n"

    def page(self, name: str, /, **values: Any) -> str:
        """A page of the web part: `web/NAME.html`."""
        return self._render(f"web/{name}.html", **values)

    def web_digest(self, digest: Digest) -> str:
        """A digest's own page: every paper of it, *more* too."""
        rows = view.parts(digest, view.Detail(1000, 1000, 1000))
        carriers, year = view.carriers(digest), digest.slot.local.year
        cards = [
            (part, [(view.card(row.item.paper, _carrier_of(carriers, row), year), row.why) for row in part.rows],
             [view.card(row.item.paper, _carrier_of(carriers, row), year) for row in part.more])
            for part in rows
        ]  # fmt: skip
        return self.page("digest", site=digest.site, cards=cards, **self._common(digest))

    def _common(self, digest: Digest) -> dict[str, Any]:
        """Subject, HTML and text of one digest are made one after the other: what they share is made once."""
        kept, made = self._last
        if kept is not digest:
            made = _about(digest)
            self._last = (digest, made)
        return made

    def _why(self, why: view.Why) -> Markup:
        made = _kept(self._whys, ("html", why), lambda: self._render("mail/why.html", why=why).strip())
        return Markup(made)  # noqa: S704  # rendered with autoescape

    def _card(self, digest: Digest, row: view.Row, why: Markup) -> Markup:
        key = (row.item.paper, row.full, row.last, self._carrier(digest, row), digest.slot.local.year)
        made = _kept(self._cards, key, lambda: self._render(
            "mail/card.html", card=view.card(row.item.paper, key[3], key[4]), full=row.full, last=row.last,
            why=Markup(_HERE),  # noqa: S704  # a mark of ours
        ))  # fmt: skip
        return Markup(made.replace(_HERE, why))  # noqa: S704  # two rendered templates

    def _line(self, digest: Digest, row: view.Row) -> str:
        digits = len(str(row.number))
        key = (row.item.paper, row.full, digits, self._carrier(digest, row), digest.slot.local.year)
        made = _kept(self._lines, key, lambda: self._render(
            "mail/card.txt", card=view.card(row.item.paper, key[3], key[4]), full=row.full, why=_HERE,
            number=_NUMBER * digits,
        ).rstrip())  # fmt: skip
        why = _kept(
            self._whys, ("txt", row.why), lambda: _wrap(self._render("mail/why.txt", why=row.why).strip(), "   ")
        )
        lines = made.replace(_NUMBER * digits, str(row.number), 1).replace(f"   {_HERE}", why).split("\n")
        return "\n".join(line.rstrip() for line in lines if line.strip() or why)

    def _carrier(self, digest: Digest, row: view.Row) -> str:
        return _carrier_of(view.carriers(digest), row)

    def _render(self, name: str, /, **values: Any) -> str:
        try:
            return self._template(name).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(
                f"cannot be read: {error.message}", where=f"{error.filename or error.name}:{error.lineno}"
            ) from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"there is no template {error.name!r}", where=name) from error
        except Exception as error:  # a template may do anything: undefined names, wrong types, forbidden attributes
            raise TemplateError(f"cannot be rendered: {error}", where=_line_of(error, name)) from error

    def _template(self, name: str) -> jinja2.Template:
        return self._found.setdefault(name, self.environment.get_template(name))

    @cached_property
    def _found(self) -> dict[str, jinja2.Template]:
        return {}


def _carrier_of(carriers: Mapping[str, str], row: view.Row) -> str:
    first = row.item.paper.sources[:1]
    return carriers.get(first[0], first[0]) if first else ""


def _kept(cards: dict[tuple[Any, ...], str], key: tuple[Any, ...], make: Callable[[], str]) -> str:
    made = cards.get(key)
    if made is None:
        made = make()
        while len(cards) >= KEPT:  # the oldest goes; another thread may have taken it already
            cards.pop(next(iter(cards)), None)
        cards[key] = made
    return made


def _about(digest: Digest) -> dict[str, Any]:
    shown = [item for section in digest.sections for item in section.items]
    following = digest.next_slot
    return {
        "digest": digest,
        "names": view.subject_names(digest),
        "count": len(shown),
        "split": view.split(digest),
        "day": view.long_day(digest.slot.local),
        "short_day": view.short_day(digest.slot.local),
        "year": digest.slot.local.year,
        "schedule": view.schedule_words(digest),
        "next_day": view.long_day(following.local) if following else "",
        "leave": view.leave_href(digest),
        "polled": view.polled(digest),
        "account": account(digest.polled),
        "failing": [s for s in digest.polled if s.state == "failing"],
        "silence": sentence(silence(digest.considered, digest.polled), digest.considered, digest.polled),
    }


def _preheader(parts: tuple[view.Part, ...]) -> str:
    titles = [row.item.paper.title for part in parts for row in part.rows]
    rest = len(titles) - 3
    return " · ".join(titles[:3]) + (f" · and {rest} more" if rest > 0 else "")


def _tokens(path: Path) -> dict[str, Any]:
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        words = read["light"] | read["face"]
        # the operator's own file: its quotes are CSS, not text to be escaped
        style = {name: Markup(text.format_map(words)) for name, text in read["style"].items()}  # noqa: S704
        face = {name: Markup(text) for name, text in read["face"].items()}  # noqa: S704
        return {"style": style, "light": read["light"], "dark": read["dark"], "face": face}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError, ValueError) as error:
        raise TemplateError(f"cannot be read: {error!r}", where=str(path)) from error


def _wrap(text: str, indent: str = "", first: str | None = None) -> str:
    """Filled to 72 columns; addresses are never broken."""
    filled = TextWrapper(
        COLUMNS, initial_indent=indent if first is None else first, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return filled.fill(text)


def _right(left: str, right: str) -> str:
    """Two texts at the two ends of a line; on two lines where they do not fit."""
    room = COLUMNS - len(left) - len(right)
    return f"{left}{' ' * room}{right}" if room > 1 else f"{left}\n{right.rjust(COLUMNS)}"


def _underline(text: str) -> str:
    return f"{text}\n{'-' * min(len(text), COLUMNS)}"


def _line_of(error: BaseException, name: str) -> str:
    """File and line in the template where it went wrong."""
    found, trace = name, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith((".html", ".txt")):
            found = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
