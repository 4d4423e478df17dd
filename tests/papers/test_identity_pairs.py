"""Two hundred pairs labelled by hand: the same work, another one, or one that a person should look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rows import rows

from digestbot.model import Entry, PartialDate
from digestbot.papers.identity.decisions import compare_records, record

PAIRS = Path(__file__).with_name("identity_pairs.tsv")
ALLOWED = {
    "same": {"same"},
    "alike": {"same", "perhaps"},
    "apart": {"perhaps", "different"},
    "different": {"different"},
}


class Pair(NamedTuple):
    label: str
    a: str
    b: str
    why: str


def pairs() -> list[Pair]:
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return [Pair(*line.split("\t")) for line in lines if line and not line.startswith("#")]


@cache
def days(folder: Path) -> dict[str, list[Entry]]:
    """What arXiv announced on the recorded days, by id, without the ids."""
    found: dict[str, list[Entry]] = {}
    for path in sorted((folder / "arxiv").rglob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            one = Entry(title=row["title"], authors=row["authors"], published=PartialDate("2025"))
            found.setdefault(row["id"], []).append(one)
    return found


def entry(spec: str, folder: Path | None) -> Entry:
    if not spec.startswith("@"):
        title, authors, year, venue = (part.strip() for part in spec.split("||"))
        names = tuple(name.strip() for name in authors.split(";") if name.strip())
        return Entry(title=title, authors=names, published=PartialDate(year), venue=venue)
    assert folder is not None
    named, _, title = spec.partition(" | title=")
    key, *changes = named[1:].split()
    listed = days(folder)[key]
    one = listed[-1] if "last" in changes else listed[0]
    change = dict(c.split("=") for c in changes if "=" in c)
    return Entry(
        title=title or one.title,
        authors=written(one.authors, change.get("authors", "")),
        published=PartialDate(str(2025 + int(change.get("year", "0")))),
    )


def written(names: Sequence[str], how: str) -> tuple[str, ...]:
    """The same people as another bibliography writes them."""
    split = [name.rsplit(" ", 1) if " " in name else ["", name] for name in names]
    match how:
        case "abbreviated":
            return tuple(f"{given[:1]}. {family}" for given, family in split)
        case "family-first":
            return tuple(f"{family}, {given}" for given, family in split)
        case "reversed":
            return tuple(reversed(names))
        case "first-two":
            return tuple(names[:2])
    return tuple(names)


@rows("pair", [p for p in pairs() if not p.a.startswith("@")], ids=lambda p: f"{p.label}: {p.a[:40]}")
def test_a_pair_in_full_is_judged_as_a_person_does(pair: Pair) -> None:
    verdict = compare_records(record(entry(pair.a, None)), record(entry(pair.b, None)))
    assert verdict.answer in ALLOWED[pair.label], f"{pair.why}: {verdict.reason}"


def test_pairs_of_recorded_days_are_judged_as_a_person_does(shared_data: Path) -> None:
    wrong = []
    for pair in pairs():
        if pair.a.startswith("@"):
            verdict = compare_records(record(entry(pair.a, shared_data)), record(entry(pair.b, shared_data)))
            if verdict.answer not in ALLOWED[pair.label]:
                wrong.append(f"{pair.label}, {pair.why}: {verdict.answer} ({verdict.reason})\n  {pair.a}\n  {pair.b}")
    assert not wrong, "\n".join(wrong)


def test_there_are_about_two_hundred_of_them() -> None:
    assert len(pairs()) >= 200
