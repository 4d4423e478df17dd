"""Template loader: Jinja templates with escaping, the tokens of their look, and their texts; ours and those that override them.

A template file of the same name in the operator's folder wins; `tokens.toml` and strings are overridden key by key.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from digestbot.bundled import folder
from digestbot.digest.rendering.catalog import Languages, near
from digestbot.digest.rendering.text_layout import right, wrap
from digestbot.errors import TemplateError

RenderElsewhere = Callable[[str, Mapping[str, Any]], str]  #: a template's name and values; raises TemplateError


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, where most of what templates ask for is found at once: fields of our values and entries of dicts."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The field or entry, where it is one without an underscore before it; else what the sandbox allows."""
        kind = type(obj)
        if kind is dict and attribute in obj:
            return obj[attribute]
        if attribute in getattr(kind, "__dataclass_fields__", ()) and not attribute.startswith("_"):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)


@dataclass(frozen=True)
class TemplateLoader:
    """All files that mails and pages are rendered from."""

    environment: jinja2.Environment
    languages: Languages
    elsewhere: RenderElsewhere | None = None  #: renders templates of the operator's, within limits
    override: Path | None = None  #: the operator's folder
    _found: dict[str, jinja2.Template] = field(default_factory=dict)

    @classmethod
    def load(cls, override: Path | None = None, elsewhere: RenderElsewhere | None = None) -> TemplateLoader:
        """Read everything but the templates, which are compiled when first used. Raises TemplateError."""
        folders = [folder("templates"), *([override] if override else [])]
        environment = Sandbox(  # templates come from people who know HTML, not our program
            loader=jinja2.FileSystemLoader([str(path) for path in reversed(folders)]),
            autoescape=jinja2.select_autoescape(("html",)),
            undefined=jinja2.StrictUndefined,
            trim_blocks=True, lstrip_blocks=True, auto_reload=False, keep_trailing_newline=False,
        )  # fmt: skip
        environment.globals.update(_tokens(folders))
        environment.filters.update(wrap=wrap, right=right)
        return cls(environment, Languages.read(_strings(folders)), elsewhere if override else None, override)

    def is_ours(self, *names: str) -> bool:
        """Whether none of these templates is the operator's."""
        return self.override is None or not any((self.override / name).exists() for name in names)

    def style(self, name: str) -> str:
        """A style of the tokens, as it stands in an attribute."""
        styles: Any = self.environment.globals["s"]
        return str(styles[name])

    def render(self, name: str, /, **values: Any) -> str:
        """Render a template. Raises TemplateError with file and line."""
        return self.elsewhere(name, values) if self.elsewhere else self.render_here(name, values)

    def render_here(self, name: str, values: Mapping[str, Any]) -> str:
        """The same without limits of time and memory."""
        try:
            return self._template(name).render(**values)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(
                f"cannot be read: {error.message}", where=f"{error.filename or error.name}:{error.lineno}"
            ) from error
        except jinja2.TemplateNotFound as error:
            raise TemplateError(f"there is no template {error.name!r}", where=name) from error
        except MemoryError:
            raise  # of the limit under which it is rendered
        except Exception as error:  # a template may do anything: undefined names, wrong types, forbidden attributes
            raise TemplateError(
                f"cannot be rendered: {error}", where=_line_of(error, name), fix=_fields(error, values)
            ) from error

    def _template(self, name: str) -> jinja2.Template:
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self.environment.get_template(name)
        return found


WIDEST = 2000  #: pixels
#: what had another name once → today's
_RENAMED = {f"mail/notice.{kind}": f"mail/form_mail.{kind}" for kind in ("html", "txt")}
_RENAMED_TEXT = ("notice_", "form_mail_")  #: how texts began once, and begin today


def unused(override: Path) -> list[tuple[str, str]]:
    """Files of the operator that nothing uses, each with the file of ours that it was named after, or has nearly its name."""
    ours = folder("templates")
    known = {str(path.relative_to(ours)) for path in ours.rglob("*") if path.is_file()}
    kinds = (".html", ".txt", ".toml")  # an editor's own files are nobody's mistake
    given = [p for p in sorted(override.rglob("*")) if p.suffix in kinds and not p.name.startswith(".") and p.is_file()]
    said = "".join(path.read_text(errors="replace") for path in given if path.suffix != ".toml")
    found = []
    for path in given:
        name = str(path.relative_to(override))
        language = path.parent == override / "strings"
        if name not in known and not language and name not in said:
            found.append((name, _RENAMED.get(name) or next(iter(get_close_matches(name, known, 1, 0.6)), "")))
    return found


def renamed_texts(override: Path) -> list[tuple[str, str, str]]:
    """Texts of the operator under a name that ours had once: the file, that name, and today's."""
    ours = _read(folder("templates") / "strings" / "en.toml")["text"]
    before, today = _RENAMED_TEXT
    found = []
    for path in sorted((override / "strings").glob("*.toml")):
        renamed = {
            name: name.replace(before, today, 1) for name in _read(path).get("text", {}) if name.startswith(before)
        }
        found += [(str(path.relative_to(override)), name, now) for name, now in renamed.items() if now in ours]
    return found


def _tokens(folders: Sequence[Path]) -> dict[str, Any]:
    """`light`, `dark`, `face`, `size`, and `s`: the styles with the values of the others filled in."""
    made: dict[str, dict[str, Any]] = {}
    for path in (one / "tokens.toml" for one in folders):
        if path.is_file():
            for name, table in _read(path).items():
                if path.parent != folders[0] and name != "style":
                    _known_tokens(made, name, table, str(path))
                made.setdefault(name, {}).update(table)
    plain = made["light"] | made["face"] | made["size"]
    try:
        # the operator's own file: its quotes are CSS, not text to be escaped
        styles = {name: Markup(text.format_map(plain)) for name, text in made["style"].items()}  # noqa: S704
    except (KeyError, ValueError, AttributeError) as error:
        raise TemplateError(
            f"a style cannot be made: {error.args[0] if error.args else error}",
            where=str(folders[-1] / "tokens.toml"),
            fix="{name} stands for a colour, a face or a size",
        ) from error
    faces = {name: Markup(text) for name, text in made["face"].items()}  # noqa: S704
    return {"s": styles, "light": made["light"], "dark": made["dark"], "face": faces, "size": made["size"]}


_TokenValue = tuple[str, Callable[[object], bool], str]  #: (what it is, whether a value fits, the mend)


def _known_tokens(ours: Mapping[str, Mapping[str, Any]], name: str, table: Any, where: str) -> None:
    """Raises TemplateError for a token that would change nothing or break a style. New styles may be added."""
    if not isinstance(ours.get(name), Mapping) or not isinstance(table, Mapping):
        what = f"there is no [{name}]" if isinstance(table, Mapping) else f"{name} stands in no table"
        raise TemplateError(what, where=where, fix=f"There are {', '.join(f'[{one}]' for one in ours)}")
    for key, value in table.items():
        if key not in ours[name]:
            raise TemplateError(f"there is no {key} in [{name}]", where=where, fix=near(key, ours[name]))
        what, fits, fix = _TOKEN_VALUES.get(name, ("", _is_text, ""))
        if what and not fits(value):
            raise TemplateError(f"{key} = {value!r} is no {what}", where=where, fix=fix)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_colour(value: object) -> bool:
    return isinstance(value, str) and _COLOUR.fullmatch(value) is not None


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= WIDEST


_COLOURS: _TokenValue = ("colour", _is_colour, 'Write it like "#1b5e20"')
#: what the values of each table of tokens are
_TOKEN_VALUES: Mapping[str, _TokenValue] = {
    "light": _COLOURS,
    "dark": _COLOURS,
    "size": ("size", _is_size, f"Write a number of pixels from 1 to {WIDEST}, without quotation marks"),
    "face": ("face", _is_text, "Write names of faces in quotation marks"),
}


_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def _read(path: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TemplateError(f"cannot be read: {error}", where=str(path)) from error


def _strings(folders: Sequence[Path]) -> dict[str, list[tuple[str, str]]]:
    """Language → its files, ours first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path in (path for one in folders for path in sorted((one / "strings").glob("*.toml"))):
        try:
            found.setdefault(path.stem, []).append((str(path), path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise TemplateError(f"cannot be read: {error}", where=str(path)) from error
    return found


def _fields(error: BaseException, values: Mapping[str, Any]) -> str:
    """The fields a value has, for the error when a template asks for another one."""
    found = re.search(r"'(?:[\w.]*\.)?(\w+) object' has no attribute", str(error))
    asked = next((v for v in values.values() if found and type(v).__name__ == found.group(1) and is_dataclass(v)), None)
    return f"It has {', '.join(f.name for f in fields(asked))}" if asked is not None else ""


def _line_of(error: BaseException, name: str) -> str:
    """File and line of the template where rendering failed."""
    found, trace = name, error.__traceback__
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.endswith((".html", ".txt")):
            found = f"{file}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found
