"""The beginning of a field: its sources and rules in place of those of our sample configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from digestbot.errors import UsageError

if TYPE_CHECKING:  # loaded when a field is asked for
    from digestbot.sources.recipes import Recipe

ABOUT = "Every paper of these categories with its abstract, Sunday to Thursday at 20:00 in New York; each once, however many list it."
FIELDS = (
    "biology",
    "math",
    "physics",
    "economics",
    "cs",
    "crypto",
    "humanities",
)  #: of ours; recipes.toml says what is in them


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What is put into the sample configuration."""

    sources: str  #: blocks of TOML
    topics: tuple[tuple[str, str], ...]
    lacks: str

    def put_into(self, text: str) -> str:
        """A file of the sample with this field's sources and rules; the rest of it stays."""
        text = _between(text, "\n[[sources]]\n", "\n# Rules that several", f"\n{self.sources}")
        shared = f'\n# [[topics]]\n# name = "shared"\n# query = {_quoted(self.topics[0][1])}\n'
        text = _between(text, "\n[[topics]]\n", "", shared).replace("@diffusion", "@shared")
        blocks = [
            f"\n  [[subscribers.topics]]\n  name = {json.dumps(name, ensure_ascii=False)}\n  query = {_quoted(query)}\n"
            for name, query in self.topics
        ]
        return _between(text, "\n  [[subscribers.topics]]\n", "\n  # [[subscribers.topics]]", "".join(blocks))


def _between(text: str, begin: str, end: str, instead: str) -> str:
    """The text with something else from `begin` up to `end`, or to its own end; as it is where neither stands in it."""
    start = text.find(begin)
    stop = text.find(end, start + 1) if end else len(text)
    return text if start < 0 or stop < 0 else text[:start] + instead + text[stop:]


def beginning(field: str) -> Begun:
    """The beginning of a field. Raises UsageError for one that nobody wrote."""
    from digestbot.app.recipes import known_recipes
    from digestbot.cli.setup.sources import written

    known = known_recipes(None)
    found = known.beginnings.get(field.casefold())
    if found is None:
        raise UsageError(f"there is no field {field!r}", fix=f"One of: {', '.join(known.beginnings)}")
    recipes = [recipe for name in found.sources if (recipe := known.named(name)) is not None]
    return Begun(
        sources="\n".join(written(one).toml() for one in _together(recipes)), topics=found.topics, lacks=found.lacks
    )


def _together(recipes: Sequence[Recipe]) -> list[Recipe]:
    """The recipes with one source for all of arXiv's categories: arXiv is asked once for all of them."""
    ours = [one for one in recipes if one.kind == "arxiv"]
    if len(ours) < 2:
        return list(recipes)
    names = [name for one in ours for name in one.options["categories"]]
    joined = replace(
        ours[0], name="arxiv", title=f"arXiv {', '.join(names)}", about=ABOUT, options={"categories": names}
    )
    return [joined, *(one for one in recipes if one.kind != "arxiv")]


def _quoted(text: str) -> str:
    """A literal string where that needs no escapes, as people write rules."""
    return f"'{text}'" if "'" not in text else json.dumps(text, ensure_ascii=False)
