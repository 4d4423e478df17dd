"""PubMed: a search and the pages of what it found; records whole; what a notice says of another work."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from digestbot.model import Entry, ParseResult, PartialDate, ReadStatus, Response, Secret
from digestbot.sources import Source
from digestbot.sources.kinds.pubmed import BASE, PubmedSource
from digestbot.testing import replies
from digestbot.testing.sources import SourceContract

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
SEARCH = f"{BASE}/esearch.fcgi?db=pubmed&term=x"


class TestPubmed(SourceContract):
    def source(self) -> Source:
        return PubmedSource.from_options({"query": "asthma"})

    def replies(self) -> list[bytes]:
        return [replies.pubmed(DAY)]


def read(body: Any, url: str = f"{BASE}/efetch.fcgi", **options: Any) -> ParseResult:
    data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return PubmedSource.from_options({"query": "x"} | options).parse(Response(url=url, body=data, fetched=NOW), NOW)


def record(article: str, about: str = "", data: str = "") -> list[Entry]:
    inner = f"<MedlineCitation><PMID>77</PMID><Article>{article}</Article>{about}</MedlineCitation><PubmedData>{data}</PubmedData>"
    return list(read(f"<PubmedArticleSet><PubmedArticle>{inner}</PubmedArticle></PubmedArticleSet>").entries)


def remark(kind: str, pmid: str = "", source: str = "J Samples. 2020") -> str:
    named = f"<PMID>{pmid}</PMID>" if pmid else ""
    inner = f'<CommentsCorrections RefType="{kind}"><RefSource>{source}</RefSource>{named}</CommentsCorrections>'
    return f"<CommentsCorrectionsList>{inner}</CommentsCorrectionsList>"


def test_the_search_is_for_what_came_into_pubmed_since_the_last_poll() -> None:
    (first,) = PubmedSource.from_options({"query": "asthma AND humans[mh]"}).requests({}, NOW)
    assert first.url == (
        "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/esearch.fcgi?db=pubmed&term=asthma+AND+humans%5Bmh%5D&reldate=4&datetype=edat"
        "&usehistory=y&retmax=0&retmode=json&tool=digestbot"
    )
    (later,) = PubmedSource.from_options({"query": "x"}).requests({"read": "2026-11-23"}, NOW)
    assert "&reldate=2&" in later.url


def test_key_and_address_of_a_person_stand_in_no_address_of_the_net() -> None:
    source = PubmedSource.from_options({"query": "x", "api_key": Secret("k3y"), "email": "a@example.org"})
    (search,) = source.requests({}, NOW)
    (fetch,) = source.parse(Response(url=SEARCH, body=replies.pubmed_search(), fetched=NOW), NOW).next_requests
    for request in (search, fetch):
        assert {name: secret.reveal() for name, secret in request.secrets.items()} == {
            "api_key": "k3y",
            "email": "a@example.org",
        }
        assert not {"k3y", "example.org"} & set(repr(request).replace("'", " ").split())
        assert "k3y" not in repr(request)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "needs a query"),
        ({"query": 3}, "query is a text"),
        ({"query": "x", "look_back": "3"}, "look_back is a number"),
    ],
)
def test_a_mistake_in_the_options_is_told(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PubmedSource.from_options(options)


def test_what_the_search_found_is_fetched_page_after_page() -> None:
    found = read(replies.pubmed_search(250), SEARCH)
    (page,) = found.next_requests
    assert (found.status, found.expected, found.state) == (ReadStatus.OK, 250, {})
    assert page.url == (
        f"{BASE}/efetch.fcgi?db=pubmed&query_key=1&WebEnv=MCID_sample&retstart=0&retmax=100&retmode=xml&tool=digestbot#count=250"
    )
    (second,) = read(replies.pubmed(DAY), page.url).next_requests
    (third,) = read(replies.pubmed(DAY), second.url).next_requests
    last = read(replies.pubmed(DAY), third.url)
    assert ("retstart=200" in third.url, last.next_requests, last.state) == (True, (), {"read": "2026-11-23"})


def test_a_search_that_found_nothing_is_no_failure() -> None:
    result = read(replies.pubmed_search(0), SEARCH)
    assert (result.status, result.next_requests, result.state) == (ReadStatus.EMPTY, (), {"read": "2026-11-23"})


def test_words_that_pubmed_does_not_know_are_told_and_the_rest_is_fetched() -> None:
    found = {
        "count": "3",
        "webenv": "M",
        "querykey": "1",
        "errorlist": {"phrasesnotfound": ["asthmma"], "fieldsnotfound": ["tiabs"]},
    }
    result = read({"esearchresult": found}, SEARCH)
    assert (result.status, len(result.next_requests)) == (ReadStatus.PARTIAL, 1)
    assert [p.what for p in result.problems] == ["PubMed knows no 'asthmma'", "PubMed has no field 'tiabs'"]


def test_a_phrase_that_pubmed_lacks_is_told_in_both_formats() -> None:
    phrase = '"graph neural frobnicator"[Title/Abstract]'
    found = {"count": "3", "webenv": "M", "querykey": "1", "warninglist": {"phrasesignored": ["the"], "quotedphrasesnotfound": [phrase]}}  # fmt: skip
    warned = f"<WarningList><PhraseIgnored>the</PhraseIgnored><QuotedPhraseNotFound>{phrase}</QuotedPhraseNotFound></WarningList>"
    in_xml = f"<eSearchResult><Count>3</Count><QueryKey>1</QueryKey><WebEnv>M</WebEnv>{warned}</eSearchResult>"
    for result in (read({"esearchresult": found}, SEARCH), read(in_xml, SEARCH)):
        assert ([p.what for p in result.problems], len(result.next_requests)) == (
            [f"PubMed knows no phrase {phrase}"],
            1,
        )


def test_why_ncbi_refuses_is_told_in_its_words() -> None:
    (key,) = read({"error": "API key invalid", "api-key": "x"}, SEARCH).problems
    (gone,) = read("<eFetchResult><ERROR>Unable to obtain query #1</ERROR></eFetchResult>").problems
    assert (key.where, key.hint) == ("API key invalid", "is the key right?")
    assert (gone.where, gone.hint) == (
        "Unable to obtain query #1",
        "a search is kept for some hours: the next poll searches anew",
    )


def test_a_control_character_that_the_search_repeats_does_no_harm() -> None:
    body = b'{"esearchresult":{"count":"1","querykey":"1","webenv":"M","idlist":[],"querytranslation":"a\tb\x01"}}'
    assert len(read(body, SEARCH).next_requests) == 1


@pytest.mark.parametrize(
    "body",
    [{"esearchresult": {"ERROR": "Empty term and query_key"}}, {"error": "API key invalid"}, {"esearchresult": []}, []],
)
def test_a_search_that_failed_is_unreadable(body: Any) -> None:
    assert read(body, SEARCH).status is ReadStatus.UNREADABLE


def test_a_search_in_xml_without_history_is_fetched_by_its_ids() -> None:
    result = read("<eSearchResult><Count>2</Count><IdList><Id>11</Id><Id>12</Id></IdList></eSearchResult>", SEARCH)
    assert "&id=11%2C12&" in result.next_requests[0].url


def test_a_title_of_mixed_content_is_read_whole() -> None:
    titles = {"The <i>p53</i><sup>+</sup> gene.": "The p53⁺ gene", "[A translated one.]": "A translated one", "Why?": "Why?", "Wait...": "Wait...",
              "On a &lt; b.": "On a < b"}  # fmt: skip
    assert [record(f"<ArticleTitle>{t}</ArticleTitle>")[0].title for t in titles] == list(titles.values())


@pytest.mark.parametrize(
    ("title", "vernacular", "read"),
    [("[Not Available].", "Die Behandlung.", "Die Behandlung"), ("[Not Available].", "", ""), ("[In process citation].", "Une étude", "Une étude"),
     ("[Treatment of hearts [a review]].", "Die Behandlung.", "Treatment of hearts [a review]"),
     ("[<sup>18</sup>F]FDG against [<sup>177</sup>Lu].", "", "[¹⁸F]FDG against [¹⁷⁷Lu]"), ("[]", "", "[]"), ("[Open.", "", "[Open")],
)  # fmt: skip
def test_brackets_of_a_translation_go_and_a_title_that_was_not_translated_is_its_own(
    title: str, vernacular: str, read: str
) -> None:
    article = f"<ArticleTitle>{title}</ArticleTitle><VernacularTitle>{vernacular}</VernacularTitle>"
    assert record(article)[0].title == read


def test_two_authors_of_one_name_are_two_and_initials_will_do() -> None:
    wang = "<Author><LastName>Wang</LastName><ForeName>Wei</ForeName><Initials>W</Initials></Author>"
    cruz = "<Author><LastName>Cruz</LastName><Initials>M</Initials></Author>"
    assert record(f"<AuthorList>{wang}{wang}{cruz}</AuthorList>")[0].authors == ("Wei Wang", "Wei Wang", "M Cruz")


def test_a_notice_may_name_the_work_it_retracts_by_its_doi() -> None:
    about = remark("RetractionOf", source="J Samples. 2020;1:3. doi: 10.5555/fraud")
    notice, retracted = record("<ArticleTitle>Retraction: T</ArticleTitle>", about)
    assert (notice.mentions, retracted.identifiers, retracted.standing) == (
        ("doi:10.5555/fraud",),
        {"doi": "10.5555/fraud"},
        "retracted",
    )
    own = '<ELocationID EIdType="doi">10.5555/fraud</ELocationID>'
    assert len(record(own, about)) == 1


def test_a_chapter_of_a_book_that_goes_on_is_of_the_day_it_was_written() -> None:
    written = "<ContributionDate><Year>2026</Year><Month>11</Month><Day>20</Day></ContributionDate>"
    began = "<PubDate><Year>1993</Year></PubDate><BeginningDate><Year>1993</Year></BeginningDate>"
    book = f"<BookDocument><PMID>7</PMID><Book>{began}</Book>{written}</BookDocument>"
    (entry,) = read(f"<PubmedArticleSet><PubmedBookArticle>{book}</PubmedBookArticle></PubmedArticleSet>").entries
    assert entry.published == PartialDate("2026-11-20")


def test_the_parts_of_an_abstract_stand_behind_their_labels() -> None:
    parts = '<AbstractText Label="METHODS">We <i>do</i>.</AbstractText><AbstractText Label="UNLABELLED">And so on.</AbstractText><AbstractText Label="RESULTS"/>'
    assert record(f"<Abstract>{parts}</Abstract>")[0].summary == "Methods: We do. And so on."


@pytest.mark.parametrize(
    ("date_", "said"),
    [("<Year>2026</Year><Month>Nov</Month><Day>3</Day>", "2026-11-03"), ("<Year>2026</Year><Month>11</Month>", "2026-11"), ("<Year>2026</Year>", "2026"),
     ("<Year>2026</Year><Season>Fall</Season>", "2026"), ("<MedlineDate>1999 Spring</MedlineDate>", "1999"), ("<MedlineDate>2000 Nov-Dec</MedlineDate>", "2000"),
     ("<MedlineDate>soon</MedlineDate>", None), ("<Year>2026</Year><Month>Feb</Month><Day>31</Day>", "2026"), ("", None)],
)  # fmt: skip
def test_a_date_is_as_precise_as_it_was_given(date_: str, said: str | None) -> None:
    entry = record(f"<Journal><JournalIssue><PubDate>{date_}</PubDate></JournalIssue></Journal>")[0]
    assert entry.published == (PartialDate(said) if said else None)


def test_the_electronic_date_wins_and_the_day_in_pubmed_is_the_announcement() -> None:
    entry = record(
        "<Journal><JournalIssue><PubDate><Year>2027</Year></PubDate></JournalIssue></Journal>"
        "<ArticleDate><Year>2026</Year><Month>11</Month><Day>20</Day></ArticleDate>",
        data='<History><PubMedPubDate PubStatus="entrez"><Year>2026</Year><Month>11</Month><Day>22</Day><Hour>6</Hour></PubMedPubDate></History>',
    )[0]
    assert (entry.published, entry.announced) == (PartialDate("2026-11-20"), PartialDate("2026-11-22"))


def test_names_and_identifiers_are_taken_by_their_direct_path() -> None:
    entry = record(
        '<ELocationID EIdType="doi" ValidYN="N">10.5555/wrong</ELocationID><AuthorList><Author><LastName>Roe</LastName><ForeName>J</ForeName>'
        '<Suffix>Jr</Suffix></Author><Author ValidYN="N"><LastName>Old</LastName></Author><Author><CollectiveName>The Group</CollectiveName></Author></AuthorList>',
        data='<ArticleIdList><ArticleId IdType="doi">10.5555/A</ArticleId><ArticleId IdType="pmc">PMC123</ArticleId></ArticleIdList>'
        '<ReferenceList><Reference><ArticleIdList><ArticleId IdType="doi">10.5555/cited</ArticleId></ArticleIdList></Reference></ReferenceList>',
    )[0]
    assert (entry.authors, entry.identifiers) == (
        ("J Roe Jr", "The Group"),
        {"pmid": "77", "doi": "10.5555/a", "pmcid": "PMC123"},
    )
    assert (entry.link, entry.native_key) == ("https://pubmed.ncbi.nlm.nih.gov/77/", "77")


@pytest.mark.parametrize(
    ("article", "about", "standing"),
    [("<PublicationTypeList><PublicationType>Retracted Publication</PublicationType></PublicationTypeList>", "", "retracted"),
     ("", remark("RetractionIn", "9"), "retracted"), ("", remark("RetractionOf", "9"), ""), ("", remark("ErratumIn", "9"), ""), ("", "", "")],
)  # fmt: skip
def test_a_retracted_article_does_not_stand(article: str, about: str, standing: str) -> None:
    assert record(f"<ArticleTitle>T</ArticleTitle>{article}", about)[0].standing == standing


def test_a_notice_mentions_the_work_it_retracts_and_says_how_that_one_stands() -> None:
    notice, retracted = record("<ArticleTitle>Retraction: T</ArticleTitle>", remark("RetractionOf", "9"))
    assert (notice.standing, notice.mentions) == ("", ("pmid:9",))
    assert (retracted.identifiers, retracted.standing, retracted.title) == ({"pmid": "9"}, "retracted", "")


@pytest.mark.parametrize(
    ("article", "about", "same"),
    [("<PublicationTypeList><PublicationType>Preprint</PublicationType></PublicationTypeList>", remark("UpdateIn", "9"), ("pmid:9",)),
     ("", remark("UpdateOf", "9", "bioRxiv. 2026 Apr 3:2026.03.31.123456"), ("pmid:9",)),
     ("", remark("UpdateOf", "", "medRxiv. 2026 Apr 3. doi: 10.1101/2026.03.31.123456"), ("doi:10.1101/2026.03.31.123456",)),
     ("", remark("UpdateOf", "9", "Cochrane Database Syst Rev. 2020"), ()), ("", remark("UpdateIn", "9"), ())],
    ids=["preprint", "article", "by doi", "review", "no preprint"],
)  # fmt: skip
def test_a_preprint_and_its_article_are_one_work_and_two_editions_are_not(
    article: str, about: str, same: tuple[str, ...]
) -> None:
    assert record(article, about)[0].same_as == same


def test_a_record_without_a_pmid_costs_no_other() -> None:
    result = read(
        "<PubmedArticleSet><PubmedArticle/><PubmedArticle><MedlineCitation><PMID>7</PMID><Article/></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    )
    assert (result.status, len(result.entries), result.problems[0].what) == (
        ReadStatus.PARTIAL,
        1,
        "an entry could not be read: a record without a PMID",
    )
    assert result.broken[0].data == b"<PubmedArticle />"


def test_what_is_no_record_is_unreadable_and_named() -> None:
    assert "<eLinkResult>" in read("<eLinkResult/>").problems[0].what


def test_a_recorded_record_is_read_as_a_person_reads_it(shared_data: Path) -> None:
    (path,) = shared_data.rglob("pubmed-29768149.xml")
    (entry,) = read(path.read_bytes()).entries
    assert (entry.title, entry.venue) == (
        "Inhaled Combined Budesonide-Formoterol as Needed in Mild Asthma",
        "The New England journal of medicine",
    )
    assert (entry.authors[0], entry.published, entry.identifiers) == (
        "Paul M O'Byrne",
        PartialDate("2018-05-17"),
        {"pmid": "29768149", "doi": "10.1056/nejmoa1715274"},
    )
    assert entry.summary.startswith("Background: In patients with mild asthma")


def test_a_recorded_chapter_of_a_book_is_read(shared_data: Path) -> None:
    (path,) = shared_data.rglob("MedlineImporterTestBookArticleSet.xml")
    first = read(path.read_bytes()).entries[0]
    assert (first.title, first.published) == ("Title for some article", PartialDate("2009-02"))


MML = 'xmlns:mml="http://www.w3.org/1998/Math/MathML"'


@pytest.mark.parametrize(
    ("given", "read"),
    [("dose of 10<sup>5</sup> cells/cm<sup>2</sup>", "dose of 10⁵ cells/cm²"), ("10<sup>-5</sup> <i>M</i> of H<sub>2</sub>O", "10⁻⁵ M of H₂O"),
     ("<b>10<sup><i>5</i></sup></b>", "10⁵"), ("x<sup>a</sup> &lt; y<sub>max</sub> &amp; z", "xa < ymax & z"),
     (f"<mml:math {MML}><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup><mml:mo>&lt;</mml:mo><mml:mn>3</mml:mn></mml:math> holds", "x²<3 holds"),
     (f"<mml:math {MML}>\n <mml:mfrac>\n <mml:mn>1</mml:mn>\n <mml:mn>2</mml:mn>\n </mml:mfrac>\n</mml:math>", "1/2")],
)  # fmt: skip
def test_exponents_and_formulas_keep_their_meaning(given: str, read: str) -> None:
    article = f"<ArticleTitle>{given}</ArticleTitle><Abstract><AbstractText>{given}</AbstractText></Abstract>"
    (entry,) = record(article)
    assert (entry.title, entry.summary) == (read, read)


def test_formulas_in_broken_xml_are_read_the_same() -> None:
    (entry,) = read(
        "<PubmedArticleSet><PubmedArticle><MedlineCitation><PMID>77</PMID><Article><ArticleTitle>10<sup>5</sup> & more"
    ).entries
    assert entry.title == "10⁵ & more"


@pytest.mark.parametrize("tag", ["b", "mml:math", "mml:mrow"])
def test_elements_inside_each_other_without_end_break_nothing(tag: str) -> None:
    body = f"<{tag}>" * 20_000 + "x" + f"</{tag}>" * 20_000
    root = "<PubmedArticleSet xmlns:mml='http://www.w3.org/1998/Math/MathML'><PubmedArticle><MedlineCitation><PMID>77</PMID><Article>"
    end = "</Article></MedlineCitation></PubmedArticle></PubmedArticleSet>"
    assert read(f"{root}<ArticleTitle>{body}</ArticleTitle>{end}").entries[0].identifiers == {"pmid": "77"}
