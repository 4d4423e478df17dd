"""What `store.Papers` promises of papers: making, finding, reading and merging them."""

from __future__ import annotations

from dataclasses import replace

from digestbot.model import Link, LinkRel, Paper, PaperId, PartialDate
from digestbot.papers.facts.events import EventKind
from digestbot.store import Event, Joined, NewPaper, Store
from digestbot.testing.store.values import (
    DAY,
    HOUR,
    MANY,
    MINUTE,
    NOW,
    Contract,
    add,
    carried,
    create,
    digest,
    entry,
    ident,
    join,
    paper,
    told,
)

WHOLE = Paper(
    title="α-GAN",
    summary="We do.\nIt works.",
    authors=("Ines Okafor", "李 明"),
    affiliations=("Lab",),
    categories=("cs.LG", "stat.ML"),
    published=PartialDate("2026"),
    updated=PartialDate("2026-11-23T07:30:00Z"),
    announced=PartialDate("2026-11-23"),
    link="https://arxiv.org/abs/2611.00001",
    identifiers={"arxiv": "2611.00001"},
    links=(Link(LinkRel.PDF, "https://arxiv.org/pdf/2611.00001"),),
    venue="ICML",
    language="en",
    comment="Accepted",
    tldr="It works.",
    rights="CC0",
    public_id="2611.00001",
    version=3,
    replacement=True,
)


class PapersContract(Contract):
    """Papers by id, by key, by address and by time."""

    def test_a_paper_comes_back_with_every_text(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = tx.papers.add_papers([NewPaper(WHOLE, (), NOW)])
            assert tx.papers.papers_by_id([made])[made] == replace(WHOLE, id=made, first_seen=NOW)

    def test_a_paper_of_the_record_is_not_among_the_new_ones_until_it_is_news(self, store: Store) -> None:
        with store.transaction() as tx:
            [entry_id] = [a.id for a in tx.papers.add_entries("library", [entry(1)], sha="", now=NOW, old={0})]
            assert [stored.old for stored in tx.papers.unresolved_entries(9)] == [True]
            [made] = tx.papers.add_papers([NewPaper(replace(WHOLE, old=True), (), NOW)])
            tx.papers.add_mentions([Joined(entry_id, made, "")])
            assert tx.papers.papers_by_id([made])[made].old
            assert tx.papers.papers_seen_between(NOW - DAY, NOW + DAY) == []
            assert tx.papers.new_papers_by_source(NOW - DAY, NOW + DAY) == {}
            tx.papers.update_paper(replace(WHOLE, id=made, replacement=False, first_seen=NOW + HOUR))
            assert [p.first_seen for p in tx.papers.papers_seen_between(NOW - DAY, NOW + DAY)] == [NOW + HOUR]
            tx.papers.update_paper(replace(WHOLE, id=made, replacement=False, first_seen=NOW + DAY))
            assert tx.papers.papers_by_id([made])[made].first_seen == NOW + HOUR

    def test_a_replacement_is_first_seen_when_it_first_is_news(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = tx.papers.add_papers([NewPaper(WHOLE, (), NOW)])
            tx.papers.update_paper(replace(WHOLE, id=made, version=4, first_seen=NOW + HOUR))
            assert tx.papers.papers_by_id([made])[made].first_seen == NOW
            for seen in (NOW + DAY, NOW + 2 * DAY):
                tx.papers.update_paper(replace(WHOLE, id=made, replacement=False, first_seen=seen))
                assert tx.papers.papers_by_id([made])[made].first_seen == NOW + DAY

    def test_a_paper_whose_words_speak_of_replacements_is_none(self, store: Store) -> None:
        with store.transaction() as tx:
            said = paper(summary='It prints {"replacement":true}.', first_seen=NOW)
            [made] = tx.papers.add_papers([NewPaper(said, (), NOW)])
            tx.papers.update_paper(replace(said, id=made, first_seen=NOW + DAY))
            assert tx.papers.papers_by_id([made])[made].first_seen == NOW

    def test_new_papers_get_their_ids_in_order(self, store: Store) -> None:
        with store.transaction() as tx:
            made = create(tx, *range(1, MANY + 1))
            found = tx.papers.papers_by_id(made)
            assert [found[i].title for i in made] == [f"Paper {n}" for n in range(1, MANY + 1)]

    def test_no_papers_make_no_ids(self, store: Store) -> None:
        with store.transaction() as tx:
            assert tx.papers.add_papers([]) == []

    def test_the_id_of_a_merged_paper_is_not_given_again(self, store: Store) -> None:
        with store.transaction() as tx:
            first, second = create(tx, 1, 2)
            tx.papers.merge_papers(second, first, reason="same", now=NOW)
            assert not {first, second} & set(create(tx, 3))

    def test_a_public_id_that_is_taken_gets_a_number(self, store: Store) -> None:
        with store.transaction() as tx:
            made = [*create(tx, 1), *create(tx, 1), *create(tx, 1)]
            names = tx.papers.papers_by_id(made)
            assert [names[i].public_id for i in made] == ["2611.00001", "2611.00001-2", "2611.00001-3"]

    def test_public_ids_do_not_meet_within_one_call(self, store: Store) -> None:
        with store.transaction() as tx:
            made = create(tx, 1, 1, 1)
            names = tx.papers.papers_by_id(made)
            assert [names[i].public_id for i in made] == ["2611.00001", "2611.00001-2", "2611.00001-3"]

    def test_a_number_that_is_taken_is_passed_over(self, store: Store) -> None:
        with store.transaction() as tx:
            first, second = [NewPaper(paper(public_id=name), (), NOW) for name in ("a_b", "a_b-2")]
            made = tx.papers.add_papers([second, first, first])
            assert tx.papers.papers_by_id(made)[made[2]].public_id == "a_b-3"

    def test_an_update_writes_over_the_texts(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            tx.papers.update_paper(replace(WHOLE, id=made))
            assert tx.papers.papers_by_id([made])[made] == replace(WHOLE, id=made, first_seen=NOW)

    def test_an_update_leaves_public_id_and_first_seen_as_they_were(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            tx.papers.update_paper(paper(id=made, public_id="other", first_seen=NOW + DAY))
            found = tx.papers.papers_by_id([made])[made]
            assert (found.public_id, found.first_seen) == ("2611.00001", NOW)

    def test_an_update_adds_keys_and_keeps_the_old_ones(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1, keys=[("arxiv", "1")])
            tx.papers.update_paper(paper(id=made), keys=[("doi", "10.1/x"), ("arxiv", "1")])
            assert tx.papers.papers_by_key([("arxiv", "1"), ("doi", "10.1/x")]) == {
                ("arxiv", "1"): [made],
                ("doi", "10.1/x"): [made],
            }

    def test_keys_that_nobody_has_are_left_out(self, store: Store) -> None:
        with store.transaction() as tx:
            create(tx, 1, keys=[("arxiv", "1")])
            assert tx.papers.papers_by_key([("arxiv", "2"), ("doi", "1")]) == {}

    def test_a_key_of_two_papers_finds_both(self, store: Store) -> None:
        with store.transaction() as tx:
            made = create(tx, 1, 2, keys=[("title", "on attention")])
            assert tx.papers.papers_by_key([("title", "on attention")]) == {("title", "on attention"): made}

    def test_thousands_of_keys_are_found_at_once(self, store: Store) -> None:
        keys = [("arxiv", str(n)) for n in range(MANY)]
        with store.transaction() as tx:
            made = tx.papers.add_papers([NewPaper(paper(n), [key], NOW) for n, key in enumerate(keys)])
            assert tx.papers.papers_by_key(keys) == {key: [number] for key, number in zip(keys, made, strict=True)}

    def test_unknown_ids_are_left_out(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            assert list(tx.papers.papers_by_id([made, PaperId(made + 1)])) == [made]

    def test_a_paper_names_its_sources_in_the_order_they_came(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "daily", "arxiv", "journal")
            assert tx.papers.papers_by_id([made])[made].sources == ("daily", "arxiv", "journal")

    def test_a_source_that_spoke_twice_is_named_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "arxiv")
            tx.papers.add_mentions(Joined(i, made, "again") for i in add(tx, entry(1, comment="v2")))
            assert tx.papers.papers_by_id([made])[made].sources == ("arxiv",)

    def test_a_paper_is_found_by_its_public_id(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "arxiv")
            assert tx.papers.paper_by_public_id("2611.00001") == tx.papers.papers_by_id([made])[made]

    def test_an_unknown_public_id_finds_nothing(self, store: Store) -> None:
        with store.reading() as tx:
            assert tx.papers.paper_by_public_id("2611.00001") is None

    def test_papers_seen_between_leave_out_the_start_and_take_in_the_end(self, store: Store) -> None:
        with store.transaction() as tx:
            [_], [inside], [end], [_] = (create(tx, n, seen=NOW + n * HOUR) for n in range(4))
            assert [p.id for p in tx.papers.papers_seen_between(NOW, NOW + 2 * HOUR)] == [inside, end]

    def test_papers_seen_between_come_oldest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            [late], [early], [middle] = (create(tx, n, seen=NOW + n * HOUR) for n in (9, 1, 5))
            assert [p.id for p in tx.papers.papers_seen_between(NOW, NOW + DAY)] == [early, middle, late]

    def test_papers_seen_between_are_complete(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "arxiv", "daily")
            assert tx.papers.papers_seen_between(NOW - HOUR, NOW) == [tx.papers.papers_by_id([made])[made]]

    def test_papers_seen_between_leave_out_merged_ones(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = create(tx, 1, 2)
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert [p.id for p in tx.papers.papers_seen_between(NOW - HOUR, NOW)] == [survivor]

    def test_thousands_of_papers_are_read_at_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = create(tx, *range(MANY))
            assert len(tx.papers.papers_by_id(made)) == len(tx.papers.papers_seen_between(NOW - HOUR, NOW)) == MANY

    def test_an_event_is_added_once_for_each_kind_and_key(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            events = [Event(paper=made, kind=EventKind.VERSION, key=key, at=NOW) for key in ("v2", "v2", "v3")]
            assert [tx.papers.add_event(event) for event in events] == [True, False, True]

    def test_events_between_leave_out_the_start_take_in_the_end_and_come_oldest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            [made] = create(tx, 1)
            events = [Event(paper=made, kind=EventKind.VERSION, key=f"v{n}", at=NOW + n * HOUR) for n in range(4)]
            for event in reversed(events):
                tx.papers.add_event(event)
            assert tx.papers.events_between(NOW, NOW + 2 * HOUR) == events[1:3]

    def test_merging_moves_the_entries_and_says_why(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = carried(tx, 1, "arxiv"), carried(tx, 2, "daily")
            tx.papers.merge_papers(loser, survivor, reason="same DOI", now=NOW)
            assert [(s.source, why) for s, why in tx.papers.mentions_of(survivor)] == [
                ("arxiv", "because"),
                ("daily", "same DOI"),
            ]
            assert tx.papers.mentions_of(loser) == []

    def test_merging_moves_the_keys(self, store: Store) -> None:
        with store.transaction() as tx:
            [survivor] = create(tx, 1, keys=[("arxiv", "1"), ("title", "t")])
            [loser] = create(tx, 2, keys=[("doi", "10.1/x"), ("title", "t")])
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert tx.papers.papers_by_key([("doi", "10.1/x"), ("title", "t")]) == {
                ("doi", "10.1/x"): [survivor],
                ("title", "t"): [survivor],
            }

    def test_merging_moves_the_signals(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = carried(tx, 1, "arxiv"), carried(tx, 2, "daily")
            [[home]] = tx.papers.entries_of([loser]).values()
            tx.papers.add_signals([(home.id, {"upvotes": 41})], now=NOW)
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert tx.papers.papers_by_id([survivor])[survivor].signals == {"upvotes": 41}

    def test_merging_moves_the_events_and_has_each_once(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = create(tx, 1, 2)
            for number, key in ((survivor, "v2"), (loser, "v2"), (loser, "v3")):
                tx.papers.add_event(Event(paper=number, kind=EventKind.VERSION, key=key, at=NOW))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            found = tx.papers.events_between(NOW - HOUR, NOW)
            assert [(e.paper, e.key) for e in found] == [(survivor, "v2"), (survivor, "v3")]

    def test_merging_moves_what_was_shown(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (survivor, loser) = join(tx, "reader"), create(tx, 1, 2)
            tx.slots.add_digest(digest(someone, loser))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert [s.paper for s in tx.slots.shown_items([ident(someone)])[ident(someone)]] == [survivor]

    def test_where_both_were_shown_the_survivors_item_stays(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (survivor, loser) = join(tx, "reader"), create(tx, 1, 2)
            tx.slots.add_digest(digest(someone, survivor, key="1", composed=NOW))
            tx.slots.add_digest(digest(someone, loser, key="2", composed=NOW + DAY))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            [shown] = tx.slots.shown_items([ident(someone)])[ident(someone)]
            assert (shown.paper, shown.at) == (survivor, NOW)

    def test_one_that_stands_again_has_its_id_and_what_was_shown_of_it(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (survivor, loser) = join(tx, "reader"), create(tx, 1, 2)
            name = tx.papers.papers_by_id([loser])[loser].public_id
            tx.slots.add_digest(digest(someone, survivor, key="1", composed=NOW))
            tx.slots.add_digest(digest(someone, loser, key="2", composed=NOW + DAY))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert tx.papers.revive_paper(survivor, ["nobody's"]) is None
            assert tx.papers.revive_paper(survivor, [name]) == loser
            assert tx.papers.revive_paper(survivor, [name]) is None
            assert tx.papers.papers_by_id([loser])[loser].public_id == name
            shown = tx.slots.shown_items([ident(someone)])[ident(someone)]
            assert [(s.paper, s.at) for s in shown] == [(survivor, NOW), (loser, NOW + DAY)]

    def test_what_happened_to_the_whole_is_divided_and_who_was_told_knows_it_of_the_right_one(
        self, store: Store
    ) -> None:
        with store.transaction() as tx:
            [someone], (paper, made) = join(tx, "reader"), create(tx, 1, 2)
            mine, theirs, both = (Event(paper=paper, kind=EventKind.VERSION, key=k, at=NOW) for k in ("v2", "v3", "v4"))
            for event in (mine, theirs, both, replace(mine, key="v5")):
                tx.papers.add_event(event)
            tx.slots.add_digest(digest(someone, paper, key="1"))
            tx.slots.add_digest(told(digest(someone, paper, key="2", composed=NOW + DAY), "v2+v3+v4"))
            now = [mine, both, *(replace(e, paper=made, at=NOW + HOUR) for e in (theirs, both))]
            tx.papers.divide_events(paper, made, [*now, replace(mine, key="v9")])
            assert tx.papers.events_between(NOW - HOUR, NOW + DAY) == now
            shown = {(s.paper, s.kind) for s in tx.slots.shown_items([ident(someone)])[ident(someone)]}
            assert shown == {(paper, "new"), (paper, "v2"), (paper, "v4"), (made, "v3")}

    def test_a_version_that_was_told_of_one_is_kept_beside_the_others_news(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (survivor, loser) = join(tx, "reader"), create(tx, 1, 2)
            tx.slots.add_digest(digest(someone, survivor, key="1"))
            tx.slots.add_digest(told(digest(someone, loser, key="2", composed=NOW + DAY), "v2"))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert [s.kind for s in tx.slots.shown_items([ident(someone)])[ident(someone)]] == ["new", "v2"]

    def test_the_id_of_a_merged_paper_gives_the_survivor(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = create(tx, 1, 2)
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert [p.id for p in tx.papers.papers_by_id([loser, survivor]).values()] == [survivor, survivor]

    def test_the_address_of_a_merged_paper_gives_the_survivor(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = create(tx, 1, 2)
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            found = tx.papers.paper_by_public_id("2611.00002")
            assert found is not None
            assert found.id == survivor

    def test_the_survivor_may_be_merged_in_its_turn(self, store: Store) -> None:
        with store.transaction() as tx:
            last, survivor, loser = create(tx, 1, 2, 3)
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            tx.papers.merge_papers(survivor, last, reason="same", now=NOW)
            assert {p.id for p in tx.papers.papers_by_id([loser, survivor, last]).values()} == {last}

    def test_a_digest_that_showed_a_merged_paper_shows_the_survivor(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], (survivor, loser) = join(tx, "reader"), create(tx, 1, 2)
            number = tx.slots.add_digest(digest(someone, loser))
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert [i.paper.id for i in tx.slots.digests_by_id([number])[number].items()] == [survivor]

    def test_entries_and_papers_are_counted_without_merged_ones(self, store: Store) -> None:
        with store.transaction() as tx:
            survivor, loser = carried(tx, 1, "arxiv", "daily"), carried(tx, 2, "arxiv")
            tx.papers.merge_papers(loser, survivor, reason="same", now=NOW)
            assert tx.papers.count_entries_and_papers() == (3, 1)
            assert tx.papers.count_new_papers(NOW - HOUR, NOW) == 1

    def test_new_papers_are_counted_for_every_source_that_mentions_them(self, store: Store) -> None:
        with store.transaction() as tx:
            carried(tx, 1, "arxiv", "daily")
            carried(tx, 2, "arxiv")
            assert tx.papers.new_papers_by_source(NOW - HOUR, NOW) == {"arxiv": 2, "daily": 1}
            assert tx.papers.count_new_papers(NOW - HOUR, NOW) == 2

    def test_a_paper_of_which_a_source_spoke_twice_is_counted_once(self, store: Store) -> None:
        with store.transaction() as tx:
            made = carried(tx, 1, "arxiv")
            tx.papers.add_mentions(Joined(i, made, "again") for i in add(tx, entry(1, comment="v2")))
            assert tx.papers.new_papers_by_source(NOW - HOUR, NOW) == {"arxiv": 1}

    def test_new_papers_by_source_leave_out_the_start_and_take_in_the_end(self, store: Store) -> None:
        with store.transaction() as tx:
            for number in range(4):
                carried(tx, number, "arxiv", seen=NOW + number * HOUR)
            assert tx.papers.new_papers_by_source(NOW, NOW + 2 * HOUR) == {"arxiv": 2}
            assert tx.papers.count_new_papers(NOW, NOW + 2 * HOUR) == 2

    def test_the_newest_entry_of_each_source_is_known(self, store: Store) -> None:
        with store.transaction() as tx:
            add(tx, entry(1), now=NOW + MINUTE)
            add(tx, entry(2), now=NOW)
            add(tx, entry(1), source="daily", now=NOW)
            assert tx.papers.newest_entry_by_source() == {"arxiv": NOW + MINUTE, "daily": NOW}

    def test_when_news_was_seen_is_told_without_new_versions_of_older_papers(self, store: Store) -> None:
        said = 'It says "replacement":true'
        with store.transaction() as tx:
            create(tx, 1)
            late = NOW + HOUR
            tx.papers.add_papers(
                [NewPaper(paper(2, summary=said), (), late), NewPaper(paper(3, replacement=True), (), late)]
            )
            tx.papers.add_papers([NewPaper(paper(4, old=True), (), late), NewPaper(paper(5, title=""), (), late)])
            assert tx.papers.news_seen_between(NOW - HOUR, late) == [NOW, late]
            assert tx.papers.news_seen_between(NOW, late) == [late]
