"""What an entry of a feed is, and what it speaks of: a post about three papers is none of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import rows

from digestbot.model import Entry, Response
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.feed import FeedSource
from digestbot.sources.kinds.page import read_page
from digestbot.sources.values.mentions import MOST, NAMED, may_name, mentions

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
POST = "<link>https://lab.example/blog/1</link>"


def read(body: str) -> Entry:
    (entry,) = (
        FeedSource("https://lab.example/feed")
        .parse(Response(url="https://lab.example/feed", body=body.encode(), fetched=NOW), NOW)
        .entries
    )
    return entry


def item(inner: str, names: str = "") -> Entry:
    return read(f'<rss version="2.0" {names}><channel><item><title>T</title>{inner}</item></channel></rss>')


def atom(inner: str) -> Entry:
    return read(
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>tag:1</id><title>T</title>{inner}</entry></feed>'
    )


def post(**fields: Any) -> Entry:
    return read(
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "items": [{"id": "1", "url": "https://lab.example/1"} | fields],
            }
        )
    )


@rows(
    ("text", "names"),
    [("as arXiv:2611.00001v2 [cs.LG] shows", ["arxiv:2611.00001"]), ("see arxiv: hep-th/9711200", ["arxiv:hep-th/9711200"]),
     ("(doi:10.1038/s41586-026-1), and", ["doi:10.1038/s41586-026-1"]), ("DOI 10.1103/PhysRevD.93.016005.", ["doi:10.1103/physrevd.93.016005"]),
     ("as shown (arXiv 2611.00001)", ["arxiv:2611.00001"]), ("at arxiv.org/abs/2611.00001v2.", ["arxiv:2611.00001"]),
     ("PMIDs 29768149, 29768150 and 29768151", ["pmid:29768149", "pmid:29768150", "pmid:29768151"]),
     ("https://www.nature.com/articles/s41586-026-01234-5", ["doi:10.1038/s41586-026-01234-5"]),
     ("PMID: 29768149", ["pmid:29768149"]), ("https://arxiv.org/pdf/2611.00001v1.pdf.", ["arxiv:2611.00001"]),
     ("<a class='x' href='https://doi.org/10.48550/arXiv.2611.00001'>paper</a>", ["arxiv:2611.00001"]),
     ('<A HREF="https://pubmed.ncbi.nlm.nih.gov/29768149/?a=1&amp;b=2">it</A>', ["pmid:29768149"]),
     ("<a href=https://www.biorxiv.org/content/10.1101/2026.11.20.123456v2.full>it</a>", ["doi:10.1101/2026.11.20.123456"]),
     ("https://dl.acm.org/doi/abs/10.1145/3290605.3300233", ["doi:10.1145/3290605.3300233"]),
     ("https://academic.oup.com/x/10.1093/ejil/chaa052/full", ["doi:10.1093/ejil/chaa052"]),
     ("https://huggingface.co/papers/2611.00001 and https://arxiv.org/abs/2611.00001", ["arxiv:2611.00001"]),
     ("two: arXiv:2611.00002, then doi:10.5555/a", ["arxiv:2611.00002", "doi:10.5555/a"])],
)  # fmt: skip
def test_papers_are_found_by_their_links_and_by_the_ids_that_are_named(text: str, names: list[str]) -> None:
    assert list(mentions(text)) == names


@pytest.mark.parametrize(
    "text",
    ["", "no paper at all", "version 10.15.7/stable", "costs 2611.00001 euros", "https://arxiv.org/list/cs.LG/recent", "https://github.com/a/b",
     "data at https://doi.org/10.5281/zenodo.77", "<a href='javascript:alert(1)'>x</a>", "https://[bad/10.5555/a", "call 10.20.30.40/24", "PMID: 12"],
)  # fmt: skip
def test_what_names_no_paper_is_no_mention(text: str) -> None:
    assert mentions(text) == ()


def test_an_endless_list_is_cut() -> None:
    assert len(mentions(" ".join(f"arXiv:2611.{n:05}" for n in range(500)))) == MOST


@given(st.text(alphabet=st.sampled_from("arXiv:2611.0001/ <a href='\"10.55>&;doi PMID%")))
def test_any_text_can_be_asked(text: str) -> None:
    assert all(name.split(":")[0] in ("arxiv", "doi", "pmid") for name in mentions(text))


def test_a_post_with_a_page_of_its_own_speaks_of_the_papers_it_links_to() -> None:
    html = "&lt;p&gt;On &lt;a href=&quot;https://arxiv.org/abs/2611.00001&quot;&gt;this&lt;/a&gt; and arXiv:2611.00002&lt;/p&gt;"
    entry = item(f"{POST}<description>{html}</description>")
    assert (entry.identifiers, entry.mentions) == ({}, ("arxiv:2611.00001", "arxiv:2611.00002"))


def test_the_whole_content_is_asked_and_not_only_the_teaser() -> None:
    content = '<content:encoded><![CDATA[<a href="https://doi.org/10.5555/A">x</a>]]></content:encoded>'
    entry = item(
        f"{POST}<description>See it.</description>{content}", 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    )
    assert entry.mentions == ("doi:10.5555/a",)


@pytest.mark.parametrize(
    "own", ["<link>https://arxiv.org/abs/2611.00009</link>", "<guid>https://doi.org/10.5555/own</guid>"]
)
def test_an_entry_whose_own_link_or_id_is_a_paper_is_that_paper(own: str) -> None:
    entry = item(f"{own}<description>After arXiv:2611.00001.</description>")
    assert entry.identifiers
    assert entry.mentions == ()


def test_what_an_entry_is_related_to_is_another_work() -> None:
    links = '<link href="https://lab.example/1"/><link rel="related" href="https://arxiv.org/abs/2611.00001"/><link rel="via" href="https://doi.org/10.5555/a"/>'
    entry = atom(links)
    assert (entry.identifiers, entry.mentions) == ({}, ("arxiv:2611.00001", "doi:10.5555/a"))


@pytest.mark.parametrize("rel", ["enclosure", "in-reply-to", "license", "http://lab.example/cites", "replies"])
def test_only_links_to_the_entry_itself_say_what_it_is(rel: str) -> None:
    entry = atom(f'<link href="https://lab.example/1"/><link rel="{rel}" href="https://arxiv.org/pdf/2611.00001"/>')
    assert (entry.identifiers, entry.mentions) == ({}, ("arxiv:2611.00001",))


@pytest.mark.parametrize("rel", ["cite-as", "http://www.iana.org/assignments/relation/alternate", "canonical"])
def test_an_entry_is_what_its_own_links_name(rel: str) -> None:
    entry = atom(f'<link href="https://lab.example/1"/><link rel="{rel}" href="https://doi.org/10.5555/own"/>')
    assert entry.identifiers == {"doi": "10.5555/own"}


@pytest.mark.parametrize("page", [POST, "<guid>https://lab.example/blog/1</guid>"])
def test_what_a_post_encloses_is_a_mention(page: str) -> None:
    entry = item(f'{page}<enclosure url="https://arxiv.org/pdf/2611.00001" type="application/pdf" length="1"/>')
    assert (entry.identifiers, entry.mentions) == ({}, ("arxiv:2611.00001",))


@pytest.mark.parametrize("page", ["", "<link>https://journal.example/articles/5</link>"])
def test_the_file_of_an_article_is_its_own(page: str) -> None:
    file = '<enclosure url="https://journal.example/doi/pdf/10.5555/own" type="application/pdf" length="1"/>'
    assert item(f"{page}{file}").identifiers == {"doi": "10.5555/own"}


def test_an_article_of_a_journal_does_not_become_what_its_abstract_cites() -> None:
    entry = item(
        f"{POST}<prism:publicationName>J. Samples</prism:publicationName><description>A reply to doi:10.5555/a.</description>",
        'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"',
    )
    assert (entry.identifiers, entry.mentions) == ({}, ())


def test_a_linkblog_speaks_of_what_it_points_to() -> None:
    entry = post(
        external_url="https://arxiv.org/abs/2611.00001", content_html="<a href='https://doi.org/10.5555/a'>x</a>"
    )
    assert (entry.identifiers, entry.mentions) == ({}, ("arxiv:2611.00001", "doi:10.5555/a"))
    assert post(url="https://arxiv.org/abs/2611.00001", content_text="After doi:10.5555/a").mentions == ()


def test_a_paper_on_a_saved_page_does_not_become_what_its_abstract_names() -> None:
    abstract = (
        "We extend https://arxiv.org/abs/2611.00001 with code at https://github.com/a/b. " + "And more words. " * 30
    )
    (entry,) = read_page(["byAK and the research community", "Jun 6", "A Title of Many Words", abstract], NOW).entries
    assert (entry.identifiers, entry.mentions, [x.rel for x in entry.links]) == ({}, (), ["related", "code"])


@pytest.mark.parametrize(
    ("comment", "summary", "said"),
    [("This paper has been withdrawn by the authors", "We do.", "withdrawn"), ("9 pages", "This paper has been withdrawn due to an error.", "withdrawn"),
     ("9 pages", "We do.", ""), ("We withdraw this paper because of a bug", "", "withdrawn"), ("Paper retracted: a proof fails", "", "withdrawn"),
     ("Withdrawn because superseded by arXiv:2401.00001", "", "withdrawn"), ("This paper was withdrawn from ICLR 2025", "", ""),
     ("This work was withdrawn from NeurIPS and is under review", "", ""), ("This version has been withdrawn; v3 supersedes it", "", "")],
)  # fmt: skip
def test_arxivs_api_says_that_a_paper_is_withdrawn(comment: str, summary: str, said: str) -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom">'
        "<opensearch:totalResults>1</opensearch:totalResults><entry><id>http://arxiv.org/abs/2611.00001v2</id><title>T</title>"
        f"<summary>{summary}</summary><arxiv:comment>{comment}</arxiv:comment></entry></feed>"
    )
    (entry,) = (
        ArxivSource(("cs.LG",))
        .parse(Response(url="https://export.arxiv.org/api/query", body=body.encode(), fetched=NOW), NOW)
        .entries
    )
    assert entry.standing == said


def test_an_entry_whose_own_address_holds_a_doi_is_that_paper() -> None:
    entry = item("<link>https://www.frontiersin.org/articles/10.3389/fnins.2026.00123</link>")
    assert (entry.identifiers, entry.mentions) == ({"doi": "10.3389/fnins.2026.00123"}, ())


def test_a_doi_that_is_said_outright_wins_over_the_address() -> None:
    address = "https://academic.oup.com/x/article-pdf/doi/10.5555/sample.b/1234567/more-than-the-doi.pdf"
    said = f"<link>{address}</link><prism:doi>10.5555/sample.b</prism:doi>"
    entry = item(said, 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"')
    assert entry.identifiers == {"doi": "10.5555/sample.b"}


@given(
    st.lists(
        st.sampled_from(
            ["arXiv:", "2611.00001", " ", "PMC", "12345", "pmıd: ", "PMIDs 12345", "10.", "1234/x", "ſ", "doi "]
        )
    ).map("".join)
)
def test_a_text_that_is_not_looked_through_names_nothing(text: str) -> None:
    assert may_name(text) or not NAMED.findall(text)
