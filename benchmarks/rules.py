"""1,000 papers and up to 100,000 people with five rules each: index, parse, answer.

Peers: SQLite FTS5; a native multi-pattern automaton over everybody's words with the rules that it hits evaluated one by
one (ahocorasick_rs, where it is installed: `pip install ahocorasick-rs`); a regex a rule.

The papers are arXiv's days in ../shared/data where they are there, filled up by joining halves of real abstracts;
without them, made of syllables. The rules are drawn from the papers' own words, so that they match something; nearly
all of them are distinct. Each crowd is measured in a process of its own, the median of several. Seconds are those of
the processor, so that what else the machine does counts little.
"""

from __future__ import annotations

import gc
import json
import random
import re
import resource
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.report import report
from digestbot.model import Paper, PaperId
from digestbot.rules import PaperIndex, parse

PAPERS, EACH, RUNS = 1000, 5, 3
CROWDS = (10, 1_000, 10_000, 100_000)
DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "arxiv"
BATCH = 1000  #: people read and parsed at once, as in dispatch


def papers() -> list[Paper]:
    """PAPERS papers."""
    draw = random.Random(5)
    rows = {row["id"]: row for path in sorted(DATA.rglob("*.jsonl")) for row in map(json.loads, path.open())}
    real = [_paper(n, r["title"], r["summary"], r["authors"], r["categories"]) for n, r in enumerate(rows.values())]
    if not real:
        real = [_made(n, draw) for n in range(PAPERS)]
    while len(real) < PAPERS:
        one, other = draw.sample(real, 2)
        summary = one.summary[: len(one.summary) // 2] + " " + other.summary[len(other.summary) // 2 :]
        real.append(_paper(len(real), other.title, summary, one.authors, one.categories))
    return real[:PAPERS]


def _paper(number: int, title: str, summary: str, authors: Sequence[str], categories: Sequence[str]) -> Paper:
    return Paper(
        id=PaperId(number), title=title, summary=summary, authors=tuple(authors), categories=tuple(categories),
        identifiers={"arxiv": f"2611.{number:05}"}, signals={"upvotes": number % 50} if number % 3 else {},
    )  # fmt: skip


def _made(number: int, draw: random.Random) -> Paper:
    syllables = "ba co di fu ge hi jo ka lu mi no pe qua ri so tu ve wi xe za".split()
    words = ["".join(draw.choices(syllables, k=3)) for _ in range(3000)] if number % 100 == 0 else _made.words  # type: ignore[attr-defined]
    _made.words = words  # type: ignore[attr-defined]
    text = " ".join(words[min(int(draw.paretovariate(0.6)), len(words) - 1)] for _ in range(190))
    return _paper(number, text[:80], text, ("Ada Lovelace", "Jo Doe"), (draw.choice(("cs.CV", "cs.LG", "stat.ML")),))


class Asked(NamedTuple):
    """One rule in the shape all contenders can read: one of these terms, and that one, in a category, without a word."""

    either: tuple[str, ...]
    also: str
    category: str
    without: str

    def text(self) -> str:
        alternatives = " OR ".join(self.either)
        parts = [f"({alternatives})" if len(self.either) > 1 else alternatives, self.also]
        parts += [f"cat:{self.category}"] if self.category else []
        parts += [f"-ti:{self.without}"] if self.without else []
        return " ".join(filter(None, parts))

    def fts(self) -> str:
        either = " OR ".join(self.either)
        parts = [f"{{title summary}}: ({either})"]
        parts += [f"{{title summary}}: {self.also}"] if self.also else []
        parts += [f'categories: "{self.category}"'] if self.category else []
        return "(" + " AND ".join(parts) + ")" + (f" NOT title: {self.without}" if self.without else "")

    def regexes(self) -> tuple[re.Pattern[str], re.Pattern[str] | None, re.Pattern[str] | None]:
        def one(term: str) -> str:
            return rf"\b{re.escape(term.strip(chr(34)).rstrip('*'))}" + ("" if term.endswith("*") else r"s?\b")

        either = re.compile("|".join(map(one, self.either)), re.IGNORECASE)
        also = re.compile(one(self.also), re.IGNORECASE) if self.also else None
        return either, also, re.compile(one(self.without), re.IGNORECASE) if self.without else None


def asked(window: Sequence[Paper], count: int, seed: int = 1) -> Iterator[Asked]:
    """Rules as people write them: a method or two, often a category, at times an exclusion.

    Words in more than one paper of 25 are left out: nobody asks for `learning`.
    """
    draw = random.Random(seed)
    texts = [text for p in window for text in (p.title, p.title, p.summary)]  # mostly what titles say
    titles = [
        [w for w in re.findall(r"[a-z]{4,}", text.lower()) if w not in ("with", "from", "that")] for text in texts
    ]
    common = Counter(w for p in window for w in set(re.findall(r"[a-z]{4,}", f"{p.title} {p.summary}".lower())))
    titles = [[w for w in words if common[w] <= PAPERS // 25] for words in titles]
    titles = [words for words in titles if len(words) > 1]
    categories = sorted({c for p in window for c in p.categories if re.fullmatch(r"[a-z-]+\.[A-Za-z-]+", c)})

    def term() -> str:
        words = draw.choice(titles)
        at = draw.randrange(len(words) - 1)
        kind = draw.random()
        if kind < 0.4:
            return f'"{words[at]} {words[at + 1]}"'
        return f"{words[at][:5]}*" if kind < 0.5 else words[at]

    for _ in range(count):
        yield Asked(
            tuple(term() for _ in range(draw.choice((1, 1, 2, 3)))), term() if draw.random() < 0.3 else "",
            draw.choice(categories) if draw.random() < 0.4 else "", "survey" if draw.random() < 0.2 else "",
        )  # fmt: skip


def seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def indexed(window: Sequence[Paper]) -> float:
    """Title and abstract, what nearly every rule needs: they are indexed when the first rule asks."""
    first = parse("anything")
    return seconds(lambda: PaperIndex(window).bits(first))


def crowd(people: int) -> dict[str, float]:
    """Time and memory of all rules of so many people, their lists of papers held to the end."""
    window = papers()
    began = time.process_time()
    index = PaperIndex(window)
    index.bits(parse("anything"))
    took, parsing, lists = time.process_time() - began, 0.0, []
    for start in range(0, people, BATCH):
        texts = [a.text() for a in asked(window, EACH * min(BATCH, people - start), seed=start)]
        began = time.process_time()
        rules = [parse(text) for text in texts]
        middle = time.process_time()
        lists += [index.select(rule) for rule in rules]
        parsing += middle - began
        took += time.process_time() - middle
        gc.freeze()  # the lists are kept: without this, most of the time is Python's walking over them again and again
    found = sum(map(len, lists))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": took,
        "parsing": parsing,
        "megabytes": peak / 1024,
        "found": found,
    }


def measured(people: int) -> dict[str, float]:
    """Medians over fresh processes."""
    command = [sys.executable, "-m", "benchmarks.rules", str(people)]
    runs = [json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout) for _ in range(RUNS)]
    return {key: median(run[key] for run in runs) for key in runs[0]}


def fts_seconds(window: Sequence[Paper], rules: Sequence[Asked]) -> float:
    """With its index, as ours."""
    rows = [(n, p.title, p.summary, " ".join(p.categories)) for n, p in enumerate(window)]
    queries = [rule.fts() for rule in rules]

    def act() -> None:
        db = sqlite3.connect(":memory:")
        db.execute("CREATE VIRTUAL TABLE p USING fts5(title, summary, categories)")
        db.executemany("INSERT INTO p (rowid, title, summary, categories) VALUES (?, ?, ?, ?)", rows)
        for query in queries:
            db.execute("SELECT rowid FROM p WHERE p MATCH ?", (query,)).fetchall()

    return seconds(act)


def native_seconds(window: Sequence[Paper], rules: Sequence[Asked]) -> float | None:
    """One automaton of the rarest way into each rule; who is hit is asked in the plain way. None: not installed.

    Words are cut off behind: their plurals and beginnings are found too, and the plain way decides.
    """
    try:
        from ahocorasick_rs import AhoCorasick
    except ModuleNotFoundError:
        return None
    texts = [(p.title.lower(), f"{p.title}\n{p.summary}".lower(), p.categories) for p in window]

    def act() -> None:
        owners: dict[str, list[int]] = {}
        for n, rule in enumerate(rules):
            for word in rule.either:
                owners.setdefault(word.strip('"').rstrip("*"), []).append(n)
        words = list(owners)
        automaton = AhoCorasick(words)
        for title, text, categories in texts:
            hit = {
                n
                for at in {m[0] for m in automaton.find_matches_as_indexes(text, overlapping=True)}
                for n in owners[words[at]]
            }
            for n in hit:
                _plainly(rules[n], title, text, categories)

    return seconds(act)


def _plainly(rule: Asked, title: str, text: str, categories: Sequence[str]) -> bool:
    """A candidate, by `in`."""
    either = any(word.strip('"').rstrip("*") in text for word in rule.either)
    also = not rule.also or rule.also.strip('"').rstrip("*") in text
    return (
        either
        and also
        and (not rule.category or rule.category in categories)
        and not (rule.without and rule.without in title)
    )


def regex_seconds(window: Sequence[Paper], rules: Sequence[Asked]) -> float:
    compiled = [(rule, *rule.regexes()) for rule in rules]
    texts = [(p.title, f"{p.title}\n{p.summary}", p.categories) for p in window]

    def one(rule: Asked, either: re.Pattern[str], also: re.Pattern[str] | None, without: re.Pattern[str] | None) -> int:
        return sum(
            (not rule.category or rule.category in categories)
            and either.search(text) is not None
            and (also is None or also.search(text) is not None)
            and (without is None or without.search(title) is None)
            for title, text, categories in texts
        )

    return seconds(lambda: [one(*row) for row in compiled])


def main() -> None:
    window = papers()
    report.add(f"{len(window)} papers indexed", median(indexed(window) for _ in range(5)), "s", aim="0.5")
    texts = [a.text() for a in asked(window, 5000, seed=99)]
    cold = seconds(lambda: [parse(text) for text in texts]) / len(texts)
    warm = median(seconds(lambda: [parse(text) for text in texts]) for _ in range(RUNS)) / len(texts)
    report.add("a rule parsed, of terms never seen", cold * 1e6, "µs")
    report.add("a rule parsed, of known terms", warm * 1e6, "µs", aim="30")
    for people in CROWDS[:-1] if report.quick else CROWDS:
        ours, rules = measured(people), list(asked(window, EACH * people))
        each = ours["seconds"] / people / EACH * 1e6
        native = native_seconds(window, rules)
        who, aim = f"{people:,} people x {EACH} rules", "4 for 100,000"
        report.add(
            f"{who}, with their lists and the index",
            ours["seconds"],
            "s",
            peer="FTS5",
            against=fts_seconds(window, rules),
            aim=aim,
        )
        report.add(
            f"{who}, with their lists and the index", ours["seconds"], "s", peer="ahocorasick_rs", against=native
        )
        if people <= 10:
            report.add(who, ours["seconds"], "s", peer="regex", against=regex_seconds(window, rules))
        report.add(f"{who}: a rule with its list", each, "µs")
        report.add(f"{who}: papers a rule", ours["found"] / people / EACH, "")
        report.add(f"{who}: memory", ours["megabytes"], "MB", aim="300 for 100,000")


if __name__ == "__main__":
    print(json.dumps(crowd(int(sys.argv[1]))))
