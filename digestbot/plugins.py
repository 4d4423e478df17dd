"""Kinds of sources and channels, ours and strangers', found by entry point and loaded on first use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from digestbot.errors import PluginError

CONTRACT = 1
SOURCES = "digestbot.sources"
CHANNELS = "digestbot.channels"


class Kinds(Mapping[str, Any]):
    """kind → class. Knows all names at once; imports a class when it is asked for.

    Raises PluginError, naming kind and distribution, for a kind whose package cannot be loaded or was written for
    another version of the contract: a broken plug-in fails its own kind only.
    """

    def __init__(self, group: str) -> None:
        self._group = group
        self._points: dict[str, EntryPoint] = {point.name: point for point in entry_points(group=group)}

    def __getitem__(self, kind: str) -> Any:
        if kind not in self._points:
            near = get_close_matches(kind, self._points, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"installed: {', '.join(sorted(self._points)) or 'none'}"
            raise PluginError(f"no {self._group} called {kind!r}", fix=hint)
        point = self._points[kind]
        dist = point.dist.name if point.dist else ""
        try:
            loaded = point.load()
        except Exception as error:  # foreign code: anything may come out of it
            raise PluginError(f"kind {kind!r} cannot be imported", where=dist, fix=repr(error)) from error
        if getattr(loaded, "contract", None) != CONTRACT:
            raise PluginError(
                f"kind {kind!r} was written for version {getattr(loaded, 'contract', 'none')} of the contract",
                where=dist,
                fix=f"this digestbot has version {CONTRACT}",
            )
        return loaded

    def get(self, kind: str, default: Any = None) -> Any:
        """None only for a kind that is not installed: a broken one raises, as always."""
        return self[kind] if kind in self._points else default

    def __iter__(self) -> Iterator[str]:
        return iter(self._points)

    def __len__(self) -> int:
        return len(self._points)

    def __contains__(self, kind: object) -> bool:
        return kind in self._points
