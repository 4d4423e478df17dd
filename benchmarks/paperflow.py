"""PaperFlow-Bench, for who has it: 24 simulated readers, 50 days, the best twenty papers of each day.

Give its folder as $DIGESTBOT_PAPERFLOW: a checkout of the Hugging Face data set OpenRaiser/PaperFlow, or the folder `data` in it. Read
are `papers.jsonl` (paper_id, title, abstract, authors, publish_date), `episode_labels.jsonl` (episode_id, user_id, date, paper_id,
oracle_label, selected, pool_rank) and `users.jsonl`, as https://github.com/OpenRaiser/PaperFlow/blob/main/docs/benchmark.md describes
the first two. The fields of a user are not described there: every text in a user's row counts as words of their rule.

Day by day the reader's papers are ranked by rule and model as in a digest; what the reader selected among our twenty is a vote for
the days after, what they passed over is none. The figures are those of its own evaluator, which takes the file that is written
to $DIGESTBOT_PAPERFLOW_OUT too: pseudo-oracle labels are simulated, and no human's word.
"""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from digestbot.model import Paper, PaperId
from digestbot.ranking.profile import Profile
from digestbot.ranking.relevance import RelevanceOrder
from digestbot.ranking.vectors import Background, Vector
from digestbot.rules import PaperIndex, parse
from digestbot.rules.evaluation.suggest import EMPTY
from digestbot.rules.words.tokenizer import folded_words

BEST = 20
GAIN = {"strong_relevant": 2.0, "relevant": 1.0, "weak_relevant": 0.5}
STRICT = ("strong_relevant", "relevant")
WORDS = 20  #: of a rule
METRICS = ("gNDCG@20", "Useful@5", "Useful@20", "StrictR@20+", "MRR@20")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of one reader's day, in the order of the day's pool."""

    paper: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Episode:
    """One reader's day."""

    name: str
    user: str
    date: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Bench:
    """All of it."""

    papers: Mapping[str, Paper]
    episodes: Sequence[Episode]  #: by date
    texts: Mapping[str, str]  #: what is known of each reader beforehand


def read(folder: Path) -> Bench:
    """Reads the package, or its folder `data`. Raises FileNotFoundError."""
    data = folder / "data" if (folder / "data").is_dir() else folder
    papers = {str(row["paper_id"]): _paper(n, row) for n, row in enumerate(_rows(data / "papers.jsonl"), 1)}
    days: dict[str, list[tuple[float, Candidate, str, str]]] = {}
    for row in _rows(data / "episode_labels.jsonl"):
        one = Candidate(str(row["paper_id"]), str(row.get("oracle_label") or "irrelevant"), bool(row.get("selected")))
        if one.paper in papers:
            rank = row.get("pool_rank")
            placed = (math.inf if rank is None else float(rank), one, str(row["user_id"]), str(row["date"]))
            days.setdefault(str(row["episode_id"]), []).append(placed)
    episodes = [
        Episode(name, rows[0][2], rows[0][3], tuple(one for _, one, _, _ in sorted(rows, key=lambda row: row[0])))
        for name, rows in days.items()
    ]
    users = data / "users.jsonl"
    texts = (
        {str(row.get("user_id") or row.get("id")): " ".join(_texts(row)) for row in _rows(users)}
        if users.is_file()
        else {}
    )
    return Bench(papers, sorted(episodes, key=lambda episode: (episode.date, episode.name)), texts)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig") as file:
        yield from (json.loads(line) for line in file if line.strip())


def _paper(number: int, row: Mapping[str, Any]) -> Paper:
    given = row.get("authors") or ()
    authors = [name.strip() for name in given.split(",")] if isinstance(given, str) else map(str, given)
    return Paper(
        id=PaperId(number), public_id=f"{number:06}", title=row.get("title") or "", summary=row.get("abstract") or "",
        authors=tuple(authors),
    )  # fmt: skip


def _texts(value: Any) -> Iterator[str]:
    """Every text within a value; keys are none."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def ranked(bench: Bench) -> dict[str, list[str]]:
    """The twenty papers of each episode, best first, each reader learning from what they selected on the days before."""
    background = Background(list(bench.papers.values())[:2000])
    vectors: dict[str, Vector] = {}
    votes: dict[str, list[tuple[Vector, int]]] = {}
    found = {}
    for episode in bench.episodes:
        names = [one.paper for one in episode.candidates]
        for name in names:
            vectors.setdefault(name, background.vector(bench.papers[name]))
        cast = votes.setdefault(episode.user, [])
        profile = Profile.of_vectors(cast, background) if cast else None
        papers = [bench.papers[name] for name in names]
        weights = _weights(papers, bench.texts.get(episode.user, ""))
        own = dict(enumerate(profile.score_vectors(vectors[name] for name in names))) if profile else None
        order = RelevanceOrder(papers, datetime.fromisoformat(episode.date).replace(tzinfo=UTC)).best_first(
            [(n, weights.get(n, 0.0)) for n in range(len(names))], own, profile.trust if profile else 0.0, fresh=False
        )
        found[episode.name] = [names[n] for n, _ in order[:BEST]]
        selected = {one.paper for one in episode.candidates if one.selected}
        cast += [(vectors[name], 1) for name in found[episode.name] if name in selected]
    return found


def _weights(papers: Sequence[Paper], text: str) -> dict[int, float]:
    words = [
        word for word, _ in Counter(w for w in folded_words(text) if len(w) > 2 and w not in EMPTY).most_common(WORDS)
    ]
    if not words:
        return {}
    index, rule = PaperIndex(papers), parse(" OR ".join(f'"{word}"' for word in words))
    return dict(index.scores(rule, index.bits(rule)))


def measured(bench: Bench, lists: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """The means of the evaluator's figures over all episodes."""
    rows: dict[str, list[float]] = {name: [] for name in METRICS}
    for episode in bench.episodes:
        labels = {one.paper: one.label for one in episode.candidates}
        shown = [labels.get(name, "") for name in lists.get(episode.name, ())[:BEST]]
        gains, strict = [GAIN.get(label, 0.0) for label in shown], sum(label in STRICT for label in labels.values())
        ideal = sorted((GAIN.get(label, 0.0) for label in labels.values()), reverse=True)[:BEST]
        rows["gNDCG@20"].append(_dcg(gains) / _dcg(ideal) if any(ideal) else 0.0)
        rows["Useful@5"].append(sum(gain > 0 for gain in gains[:5]) / 5)
        rows["Useful@20"].append(sum(gain > 0 for gain in gains) / BEST)
        rows["MRR@20"].append(next((1 / place for place, gain in enumerate(gains, 1) if gain > 0), 0.0))
        if strict:
            rows["StrictR@20+"].append(sum(label in STRICT for label in shown) / strict)
    return {name: fmean(values) if values else 0.0 for name, values in rows.items()}


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gains, 1))


def main() -> None:
    folder = os.environ.get("DIGESTBOT_PAPERFLOW", "")
    if not folder:
        print("  no data: $DIGESTBOT_PAPERFLOW names no folder of PaperFlow-Bench")
        return
    bench = read(Path(folder))
    pool = {episode.name: [one.paper for one in episode.candidates[:BEST]] for episode in bench.episodes}
    lists = ranked(bench)
    for what, some in (("the pool's own order", pool), ("ours", lists)):
        figures = measured(bench, some)
        print(f"  {what:<22}" + "  ".join(f"{name} {figures[name]:.3f}" for name in METRICS))
    if out := os.environ.get("DIGESTBOT_PAPERFLOW_OUT", ""):
        lines = [json.dumps({"episode_id": name, "paper_ids": ids}) for name, ids in lists.items()]
        Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
