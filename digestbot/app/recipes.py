"""The recipes as files: ours, and the operator's beside the configuration, which win."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digestbot.errors import UsageError
from digestbot.model import Secret
from digestbot.sources import recipes

OWN = "recipes.toml"  #: beside the main file
_OURS = Path(recipes.__file__).with_name("recipes.toml")


def known_recipes(main: Path | None) -> recipes.Recipes:
    """All recipes. Raises UsageError when the operator's file cannot be read."""
    own = main.parent / OWN if main is not None else None
    texts = [(str(own), own.read_text(encoding="utf-8", errors="replace"))] if own is not None and own.is_file() else []
    try:
        return recipes.read_recipes([*texts, (OWN, _OURS.read_text(encoding="utf-8"))])
    except ValueError as error:
        raise UsageError(str(error), fix="docs/sources.md says how a recipe is written") from error


def with_secrets(options: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """The options with what stands in the files they name. Raises UsageError for a file that cannot be read."""
    found = dict(options)
    for name in (n for n in options if n.endswith("_file")):
        try:
            found[name.removesuffix("_file")] = Secret((root / str(options[name])).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{options[name]} cannot be read", fix=f"This source wants it: {name}") from error
    return found
