"""Two works of one team that their abstracts tell apart, and a copy of the first without an abstract: in any order, two papers."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from digestbot.model import Entry, PartialDate
from digestbot.store.database import SqlStore
from digestbot.testing.site import TestSite

PEOPLE = ("Ines Okafor", "Sara Lindqvist", "Tomas Mora")
LAKES = (
    "Mountain lakes keep a record of the dust that fell on them since the ice went. In cores from twelve basins we counted "
    "quartz grains by size and traced them by their strontium to the deserts they came from. Dust fell in two long pulses, the "
    "younger of which begins with the first herds and not with any change of the monsoon. Soils around the lakes that were "
    "poor in phosphorus owe more than half of it to these pulses, and forests advanced wherever the dust had settled thickest."
)
RIVERS = (
    "Rivers that cross deltas change their course within decades, and nobody knew beforehand where the next breach of a levee "
    "would open. We collected maps of ninety deltas over four centuries, dated each abandoned channel by the trees that grow in "
    "it, and measured the slope of the flood plain on both sides. Breaches open where the slope across the plain is five times "
    "the slope along the river, whatever the size of the delta or the load of sediment."
)
ONE = Entry(title="Sustained control of dust by slow-release netting", summary=LAKES, authors=PEOPLE, native_key="1",
            published=PartialDate("2026"), identifiers={"arxiv": "2611.00001"})  # fmt: skip
OTHER = Entry(title="Sustained control of dust by slow-release netting (netting-SR)", summary=RIVERS, authors=PEOPLE,
              published=PartialDate("2026"), native_key="2")  # fmt: skip
SHORT = Entry(title="Sustained Control of Dust by Slow-Release Netting.", authors=("I. Okafor", "S. Lindqvist", "T. Mora"),
              published=PartialDate("2026"), venue="Lakes", native_key="3")  # fmt: skip


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))), ids=lambda order: "".join(map(str, order)))
def test_a_copy_without_an_abstract_is_the_work_of_its_title_in_any_order(
    store: SqlStore, order: tuple[int, ...]
) -> None:
    office = TestSite(store)
    for at in order:
        office.entries((ONE, OTHER, SHORT)[at], source=("arxiv", "journal", "library")[at])
    with store.reading() as tx:
        papers = tx.papers.papers_seen_between(office.now - timedelta(days=30), office.now + timedelta(days=1))
    assert {frozenset(paper.sources) for paper in papers} == {frozenset({"arxiv", "library"}), frozenset({"journal"})}
