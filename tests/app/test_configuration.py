"""The configuration while things run: changes are taken over, errors are not, and a plan says what would come of it."""

from __future__ import annotations

import json
import logging
import os
import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from digestbot.acts.answers.plan import Plan, plan
from digestbot.acts.papers.resolve import resolve
from digestbot.acts.people.find import all_subscribers, find_subscriber, unsubscribed
from digestbot.acts.people.sync import leave
from digestbot.app.config_files import checked, load
from digestbot.app.wiring import App
from digestbot.daemon.live_config import LiveApp
from digestbot.errors import ConfigError, ConfigProblem, StoreError
from digestbot.settings import Config
from digestbot.settings.schema import json_schema
from digestbot.settings.tables import LISTS, SINGLE, TABLES
from digestbot.testing.builders import NOW, entry

MAIN = """
[site]
contact = "admin@example.org"
{more}
[[topics]]
name = "sparse"
query = "sparse"
[[sources]]
name = "arxiv-cs"
kind = "arxiv"
categories = ["cs.LG"]
"""
ADA = """
[[subscribers]]
id = "ada"
email = "{email}"
schedule = "{schedule}"
  [[subscribers.topics]]
  name = "Topic"
  query = '{query}'
"""
BO = '[[subscribers]]\nid = "bo"\nemail = "bo@example.org"\n'


class Files:
    """A configuration in a folder, read at a clock moved by hand."""

    def __init__(self, root: Path) -> None:
        self.root, self.now, self._changes = root, NOW, 0
        (root / "config" / "subscribers").mkdir(parents=True)
        self.main()
        self.people()
        path = root / "config" / "digestbot.toml"
        self.app = App(config=load(path), main=path, clock=lambda: self.now)

    def _write(self, name: str, text: str) -> None:
        path = self.root / "config" / name
        path.write_text(text)
        self._changes += 1
        os.utime(path, (self._changes, self._changes))  # the clock of a file system may be too coarse for a test

    def main(self, more: str = "", change: Callable[[str], str] = str) -> None:
        self._write("digestbot.toml", change(MAIN.format(more=more)))

    def people(self, *others: str, **change: str) -> None:
        values = {"email": "ada@example.org", "schedule": "daily 07:30", "query": "@sparse"}
        self._write("subscribers/all.toml", ADA.format(**values | change) + "".join(others))

    def papers(self, *numbers: int, **change: Any) -> None:
        with self.app.store.transaction() as tx:
            tx.papers.add_entries("arxiv-cs", [entry(n, **change) for n in numbers], sha="", now=self.now)
        resolve(self.app.store, now=self.now)

    def plan(self) -> Plan:
        then = self.app.having(load(self.root / "config" / "digestbot.toml"))
        return plan(self.app.database, then.config.subscribers, then.source_kinds, then.rules, now=self.now)


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path)
    with made.app.opened():
        yield made


def test_a_change_is_taken_over_while_it_runs_and_logged(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    _ = files.app.store
    running = LiveApp(files.app)
    assert running.refresh() is files.app
    with caplog.at_level(logging.INFO):
        files.people(BO)
        assert [p.ref for p in all_subscribers(running.refresh().store)] == ["ada", "bo"]
        files.people()
        assert [p.ref for p in all_subscribers(running.refresh().store)] == ["ada"]
    told = [m for m in caplog.messages if m.startswith("subscriber")]
    assert told == ["subscriber bo: added", "subscriber bo: removed"]


def test_a_change_that_could_not_be_stored_is_taken_over_as_soon_as_it_can(files: Files) -> None:
    _ = files.app.store
    running, database = LiveApp(files.app), files.root / files.app.config.store.url.removeprefix("sqlite:///")
    running.refresh()
    files.people(BO)
    with closing(sqlite3.connect(database)) as db:
        db.execute("CREATE TRIGGER full BEFORE INSERT ON subscribers BEGIN SELECT RAISE(ABORT, 'no room'); END")
        with pytest.raises(StoreError, match="no room"):
            running.refresh()
        db.execute("DROP TRIGGER full")
    assert [p.ref for p in all_subscribers(running.refresh().store)] == ["ada", "bo"]


def test_what_is_read_after_a_change_is_what_is_read_anew(tmp_path: Path) -> None:
    """Files that stayed the same are taken over from the last reading: with every mistake and warning, and its line."""
    draw, main = random.Random(5), tmp_path / "config" / "digestbot.toml"
    heads = ["", '[site]\ntime_zone = "Asia/Tokyo"\n', '[[topics]]\nname = "it"\nquery = "whales"\n']
    people = [
        '[[subscribers]]\nid = "{0}"\nemail = "{0}@example.org"\n', '[[subscribers]]\nid = "{0}"\nemail = "same@example.org"\n',
        '[[subscribers]]\nid = "{0}"\nemail = "{0}@example.org"\nschedule = "monthly 31 08:00"\n',
        '[[subscribers]]\nid = "{0}"\nemail = "{0}@example.org"\n[[subscribers.topics]]\nname = "A"\nquery = "@it"\n',
        '[[subscribers]]\nid = "{0}"\nemail = "{0}@example.org"\n[[subscribers.topics]]\nname = "A"\nlike = ["2611.00001"]\n',
        '[[subscribers]]\nid = "{0}"\nemail = "wrong"\n',
    ]  # fmt: skip
    texts = [(str(main), ""), *((f"{n}.toml", "") for n in range(4))]
    last: Config | None = None
    kept = 0
    for _ in range(300):
        at = draw.randrange(5)
        lines = [draw.choices(people, (30, 2, 9, 9, 9, 1))[0].format(f"p{at}x{n}") for n in range(draw.randrange(3))]
        texts[at] = (texts[at][0], draw.choice(heads) if at == 0 and draw.random() < 0.3 else "".join(lines))
        again, anew = _read(texts, main, last), _read(texts, main, None)
        assert again == anew
        if isinstance(again, Config):
            before = set(map(id, last.subscribers)) if last else set()
            kept += sum(id(one) in before for one in again.subscribers)
            last = again
    assert kept > 100


def _read(texts: list[tuple[str, str]], main: Path, last: Config | None) -> Config | tuple[ConfigProblem, ...]:
    try:
        return checked(texts, main, last)
    except ConfigError as error:
        return error.problems


def test_errors_are_logged_and_the_last_good_configuration_stays(
    files: Files, caplog: pytest.LogCaptureFixture
) -> None:
    running = LiveApp(files.app)
    files.people(schedule="dayly 07:30")
    with caplog.at_level(logging.ERROR):
        assert running.refresh() is files.app
        assert running.refresh() is files.app
    [said] = caplog.messages
    assert "the last good one stays" in said
    assert "all.toml" in said
    files.people(schedule="daily 08:30")
    assert [p.schedule for p in all_subscribers(running.refresh().store)] == ["daily 08:30"]


def test_a_change_that_needs_a_restart_says_so(files: Files, caplog: pytest.LogCaptureFixture) -> None:
    running = LiveApp(files.app)
    files.main('[store]\nurl = "sqlite:///var/other.db"')
    assert running.refresh().config.store == files.app.config.store
    assert "a change of store needs a restart" in caplog.text


def test_an_address_that_changes_keeps_its_history(files: Files) -> None:
    running = LiveApp(files.app)
    [before] = all_subscribers(files.app.store)
    files.people(email="new@example.org")
    [after] = all_subscribers(running.refresh().store)
    assert (after.id, after.email) == (before.id, "new@example.org")


def test_nothing_changed_is_an_empty_plan(files: Files) -> None:
    _ = files.app.store
    assert files.plan().empty


def test_a_plan_names_everything_that_would_change_and_changes_nothing(files: Files) -> None:
    _ = files.app.store
    files.people(BO, schedule="daily 08:00", query="dense")
    files.main(change=lambda text: text.replace('"sparse"\nquery = "sparse"', '"dense"\nquery = "dense"'))
    for _turn in range(2):
        assert {(c.what, c.name, c.how) for c in files.plan().changes} == {
            ("topic", "dense", "added"), ("topic", "sparse", "removed"), ("subscriber", "ada", "changed"),
            ("topic of ada", "Topic", "changed"), ("subscriber", "bo", "added"),
        }  # fmt: skip


def test_a_plan_counts_what_each_person_gains_and_loses(files: Files) -> None:
    files.papers(1, 2)
    files.papers(3, title="A Study of Dense Things in the World", summary="dense")
    files.now = NOW + timedelta(days=2)
    files.people(query="dense")
    [effect] = files.plan().effects
    assert (effect.before, effect.after, effect.gained, effect.lost) == (1.0, 0.5, 0.5, 1.0)
    assert effect.gains == ("A Study of Dense Things in the World",)


def test_a_changed_rule_of_the_site_counts_for_all_who_use_it(files: Files) -> None:
    files.papers(1)
    files.main(change=lambda text: text.replace('query = "sparse"', 'query = "nothing"'))
    [effect] = files.plan().effects
    assert (effect.subscriber, effect.after) == ("ada", 0.0)


def test_check_names_those_the_files_still_list_although_they_left(files: Files) -> None:
    assert unsubscribed(files.app.store, files.app.config.subscribers) == []
    leave(files.app.store, find_subscriber(files.app.store, "ada"), now=NOW)
    assert [p.ref for p in unsubscribed(files.app.store, files.app.config.subscribers)] == ["ada"]


def test_check_names_who_left_under_the_address_they_had(files: Files) -> None:
    leave(files.app.store, find_subscriber(files.app.store, "ada"), now=NOW)
    files.people(email="ada@new.example.org")
    assert [
        p.ref for p in unsubscribed(files.app.store, load(files.root / "config" / "digestbot.toml").subscribers)
    ] == ["ada"]
    LiveApp(files.app).refresh(asked=True)
    assert find_subscriber(files.app.store, "ada").status == "left"


def test_the_schema_knows_every_key(files: Files) -> None:
    made = json_schema()
    json.dumps(made)
    assert set(made["properties"]) == {*SINGLE, *LISTS}
    for name, keys in TABLES.items():
        if "." in name:
            continue
        table = made["properties"][name]
        assert set(table.get("items", table)["properties"]) == set(keys)
    assert made["properties"]["smtp"]["properties"]["port"]["maximum"] == 65535
