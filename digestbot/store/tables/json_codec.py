"""JSON codec: model values as JSON text and back, driven by the fields and types of the dataclasses.

Writers and readers are built once for each type. A Paper inside another value is written as its id alone: its texts
stand in their own table, and reading gives today's texts.
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any, TypeVar

from digestbot.memo import remembered
from digestbot.model import FrozenMap, Paper, PaperId, PartialDate, Reason, ScorePart

T = TypeVar("T")
_UNKNOWN = object()  #: stands for what has a word that is in no list
_ENCODE = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True
).encode  #: `json.dumps` makes one each time
Turn = Callable[[Any], Any]


#: written and read once for many digests: equal rules find a paper for equal reasons
_COME_AGAIN = (Reason, ScorePart)


def dumps(value: Any, *, leave_out: frozenset[str] = frozenset()) -> str:
    """JSON of a dataclass value. Values at their default are left out, and fields named in `leave_out`."""
    made = _writer(_class(type(value)), leave_out)(value)
    return _ENCODE(made)


def loads(kind: type[T], text: str, **known: Any) -> T:
    """The value again, with the fields that are `known` from elsewhere. Unknown fields are ignored.

    A word that its list of words has no longer, or not yet, costs the field it stands in, and what cannot be without it.
    """
    values = json.loads(text)
    try:
        value: T = _reader(_class(kind))(values, known)
    except ValueError:
        value = _reader(_class(kind), lenient=True)(values, known)
        if value is _UNKNOWN:
            raise
    return value


def _class(kind: Any) -> Hashable:
    """A key of the caches below: mypy doubts that classes can be hashed."""
    found: Hashable = kind
    return found


@remembered(16384)
def _reference(paper: PaperId) -> Paper:
    """A stand-in for a paper inside a stored value, until its texts are read."""
    return Paper(id=paper)


@cache
def _writer(kind: type, leave_out: frozenset[str] = frozenset()) -> Turn:
    """A function from a dataclass value to JSON values."""
    hints = typing.get_type_hints(kind)
    plan = [(f.name, _default(f), _out(hints[f.name])) for f in fields(kind) if f.name not in leave_out]

    def write(value: Any) -> dict[str, Any]:
        made = {}
        for name, default, turn in plan:
            given = getattr(value, name)
            if given is not default and given != default:
                made[name] = turn(given) if turn is not None and given is not None else given
        return made

    return write


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _out(kind: Any) -> Turn | None:
    """The function that writes a value of this annotated type; None when it is written as it is."""
    kind, origin = _bare(kind)
    if kind is Paper:
        return lambda paper: paper.id
    if kind is PartialDate:
        return lambda date: date.text
    if kind is datetime:
        return datetime.isoformat
    if origin is tuple:
        inner = _out(typing.get_args(kind)[0])
        return list if inner is None else lambda values: [inner(v) for v in values]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return dict
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda member: member.value
    if not is_dataclass(kind):
        return None
    write = _writer(_class(kind))
    return remembered(16_384)(write) if kind in _COME_AGAIN else write


@cache
def _reader(kind: type, *, lenient: bool = False) -> Callable[..., Any]:
    """A function from JSON values to a dataclass value. `lenient`: words that are in no list are left out."""
    hints = typing.get_type_hints(kind)
    plan = {name: _in(hint, lenient=lenient) for name, hint in hints.items()}

    def read(values: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Any:
        made: dict[str, Any] = {}
        for name, value in values.items():
            if name in plan:
                turn = plan[name]
                made[name] = turn(value) if turn is not None and value is not None else value
        return kind(**{**made, **known}) if known else kind(**made)

    required = {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING}

    def read_what_is_known(values: Mapping[str, Any], known: Mapping[str, Any] | None = None) -> Any:
        turned = {name: turn(values[name]) for name, turn in plan.items() if turn and values.get(name) is not None}
        unknown = {name for name, value in turned.items() if value is _UNKNOWN}
        if unknown & required:
            return _UNKNOWN
        said = {name: value for name, value in values.items() if name in plan and name not in unknown}
        return kind(**{**said, **{name: turned[name] for name in turned.keys() - unknown}, **(known or {})})

    return read_what_is_known if lenient else read


def _in(kind: Any, *, lenient: bool = False) -> Turn | None:
    """The function that reads a value of this annotated type; None when it is read as it is."""
    kind, origin = _bare(kind)
    if kind is Paper:
        return _reference
    if kind is PartialDate:
        return lru_cache(maxsize=4096)(PartialDate)
    if kind is datetime:
        return datetime.fromisoformat
    if origin is tuple:
        inner = _in(typing.get_args(kind)[0], lenient=lenient)
        if inner is not None and lenient:
            return lambda values: tuple(value for value in map(inner, values) if value is not _UNKNOWN)
        return tuple if inner is None else lambda values: tuple(map(inner, values))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return FrozenMap
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _known_word(kind) if lenient else kind
    if not is_dataclass(kind):
        return None
    read = _reader(_class(kind), lenient=lenient)
    return _read_once(read) if kind in _COME_AGAIN else read


def _read_once(read: Turn) -> Turn:
    """Equal JSON objects of plain values are read once."""

    @remembered(4096)
    def kept(*values: tuple[str, Any]) -> Any:
        return read(dict(values))

    def again(values: Mapping[str, Any]) -> Any:
        try:
            return kept(*values.items())
        except TypeError:  # a list in it: something that this version does not know
            return read(values)

    return again


def _known_word(kind: type[Enum]) -> Turn:
    def read(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError:
            return _UNKNOWN

    return read


def _bare(kind: Any) -> tuple[Any, Any]:
    """The type without `| None`, and its origin."""
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        kind = next(a for a in typing.get_args(kind) if a is not type(None))
        origin = typing.get_origin(kind)
    return kind, origin
