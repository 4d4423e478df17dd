"""feedparser, without what it does in vain for each item. To import this changes feedparser in this process.

Its own dict, which it looks into some forty times an item, asks each time about its old names of keys: a third of the time it
takes. What is not such a name is found by `dict` itself; what is goes the way it went before. And it joins addresses to
nothing, with each element that begins. The methods are put into feedparser's class and module, because its parser makes the
dicts itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any, Final

from feedparser import mixin
from feedparser.api import PREFERRED_XML_PARSERS
from feedparser.util import FeedParserDict

#: what is named here would be looked for in every folder of Python for each feed; expat stays, which is always there
PREFERRED_XML_PARSERS.clear()

#: keys that feedparser gives another meaning than `dict` does: https://feedparser.readthedocs.io/en/latest/reference.html
_RENAMED: Final = frozenset(FeedParserDict.keymap)
_ODD: Final = frozenset({*_RENAMED, "category", "enclosures", "license", "updated", "updated_parsed"})
_FLAT: Final = frozenset({str, int, bool, type(None)})
ITS_OWN: Final = {
    name: FeedParserDict.__dict__[name] for name in ("__getitem__", "__contains__", "get", "setdefault", "__setitem__")
}
_get_item, _contains, _get, _set_default, _set_item = ITS_OWN.values()
_join = mixin._urljoin
_plain_item, _plain_contains, _plain_get = dict.__getitem__, dict.__contains__, dict.get
_plain_default, _plain_set = dict.setdefault, dict.__setitem__


def _get_item_fast(self: Any, key: str) -> Any:
    return _get_item(self, key) if key in _ODD else _plain_item(self, key)


def _contains_fast(self: Any, key: str) -> Any:
    return _contains(self, key) if key in _ODD else _plain_contains(self, key)


def _get_fast(self: Any, key: str, default: Any = None) -> Any:
    return _get(self, key, default) if key in _ODD else _plain_get(self, key, default)


def _set_default_fast(self: Any, key: str, default: Any) -> Any:
    return _set_default(self, key, default) if key in _ODD else _plain_default(self, key, default)


def _set_item_fast(self: Any, key: str, value: Any) -> None:
    _set_item(self, key, value) if key in _RENAMED else _plain_set(self, key, value)


def _copied(self: Any, memo: dict[int, Any]) -> Any:
    """Most hold texts and numbers alone."""
    if all(type(value) in _FLAT for value in self.values()):
        return FeedParserDict(self)
    return FeedParserDict({key: deepcopy(value, memo) for key, value in self.items()})


def _join_fast(base: str, uri: str) -> Any:
    """Without a base the address stays as it is, but for more than two slashes."""
    return _join(base, uri) if base or ":///" in uri else uri


_FAST: Final = (_get_item_fast, _contains_fast, _get_fast, _set_default_fast, _set_item_fast)


def _quicken() -> None:
    for name, method in zip(ITS_OWN, _FAST, strict=True):
        setattr(FeedParserDict, name, method)
    FeedParserDict.__deepcopy__ = _copied
    mixin._urljoin = _join_fast


@contextmanager
def as_feedparser_has_it() -> Iterator[None]:
    """Its own methods, for a test that compares."""
    for name, method in ITS_OWN.items():
        setattr(FeedParserDict, name, method)
    del FeedParserDict.__deepcopy__
    mixin._urljoin = _join
    try:
        yield
    finally:
        _quicken()


_quicken()
