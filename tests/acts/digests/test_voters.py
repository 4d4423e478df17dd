"""Readers with votes of all kinds: does the digest follow within a week, and does it say why?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from digestbot.acts.answers.explain import explain
from digestbot.acts.people.vote import vote
from digestbot.model import Digest, Entry, Paper, Subscriber
from digestbot.ranking.profile import Profile
from digestbot.ranking.vectors import Background
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, paper, subscriber, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)
KINDS = {"surgery": "endoscope surgery tissue", "football": "football league pitch", "ocean": "ocean buoy salinity"}
TOPIC = topic("Robots", "robot", limit=4)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def robots(day: int) -> list[Entry]:
    """Twelve papers of one day: four of each kind."""
    names = [name for name in KINDS for _ in range(4)]
    return [
        entry(100 * day + n, title=f"Robot {name} {day}.{n}", summary=f"A robot for {KINDS[name]} work.")
        for n, name in enumerate(names)
    ]  # fmt: skip


def kinds(digest: Digest) -> list[str]:
    return [item.paper.title.split()[1] for section in digest.sections for item in section.items]


def cast(office: TestSite, who: Subscriber, digest: Digest, **wishes: int) -> None:
    """The reader votes on all that was shown, as they like its kind; also on what stands below the limit."""
    for section in digest.sections:
        for item in (*section.items, *section.more):
            if value := wishes.get(item.paper.title.split()[1], 0):
                vote(office.store, item.paper.public_id, who, value, now=office.now)


def a_day(office: TestSite, day: int) -> dict[str, Digest]:
    """Papers come, and everybody gets a digest; by reader."""
    office.now = NOW + day * DAY - DAY / 8
    office.entries(*robots(day))
    return {digest.subscriber.ref: digest for digest in office.digests(office.dispatch(NOW + day * DAY))}


def test_ten_voters_who_contradict_each_other_each_get_their_own_order_within_a_week(office: TestSite) -> None:
    wishes = [{name: 1 if name == liked else -1 for name in KINDS} for liked in (*KINDS, *KINDS, *KINDS, "ocean")]
    people = [subscriber(f"reader{n}", id=None, topics=(TOPIC,), trending=0) for n in range(10)]
    office.people(*people)
    for day in range(3):
        for ref, digest in a_day(office, day).items():
            cast(office, office.person(ref), digest, **wishes[int(ref[-1])])
    for ref, digest in a_day(office, 3).items():
        liked = next(name for name, value in wishes[int(ref[-1])].items() if value == 1)
        assert kinds(digest) == [liked] * 4, ref


def test_somebody_who_only_votes_down_gets_less_of_that_and_is_told_so(office: TestSite) -> None:
    office.tuned(topics=(TOPIC,), trending=0)
    for day in range(2):
        cast(office, office.person(), a_day(office, day)["reader"], football=-1)
    digest = a_day(office, 2)["reader"]
    assert "football" not in kinds(digest)
    below = next(i.paper for s in digest.sections for i in s.more if "football" in i.paper.title)
    [own] = [
        p for p in explain(office.store, DESK, below.public_id, office.person(), now=office.now).score_parts if p.detail
    ]
    assert "football ▼" in own.detail
    assert "▲" not in own.detail


def test_an_interest_that_changes_is_followed_within_a_week(office: TestSite) -> None:
    office.tuned(topics=(TOPIC,), trending=0)
    for day in range(8):
        cast(office, office.person(), a_day(office, day)["reader"], football=1, ocean=-1)
    followed = None
    for day in range(8, 15):
        digest = a_day(office, day)["reader"]
        if kinds(digest) == ["ocean"] * 4:
            followed = day
            break
        cast(office, office.person(), digest, football=-1, ocean=1)
    assert followed is not None
    found = explain(office.store, DESK, digest.sections[0].items[0].paper.public_id, office.person(), now=office.now)
    assert any("ocean ▲" in part.detail for part in found.score_parts)


def test_five_thousand_imported_papers_teach_as_quickly_as_four_hundred_and_still_tell_apart() -> None:
    words = KINDS["surgery"]
    library = [
        paper(n, title=f"Surgery of kind{n}", summary=f"{words} seen{n % 50} with tool{n % 90}") for n in range(5000)
    ]
    background = Background([paper(9000 + n, title=f"Robot {name}", summary=words) for n, (name, words) in
                             enumerate(list(KINDS.items()) * 40)])  # fmt: skip
    profile = Profile.fit([(one, 1) for one in library], background)
    liked, other = (Paper(title=f"A robot for {name}", summary=KINDS[name]) for name in ("surgery", "football"))
    one, two = profile.score([liked, other])
    assert one > 0.7 > 0.3 > two
    assert "surgery ▲" in profile.moved_by(liked)
    assert profile.votes == 400  # the last ones


def test_what_no_rule_matched_and_the_votes_speak_for_is_discovered_by_choice_and_with_evidence(
    office: TestSite,
) -> None:
    office.tuned(topics=(TOPIC,), trending=0, discover=2)
    first = a_day(office, 0)["reader"]
    assert [s.kind for s in first.sections] == ["topic"]
    cast(office, office.person(), first, surgery=1, football=-1)
    cast(office, office.person(), a_day(office, 1)["reader"], surgery=1, football=-1)
    office.now = NOW + 2 * DAY - DAY / 6
    office.papers(9001, title="Surgery work", summary="Endoscope surgery tissue work.")
    office.papers(9002, title="A league of football pitches", summary="Football league pitch work.")
    digest = a_day(office, 2)["reader"]
    assert [s.kind for s in digest.sections] == ["topic", "discover"]
    [item] = digest.sections[-1].items
    assert item.paper.title == "Surgery work"
    assert {"endoscope", "surgery"} & {reason.text.casefold() for reason in item.reasons}
    assert {reason.field for reason in item.reasons} == {"votes"}
