"""Recipes: places where papers appear, by name and by address, and beginnings for fields. Pure: the texts are read elsewhere.

`recipes.toml` beside this file holds ours and says how they are written.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, Final
from unicodedata import normalize
from urllib.parse import urlsplit

from digestbot.rules.language.arxiv_categories import CATEGORIES

PLACEHOLDER: Final = "your words"  #: stands in a query that a person has to write
_OWN: Final = frozenset({"name", "title", "each", "codes", "kind", "every", "about", "page", "fields"})
_CODE: Final = r"[A-Za-z0-9][\w-]{0,60}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A source to be added, with what to know of it."""

    name: str
    title: str
    kind: str
    options: Mapping[str, Any]  #: the kind's own, and url
    about: str  #: what it brings, how often, what it lacks
    every: str = ""
    fields: tuple[str, ...] = ()
    page: str = ""  #: host and path that a person knows it by

    @property
    def wants_words(self) -> bool:
        """Has somebody to say what is searched for?"""
        return any(isinstance(v, str) and PLACEHOLDER in v for v in self.options.values())

    def with_words(self, words: str) -> Recipe:
        """The recipe that searches for these words."""
        changed = {k: v.replace(f'"{PLACEHOLDER}"', words).replace(f"{PLACEHOLDER}[tiab]", words) if isinstance(v, str) else v
                   for k, v in self.options.items()}  # fmt: skip
        return replace(self, name=f"{self.name}-{slug(words)}", options=changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Sources and rules to start a field with."""

    title: str
    sources: tuple[str, ...]  #: names of recipes, or categories of arXiv
    topics: tuple[tuple[str, str], ...]  #: (name, rule)
    lacks: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipes:
    """All recipes, the operator's own first."""

    known: tuple[Recipe, ...] = ()
    beginnings: Mapping[str, Beginning] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], Mapping[str, Any]], ...] = ()  #: of pages, with the recipe to be filled

    def named(self, word: str) -> Recipe | None:
        """The recipe of this name or title, or that of a category of arXiv."""
        wanted = slug(word)
        if (category := CATEGORIES.get(word.strip().casefold())) is not None:
            return _of_category(category)
        return next((one for one in self.known if wanted in (slug(one.name), slug(one.title))), None)

    def at(self, address: str) -> Recipe | None:
        """The recipe of the place at this address."""
        try:
            parts = urlsplit(address if "://" in address else f"https://{address}")
            place = f"{(parts.hostname or '').removeprefix('www.')}{parts.path}".rstrip("/")[:300]
        except ValueError:
            return None
        if fixed := next(
            (one for one in self.known if one.page and place in (one.page, f"{one.page}/index.html")), None
        ):
            return fixed
        for pattern, row in self.patterns:
            if (found := pattern.fullmatch(place)) is not None:
                code = found.group(1)
                return next(
                    (one for one in self.known if one.page == row["page"].replace("{}", code)), None
                ) or _filled(row, code, code)
        return None

    def like(self, word: str) -> tuple[Recipe, ...]:
        """Recipes in whose name, title, kind, address, field or remark all these words stand."""
        words = word.casefold().split()
        return tuple(one for one in self.known if all(w in _all_of(one) for w in words))

    def near(self, word: str) -> tuple[str, ...]:
        """Names that somebody may have meant."""
        names = {slug(one.name): one.name for one in self.known} | {slug(one.title): one.name for one in self.known}
        close = [names[found] for found in get_close_matches(slug(word), names, 3, 0.6)]
        return tuple(dict.fromkeys((*close, *(one.name for one in self.like(word)))))[:3]


def slug(text: str) -> str:
    """`Past & Present` → past-present."""
    plain = normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def read_recipes(texts: Sequence[tuple[str, str]]) -> Recipes:
    """The recipes of these (file, text), the earlier ones first. Raises ValueError that names file and recipe."""
    known: dict[str, Recipe] = {}
    beginnings: dict[str, Beginning] = {}
    patterns = []
    for file, text in texts:
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{file}: this is no TOML: {error}") from error
        for number, row in enumerate(_rows(data.get("recipes"), file), 1):
            for one in _each(row, f"{file}, recipe {row.get('name') or row.get('title') or number}"):
                known.setdefault(one.name, one)
            if "{}" in str(row.get("page", "")):
                patterns.append((_page_pattern(row["page"]), row))
        for name, given in data.get("fields", {}).items():
            beginnings.setdefault(name, _beginning(given))
    return Recipes(known=tuple(known.values()), beginnings=beginnings, patterns=tuple(patterns))


def _rows(given: Any, file: str) -> list[Mapping[str, Any]]:
    if given is not None and not (isinstance(given, list) and all(isinstance(row, dict) for row in given)):
        raise ValueError(f"{file}: recipes is a list of tables: write [[recipes]]")
    return given or []


def _each(row: Mapping[str, Any], where: str) -> Iterator[Recipe]:
    """The recipe of a row, or one for each of its codes."""
    for needed in ("kind", "about", "title"):
        if not isinstance(row.get(needed), str) or not row[needed].strip():
            raise ValueError(f"{where}: {needed} is missing")
    each = row.get("each", {"": ""})
    if not isinstance(each, dict) or not all(isinstance(title, str) for title in each.values()):
        raise ValueError(
            f'{where}: each is a table of codes with titles, for example: each = {{ nphys = "Nature Physics" }}'
        )
    for code, title in each.items():
        yield _filled(row, code, title)


def _filled(row: Mapping[str, Any], code: str, title: str) -> Recipe:
    """The recipe of one code."""
    other = str(row.get("codes", {}).get(code, code))

    def fill(value: Any) -> Any:
        if isinstance(value, list):
            return [fill(one) for one in value]
        return (
            value.replace("{}", code).replace("{title}", title).replace("{code}", other)
            if isinstance(value, str)
            else value
        )

    named = fill(row["title"])
    return Recipe(
        name=slug(fill(row["name"])) if "name" in row else slug(named), title=named, kind=row["kind"], about=row["about"],
        options={key: fill(value) for key, value in row.items() if key not in _OWN}, every=str(row.get("every", "")),
        fields=tuple(row.get("fields", ())), page=fill(str(row.get("page", ""))),
    )  # fmt: skip


def _page_pattern(page: str) -> re.Pattern[str]:
    """Matches pages of this form, and what stands below them in the same place."""
    before, _, after = page.partition("{}")
    below = "" if after else r"(?:/(?:index\.html|about|current|recent|toc|home))?"
    return re.compile(f"{re.escape(before)}({_CODE}){re.escape(after)}{below}")


def _of_category(category: str) -> Recipe:
    about = "Every paper of the category with its abstract, Sunday to Thursday at 20:00 in New York."
    return Recipe(
        name=f"arxiv-{slug(category)}",
        title=f"arXiv {category}",
        kind="arxiv",
        options={"categories": [category]},
        about=about,
    )


def _beginning(given: Mapping[str, Any]) -> Beginning:
    topics = tuple((str(t["name"]), str(t["query"])) for t in given.get("topics", ()))
    return Beginning(
        title=str(given["title"]), sources=tuple(given["sources"]), topics=topics, lacks=str(given.get("lacks", ""))
    )


def _all_of(recipe: Recipe) -> str:
    options: Iterable[Any] = recipe.options.values()
    said = (recipe.name, recipe.title, recipe.kind, recipe.about, recipe.page, *recipe.fields, *map(str, options))
    return " ".join(said).casefold()
