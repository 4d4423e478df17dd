"""Is the author the person whom somebody follows? Decided by ids, place and co-authors; what is open is told as that."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rows import rows

from digestbot.digest.rendering.renderer import Templates
from digestbot.digest.selection.namesakes import (
    Answer,
    Follower,
    Whom,
    bears,
    decide,
    known_of,
    sentence,
    still_followed,
    whom,
)
from digestbot.model import Namesake, Paper, PaperId, SubscriberId
from digestbot.testing.builders import NOW, paper, topic

JANE = Whom(name="Jane Doe", place="Uni X", ids=("0000-0002-1825-0097",))


def by(number: int, *beside: str, **change: Any) -> Paper:
    """A paper of some Jane Doe and others."""
    given: dict[str, Any] = {"categories": ("math.AG",), "affiliations": (), "people": ()} | change
    return paper(number, id=PaperId(number), authors=("J. Doe", *beside), **given)


THEIRS, ANOTHERS = by(1, "Max Roe", "Ann Lee", categories=("cs.CV",)), by(2, "Kim Poe")
SAID = {PaperId(1): True, PaperId(2): False}
KNOWN = known_of(JANE, SAID, [THEIRS, ANOTHERS])


CASES: list[tuple[Paper, Answer, str]] = [
    (THEIRS, Answer.YES, "you said so"),
    (ANOTHERS, Answer.NO, "you said so"),
    (by(3, people=("0000-0002-1825-0097",)), Answer.YES, "0000-0002-1825-0097 is theirs"),
    (by(3, people=("0000-0001-5109-3700",)), Answer.NO, "every author has an ORCID, and none is theirs"),
    (by(3, "Max Roe", people=("0000-0001-5109-3700",)), Answer.PERHAPS, "same name, no institution given, Max Roe wrote with them before"),
    (by(3, affiliations=("Department of Y, Uni X, Germany",)), Answer.YES, "“Uni X” stands on it"),
    (by(3, affiliations=("Uni Y",)), Answer.PERHAPS, "same name, “Uni Y” stands on it"),
    (by(3), Answer.PERHAPS, "same name, no institution given"),
    (by(3, categories=("cs.CV",)), Answer.PERHAPS, "same name, no institution given, cs.CV as papers of theirs"),
    (by(3, "M. Roe", "Lee, Ann"), Answer.YES, "M. Roe & Lee, Ann wrote with them before"),
    (by(3, "Max Roe", categories=("cs.CV",)), Answer.YES, "Max Roe wrote with them before"),
    (by(3, "Kim Poe"), Answer.NO, "Kim Poe wrote with another of that name"),
    (by(3, "Kim Poe", "Max Roe", categories=("cs.CV",)), Answer.PERHAPS,
     "same name, no institution given, Max Roe wrote with them before, cs.CV as papers of theirs"),
    (by(3, *(f"A. Author{n}" for n in range(80)), "Max Roe", "Ann Lee"), Answer.PERHAPS, "same name, no institution given"),
]  # fmt: skip


@rows(("one", "answer", "why"), CASES)
def test_whose_a_paper_is(one: Paper, answer: Answer, why: str) -> None:
    made = decide(JANE, one, KNOWN)
    assert (made.answer, made.why) == (answer, why)


@pytest.mark.parametrize(("written", "name", "place", "ids"), [
    ("Jane Doe", "Jane Doe", "", ()),
    ("Jane  Doe @ MIT, Cambridge", "Jane Doe", "MIT, Cambridge", ()),
    ("Jane Doe, orcid:0000-0002-1825-0097, openalex:A5023888391", "Jane Doe", "", ("0000-0002-1825-0097", "A5023888391")),
])  # fmt: skip
def test_a_person_is_read_from_what_is_written(written: str, name: str, place: str, ids: tuple[str, ...]) -> None:
    made = whom(written)
    assert made is not None
    assert (made.name, made.place, made.ids) == (name, place, ids)


def test_an_id_alone_is_nobody_whose_name_could_be_anothers() -> None:
    assert [
        whom(one) for one in ("orcid:0000-0002-1825-0097", "ror:05dxps055", "https://orcid.org/0000-0002-1825-0097")
    ] == [None] * 3


def test_other_names_are_not_theirs() -> None:
    assert [bears(JANE, paper(authors=(name,))) for name in ("Doe, Jane", "Jane A. Doe", "John Doe", "Jane Dow")] == [
        True,
        True,
        False,
        False,
    ]


def test_only_what_the_name_alone_found_is_asked_about() -> None:
    one = topic(query='(sheaves) OR au:"Jane Doe"', follow=("Jane Doe",))
    papers = [
        by(1, title="On Sheaves", summary=""),
        by(2, title="On Bones", summary=""),
        paper(3, id=PaperId(3), authors=("Max Roe",)),
    ]
    assert list(Follower().verdicts(one, papers, {})) == [PaperId(2)]
    assert Follower().verdicts(topic(query='au:"Jane Doe"'), papers, {}) == {}


def test_what_was_said_of_one_paper_decides_others_by_their_authors() -> None:
    said = [
        Namesake(subscriber=SubscriberId(1), person="jane doe", paper=p, same=same, at=NOW) for p, same in SAID.items()
    ]
    follower = Follower.of(said, {PaperId(1): THEIRS, PaperId(2): ANOTHERS})
    made = follower.verdicts(
        topic(query='au:"Jane Doe"', follow=("Jane Doe",)), [by(5, "Max Roe", "Ann Lee"), by(6, "Kim Poe"), by(7)], {}
    )
    assert [(p, v.answer) for p, (_, v) in made.items()] == [(5, Answer.YES), (6, Answer.NO), (7, Answer.PERHAPS)]
    assert sentence(*made[PaperId(7)]) == "Perhaps “Jane Doe”, whom you follow: same name, no institution given."


@rows("one", [one for one, _, _ in CASES])
def test_what_is_said_of_a_namesake_is_said_in_the_language(one: Paper) -> None:
    told = Templates.load().stationery.languages.of("de").note(sentence(JANE, decide(JANE, one, KNOWN)))
    english = set(
        "by you said so is theirs every author has an and none name stands on it no institution given as papers of wrote with".split()
    )
    assert not english & set(re.findall(r"\b[a-z]+\b", told)), told


@pytest.mark.parametrize(("query", "left"), [
    ('au:"Jane Doe" OR moths', ("Jane Doe @ Uni X",)),
    ('au:"Jane Doe"', ("Jane Doe @ Uni X",)),
    ("moths", ()),
    ('moths AND au:"Jane Doe"', ()),
    ("au:(", ("Jane Doe @ Uni X", "Max Roe")),
    ('au:"Max Roe" OR au:"Jane Doe" OR who:0000-0002-1825-0097', ("Jane Doe @ Uni X", "Max Roe")),
])  # fmt: skip
def test_who_is_no_longer_in_a_rule_is_no_longer_followed(query: str, left: tuple[str, ...]) -> None:
    assert still_followed(("Jane Doe @ Uni X", "Max Roe"), query, {}) == left
