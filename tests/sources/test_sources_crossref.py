"""Crossref: what is asked, page after page; what a work says; what a notice says of another."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rows import rows

from digestbot.acts.intake.try_source import Inspected
from digestbot.cli.setup.try_source import try_json, try_text
from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response
from digestbot.sources import Source
from digestbot.sources.formats import jats
from digestbot.sources.kinds.crossref import API, CrossrefSource
from digestbot.testing import replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)


class TestCrossref(SourceContract):
    def source(self) -> Source:
        return CrossrefSource.from_options({"issn": "2041-1723"})

    def replies(self) -> list[bytes]:
        return [replies.crossref(DAY)]


def read(body: Any, url: str = f"{API}?rows=2&cursor=%2A") -> ParseResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return CrossrefSource(url=API).parse(Response(url=url, body=data, fetched=NOW), NOW)


def listed(*items: dict[str, Any], **more: Any) -> ParseResult:
    return read({"status": "ok", "message-type": "work-list", "message": {"items": list(items)} | more})


def work(**fields: Any) -> Entry:
    return listed({"DOI": "10.5555/A", "title": ["T"]} | {k.replace("_", "-"): v for k, v in fields.items()}).entries[0]


def test_works_of_a_journal_are_asked_for_by_the_day_their_doi_was_made() -> None:
    (request,) = CrossrefSource.from_options({"issn": "20411723", "look_back": 2}).requests({}, NOW)
    assert request.url.startswith(
        "https://api.crossref.org/works?filter=from-created-date%3A2026-11-21%2Cissn%3A2041-1723%2Ctype%3Ajournal-article"
    )
    assert "&rows=200&select=DOI%2Ctitle%2C" in request.url
    assert request.url.endswith("&cursor=%2A")


def test_a_query_is_asked_for_with_the_journals_and_from_the_day_before_the_last_poll() -> None:
    source = CrossrefSource.from_options({"query": "graph & networks", "issn": ["2041-1723", "0028-0836"]})
    (request,) = source.requests({"read": "2026-11-22"}, NOW)
    assert "filter=from-created-date%3A2026-11-21%2Cissn%3A2041-1723%2Cissn%3A0028-0836%2C" in request.url
    assert "&query=graph+%26+networks&" in request.url


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "needs an issn or a query"), ({"issn": "12"}, "'12' is no ISSN"), ({"issn": [1]}, "issn is a list"), ({"query": 3}, "query is a text"),
     ({"prefix": "psyarxiv"}, "'psyarxiv' is none"), ({"issn": "2041-1723", "look_back": -1}, "look_back is a number")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CrossrefSource.from_options(options)


def test_the_preprints_of_a_server_are_asked_for_by_its_prefix() -> None:
    (request,) = CrossrefSource.from_options({"prefix": "10.31234"}).requests({}, NOW)
    assert "%2Cprefix%3A10.31234&rows=" in request.url


def test_the_cursor_is_followed_until_everything_has_come() -> None:
    page = read(replies.crossref(DAY, cursor="AoJ+/w==", total=9))
    assert (page.expected, page.state, len(page.entries)) == (9, {}, 5)
    (following,) = page.next_requests
    assert following.url == f"{API}?rows=2&cursor=AoJ%2B%2Fw%3D%3D#got=5"
    last = read(replies.crossref(DAY, cursor="AoJ+/w==", total=9), following.url)
    assert (last.next_requests, last.state) == ((), {"read": "2026-11-23"})


def test_an_empty_page_ends_the_list_whatever_was_promised() -> None:
    assert read({"message": {"items": [], "total-results": 9, "next-cursor": "x"}}).next_requests == ()


def test_a_list_without_a_cursor_is_one_page_and_counted_only_when_that_is_all() -> None:
    part, whole = (read(replies.crossref(DAY, total=n), f"{API}?rows=20&sort=created") for n in (71234, 5))
    assert (part.expected, part.next_requests, whole.expected) == (None, (), 5)


def test_a_query_ends_with_its_best_works() -> None:
    url = f"{API}?query=x&cursor=%2A#got=598"
    page = read(replies.crossref(DAY, cursor="x", total=90_000), url)
    assert (page.expected, page.next_requests) == (600, ())


def test_a_work_is_read_whole() -> None:
    entry = work(
        title=["On H<sub>2</sub>O &amp;amp; <i>life</i>"], subtitle=["A study"], container_title=["J. Samples"], language="en",
        author=[{"given": "Ines", "family": "Okafor", "affiliation": [{"name": "ETH"}]}, {"name": "The Group"}, {"family": "Roe"}],
        issued={"date-parts": [[2026, 11]]}, published_online={"date-parts": [[2026, 11, 20]]}, created={"date-parts": [[2026, 11, 22]]},
        abstract="<jats:title>Abstract</jats:title>\n<jats:sec><jats:title>Methods</jats:title><jats:p>We <jats:italic>do</jats:italic>.</jats:p></jats:sec>",
    )  # fmt: skip
    assert (entry.title, entry.summary) == ("On H₂O & life: A study", "Methods: We do.")
    assert (entry.authors, entry.affiliations, entry.venue) == (
        ("Ines Okafor", "The Group", "Roe"),
        ("ETH",),
        "J. Samples",
    )
    assert (entry.published, entry.announced) == (PartialDate("2026-11-20"), PartialDate("2026-11-22"))
    assert (entry.identifiers, entry.link, entry.native_key) == (
        {"doi": "10.5555/a"},
        "https://doi.org/10.5555/a",
        "10.5555/a",
    )


@pytest.mark.parametrize(
    ("parts", "said"),
    [([[2018]], "2018"), ([[2018, 8]], "2018-08"), ([[2018, 8, 28]], "2018-08-28"), ([[None]], None), ([], None), ([[2018, 13]], None), ("x", None)],
)  # fmt: skip
def test_a_date_is_as_precise_as_it_was_given(parts: Any, said: str | None) -> None:
    entry = work(issued={"date-parts": parts})
    assert entry.published == (PartialDate(said) if said else None)


def test_an_arxiv_doi_is_the_arxiv_id() -> None:
    assert work(DOI="10.48550/arXiv.2611.00001").identifiers == {"arxiv": "2611.00001"}


def test_a_preprint_and_its_article_name_each_other() -> None:
    article = work(
        relation={
            "has-preprint": [{"id-type": "doi", "id": "10.1101/2026.01.01.123456"}, {"id-type": "issn", "id": "x"}]
        }
    )
    preprint = work(type="posted-content", relation={"is-preprint-of": [{"id-type": "doi", "id": "https://doi.org/10.5555/B"}],
                                                     "is-version-of": [{"id-type": "doi", "id": "10.48550/arXiv.2611.00001"}]})  # fmt: skip
    assert article.same_as == ("doi:10.1101/2026.01.01.123456",)
    assert preprint.same_as == ("doi:10.5555/b", "arxiv:2611.00001")
    assert work(relation={"is-version-of": [{"id-type": "doi", "id": "10.5555/B"}], "references": []}).same_as == ()


def test_a_notice_mentions_the_work_it_retracts_and_says_how_that_one_stands() -> None:
    update = [{"DOI": "10.5555/OLD", "type": "retraction"}, {"DOI": "10.5555/C", "type": "correction"}]
    notice, retracted, corrected = listed(
        {"DOI": "10.5555/N", "title": ["Retracted: An Old Work"], "update-to": update}
    ).entries
    assert (notice.title, notice.standing, notice.mentions) == (
        "Retracted: An Old Work",
        "",
        ("doi:10.5555/old", "doi:10.5555/c"),
    )
    assert (retracted.identifiers, retracted.standing, retracted.title) == ({"doi": "10.5555/old"}, "retracted", "")
    assert (corrected.identifiers, corrected.standing) == ({"doi": "10.5555/c"}, "")
    assert [(n.kind, n.id) for e in (retracted, corrected) for n in e.notices] == [
        ("retraction", "doi:10.5555/n"),
        ("correction", "doi:10.5555/n"),
    ]


@rows(
    ("fields", "standing", "title"),
    [({"title": ["RETRACTED: On Cells"]}, "retracted", "On Cells"), ({"title": ["WITHDRAWN: On Cells"]}, "withdrawn", "On Cells"),
     ({"title": ["[RETRACTED] On Cells"]}, "retracted", "On Cells"), ({"title": ["RETRACTED – On Cells"]}, "retracted", "On Cells"),
     ({"title": ["REMOVED: On Cells"]}, "withdrawn", "On Cells"), ({"title": ["Removed: a history"]}, "", "Removed: a history"),
     ({"title": ["Retracted – a life"]}, "", "Retracted – a life"), ({"title": ["RETRACTED"]}, "", "RETRACTED"),
     ({"title": ["RETRACTED ARTICLE: On Cells"]}, "retracted", "On Cells"), ({"title": ["Retracted lives: a history"]}, "", "Retracted lives: a history"),
     ({"update_to": [{"DOI": "10.5555/a", "type": "withdrawal"}]}, "withdrawn", "T"), ({"updated_by": [{"DOI": "10.5555/n", "type": "retraction"}]}, "retracted", "T"),
     ({"updated_by": [{"DOI": "10.5555/n", "type": "correction"}]}, "", "T")],
)  # fmt: skip
def test_a_retracted_work_is_known_by_its_title_or_its_updates(
    fields: dict[str, Any], standing: str, title: str
) -> None:
    entry = work(**fields)
    assert (entry.standing, entry.title) == (standing, title)


def test_two_authors_of_one_name_are_two_but_for_one_that_is_listed_twice() -> None:
    wang, orcid = {"given": "Wei", "family": "Wang"}, "https://orcid.org/0000-0000-0000-0000"
    ada = {"given": "Ada", "family": "B", "ORCID": orcid}
    assert work(author=[wang, wang, ada, ada]).authors == ("Wei Wang", "Wei Wang", "Ada B")


def test_parts_and_containers_are_no_papers() -> None:
    result = listed(
        {"DOI": "10.5555/1", "type": "component"},
        {"DOI": "10.5555/2", "type": "journal-issue"},
        {"DOI": "10.5555/3", "title": ["A"]},
    )
    assert [e.native_key for e in result.entries] == ["10.5555/3"]


def test_a_work_without_a_doi_costs_no_other() -> None:
    result = listed({"title": ["A"]}, {"DOI": "10.5555/1", "title": ["B"]})
    assert (result.status, len(result.entries), result.problems[0].what) == (
        ReadStatus.PARTIAL,
        1,
        "an entry could not be read: a work without a DOI",
    )
    assert b'"A"' in result.broken[0].data


def test_one_work_alone_is_read_too() -> None:
    assert read({"message-type": "work", "message": {"DOI": "10.5555/1", "title": ["B"]}}).entries[0].title == "B"


@pytest.mark.parametrize(
    "body",
    [{"status": "failed", "message": [{"message": "Integer specified as 2000"}]}, {"message": {"items": [{"ISSN": ["x"]}]}}, {"message": "no"}, [], 3],
)  # fmt: skip
def test_what_is_no_list_of_works_is_unreadable(body: Any) -> None:
    assert read(body).status is ReadStatus.UNREADABLE


@pytest.mark.parametrize(
    ("given", "read"),
    [("<p>Plain</p>", "Plain"), ("<jats:p>a &lt; b</jats:p>", "a < b"), ("&lt;jats:p&gt;Escaped&lt;/jats:p&gt;", "Escaped"),
     ("Abstract We study cells, and more than that, at length.", "We study cells, and more than that, at length."),
     ("Abstract algebra is the topic of this long, long study of rings.", "Abstract algebra is the topic of this long, long study of rings."),
     ("<jats:p>x<jats:tex-math>\\documentclass{x}\\begin{document}$$y$$\\end{document}</jats:tex-math><mml:math><mml:mi>y</mml:mi></mml:math></jats:p>",
      "x$$y$$")],
)  # fmt: skip
def test_an_abstract_in_jats_becomes_plain_text(given: str, read: str) -> None:
    assert jats.abstract(given) == read


def test_a_recorded_work_is_read_as_a_person_reads_it(shared_data: Path) -> None:
    (path,) = shared_data.rglob("sample_crossref_record.json")
    (entry,) = read(path.read_bytes()).entries
    assert (entry.title, entry.published, entry.venue) == (
        "Perturbative renormalization of neutron-antineutron operators",
        PartialDate("2016-01-11"),
        "Physical Review D",
    )
    assert entry.identifiers == {"doi": "10.1103/physrevd.93.016005"}


def raised(base: str, power: str) -> str:
    made = f"<mml:mrow><mml:msup><mml:mn>{base}</mml:mn><mml:mrow><mml:mn>{power}</mml:mn></mml:mrow></mml:msup></mml:mrow>"
    return f'<mml:math xmlns:mml="http://www.w3.org/1998/Math/MathML">{made}</mml:math>'


@rows(
    ("given", "read"),
    [(f"Gamma rays at {raised('10', '15')} eV", "Gamma rays at 10¹⁵ eV"), ("10<jats:sup>5</jats:sup> cells", "10⁵ cells"),
     ("CO<inf>2</inf> and H<ce:inf>2</ce:inf>O", "CO₂ and H₂O"),
     ("<jats:italic>E. coli</jats:italic> in H<sub>2</sub>O", "E. coli in H₂O"), ("Torn <mml:mrow><mml:mi>a</mml:mi><mml:mi>b</mml:mi>", "Torn ab"),
     ("<scp>COVID</scp>-19 in <scp>UK</scp>", "COVID-19 in UK"), ("<scp>l</scp>-arginine", "l-arginine"), ("<fixed-case>BERT</fixed-case> is", "BERT is"),
     ("A<break/>B", "A B"), ('<Emphasis Type="Italic">E. coli</Emphasis> z', "E. coli z"), ("<smallcaps>D</smallcaps>-Ala", "D-Ala"),
     ('On <inline-graphic xlink:href="x.gif"/> waves', "On waves"), ('On <inline-graphic xlink:href="x.gif"></inline-graphic> waves', "On waves"),
     ("A title<fn><p>Supported by X.</p></fn>", "A title"), ("List<T> and p<0.05", "List<T> and p<0.05")],
)  # fmt: skip
def test_a_title_loses_its_markup_and_no_meaning(given: str, read: str) -> None:
    assert work(title=[given]).title == read


def test_small_capitals_in_an_abstract_are_letters() -> None:
    assert work(abstract="<jats:p>The <scp>UK</scp>'s <jats:sc>d</jats:sc>-Ala</jats:p>").summary == "The UK's d-Ala"


def test_people_are_named_by_their_orcid_where_it_is_one() -> None:
    people = [{"family": "Doe", "ORCID": "https://orcid.org/0000-0002-1825-0097"}, {"family": "Roe", "ORCID": "none"}]
    assert work(author=people).people == ("0000-0002-1825-0097",)


def test_what_is_left_out_for_being_no_paper_is_told_by_its_type() -> None:
    kinds = ("dataset", "journal-article", "dataset", "reference-entry")
    found = listed(*({"DOI": f"10.5555/{n}", "title": ["T"], "type": kind} for n, kind in enumerate(kinds)))
    assert (found.left_out, found.not_papers) == (3, "2 dataset, 1 reference-entry")
    seen = Inspected(input="works.json", kind="crossref", status=found.status, result=found)
    assert "left out: 2 dataset, 1 reference-entry (no papers)" in try_text(seen)
    assert try_json(seen)["not_papers"] == found.not_papers
