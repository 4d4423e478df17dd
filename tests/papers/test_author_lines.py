"""Lines of authors as sources write them, each with the names a person reads in it."""

from pathlib import Path

import pytest

from digestbot.papers.text.author_lists import read_authors
from digestbot.papers.text.person_names import reading_order, reading_orders, search_forms

TABLE = Path(__file__).with_name("author_lines.tsv")


def lines() -> list[tuple[str, list[str], list[str]]]:
    """(line, names, affiliations) of each row; `\\n` stands for a line end."""
    rows = [row.split("\t") for row in TABLE.read_text(encoding="utf-8").splitlines()]
    return [(raw.replace("\\n", "\n"), _parts(names), _parts(places)) for raw, names, places in rows]


def _parts(cell: str) -> list[str]:
    return cell.split(" | ") if cell else []


def test_every_line_of_authors_is_read_as_a_person_reads_it() -> None:
    rows = lines()
    assert len(rows) >= 300
    wrong = [
        f"{raw!r}: {read.names} {read.affiliations}"
        for raw, names, places in rows
        if ((read := read_authors(raw)).names, read.affiliations) != (tuple(names), tuple(places))
    ]
    assert not wrong, "\n".join(wrong)


def test_names_in_reading_order_stay_as_they_are() -> None:
    names = [name for _, names, _ in lines() for name in names]
    assert [name for name in names if reading_order(name) != name] == []


def test_a_list_tells_which_capitals_are_initials() -> None:
    assert reading_orders(["Kaur MA", "Li B"]) == ("M. A. Kaur", "B. Li")
    assert reading_orders(["Kaur MA"]) == ("Kaur Ma",)
    assert reading_orders(["Ada L", "Bo M"]) == ("Ada L", "Bo M")


@pytest.mark.parametrize("written", ["E. P. Halvorsen", "Halvorsen, E. P.", "Halvorsen EP", "HALVORSEN, E.P."])
def test_a_name_is_searched_for_in_both_orders_however_it_is_written(written: str) -> None:
    assert search_forms(written) == (("e", "p", "halvorsen"), ("halvorsen", "e", "p"))


def test_particles_go_with_the_family_name_and_bodies_have_one_form() -> None:
    assert search_forms("Ludwig van der Meer") == (("ludwig", "van", "der", "meer"), ("van", "der", "meer", "ludwig"))
    assert search_forms("The ATLAS Collaboration") == (("the", "atlas", "collaboration"),)
    assert search_forms("") == ()


@pytest.mark.slow
def test_a_hostile_line_of_authors_is_read_in_time_linear_in_its_length() -> None:
    for part in (
        "A. B (X), ",
        "(",
        ")",
        "a@b.c ",
        "for the ",
        "x and ",
        "1 ",
        ", ",
        "<sup>",
        "on behalf of ",
        "Aa y Bb ",
    ):
        assert read_authors(part * (200_000 // len(part))) is not None
