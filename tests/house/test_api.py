"""The names that others rely on: they import as DESIGN says, and the page about them runs."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from pathlib import Path

import pytest

from digestbot.model import Entry, Paper

DOCS = Path(__file__).resolve().parents[2] / "docs"
PUBLIC = {
    "digestbot.model": ("Entry", "Paper", "PartialDate"),
    "digestbot.papers": ("cluster", "clean"),
    "digestbot.rules": ("parse", "PaperIndex"),
    "digestbot.digest": ("Schedule",),
}
BLOCKS = re.findall(r"```python\n(.*?)```", (DOCS / "api.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize(("room", "names"), PUBLIC.items())
def test_every_public_name_is_given_out_by_its_room(room: str, names: tuple[str, ...]) -> None:
    given = importlib.import_module(room)
    assert set(names) <= set(given.__all__)
    assert all(getattr(given, name).__doc__ for name in names)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_of_the_page_runs(block: str) -> None:
    exec(compile(block, "docs/api.md", "exec"), {})


def test_entry_and_paper_share_the_fields_that_both_promise() -> None:
    shared = {
        "title", "summary", "authors", "categories", "published", "announced", "identifiers", "links", "signals",
    }  # fmt: skip
    assert shared <= {f.name for f in fields(Entry)} & {f.name for f in fields(Paper)}


def test_entry_and_paper_declare_their_shared_fields_alike() -> None:
    entry, paper = ({f.name: f for f in fields(kind)} for kind in (Entry, Paper))
    differing = {name for name in entry.keys() & paper.keys() if entry[name].type != paper[name].type}
    assert not differing
