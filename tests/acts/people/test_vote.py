"""Votes by hand: the newest word counts, and it can be taken back."""

from __future__ import annotations

import pytest

from digestbot.acts.people.vote import vote
from digestbot.errors import NotFound
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW
from digestbot.testing.site import TestSite


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    made = TestSite(store)
    made.papers(1, 2)
    return made


def votes(office: TestSite) -> list[tuple[int, str]]:
    person = office.person()
    assert person.id is not None
    with office.store.reading() as tx:
        return [(vote.value, vote.via) for vote in tx.votes.votes_of(person.id)]


def test_a_vote_is_for_the_paper_that_is_named_and_the_newest_word_counts(office: TestSite) -> None:
    assert vote(office.store, "sparse attention, part 2", office.person(), 1, now=NOW).public_id == "2611.00002"
    assert votes(office) == [(1, "command")]
    vote(office.store, "2611.00002", office.person(), -1, now=NOW)
    assert votes(office) == [(-1, "command")]


def test_a_vote_is_taken_back_with_none(office: TestSite) -> None:
    vote(office.store, "2611.00001", office.person(), 1, now=NOW)
    vote(office.store, "2611.00001", office.person(), 0, now=NOW)
    assert votes(office) == []


def test_a_vote_for_a_paper_nobody_brought_says_so(office: TestSite) -> None:
    with pytest.raises(NotFound, match="no source has brought"):
        vote(office.store, "2611.00009", office.person(), 1, now=NOW)
