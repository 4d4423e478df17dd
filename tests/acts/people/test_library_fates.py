"""What becomes of the papers of a library: told once, with what was said and where; and nothing of papers alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from library_desk import DAY, Desk, open_desk, row

from digestbot.acts.intake.enrich import EVERY, KEPT_DAYS, MOST, own_day, rounds_due
from digestbot.acts.people.library import holdings
from digestbot.acts.people.vote import vote
from digestbot.acts.rounds import enrich_round, library_round
from digestbot.model import Entry, Link, LinkRel, Notice, NoticeKind, PaperId, PartialDate, Standing
from digestbot.store.contract.enrichments import KEPT
from digestbot.testing.builders import NOW, subscriber, topic


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path) as desk:
        yield desk


async def test_what_became_of_a_library_is_told_once_and_what_is_only_alike_is_not(desk: Desk) -> None:
    fallen = [f"10.5555/fell.{i}" for i in range(5)]
    alike = ["10.5555/fell.1234", "10.5555/fell", "10.5555/notice.0"]  # begins like one, begins one, is a notice's own
    others = [f"10.5555/fine.{i}" for i in range(60)]
    desk.library(*[name.upper() for name in fallen], *alike, "10.5555/mended", *others)
    for name in (*alike[:2], *others):
        desk.crossref.has(name)
    for at, name in enumerate(fallen):
        desk.crossref.has(name, ("retraction", f"10.5555/notice.{at}"))
    desk.crossref.has("10.5555/mended", ("erratum", "10.5555/erratum"))
    desk.crossref.has(
        alike[2], **{"title": ["Retraction: Work"], "update-to": [{"DOI": fallen[0], "type": "retraction"}]}
    )
    await desk.rounds(2)
    told = desk.told(1)
    assert sorted(told) == sorted([*fallen, "10.5555/mended"])
    assert told[fallen[3]] == (
        "It is in your library. It has been retracted. Retraction notice of 2026-11-20: doi:10.5555/notice.3 (Retraction "
        "Watch)."
    )
    with desk.store.reading() as tx:
        [[found]] = tx.papers.papers_by_key([("doi", fallen[3])]).values()
        paper = tx.papers.papers_by_id([found])[found]
    assert paper.links[0] == Link(LinkRel.NOTICE, "https://doi.org/10.5555/notice.3")
    assert told["10.5555/mended"] == (
        "It is in your library. It has been corrected. Correction of 2026-11-20: doi:10.5555/erratum (Retraction Watch)."
    )
    assert desk.told(2) == {}

    desk.crossref.has(fallen[1])  # it was a mistake: the notice is gone
    await desk.rounds(1)
    assert desk.told(3) == {fallen[1]: "You had it on Tue 24 November. New: stands again."}
    assert desk.told(4) == {}


async def test_a_retraction_that_is_taken_back_out_of_the_record_is_told_though_the_record_is_as_it_was(
    desk: Desk,
) -> None:
    desk.library("10.5555/a")
    told = []
    for day, notices in enumerate(([], ["10.5555/n"], ["10.5555/n"], [], [], ["10.5555/n"], [])):
        desk.crossref.has("10.5555/a", *[("retraction", notice) for notice in notices])
        desk.now = NOW + 31 * day * DAY
        await desk.rounds()
        told += [
            (day, note.partition(". ")[2].partition(" Retraction notice")[0])
            for note in desk.told(31 * day + 1).values()
        ]
    assert told == [
        (1, "It has been retracted."),
        (3, "New: stands again."),
        (5, "It has been retracted again."),
        (6, "New: stands again."),
    ]


async def test_a_paper_of_two_people_is_asked_about_once_and_both_are_told(desk: Desk) -> None:
    desk.library("10.5555/a")
    desk.library("10.5555/A", who="bo")
    desk.crossref.has("10.5555/a", ("retraction", "10.5555/n"))
    await desk.rounds(3)
    assert len(desk.server.asked) == 1
    report = desk.dispatch(NOW + DAY)
    assert sorted(d.subscriber.ref for d in desk.digests(report)) == ["ada", "bo"]


async def test_who_imports_what_fell_long_ago_is_told_and_who_liked_it_knowing_is_not(desk: Desk) -> None:
    notice = Notice(kind=NoticeKind.RETRACTION, id="doi:10.5555/n", day=PartialDate("2020-01-02"), by="the publisher")
    desk.entries(
        Entry(
            title="A Fallen Work",
            identifiers={"doi": "10.5555/a"},
            native_key="a",
            standing=Standing.RETRACTED,
            notices=(notice,),
        )
    )
    desk.now += timedelta(hours=1)
    desk.library("10.5555/a")
    vote(desk.store, "10.5555/a", desk.person("bo"), 1, now=desk.now)
    report = desk.dispatch(NOW + DAY)
    assert [d.subscriber.ref for d in desk.digests(report)] == ["ada"]


async def test_who_liked_a_paper_is_told_of_what_is_said_of_it_later(desk: Desk) -> None:
    desk.entries(Entry(title="A Work", identifiers={"doi": "10.5555/a"}, native_key="a"))
    vote(desk.store, "10.5555/a", desk.person("ada"), 1, now=desk.now)
    vote(desk.store, "10.5555/a", desk.person("bo"), -1, now=desk.now)
    desk.now += timedelta(hours=1)
    await desk.list_says(row(1, "10.5555/A", "Expression of concern"))
    assert desk.told(1) == {
        "10.5555/a": "You liked it on Mon 23 November. Its publisher has expressed a concern about it. Expression of concern "
        "of 2023-08-16: doi:10.5555/notice. Reasons according to Retraction Watch: Plagiarism of Data, Paper Mill."
    }
    assert desk.told(1, "bo") == {}


async def test_the_list_of_retraction_watch_counts_by_identifier_alone(desk: Desk) -> None:
    desk.library("10.5555/a", "10.5555/b", "10.5555/bb", "10.5555/back")
    await desk.list_says(
        row(1, "10.5555/A"), row(2, "unavailable"), row(3, "10.5555/b.1"), row(4, "10.9999/unknown"), row(5, "", pmid="12"),
        row(6, "10.5555/back"), row(7, "10.5555/back", "Reinstatement", day="1/9/2024 0:00"),
    )  # fmt: skip
    assert list(desk.told(1)) == ["10.5555/a"]
    with desk.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (7, 4)  # what others own leaves no trace


async def test_a_reinstatement_is_told_to_who_was_told_of_the_retraction(desk: Desk) -> None:
    desk.library("10.5555/a")
    await desk.list_says(row(1, "10.5555/a"))
    assert list(desk.told(1)) == ["10.5555/a"]
    desk.now += timedelta(hours=1)
    await desk.list_says(row(1, "10.5555/a"), row(2, "10.5555/a", "Reinstatement", day="11/23/2026 0:00"))
    [note] = desk.told(2).values()
    assert note == (
        "You had it on Tue 24 November. Reinstatement of 2026-11-23: doi:10.5555/notice. Reasons according to Retraction "
        "Watch: Plagiarism of Data, Paper Mill. New: stands again."
    )
    assert desk.told(3) == {}


async def test_a_second_retraction_after_a_reinstatement_is_told_again_and_each_change_once(desk: Desk) -> None:
    desk.library("10.5555/a")
    rows = [
        row(1, "10.5555/a", day="1/9/2020 0:00"),
        row(2, "10.5555/a", "Reinstatement", day="3/9/2021 0:00"),
        row(3, "10.5555/a", day="11/20/2026 0:00", notice="10.5555/second", reason="+Paper Mill;"),
        row(4, "10.5555/a", "Reinstatement", day="11/23/2026 0:00", notice="10.5555/back"),
    ]
    told: list[str] = []
    for day in range(4):
        await desk.list_says(*rows[: day + 1])
        told += desk.told(day + 1).values()
        desk.now += timedelta(hours=1)
        await desk.list_says(*rows[: day + 1])
        assert desk.told(day + 1) == {}
        desk.now = NOW + (day + 1) * DAY + timedelta(hours=1)
    assert len(told) == 4
    assert told[2] == (
        "You had it on Wed 25 November. It has been retracted again. Retraction notice of 2026-11-20: doi:10.5555/second. "
        "Reasons according to Retraction Watch: Paper Mill."
    )
    assert told[3].startswith("You had it on Thu 26 November. Reinstatement of 2026-11-23: doi:10.5555/back.")


async def test_a_retraction_that_a_second_service_dates_later_is_no_second_one(desk: Desk) -> None:
    desk.library("10.5555/a")
    rows = [row(1, "10.5555/a", day="1/9/2020 0:00"), row(2, "10.5555/a", "Reinstatement", day="3/9/2021 0:00")]
    await desk.list_says(rows[0])
    desk.now += timedelta(minutes=1)
    await desk.list_says(*rows, row(3, "10.5555/a", day="3/9/2022 0:00"))  # the same notice, passed on late
    assert desk.told(1) == {}


async def test_a_round_a_day_makes_up_for_those_that_were_left_out(desk: Desk) -> None:
    await desk.rounds()
    desk.library(*[f"10.5555/{i}" for i in range(450)])
    desk.now = NOW + DAY
    async with desk.intake() as intake:
        [report] = await enrich_round(intake)
        assert (report.asked, len(desk.server.asked)) == (450, 23)  # 200, 200 and 50, twenty in a request
        assert await enrich_round(intake) == ()  # the pause holds after the last of them


def test_one_round_a_day_is_enough_for_a_new_library_of_three_thousand_in_two_days() -> None:
    assert 2 * MOST * rounds_due(NOW, NOW + DAY, EVERY) >= 3000
    assert [rounds_due(NOW, NOW + some * EVERY, EVERY) for some in (-1, 0, 1, 3, 500)] == [1, 1, 1, 3, 8]
    assert rounds_due(None, NOW, EVERY) == rounds_due(NOW, NOW + DAY, timedelta(0)) == 1


async def test_a_retraction_of_an_old_paper_makes_no_news_of_the_paper_itself(desk: Desk) -> None:
    desk.people(*(subscriber(c, id=None, topics=(topic(query="work"),), trending=0) for c in ("ada", "bo")))
    desk.library("10.5555/a", who="bo")
    desk.entries(
        Entry(
            identifiers={"doi": "10.5555/a"}, native_key="n on a",
            notices=(Notice(kind=NoticeKind.CORRECTION, id="doi:10.5555/n", by="the publisher"),),
        ), source="arxiv-cs",
    )  # fmt: skip
    assert [d.subscriber.ref for d in desk.digests(desk.dispatch(NOW + DAY))] == ["bo"]


async def test_a_check_by_hand_asks_at_once_and_not_again_within_two_days(desk: Desk) -> None:
    desk.library(*[f"10.5555/{i}" for i in range(45)])
    desk.crossref.has("10.5555/7", ("retraction", "10.5555/n"))
    async with desk.intake() as intake:
        [report] = await library_round(intake, desk.person("ada"))
        assert (report.asked, len(desk.server.asked)) == (45, 3)
        await library_round(intake, desk.person("ada"))
    assert len(desk.server.asked) == 3
    every = holdings(desk.store, desk.person("ada"))
    assert [(h.paper.identifiers["doi"], h.stands, h.where) for h in every if h.stands] == [
        ("10.5555/7", "retracted", ("https://doi.org/10.5555/n",))
    ]
    assert {h.asked for h in every} == {desk.now}


async def test_a_library_is_asked_about_within_two_days_and_again_in_steps_of_a_month(desk: Desk) -> None:
    desk.library(*[f"10.5555/{i}" for i in range(450)])
    await desk.rounds(3)
    assert len(desk.server.asked) == 23  # 200, 200 and 50, twenty at once
    with desk.store.reading() as tx:
        papers = [h.paper.stored_id for h in holdings(desk.store, desk.person("ada"))]
        rows = [r for some in tx.enrichments.rows_of_papers(papers).values() for r in some]
    assert {r.state for r in rows} == {KEPT}
    for day in range(1, KEPT_DAYS + 2):
        desk.now = NOW + day * DAY
        asked = len(desk.server.asked)
        await desk.rounds()
        assert len(desk.server.asked) == asked + 1  # fifteen papers a day


def test_each_paper_has_a_day_of_its_own_and_those_of_a_day_share_an_hour() -> None:
    at = NOW.replace(hour=10, minute=37)
    days = [own_day(PaperId(n), since=at, at=at) for n in range(KEPT_DAYS)]
    assert sorted(days) == [at.replace(minute=0) + day * DAY for day in range(1, KEPT_DAYS + 1)]
    for paper, day in enumerate(days):  # asked late, even on another date, it keeps its day and hour
        for late in (timedelta(minutes=5), timedelta(hours=20)):
            assert own_day(PaperId(paper), since=day + late, at=day) == day + KEPT_DAYS * DAY
