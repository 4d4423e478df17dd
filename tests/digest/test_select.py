"""Which papers one subscriber gets, where they stand, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from digestbot.digest.selection.select import (
    LOOK_BACK,
    Asking,
    Found,
    Had,
    Reach,
    Selection,
    edition_section,
    select,
    topic_start,
    window_start,
)
from digestbot.digest.selection.updates import News, Shown, by_paper
from digestbot.model import Fate, Paper, PaperId, Reason, Standing, Subscriber, Topic
from digestbot.papers.facts.events import EventKind, Happening
from digestbot.ranking.trending import rising
from digestbot.testing.builders import NOW, paper, subscriber, topic

START = NOW - timedelta(days=7)
FIRST, SECOND = topic("First", "a"), topic("Second", "b")


def found(*papers: Paper) -> list[Found]:
    return [(p, 1.0) for p in papers]


def why(topic: Topic, papers: Sequence[Paper]) -> list[tuple[Reason, ...]]:
    return [(Reason(field="title", text=f"{topic.name} {paper.id}"),) for paper in papers]


def chosen(
    person: Subscriber,
    matches: Sequence[tuple[Topic, Sequence[Found]]],
    shown: Mapping[PaperId, Shown] | None = None,
    news: Sequence[News] = (),
    window: Sequence[Paper] = (),
) -> Selection:
    return select(
        person, matches, Had(shown or {}), by_paper(news), rising(window, NOW), reach=Reach(START), asking=Asking(why)
    )


def version(of: Paper, number: int) -> News:
    return News(paper=of, event=Happening(kind=EventKind.VERSION, key=f"v{number}", note=f"v{number}"), at=NOW)


def event(of: Paper, kind: str, note: str = "", *, hours_ago: int = 1) -> News:
    return News(
        paper=of,
        event=Happening(kind=EventKind(kind), key=kind, note=note or kind),
        at=NOW - timedelta(hours=hours_ago),
    )


def ids(selection: Selection, place: str = "items") -> list[list[int | None]]:
    return [[i.paper.id for i in getattr(s, place)] for s in selection.sections]


def test_a_paper_that_matches_two_topics_stands_in_the_first_and_names_both() -> None:
    one = paper(1)
    selection = chosen(subscriber(), [(FIRST, found(one)), (SECOND, found(one))])
    assert [(s.title, s.items[0].also) for s in selection.sections] == [("First", ("Second",))]


def test_a_paper_that_was_shown_never_comes_again() -> None:
    selection = chosen(subscriber(), [(FIRST, found(paper(1), paper(2)))], {PaperId(1): Shown(version=None, at=NOW)})
    assert ids(selection) == [[2]]
    assert selection.fates[PaperId(1)] is Fate.ALREADY_SENT


def test_a_paper_known_only_as_a_new_version_is_no_news() -> None:
    selection = chosen(subscriber(), [(FIRST, found(paper(1, replacement=True)))])
    assert selection.sections == ()
    assert selection.fates == {PaperId(1): Fate.REPLACEMENT}


def test_a_paper_of_the_record_is_no_news() -> None:
    selection = chosen(subscriber(), [(FIRST, found(paper(1, old=True)))])
    assert (selection.sections, selection.fates) == ((), {PaperId(1): Fate.RECORD})


def test_what_is_beyond_a_limit_becomes_more_of_the_same_digest() -> None:
    limited = topic("First", "a", limit=1)
    selection = chosen(subscriber(), [(limited, found(paper(1), paper(2)))])
    assert (ids(selection), ids(selection, "more")) == ([[1]], [[2]])
    assert selection.fates[PaperId(2)] is Fate.MORE_LIMIT


def test_max_papers_is_shared_between_topics_in_turn() -> None:
    many, few = found(*(paper(n) for n in range(1, 9))), found(paper(20), paper(21))
    selection = chosen(subscriber(max_papers=4), [(FIRST, many), (SECOND, few)])
    assert [len(s.items) for s in selection.sections] == [2, 2]
    assert selection.fates[PaperId(8)] is Fate.MORE_MAX


def test_room_that_one_topic_leaves_goes_to_the_others() -> None:
    many = found(*(paper(n) for n in range(1, 9)))
    selection = chosen(subscriber(max_papers=4), [(FIRST, many), (SECOND, found(paper(20)))])
    assert [len(s.items) for s in selection.sections] == [3, 1]


def test_a_topic_of_twice_the_weight_has_twice_the_places_where_room_is_short() -> None:
    light, heavy = topic("Light", "a"), topic("Heavy", "b", weight=2.0)
    many, others = found(*(paper(n) for n in range(1, 10))), found(*(paper(n) for n in range(11, 20)))
    selection = chosen(subscriber(max_papers=6), [(light, many), (heavy, others)])
    assert [(s.title, len(s.items)) for s in selection.sections] == [("Light", 2), ("Heavy", 4)]
    assert sum(len(s.items) + len(s.more) for s in selection.sections) == 18


def test_a_mute_topic_wins_over_a_topic_of_any_weight() -> None:
    mute, heavy = topic("Never", "a", mute=True), topic("Heavy", "b", weight=10.0)
    selection = chosen(subscriber(), [(heavy, found(paper(1), paper(2))), (mute, found(paper(1)))])
    assert (ids(selection), selection.fates[PaperId(1)]) == ([[2]], Fate.MUTED)


def test_the_reasons_are_asked_for_what_stands_in_the_digest_and_for_nothing_else() -> None:
    asked: list[int | None] = []

    def noted(topic: Topic, papers: Sequence[Paper]) -> list[tuple[Reason, ...]]:
        asked.extend(paper.id for paper in papers)
        return why(topic, papers)

    limited = topic("First", "a", limit=1)
    had = {PaperId(3): Shown(version=None, at=NOW)}
    papers = found(paper(1), paper(2), paper(3), paper(4, replacement=True))
    selection = select(subscriber(), [(limited, papers)], Had(had), {}, (), reach=Reach(START), asking=Asking(noted))
    assert asked == [1, 2]
    assert [i.reasons[0].text for s in selection.sections for i in (*s.items, *s.more)] == ["First 1", "First 2"]


def test_a_new_version_of_a_sent_paper_is_an_update_and_never_a_new_paper() -> None:
    second = paper(1, version=2)
    had = {PaperId(1): Shown(version=1, at=NOW - timedelta(days=3))}
    selection = chosen(subscriber(updates="all"), [(FIRST, found(second))], had, [version(second, 2)])
    assert [(s.kind, [i.kind for i in s.more]) for s in selection.sections] == [("updates", ["v2"])]
    assert selection.sections[0].more[0].note == "You had v1 on Fri 20 November. New: v2."


def test_versions_come_after_what_matters_and_without_a_word_of_change_as_a_title_only() -> None:
    had = {PaperId(n): Shown(version=1, at=NOW - timedelta(days=3)) for n in range(1, 30)}
    news = [
        *(version(paper(n), 2) for n in range(1, 4)),
        News(paper=paper(4), event=Happening(kind=EventKind.VERSION, key="v2", note="v2 changes the title"), at=NOW),
        event(paper(5), "accepted"),
        *(event(paper(n, standing=Standing.RETRACTED), "retracted") for n in range(6, 20)),
    ]
    [section] = chosen(subscriber(updates="all"), [], had, news).sections
    assert [i.kind for i in section.items] == ["retracted"] * 14
    assert [i.kind for i in section.more] == ["accepted", "v2", "v2", "v2", "v2"]
    [short] = chosen(subscriber(updates="all"), [], had, news[:5]).sections
    assert [(i.paper.id, i.place) for i in (*short.items, *short.more)] == [
        (5, "mail"), (4, "mail"), (1, "more"), (2, "more"), (3, "more"),
    ]  # fmt: skip


def test_a_version_that_was_told_is_not_told_again() -> None:
    second = paper(1, version=2)
    had = {PaperId(1): Shown(version=2, at=NOW)}
    assert chosen(subscriber(), [], had, [version(second, 2)]).sections == ()


def test_somebody_who_was_not_sent_the_paper_gets_no_update() -> None:
    assert chosen(subscriber(), [], {}, [version(paper(1), 2)]).sections == ()


def test_updates_none_means_none() -> None:
    had = {PaperId(1): Shown(version=1, at=NOW)}
    assert chosen(subscriber(updates="none"), [], had, [version(paper(1), 2)]).sections == ()


def test_several_events_of_one_paper_are_one_item_with_one_sentence() -> None:
    one = paper(1, version=2)
    had = {PaperId(1): Shown(version=1, at=NOW - timedelta(days=3))}
    news = [version(one, 2), event(one, "code", "code at github.com/x/y"), event(one, "accepted", "accepted at ISCA")]
    [section] = chosen(subscriber(updates="all"), [], had, news).sections
    assert [(i.kind, i.kinds) for i in section.items] == [("accepted+code+v2", ("accepted", "code", "v2"))]
    assert section.items[0].note == "You had v1 on Fri 20 November. New: accepted at ISCA; code at github.com/x/y; v2."


def test_a_withdrawal_comes_before_everything_else_and_swallows_its_version() -> None:
    had = {PaperId(1): Shown(version=1, at=NOW - timedelta(days=3))}
    [section] = chosen(
        subscriber(updates="all"),
        [],
        had,
        [version(paper(1), 2), event(paper(1, standing=Standing.WITHDRAWN), "withdrawn")],
    ).sections
    assert section.items[0].note == "You had v1 on Fri 20 November. It has been withdrawn."
    assert section.items[0].kinds == ("withdrawn", "v2")


def test_updates_important_leaves_versions_and_code_out() -> None:
    had = {PaperId(n): Shown(version=1, at=NOW - timedelta(days=3)) for n in range(1, 7)}
    kinds = ("accepted", "journal", "code", "withdrawn", "retracted")
    news = [version(paper(6), 2), *(event(paper(n), kind) for n, kind in enumerate(kinds, 1))]
    [section] = chosen(subscriber(updates="important"), [], had, news).sections
    assert [i.kind for i in section.items] == ["withdrawn", "retracted", "accepted", "journal"]


def test_what_was_told_or_stood_in_the_card_already_is_not_told() -> None:
    told = {PaperId(1): Shown(version=1, at=NOW - timedelta(days=3), told=frozenset({"accepted"}))}
    assert chosen(subscriber(), [], told, [event(paper(1), "accepted")]).sections == ()
    later = {PaperId(1): Shown(version=1, at=NOW)}
    assert chosen(subscriber(), [], later, [event(paper(1), "accepted")]).sections == ()


def test_a_paper_that_fell_before_it_was_sent_is_no_news() -> None:
    selection = chosen(subscriber(), [(FIRST, found(paper(1, standing=Standing.WITHDRAWN), paper(2)))],
                       window=[paper(3, standing=Standing.RETRACTED, signals={"upvotes": 9})])  # fmt: skip
    assert ids(selection) == [[2]]
    assert selection.held() == {PaperId(1): Fate.WITHDRAWN}


def test_the_edition_leaves_out_what_fell_since() -> None:
    made = edition_section("2026-11-23", "Monday", [(paper(1, standing=Standing.WITHDRAWN), "")], {}, 10)
    assert made is None


def test_trending_goes_along_but_never_makes_a_digest_by_itself() -> None:
    hot = paper(9, signals={"upvotes": 41})
    assert chosen(subscriber(), [], window=[hot]).sections == ()
    along = chosen(subscriber(), [(FIRST, found(paper(1)))], window=[paper(1), hot])
    assert [s.kind for s in along.sections] == ["topic", "trending"]
    assert along.sections[1].items[0].note == "▲ 41 votes"


def test_trending_stays_empty_where_nobody_votes_and_nothing_has_a_second_source() -> None:
    along = chosen(subscriber(), [(FIRST, found(paper(1)))], window=[paper(1), paper(2)])
    assert [s.kind for s in along.sections] == ["topic"]


def test_trending_holds_nothing_that_stands_above_or_was_shown_before() -> None:
    hot = [paper(n, signals={"upvotes": 9}) for n in (1, 2, 3)]
    selection = chosen(subscriber(), [(FIRST, found(hot[0]))], {PaperId(2): Shown(version=None, at=NOW)}, window=hot)
    assert ids(selection) == [[1], [3]]


def test_a_digest_may_be_without_trending() -> None:
    hot = paper(9, signals={"upvotes": 41})
    assert len(chosen(subscriber(trending=0), [(FIRST, found(paper(1)))], window=[hot]).sections) == 1


def test_the_window_reaches_two_weeks_back_and_never_before_joining() -> None:
    old, new = subscriber(joined=NOW - timedelta(days=90)), subscriber(joined=NOW - timedelta(hours=1))
    assert window_start(old, NOW, NOW - timedelta(days=1), NOW - timedelta(days=1)) == NOW - LOOK_BACK
    assert window_start(new, NOW, None, None) == NOW - timedelta(hours=1, days=2)


def test_after_a_long_pause_the_window_reaches_to_the_last_digest() -> None:
    old = subscriber(joined=NOW - timedelta(days=90))
    last = NOW - timedelta(days=40)
    assert window_start(old, NOW, last, last) == last


def test_the_window_reaches_to_the_last_mail_that_was_not_given_back_but_not_for_ever() -> None:
    old, day = subscriber(joined=NOW - timedelta(days=900)), timedelta(days=1)
    assert window_start(old, NOW, NOW - 30 * day, NOW - 60 * day) == NOW - 60 * day
    assert window_start(old, NOW, NOW - day, NOW - 400 * day) == NOW - 61 * day
    assert window_start(old, NOW, NOW - 365 * day, None) == NOW - 730 * day  # a slot a year


def test_a_changed_topic_reaches_two_days_back_from_its_change() -> None:
    changed = topic(since=NOW - timedelta(hours=1))
    assert topic_start(changed, START) == NOW - timedelta(days=2, hours=1)
    old = paper(1, first_seen=NOW - timedelta(days=4))
    assert chosen(subscriber(), [(changed, found(old))]).sections == ()


def test_the_edition_leaves_out_what_somebody_has_had() -> None:
    made = edition_section(
        "2026-11-23", "Monday", [(paper(1), "x"), (paper(2), "")], {PaperId(1): Shown(version=None, at=NOW)}, 10
    )
    assert made is not None
    assert [i.paper.id for i in made.items] == [2]


@given(
    st.lists(st.lists(st.integers(1, 30), max_size=20, unique=True), min_size=1, max_size=4),
    st.integers(1, 20),
    st.lists(st.integers(1, 30), max_size=10),
    st.integers(1, 5),
)
def test_every_eligible_paper_is_reached_exactly_once(
    topics: list[list[int]], room: int, had: list[int], limit: int
) -> None:
    matches = [
        (topic(f"T{at}", "x", limit=limit), found(*(paper(n) for n in numbers))) for at, numbers in enumerate(topics)
    ]
    shown = {PaperId(n): Shown(version=None, at=NOW) for n in had}
    selection = chosen(subscriber(max_papers=room), matches, shown)
    reached = [i.paper.id for s in selection.sections for i in (*s.items, *s.more)]
    assert sorted(number for number in reached if number) == sorted(
        {n for numbers in topics for n in numbers} - set(had)
    )
    assert sum(len(s.items) for s in selection.sections) <= room
    assert all(len(s.items) <= limit for s in selection.sections)
