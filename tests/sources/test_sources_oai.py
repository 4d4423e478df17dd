"""OAI-PMH: what is asked, page after page, what arXiv's formats and Dublin Core say, and what is made of broken replies."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from rows import rows

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus
from digestbot.sources import Source
from digestbot.sources.kinds.oai import ARXIV, OaiSource, arxiv_set, list_records, read_oai
from digestbot.sources.records.arxiv_paper import standing
from digestbot.testing import replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
PAGE = f"{ARXIV}?verb=ListRecords&metadataPrefix=arXiv&set=cs%3Acs%3ALG&from=2026-11-20#metadataPrefix=arXiv&set=cs%3Acs%3ALG&from=2026-11-20"


class TestOai(SourceContract):
    def source(self) -> Source:
        return OaiSource.from_options({"sets": ["cs:cs:LG"]})

    def replies(self) -> list[bytes]:
        return [replies.oai(DAY, form) for form in ("arXiv", "arXivRaw", "oai_dc")]


def read(body: bytes | str, url: str = PAGE) -> ParseResult:
    return read_oai(body.encode() if isinstance(body, str) else body, url, NOW)


def record(
    metadata: str, header: str = "<identifier>oai:arXiv.org:2611.00001</identifier><datestamp>2026-11-23</datestamp>"
) -> str:
    return f"<record><header>{header}</header><metadata>{metadata}</metadata></record>"


def listed(records: str, token: str = "") -> str:
    return (
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}{token}</ListRecords></OAI-PMH>'
    )


def paper(inner: str, form: str = "arXiv") -> Entry:
    (entry,) = read(listed(record(f"<{form}><id>2611.00001</id>{inner}</{form}>"))).entries
    return entry


def dublin(inner: str, header: str = "<identifier>oai:lib.example:1</identifier>") -> Entry:
    (entry,) = read(listed(record(f"<dc>{inner}</dc>", header)), "https://lib.example/oai").entries
    return entry


def urls(source: Source, state: dict[str, Any] | None = None) -> list[str]:
    return [request.url.partition("#")[0] for request in source.requests(state or {}, NOW)]


def test_each_set_is_asked_for_from_the_look_back_on() -> None:
    source = OaiSource.from_options({"sets": ["cs:cs:LG", "physics:hep-th"], "format": "arXiv", "look_back": 2})
    assert urls(source) == [
        "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXiv&set=cs%3Acs%3ALG&from=2026-11-21",
        "https://oaipmh.arxiv.org/oai?verb=ListRecords&metadataPrefix=arXiv&set=physics%3Ahep-th&from=2026-11-21",
    ]


def test_a_later_poll_asks_from_the_day_before_the_last_one_read() -> None:
    source = OaiSource.from_options({"sets": ["cs:cs:LG"]})
    assert urls(source, {"read cs:cs:LG": "2026-11-22"})[0].endswith("from=2026-11-21")
    assert urls(source, {"read cs:cs:LG": "2026-01-01"})[0].endswith("from=2026-10-24")
    assert urls(source, {"read cs:cs:LG": 7})[0].endswith("from=2026-11-20")


def test_arxiv_has_its_own_pace_and_format_and_other_repositories_have_theirs() -> None:
    arxiv = OaiSource.from_options({"sets": ["cs:cs:LG"]})
    other = OaiSource.from_options({"url": "https://lib.example/oai"})
    assert (arxiv.politeness, other.politeness) == (("arxiv", 3.0), None)
    assert urls(other) == ["https://lib.example/oai?verb=ListRecords&metadataPrefix=oai_dc&from=2026-11-20"]


def test_an_address_with_a_verb_is_asked_as_it_stands() -> None:
    url = "https://oaipmh.arxiv.org/oai?verb=GetRecord&identifier=oai:arXiv.org:2611.00001&metadataPrefix=arXiv"
    assert urls(OaiSource.from_options({"url": url})) == [url]


def test_a_day_of_arxiv_can_be_asked_for_alone() -> None:
    request = list_records(ARXIV, form="arXiv", set_=arxiv_set("cs.LG"), since=DAY, until=DAY)
    assert "&set=cs%3Acs%3ALG&from=2026-11-23&until=2026-11-23#" in request.url


@pytest.mark.parametrize(
    ("category", "set_"),
    [("cs.LG", "cs:cs:LG"), ("math.AG", "math:math:AG"), ("hep-th", "physics:hep-th"), ("astro-ph.CO", "physics:astro-ph:CO"),
     ("physics.optics", "physics:physics:optics"), ("stat", "stat:stat")],
)  # fmt: skip
def test_every_category_has_its_set(category: str, set_: str) -> None:
    assert arxiv_set(category) == set_


@pytest.mark.parametrize(
    ("options", "said"),
    [({}, "sets is missing"), ({"sets": "cs"}, "sets is a list"), ({"sets": ["cs LG"]}, "no setSpec"),
     ({"sets": ["cs"], "format": "mods"}, "format is one of arXivRaw, arXiv, oai_dc"), ({"sets": ["cs"], "look_back": 90}, "look_back is a number")],
)  # fmt: skip
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OaiSource.from_options(options)


def test_a_token_leads_to_the_next_page_and_an_empty_one_ends_the_list() -> None:
    page = read(replies.oai(DAY, token="6460044|1001", total=1090))
    assert (page.expected, page.state) == (1090, {})
    following = page.next_requests[0].url
    assert following.startswith("https://oaipmh.arxiv.org/oai?verb=ListRecords&resumptionToken=6460044%7C1001#")
    last = read(replies.oai(DAY, total=1090, cursor=1001), following)
    assert (last.next_requests, last.state) == ((), {"read cs:cs:LG": "2026-11-23"})


def test_a_list_on_one_page_says_how_many_there_are() -> None:
    assert read(replies.oai(DAY)).expected == len(read(replies.oai(DAY)).entries)


def test_deleted_records_are_counted_as_no_papers() -> None:
    gone = record("<dc/>", '<header status="deleted"/>').replace(
        '<header><header status="deleted"/></header>', '<header status="deleted"/>'
    )
    page = read(listed(gone + gone + record("<dc><title>Whole</title></dc>")))
    assert (len(page.entries), page.expected, page.left_out) == (1, 3, 2)


def test_no_records_is_no_failure() -> None:
    result = read(replies.oai_error("noRecordsMatch"))
    assert (result.status, result.expected, result.state) == (ReadStatus.EMPTY, 0, {"read cs:cs:LG": "2026-11-23"})


def test_a_token_that_is_refused_starts_the_list_again_and_a_second_time_is_a_failure() -> None:
    page = read(replies.oai(DAY, token="x"))
    again = read(replies.oai_error("badResumptionToken", "expired"), page.next_requests[0].url)
    (first,) = again.next_requests
    assert first.url.partition("#")[0] == PAGE.partition("#")[0]
    onward = read(replies.oai(DAY, token="y"), first.url).next_requests[0]
    refused = read(replies.oai_error("badResumptionToken", "expired"), onward.url)
    assert (refused.status, refused.problems[0].what) == (
        ReadStatus.UNREADABLE,
        "the repository says badResumptionToken: expired",
    )


@pytest.mark.parametrize(
    "code", ["badArgument", "cannotDisseminateFormat", "noSetHierarchy", "idDoesNotExist", "badVerb"]
)
def test_every_other_error_is_told_in_the_words_of_the_repository(code: str) -> None:
    result = read(replies.oai_error(code, "No such set"))
    assert (result.status, result.state, result.problems[0].what) == (
        ReadStatus.UNREADABLE,
        {},
        f"the repository says {code}: No such set",
    )


def test_a_deleted_record_is_no_entry() -> None:
    gone = '<record><header status="deleted"><identifier>oai:x:1</identifier></header></record>'
    assert (read(listed(gone)).status, read(listed(gone)).problems) == (ReadStatus.EMPTY, ())


def test_arxivs_format_is_read_whole() -> None:
    entry = paper(
        "<created>2026-11-20</created><updated>2026-11-22</updated><authors><author><keyname>Okafor</keyname><forenames>Ines</forenames>"
        "<affiliation>ETH</affiliation></author><author><keyname>:</keyname></author><author><keyname>Roe</keyname><forenames>J.</forenames>"
        "<suffix>Jr</suffix></author></authors><title>On\n  $\\alpha$ </title><categories>cs.LG stat.ML</categories><comments>9 pages</comments>"
        "<journal-ref>JMLR 1</journal-ref><doi>10.1000/A 10.1000/erratum</doi><license>http://x/</license><abstract>  We do.\n</abstract>"
    )
    assert (entry.title, entry.summary, entry.authors, entry.affiliations) == (
        "On $\\alpha$",
        "We do.",
        ("Ines Okafor", "J. Roe Jr"),
        ("ETH",),
    )
    assert (entry.identifiers, entry.same_as) == ({"arxiv": "2611.00001", "doi": "10.1000/a"}, ())
    assert (entry.published, entry.updated, entry.announced) == (
        PartialDate("2026-11-20"),
        PartialDate("2026-11-22"),
        None,
    )
    assert (entry.categories, entry.comment, entry.venue) == (("cs.LG", "stat.ML"), "9 pages", "JMLR 1")
    assert (entry.link, entry.native_key) == ("https://arxiv.org/abs/2611.00001", "oai:arXiv.org:2611.00001")


def test_arxivs_raw_format_gives_the_version_and_the_key_of_the_announcement() -> None:
    entry = paper(
        '<submitter>Ines Okafor</submitter><version version="v1"><date>Fri, 20 Nov 2026 10:00:00 GMT</date></version>'
        '<version version="v2"><date>Sun, 22 Nov 2026 09:00:00 GMT</date></version><title>T</title>'
        "<authors>Ines Okafor (ETH and EPFL, Zurich), A. Byrne and J. Roe</authors>", "arXivRaw"
    )  # fmt: skip
    assert (entry.identifiers["arxiv_version"], entry.native_key) == ("2", "oai:arXiv.org:2611.00001v2")
    assert (entry.published, entry.updated) == (
        PartialDate("2026-11-20T10:00:00Z"),
        PartialDate("2026-11-22T09:00:00Z"),
    )
    assert (entry.authors, entry.affiliations) == (("Ines Okafor", "A. Byrne", "J. Roe"), ("ETH and EPFL, Zurich",))


@pytest.mark.parametrize(
    ("dates", "kind"),
    [("<created>2026-11-20</created>", "new"), ("<created>2026-10-20</created>", "new"), ("<created>2010-09-06</created>", "replace"),
     ("<created>2026-11-15</created><updated>2026-11-22</updated>", "new"),
     ("<created>2026-10-20</created><updated>2026-11-22</updated>", "replace"), ("", "")],
    ids=["new", "held by a moderator", "old and corrected", "new and replaced", "replaced", "no date"],
)  # fmt: skip
def test_an_old_paper_whose_record_changed_is_no_news(dates: str, kind: str) -> None:
    assert paper(dates).announce_type == kind


def test_dublin_core_is_read_whole() -> None:
    entry = dublin(
        "<title>T</title><creator>Okafor, Ines</creator><creator>[s.n.]</creator><subject>Law</subject><description>D</description>"
        "<publisher>P</publisher><date>2018-03-14</date><date>2021-01-01T00:00:00Z</date><identifier>https://lib.example/1</identifier>"
        "<identifier>10.5555/X.1</identifier><identifier>Journal 1 (2), 3</identifier><language>fra</language>"
        "<relation>info:eu-repo/semantics/altIdentifier/doi/10.5555/other</relation><rights>CC</rights>"
    )
    assert (entry.authors, entry.categories, entry.venue, entry.language) == (("Ines Okafor",), ("Law",), "P", "fr")
    assert (entry.identifiers, entry.same_as) == ({"doi": "10.5555/x.1"}, ("doi:10.5555/other",))
    assert (entry.published, entry.updated, entry.link) == (PartialDate("2018-03-14"), None, "https://lib.example/1")


def test_a_format_that_is_not_read_is_told_once_with_its_number() -> None:
    result = read(listed(record("<mods/>") * 3 + record("<dc><title>T</title></dc>")))
    assert (result.status, len(result.entries), len(result.problems)) == (ReadStatus.PARTIAL, 1, 1)
    assert result.problems[0].what == "3 records are written as <mods>, which is not read"


@pytest.mark.parametrize(
    ("broken", "title"),
    [("<title>A & B</title>", "A & B"), ("<title>A &nbsp;B</title>", "A B"), ("<title>A \x01B</title>", "A B"), ("<title>A</titel>", "A"),
     ("<title>A", "A"), ("<title>A</title></b>", "A"), ("<title><![CDATA[A <b>]]></title><x", "A <b>")],
    ids=["ampersand", "entity", "control", "misspelt end", "no end", "stray end", "cut"],
)  # fmt: skip
def test_a_broken_record_gives_what_it_says_and_costs_no_other(broken: str, title: str) -> None:
    result = read(listed(record(f"<dc>{broken}</dc>") + record("<dc><title>Whole</title></dc>")))
    assert (result.status, [e.title for e in result.entries]) == (ReadStatus.PARTIAL, [title, "Whole"])
    assert result.problems[-1].what == "the XML is not well-formed"


def test_entities_are_neither_expanded_nor_fetched() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    for before in (bomb, bomb.replace(">]>", ">]] >")):
        (entry,) = read(before + listed(record("<dc><title>T &b;&x;</title></dc>"))).entries
        assert "aaaa" not in entry.title
        assert "root:" not in entry.title


def test_what_holds_no_records_is_named() -> None:
    assert "holds Identify" in read("<OAI-PMH><Identify/></OAI-PMH>").problems[0].what
    assert "<rss>" in read("<rss/>").problems[0].what


@rows(
    "comment",
    ["This paper has been withdrawn by the author", "This paper has been withdrawn due to a crucial error in eq. 3", "withdrawn",
     "12 pages. Withdrawn by arXiv administrators", "Paper withdrawn by the authors", "The submission is withdrawn.",
     "This submission has been removed; this paper was withdrawn by the first author", "This article has been retracted", "Withdrawn because of an error",
     "There is an error in Theorem 2; paper is withdrawn", "Manuscript withdrawn by authors, because of a bug", "v2 withdrawn", "9 pages; v2: withdrawn due to an error",
     "The authors have decided to withdraw this paper", "Withdrawing this paper due to errors", "We are withdrawing our preprint", "Withdrawn from arXiv",
     "The corresponding author has withdrawn this manuscript", "Preprint withdrawn", "This paper has been withdrawn from arXiv by the authors"],
)  # fmt: skip
def test_a_remark_that_the_paper_is_withdrawn_is_understood(comment: str) -> None:
    assert standing(comment, "") == "withdrawn"


@rows(
    "comment",
    ["", "12 pages, 3 figures", "Supersedes arXiv:1201.00001, which was withdrawn", "We study papers that were withdrawn", "Accepted at ICML",
     "The drug was withdrawn from the market", "This paper replaces a withdrawn one", "v2: section withdrawn by the editors is restored",
     "Withdrawn from ICLR 2026", "This paper was withdrawn by the authors from ICLR", "Paper withdrawn from NeurIPS", "We withdrew this paper from ICML", "We have withdrawn our submission to ICLR",
     "v2 withdrawn; v3 mends it", "v2: withdrawn due to an error, v3 is right", "Withdrawing from the paper trail"],
)  # fmt: skip
def test_other_remarks_leave_the_paper_standing(comment: str) -> None:
    assert standing(comment, "") == ""


@pytest.mark.parametrize(
    ("summary", "said"),
    [("This paper has been withdrawn by the author due to an error.", "withdrawn"), ("This article was withdrawn from the market of ideas.", ""),
     ("Withdrawal statement: the authors have withdrawn it.", "withdrawn"), ("Withdrawal of the drug was hard.", ""), ("Withdrawal symptoms: a study.", ""),
     ("Rofecoxib was withdrawn from the market in 2004. This paper was withdrawn twice.", ""),
     ("We analyse why this paper has been withdrawn by the authors.", ""), ("Withdrawn drugs cost lives. We study them.", "")],
)  # fmt: skip
def test_an_abstract_counts_only_by_its_first_words(summary: str, said: str) -> None:
    assert standing("", summary) == said


def test_recorded_pages_of_arxiv_are_read(shared_data: Path) -> None:
    (path,) = shared_data.rglob("arxiv_multi_20230125.xml")
    result = read(path.read_bytes())
    assert (len(result.entries), result.expected, result.next_requests[0].url.count("6460044")) == (3, 1090, 1)
    assert {e.announce_type for e in result.entries} == {"replace"}


def test_a_recorded_page_with_characters_no_xml_may_hold_loses_no_record(shared_data: Path) -> None:
    (path,) = shared_data.rglob("oai_ex_ante_listrecords.xml")
    result = read(path.read_bytes())
    assert (result.status, len(result.entries), path.read_bytes().count(b"<record>")) == (ReadStatus.PARTIAL, 3, 3)
