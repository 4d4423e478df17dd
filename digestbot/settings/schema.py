"""The configuration as a JSON Schema, for editors: made from the same table of keys that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digestbot.settings.fields import Key
from digestbot.settings.tables import LISTS, TABLES

_LISTED = {"topics": "subscribers.topics"}  #: a list of tables inside a subscriber


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the main file and of the subscribers' files."""
    tables = {name: _table(name, keys) for name, keys in TABLES.items() if "." not in name}
    properties = {n: {"type": "array", "items": made} if n in LISTS else made for n, made in tables.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "digestbot",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
    }


def _table(name: str, keys: Mapping[str, Key]) -> dict[str, Any]:
    properties = {key: _value(name, key, one) for key, one in keys.items()}
    made: dict[str, Any] = {"type": "object", "properties": properties}
    if needed := [key for key, one in keys.items() if one.needed]:
        made["required"] = needed
    if name != "sources":  # a kind has options of its own
        made["additionalProperties"] = False
    return made


def _value(table: str, name: str, key: Key) -> dict[str, Any]:
    if table == "subscribers" and name in _LISTED:
        inner = _LISTED[name]
        return {"description": key.help, "type": "array", "items": _table(inner, TABLES[inner])}
    return {"description": key.help, **key.shape}
