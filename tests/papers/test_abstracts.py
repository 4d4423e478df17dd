"""Where both records have an abstract, it decides what their titles leave open."""

from __future__ import annotations

from itertools import permutations

import pytest

from digestbot.model import Entry, PartialDate
from digestbot.papers import cluster
from digestbot.papers.identity.abstracts import in_common, sketch_of
from digestbot.papers.identity.decisions import compare_records, record

RIVERS = (
    "Rivers that cross deltas change their course within decades, and nobody knew beforehand where the next breach of a levee "
    "would open. We collected maps of ninety deltas over four centuries, dated each abandoned channel by the trees that grow in "
    "it, and measured the slope of the flood plain on both sides. Breaches open where the slope across the plain is five times "
    "the slope along the river, whatever the size of the delta or the load of sediment. A rule of one line foretells three of "
    "four breaches ten years ahead, so that villages can be moved before the water comes and not behind it."
)
LAKES = (
    "Mountain lakes keep a record of the dust that fell on them since the ice went. In cores from twelve basins we counted "
    "quartz grains by size and traced them by their strontium to the deserts they came from. Dust fell in two long pulses, the "
    "younger of which begins with the first herds and not with any change of the monsoon. Soils around the lakes that were "
    "poor in phosphorus owe more than half of it to these pulses, and forests advanced wherever the dust had settled thickest."
)
CHINESE = (
    "河流三角洲的河道在几十年内发生改道，而下一次决口的位置一直无法预测。我们收集了四个世纪以来九十个三角洲的地图，通过树木年代学测定了每条废弃河道的年代，并测量了泛滥平原两侧的坡度。"
    * 2
)
PEOPLE = ("Okafor, Ines", "Lindqvist, Sara", "Mora, Tomas")


def said(title: str, abstract: str, *, year: str = "2026", authors: tuple[str, ...] = PEOPLE, venue: str = "") -> Entry:
    return Entry(title=title, summary=abstract, authors=authors, published=PartialDate(year), venue=venue)


def answer(a: Entry, b: Entry) -> str:
    assert compare_records(record(a), record(b)).answer == compare_records(record(b), record(a)).answer
    return compare_records(record(a), record(b)).answer


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("Where rivers breach their levees on deltas", "Where rivers leave their levees on large deltas"),
        ("Foretelling breaches of levees", "Foretelling breaches of levees on deltas"),
        ("Slopes foretell where rivers breach their levees", "Gradients foretell where rivers breach their levees"),
    ],
)
def test_one_abstract_joins_what_a_journal_has_retitled(mine: str, theirs: str) -> None:
    edited = RIVERS.replace("nobody knew", "no one knew").replace("Breaches open", "Results: Breaches open")
    assert answer(said(mine, RIVERS), said(theirs, edited, venue="Journal of Rivers")) == "same"
    assert answer(said(mine, RIVERS), said(theirs, f"{RIVERS[:450]} …")) == "same"
    assert answer(said(mine, ""), said(theirs, RIVERS)) != "same"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("Where rivers breach their levees on deltas", "Where rivers breach their levees on small deltas of Asia"),
        ("Sustained release of dust (dust-SR) in mountain lakes", "Sustained release of dust in mountain lakes"),
    ],
)
def test_abstracts_with_nothing_in_common_keep_similar_titles_apart(mine: str, theirs: str) -> None:
    assert answer(said(mine, RIVERS), said(theirs, LAKES)) != "same"


def test_one_title_is_one_work_whatever_a_journal_makes_of_the_abstract() -> None:
    title = "Where rivers breach their levees on deltas"
    assert answer(said(title, RIVERS), said(title.upper(), LAKES)) == "same"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ("Dust in mountain lakes, part I: cores", "Dust in mountain lakes, part II: models"),
        (
            "Dust twelve months after the fire: the HOT study of lakes",
            "Dust 24 months after the fire: the HOT study of lakes",
        ),
        ("Lake2 technical report on dust", "Lake2.5 technical report on dust"),
        ("Correction: Dust in mountain lakes", "Dust in mountain lakes"),
        ("GRB 260101A: observations of a late afterglow", "GRB 260102B: observations of a late afterglow"),
    ],
)
def test_no_abstract_joins_parts_numbers_versions_or_corrections(mine: str, theirs: str) -> None:
    assert answer(said(mine, RIVERS), said(theirs, RIVERS)) != "same"


def test_an_abstract_joins_nothing_of_other_people() -> None:
    theirs = ("Adeyemi, Kola", "Brandt, Uwe", "Castro, Luz")
    mine = said("Slopes foretell where rivers breach", RIVERS)
    assert answer(mine, said("Gradients foretell where rivers breach", RIVERS, authors=theirs)) == "different"


def test_two_works_that_abstracts_tell_apart_are_not_tied_together_by_a_record_without_one() -> None:
    one = said("A comparison of early and late dust in mountain lakes", LAKES)
    other = said("A comparison of early and late dust in the mountain lakes of Peru", RIVERS)
    short = said("A comparison of early and late dust in mountain lakes.", "", authors=("I. Okafor", "S. Lindqvist"))
    entries = (one, other, short)
    for order in permutations(range(3)):
        found = {frozenset(order[at] for at in group) for group in cluster([entries[at] for at in order])}
        assert found == {frozenset({0, 2}), frozenset({1})}


@pytest.mark.parametrize("text", ["", "Volume 3, pages 12-20.", "河流", " ".join(["word"] * 500), RIVERS[:80]])
def test_what_is_too_short_or_says_nothing_has_no_sketch(text: str) -> None:
    assert sketch_of(text) == ""


def test_how_much_of_one_text_stands_in_another_is_told_from_sketches() -> None:
    assert in_common(sketch_of(RIVERS), sketch_of(f"<p>{RIVERS[:500]}</p> …")) == 1.0
    assert (in_common(sketch_of(RIVERS), sketch_of(LAKES)) or 0) < 0.1
    assert in_common(sketch_of(CHINESE), sketch_of(f"摘要：{CHINESE}")) == 1.0
    assert in_common(sketch_of(RIVERS), "") is None
    assert 0.3 < (in_common(sketch_of(RIVERS * 1), sketch_of(f"{RIVERS[:250]} {LAKES}")) or 0) < 0.8


def test_long_texts_are_compared_by_the_part_that_both_have_sampled() -> None:
    many = " ".join(f"{LAKES} {n}" if n % 3 else f"{RIVERS} {n}" for n in range(40))
    assert len(sketch_of(many)) <= 256
    assert (in_common(sketch_of(many), sketch_of(many[:3000])) or 0) > 0.8
