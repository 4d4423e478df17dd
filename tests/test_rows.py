"""A table that is one test fails as the rows of it would."""

from __future__ import annotations

import pytest
from rows import rows


def test_every_row_is_tried_and_each_that_fails_is_named() -> None:
    tried: list[tuple[int, str]] = []

    @rows(("number", "word"), [(1, "one"), (2, "two"), (3, "three")])
    def a_test(number: int, word: str) -> None:
        tried.append((number, word))
        assert number == 2
        with pytest.raises(ValueError, match="two"):
            int(word)

    with pytest.raises(ExceptionGroup) as caught:
        a_test()
    assert tried == [(1, "one"), (2, "two"), (3, "three")]
    assert str(caught.value.message) == "2 of 3 rows fail"
    assert [failure.__notes__ for failure in caught.value.exceptions] == [
        ["in the row (1, 'one')"], ["in the row (3, 'three')"]
    ]  # fmt: skip


def test_what_does_not_raise_as_it_should_is_a_failure_of_its_row() -> None:
    @rows("text", ["x", "7"], ids=["a letter", "a digit"])
    def a_test(text: str) -> None:
        with pytest.raises(ValueError, match="invalid"):
            int(text)

    with pytest.raises(BaseExceptionGroup) as caught:
        a_test()
    assert [failure.__notes__ for failure in caught.value.exceptions] == [["in the row a digit"]]


@rows("outer", [1, 2])
@rows("inner", "ab")
def test_tables_stand_on_each_other_beside_fixtures(outer: int, inner: str, tmp_path_factory: object) -> None:
    assert outer in (1, 2)
    assert inner in ("a", "b")
    assert tmp_path_factory


def test_a_row_that_would_skip_fails_so_that_no_table_is_left_out_unseen() -> None:
    @rows("number", [1, 2])
    def a_test(number: int) -> None:
        if number == 2:
            pytest.skip("not here")

    with pytest.raises(BaseExceptionGroup) as caught:
        a_test()
    assert [failure.__notes__ for failure in caught.value.exceptions] == [["in the row 2"]]


def test_an_empty_table_is_no_test() -> None:
    with pytest.raises(AssertionError, match="tries nothing"):
        rows("x", [])
