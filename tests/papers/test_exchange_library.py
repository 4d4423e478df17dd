"""Libraries of papers, as reference managers write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from cost import Cost
from hypothesis import given
from hypothesis import strategies as st

from digestbot.model import Entry
from digestbot.papers.exchange.bibtex import read_bibtex
from digestbot.papers.exchange.ris import read_ris
from digestbot.papers.exchange.works import decoded, entry_of

ZOTERO = r"""
@misc{okafor_sparse_2026,
	title = {Sparse {Attention} at 50\% of the {Cost}},
	url = {http://arxiv.org/abs/2611.00001},
	doi = {10.48550/arXiv.2611.00001},
	author = {Okafor, Ines and Müller, Jörg and {The ATLAS Collaboration}},
	month = nov,
	year = {2026},
	note = {arXiv:2611.00001 [cs]},
}"""
MENDELEY = r"""
@article{Okafor2026,
abstract = {We read {\textless}i{\textgreater}less{\textless}/i{\textgreater}.},
archivePrefix = {arXiv},
arxivId = {2611.00001},
author = {Okafor, Ines and M{\"{u}}ller, J{\"{o}}rg},
eprint = {2611.00001},
title = {{Sparse Attention at 50{\%} of the Cost}},
url = {http://arxiv.org/abs/2611.00001},
year = {2026}
}"""
SCHOLAR = """
@article{okafor2026sparse,
  title={Sparse Attention at 50\\% of the Cost},
  author={Okafor, Ines and M{\\"u}ller, J{\\"o}rg and others},
  journal={arXiv preprint arXiv:2611.00001},
  year={2026}
}"""
DBLP = """
@article{DBLP:journals/corr/abs-2611-00001,
  author       = {Ines Okafor and
                  J{\\"{o}}rg M{\\"{u}}ller},
  title        = {Sparse Attention at 50{\\%} of the Cost},
  journal      = {CoRR},
  volume       = {abs/2611.00001},
  year         = {2026},
  eprinttype    = {arXiv},
  eprint       = {2611.00001},
  timestamp    = {Mon, 23 Nov 2026 10:00:00 +0100},
  bibsource    = {dblp computer science bibliography, https://dblp.org}
}"""
ADS = r"""
@ARTICLE{2026arXiv261100001O,
       author = {{Okafor}, Ines and {M{\"u}ller}, J{\"o}rg},
        title = "{Sparse Attention at 50\% of the Cost}",
      journal = {arXiv e-prints},
         year = 2026,
        month = nov,
          eid = {arXiv:2611.00001},
archivePrefix = {arXiv},
       eprint = {2611.00001},
 primaryClass = {cs.LG},
       adsurl = {https://ui.adsabs.harvard.edu/abs/2026arXiv261100001O},
}"""
ARXIV = r"""
@misc{okafor2026sparseattention,
      title={Sparse Attention at 50\% of the Cost},
      author={Ines Okafor and Jörg Müller},
      year={2026},
      eprint={2611.00001},
      archivePrefix={arXiv},
      primaryClass={cs.LG},
      url={https://arxiv.org/abs/2611.00001},
}"""


def entry(text: str) -> Entry:
    works, problems = read_bibtex(text)
    made = entry_of(works[0])
    assert not problems
    assert made is not None
    return made


@pytest.mark.parametrize("text", [ZOTERO, MENDELEY, SCHOLAR, DBLP, ADS, ARXIV])
def test_one_paper_in_six_dialects_is_one_paper(text: str) -> None:
    read = entry(text)
    assert read.title == "Sparse Attention at 50% of the Cost"
    assert read.authors[:2] == ("Ines Okafor", "Jörg Müller")
    assert read.identifiers["arxiv"] == "2611.00001"
    assert read.native_key == "arxiv:2611.00001"
    assert read.published is not None
    assert read.published.text[:4] == "2026"
    assert read.venue == ""


def test_a_group_is_one_author_and_others_are_nobody() -> None:
    assert entry(ZOTERO).authors[2:] == ("The ATLAS Collaboration",)
    assert len(entry(SCHOLAR).authors) == 2


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"{\'E}cole {\o}re \v{S}koda \c{C}elik na{\"\i}ve", "École øre Škoda Çelik naïve"),
        (r"{MLP}s for {$\alpha$}-{Fe}", "MLPs for α-Fe"),
        (r"Profit \& loss at \$5 and \$10, file\_name \#1 50\%", "Profit & loss at $5 and $10, file_name #1 50%"),
        (r"``Quoted'' words---and a dash", "“Quoted” words—and a dash"),
        ("Two\n    lines  {and}  more", "Two lines and more"),
    ],
)
def test_accents_braces_and_escapes_are_read(written: str, read: str) -> None:
    from digestbot.papers.text.clean import clean

    assert clean(entry(f"@misc{{k, title = {{{written}}}}}").title) == read


def test_strings_are_joined_and_months_known() -> None:
    read = entry(
        '@string(j = "Journal of " # "Things")\n@article{k, title="T {"}x{"}", journal=j, date = 2026-11-23, month=11}'
    )
    assert (read.venue, str(read.published), read.title) == ("Journal of Things", "2026-11-23", 'T "x"')


def test_a_paper_takes_its_venue_and_year_from_its_proceedings() -> None:
    works, _ = read_bibtex(
        "@inproceedings{a, title={A B}, crossref={P}}\n@proceedings{p, title={Proc. of X}, year=2020}"
    )
    read = entry_of(works[0])
    assert read is not None
    assert (read.venue, str(read.published)) == ("Proc. of X", "2020")


def test_an_entry_without_its_end_costs_no_other_one_and_keeps_what_was_read() -> None:
    works, problems = read_bibtex(
        "@article{a, title = {One}, year = {2020},\n@article{b, title = {Two\n@misc{c, title={Three}}"
    )
    assert [w.fields.get("title") for w in works] == ["One", "Three"]
    assert [p.where for p in problems] == ["line 1", "line 2"]


def test_a_comment_may_hold_an_entry() -> None:
    works, problems = read_bibtex(
        "@comment{jabref-meta: x;}\n% remark\n@Comment @misc{a, title={A}}\n@misc{b, title={B}}"
    )
    assert ([w.key for w in works], problems) == (["b"], [])


def test_other_archives_have_other_numbers() -> None:
    works, _ = read_bibtex("@misc{a, title={A B C}, eprinttype={hal}, eprint={2611.00001}}")
    made = entry_of(works[0])
    assert made is not None
    assert "arxiv" not in made.identifiers


@pytest.mark.parametrize(
    "note",
    ["Comment on arXiv:2611.00001", "Comment: Extended version of arXiv:2611.00001, 12 pages", "A reply to PMID: 31000001",
     "Its data: see arXiv:2611.00001", "Publisher: Lakes; cites PMID: 31000001", "Publisher: A reply to arXiv:2611.00001"],
)  # fmt: skip
def test_what_a_note_speaks_of_is_another_work(note: str) -> None:
    assert entry(f"@article{{a, title={{A}}, doi={{10.1000/own}}, note={{{note}}}}}").identifiers == {
        "doi": "10.1000/own"
    }


@pytest.mark.parametrize(
    ("note", "expected"),
    [("arXiv:2611.00001 [cs]", {"arxiv": "2611.00001"}), ("12 pages, 5 figures, arXiv:2611.00001", {"arxiv": "2611.00001"}),
     ("Preprint at https://arxiv.org/abs/2611.00001", {"arxiv": "2611.00001"}), ("DOI: https://doi.org/10.5555/a; PMID: 31000001", {"pmid": "31000001"}), ("PMID: 31000001", {"pmid": "31000001"}),
     ("PMID: 31000001; cites arXiv:2611.00002", {"pmid": "31000001"}), ("Publisher: Lakes and Rivers PMID: 31000001", {"pmid": "31000001"}),
     ("Number: 5 Publisher: Lakes PMCID: PMC7000001 PMID: 31000001", {"pmid": "31000001"})],
)  # fmt: skip
def test_a_note_that_begins_with_an_id_gives_the_works_own(note: str, expected: dict[str, str]) -> None:
    assert entry(f"@article{{a, title={{A}}, note={{{note}}}}}").identifiers == expected


def test_pubmed_is_an_archive_of_eprints() -> None:
    read = entry("@article{a, title={A}, eprint={31000001}, eprinttype={pubmed}, pmcid={PMC7000001}}")
    assert read.identifiers == {"pmid": "31000001", "pmcid": "PMC7000001"}


@pytest.mark.parametrize(
    ("written", "read"),
    [(r"{\apj}", "Astrophysical Journal"), (r"{{\mnras}}", "Monthly Notices of the Royal Astronomical Society"),
     (r'"\prd"', "Physical Review D"), (r"{Lakes \& Rivers}", "Lakes & Rivers"), (r"{\lake}", "lake")],
)  # fmt: skip
def test_a_journals_macro_has_its_name(written: str, read: str) -> None:
    assert entry(f"@article{{a, title={{A}}, journal = {written}}}").venue == read


def test_a_journal_paper_has_its_doi_and_its_preprint() -> None:
    read = entry("@article{a, title={A}, doi={https://doi.org/10.1000/ABC}, eprint={math/0309136}, journal={Nature}}")
    assert dict(read.identifiers) == {"doi": "10.1000/abc", "arxiv": "math/0309136"}


@given(st.text(alphabet=st.sampled_from(list('@{}(),="# \n\\ab1')), max_size=200))
def test_nothing_makes_the_reader_fail(text: str) -> None:
    for tried in (text, "@a{b, title = " + text, "@a{b, title = {" + text + "}}\n@misc{k, title={T}}"):
        works, _ = read_bibtex(tried)
        for work in works:
            entry_of(work)


@pytest.mark.parametrize("text", ["@a{b,c={", "\n@a{b,c={", "{", '@a{b,c="', "@a{b={c},", "@a{b, author={x and "])
def test_hostile_libraries_take_no_time(text: str) -> None:
    with Cost() as cost:
        read_bibtex(text * (300_000 // len(text)))
    assert cost.seconds < 3


def test_a_ris_record_is_an_entry() -> None:
    works, problems = read_ris(
        "\ufeffTY  - JOUR\r\nAU  - Okafor, Ines\r\nA1  - Müller, J.\r\nTI  - Sparse attention\r\n  at 50% {cost}\r\n"
        "DA  - 2026/11/23/\r\nDO  - 10.1000/ABC\r\nJF  - Nature\r\nER  - \r\n\r\nTY  - BOOK\r\nN1  - x\r\n"
    )
    read = entry_of(works[0])
    assert read is not None
    assert (read.title, read.authors) == ("Sparse attention at 50% {cost}", ("Ines Okafor", "J. Müller"))
    assert (str(read.published), read.identifiers["doi"], read.venue) == ("2026-11-23", "10.1000/abc", "Nature")
    assert [p.what for p in problems] == ["a record without a title, an author or a DOI"]


def test_bytes_say_in_which_letters_they_are() -> None:
    for data in ("Ü".encode(), "Ü".encode("utf-8-sig"), "Ü".encode("utf-16"), "Ü".encode("cp1252")):
        assert decoded(data) == "Ü"
    assert decoded("@misc{a, title = {Ü}}".encode("utf-16-be")) == "@misc{a, title = {Ü}}"


def test_every_real_library_is_read(shared_data: Path) -> None:
    """Of 70 BibTeX files one entry is broken in itself: it stays, with what stands before the place."""
    broken = works_read = 0
    for path in sorted((shared_data / "bibliography").rglob("*.bib")):
        works, problems = read_bibtex(decoded(path.read_bytes()))
        broken, works_read = broken + len(problems), works_read + len(works)
    assert (broken, works_read) == (1, 135)
    for path in sorted((shared_data / "bibliography").rglob("*.ris")):
        works, _ = read_ris(decoded(path.read_bytes()))
        assert works, path
        assert all(entry_of(work) for work in works), path
