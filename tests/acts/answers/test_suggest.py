"""Suggest: what voted papers share and a rule lacks, how a too wide rule parts, and what each step would cost."""

from __future__ import annotations

import shlex
from copy import copy
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from databases import migrated

from digestbot.acts.answers.backtest import backtest
from digestbot.acts.answers.suggest import Suggestions, TopicAdvice, Trial, suggest
from digestbot.acts.people.vote import vote
from digestbot.cli.answers.backtest import backtest_command
from digestbot.cli.answers.suggest import command, suggest_json, suggest_text
from digestbot.model import Topic
from digestbot.rules import parse
from digestbot.rules.evaluation.suggest import distinction, parts, shared
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, paper, topic
from digestbot.testing.site import TestSite

DAY = timedelta(days=1)
THEMES = ("whale songs", "reef corals", "deep trenches", "tidal pools")


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    """A copy of the filled site."""
    made = copy(filled())
    made.store.copy_to(store)
    made.store = store
    return made


@cache
def filled() -> TestSite:
    """Forty papers a day for four days: oceans, each about one of four themes; and two a day about robots."""
    made = TestSite(migrated("sqlite://"))
    made.tuned(topics=(topic("Oceans", "ocean", limit=10),))
    for day in range(4):
        made.now = NOW - (3 - day) * DAY
        for n in range(40):
            theme = THEMES[n % 4]
            made.papers(100 * day + n, title=f"Ocean study {day}-{n}: {theme}", summary=f"The ocean and its {theme}.")
        for n in range(40, 42):
            made.papers(100 * day + n, title=f"Robot grippers {day}-{n}", summary="Soft robot grippers on land.")
    made.now = NOW
    return made


def asked(office: TestSite, *topics: Topic) -> Suggestions:
    person = office.person()
    return suggest(office.store, person, Trial(topics=topics or person.topics, rules={}, since=30 * DAY), now=NOW)


def only(office: TestSite, *topics: Topic) -> TopicAdvice:
    [advice] = asked(office, *topics).topics
    return advice


def like(office: TestSite, *numbers: int, value: int = 1) -> None:
    for number in numbers:
        vote(office.store, f"2611.{number:05}", office.person(), value, now=NOW)


def test_a_part_is_a_word_two_words_or_a_category_and_says_something() -> None:
    one = paper(1, title="We propose Flow Matching models", summary="The 3 state space models.", categories=("cs.CV",))
    assert set(parts(one).values()) == {
        "cat:cs.CV", "flow", "matching", '"flow matching"', '"matching models"', '"state space"', '"space models"',
    }  # fmt: skip


def test_shared_parts_are_written_as_most_papers_write_them() -> None:
    titles = ("Whale songs", "Whale song", "Whales sing", "Whales dive", "Whales rest")
    some = [paper(n, title=title, summary="", categories=("cs.SD",)) for n, title in enumerate(titles)]
    assert shared(some, 2, 9) == ["cat:cs.SD", "whales", "songs", '"whale songs"']


def test_every_part_is_a_rule_that_finds_its_paper() -> None:
    one = paper(1, title="Étale C++ naïve x-ray U-Net GPT-4o 注意力 it's", categories=("q-bio.NC", "Computer Vision"))
    for text in parts(one).values():
        assert parse(text).match(one), text


def test_what_all_papers_have_distinguishes_none_of_them() -> None:
    assert abs(distinction(10, 10, 1000, 1000)) < 1
    assert distinction(9, 10, 10, 1000) > 3
    assert distinction(0, 10, 500, 1000) < -1


def test_a_rule_that_brings_too_much_is_parted_into_its_themes_without_any_vote(office: TestSite) -> None:
    advice = only(office)
    assert (advice.a_day, advice.goal) == (40, 10)
    assert {p.part for p in advice.narrow} == {f'"{theme}"' for theme in THEMES}
    assert {(p.a_day, p.change) for p in advice.narrow} == {(10, -30)}
    assert advice.best is not None
    assert advice.best.a_day <= advice.goal


def test_what_it_promises_is_what_the_backtest_counts(office: TestSite) -> None:
    like(office, 0, 4, 41)
    like(office, 1, 5, value=-1)
    advice = only(office)
    for proposal in (*advice.add, *advice.narrow, *advice.exclude):
        tried = [topic("Oceans", proposal.query, limit=10)]
        found = backtest(office.store, office.person(), tried, rules={}, since=30 * DAY, now=NOW)
        assert found.average == (advice.a_day, proposal.a_day), proposal.query


def test_liked_papers_decide_how_a_rule_is_narrowed(office: TestSite) -> None:
    like(office, 1, 5, 109)
    best = only(office).best
    assert best is not None
    assert (best.part, best.liked) == ('"reef corals"', 3)


def test_what_liked_papers_share_and_no_topic_brings_is_proposed_with_its_cost(office: TestSite) -> None:
    like(office, 40, 41, 140)
    [first, *_] = only(office).add
    assert (first.query, first.change, first.liked) == (f"ocean OR {first.part}", 2, 3)
    assert "robot" in first.part or "gripper" in first.part
    assert first.examples[0].startswith("Robot grippers 3-")


def test_what_another_topic_brings_is_not_missed(office: TestSite) -> None:
    office.tuned(topics=(topic("Oceans", "ocean"), topic("Robots", "robot")))
    like(office, 40, 41, 140)
    assert [advice.add for advice in asked(office).topics] == [(), ()]


def test_what_papers_voted_down_share_is_left_out_unless_a_liked_one_has_it(office: TestSite) -> None:
    like(office, 2, 6, 110, value=-1)
    assert {p.part for p in only(office).exclude} == {'"deep trenches"'}
    assert [(p.query, p.change) for p in only(office).exclude] == [('ocean AND NOT "deep trenches"', -10)]
    like(office, 210)
    assert only(office).exclude == ()


def test_a_library_that_came_long_ago_counts_as_liked(office: TestSite) -> None:
    office.now = NOW - 100 * DAY
    office.papers(9001, 9002, title="Volcano plumes", summary="Volcano plumes.")
    office.now = NOW - DAY
    office.papers(9003, title="Volcano plumes today", summary="")
    like(office, 9001, 9002)
    [first, *_] = only(office).add
    assert (first.part, first.a_day, first.change) == ('"volcano plumes"', 40.2, 0.2)


def test_a_mute_topic_is_not_looked_at_and_takes_its_papers_away(office: TestSite) -> None:
    office.tuned(topics=(topic("Oceans", "ocean"), topic("No", "whale OR reef", mute=True)))
    advice = only(office)
    assert (advice.topic, advice.a_day) == ("Oceans", 20)


def test_a_tried_rule_can_be_narrowed_further(office: TestSite) -> None:
    advice = only(office, topic("Oceans", 'ocean AND ("whale songs" OR "reef corals")', limit=10))
    assert (advice.a_day, {p.part for p in advice.narrow}) == (20, {'"whale songs"', '"reef corals"'})


def test_the_last_line_is_a_command_that_backtest_takes(office: TestSite) -> None:
    like(office, 1, 5, 109)
    found = asked(office)
    said = suggest_text(found, "14d")
    line = said.splitlines()[-1].strip()
    best = found.topics[0].best
    assert best is not None
    assert line == command("reader", found.topics[0], best, "14d")
    words = shlex.split(line)
    assert words[:2] == ["digestbot", "backtest"]
    context = backtest_command.make_context("backtest", words[2:])
    assert context.params | {"as_json": False} == {
        "who": "reader", "since": "14d", "query": 'ocean AND "reef corals"', "topic": "Oceans", "file": None, "as_json": False,
    }  # fmt: skip


def test_without_votes_and_with_room_it_says_how_to_vote(office: TestSite) -> None:
    office.tuned(topics=(topic("Robots", "robot"),))
    assert "digestbot vote PAPER reader up" in suggest_text(asked(office), "30d")


def test_an_aim_below_the_room_of_a_mail_is_narrowed_towards(office: TestSite) -> None:
    person = office.person()
    wide = topic("Oceans", "ocean", limit=15)
    found = suggest(office.store, person, Trial(topics=[wide], rules={}, since=30 * DAY, aim=10), now=NOW)
    [advice] = found.topics
    assert advice.best is not None
    assert (advice.goal, advice.best.a_day) == (10, 10)
    assert "40 papers a day, 95% of all; 10 are wanted." in suggest_text(found, "30d", 10)
    assert (
        suggest(office.store, person, Trial(topics=[wide], rules={}, since=30 * DAY, aim=60), now=NOW).topics[0].goal
        == 15
    )


def test_a_rule_that_finds_nothing_is_told_which_part_is_dry_and_what_is_near(office: TestSite) -> None:
    office.tuned(topics=(topic("Typed wrong", "oceann AND robot"),))
    [advice] = asked(office).topics
    assert [(one.part, one.papers, one.near) for one in advice.dry] == [("oceann", 0, ("ocean",)), ("robot", 8, ())]
    assert advice.narrow == ()
    said = suggest_text(asked(office), "30d")
    assert "It finds nothing. Of its parts:" in said
    assert "oceann: no paper; near: ocean" in said


def test_a_rule_whose_parts_no_paper_has_together_says_how_many_have_each(office: TestSite) -> None:
    office.tuned(topics=(topic("Both", "ocean AND robot"),))
    said = suggest_text(asked(office), "30d")
    assert "No paper has all it asks for. Of its parts:" in said
    assert "robot: 8 papers" in said
    assert "ocean: 160 papers" in said
    assert "Try:" not in said


def test_somebody_without_topics_is_told_where_they_stand(office: TestSite) -> None:
    office.tuned(topics=())
    assert "No topics" in suggest_text(asked(office), "30d")


@pytest.mark.parametrize("columns", [80, 40])
def test_it_fits_the_terminal(office: TestSite, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = suggest_text(asked(office), "30d").splitlines()
    assert all(len(line) <= columns for line in lines if "digestbot" not in line)


def test_the_json_has_all_figures(office: TestSite) -> None:
    said: dict[str, Any] = suggest_json(asked(office), "30d")
    assert (said["papers"], said["days"], said["liked"]) == (168, 4, 0)
    assert said["topics"][0]["try"].startswith("digestbot backtest reader --topic Oceans --query ")
    assert said["topics"][0]["narrow"][0].keys() >= {"part", "query", "a_day", "change", "liked", "examples"}
