"""Papers are encoded once, where somebody votes; what fails costs the gain in ranking and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from digestbot.acts.answers.explain import explain
from digestbot.acts.answers.status import status
from digestbot.acts.digests.dispatch import dispatch
from digestbot.acts.papers.encode import AFTER_FAILURE, EVERY, KEPT, EncoderState, encode
from digestbot.acts.people.vote import vote
from digestbot.acts.upkeep.retention import Retention, delete_expired
from digestbot.encoders import Encoded
from digestbot.model import Digest, Entry, PaperId
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, topic
from digestbot.testing.encoders import FakeEncoder
from digestbot.testing.site import DESK, TestSite

ENCODED = replace(DESK, encoder="fake")
HOUR = timedelta(hours=1)
MEANS = {"cardiac": "heart", "infarction": "attack", "soccer": "football"}


class Translating(FakeEncoder):
    """Knows that two words mean the same."""

    async def encode(self, texts: Sequence[str]) -> Encoded:
        plain = [" ".join(MEANS.get(word, word) for word in text.lower().replace(".", "").split()) for text in texts]
        return await super().encode(plain)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    office = TestSite(store)
    office.tuned(topics=(topic("Robots", "robot", limit=2),), trending=0)
    return office


async def encoded(office: TestSite, encoder: FakeEncoder, at: datetime = NOW) -> int:
    office.now = at
    return (await encode(office.store, encoder, clock=lambda: office.now, owner="here/1/0")).encoded


def liked(office: TestSite, number: str) -> None:
    vote(office.store, number, office.person(), 1, now=office.now)


async def test_nothing_is_encoded_while_nobody_has_voted(office: TestSite) -> None:
    office.papers(1, 2)
    encoder = FakeEncoder()
    assert await encoded(office, encoder) == 0
    assert encoder.asked == []


async def test_votes_are_read_once_an_hour_when_every_voted_paper_has_a_code(office: TestSite) -> None:
    office.papers(1, 2)
    later = NOW + timedelta(days=20)  # both are older than what every round reads
    office.now = later
    liked(office, "2611.00001")
    encoder = FakeEncoder()
    assert await encoded(office, encoder, later) == 1
    assert await encoded(office, encoder, later + EVERY) == 0  # all have one: noted
    liked(office, "2611.00002")
    assert await encoded(office, encoder, later + 2 * EVERY) == 0
    assert await encoded(office, encoder, later + EVERY + timedelta(hours=1)) == 1


async def test_between_these_only_what_came_since_is_looked_at(office: TestSite) -> None:
    office.papers(1, 2)
    liked(office, "2611.00001")
    encoder = FakeEncoder()
    assert await encoded(office, encoder) == 2
    assert await encoded(office, encoder, NOW + EVERY) == 0  # everything has a code
    office.now = NOW - 5 * HOUR
    office.papers(3)  # of before that, and stored late
    office.now = NOW + EVERY
    office.papers(4)
    assert await encoded(office, encoder, NOW + 2 * EVERY) == 1
    assert await encoded(office, encoder, NOW + 2 * HOUR) == 1  # once an hour all is looked at


async def test_every_paper_is_encoded_once_and_a_new_one_when_it_comes(office: TestSite) -> None:
    office.papers(1, 2)
    liked(office, "2611.00001")
    encoder = FakeEncoder()
    assert [await encoded(office, encoder, NOW + n * EVERY) for n in range(2)] == [2, 0]
    office.papers(3)
    assert await encoded(office, encoder, NOW + 2 * EVERY) == 1
    assert len(encoder.asked) == 3


async def test_a_failure_is_told_in_status_with_its_beginning_and_the_encoder_is_left_alone_for_a_while(
    office: TestSite,
) -> None:
    office.papers(1)
    liked(office, "2611.00001")
    broken = FakeEncoder(error="503 from api.example.org")
    for n in range(3):
        await encoded(office, broken, NOW + n * AFTER_FAILURE / 2)
    assert len(broken.asked) == 2
    said = status(office.store, now=office.now, day_start=NOW, encoder="fake").encoder
    assert said == EncoderState(name="fake", papers=0, at=NOW, error="503 from api.example.org")
    await encoded(office, FakeEncoder(), NOW + 3 * AFTER_FAILURE)
    said = status(office.store, now=office.now, day_start=NOW, encoder="fake").encoder
    assert said == EncoderState(name="fake", papers=1, at=NOW + 3 * AFTER_FAILURE)


async def test_codes_go_with_their_age_but_for_what_was_voted_on(office: TestSite) -> None:
    office.papers(1, 2)
    liked(office, "2611.00001")
    await encoded(office, FakeEncoder())
    delete_expired(office.store, Retention(), now=NOW + KEPT + timedelta(days=1))
    with office.store.reading() as tx:
        assert set(tx.vectors.vectors_of("fake", [PaperId(1), PaperId(2)])) == {1}


def hearts(day: int) -> list[Entry]:
    """Papers of two subjects, each in two wordings that share no word, among others."""
    told = ["heart attack", "cardiac infarction", "football league", "soccer championship"]
    subjects = [told[n % 4] if n < 8 else f"subject{n} field{n}" for n in range(30)]
    return [
        entry(100 * day + n, title=f"Robot {subject}", summary="", authors=()) for n, subject in enumerate(subjects)
    ]


def titles(digest: Digest) -> list[str]:
    return [item.paper.title for section in digest.sections for item in section.items]


async def test_what_means_the_same_in_other_words_comes_first_and_explain_says_why(office: TestSite) -> None:
    office.entries(*hearts(0))
    liked(office, "2611.00000")
    liked(office, "2611.00004")
    office.now = NOW + timedelta(days=1)
    office.entries(*hearts(1)[1:4])
    await encoded(office, Translating())
    [digest] = office.digests(dispatch(office.store, ENCODED, now=office.now))
    first = titles(digest)[0]
    assert first == "Robot cardiac infarction"
    paper = digest.sections[0].items[0].paper
    found = explain(office.store, ENCODED, paper.public_id, office.person(), now=office.now)
    assert any("the text as a whole ▲" in part.detail for part in found.score_parts)


async def test_without_codes_the_words_decide_and_the_digest_goes_out(office: TestSite) -> None:
    office.entries(*hearts(0))
    liked(office, "2611.00000")
    await encoded(office, FakeEncoder(error="503 from api.example.org"))
    [digest] = office.digests(dispatch(office.store, ENCODED, now=NOW + timedelta(days=1)))
    assert titles(digest)
