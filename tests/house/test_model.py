"""The values everything is made of: they cannot change, and dates say no more than was known."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digestbot.errors import ConfigProblem, DigestbotError, RuleError, StoreBusy
from digestbot.model import (
    Entry,
    FrozenMap,
    Link,
    LinkRel,
    Notice,
    NoticeKind,
    Outcome,
    PartialDate,
    Receipt,
    SendStage,
    Slot,
    Standing,
)


def test_a_frozen_map_cannot_be_changed() -> None:
    held = FrozenMap({"doi": "10.1/x"})
    changes: list[Callable[[], object]] = [
        lambda: held.update(doi="y"),
        lambda: held.pop("doi"),
        lambda: held.__setitem__("a", "b"),
        lambda: held.clear(),  # noqa: PLW0108  # mypy finds the bare method untyped
    ]
    for change in changes:
        with pytest.raises(TypeError, match="frozen"):
            change()
    assert held == {"doi": "10.1/x"}


def test_a_frozen_map_is_copied_pickled_and_hashed_as_a_value() -> None:
    held = FrozenMap({"a": "1", "b": "2"})
    assert copy.deepcopy(held) == pickle.loads(pickle.dumps(held)) == held
    assert hash(held) == hash(FrozenMap({"b": "2", "a": "1"}))


def test_an_entry_is_pickled_and_copied_as_a_value() -> None:
    links = (Link(LinkRel.PDF, "https://a.example/1.pdf"),)
    given = Entry(
        title="A", authors=("B", "C"), published=PartialDate("2026-11"), identifiers={"doi": "10.1/x"}, links=links
    )
    there = pickle.loads(pickle.dumps(given, pickle.HIGHEST_PROTOCOL))
    assert copy.deepcopy(given) == there == given
    assert all(type(getattr(there, name)) is type(getattr(given, name)) for name in Entry.__slots__)


@pytest.mark.parametrize("text", ["2026", "2026-11", "2026-11-23", "2026-11-23T06:30:00Z", "2026-11-23T06:30:00.25Z"])
def test_a_date_says_no_more_than_was_known(text: str) -> None:
    assert PartialDate(text).text == text


@pytest.mark.parametrize(
    "text", ["", "26", "2026-13", "2026-02-30", "2026-11-23T25:00:00Z", "yesterday", "2026-11-23\n"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"date|day|month|hour"):
        PartialDate(text)


def test_a_month_begins_at_its_first_moment() -> None:
    assert PartialDate("2026-11").earliest() == datetime(2026, 11, 1, tzinfo=UTC)
    assert PartialDate("2026-11").day() == date(2026, 11, 1)


def test_a_slot_with_a_naive_due_is_refused() -> None:
    with pytest.raises(ValueError, match="UTC"):
        Slot(key="x", due=datetime(2026, 11, 23), local=datetime(2026, 11, 23))


def test_an_error_says_what_where_and_what_to_do() -> None:
    error = DigestbotError("the file is empty", where="people.toml", fix="Add somebody")
    assert str(error) == "people.toml: the file is empty. Add somebody"


def test_an_error_survives_being_sent_between_processes() -> None:
    error = pickle.loads(pickle.dumps(StoreBusy("held", where="db", fix="wait")))
    assert isinstance(error, StoreBusy)
    assert (error.what, error.where, error.fix, error.retry) == ("held", "db", "wait", True)


def test_a_rules_error_points_at_the_place_whatever_stands_before_it() -> None:
    error = RuleError("unknown field", text="a\tAND titel:b", position=6, length=5)
    assert error.caret() == "a AND titel:b\n      ^^^^^"


def test_a_problem_names_the_nearest_allowed_value_and_else_all_of_them() -> None:
    near = ConfigProblem(file="a.toml", what="unknown key", given="schedul", allowed=("schedule", "name"), line=3)
    far = ConfigProblem(file="a.toml", what="unknown key", given="x", allowed=("schedule", "name"))
    assert str(near) == 'a.toml:3: unknown key; did you mean "schedule"?'
    assert str(far) == "a.toml: unknown key; one of: schedule, name"


def test_the_words_of_a_plug_in_become_members_of_the_closed_lists() -> None:
    given: dict[str, Any] = {"rel": "code", "standing": "retracted", "kind": "concern", "stage": "dot"}
    assert Link(given["rel"], "https://x.example").rel is LinkRel.CODE
    assert Entry(standing=given["standing"]).standing is Standing.RETRACTED
    assert Notice(kind=given["kind"]).kind is NoticeKind.CONCERN
    assert Receipt(outcome=Outcome.ACCEPTED, stage=given["stage"]).stage is SendStage.DOT


def test_a_word_outside_a_list_is_told_only_where_it_would_change_what_becomes_of_a_paper() -> None:
    strange: Any = "strange"
    assert Link(strange, "https://x.example").rel is LinkRel.RELATED
    assert Receipt(outcome=Outcome.ACCEPTED, stage=strange).stage is SendStage.OTHER
    for make in (lambda: Entry(standing=strange), lambda: Notice(kind=strange)):
        with pytest.raises(ValueError, match="strange"):
            make()
