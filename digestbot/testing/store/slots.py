"""What `store.Slots` promises: one digest for a slot, a paper once, and editions that close for good."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import datetime
from typing import Any

import pytest

from digestbot.errors import StoreError
from digestbot.model import (
    Digest,
    EditionState,
    Item,
    ItemPlace,
    PaperId,
    PolledSource,
    Reason,
    ScorePart,
    Section,
    SectionKind,
    Slot,
    SlotState,
)
from digestbot.store import Edition, ShownItem, Store, Transaction
from digestbot.testing.store.values import (
    DAY,
    HOUR,
    MANY,
    NOW,
    Contract,
    create,
    digest,
    ident,
    join,
    paper,
    slot_row,
    told,
)


def edition(day: int = 23, **change: Any) -> Edition:
    """The open page of a day in November; it closes at noon."""
    closes = datetime(2026, 11, day, 12, tzinfo=NOW.tzinfo)
    values: dict[str, Any] = {"day": f"2026-11-{day}", "state": EditionState.OPEN, "closes": closes, "updated": NOW}
    return Edition(**values | change)


def shown(tx: Transaction, made: Digest) -> list[ShownItem]:
    """The papers shown to the digest's reader."""
    number = ident(made.subscriber)
    return tx.slots.shown_items([number]).get(number, [])


class SlotsContract(Contract):
    """Slots, digests, what was shown, editions."""

    def test_a_slot_is_put_once(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            first = slot_row(someone, seen=3, matched=2, chosen=1, run="r", reason="x", covered_by="y")
            assert tx.slots.add_slot(first)
            assert not tx.slots.add_slot(slot_row(someone, state=SlotState.EMPTY))
            assert tx.slots.slots_of(ident(someone), 10) == [first]

    def test_of_many_slots_those_are_taken_that_nobody_has(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            assert tx.slots.add_slot(slot_row(ada))
            taken = tx.slots.add_slots([slot_row(ada), slot_row(ada, key="2"), slot_row(bo)])
            assert taken == {(ident(ada), "2"), (ident(bo), slot_row(bo).key)}
            assert tx.slots.add_slots([]) == set()

    def test_many_digests_are_numbered_in_their_order(self, store: Store) -> None:
        with store.transaction() as tx:
            papers, people = create(tx, 1, 2), join(tx, "ada", "bo", "cy")
            made = [digest(someone, *papers) for someone in reversed(people)]
            numbers = tx.slots.add_digests(made)
            found = tx.slots.digests_by_id(numbers)
            assert [found[number].subscriber.ref for number in numbers] == ["cy", "bo", "ada"]
            assert tx.slots.add_digests([]) == []

    def test_slots_of_one_key_are_each_readers_own(self, store: Store) -> None:
        with store.transaction() as tx:
            assert [tx.slots.add_slot(slot_row(someone)) for someone in join(tx, "ada", "bo")] == [True, True]

    def test_history_is_newest_first_and_as_long_as_asked(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            for day in (2, 0, 1):
                tx.slots.add_slot(slot_row(someone, key=f"k{day}", due=NOW + day * DAY))
            assert [row.key for row in tx.slots.slots_of(ident(someone), 2)] == ["k2", "k1"]

    def test_the_last_slot_done_was_composed_or_found_empty(self, store: Store) -> None:
        states = [state for state in SlotState if state is not SlotState.FAILED]
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            for day, state in enumerate(states):
                tx.slots.add_slot(slot_row(someone, key=state, due=NOW + day * DAY, state=state))
            assert tx.slots.last_slots([ident(someone)]) == {ident(someone): NOW + DAY}

    def test_a_digest_out_of_turn_counts_as_done(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            tx.slots.add_slot(slot_row(someone))
            tx.slots.add_slot(slot_row(someone, key="now:2026", due=NOW + HOUR))
            assert tx.slots.last_slots([ident(someone)]) == {ident(someone): NOW + HOUR}

    def test_a_slot_whose_digest_was_released_is_done_and_not_kept(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], papers = join(tx, "reader"), create(tx, 1, 2)
            tx.slots.add_slot(slot_row(someone, key="empty", due=NOW - DAY, state=SlotState.EMPTY))
            numbers = {}
            for day, paper in enumerate(papers):
                tx.slots.add_slot(slot_row(someone, key=f"k{day}", due=NOW + day * DAY))
                numbers[day] = tx.slots.add_digest(digest(someone, paper, key=f"k{day}"))
            assert tx.slots.last_delivered_slots([ident(someone)]) == {ident(someone): NOW + DAY}
            tx.slots.release_digest(numbers[1])
            assert tx.slots.last_delivered_slots([ident(someone)]) == {ident(someone): NOW}
            tx.slots.release_digest(numbers[0])
            assert tx.slots.last_delivered_slots([ident(someone)]) == {ident(someone): NOW - DAY}
            assert tx.slots.last_slots([ident(someone)]) == {ident(someone): NOW + DAY}
            assert tx.slots.released_slots(ident(someone)) == {"k0", "k1"}

    def test_a_slot_may_be_decided_after_it_was_due(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            tx.slots.add_slot(slot_row(ada, decided=NOW + HOUR))
            tx.slots.add_slot(slot_row(ada, key="paused", due=NOW + DAY, state=SlotState.PAUSED, decided=NOW + DAY))
            tx.slots.add_slot(slot_row(bo, decided=None))
            assert tx.slots.last_decisions([ident(ada), ident(bo)]) == {ident(ada): NOW + HOUR, ident(bo): NOW}

    def test_who_never_had_a_slot_done_is_left_out(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            tx.slots.add_slot(slot_row(ada, state=SlotState.PAUSED))
            assert tx.slots.last_slots([ident(ada), ident(bo)]) == {}

    def test_a_digest_comes_back_as_it_was_composed(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], papers = join(tx, "reader"), create(tx, 1, 2)
            polled = (PolledSource(ref="arxiv", name="arXiv", new=3, sent=1, note="quiet"),)
            following = Slot(key="n", due=NOW + DAY, local=NOW.replace(tzinfo=None))
            made = digest(someone, papers[0], more=papers[1:], polled=polled, next_slot=following, contact="a@b.org")
            number = tx.slots.add_digest(made)
            texts = tx.papers.papers_by_id(papers)
            [section] = made.sections
            items, more = (tuple(replace(i, paper=texts[PaperId(i.paper.id or 0)]) for i in some)
                           for some in (section.items, section.more))  # fmt: skip
            whole = replace(made, id=number, sections=(replace(section, items=items, more=more),))
            assert tx.slots.digests_by_id([number]) == {number: whole}

    def test_every_field_of_an_item_comes_back(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], papers = join(tx, "reader"), create(tx, 1, 2)
            one, two = (tx.papers.papers_by_id(papers)[p] for p in papers)
            item = Item(
                paper=one, kind="v2+accepted", topic="Catalogs", also=("Stars",), reasons=(Reason(field="title", text="x"),),
                score=1.5, score_parts=(ScorePart(name="words", points=1.5, detail="x"),), place=ItemPlace.MORE,
                note="41 votes", beside=two, beside_had=True, follows="Ada",
            )  # fmt: skip
            assert all(getattr(item, field.name) != field.default for field in fields(Item))
            made = digest(someone)
            section = Section(kind=SectionKind.TOPIC, title="Catalogs", more=(item,))
            number = tx.slots.add_digest(replace(made, sections=(section,)))
            assert list(tx.slots.digests_by_id([number])[number].items()) == [item]

    def test_the_papers_of_a_digest_have_the_texts_of_today(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            number = tx.slots.add_digest(digest(someone, made))
            tx.papers.update_paper(paper(id=made, title="A better title"))
            assert [i.paper.title for i in tx.slots.digests_by_id([number])[number].items()] == ["A better title"]

    def test_the_reader_of_a_digest_is_the_one_it_was_composed_for(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            number = tx.slots.add_digest(digest(someone, made))
            tx.people.sync_people([replace(someone, email="new@example.org", topics=())], now=NOW + DAY)
            assert tx.slots.digests_by_id([number])[number].subscriber == someone

    def test_unknown_digests_are_left_out(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            number = tx.slots.add_digest(digest(someone))
            assert list(tx.slots.digests_by_id([number, number + 1])) == [number]

    def test_a_paper_is_shown_once(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            tx.slots.add_digest(digest(someone, made, key="1"))
        with pytest.raises(StoreError), store.transaction() as tx:
            tx.slots.add_digest(digest(someone, more=[made], key="2"))

    def test_a_digest_that_repeats_a_paper_leaves_nothing_behind(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (first, second) = join(tx, "reader"), create(tx, 1, 2)
            tx.slots.add_digest(digest(someone, first, key="1"))
        with pytest.raises(StoreError), store.transaction() as tx:  # noqa: PT012  # both are undone together
            tx.slots.add_slot(slot_row(someone, key="2"))
            tx.slots.add_digest(digest(someone, second, first, key="2"))
        with store.reading() as tx:
            assert tx.slots.slots_of(ident(someone), 10) == []
            assert [s.paper for s in shown(tx, digest(someone))] == [first]

    def test_a_paper_may_be_shown_to_everybody(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            numbers = {tx.slots.add_digest(digest(someone, made)) for someone in join(tx, "ada", "bo")}
            assert len(numbers) == 2

    def test_a_new_version_of_a_paper_that_was_shown_may_be_told(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            tx.slots.add_digest(digest(someone, made, key="1"))
            tx.slots.add_digest(told(digest(someone, made, key="2", composed=NOW + DAY), "v2"))
            assert shown(tx, digest(someone)) == [
                ShownItem(paper=made, kind="new", version=2, at=NOW),
                ShownItem(paper=made, kind="v2", version=2, at=NOW + DAY),
            ]

    def test_what_was_shown_comes_oldest_first_in_mail_or_as_more(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (late, early, more) = join(tx, "reader"), create(tx, 1, 2, 3)
            tx.slots.add_digest(digest(someone, late, key="2", composed=NOW + DAY))
            tx.slots.add_digest(digest(someone, early, more=[more], key="1", composed=NOW))
            assert [s.paper for s in shown(tx, digest(someone))] == [early, more, late]

    def test_who_was_shown_nothing_is_left_out(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            tx.slots.add_digest(digest(ada, *create(tx, 1)))
            assert list(tx.slots.shown_items([ident(ada), ident(bo)])) == [ident(ada)]

    def test_the_digest_of_a_slot_is_found(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            number = tx.slots.add_digest(digest(ada, key="k"))
            found = [tx.slots.digest_of_slot(ident(who), key) for who, key in ((ada, "k"), (ada, "other"), (bo, "k"))]
            assert found == [number, None, None]

    def test_the_newest_digests_of_each_come_newest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            for day in (1, 3, 2):
                tx.slots.add_digest(digest(ada, key=f"a{day}", composed=NOW + day * DAY))
            tx.slots.add_digest(digest(bo, key="b1"))
            found = tx.slots.latest_digests([ident(ada), ident(bo)], 2)
            assert {who: [d.slot.key for d in made] for who, made in found.items()} == {
                ident(ada): ["a3", "a2"],
                ident(bo): ["b1"],
            }

    def test_released_digests_are_not_among_the_newest(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            tx.slots.add_digest(digest(ada, key="1"))
            for who in (ada, bo):
                tx.slots.release_digest(tx.slots.add_digest(digest(who, key="2", composed=NOW + DAY)))
            found = tx.slots.latest_digests([ident(ada), ident(bo)], 1)
            assert {who: [d.slot.key for d in made] for who, made in found.items()} == {ident(ada): ["1"]}

    def test_the_digests_of_a_thousand_people_are_read_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            people = join(tx, *(f"reader{n}" for n in range(MANY)))
            [made] = create(tx, 1)
            numbers = [tx.slots.add_digest(digest(someone, made)) for someone in people]
            ids = [ident(someone) for someone in people]
            assert (
                len(tx.slots.digests_by_id(numbers))
                == len(tx.slots.latest_digests(ids, 1))
                == len(tx.slots.shown_items(ids))
                == MANY
            )

    def test_released_papers_are_named_and_may_come_again(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (one, two, other) = join(tx, "reader"), create(tx, 1, 2, 3)
            tx.slots.add_digest(digest(someone, other, key="1"))
            number = tx.slots.add_digest(digest(someone, one, more=[two], key="2"))
            assert set(tx.slots.release_digest(number)) == {one, two}
            assert [s.paper for s in shown(tx, digest(someone))] == [other]
            assert tx.slots.add_digest(digest(someone, one, two, key="3"))

    def test_papers_are_released_once(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            number = tx.slots.add_digest(digest(someone, made))
            assert [tx.slots.release_digest(number), tx.slots.release_digest(number)] == [[made], []]

    def test_a_released_digest_keeps_what_it_showed(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            number = tx.slots.add_digest(digest(someone, made))
            tx.slots.release_digest(number)
            assert tx.slots.digests_by_id([number])[number].paper_ids() == (made,)

    def test_a_digest_without_papers_is_kept(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            number = tx.slots.add_digest(digest(someone, sections=(Section(kind=SectionKind.UPDATES, title="None"),)))
            assert tx.slots.digests_by_id([number])[number].items() == ()

    def test_an_open_edition_is_written_anew(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.slots.put_edition(edition())
            later = edition(items=((PaperId(7), "▲ 41"), (PaperId(3), "")), updated=NOW + HOUR)
            tx.slots.put_edition(later)
            assert tx.slots.edition_of("2026-11-23") == later

    def test_the_days_of_all_editions_are_told_newest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.slots.edition_days() == []
            for day in (22, 24, 23):
                tx.slots.put_edition(edition(day))
            assert tx.slots.edition_days() == ["2026-11-24", "2026-11-23", "2026-11-22"]

    def test_a_closed_edition_never_changes(self, store: Store) -> None:
        with store.transaction() as tx:
            closed = edition(state=EditionState.CLOSED, items=((PaperId(7), "why"),))
            for version in (edition(), closed, edition(updated=NOW + DAY), edition(state=EditionState.CLOSED)):
                tx.slots.put_edition(version)
            assert tx.slots.edition_of("2026-11-23") == closed

    def test_a_day_without_an_edition_has_none(self, store: Store) -> None:
        with store.reading() as tx:
            assert tx.slots.edition_of("2026-11-23") is None

    def test_editions_closing_between_leave_out_the_start_take_in_the_end_and_come_oldest_first(
        self, store: Store
    ) -> None:
        with store.transaction() as tx:
            days = [edition(day) for day in (20, 21, 22, 23)]
            for one in reversed(days):
                tx.slots.put_edition(one)
            assert tx.slots.editions_between(after=days[0].closes, until=days[2].closes) == days[1:3]

    def test_the_latest_editions_come_newest_first_open_or_closed(self, store: Store) -> None:
        with store.transaction() as tx:
            days = [edition(21), edition(22, state=EditionState.CLOSED), edition(23)]
            for one in days:
                tx.slots.put_edition(one)
            assert tx.slots.latest_editions(2) == [days[2], days[1]]
