"""Who ranks a reader's papers best: the protocols of ../shared/evaluation/README.md, over fixed draws.

`votes`: one archive of six systematic reviews; of one topic, k relevant records are liked and 2k others disliked, and the rest
of the topic is ranked; nDCG@10. `loop`: twenty days of a twentieth of the records each, a digest of ten, the reader votes on all
ten; relevant papers shown, of those that could have been. A rule is the ten (loop: five) most frequent words of the titles.

Anchors: newest first, the number of matched words, BM25 of the same words, centroid of the liked papers' vectors (as
zotero-arxiv-daily, with words for its encoder), tf-idf and a linear SVM as arxiv-sanity-lite has them (scikit-learn:
`pip install --group benchmarks`; without it the line is left out). What the sentence encoder adds is measured where
$DIGESTBOT_CODES names a file: its codes are read from there, or made by `digestbot[encoder]` in some minutes and written there.

Diversity: the cost of keeping near-copies of what stands higher out of the first ten, as a digest does.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import math
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from statistics import fmean, median
from typing import Any

from digestbot.acts.papers.encode import text_of
from digestbot.digest.selection.apart import apart
from digestbot.encoders.local import LocalEncoder
from digestbot.model import Paper, PaperId
from digestbot.ranking.copies import NearCopies
from digestbot.ranking.meaning import Meanings, packed
from digestbot.ranking.profile import Profile, weight_of_dislikes
from digestbot.ranking.relevance import RelevanceOrder
from digestbot.ranking.vectors import Background, Vector
from digestbot.rules import PaperIndex, parse
from digestbot.rules.evaluation.suggest import EMPTY
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import folded_words

DATA = Path(__file__).resolve().parents[2] / "shared" / "evaluation" / "relevance"
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
LIKES, DRAWS, BEST = (1, 3, 10, 30), 8, 10
DAYS, BACKGROUND = 20, 2000
Scores = Sequence[float]


@dataclass(frozen=True, slots=True)
class Question:
    """What a ranker is asked: numbers of papers liked, disliked, of other topics, and to be ranked."""

    liked: list[int]
    disliked: list[int]
    background: list[int]
    rest: list[int]


class Archive:
    """All records of all topics."""

    def __init__(self) -> None:
        csv.field_size_limit(10**8)
        self.papers: list[Paper] = []
        self.topic: list[int] = []
        self.relevant: list[bool] = []
        self.names = [path.name.split(".")[0] for path in sorted(DATA.glob("*.csv.gz"))]
        for number, path in enumerate(sorted(DATA.glob("*.csv.gz"))):
            with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
                for row in csv.DictReader(file):
                    self._add(number, row)

    def _add(self, topic: int, row: dict[str, Any]) -> None:
        said = row.get("label_abstract_screening") or row.get("label_included")
        number = len(self.papers)
        paper = Paper(
            id=PaperId(number), public_id=f"{number:05}", title=row["title"] or "", summary=row["abstract"] or ""
        )
        self.papers.append(paper)
        self.topic.append(topic)
        self.relevant.append(said in ("1", "1.0"))

    def of(self, topic: int, relevant: bool | None = None) -> list[int]:
        return [n for n, t in enumerate(self.topic) if t == topic and relevant in (None, self.relevant[n])]

    @cached_property
    def words(self) -> list[tuple[list[str], list[str]]]:
        return [tuple([stem(w) for w in folded_words(text)] for text in (p.title, p.summary)) for p in self.papers]  # type: ignore[misc]  # two each

    @cached_property
    def counts(self) -> list[Counter[str]]:
        return [Counter([*title, *summary]) for title, summary in self.words]

    @cached_property
    def having(self) -> Counter[str]:
        return Counter(word for counts in self.counts for word in counts)

    @cached_property
    def length(self) -> float:
        return fmean(counts.total() for counts in self.counts)

    @cached_property
    def background(self) -> Background:
        return Background(self.papers)

    @cached_property
    def vectors(self) -> list[Vector]:
        return [self.background.vector(paper) for paper in self.papers]

    @cached_property
    def copies(self) -> NearCopies:
        return NearCopies(lambda paper: self.vectors[paper.stored_id], self.background.rarity)

    @cached_property
    def index(self) -> PaperIndex:
        return PaperIndex(self.papers)

    def rule_of(self, papers: Iterable[int], words: int) -> list[str]:
        """The most frequent title words of these papers."""
        empty = {stem(word) for word in EMPTY}
        found = Counter(w for n in papers for w in set(self.words[n][0]) if len(w) > 1 and w not in empty)
        return [w for w, _ in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:words]]

    def weights(self, words: Sequence[str]) -> dict[int, float]:
        """The weights of a rule of these words, as a digest has them."""
        rule = parse(" OR ".join(f'"{word}"' for word in words))
        return dict(self.index.scores(rule, self.index.bits(rule)))


# --- rankers -------------------------------------------------------------------------------------------------------


def newest(a: Archive, q: Question) -> Scores:
    return [float(n) for n in q.rest]


def matched_words(a: Archive, q: Question) -> Scores:
    rule = a.rule_of(q.liked, 10)
    return [float(sum(word in a.counts[n] for word in rule)) for n in q.rest]


def bm25(a: Archive, q: Question, k1: float = 1.2, b: float = 0.75) -> Scores:
    """Title and abstract as one text."""
    rule, total = a.rule_of(q.liked, 10), len(a.papers)
    idf = {w: math.log(1 + (total - a.having[w] + 0.5) / (a.having[w] + 0.5)) for w in rule}

    def score(counts: Counter[str]) -> float:
        length = k1 * (1 - b + b * counts.total() / a.length)
        return sum(idf[w] * counts[w] * (k1 + 1) / (counts[w] + length) for w in rule)

    return [score(a.counts[n]) for n in q.rest]


def our_words(a: Archive, q: Question) -> Scores:
    weights = a.weights(a.rule_of(q.liked, 10))
    return [weights.get(n, 0.0) for n in q.rest]


def centroid(a: Archive, q: Question) -> Scores:
    mean: Counter[int] = Counter()
    for n in q.liked:
        for feature, value in zip(a.vectors[n].features, a.vectors[n].values, strict=True):
            mean[feature] += value  # type: ignore[assignment]  # a float
    return [sum(v * mean[f] for f, v in zip(a.vectors[n].features, a.vectors[n].values, strict=True)) for n in q.rest]


def our_model(a: Archive, q: Question) -> Scores:
    votes = [(a.vectors[n], 1) for n in q.liked] + [(a.vectors[n], -1) for n in q.disliked]
    return Profile.of_vectors(votes, a.background).score_vectors(a.vectors[n] for n in q.rest)


def our_whole(a: Archive, q: Question) -> Scores:
    """Rule of the liked papers' words and model, blended as in a digest."""
    votes = [(a.vectors[n], 1) for n in q.liked] + [(a.vectors[n], -1) for n in q.disliked]
    return _blended(a, q.rest, a.weights(a.rule_of(q.liked, 10)), Profile.of_vectors(votes, a.background))


def our_meaning(codes: dict[PaperId, bytes]) -> Callable[[Archive, Question], Scores]:
    """Words, and the sentence encoder's meaning, as in a digest with [encoder]; the rule beside them."""
    sample = random.Random("sample").sample(sorted(codes), 300)
    meanings = Meanings(codes, sample)

    def rank(a: Archive, q: Question) -> Scores:
        votes = [(a.vectors[n], 1) for n in q.liked] + [(a.vectors[n], -1) for n in q.disliked]
        up, down = ([codes[PaperId(n)] for n in some] for some in (q.liked, q.disliked))
        meaning = meanings.fitted(up, down, weight_of_dislikes(len(down)))
        assert meaning is not None
        profile = Profile.of_vectors(votes, a.background).meaning(meaning.liked, meaning.others)
        values = meaning.of([PaperId(n) for n in q.rest])
        return _blended(a, q.rest, a.weights(a.rule_of(q.liked, 10)), profile, values)

    return rank


def codes_of(a: Archive, file: Path) -> dict[PaperId, bytes]:
    """The codes of all records: from the file, or made now and written there."""
    if not file.exists():
        encoder, texts = LocalEncoder(), [text_of(paper) for paper in a.papers]
        rows = []
        for at in range(0, len(texts), 64):
            made = asyncio.run(encoder.encode(texts[at : at + 64]))
            if made.error:
                raise SystemExit(f"  {made.error}")
            rows += [packed(vector).hex() for vector in made.vectors]
        file.write_text("\n".join(rows) + "\n", encoding="ascii")
    lines = file.read_text(encoding="ascii").split()
    return {PaperId(n): bytes.fromhex(line) for n, line in enumerate(lines)}


def kept_apart(rank: Callable[[Archive, Question], Scores]) -> Callable[[Archive, Question], Scores]:
    """The same order with what a digest puts below, near-copies of what stands higher, behind all others."""

    def ranked(a: Archive, q: Question) -> Scores:
        scores = rank(a, q)
        best = sorted(range(len(q.rest)), key=lambda at: -scores[at])
        cards = apart([(a.papers[q.rest[at]], scores[at]) for at in best], BEST, a.copies.of).cards
        first = frozenset(cards)
        order = [*(best[at] for at in cards), *(one for at, one in enumerate(best) if at not in first)]
        places = {at: place for place, at in enumerate(order)}
        return [-float(places[at]) for at in range(len(q.rest))]

    return ranked


def _blended(
    a: Archive, rest: Sequence[int], weights: dict[int, float], profile: Profile | None, meanings: Scores = ()
) -> list[float]:
    matched = [(at, weights.get(n, 0.0)) for at, n in enumerate(rest)]
    own = dict(enumerate(profile.score_vectors([a.vectors[n] for n in rest], meanings))) if profile else None
    order = RelevanceOrder([a.papers[n] for n in rest], NOW)
    scores = dict(order.best_first(matched, own, profile.trust if profile else 0.0))
    return [scores[at] for at in range(len(rest))]


def sanity(a: Archive) -> Callable[[Archive, Question], Scores] | None:
    """arxiv-sanity-lite's features and model; None without scikit-learn."""
    try:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.svm import LinearSVC
    except ImportError:
        return None
    made = TfidfVectorizer(  # its compute.py
        strip_accents="unicode", lowercase=True, analyzer="word", stop_words="english", ngram_range=(1, 2), max_features=20_000,
        token_pattern=r"(?u)\b[a-zA-Z_][a-zA-Z0-9_]+\b", norm="l2", use_idf=True, smooth_idf=True, sublinear_tf=True, max_df=0.1, min_df=5,
    )  # fmt: skip
    rows = made.fit_transform([f"{p.title} {p.summary}" for p in a.papers])

    def svm(a: Archive, q: Question) -> Scores:
        others = q.disliked + q.background
        model = LinearSVC(
            class_weight="balanced", max_iter=10_000, tol=1e-6, C=0.01
        )  # its serve.py: all that is not liked
        model.fit(rows[q.liked + others], [1] * len(q.liked) + [0] * len(others))
        return list(model.decision_function(rows[q.rest]))

    return svm


# --- protocols -----------------------------------------------------------------------------------------------------


def ndcg(scores: Scores, relevant: Sequence[bool]) -> float:
    order = sorted(range(len(scores)), key=lambda at: -scores[at])[:BEST]
    gained = sum(relevant[at] / math.log2(place + 2) for place, at in enumerate(order))
    ideal = sum(1 / math.log2(place + 2) for place in range(min(BEST, sum(relevant))))
    return gained / ideal if ideal else 0.0


def votes(a: Archive, rank: Callable[[Archive, Question], Scores]) -> list[float]:
    """The learning curve."""
    curve = []
    for k in LIKES:
        found = []
        for topic in range(len(a.names)):
            liked, others, foreign = (
                a.of(topic, True),
                a.of(topic, False),
                [n for n, t in enumerate(a.topic) if t != topic],
            )
            for at in range(DRAWS):
                draw = random.Random(f"{topic}/{k}/{at}")
                up, down = draw.sample(liked, min(k, len(liked))), draw.sample(others, min(2 * k, len(others)))
                seen = {*up, *down}
                rest = [n for n in a.of(topic) if n not in seen]
                asked = Question(up, down, draw.sample(foreign, BACKGROUND), rest)
                found.append(ndcg(rank(a, asked), [a.relevant[n] for n in rest]))
        curve.append(fmean(found))
    return curve


def loop(a: Archive, learns: bool) -> float:
    """Twenty days of digests, from a rule of five title words."""
    figures = []
    for topic in range(len(a.names)):
        weights = a.weights(a.rule_of(a.of(topic, True), 5))
        for at in range(DRAWS):
            papers = a.of(topic)
            random.Random(f"loop {topic}/{at}").shuffle(papers)
            size, cast, shown, could = math.ceil(len(papers) / DAYS), list[tuple[Vector, int]](), 0, 0
            for day in range(0, len(papers), size):
                today = papers[day : day + size]
                profile = Profile.of_vectors(cast, a.background) if cast and learns else None
                scores = _blended(a, today, weights, profile)
                digest = sorted(range(len(today)), key=lambda n: -scores[n])[:BEST]
                could += min(BEST, sum(a.relevant[n] for n in today))
                shown += sum(a.relevant[today[n]] for n in digest)
                cast += [(a.vectors[today[n]], 1 if a.relevant[today[n]] else -1) for n in digest]
            figures.append(shown / could)
    return fmean(figures)


def costs(a: Archive) -> str:
    """Of a refit after ninety votes, of a paper's vector and of its score; processor seconds."""
    liked, other = a.of(0, True)[:30], a.of(0, False)[:60]
    cast = [(a.vectors[n], 1) for n in liked] + [(a.vectors[n], -1) for n in other]
    profile = Profile.of_vectors(cast, a.background)
    refit = median(_seconds(lambda: Profile.of_vectors(cast, a.background)) for _ in range(9))
    scored = median(_seconds(lambda: profile.score_vectors(a.vectors)) for _ in range(5)) / len(a.vectors)
    some = a.papers[:500]
    vector = median(_seconds(lambda: [a.background.vector(p) for p in some]) for _ in range(3)) / len(some)
    heavy = sorted({"numpy", "scipy"} & sys.modules.keys())
    return (
        f"  refit on 90 votes {refit * 1e3:.1f} ms (limit 20), score {scored * 1e6:.1f} µs a paper (aim 1),"
        f" vector {vector * 1e6:.0f} µs a paper{f'; loaded: {heavy}' if heavy else ''}"
    )


def _seconds(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _compare(curves: dict[str, list[float]]) -> None:
    """How a digest's order stands to the anchors, over the same draws; what the encoder gains, what diversity costs."""
    whole = curves["ours: both, as in a digest"]
    best = [
        max(column) for column in zip(*(c for name, c in curves.items() if not name.startswith("ours")), strict=True)
    ]
    for what, other in (
        ("to the best anchor (aim -.010 or more)", best), ("to tf-idf and linear SVM (aim +.050)", curves.get("tf-idf and linear SVM")),
        ("without the encoder to with it", curves.get("ours: both, with the encoder")),
        ("near-copies together to apart", curves.get("ours: both, near-copies apart")),
    ):  # fmt: skip
        if other is not None:
            steps = [ours - its for ours, its in zip(whole, other, strict=True)]
            print(f"  {what}: {'  '.join(f'{step:+.3f}' for step in steps)}, mean {fmean(steps):+.3f}")


def main() -> None:
    if not DATA.is_dir():
        print(f"  no data in {DATA}")
        return
    archive = Archive()
    print(costs(archive))
    rankers: dict[str, Callable[[Archive, Question], Scores] | None] = {
        "newest first": newest, "number of matched words": matched_words, "BM25 of the same words": bm25,
        "tf-idf and linear SVM": sanity(archive), "centroid of the liked": centroid, "ours: the rule's words": our_words,
        "ours: the model": our_model, "ours: both, as in a digest": our_whole,
    }  # fmt: skip
    if file := os.environ.get("DIGESTBOT_CODES", ""):
        rankers["ours: both, with the encoder"] = our_meaning(codes_of(archive, Path(file)))
    rankers["ours: both, near-copies apart"] = kept_apart(our_whole)
    print(f"  {'nDCG@10 after likes:':<30}{'  '.join(f'{k:>5}' for k in LIKES)}")
    curves = {}
    for name, rank in rankers.items():
        if rank is not None:
            curves[name] = votes(archive, rank)
            print(f"  {name:<30}{'  '.join(f'{value:5.3f}' for value in curves[name])}", flush=True)
    _compare(curves)
    print(f"  loop: rule only {loop(archive, False):.3f}, with the model {loop(archive, True):.3f}   (aim .67)")
