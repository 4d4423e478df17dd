"""Thousands of real and hostile documents, and a dozen feeds whose bytes a person read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from cost import Cost
from sizes import size

from digestbot.acts.intake.parse_reply import parse_reply
from digestbot.acts.intake.try_source import Inspected, inspect
from digestbot.cli import terminal
from digestbot.cli.setup.try_source import try_json
from digestbot.model import ReadStatus
from digestbot.plugins import SOURCES, Kinds
from digestbot.transport.file import read_file

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
LONGEST = 10.0  #: seconds for one document
PARTS = 12  #: of the corpora; the usual run reads every twelfth document


def read(path: Path) -> Inspected:
    return inspect(str(path), read_file(path, NOW), Kinds(SOURCES), now=NOW, parse=parse_reply)


def fault(path: Path) -> str:
    """What is wrong with how a file is read; "" when nothing is."""
    try:
        with Cost() as cost:
            seen = read(path)
            written = json.loads(terminal.as_json(try_json(seen)))
    except Exception as error:  # whatever it is, it is the failure to be told of, beside all others
        return f"{type(error).__name__}: {error}"
    if cost.seconds > LONGEST:
        return f"took {cost.seconds:.0f} s"
    if len(written["entries"]) != len(seen.result.entries):
        return "entries were lost on the way to JSON"
    failed = seen.status in (ReadStatus.UNREADABLE, ReadStatus.PARTIAL)
    return "" if bool(seen.problems) == failed else f"{seen.status} with {len(seen.problems)} problems"


@pytest.mark.slow
@pytest.mark.parametrize("part", range(size(1, full=PARTS)))
def test_every_document_of_the_corpora_is_read_or_refused_with_a_reason_and_in_time(
    shared_data: Path, part: int
) -> None:
    paths = sorted(path for path in shared_data.rglob("*") if path.is_file())
    assert len(paths) > 4000
    tried = paths[part::PARTS]
    faults = {str(path.relative_to(shared_data)): said for path in tried if (said := fault(path))}
    assert not faults


class Feed(NamedTuple):
    """What stands in the bytes: how many entries, and the first one."""

    path: str
    kind: str
    entries: int
    title: str
    link: str
    date: str
    authors: list[str]


BIO = "http://biorxiv.org/cgi/content/short/743294v1?rss=1"
FEEDS = [
    Feed("bio.rdf", "feed", 30,
         "Wheat inositol pyrophosphate kinase (TaVIH2-3B) interacts with Fasciclin-like arabinogalactan (FLA6) protein and alters "
         "the plant cell-wall composition", BIO, "2019-08-27",
         ["M. Kaur", "A. Shukla", "S. Kanwar", "V. Shukla", "G. Kaur", "S. Sharma", "A. Kumar", "S. Aggarwal", "K. K. Bhati",
          "P. Pandey", "K. Mazumder", "V. Rishi", "A. K. Pandey"]),
    Feed("ATel_rss.xml", "feed", 50, "GMRT observations of the recurrent nova V3890 Sagittarii", "http://www.astronomerstelegram.org/?read=13092",
         "2019-09-09T09:57:14Z", ["M. Pavana", "Nirupam Roy", "G. C. Anupama", "K. P. Singh", "V. Girish"]),
    Feed("rss-1.rss", "feed", 69, "Food for fungi", "http://science.sciencemag.org/cgi/content/short/356/6343/1134-a?rss=1", "2017-06-16",
         ["P. J. Hines"]),
    Feed("iacr_rss.xml", "feed", 3, "SoK: Offline Finding Protocols for Lightweight Location Tracking", "https://eprint.iacr.org/2026/488",
         "2026-03-09T09:05:50Z", ["Akshaya Kumar", "Carolina Ortega Pérez", "Joseph Jaeger", "Thomas Ristenpart", "Michael A. Specter"]),
    Feed("joss_atom.xml", "feed", 1, "bayestestR: Describing Effects and their Uncertainty, Existence and Significance within the Bayesian Framework",
         "https://joss.theoj.org/papers/1d180e6004a0dd1e6b235eb24fe66276", "2019-06-30T00:45:42Z",
         ["Dominique Makowski", "Mattan S. Ben-Shachar", "Daniel Lüdecke"]),
    Feed("arxiv_feed.xml", "arxiv", 2, "GLACIER and related R&D", "https://arxiv.org/abs/1107.0825", "2011-07-05T09:17:46Z", ["Alessandro Curioni"]),
    Feed("arxiv_transformer.xml", "arxiv", 5, "Mana: Dexterous Manipulation of Articulated Tools", "https://arxiv.org/abs/2606.13677",
         "2026-06-11T17:59:49Z", ["Zhao-Heng Yin", "Guanya Shi", "Pieter Abbeel", "C. Karen Liu"]),
    Feed("hf_daily_papers.json", "huggingface", 30,
         "On the Limits of LLM Adaptability: Impact of Model-Internalized Priors on Annotation Task Performance",
         "https://huggingface.co/papers/2606.00467", "2026-05-30T00:00:00Z", ["Etienne Casanova", "Rafal Kocielnik", "R. Michael Alvarez"]),
    Feed("DaringFireball.json", "feed", 48, "The Talk Show: ‘I Do Like Throwing a Baby’",
         "https://daringfireball.net/linked/2017/06/26/the-talk-show-195", "2017-06-27T00:54:17Z", ["John Gruber"]),
    Feed("rss_0.91.xml", "feed", 6, "Giving the world a pluggable Gnutella", "http://writetheweb.com/read.php?item=24", "", []),
    Feed("encoding_WINDOWS-1251.xml", "feed", 50, "Цитата #17703", "http://ibash.org.ru/quote.php?id=17703", "2018-03-21T07:27:32Z", []),
    Feed("utf16_encoded.xml", "feed", 1, "UTF-16 Entry 1", "https://example.com/entry1", "2024-01-03T12:00:00Z", []),
    Feed("heise.atom", "feed", 15, "Java-Anwendungsserver: Red Hat gibt WildFly 10 frei",
         "http://www.heise.de/developer/meldung/Java-Anwendungsserver-Red-Hat-gibt-WildFly-10-frei-3088438.html?wt_mc=rss.developer.beitrag.atom",
         "2016-02-01T16:22:00Z", ["heise online"]),
    Feed("large_atom.xml", "feed", 25, "Using vale with vim", "https://dustri.org/b/using-vale-with-vim.html", "2024-03-10T16:15:00Z", ["jvoisin"]),
]  # fmt: skip


@pytest.mark.parametrize("feed", FEEDS, ids=[feed.path for feed in FEEDS])
def test_a_real_feed_is_read_as_a_person_reads_its_bytes(shared_data: Path, feed: Feed) -> None:
    (path,) = shared_data.rglob(feed.path)
    seen = read(path)
    first: dict[str, Any] = json.loads(terminal.as_json(try_json(seen)))["entries"][0]
    assert (seen.status, seen.kind, len(seen.result.entries)) == (ReadStatus.OK, feed.kind, feed.entries)
    assert (first["title"], first["link"], first.get("published", "")) == (feed.title, feed.link, feed.date)
    assert first.get("authors", []) == feed.authors


def test_the_doi_of_a_journals_entry_is_found_beside_its_other_numbers(shared_data: Path) -> None:
    (path,) = shared_data.rglob("rss-1.rss")
    assert read(path).result.entries[0].identifiers == {"doi": "10.1126/science.356.6343.1134-a"}


def test_a_recorded_weekend_of_arxiv_is_empty(shared_data: Path) -> None:
    (path,) = shared_data.rglob("arxiv_weekend_empty.xml")
    assert (read(path).status, read(path).kind) == (ReadStatus.EMPTY, "arxiv")


@pytest.mark.parametrize(
    "pattern",
    ["opml/**/*.opml", "pubmed/**/esummary*.xml", "bibliography/**/*.bib", "email_bounces/**/*.eml",
     "semanticscholar/**/*.yaml", "caniemail/**/*.md"],
)  # fmt: skip
def test_what_is_neither_feed_nor_page_is_never_read_as_one(shared_data: Path, pattern: str) -> None:
    paths = sorted(shared_data.glob(pattern))
    assert paths
    assert not [path.name for path in paths if read(path).status is not ReadStatus.UNREADABLE]
