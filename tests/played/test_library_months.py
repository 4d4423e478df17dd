"""Ten weeks of a library: it is asked about in small steps, and each paper's fate is told once, to who has it, within a month."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from library_desk import DAY, Desk, open_desk

from digestbot.acts.intake.enrich import KEPT_DAYS
from digestbot.acts.rounds import enrich_round
from digestbot.testing.builders import NOW

DAYS = 70
ROUNDS = 2  #: of a day
FALLEN = {
    4: "10.5555/paper.17",
    9: "10.5555/paper.170",
    16: "10.5555/paper.171",
    23: "10.5555/paper.99",
    30: "10.5555/paper.3",
}
MENDED = (12, "10.5555/paper.200")
WRONGED = (2, 38, "10.5555/paper.250")  #: the days on which it is retracted, and that is taken back
#: a paper whose name begins like a fallen one's, one that a fallen one's begins with, and one whose notice names another
NAMESAKES = ("10.5555/paper.17.1", "10.5555/paper.1", "10.5555/notice.4")


@pytest.mark.slow
@pytest.mark.parametrize("many", [300, pytest.param(int(os.environ.get("LIBRARY", "1000")), marks=pytest.mark.full)])
async def test_the_fates_of_a_library_are_told_once_each_and_no_day_asks_about_all(tmp_path: Path, many: int) -> None:
    with open_desk(tmp_path) as desk:
        names = [f"10.5555/paper.{n}" for n in range(many - 2)]
        for name in (*names, NAMESAKES[0]):
            desk.crossref.has(name)
        desk.crossref.has(
            NAMESAKES[2], **{"title": ["Retraction"], "update-to": [{"DOI": FALLEN[4], "type": "retraction"}]}
        )
        desk.library(*names, NAMESAKES[0], NAMESAKES[2])
        asked, told = await _months(desk)

    first, steps = asked[:2], asked[2:]
    assert many / 20 <= sum(first) <= many / 20 + 10  # all within two days
    assert max(steps) <= many / KEPT_DAYS / 20 + 2  # a hundred papers of 3,000: five requests
    assert min(steps) >= 1
    assert Counter(name for _, name, _ in told) == {**dict.fromkeys((*FALLEN.values(), MENDED[1]), 1), WRONGED[2]: 2}
    heard = {name: day for day, name, _ in told[::-1]}
    for day, name in (*FALLEN.items(), MENDED):
        assert day < heard[name] <= day + KEPT_DAYS + 1
    [(_, fell), (back, stands)] = [(day, note) for day, name, note in told if name == WRONGED[2]]
    assert "has been retracted" in fell
    assert stands.endswith("New: stands again.")
    assert WRONGED[1] < back <= WRONGED[1] + KEPT_DAYS + 1


async def _months(desk: Desk) -> tuple[list[int], list[tuple[int, str, str]]]:
    """Play the days. Returns the requests of each, and (day, DOI, note) of all that ada was told."""
    asked: list[int] = []
    told: list[tuple[int, str, str]] = []
    async with desk.intake() as intake:
        for day in range(DAYS):
            _happens(desk, day)
            before = len(desk.server.asked)
            for part in range(ROUNDS):
                desk.now = NOW + (day - 1 + (part + 1) / (ROUNDS + 1)) * DAY
                await enrich_round(intake)
            asked.append(len(desk.server.asked) - before)
            told += [(day, name, note) for name, note in desk.told(day).items()]
    return asked, told


def _happens(desk: Desk, day: int) -> None:
    if name := FALLEN.get(day):
        desk.crossref.has(name, ("retraction", f"10.5555/notice.{day}"))
    if day == MENDED[0]:
        desk.crossref.has(MENDED[1], ("correction", "10.5555/mending"))
    if day == WRONGED[0]:
        desk.crossref.has(WRONGED[2], ("retraction", "10.5555/mistake"))
    if day == WRONGED[1]:
        desk.crossref.has(WRONGED[2])
