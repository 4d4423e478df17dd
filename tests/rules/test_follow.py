"""`who:` finds people and labs by id; names are found by name and place."""

from __future__ import annotations

import pytest

from digestbot.rules import PaperIndex, parse
from digestbot.settings.following import is_orcid, rule_of_all
from digestbot.testing.builders import paper

JANE = paper(1, authors=("Jane Doe", "Max Roe"), people=("0000-0002-1825-0097", "A5023888391", "05dxps055"))
NAMESAKE = paper(2, authors=("Jane Doe",), affiliations=("University of Y",), people=("0000-0001-5109-3700",))
UNKNOWN = paper(3, authors=("J. Doe",))


@pytest.mark.parametrize(("follow", "found"), [
    (("orcid:0000-0002-1825-0097",), [JANE]),
    (("openalex:a5023888391",), [JANE]),
    (("https://ror.org/05dxps055",), [JANE]),
    (("Jane Doe",), [JANE, NAMESAKE, UNKNOWN]),
    (("Jane Doe @ University of Y",), [JANE, NAMESAKE, UNKNOWN]),  # who it is is decided later
    (("Jane Doe, orcid:0000-0002-1825-0097",), [JANE, NAMESAKE, UNKNOWN]),
    (("orcid:0000-0001-5109-3700", "openalex:A5023888391"), [JANE, NAMESAKE]),
])  # fmt: skip
def test_whom_a_topic_follows_is_found(follow: tuple[str, ...], found: list[object]) -> None:
    rule = parse(rule_of_all(follow))
    assert PaperIndex([JANE, NAMESAKE, UNKNOWN]).select(rule) == found
    assert [p for p in (JANE, NAMESAKE, UNKNOWN) if rule.match(p)] == found


def test_the_reason_names_the_id_that_was_found() -> None:
    match = parse(rule_of_all(("orcid:0000-0002-1825-0097",))).match(JANE)
    assert match is not None
    assert [(r.field, r.text) for r in match.reasons] == [("who", "0000-0002-1825-0097")]


@pytest.mark.parametrize(("orcid", "right"), [("0000-0002-1825-0097", True), ("0000-0001-5109-3700", True), ("0000-0002-1694-233X", True),
                                              ("0000-0002-1825-0098", False), ("0000-0002-1694-2330", False)])  # fmt: skip
def test_an_orcid_has_a_check_digit(orcid: str, right: bool) -> None:
    assert is_orcid(orcid) is right
