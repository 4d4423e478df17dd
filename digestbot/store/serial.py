"""Model values as JSON text and back. One place, driven by the dataclasses' own fields and types."""

from __future__ import annotations

import json
import types
import typing
import zlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from digestbot.model import FrozenMap, PartialDate

T = TypeVar("T")


def dumps(value: Any, *, leave_out: frozenset[str] = frozenset()) -> str:
    """JSON of a dataclass value; `leave_out` names fields of the outermost. Values at their default are left out."""
    return json.dumps(_out(value, leave_out), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def loads(kind: type[T], text: str) -> T:
    """The value again. Fields this version does not know are passed over."""
    value: T = _in(kind, json.loads(text))
    return value


def pack(text: str) -> bytes:
    """Compressed: stored digests are mostly words."""
    return zlib.compress(text.encode(), 6)


def unpack(data: bytes) -> str:
    """And back."""
    return zlib.decompress(data).decode()


def _out(value: Any, leave_out: frozenset[str] = frozenset()) -> Any:
    if isinstance(value, PartialDate):
        return value.text
    if is_dataclass(value) and not isinstance(value, type):
        given = ((f, getattr(value, f.name)) for f in fields(value) if f.name not in leave_out)
        return {f.name: _out(v) for f, v in given if v not in (None, "", (), {}) or f.default not in (v, None, "")}
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.isoformat()
        case Mapping():
            return {str(k): _out(v) for k, v in value.items()}
        case tuple() | list() | frozenset():
            return [_out(v) for v in value]
        case _:
            return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _in(kind: Any, value: Any) -> Any:  # noqa: PLR0911  # a table of types
    origin = typing.get_origin(kind)
    if value is None or kind is Any:
        return value
    if origin in (typing.Union, types.UnionType):
        return _in(next(a for a in typing.get_args(kind) if a is not type(None)), value)
    if kind is PartialDate:
        return PartialDate(value)
    if kind is datetime:
        return datetime.fromisoformat(value)
    if origin is tuple:
        return tuple(_in(typing.get_args(kind)[0], v) for v in value)
    if origin is not None and isinstance(origin, type) and issubclass(origin, Mapping):
        return FrozenMap(value)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: _in(hints[name], v) for name, v in value.items() if name in hints})
    return value
