"""Import people from a CSV file: row after row, in batches, so that a hundred thousand need no more memory than a few.

Either they agreed already, and the operator says to what and where, or each is asked by a confirmation mail. Who left,
bounced, complained or had everything deleted is not brought back by a file. The same file again changes nothing.
"""

from __future__ import annotations

import csv
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from itertools import chain, islice

from digestbot.acts.people.asking import Wishes, consent_version
from digestbot.acts.site.signing_up import VALID, SignupSettings, hashed
from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import DigestbotError, RuleError, UsageError
from digestbot.model import Subscriber
from digestbot.rules import parse
from digestbot.settings.fields import Wrong, email, label, language
from digestbot.store import Confirmation, Consent, PlannedSlot, Store, Transaction

COLUMNS = ("email", "name", "schedule", "time_zone", "language", "topics", "rule")
BATCH = 500  #: rows of one transaction
MOST_TOLD = 100  #: rows with something wrong that are told one by one
SCHEDULE = "weekdays 07:30"


class Became(StrEnum):
    """What became of a row."""

    ADDED = "added"
    ASKED = "asked"  #: a confirmation mail goes out
    KNOWN = "known"  #: a subscriber already, or asked already
    KEPT_OUT = "kept out"  #: left, bounced, complained, or had everything deleted
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRow:
    """What is wrong with a row, and what mends it."""

    line: int
    what: str
    fix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of all rows."""

    counts: Mapping[Became, int]
    wrong: tuple[WrongRow, ...] = ()  #: the first MOST_TOLD
    dry: bool = False

    def count(self, became: Became) -> int:
        """How many rows became that."""
        return self.counts.get(became, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """A row that can be read."""

    subscriber: Subscriber
    wishes: Wishes


class _Undone(Exception):  # not an error: a dry run ends so
    """What was tried is taken back."""


def import_people(
    store: Store,
    settings: SignupSettings,
    lines: Iterable[str],
    *,
    consent: str,
    now: datetime,
    dry: bool = False,
    heard: Callable[[int], None] = lambda _: None,
) -> ImportReport:
    """Take in the rows of a CSV file. `consent`: what they agreed to already; "": each is asked by mail first.

    Raises UsageError for a file without the column email, or with a column that is not known.
    """
    rows = _rows(lines)
    counts, wrong, verdicts = Counter[Became](), list[WrongRow](), dict[str, str]()
    while batch := list(islice(rows, BATCH)):
        try:
            with store.transaction() as tx:
                read = [_read(settings, line, row, verdicts) for line, row in batch]
                bad = [one for one in read if isinstance(one, WrongRow)]
                counts[Became.WRONG] += len(bad)
                wrong += bad[: MOST_TOLD - len(wrong)]
                counts += _take(tx, settings, [one for one in read if isinstance(one, _Person)], consent, now)
                if dry:
                    raise _Undone
        except _Undone:
            pass
        heard(counts.total())
    return ImportReport(counts=dict(counts), wrong=tuple(wrong), dry=dry)


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """(line, values by column) of each row. Columns of the first row in any order."""
    rest = iter(lines)
    head = next(rest, "")
    # spreadsheets separate columns by ; where a comma is the decimal sign
    between = ";" if head.count(";") > head.count(",") else ","
    reader = csv.DictReader(chain([head], rest), delimiter=between, skipinitialspace=True)
    try:
        reader.fieldnames = _checked_columns(reader.fieldnames or ())
        for row in reader:
            values = {k: (v or "").strip() for k, v in row.items() if isinstance(k, str) and not isinstance(v, list)}
            if any(values.values()):
                yield reader.line_num, values | ({"more": "x"} if None in row else {})
    except csv.Error as error:
        raise UsageError(f"this is no CSV: {error}", where=f"line {reader.line_num}") from error


def _checked_columns(given: Iterable[str]) -> list[str]:
    """The names of the columns in lower case. Raises UsageError where one is unknown or there twice, or email is missing."""
    names = [name.strip().casefold() for name in given]
    if "email" not in names:
        raise UsageError("there is no column email", fix=f"The first row names the columns: {', '.join(COLUMNS)}")
    if unknown := [name for name in names if name not in COLUMNS]:
        raise UsageError(f"there is no column {unknown[0]!r}", fix=f"Known are: {', '.join(COLUMNS)}")
    if len(set(names)) < len(names):
        raise UsageError("two columns have one name", fix=f"Each only once: {', '.join(COLUMNS)}")
    return names


def _read(settings: SignupSettings, line: int, row: Mapping[str, str], verdicts: dict[str, str]) -> _Person | WrongRow:
    """A row as a person; what is wrong with it otherwise. `verdicts`: of rules that were read before."""
    if "more" in row:
        return WrongRow(
            line=line, what="more values than columns", fix='Put a value with a comma into "quotation marks"'
        )
    try:
        address = email(row.get("email", ""))
        tongue = language(row["language"]) if row.get("language") else settings.language
        name = label(row.get("name", ""))
        schedule, zone = row.get("schedule") or SCHEDULE, row.get("time_zone") or settings.zone
        Schedule.parse(schedule, zone)
    except Wrong as error:
        return WrongRow(line=line, what=str(error))
    except DigestbotError as error:
        return WrongRow(line=line, what=error.what, fix=error.fix)
    topics = tuple(one for part in row.get("topics", "").split(";") if (one := part.strip()))
    if unknown := [one for one in topics if one not in settings.rules]:
        return WrongRow(
            line=line,
            what=f"the site has no topic {unknown[0]!r}",
            fix=f"It has: {', '.join(settings.rules) or 'none'}",
        )
    rule = row.get("rule", "")
    if fault := _fault(rule, settings, verdicts):
        return WrongRow(line=line, what=f"the rule cannot be read: {fault}")
    wishes = Wishes(topics=topics, rule=rule, language=tongue, zone=zone)
    person = Subscriber(
        ref=f"web-{secrets.token_hex(5)}", email=address, name=name, origin="web", schedule=schedule, time_zone=zone,
        language=tongue, topics=wishes.topic_values(settings.rules),
    )  # fmt: skip
    return _Person(subscriber=person, wishes=wishes)


def _fault(rule: str, settings: SignupSettings, verdicts: dict[str, str]) -> str:
    """What is wrong with a rule; "" when it can be read, or when there is none."""
    if rule and rule not in verdicts:
        try:
            parse(rule, topics=settings.rules)
            said = ""
        except RuleError as error:
            said = f"{error.what}. {error.fix}".strip()
        if len(verdicts) < BATCH:
            verdicts[rule] = said
        return said
    return verdicts.get(rule, "")


def _take(
    tx: Transaction, settings: SignupSettings, read: Sequence[_Person], consent: str, now: datetime
) -> Counter[Became]:
    """What became of the rows of a batch. Of two with one address the first counts."""
    people = {one.subscriber.email.casefold(): one for one in reversed(read)}
    addresses = [one.subscriber.email for one in people.values()]
    suppressed, known = tx.people.suppressions_of(addresses), tx.people.statuses_of(addresses)
    asked = set[str]() if consent else tx.confirmations.asked_since(addresses, now - VALID)
    kept_out = suppressed.keys() | {address for address, status in known.items() if status == "left"}
    new = [one for one in people.values() if one.subscriber.email not in kept_out | known.keys() | asked]
    new.reverse()  # in the order of the file
    if consent:
        _add(tx, [one.subscriber for one in new], consent, now)
    else:
        _ask(tx, settings, new, now)
    out = sum(one.subscriber.email in kept_out for one in read)
    became = {Became.ADDED if consent else Became.ASKED: len(new), Became.KEPT_OUT: out}
    return Counter(became | {Became.KNOWN: len(read) - len(new) - out})


def _add(tx: Transaction, people: Sequence[Subscriber], consent: str, now: datetime) -> None:
    numbers = tx.people.add_people(people, now=now)
    tx.people.plan_slots(
        PlannedSlot(number, _first(person.schedule, person.time_zone, now), None)
        for number, person in zip(numbers, people, strict=True)
    )
    tx.confirmations.add_consents(numbers, Consent(at=now, version=consent_version(consent), text=consent))


@lru_cache(maxsize=1000)
def _first(schedule: str, zone: str, now: datetime) -> datetime:
    return Schedule.parse(schedule, zone).next(now).due


def _ask(tx: Transaction, settings: SignupSettings, new: Sequence[_Person], now: datetime) -> None:
    """Confirmation mails: they go by the lane of all such mails."""
    for one in new:
        nonce = secrets.token_hex(16)
        tx.confirmations.add_confirmation(
            Confirmation(
                purpose="subscribe", nonce=nonce, token=hashed(settings.token_of(nonce)), address=one.subscriber.email,
                network="import", wishes=one.wishes.json(), consent="asked after an import", at=now, expires=now + VALID,
            )
        )  # fmt: skip
