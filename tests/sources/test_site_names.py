"""The name of the site behind each title is not the title's."""

from __future__ import annotations

import pytest
from rows import rows

from digestbot.model import Entry
from digestbot.sources.formats.site_names import without_site_name


def titles(feed: str, *given: str) -> list[str]:
    return [entry.title for entry in without_site_name([Entry(title=title) for title in given], feed)]


@rows("sign", [" | ", " - ", " – ", " — ", " :: ", " · ", " » "])
@rows("feed", ["Lake Lab", "LAKE LAB", "RSS feed: Lake Lab"])
def test_the_name_of_the_feed_behind_a_title_is_left_out(feed: str, sign: str) -> None:
    assert titles(feed, f"Ponds{sign}Lake Lab", "Rivers - a talk") == ["Ponds", "Rivers - a talk"]


def test_what_ends_every_title_is_left_out() -> None:
    assert titles("Feed", "A - b | PhysOrg", "C | PhysOrg", "D | PhysOrg") == ["A - b", "C", "D"]


@pytest.mark.parametrize(
    "given",
    [
        ("Ponds | Winter", "Lakes | Winter"),
        ("Ponds | Winter", "Lakes | Winter", "Seas"),
        ("Ponds | Winter", "Ponds | Winter", "Ponds | Winter"),
        ("Lake Lab", "| Lake Lab"),
        ("X-Lake Lab", "Rays-Lake Lab"),
        ("",),
    ],
)
def test_nothing_else_is_cut(given: tuple[str, ...]) -> None:
    assert titles("Lake Lab", *given) == list(given)
