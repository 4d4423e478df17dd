"""Why did I get this, and why not: for every way a paper can come or stay away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from digestbot.acts.answers.explain import Explanation, explain
from digestbot.acts.digests.preview import preview_next
from digestbot.acts.papers.resolve import resolve
from digestbot.errors import NotFound
from digestbot.model import DeliveryResult, Outcome, PartialDate, Receipt, SendStage, State
from digestbot.rules import parse
from digestbot.rules.evaluation.explain import explain as clauses
from digestbot.rules.evaluation.explain import wording
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, subscriber, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)
ONE = "2611.00001"


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return TestSite(store)


def ask(office: TestSite, text: str = ONE, **change: str) -> Explanation:
    return explain(office.store, DESK, text, office.person(), now=office.now, **change)


def end(office: TestSite, state: State, text: str = "") -> None:
    """What the channel said of the only delivery."""
    [delivery] = office.deliveries()
    with office.store.transaction() as tx:
        tx.outbox.claim_deliveries(10, owner="a", now=office.now, lease=DAY)
        tx.outbox.commit_deliveries([delivery.id], owner="a", now=office.now)
        receipt = Receipt(
            outcome=Outcome.ACCEPTED if state is State.SENT else Outcome.REFUSED, stage=SendStage.RCPT, text=text
        )
        tx.outbox.finish_deliveries([DeliveryResult(delivery.id, state, receipt, None)], owner="a", now=office.now)


def test_a_paper_that_came_names_its_digest_and_topic(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    end(office, State.SENT)
    found = ask(office)
    assert (found.verdict, found.slot) == ("sent", "2026-11-23T07:30")
    assert found.why == "You had it in the digest of Mon 23 Nov 07:30, under “Attention”."


@pytest.mark.parametrize("text", [
    ONE, f"{ONE}v1", f"https://arxiv.org/abs/{ONE}", f"https://arxiv.org/pdf/{ONE}v2", "sparse attention, part 1",
    "A Study of Sparse Attention, Part 1",
])  # fmt: skip
def test_a_paper_is_found_by_id_address_and_words_of_its_title(office: TestSite, text: str) -> None:
    office.papers(1)
    assert ask(office, text).paper.public_id == ONE


def test_words_that_fit_several_papers_name_them(office: TestSite) -> None:
    office.papers(1, 2)
    with pytest.raises(NotFound, match=r"several papers.*2611.00002 \(A Study.*2611.00001 \(A Study"):
        ask(office, "sparse attention")


def test_a_paper_nobody_brought_is_said_to_be_unknown(office: TestSite) -> None:
    with pytest.raises(NotFound, match=r"no source has brought '2611\.09999'"):
        ask(office, "2611.09999")


def test_a_paper_that_matched_nothing_shows_the_clause_that_failed(office: TestSite) -> None:
    office.tuned(topics=(topic(query="attention AND upvotes:>=5"), topic("Robots", "robot*")))
    office.papers(1, signals={"upvotes": 3})
    office.dispatch(NOW)
    found = ask(office)
    assert (found.verdict, found.slot) == ("no_match", "2026-11-23T07:30")
    first, second = found.topics
    assert [(c.text, c.value, c.saw) for c in first.clause.parts] == [
        ("attention", True, "“Attention” in title, “Attention” in abstract"), ("upvotes:>=5", False, "upvotes is 3"),
    ]  # fmt: skip
    assert [(c.text, c.saw) for c in second.clause.decisive()] == [("robot*", "not in title or abstract")]


def test_a_field_that_is_not_known_is_said_to_be_unknown(office: TestSite) -> None:
    office.tuned(topics=(topic(query="attention AND NOT aff:oslo"),))
    office.papers(1)
    office.dispatch(NOW)
    [answer] = ask(office).topics
    assert [(c.text, c.value, c.saw) for c in answer.clause.parts][1] == (
        "NOT aff:oslo", None, "affiliation not known",
    )  # fmt: skip


def test_the_answer_is_of_the_rules_and_votes_as_they_were_then(office: TestSite) -> None:
    office.tuned(topics=(topic(query="attention AND upvotes:>=5"),))
    office.papers(1, signals={"upvotes": 3})
    office.dispatch(NOW)
    office.now = NOW + DAY / 2
    office.papers(1, signals={"upvotes": 9})
    office.tuned(topics=(topic(query="attention"),))
    found = ask(office)
    assert found.verdict == "no_match"
    [answer] = found.topics
    assert answer.query == "attention AND upvotes:>=5"
    assert answer.clause.parts[1].saw == "upvotes is 3"
    assert found.now == "As things stand now it comes with the next digest, Tue 24 Nov 07:30."


def test_a_muted_paper_names_the_mute_topic(office: TestSite) -> None:
    office.tuned(topics=(topic(), topic("No studies", "ti:study", mute=True)))
    office.papers(1)
    [slot] = office.dispatch(NOW).slots
    assert slot.state == "empty"
    found = ask(office)
    assert (found.verdict, found.why) == ("muted", "Your mute topic “No studies” matches it.")


def test_a_paper_beyond_the_limit_came_as_more(office: TestSite) -> None:
    office.tuned(topics=(topic(limit=1),))
    office.papers(1, 2)
    office.dispatch(NOW)
    end(office, State.SENT)
    found = ask(office, "2611.00002")
    assert found.verdict == "more"
    assert "by its title, beyond the limit" in found.why


def test_a_near_copy_of_two_others_went_below_and_says_like_what_it_is(office: TestSite) -> None:
    text = "Attention over pages reaches " + " ".join(f"word{a}{b}" for a in "abcdef" for b in "klmnop")
    office.papers(1, 2, 3, summary=text)
    office.papers(4)
    report = office.dispatch(NOW)
    [digest] = office.digests(report)
    assert [item.place.value for item in digest.items()] == ["mail", "mail", "mail", "more"]
    end(office, State.SENT)
    below = next(item.paper.public_id for item in digest.items() if item.place.value == "more")
    first = digest.items()[0].paper.title
    found = ask(office, below)
    assert (found.verdict, found.why) == (
        "more",
        f"You had it by its title, much like “{first}” above, in the digest of Mon 23 Nov 07:30, under “Attention”.",
    )


def test_a_paper_in_a_refused_digest_says_what_the_server_said(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    end(office, State.REFUSED, "no such user")
    found = ask(office)
    assert found.verdict == "refused"
    assert "no such user" in found.why


def test_a_paper_that_came_after_the_slot_waits_for_the_next(office: TestSite) -> None:
    office.dispatch(NOW)
    office.now = NOW + DAY / 4
    office.papers(1)
    found = ask(office)
    assert found.verdict == "after_slot"
    assert found.now == "As things stand now it comes with the next digest, Tue 24 Nov 07:30."


def test_of_an_earlier_slot_it_is_said_that_it_came_later(office: TestSite) -> None:
    office.dispatch(NOW)
    office.now = NOW + DAY / 4
    office.papers(1)
    found = ask(office, slot="2026-11-23T07:30")
    assert found.verdict == "after_slot"
    assert found.why == "It came Mon 23 Nov 13:30, after the digest of Mon 23 Nov 07:30 was made."


def test_a_replacement_of_an_unknown_paper_is_no_news(office: TestSite) -> None:
    office.papers(1, announce_type="replace", identifiers={"arxiv": ONE, "arxiv_version": "2"})
    office.dispatch(NOW)
    assert ask(office).verdict == "replacement"


def test_a_paper_that_was_old_when_it_came_is_in_the_record_and_explain_says_so(office: TestSite) -> None:
    old = entry(1, announced=PartialDate("2026-08-03"))
    with office.store.transaction() as tx:
        tx.papers.add_entries("arxiv-cs", [old], sha="", now=office.now, old={0})
    resolve(office.store, now=office.now)
    assert office.titles(office.dispatch(NOW)) == []
    found = ask(office)
    assert (found.verdict, found.now) == ("record", "")
    assert found.why.startswith("It is of 2026-08-03 and came Mon 23 Nov")


def test_of_a_paper_in_the_record_the_day_is_said_and_not_the_second(office: TestSite) -> None:
    old = entry(1, announced=None, published=PartialDate("2026-08-03T12:00:00Z"))
    with office.store.transaction() as tx:
        tx.papers.add_entries("arxiv-cs", [old], sha="", now=office.now, old={0})
    resolve(office.store, now=office.now)
    office.dispatch(NOW)
    assert ask(office).why.startswith("It is of 2026-08-03 and came")


def test_a_paused_reader_is_told_so(office: TestSite) -> None:
    who = office.person().id
    assert who is not None
    with office.store.transaction() as tx:
        tx.people.pause_person(who, until=NOW + 5 * DAY)
    office.papers(1)
    office.dispatch(NOW)
    assert (ask(office).verdict, ask(office).slot) == ("paused", "2026-11-23T07:30")


def test_a_paper_that_came_under_another_id_is_found_by_both(office: TestSite) -> None:
    journal = entry(1, identifiers={"doi": "10.5555/abc"}, link="https://doi.org/10.5555/abc", native_key="j")
    office.entries(journal, source="journal")
    office.dispatch(NOW)
    end(office, State.SENT)
    office.now = NOW + DAY / 4
    office.papers(1)
    assert [ask(office, text).verdict for text in (ONE, "10.5555/abc")] == ["sent", "sent"]
    assert [s.source for s in ask(office).seen] == ["journal", "arxiv-cs"]


def test_an_old_paper_that_was_there_before_they_joined_is_too_old(store: SqlStore) -> None:
    office = TestSite(store)
    office.now = NOW - 20 * DAY
    office.papers(1)
    office.now = NOW - 10 * DAY
    office.people(subscriber(), subscriber("new", id=None, joined=None))
    office.dispatch(NOW)
    assert explain(store, DESK, ONE, office.person("new"), now=NOW).verdict == "too_old"


@pytest.mark.parametrize("change", [{}, {"trending": 0}, {"discover": 3}, {"topics": ()}], ids=str)
def test_what_is_said_of_the_next_digest_is_what_a_preview_holds(office: TestSite, change: dict[str, object]) -> None:
    office.tuned(topics=(topic(query="upvotes:>=3"), topic("Parts", "ti:3"), topic("No part", "ti:4", mute=True)))
    office.papers(1)
    office.dispatch(NOW)
    office.now = NOW + timedelta(hours=1)
    office.papers(2, 3, 4)
    office.entries(entry(2, signals={"upvotes": 9}), entry(5, signals={"upvotes": 1}), source="daily")
    office.tuned(**change)
    coming = preview_next(office.store, DESK, office.person(), now=office.now).paper_ids()
    with office.store.reading() as tx:
        papers = tx.papers.papers_seen_between(NOW - 9 * DAY, office.now)
    assert len(papers) == 5
    for paper in papers:
        found = explain(office.store, DESK, paper.public_id, office.person(), now=office.now)
        assert (paper.id in coming) == ("comes with the next digest" in found.now), paper.public_id


def test_an_unknown_slot_names_the_known_ones(office: TestSite) -> None:
    office.papers(1)
    office.dispatch(NOW)
    with pytest.raises(NotFound, match=r"no slot 'x' of reader.*2026-11-23T07:30"):
        ask(office, slot="x")


RULES = [
    "attention", '"sparse attention"~3 OR cat:cs.*', "(a OR b) AND NOT (ti:c AND -d)", "=models upvotes:>=5",
    "published:>2026-01", "has:code OR NOT au:okafor", "ti:sparse* (x OR y z)", 'venue:"machine learning"',
]  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_put_into_words_is_the_same_rule(rule: str) -> None:
    tree = parse(rule).tree
    assert parse(wording(tree)).tree == tree


@pytest.mark.parametrize("rule", RULES)
def test_the_whole_is_what_the_evaluator_says(rule: str) -> None:
    from digestbot.testing.builders import paper

    known = paper(1, published=PartialDate("2026"), signals={"upvotes": 7})
    value = clauses(parse(rule), known).value
    assert (value is True) == (parse(rule).match(known) is not None)
