"""One paper, once: how well and how fast. Pairs and whole bibliographies of ../shared/evaluation/duplicates, peers beside.

Left out, as that folder's README tells: pairs labelled different whose titles are nearly equal and whose authors agree.
They are a conference's and a journal's copy of one work, which digestbot wants together; their number is printed, and
`python -m benchmarks.identity pairs` lists them. "perhaps" counts as not joined. Seconds are those of the processor.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations, islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import sqlalchemy as sa

from benchmarks.report import report
from digestbot.acts.papers.resolve import resolve
from digestbot.model import Entry, PartialDate
from digestbot.papers import cluster
from digestbot.papers.identity.abstracts import in_common, sketch_of
from digestbot.papers.identity.blocking import LARGEST_BLOCK, blocks
from digestbot.papers.identity.candidate_index import CandidateIndex
from digestbot.papers.identity.cluster import cluster_records
from digestbot.papers.identity.decisions import decide, record
from digestbot.papers.identity.pair_features import pair_features
from digestbot.papers.identity.similarity import compare_titles
from digestbot.papers.identity.title_features import TitleFeatures, features_of
from digestbot.papers.text.clean import fold
from digestbot.papers.text.person_names import reading_order
from digestbot.store.database import SqlStore, open_store
from digestbot.store.sql.papers.title_blocks import packed
from digestbot.store.tables import schema as t

SHARED = Path(__file__).resolve().parents[2] / "shared"
SETS = ("dblp-acm.test", "dblp-acm-dirty.test", "dblp-scholar.valid")
INITIALS = "ABCDEFGHIJKLMNOP"
SYLLABLES = "ba cho di el fu gar he in jo ka lund mi no ov pe quin ros schu ta uhl va wei xu zim".split()
_FEWEST, _LONGEST = 4, 25  #: words of a title
_HEAPS = 0.7  #: H. S. Heaps, Information Retrieval, 1978: 0.4 to 0.8 for English
SHUFFLES, ARRIVALS, SCRATCH, STORED, NEW = 20, 4, 100_000, 1_000_000, 200
_ROW = re.compile(r"COL title VAL (.*?) COL authors VAL (.*?) COL venue VAL (.*?) COL year VAL (.*)")


class Pair(NamedTuple):
    a: Entry
    b: Entry
    same: bool


def pairs(name: str) -> list[Pair]:
    with gzip.open(SHARED / "evaluation" / "duplicates" / f"{name}.txt.gz", "rt") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines]
    return [Pair(_entry(a), _entry(b), label == "1") for a, b, label in rows]


def _entry(row: str) -> Entry:
    found = _ROW.match(f"{row.strip()} ")
    assert found
    title, authors, venue, year = (value.strip() for value in found.groups())
    names = tuple(name.strip() for name in authors.split(" , ") if name.strip(" ,"))
    date = PartialDate(year[:4]) if re.fullmatch(r"\d{4}(\.0)?", year) else None
    return Entry(title=title, authors=names, venue=venue, published=date)


def words(entry: Entry) -> TitleFeatures:
    [text] = record(entry).texts
    return text


def two_copies(pair: Pair) -> bool:
    """A conference's and a journal's copy, labelled different."""
    a, b = words(pair.a), words(pair.b)
    if pair.same or a.recurring or b.recurring:
        return False
    f = pair_features(a, b)
    return f.best > 0.93 and (f.names or 0) > 0.6


def scores(name: str, given: Sequence[Pair], joined: Callable[[Pair], bool]) -> str:
    hits = [p for p in given if joined(p)]
    true, out = sum(p.same for p in hits), sum(two_copies(p) for p in hits if not p.same)
    precision, recall = true / max(len(hits) - out, 1), true / sum(p.same for p in given)
    f1 = 2 * precision * recall / (precision + recall) if true else 0.0
    return f"{name:34} P {precision:.3f}  R {recall:.3f}  F1 {f1:.3f}  copies left out {out}"


def judged() -> None:
    for name in SETS:
        given = pairs(name)
        print(scores(f"{name}: ours", given, lambda p: compare_titles(words(p.a), words(p.b))[0] == "same"))
        print(scores("    exact title", given, lambda p: words(p.a).squeezed == words(p.b).squeezed))
        print(scores("    exact title and year", given, lambda p: _title_and_year(words(p.a), words(p.b))))
        try:
            from rapidfuzz.fuzz import WRatio
        except ModuleNotFoundError:
            print("    rapidfuzz is not installed")
            continue
        print(scores("    rapidfuzz WRatio of titles >= 95", given, lambda p: WRatio(p.a.title, p.b.title) >= 95))


def _title_and_year(a: TitleFeatures, b: TitleFeatures) -> bool:
    return a.squeezed == b.squeezed and a.year == b.year


def clustered() -> None:
    """Whole bibliographies at once, and how much of it hangs on the order."""
    for name in SETS:
        given = pairs(name)
        entries = list(dict.fromkeys(entry for p in given for entry in (p.a, p.b)))
        first = _pairs(cluster(entries))
        at = {entry: number for number, entry in enumerate(entries)}
        print(scores(f"{name}: {len(entries)} entries", given, lambda p: tuple(sorted((at[p.a], at[p.b]))) in first))  # noqa: B023
        draw, alike = random.Random(1), []
        for _ in range(SHUFFLES):
            order = draw.sample(range(len(entries)), len(entries))
            moved = {tuple(sorted((order[a], order[b]))) for a, b in _pairs(cluster([entries[i] for i in order]))}
            alike.append(len(first & moved) / len(first | moved))
        print(f"    {SHUFFLES} orders: of {len(first)} joined pairs at least {min(alike):.4%} are the same")


def arriving() -> None:
    """The same as they come, by ones, twenties and two hundreds, into a store: how much of it hangs on the order."""
    for name in SETS:
        given = pairs(name)
        entries = list(dict.fromkeys(entry for p in given for entry in (p.a, p.b)))
        at = {entry: number for number, entry in enumerate(entries)}
        records = [record(replace(entry, native_key=str(n)), "bench") for n, entry in enumerate(entries)]
        draw, whole = random.Random(1), _pairs(cluster_records(records))
        runs = [_stored(entries, draw) for _ in range(ARRIVALS)]
        first, others = runs[0], [len(a & b) / len(a | b) for a, b in combinations(runs, 2)]
        print(scores(f"{name}: as they come", given, lambda p: tuple(sorted((at[p.a], at[p.b]))) in first))  # noqa: B023
        print(f"    any two of {ARRIVALS} orders have at least {min(others):.4%} of their joined pairs in common, "
              f"each with `cluster` at least {min(len(whole & run) / len(whole | run) for run in runs):.4%}")  # fmt: skip


def _stored(entries: Sequence[Entry], draw: random.Random) -> set[tuple[int, ...]]:
    now, at, papers = PartialDate("2026-11-23").earliest(), 0, dict[int, list[int]]()
    order = draw.sample(range(len(entries)), len(entries))
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db")
        store.migrate()
        while at < len(order):
            some, at = order[at : (end := at + draw.choice((1, 20, 200)))], end
            with store.transaction() as tx:
                tx.papers.add_entries("bench", [replace(entries[n], native_key=str(n)) for n in some], sha="", now=now)
            resolve(store, now=now)
        with store.engine.connect() as db:
            told = sa.select(t.entries.c.native_key, t.mentions.c.paper).join(
                t.mentions, t.mentions.c.entry == t.entries.c.id
            )
            for key, paper in db.execute(told):
                papers.setdefault(paper, []).append(int(key))
        store.close()
    return _pairs(map(sorted, papers.values()))


def _pairs(groups: Iterable[Sequence[int]]) -> set[tuple[int, ...]]:
    return {(a, b) for group in groups for n, a in enumerate(group) for b in group[n + 1 :]}


class Works(NamedTuple):
    """Of the relevance sets, arXiv's days and the bibliographies: real ones."""

    titles: tuple[str, ...]
    names: tuple[str, ...]  #: as often as they sign


@cache
def works() -> Works:
    csv.field_size_limit(10**9)
    found: dict[str, Sequence[str]] = {}
    for path in sorted((SHARED / "evaluation" / "relevance").glob("*.csv.gz")):
        with gzip.open(path, "rt", errors="replace") as rows:
            found |= {row["title"]: row["authors"].split("; ") for row in csv.DictReader(rows) if row.get("title")}
    for path in sorted((SHARED / "data" / "arxiv").rglob("*.jsonl")):
        found |= {row["title"]: row["authors"] for row in map(json.loads, path.open())}
    found |= {p.a.title: p.a.authors for p in pairs("dblp-scholar.valid")}
    return Works(tuple(found), tuple(name for names in found.values() for name in names if name))


def told(count: int) -> Iterator[Entry]:
    """As many different works, about as crowded as real ones (`crowding` measures it).

    Each word of a title follows the one before it in some real title; people's names are drawn from real lists, so that
    frequent ones are frequent. A word that only one real title has stands for others like it, the more of them the more
    titles there are: vocabularies grow with the `_HEAPS`th power of a collection.
    """
    draw, real = random.Random(2), works()
    words = [["", *title.split(), ""] for title in real.titles]
    follows: dict[str, list[str]] = {}
    for word, then in (pair for title in words for pair in pairwise(title)):
        follows.setdefault(word, []).append(then)
    for n in range(count):
        kinds = round(max(1, n / len(real.titles)) ** _HEAPS)
        title = ""
        while len(fold(title).split()) < _FEWEST:
            said = _walked(draw, follows)
            title = " ".join(word if len(follows[word]) > 1 else _like(word, draw.randrange(kinds)) for word in said)
        yield _made(n, title, draw.choices(real.names, k=draw.randint(1, 6)))


def _walked(draw: random.Random, follows: Mapping[str, Sequence[str]]) -> Iterator[str]:
    word = ""
    for _ in range(_LONGEST):
        word = draw.choice(follows[word])
        if not word:
            return
        yield word


def _like(word: str, kind: int) -> str:
    """Another word as rare; the first is the word itself."""
    return word if kind == 0 else f"{word}{SYLLABLES[kind % len(SYLLABLES)]}{SYLLABLES[kind // len(SYLLABLES)]}"


def halves(count: int) -> Iterator[Entry]:
    """As many different works, far more like each other than real ones: halves of the same few thousand titles.

    With 100,000 of them each half is shared by a dozen others; authors are of a dozen initials and of syllables.
    """
    draw, real = random.Random(2), works().titles
    for n in range(count):
        one, other = draw.sample(real, 2)
        first, second = one.split(), other.split()
        title = " ".join((*first[: (len(first) + 1) // 2], *second[len(second) // 2 :]))
        people = [f"{draw.choice(INITIALS)}. {''.join(draw.choices(SYLLABLES, k=3)).title()}" for _ in range(3)]
        yield _made(n, title, people)


def _made(n: int, title: str, names: Sequence[str]) -> Entry:
    return Entry(title=title, authors=tuple(names), published=PartialDate(str(2000 + n % 25)), native_key=str(n))


def crowding() -> None:
    """Is what is made as crowded as what is real? Others under the same blocks, counted once for each."""
    count = len(works().titles)
    print(f"others met by each of {count:,}: {_met(map(features_of, works().titles))} real titles, "
          f"{_met(map(words, told(count)))} told, {_met(map(words, halves(count)))} halves")  # fmt: skip


def _met(given: Iterable[TitleFeatures]) -> str:
    under: dict[int, int] = {}
    texts = list(given)
    for key in (key for one in texts for key in blocks(one)):
        under[key] = under.get(key, 0) + 1
    return f"{sum(n * (n - 1) for n in under.values()) / len(texts):.1f}"


def scratch() -> None:
    crowding()
    for kind in (told, halves):
        for count in (SCRATCH // 4, SCRATCH // 2, SCRATCH):
            entries = list(kind(count))
            began = time.process_time()
            groups = cluster(entries)
            took = time.process_time() - began
            print(f"{count:9,} {kind.__name__} from scratch: {took:6.1f} s, {len(groups):,} papers")


def against_a_million() -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/store.db")
        store.migrate()
        made = told(STORED + NEW)
        fill(store, islice(made, STORED))
        fresh = list(made)
        print(f"{STORED:9,} stored: {_one_by_one(store, fresh)}; {_lookup(store, fresh)}")
        store.close()


def fill(store: SqlStore, entries: Iterator[Entry]) -> None:
    """Straight into the tables, each in the order of its key: what is measured is the finding."""
    papers: list[tuple[int, str, str]] = []
    texts: list[tuple[int, int, str]] = []
    under: dict[int, list[int]] = {}
    signers: dict[int, int] = {}
    for number, entry in enumerate(entries, 1):
        text = words(entry)
        signers[text.number] = text.signers
        papers.append((number, str(number), entry.title))
        texts.append((text.number, number, packed(text)))
        for key in blocks(text):
            under.setdefault(key, []).append(text.number)
    rows = ((key, n, signers[n]) for key in sorted(under) for n in _kept(sorted(set(under[key]))))
    with store.engine.connect() as db:
        raw: Any = db.connection.dbapi_connection
        raw.executescript("PRAGMA query_only=OFF; PRAGMA synchronous=OFF; DROP INDEX blocks_text; BEGIN")
        raw.executemany("INSERT INTO papers (id, public_id, title, first_seen) VALUES (?, ?, ?, 0)", papers)
        raw.executemany("INSERT OR IGNORE INTO texts VALUES (?, ?, ?)", sorted(texts))
        raw.executemany("INSERT INTO blocks VALUES (?, ?, ?)", rows)
        raw.execute("COMMIT")
        raw.execute("CREATE INDEX blocks_text ON blocks (text)")


def _kept(numbers: Sequence[int]) -> Sequence[int]:
    """Of one block, as many as are left when they came one by one: at more than twice `LARGEST_BLOCK` it is cut to it."""
    over = len(numbers) - 2 * LARGEST_BLOCK - 1
    return numbers if over < 0 else numbers[: LARGEST_BLOCK + over % (LARGEST_BLOCK + 1)]


def _one_by_one(store: SqlStore, fresh: Sequence[Entry]) -> str:
    now = PartialDate("2026-11-23").earliest()
    with store.transaction() as tx:
        tx.papers.add_entries("bench", fresh, sha="", now=now)
    began = time.process_time()
    resolve(store, now=now)
    return f"{(time.process_time() - began) / len(fresh) * 1000:.2f} ms a new entry, stored with its paper (a batch of {len(fresh)})"


def _lookup(store: SqlStore, fresh: Sequence[Entry]) -> str:
    took = []
    with store.reading() as tx:
        for entry in fresh:
            began = time.process_time()
            facts, index = record(entry), CandidateIndex()
            near = tx.papers.texts_near(facts.texts)
            index.load_blocks(near.under, near.signers)
            for known, paper in near.texts:
                index.add_text(known, paper)
            decide(facts, index.candidates_for(facts))
            took.append(time.process_time() - began)
    return f"{median(took) * 1000:.2f} ms to find and decide one alone, at worst {max(took) * 1000:.1f}"


def main() -> None:
    if not SHARED.is_dir():
        print("../shared is not beside this checkout: nothing to measure on")
        return
    judged()
    if report.quick:
        return
    clustered()
    arriving()
    scratch()
    against_a_million()


def unnamed() -> None:
    """Real works without their identifiers, each as two sources write it: true pairs joined, wrong joins, perhaps."""
    said = list(_twice_said())
    index, homes, doubts = CandidateIndex(), dict[int, int](), 0
    for number, (_, entry) in enumerate(said):
        facts = record(entry)
        found = decide(facts, index.candidates_for(facts))
        homes[number], *others = found.join or (number,)
        for other in others:
            index.merge(other, homes[number])
        index.add_record(homes[number], facts)
        doubts += bool(found.perhaps)
    works_of: dict[int, set[str]] = {}
    homes_of: dict[str, list[int]] = {}
    for number, (work, _) in enumerate(said):
        home = index.survivor_of(homes[number])
        works_of.setdefault(home, set()).add(work)
        homes_of.setdefault(work, []).append(home)
    joined = sum(len(set(found)) == 1 for found in homes_of.values() if len(found) > 1)
    mixed = [some for some in works_of.values() if len(some) > 1]
    true, twice = sum(len(found) > 1 for found in homes_of.values()), sum(_one_text(some, said) for some in mixed)
    wrong = sum(len(some) - 1 for some in mixed) - twice
    if os.environ.get("SHOW"):
        for some in mixed:
            print("  wrong:", *sorted({entry.title for work, entry in said if work in some}), sep="\n    ")
    rate = wrong / len(said) * 10_000
    print(f"{len(said):,} entries without identifiers: {joined / true:.2%} of {true:,} true pairs joined, {wrong} wrong joins "
          f"({rate:.1f} in 10,000; {twice} more of one abstract under two PMIDs), "
          f"{doubts / len(said):.2%} perhaps")  # fmt: skip


def _one_text(some: set[str], said: Sequence[tuple[str, Entry]]) -> bool:
    """Do these two works share most of their abstracts? PubMed has what two journals printed under two numbers."""
    texts = [sketch_of(entry.summary) for work, entry in said if work in some and entry.venue == ""]
    return len(texts) == 2 and (in_common(*texts) or 0) >= 0.7


def _twice_said() -> Iterator[tuple[str, Entry]]:
    """(work, entry): as its source writes it, and as a library does: a dot behind the title, family names first, initials; of
    the abstract all without its headings, its beginning, or nothing."""
    for work, title, names, year, abstract in _real_works():
        yield work, Entry(title=title, authors=names, published=PartialDate(year), summary=abstract)
    for n, (work, title, names, year, abstract) in enumerate(_real_works()):
        short = tuple(map(_otherwise, names))
        some = (_HEADINGS.sub("", abstract), f"{abstract[:500]} …", "")[n % 3]
        title = f"{title.rstrip('.')}."
        yield work, Entry(title=title, authors=short, published=PartialDate(year), venue="Journal", summary=some)


_HEADINGS = re.compile(r"\b[A-Z][A-Za-z]+: ")


def _otherwise(name: str) -> str:
    """`Okafor, I. N.` of `Ines N Okafor`, and the other way round."""
    if "," in name:
        return reading_order(name)
    *given, family = name.split()
    return f"{family}, {' '.join(f'{word[0]}.' for word in given)}"


def _real_works() -> Iterator[tuple[str, str, tuple[str, ...], str, str]]:
    """(id, title, authors, year, abstract); of what PubMed has twice, with one abstract, once."""
    csv.field_size_limit(10**9)
    for path in sorted((SHARED / "data" / "arxiv").rglob("*.jsonl")):
        for row in {row["id"]: row for row in map(json.loads, path.open())}.values():
            yield row["id"], row["title"], tuple(row["authors"]), f"20{row['id'][:2]}", row["summary"]
    seen = set[str]()
    for path in sorted((SHARED / "evaluation" / "relevance").glob("*.csv.gz")):
        with gzip.open(path, "rt", errors="replace") as rows:
            for row in csv.DictReader(rows):
                names = tuple(name for name in (row.get("authors") or "").split("; ") if name)
                abstract = row.get("abstract") or ""
                if row.get("title") and names and not {row["pubmedID"], abstract} & seen:
                    seen |= {row["pubmedID"], abstract} - {""}
                    yield row["pubmedID"], row["title"], names, "2000", abstract  # no years are given: the harder


def listed() -> None:
    """The copies that are left out."""
    for name in SETS:
        for p in filter(two_copies, pairs(name)):
            answer, _ = compare_titles(words(p.a), words(p.b))
            print(f"{name}\t{answer}\t{p.a.title}\t{p.a.venue} {p.a.published}\t{p.b.venue} {p.b.published}")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["all"]:
        {
            "all": main,
            "judged": judged,
            "clustered": clustered,
            "arriving": arriving,
            "scratch": scratch,
            "million": against_a_million,
            "pairs": listed,
            "unnamed": unnamed,
        }[wanted]()
