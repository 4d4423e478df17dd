"""Everything that is stored as text comes back as it was: every field of every value, with made-up contents."""

from __future__ import annotations

import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from types import UnionType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model import (
    Digest,
    Entry,
    FrozenMap,
    Link,
    LinkRel,
    Notice,
    NoticeKind,
    Paper,
    PaperId,
    PartialDate,
    Reason,
    Receipt,
    Slot,
    Topic,
)
from digestbot.store.tables import json_codec
from digestbot.testing.builders import digest, item, paper, section

STORED = (Entry, Receipt, Topic, Digest)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Anything an annotation allows."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, UnionType):
        return st.one_of([st.none() if a is type(None) else values(a) for a in inner])
    if hasattr(kind, "__supertype__"):  # a NewType
        return values(kind.__supertype__)
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is tuple and len(inner) == 2 and inner[1] is ...:
        return st.lists(values(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values, inner))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return st.dictionaries(values(inner[0]), values(inner[1]), max_size=2).map(FrozenMap)
    if kind is PartialDate:
        return st.sampled_from(["2026", "2026-11", "2026-11-23", "2026-11-23T06:30:00Z"]).map(PartialDate)
    if kind is datetime:
        return st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(kind)
    if kind is Paper:  # inside another value it is its id alone
        return st.integers(1, 10**6).map(lambda number: Paper(id=PaperId(number)))
    if kind is Slot:  # its local time has no zone
        return st.builds(Slot, key=words, due=values(datetime), local=st.datetimes())
    if isinstance(kind, type) and is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{f.name: values(hints[f.name]) for f in fields(kind)})
    return {
        str: words,
        int: st.integers(-(10**12), 10**12),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
    }[kind]


@pytest.mark.parametrize("kind", STORED, ids=lambda k: k.__name__)
def test_a_value_comes_back_as_it_was(kind: type) -> None:
    hints = typing.get_type_hints(kind)
    skipped = {f.name for f in fields(kind) if hints[f.name] is Any or hints[f.name] is object}
    assert not skipped, "an annotation the store cannot follow"

    @given(values(kind))
    def check(value: Any) -> None:
        try:
            hash(value)
        except TypeError:
            pytest.fail(f"{kind.__name__} can be changed")
        assert json_codec.loads(kind, json_codec.dumps(value)) == value

    check()


def test_a_paper_inside_a_digest_is_its_id() -> None:
    made = digest(section(item(1, paper=paper(1, title="Long Catalog"))))
    text = json_codec.dumps(made)
    assert "Long Catalog" not in text
    assert [i.paper for i in json_codec.loads(Digest, text).items()] == [Paper(id=paper(1).id)]


def test_what_is_at_its_default_is_not_written() -> None:
    assert json_codec.dumps(Topic(name="A", query="a")) == '{"name":"A","query":"a"}'


def test_a_field_of_a_newer_version_is_passed_over() -> None:
    assert json_codec.loads(Topic, '{"name":"A","query":"a","colour":"blue"}') == Topic(name="A", query="a")


@pytest.mark.parametrize("kind", [Entry, Paper])
def test_a_word_of_another_version_costs_its_field_and_nothing_else(kind: type[Entry | Paper]) -> None:
    text = (
        '{"title":"A","standing":"suspended","published":"2026-11","notices":[{"kind":"erratum"},{"kind":"concern"}],'
        '"links":[{"rel":"video","href":"https://a.example/"}]}'
    )
    link = Link(LinkRel.RELATED, "https://a.example/")
    concern = Notice(kind=NoticeKind.CONCERN)
    known = kind(title="A", published=PartialDate("2026-11"), links=(link,), notices=(concern,))
    assert json_codec.loads(kind, text) == known
    with pytest.raises(ValueError, match="month"):
        json_codec.loads(kind, '{"standing":"suspended","published":"2026-13"}')


def test_equal_values_are_equal_text() -> None:
    one = Entry(title="T", identifiers=FrozenMap({"doi": "10.1/x", "arxiv": "2611.00001"}))
    two = replace(one, identifiers=FrozenMap({"arxiv": "2611.00001", "doi": "10.1/x"}))
    assert json_codec.dumps(one) == json_codec.dumps(two)


def test_equal_reasons_of_many_digests_are_read_once() -> None:
    why = Reason(field="title", text="Catalog")
    one, two = (json_codec.dumps(digest(section(item(n, reasons=(why,))))) for n in (1, 2))
    read = [i.reasons[0] for text in (one, two) for i in json_codec.loads(Digest, text).items()]
    assert read == [why, why]
    assert read[0] is read[1]


def test_a_list_that_a_newer_version_puts_into_a_reason_is_passed_over() -> None:
    text = json_codec.dumps(digest(section(item(1, reasons=(Reason(field="title", text="Catalog"),)))))
    newer = text.replace('"text":"Catalog"', '"places":[1,2],"text":"Catalog"')
    assert newer != text
    assert json_codec.loads(Digest, newer) == json_codec.loads(Digest, text)
