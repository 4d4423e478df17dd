"""What a round finds for everybody's rules: papers that cannot come are left out before they are ranked."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

from digestbot.acts.digests.topic_matches import TopicMatches
from digestbot.digest.selection.select import _share
from digestbot.model import PaperId, Topic
from digestbot.testing.builders import NOW, paper, topic

WORDS = "flow score graph state sparse deep causal robot".split()
DAYS_AGO = [timedelta(days=n) for n in range(10)]


def test_whoever_had_some_papers_finds_the_others_as_if_those_were_taken_out_of_the_list() -> None:
    draw = random.Random(6)
    shelf = [
        paper(
            n, title=" ".join(draw.choices(WORDS, k=3)), summary=" ".join(draw.choices(WORDS, k=6)),
            first_seen=NOW - draw.choice(DAYS_AGO), signals={"upvotes": draw.randrange(9)},
        )
        for n in range(120)
    ]  # fmt: skip
    matching, left_out = TopicMatches(shelf, {}, NOW), 0
    for _ in range(200):
        wanted = topic(query=" OR ".join(draw.sample(WORDS, 2)) + draw.choice(["", " -deep", " ti:flow"]))
        had = {PaperId(n) for n in draw.sample(range(120), draw.choice((0, 20, 119)))}
        after, fresh = NOW - draw.choice(DAYS_AGO), draw.random() < 0.5
        every = TopicMatches(shelf, {}, NOW).found(wanted, after, fresh=fresh)
        found = matching.found(wanted, after, without=had, fresh=fresh)
        assert found == [one for one in every if one[0].id not in had]
        left_out += len(every) - len(found)
    assert left_out > 500


def test_places_are_shared_as_when_each_next_one_goes_to_who_has_most_weight_a_place() -> None:
    draw = random.Random(7)
    for _ in range(500):
        own = [
            (replace(topic(), weight=draw.choice((0.5, 1.0, 2.0, 3.0))), draw.randrange(6))
            for _ in range(draw.randrange(5))
        ]
        assert _share(own, room := draw.randrange(12)) == _one_by_one(own, room)


def _one_by_one(own: list[tuple[Topic, int]], room: int) -> list[int]:
    kept = [0] * len(own)
    for _ in range(min(room, sum(most for _, most in own))):
        open_ = [at for at in range(len(own)) if kept[at] < own[at][1]]
        kept[max(open_, key=lambda at: own[at][0].weight / (kept[at] + 1))] += 1
    return kept
