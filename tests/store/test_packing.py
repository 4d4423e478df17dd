"""Packed texts come back as they were, whoever packed them, and are smaller."""

from __future__ import annotations

import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.store.tables.packing import DICTIONARY, pack, unpack

ABSTRACT = (
    '{"summary":"In this work, we propose a framework for large language models. We show that our approach improves the '
    'performance of models on several benchmarks.","title":"A framework"}'
)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_comes_back(text: str) -> None:
    assert unpack(pack(text)) == text


def test_a_text_longer_than_the_window_comes_back() -> None:
    text = "".join(f"{number:x} whales\n" for number in range(20_000))
    assert unpack(pack(text)) == text


def test_what_was_packed_before_there_was_a_dictionary_is_read() -> None:
    assert unpack(zlib.compress(ABSTRACT.encode(), 6)) == ABSTRACT


def test_what_is_said_again_and_again_takes_little_room() -> None:
    text = '{"text":"' + "queued " * 400 + '"}'
    assert len(pack(text)) < len(text) / 5


def test_the_words_of_papers_are_known() -> None:
    assert len(pack(ABSTRACT)) < 0.7 * len(zlib.compress(ABSTRACT.encode(), 9))


def test_the_dictionary_is_the_one_that_stored_rows_were_packed_with() -> None:
    assert hashlib.sha256(DICTIONARY).hexdigest() == "86e1cbd16cf0f57fb0d234cdcdee515e228cecf2120276bba40ae72f920e7d73"


@pytest.mark.parametrize(
    "data",
    [b"", b"\x02abc", b"{}", b"\x01\xff\xff", b"\x78\x9c\x00", pack(ABSTRACT)[:-9] + b"\xff" * 9, pack(ABSTRACT)[:-9]],
)
def test_what_was_not_packed_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="packed"):
        unpack(data)
