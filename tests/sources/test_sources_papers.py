"""What the kinds `arxiv`, `huggingface` and `page` read in small documents written for the purpose."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from digestbot.model import Link, LinkRel, ParseResult, PartialDate, ReadStatus, Response
from digestbot.papers.text.author_lists import AuthorList, read_authors
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.feed import FeedSource
from digestbot.sources.kinds.huggingface import HuggingFaceSource
from digestbot.sources.kinds.page import PageSource, listing_day

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
URL = "https://lab.example/blog/feed.xml"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'


def response(body: str | bytes, url: str = URL, at: datetime = NOW) -> Response:
    return Response(url=url, body=body.encode() if isinstance(body, str) else body, fetched=at)


# kind arxiv


ANNOUNCED = (
    "<item><title>On $\\alpha$</title><link>https://arxiv.org/abs/2611.00001</link><description>arXiv:2611.00001v{version} Announce Type: "
    '{kind} \nAbstract: We do it. Code: https://github.com/a/b.</description><guid isPermaLink="false">oai:arXiv.org:2611.00001v{version}'
    "</guid><category>cs.LG</category><category>stat.ML</category><pubDate>Mon, 23 Nov 2026 00:00:00 -0500</pubDate>"
    "<arxiv:announce_type>{kind}</arxiv:announce_type><dc:creator>Ada L. (Univ X, City), Bo M.</dc:creator></item>"
)


def arxiv(body: str | bytes, url: str = "https://rss.arxiv.org/rss/cs.LG") -> ParseResult:
    return ArxivSource(["cs.LG"]).parse(response(body, url), NOW)


def announcements(*items: str) -> ParseResult:
    head = f'<rss version="2.0" xmlns:arxiv="http://arxiv.org/schemas/atom" {DC}><channel><title>cs.LG updates on arXiv.org</title>'
    return arxiv(f"{head}<link>http://rss.arxiv.org/rss/cs.LG</link>{''.join(items)}</channel></rss>")


def test_an_announcement_is_read_without_its_prefix() -> None:
    (entry,) = announcements(ANNOUNCED.format(kind="new", version=1)).entries
    assert (entry.title, entry.summary) == ("On $\\alpha$", "We do it. Code: https://github.com/a/b.")
    assert (entry.authors, entry.affiliations) == (("Ada L.", "Bo M."), ("Univ X, City",))
    assert entry.categories == ("cs.LG", "stat.ML")
    assert Link(LinkRel.CODE, "https://github.com/a/b") in entry.links


@pytest.mark.parametrize(("kind", "version"), [("new", 1), ("cross", 1), ("replace", 2), ("replace-cross", 13)])
def test_kind_and_version_of_an_announcement_stand_beside_the_id(kind: str, version: int) -> None:
    (entry,) = announcements(ANNOUNCED.format(kind=kind, version=version)).entries
    assert (entry.announce_type, entry.identifiers) == (kind, {"arxiv": "2611.00001", "arxiv_version": str(version)})
    assert entry.link == "https://arxiv.org/abs/2611.00001"


def test_the_listing_day_is_new_yorks_and_not_the_papers_date() -> None:
    result = announcements(ANNOUNCED.format(kind="new", version=1))
    assert (result.listed, result.entries[0].announced) == (PartialDate("2026-11-23"), PartialDate("2026-11-23"))
    assert (result.entries[0].published, result.entries[0].updated) == (None, None)


def test_an_evening_in_new_york_belongs_to_its_own_day_and_not_to_that_of_utc() -> None:
    late = ANNOUNCED.format(kind="new", version=1).replace("Mon, 23 Nov 2026 00:00:00", "Sun, 22 Nov 2026 20:00:00")
    assert announcements(late).listed == PartialDate("2026-11-22")


def test_a_weekend_without_announcements_is_empty_and_no_error() -> None:
    assert (announcements().status, announcements().problems) == (ReadStatus.EMPTY, ())


def both(read: AuthorList) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return read.names, read.affiliations


def test_affiliations_are_parted_from_names_at_commas_outside_parentheses() -> None:
    assert both(read_authors("A. B (X (Y), Z), C. D")) == (("A. B", "C. D"), ("X (Y), Z",))


@pytest.mark.parametrize(
    ("given", "people", "places"),
    [("Ada B (1), Jan V (1 and 2), Li Xu (2) ((1) MIT, Cambridge, USA, (2) ETH Zurich)", ("Ada B", "Jan V", "Li Xu"), ("MIT, Cambridge, USA", "ETH Zurich")),
     ("Ada B (1,2), Jan V (a) ((1) Dept. of Physics and Astronomy (PH), (2) ETH, and (a) X)", ("Ada B", "Jan V"), ("Dept. of Physics and Astronomy (PH)", "ETH", "X")),
     ("Ada B, Jan V, et al. (123 additional authors not shown)", ("Ada B", "Jan V"), ()), ("Ada B, and 3 more authors", ("Ada B",), ()),
     ("Ada B (MIT), for the X Collaboration", ("Ada B", "X Collaboration"), ("MIT",)), ("Wei Wang, Wei Wang", ("Wei Wang", "Wei Wang"), ()),
     ("Bo Brand, Jr. (MIT), Ada B, III, Li Xu", ("Bo Brand Jr.", "Ada B III", "Li Xu"), ("MIT",)),
     ("Ada B (MIT, Jan V", ("Ada B (MIT", "Jan V"), ()), ("Ada B), Jan V", ("Ada B)", "Jan V"), ()), ("", (), ())],
)  # fmt: skip
def test_numbered_affiliations_and_et_al_are_no_authors(
    given: str, people: tuple[str, ...], places: tuple[str, ...]
) -> None:
    assert both(read_authors(given)) == (people, places)


def test_a_sentence_of_names_is_parted_at_its_and_outside_parentheses() -> None:
    given = "Ada B, Jan V (1), and Li Xu (2) and Bo M ((1) Dept. of Physics and Astronomy, MIT, (2) ETH)"
    assert both(read_authors(given)) == (
        ("Ada B", "Jan V", "Li Xu", "Bo M"),
        ("Dept. of Physics and Astronomy, MIT", "ETH"),
    )


def test_a_long_list_of_names_is_parted_quickly() -> None:
    assert len(read_authors("A. B (X), " * 3000 + "(" * 3000).names) == 3001


def api(entries: str, total: int, start: int = 0, **asked: str) -> ParseResult:
    query = "&".join(
        f"{k}={v}" for k, v in ({"search_query": "cat:cs.LG", "start": str(start), "max_results": "2"} | asked).items()
    )
    return arxiv(
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"><id>https://arxiv.org/api/x</id>'
        f'<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{total}</opensearch:totalResults>{entries}</feed>',
        f"https://export.arxiv.org/api/query?{query}",
    )


def found(number: str = "2611.00001v2") -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/{number}</id><title>Long\n  title</title><published>2026-11-01T10:00:00Z</published>"
        "<updated>2026-11-20T10:00:00Z</updated><summary> S </summary><author><name>Ada</name></author><author><name>Bo</name></author>"
        "<arxiv:comment>Accepted at X</arxiv:comment><category term='cs.LG'/><category term='68T05; I.2.6'/>"
        "<link title='doi' rel='related' href='https://doi.org/10.5555/1'/></entry>"
    )


def test_an_entry_of_the_api_has_the_date_of_its_first_version_and_of_this_one() -> None:
    (entry,) = api(found(), 1).entries
    assert (entry.title, entry.authors, entry.comment) == ("Long title", ("Ada", "Bo"), "Accepted at X")
    assert (entry.published, entry.updated) == (
        PartialDate("2026-11-01T10:00:00Z"),
        PartialDate("2026-11-20T10:00:00Z"),
    )
    assert entry.identifiers == {"arxiv": "2611.00001", "arxiv_version": "2", "doi": "10.5555/1"}
    assert entry.categories == ("cs.LG",)


def test_an_old_id_keeps_its_archive() -> None:
    assert api(found("math.GT/0309136v1"), 1).entries[0].identifiers["arxiv"] == "math/0309136"


def test_a_page_of_the_api_names_the_next_one() -> None:
    (following,) = api(found() + found("2611.00002v1"), 5, start=2).next_requests
    assert parse_qs(urlsplit(following.url).query)["start"] == ["4"]


def test_the_last_page_names_none_and_remembers_that_we_looked_back() -> None:
    result = api(found(), 5, start=4)
    assert (result.next_requests, result.state, result.expected) == ((), {"looked_back": True}, 5)


def test_of_an_address_that_was_given_only_its_own_page_is_asked() -> None:
    url = "https://export.arxiv.org/api/query?search_query=cat:cs.LG&sortBy=submittedDate&max_results=2"
    total = '<opensearch:totalResults xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">{}</opensearch:totalResults>{}'
    head = '<feed xmlns="http://www.w3.org/2005/Atom"><id>https://arxiv.org/api/x</id>'

    def asked(count: int, entries: str) -> ParseResult:
        return ArxivSource(url=url).parse(response(f"{head}{total.format(count, entries)}</feed>", url), NOW)

    part, whole = asked(312345, found() + found("2611.00002v1")), asked(1, found())
    assert (part.next_requests, part.expected, len(part.entries)) == ((), None, 2)
    assert (whole.next_requests, whole.expected) == ((), 1)
    assert "again=1" in asked(312345, "").next_requests[0].url  # arXiv gives empty pages at random


def test_no_more_is_expected_than_is_asked_for() -> None:
    assert api(found(), 312345).expected == 2000


def test_an_empty_page_in_the_middle_is_asked_for_again_and_not_for_ever() -> None:
    first = api("", 5, start=2)
    assert parse_qs(urlsplit(first.next_requests[0].url).query)["start"] == ["2"]
    last = api("", 5, start=2, again="3")
    assert (last.next_requests, last.status, len(last.problems)) == ((), ReadStatus.PARTIAL, 1)


@pytest.mark.parametrize(
    "body",
    ["<feed xmlns='http://www.w3.org/2005/Atom'><title>Feed error for query: cs.XX</title></feed>",
     "<feed xmlns='http://www.w3.org/2005/Atom'><entry><id>https://arxiv.org/api/errors#incorrect_id_format</id><title>Error</title>"
     "<summary>incorrect id format</summary></entry></feed>"],
)  # fmt: skip
def test_a_feed_that_is_an_error_is_unreadable_and_never_a_paper(body: str) -> None:
    assert (arxiv(body).status, arxiv(body).entries) == (ReadStatus.UNREADABLE, ())


def test_only_the_first_poll_looks_back() -> None:
    source = ArxivSource(["cs.LG", "cs.CL"])
    first = source.requests({}, NOW)
    assert [r.url.partition("?")[0] for r in first] == [
        "https://rss.arxiv.org/rss/cs.LG+cs.CL",
        "https://export.arxiv.org/api/query",
    ]
    assert len(source.requests({"looked_back": True}, NOW)) == 1


# kind huggingface


def daily(**change: Any) -> ParseResult:
    paper = {"id": "2611.00001", "authors": [{"name": "Ada"}, {"name": "Ghost", "hidden": True}], "publishedAt": "2026-11-02T10:00:00.000Z",
             "submittedOnDailyAt": "2026-11-22T23:30:00.000Z", "title": "A", "summary": "S", "upvotes": 41, "githubStars": 7,
             "submittedOnDailyBy": {"name": "akh", "fullname": "AK"}, "githubRepo": "https://github.com/a/b", "projectPage": "javascript:x"}  # fmt: skip
    whole = {"paper": paper | change, "publishedAt": "2026-11-01T20:00:00.000Z", "title": "A", "numComments": 3}
    return HuggingFaceSource().parse(response(json.dumps([whole])), NOW)


def test_the_three_dates_of_a_daily_paper_are_kept_apart() -> None:
    (entry,) = daily().entries
    assert (entry.published, entry.announced) == (PartialDate("2026-11-02T10:00:00Z"), PartialDate("2026-11-22"))
    assert (daily().listed, entry.updated) == (PartialDate("2026-11-22"), None)


def test_votes_comments_and_stars_are_signals_and_the_submitter_is_named() -> None:
    (entry,) = daily().entries
    assert (entry.signals, entry.submitter) == ({"upvotes": 41, "comments": 3, "stars": 7}, "AK")


def test_counts_that_are_none_are_left_out() -> None:
    assert daily(upvotes="41", githubStars=10**30).entries[0].signals == {"comments": 3}


def test_the_code_of_a_daily_paper_is_linked_and_no_script() -> None:
    (entry,) = daily().entries
    assert [link.href for link in entry.links if link.rel == "code"] == ["https://github.com/a/b"]
    assert not [link for link in entry.links if link.rel == "project"]
    assert (entry.link, entry.identifiers) == ("https://huggingface.co/papers/2611.00001", {"arxiv": "2611.00001"})


def test_hidden_authors_stay_hidden() -> None:
    assert daily().entries[0].authors == ("Ada",)


def test_an_empty_day_is_empty_and_a_list_of_something_else_unreadable() -> None:
    read = HuggingFaceSource().parse
    assert read(response("[]"), NOW).status is ReadStatus.EMPTY
    assert read(response('[{"id": 1}]'), NOW).status is ReadStatus.UNREADABLE


# kind page


def page(*preamble: str, abstract: str = "We do it. " * 40, at: datetime = NOW) -> ParseResult:
    text = "\n\n".join([*preamble, "First of all titles", abstract, "Second of all titles", "It works. " * 40])
    return PageSource(URL).parse(response(text, at=at), at)


@pytest.mark.parametrize(
    ("text", "read_on", "day"),
    [("Jun 6", date(2026, 11, 23), "2026-06-06"), ("Nov 24", date(2026, 11, 23), "2025-11-24"), ("Dec 31", date(2027, 1, 1), "2026-12-31"),
     ("Jan 1", date(2027, 1, 1), "2027-01-01"), ("Feb 29", date(2026, 3, 1), "2024-02-29"), ("Mon, Nov 23", date(2026, 11, 23), "2026-11-23"),
     ("November 23, 2024", date(2026, 11, 23), "2024-11-23")],
)  # fmt: skip
def test_a_day_without_a_year_is_the_latest_one_that_is_not_in_the_future(text: str, read_on: date, day: str) -> None:
    assert listing_day(text, read_on) == PartialDate(day)


@pytest.mark.parametrize("text", ["new", "Subscribe", "Jun 31", "June", "6", "May the force be with you"])
def test_what_is_no_day_is_no_listing_day(text: str) -> None:
    assert listing_day(text, date(2026, 11, 23)) is None


def test_a_page_read_on_new_years_day_is_last_years() -> None:
    result = page("new", "Dec 31", at=datetime(2027, 1, 1, 0, 5, tzinfo=UTC))
    assert (result.listed, result.entries[0].announced) == (PartialDate("2026-12-31"), PartialDate("2026-12-31"))


@pytest.mark.parametrize("line", ["byAK and the research community", "by AK and the research community"])
def test_the_curators_are_named(line: str) -> None:
    assert page("new", line).curators == "AK and the research community"


def test_addresses_lose_what_belongs_to_the_sentence() -> None:
    said = "See (https://a.example/x), https://b.example/y. And https://c.example/z_(1)] or https://github.com/a/b . "
    links = page("Jun 6", abstract=said * 5).entries[0].links
    assert [x.href for x in links] == [
        "https://a.example/x",
        "https://b.example/y",
        "https://c.example/z_(1)",
        "https://github.com/a/b",
    ]


def test_a_page_needs_neither_day_nor_curators() -> None:
    assert (page().status, [e.title for e in page().entries]) == (
        ReadStatus.OK,
        ["First of all titles", "Second of all titles"],
    )


@pytest.mark.parametrize(
    "title", ["@article{Har97,", "--boundary", "% Encoding: UTF-8", "Final-Recipient: rfc822; a@b.example"]
)
def test_other_texts_with_long_paragraphs_are_no_page(title: str) -> None:
    result = PageSource(URL).parse(response(f"{title}\n\n{'x y ' * 100}\n\n{title}\n\n{'x y ' * 100}"), NOW)
    assert (result.status, result.entries) == (ReadStatus.UNREADABLE, ())


def old_item(number: int, title: str) -> str:
    link = f"http://arxiv.org/abs/2303.{number:05}"
    people = "&lt;a href='x'&gt;Bisi Okoro&lt;/a&gt;, &lt;a href='y'&gt;Jan &amp;#x160;m&amp;#xed;d&lt;/a&gt; (for the Quiver Group)"
    return (
        f'<item rdf:about="{link}"><title>{title}</title><link>{link}</link><description>&lt;p&gt;Quivers.&lt;/p&gt;</description>'
        f"<dc:creator>{people}</dc:creator></item>"
    )


@pytest.mark.parametrize("kind", ["arxiv", "feed"])
def test_arxivs_old_feeds_say_id_version_category_and_kind_behind_the_title(kind: str) -> None:
    items = "".join([
        old_item(11, "Fusion rules. (arXiv:2303.00011v1 [math.QA])"), old_item(12, "Towers? (arXiv:2303.00012v3 [math.RT] UPDATED)"),
        old_item(13, "Knots. (arXiv:2303.00013v1 [hep-th] CROSS LISTED)"),
    ])  # fmt: skip
    body = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="http://arxiv.org/"><title>math.QA updates on arXiv.org'
        f"</title><dc:date>2023-03-02T20:30:00-05:00</dc:date></channel>{items}</rdf:RDF>"
    ).encode()
    reply = Response(url="https://mirror.example/rdf", body=body, fetched=datetime(2026, 11, 23, tzinfo=UTC))
    assert kind_of(reply) == "arxiv"
    source = ArxivSource(url=reply.url) if kind == "arxiv" else FeedSource(reply.url)
    entries = source.parse(reply, reply.fetched).entries
    assert [e.title for e in entries] == ["Fusion rules", "Towers?", "Knots"]
    assert [dict(e.identifiers) for e in entries] == [
        {"arxiv": "2303.00011", "arxiv_version": "1"}, {"arxiv": "2303.00012", "arxiv_version": "3"},
        {"arxiv": "2303.00013", "arxiv_version": "1"},
    ]  # fmt: skip
    assert [(e.announce_type, e.categories) for e in entries] == [
        ("new", ("math.QA",)), ("replace", ("math.RT",)), ("cross", ("hep-th",))
    ]  # fmt: skip
    if kind == "arxiv":
        assert (entries[0].authors, entries[0].affiliations) == (("Bisi Okoro", "Jan Šmíd", "Quiver Group"), ())


def test_what_a_model_wrote_of_a_paper_says_whose_it_is() -> None:
    paper = {"id": "2611.00001", "title": "On Lakes", "summary": "We weigh lakes.", "ai_summary": "Lakes are weighed."}
    body = json.dumps([{"paper": paper}])
    [entry] = HuggingFaceSource().parse(response(body), NOW).entries
    assert (entry.summary, entry.tldr) == ("We weigh lakes.", "Summary by Hugging Face's model: Lakes are weighed.")


def test_a_link_to_a_host_that_is_gone_names_nothing() -> None:
    paper = {
        "id": "2611.00001",
        "title": "On Lakes",
        "summary": "x",
        "projectPage": "https://paperswithcode.com/paper/on-lakes",
    }
    [entry] = HuggingFaceSource().parse(response(json.dumps([{"paper": paper}])), NOW).entries
    assert not [link for link in entry.links if "paperswithcode" in link.href]
    [item] = FeedSource(URL).parse(response(
        "<rss version='2.0'><channel><title>L</title><item><title>A</title><link>https://www.paperswithcode.com/p/a</link></item></channel></rss>"
    ), NOW).entries  # fmt: skip
    assert (item.link, item.links) == ("", ())
