"""What publishers put into the descriptions of their feeds, in items written for the purpose."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from digestbot.model import Entry, PartialDate, Response
from digestbot.sources.kinds.feed import FeedSource

NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
SPACES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
ABSTRACT = "We weigh the lakes of three valleys and find them heavy."


def item(described: str = "", inner: str = "", title: str = "The weight of lakes") -> Entry:
    body = (
        f"<rss version='2.0' {SPACES}><channel><title>J</title><item><title>{escape(title)}</title>{inner}"
        f"<description>{escape(described)}</description></item></channel></rss>"
    )
    return FeedSource("x").parse(Response(url="https://j.example/rss", body=body.encode(), fetched=NOW), NOW).entries[0]


def of_pubmed(whole: str, described: str) -> Entry:
    content = (
        f'<div><p style="color: #4aa564;">Lakes. 2026 Nov 20;5(1):12. doi: 10.1000/lake.5.</p>{whole}<p style="color: lightgray">'
        'PMID:<a href="https://pubmed.ncbi.nlm.nih.gov/31000001/">31000001</a> | PMC:<a href="https://www.ncbi.nlm.nih.gov/pmc/'
        'PMC7000001/">PMC7000001</a> | DOI:<a href=https://doi.org/10.1000/lake.5>10.1000/lake.5</a></p></div>'
    )
    inner = (
        "<link>https://pubmed.ncbi.nlm.nih.gov/31000001/?utm_source=Other</link><guid isPermaLink='false'>pubmed:31000001</guid>"
        f"<content:encoded><![CDATA[{content}]]></content:encoded><dc:source>Lakes and rivers</dc:source>"
    )
    return item(described, inner)


@pytest.mark.parametrize("length", [1, 20], ids=["short", "long"])
def test_the_abstract_of_pubmeds_own_feed_is_whole_and_nothing_but_the_abstract(length: int) -> None:
    last = "CONCLUSIONS: " + "They are heavy. " * length
    entry = of_pubmed(
        f"<p><b>ABSTRACT</b></p><p><b>BACKGROUND:</b> {ABSTRACT}</p><p><b>CONCLUSIONS:</b> {last[13:]}</p>", last
    )
    assert entry.summary == f"BACKGROUND: {ABSTRACT} {last.strip()}"
    assert (entry.venue, entry.identifiers["pmid"]) == ("Lakes and rivers", "31000001")


def test_an_item_of_pubmed_without_an_abstract_has_none() -> None:
    assert of_pubmed("<p><b>NO ABSTRACT</b></p>", "").summary == ""


@pytest.mark.parametrize("before", ["Lakes, Vol. 26, Pages 1234: ", "Lakes, Vol. 5, Page 12: ", "[ASAP] "])
def test_a_title_is_the_title_alone(before: str) -> None:
    assert item(title=f"{before}The weight: of lakes").title == "The weight: of lakes"


@pytest.mark.parametrize("title", ["Volumes: pages of lakes", "Lakes, Vol. 5", "ASAP: a way to weigh lakes"])
def test_a_title_that_only_looks_like_it_stays(title: str) -> None:
    assert item(title=title).title == title


def test_date_journal_and_authors_are_read_where_only_the_description_has_them() -> None:
    entry = item(
        "<p>Publication date: 24 November 2026</p><p><b>Source:</b> Journal of Lakes, Volume 12, Part A</p>"
        "<p>Author(s): A. Meier, B. Huber, and C. Li</p>"
    )
    assert (entry.summary, entry.authors, entry.venue) == ("", ("A. Meier", "B. Huber", "C. Li"), "Journal of Lakes")
    assert entry.published == PartialDate("2026-11-24")


@pytest.mark.parametrize(
    ("described", "summary"),
    [(f"<p>by Ada Meier, Bo Huber</p>\n\n{ABSTRACT}", ABSTRACT),
     (f"<p>Lakes, Vol. 26, Pages 1234: The weight of lakes</p><p>Lakes <a href='x'>doi: 10.1000/lake.5</a></p><p>Authors: Ada Meier "
      f"Bo Huber</p><p>{ABSTRACT}</p><p>They are.</p>", f"{ABSTRACT} They are."),
     ("<p><img src='x'/></p><div><cite>Journal of Lakes</cite></div><div>DOI: 10.1000/lake.5</div>", ""),
     ("<p>Lakes, Published online: 25 November 2026; <a href='x'>doi:10.1000/lake.5</a></p>", ""),
     (f"Author(s): Ada Meier and Bo Huber<br/><p>{ABSTRACT}</p><br/>[Phys. Rev. Lakes 5, 012345] Published Tue Nov 24, 2026", ABSTRACT),
     (f"<span class='paragraphSection'><strong>Abstract</strong> {ABSTRACT}</span>", ABSTRACT)],
    ids=["plos", "mdpi", "acs", "nature", "aps", "oup"],
)  # fmt: skip
def test_what_stands_around_an_abstract_is_none_of_it(described: str, summary: str) -> None:
    inner = (
        "<dc:creator>Ada Meier</dc:creator><dc:creator>Bo Huber</dc:creator><link>https://doi.org/10.1000/lake.5</link>"
    )
    entry = item(described, inner, title="Lakes, Vol. 26, Pages 1234: The weight of lakes")
    assert (entry.summary, entry.authors) == (summary, ("Ada Meier", "Bo Huber"))


def test_a_short_abstract_before_its_doi_stays() -> None:
    entry = item(f"<p>{ABSTRACT}</p><p>doi: 10.1000/lake.5</p>", "<link>https://doi.org/10.1000/lake.5</link>")
    assert entry.summary == f"{ABSTRACT} doi: 10.1000/lake.5"


def test_authors_between_title_and_doi_are_read() -> None:
    entry = item(
        "<b>The weight of lakes</b><br>Ada Meier and Bo Huber<br>Lakes, 26, 1, https://doi.org/10.1000/lake.5, 2026<br>"
        + ABSTRACT,
        "<link>https://doi.org/10.1000/lake.5</link>",
    )
    assert (entry.authors, entry.summary) == (("Ada Meier", "Bo Huber"), ABSTRACT)


@pytest.mark.parametrize(
    "described",
    ["Source: a newspaper<br>All about it.", "Publication date: soon<p>More.</p>", "by the lake<p>We sat.</p>",
     "All data are open.<p>doi: 10.1000/data.7</p>", "Out now: doi:10.1000/lake.5", "ABSTRACT art and PMID: 5 of it", "Abstract Syntax Trees are heavy.",
     "The weight of lakes"],
)  # fmt: skip
def test_a_post_that_only_begins_like_it_is_left_whole(described: str) -> None:
    entry = item(described, "<author>Ada Meier</author><link>https://doi.org/10.1000/lake.5</link>")
    assert entry.summary == described.replace("<br>", " ").replace("<p>", " ").replace("</p>", "")


LONG = (
    "We weigh the lakes of three valleys and find them heavy, heavier than anybody who lived beside them had thought."
)
PENSOFT = (
    "BeetleKeys 1078: 135-188",
    "DOI: 10.3897/beetlekeys.1078.47616",
    "Authors: Jane Doe, John Roe",
    "Abstract: Keys are provided.",
)


@pytest.mark.parametrize(
    "described",
    ["".join(f"<p>{line}</p>" for line in PENSOFT) + "<p><a href='h'>HTML</a></p><p><a href='x'>XML</a></p><p><a href='p'>PDF</a></p>",
     "<br/>".join(PENSOFT) + " <a href='h'>HTML</a> <a href='x'>XML</a> <a href='p'>PDF</a>",
     "\n".join(PENSOFT) + "\n<a href='h'>HTML</a>",
     "<div>" + " ".join(PENSOFT) + "</div>"],
    ids=["paragraphs", "breaks", "lines", "one line"],
)  # fmt: skip
def test_a_description_that_names_its_own_doi_beside_its_authors_is_that_paper(described: str) -> None:
    entry = item(described, "<link>https://beetlekeys.pensoft.net/article/47616/</link>")
    assert entry.identifiers == {"doi": "10.3897/beetlekeys.1078.47616"}
    assert (entry.authors, entry.venue) == (("Jane Doe", "John Roe"), "BeetleKeys")
    assert (entry.summary, entry.mentions) == ("Keys are provided.", ())


@pytest.mark.parametrize(
    ("described", "venue", "summary"),
    [("Volume 56, Issue 3, December 2021, Page 163-175<br/>. <br/>", "", ""),
     ("TAXON, Volume 70, Issue 6, Page 1376-1377, December 2021.", "TAXON", ""),
     ("Journal of Lakes, EarlyView.", "Journal of Lakes", ""),
     (f"Journal of Lakes, Ahead of Print. <br/>{LONG}", "Journal of Lakes", LONG),
     (f"Proceedings of the Lakes, Volume 118, Issue 1, January 2021. <br/>{LONG}", "Proceedings of the Lakes", LONG),
     (f"<p>Lakes 2021; 53: 1-10</p><p>DOI: 10.1055/s-0040-1707280</p><p>{LONG}</p><p>Georg Thieme Verlag KG Stuttgart</p>"
      "<p>Article in Thieme eJournals:</p><p>Table of contents | Abstract | Full text</p>", "Lakes", LONG),
     ("Lake Medicine, Volume 395, Issue 20, Page 1801-1812, November 19, 2026. <br/>", "Lake Medicine", ""),
     ("2026 Volume 1 Issue 2 Pages 12-20", "", ""),
     (f"<h2>Abstract</h2>\n<p>{LONG}</p>", "", LONG), (f"Abstract {LONG}", "", LONG), (f"<p>Abstract</p><p>{LONG}</p>", "", LONG)],
    ids=["taylor and francis", "wiley", "early view", "sage", "pnas", "thieme", "nejm", "j-stage", "wiley heading", "wiley word", "line"],
)  # fmt: skip
def test_the_place_of_an_article_is_its_venue_and_no_abstract(described: str, venue: str, summary: str) -> None:
    entry = item(described, "<link>https://journal.example/x</link><dc:creator>Ada Meier</dc:creator>")
    assert (entry.summary, entry.venue) == (summary, venue)


def test_the_journal_stands_under_source_where_the_publication_bears_the_articles_title() -> None:
    spaces = 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'
    inner = f"<prism:publicationName {spaces}>The weight of lakes</prism:publicationName><dc:source>Journal of Lakes</dc:source>"
    assert item("", inner).venue == "Journal of Lakes"


def test_rscs_description_is_read_line_by_line() -> None:
    entry = item(
        "<p><div><i><b>Phys. Chem. Lakes</b></i>, 2026, <b>Advance Article</b><br></br><b>DOI</b>: 10.1039/D6CP01234A, Paper</div>"
        f"<div>Ada Meier, Bo Huber<br></br>{LONG}<br></br>To cite this article before page numbers are assigned, use the DOI form of "
        "citation above.<br></br>The content of this RSS Feed (c) The Royal Society of Chemistry</div></p>"
    )
    assert (entry.identifiers, entry.venue) == ({"doi": "10.1039/d6cp01234a"}, "Phys. Chem. Lakes")
    assert (entry.authors, entry.summary) == (("Ada Meier", "Bo Huber"), LONG)


def test_project_euclids_authors_stand_before_the_source() -> None:
    entry = item(
        f"<strong>Ada Meier, Bo Huber</strong>.<p><strong>Source: </strong>Ann. Lakes, Volume 49, Number 1, 1--20.</p>"
        f"<p><strong>Abstract:</strong><br/>{LONG}</p>"
    )
    assert (entry.authors, entry.venue, entry.summary) == (("Ada Meier", "Bo Huber"), "Ann. Lakes", LONG)


@pytest.mark.parametrize("names", ["Ola B. Trawler and Wen Ling Xu", "Ola B. Trawler, Wen Ling Xu"])
def test_the_acl_anthology_names_authors_and_proceedings_in_the_description_alone(names: str) -> None:
    entry = item(f"{names} in Proceedings of the 8th Conference on Lakes", "<guid>2026.fish-1.113</guid>")
    assert (entry.authors, entry.summary) == (("Ola B. Trawler", "Wen Ling Xu"), "")
    assert entry.venue == "Proceedings of the 8th Conference on Lakes"


def test_nber_names_the_authors_behind_the_title() -> None:
    entry = item(LONG, title="Lakes and Growth -- by Ada Meier, Bo Huber")
    assert (entry.title, entry.authors, entry.summary) == ("Lakes and Growth", ("Ada Meier", "Bo Huber"), LONG)


@pytest.mark.parametrize(
    "described",
    ["We met in Proceedings of the lake and were heavy.", "New paper! DOI: 10.1000/data.7", "Rivers, 1959: 5423 of them. They are long.",
     "<p>DOI: 10.1000/data.7</p><p>is our new paper, and it is heavy.</p>", "Abstract art in 2026 is heavy, and this long post about it says "
     "nothing else whatever.", "The lake: volume 5, page 3"],
)  # fmt: skip
def test_what_only_looks_like_a_publishers_line_stays_in_the_post(described: str) -> None:
    entry = item(described, "<link>https://blog.example/x</link>")
    assert entry.summary == described.replace("<p>", "").replace("</p>", " ").strip()
    assert entry.identifiers == {}


@pytest.mark.parametrize("label", ["摘要", "摘 要：", "【摘要】", "[摘要] "])
def test_the_word_for_an_abstract_goes_in_other_scripts_too(label: str) -> None:
    assert item(f"{label}湖泊的重量").summary == "湖泊的重量"


def test_a_journal_before_its_doi_is_the_venue() -> None:
    entry = item(
        "<p><img src='x'/></p><div><cite>Journal of Lakes</cite></div><div>DOI: 10.1000/lake.5</div>",
        "<link>https://doi.org/10.1000/lake.5</link><author>Ada Meier</author>",
    )
    assert (entry.venue, entry.summary) == ("Journal of Lakes", "")


def test_places_among_the_authors_are_affiliations() -> None:
    entry = item("", "".join(f"<dc:creator>{name}</dc:creator>" for name in (
        "Ada Meier", "Bo Huber", "a Department of Lakes, University of the North", "b Lake Institute, Thule")))  # fmt: skip
    assert entry.authors == ("Ada Meier", "Bo Huber")
    assert entry.affiliations == ("Department of Lakes, University of the North", "Lake Institute, Thule")
