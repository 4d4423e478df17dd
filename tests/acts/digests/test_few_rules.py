"""A digest for one reader is composed from the papers that their rules need, and is the one that all papers would give."""

from __future__ import annotations

import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from databases import empty_store
from test_rule_index import TOPICS, random_paper, readable, term

from digestbot.acts.digests.candidates import CandidateWindow
from digestbot.acts.digests.compose import compose_digest
from digestbot.acts.digests.due import window_starts
from digestbot.acts.digests.few_rules import few_rules
from digestbot.acts.digests.preview import preview_next
from digestbot.acts.digests.reader_history import ReaderHistory
from digestbot.acts.people.vote import vote
from digestbot.acts.upkeep.backup import backup, restore
from digestbot.acts.upkeep.search_index import update_search_index
from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import RuleError
from digestbot.model import Digest, Entry, Subscriber
from digestbot.rules import parse
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, topic
from digestbot.testing.site import DESK, TestSite

DAY = timedelta(days=1)
HERE = replace(DESK, topics=TOPICS, services={"arxiv-cs": "arXiv", "daily": "arXiv"})
STARTERS = [
    ["flow matching", '"state space" OR diffus*', "cat:cs.* models -ti:study"],
    ["au:lovelace OR au:hinton", "GAN transformer", "=models", "has:code"],
    ["model OR models OR matrices", "the"],
    ["venue:jmlr bias", 'abs:"matching flow"', "ti:transformers"],
]


@pytest.fixture
def office(store: SqlStore) -> TestSite:
    return filled(store)


def filled(store: SqlStore) -> TestSite:
    """Ten days of papers."""
    office, draw = TestSite(store), random.Random(5)
    for day in range(10):
        office.now = NOW - (10 - day) * DAY
        for source in ("arxiv-cs", "daily", "journal"):
            office.entries(*(entry_of(draw, 60 * day + draw.randrange(90)) for _ in range(18)), source=source)
        update_search_index(store)
    return office


def entry_of(draw: random.Random, number: int) -> Entry:
    """A random entry; `number` makes it another paper's."""
    paper = random_paper(draw, number)
    names = ("authors", "affiliations", "categories", "published", "venue", "language", "links", "summary")
    votes = {"upvotes": draw.randrange(40)} if draw.random() < 0.2 else {}
    return Entry(
        native_key=f"{number}", title=f"{paper.title} {number}", identifiers={"arxiv": f"2602.{number:05}"}, signals=votes,
        **{name: getattr(paper, name) for name in names},
    )  # fmt: skip


def of_all_papers(store: SqlStore, reader: Subscriber, now: datetime) -> Digest:
    """The next digest, chosen from all papers."""
    schedule = Schedule.parse(reader.schedule, reader.time_zone)
    slot = schedule.next(now)
    with store.reading() as tx:
        [start] = window_starts(tx, [reader], now, slot.due).values()
        window, history = CandidateWindow(tx, HERE, start=start, now=now), ReaderHistory.of(tx, [reader], now)
        return compose_digest(tx, window, history, reader, slot, schedule.next(slot.due), open_editions=True)[0]


def narrow(store: SqlStore, reader: Subscriber, now: datetime) -> bool:
    """Whether not all papers are read for this reader."""
    with store.reading() as tx:
        few = few_rules(tx, HERE, [reader], now - 14 * DAY, now)
    assert few is None or len(few.papers) < few.total
    return few is not None


def of_words(draw: random.Random) -> str:
    """A random rule that asks for words, names and categories."""
    while True:
        text = f"{term(draw)} {draw.choice(['', 'OR ', '-'])}{draw.choice([term(draw), 'cat:cs.*', 'au:hinton', 'ti:flow'])}"
        with suppress(RuleError):
            return parse(text, topics=TOPICS).text


def asking(reader: Subscriber, rules: Sequence[str], **change: object) -> Subscriber:
    topics = tuple(topic(query=query, name=f"Topic {n}") for n, query in enumerate(rules))
    return replace(reader, topics=topics, **change)  # type: ignore[arg-type]


def test_a_preview_is_what_all_papers_would_give(office: TestSite) -> None:
    fewer = 0
    for rules in STARTERS:
        for reader in (
            asking(office.person(), rules),
            asking(office.person(), rules, trending=4, max_papers=5),
            asking(office.person(), ["cat:cs.cv", *rules]),
        ):
            seen = preview_next(office.store, HERE, reader, now=office.now)
            assert seen == of_all_papers(office.store, reader, office.now)
            assert seen.sections
            fewer += narrow(office.store, reader, office.now)
    assert fewer >= 8
    draw = random.Random(6)
    for _ in range(40):
        rules = [readable(draw) if draw.random() < 0.3 else of_words(draw) for _ in range(draw.randrange(1, 4))]
        reader = asking(office.person(), rules, trending=draw.randrange(3))
        if draw.random() < 0.3:
            reader = replace(reader, topics=(*reader.topics, topic(query=of_words(draw), name="Not", mute=True)))
        seen = preview_next(office.store, HERE, reader, now=office.now)
        assert seen == of_all_papers(office.store, reader, office.now), rules
        fewer += narrow(office.store, reader, office.now)
    assert fewer > 20


def test_so_it_is_for_somebody_who_votes_and_for_the_best_of_a_week_and_who_needs_all_papers_gets_them(
    office: TestSite,
) -> None:
    with office.store.reading() as tx:
        papers = tx.papers.papers_seen_between(NOW - 20 * DAY, NOW)
    for number, paper in enumerate(papers[:8]):
        vote(office.store, paper.public_id, office.person(), -1 if number % 3 else 1, now=office.now)
    reader = asking(office.person(), STARTERS[0])
    weekly = replace(reader, topics=(replace(reader.topics[0], best="weekly"), *reader.topics[1:]))
    for one in (reader, weekly):
        assert narrow(office.store, one, office.now)
        assert preview_next(office.store, HERE, one, now=office.now) == of_all_papers(office.store, one, office.now)
    assert not narrow(office.store, replace(reader, discover=3), office.now)
    assert not narrow(office.store, asking(reader, []), office.now)
    assert not narrow(office.store, asking(reader, ["upvotes:>3 flow"]), office.now)
    assert not narrow(office.store, asking(reader, ["-flow"]), office.now)
    alike = topic(query="", like=("arxiv:2602.00001",))
    assert not narrow(office.store, replace(reader, topics=(alike,)), office.now)


def test_rules_of_very_many_words_are_asked_of_all_papers_as_no_full_text_takes_them_all(office: TestSite) -> None:
    parts = " OR ".join(f'"flow be{n}*"' for n in range(200))
    crowd = ["model*", *(f"{parts} OR whale{n}*" for n in range(40))]
    assert preview_next(office.store, HERE, asking(office.person(), crowd), now=office.now).sections
    assert not narrow(office.store, asking(office.person(), crowd), office.now)
    names = " OR ".join(f'au:"Ada Lovelace{n}"' for n in range(50))
    assert not narrow(office.store, asking(office.person(), [names]), office.now)
    assert narrow(office.store, asking(office.person(), ['au:"Ada Lovelace"']), office.now)


@pytest.mark.parametrize(
    ("kind", "harm"),
    [
        ("sqlite", "UPDATE fulltext_data SET block = x'00' WHERE id > 1"), ("sqlite", "DROP TABLE fulltext"),
        ("postgresql", "ALTER TABLE fulltext RENAME TO elsewhere"),
    ],
)  # fmt: skip
def test_a_full_text_that_is_damaged_or_gone_costs_no_digest(
    kind: Literal["sqlite", "postgresql"], harm: str, tmp_path: Path
) -> None:
    with empty_store(kind, tmp_path) as store:
        office = filled(store)
        reader = asking(office.person(), STARTERS[0])
        assert narrow(store, reader, office.now)
        with store.engine.connect() as db:
            if kind == "sqlite":
                db.exec_driver_sql("PRAGMA query_only=OFF")
            db.exec_driver_sql(harm)
            db.commit()
        assert not narrow(store, reader, office.now)
        seen = preview_next(store, HERE, reader, now=office.now)
        assert seen.sections
        assert seen == of_all_papers(store, reader, office.now)
        if kind == "postgresql":  # other tests get this database
            with store.engine.begin() as db:
                db.exec_driver_sql("ALTER TABLE elsewhere RENAME TO fulltext")


def test_a_store_out_of_a_backup_brings_the_same_before_and_after_its_full_text_is_made(
    office: TestSite, tmp_path: Path
) -> None:
    reader, file = asking(office.person(), STARTERS[0]), tmp_path / "backup.db"
    backup(office.store, b"k" * 32, file, now=office.now)
    (tmp_path / "new").mkdir()
    with empty_store("sqlite", tmp_path / "new") as store:
        restore(store, tmp_path / "key", file, now=office.now)
        seen = [preview_next(store, HERE, reader, now=office.now)]
        update_search_index(store)
        assert narrow(store, reader, office.now)
        seen.append(preview_next(store, HERE, reader, now=office.now))
        assert seen == [of_all_papers(store, reader, office.now)] * 2
        assert seen[0].sections
