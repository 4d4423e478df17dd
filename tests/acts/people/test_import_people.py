"""People from a CSV file: what becomes of each row, and who is not brought back by it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from databases import empty_store

from digestbot.acts.people.import_people import Became, ImportReport, WrongRow, import_people
from digestbot.acts.people.sync import leave
from digestbot.acts.site.signing_up import SignupSettings
from digestbot.errors import UsageError
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW

SETTINGS = SignupSettings(rules={"diffusion": "diffusion", "rl": '"reinforcement learning"'}, key=lambda: b"key")
HEAD = "email,name,schedule,time_zone,language,topics,rule"


@pytest.fixture(params=["memory", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: object) -> Iterator[SqlStore]:
    with empty_store(request.param, tmp_path) as opened:  # type: ignore[arg-type]  # pytest's own
        yield opened


def taken(store: SqlStore, *rows: str, head: str = HEAD, **change: object) -> ImportReport:
    values: dict[str, object] = {"consent": "at the conference, 2026", "now": NOW}
    return import_people(store, SETTINGS, [f"{line}\n" for line in (head, *rows)], **values | change)  # type: ignore[arg-type]  # its own parameters


def test_a_row_becomes_a_subscriber_with_a_slot_and_what_they_agreed_to(store: SqlStore) -> None:
    report = taken(store, "ann@example.org,Ann,daily 18:00,Europe/Berlin,de,diffusion; rl,au:Curie")
    assert report.count(Became.ADDED) == 1
    with store.reading() as tx:
        ann = tx.people.find_person("ann@example.org")
        assert ann is not None
        assert [t.query for t in ann.topics] == ["@diffusion", "@rl", "au:Curie"]
        assert (ann.name, ann.schedule, ann.time_zone, ann.language) == ("Ann", "daily 18:00", "Europe/Berlin", "de")
        assert ann.next_slot is not None
        assert ann.next_slot > NOW
        assert [c.text for c in tx.confirmations.consents_of(ann.stored_id)] == ["at the conference, 2026"]


def test_an_address_alone_is_enough_and_columns_come_in_any_order(store: SqlStore) -> None:
    assert taken(store, "Ann,ann@example.org", head="Name, EMAIL").count(Became.ADDED) == 1


def test_the_same_file_again_changes_nothing(store: SqlStore) -> None:
    rows = [f"r{n}@example.org" for n in range(3)]
    assert taken(store, *rows, head="email").count(Became.ADDED) == 3
    again = taken(store, *rows, "R1@Example.org", head="email")
    assert again.counts == {Became.KNOWN: 4}


def test_a_spreadsheet_may_write_semicolons_between_columns(store: SqlStore) -> None:
    assert (
        taken(store, 'ann@example.org;"Curie; Ann";"diffusion; rl"', head="email;name;topics").counts[Became.ADDED] == 1
    )
    with store.reading() as tx:
        [ann] = tx.people.all_people()
    assert (ann.name, len(ann.topics)) == ("Curie; Ann", 2)


def test_two_columns_of_one_name_are_refused(store: SqlStore) -> None:
    with pytest.raises(UsageError, match="two columns"):
        taken(store, "a@example.org,b@example.org", head="email,Email")


def test_of_two_rows_with_one_address_the_first_counts(store: SqlStore) -> None:
    report = taken(store, "ann@example.org,First", "Ann@Example.org,Second", "bo@example.org,Bo", head="email,name")
    assert (report.count(Became.ADDED), report.count(Became.KNOWN)) == (2, 1)
    with store.reading() as tx:
        assert [one.name for one in tx.people.all_people()] == ["First", "Bo"]


def test_who_left_bounced_or_was_erased_is_kept_out(store: SqlStore) -> None:
    taken(store, "left@example.org", "gone@example.org", head="email")
    with store.reading() as tx:
        left, gone = tx.people.find_person("left@example.org"), tx.people.find_person("gone@example.org")
    assert left is not None
    assert gone is not None
    leave(store, left, now=NOW)
    with store.transaction() as tx:
        tx.people.erase_person(gone.stored_id, now=NOW)
        tx.people.suppress_address("bounced@example.org", reason="bounced", now=NOW)
    report = taken(store, "left@example.org", "gone@example.org", "bounced@example.org", head="email")
    assert report.counts == {Became.KEPT_OUT: 3}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("nobody,,,,,,", "is no mail address"),
        ("a@example.org,,every tuesday,,,,", "schedule"),
        ("a@example.org,,,Berlin,,,", "time zone"),
        ("a@example.org,,,,,dance,", "no topic 'dance'"),
        ("a@example.org,,,,,,(diffusion", "the rule cannot be read"),
        ("a@example.org,,,,,,,more", "more values than columns"),
    ],
)
def test_a_wrong_row_is_told_with_its_line_and_the_others_are_taken(store: SqlStore, row: str, said: str) -> None:
    report = taken(store, "before@example.org", row, "after@example.org")
    assert report.counts == {Became.ADDED: 2, Became.WRONG: 1}
    [wrong] = report.wrong
    assert wrong.line == 3
    assert said.casefold() in f"{wrong.what} {wrong.fix}".casefold()


def test_a_dry_run_says_the_same_and_changes_nothing(store: SqlStore) -> None:
    report = taken(store, "a@example.org", "b@example.org", "wrong", head="email", dry=True)
    assert report.counts == {Became.ADDED: 2, Became.WRONG: 1}
    with store.reading() as tx:
        assert tx.people.all_people() == []


def test_without_consent_each_is_asked_once(store: SqlStore) -> None:
    assert taken(store, "a@example.org", head="email", consent="").counts == {Became.ASKED: 1}
    assert taken(store, "a@example.org", head="email", consent="").counts == {Became.KNOWN: 1}
    with store.reading() as tx:
        assert tx.people.find_person("a@example.org") is None
        assert [one.address for one in tx.confirmations.asked_confirmations(9)] == ["a@example.org"]


@pytest.mark.parametrize("head", ["name", "email,shoe size", ""])
def test_a_file_without_email_or_with_an_unknown_column_is_refused(store: SqlStore, head: str) -> None:
    with pytest.raises(UsageError, match="column"):
        taken(store, "a@example.org", head=head)


def test_many_wrong_rows_are_counted_and_the_first_are_told(store: SqlStore) -> None:
    report = taken(store, *["nobody"] * 700, head="email")
    assert report.count(Became.WRONG) == 700
    assert len(report.wrong) == 100
    assert isinstance(report.wrong[0], WrongRow)
