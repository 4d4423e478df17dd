"""What a reader's votes taught, and forgetting it."""

from __future__ import annotations

import pytest

from digestbot.acts.answers.profile import profile
from digestbot.acts.people.vote import forget_votes, vote
from digestbot.cli.operate.profile import profile_json, profile_text
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW
from digestbot.testing.site import TestSite


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    made = TestSite(store)
    for number, words in ((1, "endoscope surgery"), (2, "football league"), (3, "whales")):
        made.papers(number, title=f"Robots {number}", summary=f"We study {words}.")
    return made


def test_a_profile_names_the_words_that_lift_a_paper_and_those_that_push_it_down(office: TestSite) -> None:
    vote(office.store, "2611.00001", office.person(), 1, now=NOW)
    vote(office.store, "2611.00002", office.person(), -1, now=NOW)
    found = profile(office.store, office.person(), now=NOW)
    assert (found.likes, len(found.votes)) == (1, 2)
    assert {"endoscope", "surgery"} <= set(found.up)
    assert {"football", "league"} <= set(found.down)
    assert "▲ " in profile_text(found)
    assert [row["vote"] for row in profile_json(found)["votes"]] in ([-1, 1], [1, -1])


def test_a_reset_forgets_all_votes(office: TestSite) -> None:
    vote(office.store, "2611.00001", office.person(), 1, now=NOW)
    assert forget_votes(office.store, office.person(), now=office.now) == 1
    found = profile(office.store, office.person(), now=NOW)
    assert (found.votes, found.trust) == ((), 0.0)
    assert "has not voted" in profile_text(found)
