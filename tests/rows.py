"""A table of small cases as one test: a test for each row would cost many times what the row does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import pytest


def rows(
    names: str | tuple[str, ...], table: Iterable[Any], ids: Iterable[Any] | Callable[[Any], str] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Written as `pytest.mark.parametrize`, for tests that share nothing from row to row: no fixture, no state.

    All rows are tried. The test fails with each row that does, named by its id or its values.
    """
    cases = list(table)
    assert cases, "an empty table tries nothing"
    labels = [ids(case) for case in cases] if callable(ids) else list(ids or map(repr, cases))
    assert len(labels) == len(cases)

    given = (names,) if isinstance(names, str) else names

    def over(test: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(test)
        def tried(**others: Any) -> None:
            failures: list[BaseException] = []
            for case, label in zip(cases, labels, strict=True):
                values = (case,) if isinstance(names, str) else case
                try:
                    test(**dict(zip(given, values, strict=True)), **others)
                except (Exception, pytest.fail.Exception, pytest.skip.Exception) as failure:  # a row skips nothing
                    failure.add_note(f"in the row {label}")
                    failures.append(failure)
            if failures:
                raise BaseExceptionGroup(f"{len(failures)} of {len(cases)} rows fail", failures)

        taken = inspect.signature(test)
        left = [taken.parameters[name] for name in taken.parameters.keys() - set(given)]
        tried.__signature__ = taken.replace(parameters=left)  # type: ignore[attr-defined]  # what pytest reads
        return tried

    return over
