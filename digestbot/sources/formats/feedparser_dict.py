"""feedparser's dict, looked into in the time of a plain one.

feedparser reads and writes one of its own some forty times an item, and each time asks about its old names of keys: a third
of the time it takes. What is not such a name is found by `dict` itself; what is goes the way it went before. To import this puts
the methods into feedparser's class, because its parser makes the dicts itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, Final

from feedparser.api import PREFERRED_XML_PARSERS
from feedparser.util import FeedParserDict

#: what is named here would be looked for in every folder of Python for each feed; expat stays, which is always there
PREFERRED_XML_PARSERS.clear()

#: keys that feedparser gives another meaning than `dict` does: https://feedparser.readthedocs.io/en/latest/reference.html
_RENAMED: Final = dict(FeedParserDict.keymap)
_ODD: Final = frozenset({*_RENAMED, "category", "enclosures", "license", "updated", "updated_parsed"})
_FLAT: Final = frozenset({str, int, bool, type(None)})
ITS_OWN: Final = {
    name: FeedParserDict.__dict__[name] for name in ("__getitem__", "__contains__", "get", "setdefault", "__setitem__")
}
_get_item, _contains, _get, _set_default, _set_item = ITS_OWN.values()


def _get_item_fast(self: Any, key: str) -> Any:
    return _get_item(self, key) if key in _ODD else dict.__getitem__(self, key)


def _contains_fast(self: Any, key: str) -> Any:
    return _contains(self, key) if key in _ODD else dict.__contains__(self, key)


def _get_fast(self: Any, key: str, default: Any = None) -> Any:
    return _get(self, key, default) if key in _ODD else dict.get(self, key, default)


def _set_default_fast(self: Any, key: str, default: Any) -> Any:
    return _set_default(self, key, default) if key in _ODD else dict.setdefault(self, key, default)


def _set_item_fast(self: Any, key: str, value: Any) -> None:
    _set_item(self, key, value) if key in _RENAMED else dict.__setitem__(self, key, value)


def _copied(self: Any, memo: dict[int, Any]) -> Any:
    """Most hold texts and numbers alone."""
    if all(type(value) in _FLAT for value in self.values()):
        return FeedParserDict(self)
    return FeedParserDict({key: deepcopy(value, memo) for key, value in self.items()})


_FAST: Final = (_get_item_fast, _contains_fast, _get_fast, _set_default_fast, _set_item_fast)


@contextmanager
def as_feedparser_has_it() -> Iterator[None]:
    """Its own methods, for a test that compares."""
    for name, method in ITS_OWN.items():
        setattr(FeedParserDict, name, method)
    del FeedParserDict.__deepcopy__
    try:
        yield
    finally:
        _look_fast()


def _look_fast() -> None:
    for name, method in zip(ITS_OWN, _FAST, strict=True):
        setattr(FeedParserDict, name, method)
    FeedParserDict.__deepcopy__ = _copied


_look_fast()
