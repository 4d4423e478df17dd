"""bioRxiv and medRxiv: what is asked, page after page; versions, withdrawals, the article of a preprint; their feeds."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rows import rows

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response
from digestbot.sources import Source
from digestbot.sources.kinds.biorxiv import BiorxivSource, greek
from digestbot.testing import replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
PAGE = "https://api.biorxiv.org/details/biorxiv/2026-11-21/2026-11-23/0/json"


class TestBiorxiv(SourceContract):
    def source(self) -> Source:
        return BiorxivSource.from_options({})

    def replies(self) -> list[bytes]:
        return [replies.biorxiv(DAY)]


def read(body: Any, url: str = PAGE) -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return BiorxivSource().parse(Response(url=url, body=data, fetched=NOW), NOW)


def listed(*rows: dict[str, Any]) -> ParseResult:
    return read({"messages": [{"status": "ok", "total": str(len(rows))}], "collection": list(rows)})


def preprint(**fields: Any) -> Entry:
    return listed(
        {"doi": "10.1101/2026.11.20.123456", "title": "T", "date": "2026-11-20", "version": "1", "server": "bioRxiv"}
        | fields
    ).entries[0]


def urls(options: dict[str, Any], state: dict[str, Any] | None = None) -> list[str]:
    return [r.url for r in BiorxivSource.from_options(options).requests(state or {}, NOW)]


def test_the_days_since_the_last_poll_are_asked_for() -> None:
    assert urls({}) == [PAGE]
    assert urls({"server": "medrxiv"}, {"read": "2026-11-20"}) == [
        "https://api.biorxiv.org/details/medrxiv/2026-11-19/2026-11-23/0/json"
    ]


def test_each_category_is_asked_for_by_itself_and_has_its_own_day() -> None:
    asked = urls({"categories": ["Cell Biology", "neuroscience"]}, {"read cell_biology": "2026-11-23"})
    assert asked == [
        PAGE.replace("2026-11-21", "2026-11-22") + "?category=cell_biology",
        PAGE + "?category=neuroscience",
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [({"server": "arxiv"}, "server is one of biorxiv, medrxiv"), ({"categories": "x"}, "categories is a list"), ({"categories": ["a&b=c"]}, "is no subject")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        BiorxivSource.from_options(options)


@pytest.mark.parametrize("total", [12, "12"])
def test_pages_are_counted_by_what_came_and_not_by_their_size(total: int | str) -> None:
    first = read(replies.biorxiv(DAY, total=total), PAGE + "?category=cell_biology")
    assert ([r.url for r in first.next_requests], first.expected, first.state) == (
        [PAGE.replace("/0/", "/5/") + "?category=cell_biology"],
        12,
        {},
    )
    last = read(replies.biorxiv(DAY, total=total, cursor=10), PAGE.replace("/0/", "/10/") + "?category=cell_biology")
    assert (last.next_requests, last.state) == ((), {"read cell_biology": "2026-11-23"})


@pytest.mark.parametrize("ending", ["", "/", "/0", "/0/json", "?category=cell_biology"])
def test_pages_follow_each_other_however_the_address_of_an_interval_is_written(ending: str) -> None:
    days = "https://api.biorxiv.org/details/biorxiv/2026-11-21/2026-11-23"
    page = read(replies.biorxiv(DAY, total=12), days + ending)
    form = "/json" if "json" in ending else ""
    rest = "?category=cell_biology" if "?" in ending else ""
    assert ([r.url for r in page.next_requests], page.expected) == ([f"{days}/5{form}{rest}"], 12)


@pytest.mark.parametrize("place", ["10.1101/339747", "10.1101/339747/na/json", "5d/0/json"])
def test_a_list_that_is_not_of_days_is_one_page(place: str) -> None:
    page = read(replies.biorxiv(DAY, total=12), f"https://api.biorxiv.org/details/biorxiv/{place}")
    assert (page.next_requests, page.expected) == ((), None)


def test_an_empty_page_ends_the_list_whatever_was_promised() -> None:
    result = read({"messages": [{"status": "ok", "total": 900}], "collection": []})
    assert (result.status, result.next_requests) == (ReadStatus.EMPTY, ())


def test_no_posts_is_no_failure() -> None:
    result = read({"messages": [{"status": "no posts found"}], "collection": []})
    assert (result.status, result.expected, result.state) == (ReadStatus.EMPTY, 0, {"read": "2026-11-23"})


def test_of_several_versions_the_highest_by_number_is_kept() -> None:
    rows = [{"doi": "10.1101/2026.11.20.123456", "title": f"v{n}", "version": n} for n in ("9", 14, "10")]
    (entry,) = listed(*rows).entries
    assert (entry.title, entry.native_key) == ("v14", "10.1101/2026.11.20.123456v14")


def test_a_preprint_is_read_whole() -> None:
    entry = preprint(
        title="On {beta}-cells\n",
        authors="Okafor, I.; The Group",
        category="cell biology",
        abstract="We do.",
        license="cc_by",
        published="10.5555/ABC",
    )
    assert (entry.title, entry.authors, entry.categories, entry.venue) == (
        "On β-cells",
        ("I. Okafor", "The Group"),
        ("cell biology",),
        "bioRxiv",
    )
    assert (entry.identifiers, entry.same_as) == ({"doi": "10.1101/2026.11.20.123456"}, ("doi:10.5555/abc",))
    assert (entry.published, entry.updated, entry.announced, entry.announce_type) == (
        PartialDate("2026-11-20"),
        None,
        PartialDate("2026-11-20"),
        "new",
    )
    assert entry.link == "https://www.biorxiv.org/content/10.1101/2026.11.20.123456v1"


def test_a_later_version_is_no_news_and_its_date_is_not_that_of_the_preprint() -> None:
    entry = preprint(version=3, server="medRxiv")
    assert (entry.published, entry.updated, entry.announce_type) == (None, PartialDate("2026-11-20"), "replace")
    assert entry.link.startswith("https://www.medrxiv.org/")


def test_na_stands_for_nothing() -> None:
    entry = preprint(
        published="NA", authors="NA", category="NA", abstract="NA", license="NA", author_corresponding_institution="NA"
    )
    assert (entry.same_as, entry.authors, entry.categories, entry.summary, entry.rights, entry.affiliations) == (
        (),
        (),
        (),
        "",
        "",
        (),
    )


@rows(
    ("fields", "standing"),
    [({"title": "WITHDRAWN: On cells"}, "withdrawn"), ({"type": "withdrawn"}, "withdrawn"),
     ({"abstract": "This manuscript has been withdrawn by the authors as it was submitted without consent."}, "withdrawn"),
     ({"title": "[WITHDRAWN] On cells"}, "withdrawn"),
     ({"abstract": "The authors have withdrawn their manuscript owing to an error. They do not wish it to be cited."}, "withdrawn"),
     ({"abstract": "The author has withdrawn this manuscript due to a duplicate posting."}, "withdrawn"),
     ({"abstract": "Withdrawal Statement: The authors ask for it."}, "withdrawn"), ({"abstract": "Withdrawal statementThe authors have done so."}, "withdrawn"),
     ({"abstract": "bioRxiv has withdrawn this manuscript because of fake authors."}, "withdrawn"),
     ({"abstract": "The authors have withdrawn this preprint from bioRxiv."}, "withdrawn"),
     ({"abstract": "medRxiv has removed this preprint."}, "withdrawn"), ({"abstract": "We have removed this version of the gene."}, ""),
     ({"abstract": "Withdrawal of the drug was hard."}, ""), ({"abstract": "The authors have withdrawn blood from mice."}, ""),
     ({"abstract": "Withdrawn drugs are studied."}, ""), ({"type": "new results"}, "")],
)  # fmt: skip
def test_a_withdrawn_preprint_does_not_stand(fields: dict[str, str], standing: str) -> None:
    assert preprint(**fields).standing == standing


def test_a_row_without_a_doi_costs_no_other() -> None:
    result = listed({"doi": "NA", "title": "A"}, {"doi": "10.1101/2026.11.20.123456", "title": "B"})
    assert (result.status, len(result.entries), result.problems[0].what) == (
        ReadStatus.PARTIAL,
        1,
        "an entry could not be read: a preprint without a DOI",
    )
    assert b'"A"' in result.broken[0].data


@pytest.mark.parametrize("body", [{"error": "no"}, {"collection": [{"title": "x"}]}, {"collection": "x"}, []])
def test_what_is_no_list_of_preprints_is_unreadable(body: Any) -> None:
    assert read(body).status is ReadStatus.UNREADABLE


@pytest.mark.parametrize(
    ("given", "said"), [("{Delta}F508", "ΔF508"), ("{beta}-{GAMMA}", "β-Γ"), ("{foo}", "{foo}"), ("x^{2}", "x^{2}")]
)
def test_greek_letters_are_written_as_letters(given: str, said: str) -> None:
    assert greek(given) == said


def test_a_recorded_reply_is_read_as_a_person_reads_it(shared_data: Path) -> None:
    (path,) = shared_data.rglob("biorxiv_details.json")
    result = read(path.read_bytes())
    assert [(e.title[:30], e.announce_type) for e in result.entries] == [
        ("Laterality of subcortical stru", "new"), ("Decoding and Characterizing th", "new"), ("Host infection selects for sRN", "replace")
    ]  # fmt: skip
    assert result.entries[0].authors == ("T. Ghafari", "A. J. Quinn", "O. Jensen")


def test_a_recorded_feed_is_read_with_the_same_source(shared_data: Path) -> None:
    (path,) = shared_data.rglob("bio.rdf")
    result = read(path.read_bytes(), "https://connect.biorxiv.org/biorxiv_xml.php?subject=all")
    assert (result.status, len(result.entries), result.entries[0].identifiers) == (
        ReadStatus.OK,
        30,
        {"doi": "10.1101/743294"},
    )
    assert not any("{" in e.title for e in result.entries)


def test_a_withdrawn_preprint_of_a_feed_is_marked_and_loses_its_prefix() -> None:
    item = "<item><title>{}</title><link>https://www.biorxiv.org/content/10.1101/2026.11.20.123456v2</link><description>{}</description></item>"
    body = "".join(
        item.format(*said)
        for said in (
            ("WITHDRAWN: On {beta}-cells", "x"),
            ("On mice", "The authors have withdrawn their manuscript."),
            ("On men", "We do."),
        )
    )
    entries = read(f"<rss version='2.0'><channel><title>b</title>{body}</channel></rss>".encode()).entries
    assert [(e.title, e.standing) for e in entries] == [
        ("On β-cells", "withdrawn"),
        ("On mice", "withdrawn"),
        ("On men", ""),
    ]
