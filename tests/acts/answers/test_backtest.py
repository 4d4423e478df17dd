"""A rule tried on the past: a row a day, what is gained and lost, and nothing is changed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from digestbot.acts.answers.backtest import Backtest, backtest, doubts
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.cli import cli
from digestbot.errors import RuleError
from digestbot.model import Topic
from digestbot.rules import parse
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, subscriber, topic
from digestbot.testing.site import TestSite

DAY = timedelta(days=1)


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    """Three days: sparse papers each day, dense ones on the last; nothing on the second."""
    made = TestSite(store)
    for days, numbers, word in ((3, (1, 2), "sparse"), (1, (3,), "sparse"), (0, (4, 5), "dense")):
        made.now = NOW - days * DAY
        for number in numbers:
            made.papers(number, title=f"On {word} attention, in part number {number}", summary=word)
    return made


def tried(office: TestSite, *topics: Topic, **change: object) -> Backtest:
    rules = {"thick": "dense"}
    return backtest(office.store, office.person(), topics, rules=rules, since=30 * DAY, now=NOW)


def test_a_row_a_day_with_quiet_days_too(office: TestSite) -> None:
    found = tried(office, topic(query="dense"))
    assert [(d.day.day, d.papers, d.now, d.then, d.gained, d.lost) for d in found.days] == [
        (20, 2, 2, 0, 0, 2), (21, 0, 0, 0, 0, 0), (22, 1, 1, 0, 0, 1), (23, 2, 2, 2, 0, 0),
    ]  # fmt: skip
    assert found.average == (1.2, 0.5)


def test_gained_and_lost_papers_are_named_newest_first(office: TestSite) -> None:
    office.tuned(topics=(topic(query="dense"),))
    found = tried(office, topic(query="sparse"))
    assert [p.public_id for p in found.gained] == ["2611.00003", "2611.00002", "2611.00001"]
    assert [p.public_id for p in found.lost] == ["2611.00005", "2611.00004"]


def test_a_mute_topic_takes_papers_away_whatever_else_matches(office: TestSite) -> None:
    found = tried(office, topic(), topic("No", "@thick", mute=True))
    assert [p.public_id for p in found.lost] == ["2611.00005", "2611.00004"]


def test_replacements_are_no_news_and_do_not_count(office: TestSite) -> None:
    office.now = NOW
    office.papers(9, announce_type="replace")
    assert sum(d.papers for d in tried(office, topic()).days) == 5


def test_a_rule_that_cannot_be_read_is_said_with_its_place(office: TestSite) -> None:
    with pytest.raises(RuleError, match="othing stands behind AND"):
        tried(office, topic(query="a AND"))


def test_nothing_is_written(office: TestSite) -> None:
    with office.store.reading() as tx:
        before = (tx.people.all_people(), tx.papers.count_entries_and_papers())
    tried(office, topic(query="dense"))
    with office.store.reading() as tx:
        assert (tx.people.all_people(), tx.papers.count_entries_and_papers()) == before


def test_rules_that_match_nothing_or_a_third_of_everything_are_doubted(store: SqlStore) -> None:
    office = TestSite(store)
    office.papers(*range(1, 61))
    topics = (
        topic("Wide", "attention"),
        topic("Never", "whales"),
        topic("Fair", "title:12"),
        topic("Mute", "study", mute=True),
    )
    found = doubts(store, [subscriber(topics=topics)], rules={}, now=NOW)
    assert [(name, what.split(":")[0]) for _, name, what in found] == [
        ("Wide", "matches 100% of the last 30 days"), ("Never", "matched none of the 60 papers of the last 30 days"),
    ]  # fmt: skip


def test_a_short_history_doubts_nothing(office: TestSite) -> None:
    assert doubts(office.store, [subscriber(topics=(topic("Never", "whales"),))], rules={}, now=NOW) == []


CONFIG = """
[site]
contact = "admin@example.org"
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
categories = ["cs.LG"]
[[subscribers]]
id = "reader"
email = "reader@example.org"
  [[subscribers.topics]]
  name = "Too wide"
  query = "attention"
  [[subscribers.topics]]
  name = "Never"
  query = "whales"
"""


def test_check_names_the_rule_that_is_doubted_and_the_commands_that_mend_it(tmp_path: Path) -> None:
    main = tmp_path / "digestbot.toml"
    main.write_text(CONFIG)
    with App(config=load(main), main=main).opened() as app:
        with app.store.transaction() as tx:
            tx.papers.add_entries("arxiv-cs", [entry(n) for n in range(60)], sha="", now=app.clock() - DAY)
        resolve(app.store, now=app.clock() - DAY)
    said = " ".join(CliRunner().invoke(cli, ["--config", str(main), "check"]).output.split())
    assert "this rule matches 100% of the last 30 days: 60 papers." in said
    assert "digestbot backtest reader --topic 'Too wide' --query RULE" in said
    assert "digestbot suggest reader --topic 'Too wide'" in said
    assert "this rule matched none of the 60 papers of the last 30 days." in said
    assert "digestbot backtest reader --topic Never --query RULE" in said


@pytest.mark.parametrize(
    "query",
    ["sparse", "-sparse", "dens*", "cat:cs.* -ti:dense", 'ti:"dense attention"', "src:daily", "upvotes:>3 OR dense"],
)
@pytest.mark.parametrize("indexed", [True, False])
def test_the_papers_that_full_text_leaves_out_are_those_that_no_rule_matches(
    office: TestSite, query: str, *, indexed: bool
) -> None:
    if indexed:
        update_search_index(office.store)
    office.now = NOW
    office.papers(6, title="Dense attention, seen late", summary="It waits to be indexed.")
    with office.store.reading() as tx:
        every = tx.papers.papers_seen_between(NOW - 30 * DAY, NOW)
    before, rule = parse("sparse OR dense"), parse(query)
    office.tuned(topics=(topic(query=before.text),))
    found = tried(office, topic(query=query))
    assert {p.public_id for p in found.gained} == {p.public_id for p in every if rule.match(p) and not before.match(p)}
    assert {p.public_id for p in found.lost} == {p.public_id for p in every if before.match(p) and not rule.match(p)}
    assert sum(day.then for day in found.days) == sum(rule.match(p) is not None for p in every)
    assert sum(day.papers for day in found.days) == len(every) == 6
