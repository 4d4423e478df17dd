"""The reader of PaperFlow-Bench's format, on a sample made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.paperflow import measured, ranked, read


def lines(path: Path, *rows: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8-sig")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """One reader of whales, three days of thirty papers, three of them on whales, last in the pool."""
    papers, labels = [], []
    for day in range(3):
        for n in range(30):
            number, whale = 100 * day + n, n >= 27
            text = "whales sing in the ocean" if whale else f"protein{n} folds in cell{n}"
            papers.append({"paper_id": number, "title": f"On {text}", "abstract": text, "authors": "A. Ant, B. Bee"})
            labels.append({
                "episode_id": f"u1::2026-03-0{day + 1}", "user_id": "u1", "date": f"2026-03-0{day + 1}", "paper_id": number,
                "oracle_label": "strong_relevant" if whale else "irrelevant", "selected": whale, "pool_rank": n,
            })  # fmt: skip
    lines(tmp_path / "data" / "papers.jsonl", *papers)
    lines(tmp_path / "data" / "episode_labels.jsonl", *labels[::-1])
    lines(tmp_path / "data" / "users.jsonl", {"user_id": "u1", "seeds": [{"title": "Ocean acoustics"}]})
    return tmp_path


def test_papers_episodes_and_what_is_known_of_readers_are_read(package: Path) -> None:
    bench = read(package)
    assert bench.papers["27"].authors == ("A. Ant", "B. Bee")
    assert [(e.name, e.user, len(e.candidates)) for e in bench.episodes] == [
        (f"u1::2026-03-0{d}", "u1", 30) for d in (1, 2, 3)
    ]
    assert bench.episodes[0].candidates[0].paper == "0"  # in the order of the pool
    assert bench.texts == {"u1": "u1 Ocean acoustics"}


def test_what_a_reader_selected_leads_on_the_days_after(package: Path) -> None:
    lists = ranked(bench := read(package / "data"))
    assert {len(ids) for ids in lists.values()} == {20}
    assert set(lists["u1::2026-03-02"][:3]) == {"127", "128", "129"}
    assert measured(bench, lists)["MRR@20"] == 1.0


def test_the_figures_are_those_of_the_benchmarks_own_evaluator(package: Path) -> None:
    bench = read(package)
    one = measured(bench, {"u1::2026-03-01": ["0", "27"]})  # of two days nothing: their figures are 0
    assert one["MRR@20"] == pytest.approx(1 / 2 / 3)
    assert one["Useful@5"] == pytest.approx(1 / 5 / 3)
    assert one["StrictR@20+"] == pytest.approx(1 / 3 / 3)
    assert one["gNDCG@20"] == pytest.approx(0.6309 / (1 + 0.6309 + 0.5) / 3, abs=1e-4)
