"""BibTeX and CSV out, and in again."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digestbot.model import Paper, PartialDate
from digestbot.papers import cluster
from digestbot.papers.exchange.bibtex import read_bibtex
from digestbot.papers.exchange.works import entry_of
from digestbot.papers.exchange.write import COLUMNS, bibtex, key, table
from digestbot.papers.facts.assemble import Mention, assemble_paper
from digestbot.papers.text.clean import clean
from digestbot.testing.builders import paper

from digestbot.testing.builders import NOW  # isort: skip

HOSTILE = st.text(
    st.one_of(st.sampled_from(list("{}\\$%&#_^~\"'@=,-<>` \n")), st.characters(exclude_categories=["Cs"])), max_size=60
)


def again(*papers: Paper) -> list[Paper]:
    works, problems = read_bibtex(bibtex(papers))
    assert not problems
    entries = [entry_of(work) for work in works]
    return [assemble_paper([Mention(entry=e, source="library", seen=NOW)]) for e in entries if e is not None]


def test_a_paper_that_went_out_comes_in_as_the_same() -> None:
    one = paper(
        1,
        published=PartialDate("2026-11-20"),
        announced=None,
        identifiers={"arxiv": "2611.00001", "doi": "10.1000/x_(y)"},
    )
    [back] = again(one)
    for name in ("title", "summary", "authors", "published", "link", "venue", "categories", "public_id"):
        assert getattr(back, name) == getattr(one, name), name
    assert back.identifiers == one.identifiers


@given(HOSTILE, HOSTILE, st.lists(HOSTILE, max_size=4))
@example("a {", r"\}", ["and", "A and B", "a, b, c"])
@example("$x$ \\$y\\$ &amp; <b>", "@misc{x, title={y}}", ["others"])
def test_titles_and_names_of_any_kind_come_back_as_they_were(title: str, summary: str, authors: list[str]) -> None:
    one = paper(1, title=clean(title), summary=clean(summary), authors=tuple(a for x in authors if (a := clean(x))))
    [back] = again(one)
    assert (back.title, back.summary) == (one.title, one.summary)
    assert len(cluster([one, back])) == 1


@given(st.lists(HOSTILE, min_size=1, max_size=5))
def test_no_paper_is_lost_or_made_by_what_stands_in_another(titles: list[str]) -> None:
    papers = [paper(at, title=clean(title)) for at, title in enumerate(titles, 1)]
    assert [p.identifiers["arxiv"] for p in again(*papers)] == [p.identifiers["arxiv"] for p in papers]


def test_keys_are_plain_ascii_unique_and_independent_of_the_list() -> None:
    papers = [paper(n, authors=(name,)) for n, name in enumerate(("Jörg Müller", "李明", "Øre, Å.", ""), 1)]
    assert [key(p) for p in papers] == ["muller-2611.00001", "anon-2611.00002", "ore-2611.00003", "anon-2611.00004"]


def test_capitals_inside_words_are_kept_from_the_styles() -> None:
    assert "title = {{LLM} agents read {mRNA} with {GPT}-4}," in bibtex(
        [paper(title="LLM agents read mRNA with GPT-4")]
    )


def test_a_preprint_is_misc_with_its_eprint_and_a_journal_paper_an_article_with_its_doi() -> None:
    preprint = bibtex([paper()])
    assert preprint.startswith("@misc{okafor-2611.00001,\n")
    assert "  eprint = {2611.00001},\n  archivePrefix = {arXiv},\n  primaryClass = {cs.LG},\n" in preprint
    article = bibtex([paper(venue="Nature", identifiers={"doi": "10.1000/abc"})])
    assert article.startswith("@article{")
    assert "  journal = {Nature},\n" in article
    assert "  doi = {10.1000/abc},\n" in article


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    [_, row] = csv.reader(io.StringIO(table([paper(title=cell)]), newline=""))
    assert row[COLUMNS.index("title")] == f"'{cell}"


@given(st.lists(st.tuples(HOSTILE, HOSTILE), max_size=4))
def test_csv_has_one_row_a_paper_and_every_cell_as_it_was(given_papers: list[tuple[str, str]]) -> None:
    papers = [paper(at, title=title, summary=summary) for at, (title, summary) in enumerate(given_papers)]
    head, *rows = csv.reader(io.StringIO(table(papers), newline=""))
    assert tuple(head) == COLUMNS
    for one, row in zip(papers, rows, strict=True):
        assert row[COLUMNS.index("title")].removeprefix("'") == one.title.replace("\x00", "").removeprefix("'")


def test_lines_of_csv_end_as_rfc_4180_wants_them() -> None:
    text = table([paper(title='He said "yes", twice')])
    assert text.count("\r\n") == 2
    assert '"He said ""yes"", twice"' in text


def test_a_group_of_authors_stays_one_name() -> None:
    out = bibtex([paper(authors=("The ATLAS Collaboration", "Ada Lovelace"))])
    assert "author = {{The ATLAS Collaboration} and Ada Lovelace}" in out
