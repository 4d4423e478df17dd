"""A reader's own model learns from votes, says what it learnt, and is the same on every run."""

from __future__ import annotations

import pytest
from cost import quickest

from digestbot.model import Paper
from digestbot.ranking import Profile
from digestbot.ranking.vectors import STRONGEST, Background
from digestbot.testing.builders import paper

THEMES = {
    "whales": "whales sing in the ocean and migrate north", "robots": "robots grasp cups with tactile hands",
    "proteins": "proteins fold into helices and sheets", "stars": "stars burn hydrogen and collapse",
}  # fmt: skip


def about(theme: str, n: int) -> Paper:
    return paper(
        n, title=f"On {theme} {n}", summary=f"{THEMES[theme]}; number{n} study{n % 7}", authors=(f"Author {theme}",)
    )


BACKGROUND = Background([about(theme, n) for theme in THEMES for n in range(40)])


def order(votes: list[tuple[Paper, int]]) -> list[str]:
    papers = {theme: about(theme, 99) for theme in THEMES}
    scores = Profile.fit(votes, BACKGROUND).score(papers.values())
    assert all(0 <= score <= 1 for score in scores)
    return [theme for _, theme in sorted(zip(scores, papers, strict=True), reverse=True)]


def test_one_vote_is_enough_to_lift_what_is_like_it() -> None:
    assert order([(about("whales", 1), 1)])[0] == "whales"


def test_who_only_votes_down_gets_that_last() -> None:
    assert order([(about("robots", n), -1) for n in range(3)])[-1] == "robots"


def test_likes_and_dislikes_stand_at_the_two_ends() -> None:
    found = order([(about("stars", 1), 1), (about("proteins", 2), -1), (about("proteins", 3), -1)])
    assert (found[0], found[-1]) == ("stars", "proteins")


def test_an_interest_that_changes_is_followed_within_a_week_of_votes() -> None:
    old = [(about("whales", n), 1) for n in range(60)]
    new = [(about("robots", n), 1) for n in range(30)] + [(about("whales", n), -1) for n in range(60, 90)]
    assert order(old + new)[0] == "robots"


def test_what_moved_a_paper_is_told_in_its_own_words() -> None:
    profile = Profile.fit([(about("whales", 1), 1), (about("robots", 2), -1)], BACKGROUND)
    up, down = profile.moved_by(about("whales", 50)), profile.moved_by(about("robots", 50))
    assert "▲" in up
    assert "▼" in down
    assert "whales" in {name for name, part in profile.moved(about("whales", 50)) if part > 0}


def test_the_model_is_the_same_whatever_ran_before() -> None:
    votes = [(about("whales", 1), 1), (about("robots", 2), -1)]
    papers = [about(theme, 7) for theme in THEMES]
    assert Profile.fit(votes, BACKGROUND).score(papers) == Profile.fit(votes, list_of_background()).score(papers)


def list_of_background() -> list[Paper]:
    return [about(theme, n) for theme in THEMES for n in range(40)]


def test_a_library_of_thousands_costs_little_and_a_vector_is_bounded() -> None:
    votes = [(BACKGROUND.vector(about("whales", n)), 1) for n in range(5000)]
    assert quickest(lambda: Profile.of_vectors(votes, BACKGROUND)) < 0.5
    long = BACKGROUND.vector(paper(1, summary=" ".join(f"word{n}" for n in range(5000))))
    assert len(long.features) == STRONGEST


def test_without_votes_nothing_is_trusted() -> None:
    assert Profile.fit([], BACKGROUND).trust == 0
    assert Profile.fit([(about("whales", n), 1) for n in range(3)], BACKGROUND).trust == pytest.approx(0.567, abs=1e-3)
