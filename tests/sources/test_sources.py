"""What the kind `feed` reads in small documents written for the purpose, and which kind fits which bytes."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from rows import rows

from digestbot.model import Entry, Link, LinkRel, ParseResult, PartialDate, ReadStatus, Response
from digestbot.sources.formats.detect import kind_of
from digestbot.sources.kinds.feed import FeedSource
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import split_names
from digestbot.testing import replies, samples

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
URL = "https://lab.example/blog/feed.xml"
DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
PRISM = 'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'


def response(body: str | bytes, url: str = URL, at: datetime = NOW) -> Response:
    return Response(url=url, body=body.encode() if isinstance(body, str) else body, fetched=at)


def feed(body: str | bytes, url: str = URL) -> ParseResult:
    return FeedSource(url).parse(response(body, url), NOW)


def rss(items: str, channel: str = "<link>https://lab.example/</link>", version: str = "2.0") -> ParseResult:
    return feed(f'<rss version="{version}" {DC} {PRISM}><channel><title>Lab</title>{channel}{items}</channel></rss>')


def item(inner: str) -> Entry:
    return rss(f"<item><title>T</title>{inner}</item>").entries[0]


def atom(entries: str, head: str = "") -> ParseResult:
    return feed(f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Lab</title>{head}{entries}</feed>')


@pytest.mark.parametrize(("version", "kind"), [("0.91", "RSS 0.91"), ("0.92", "RSS 0.92"), ("2.0", "RSS 2.0")])
def test_rss_of_every_version_is_read(version: str, kind: str) -> None:
    result = rss(
        "<item><title>A</title><link>https://lab.example/1</link><description>D</description></item>", version=version
    )
    assert (result.status, result.kind, result.title) == (ReadStatus.OK, kind, "Lab")
    assert [(e.title, e.link, e.summary) for e in result.entries] == [("A", "https://lab.example/1", "D")]


def test_rdf_with_dublin_core_and_prism_is_read_although_items_stand_beside_the_channel() -> None:
    result = feed(
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {DC} {PRISM}>'
        '<channel rdf:about="x"><title>bio</title><link>https://bio.example</link></channel>'
        '<item rdf:about="y"><title>\n A \n</title><link>https://www.biorxiv.org/content/10.1101/743294v1?rss=1</link>'
        "<dc:creator>Kaur, M., Shukla, A.</dc:creator><dc:date>2019-08-23</dc:date><dc:identifier>doi:10.1101/743294</dc:identifier>"
        "<prism:publicationName>bioRxiv</prism:publicationName></item></rdf:RDF>"
    )
    (entry,) = result.entries
    assert (result.kind, entry.title, entry.authors) == ("RDF (RSS 1.0)", "A", ("M. Kaur", "A. Shukla"))
    assert (entry.identifiers, entry.published, entry.venue) == (
        {"doi": "10.1101/743294"},
        PartialDate("2019-08-23"),
        "bioRxiv",
    )


def test_an_atom_entry_is_read_whole() -> None:
    (entry,) = atom(
        '<entry><id>tag:1</id><title type="html">A &amp;lt;i&amp;gt;B&amp;lt;/i&amp;gt;</title><link href="https://lab.example/1"/>'
        '<link rel="related" type="application/pdf" href="https://lab.example/1.pdf"/><author><name>Ada L.</name></author>'
        "<author><name>Bo M.</name></author><category term='ml'/><published>2026-11-20T10:00:00+02:00</published>"
        "<updated>2026-11-21T08:00:00Z</updated><summary>S</summary></entry>"
    ).entries
    assert (entry.title, entry.authors, entry.categories) == ("A B", ("Ada L.", "Bo M."), ("ml",))
    assert (entry.published, entry.updated) == (
        PartialDate("2026-11-20T08:00:00Z"),
        PartialDate("2026-11-21T08:00:00Z"),
    )
    assert entry.links == (
        Link(LinkRel.ABSTRACT, "https://lab.example/1"),
        Link(LinkRel.PDF, "https://lab.example/1.pdf"),
    )
    assert (entry.native_key, entry.summary) == ("tag:1", "S")


def test_an_atom_entry_without_authors_has_those_of_the_feed() -> None:
    own = "<entry><id>1</id><title>A</title><author><name>Ada</name></author></entry>"
    result = atom(f"{own}<entry><id>2</id><title>B</title></entry>", "<author><name>Sam</name></author>")
    assert [e.authors for e in result.entries] == [("Ada",), ("Sam",)]


def test_an_rss_item_without_author_does_not_get_the_editor_of_the_channel() -> None:
    result = rss("<item><title>A</title></item>", "<managingEditor>boss@lab.example (Boss)</managingEditor>")
    assert result.entries[0].authors == ()


def test_a_date_of_publication_is_no_date_of_an_update() -> None:
    entry = item("<pubDate>Mon, 23 Nov 2026 06:30:00 GMT</pubDate>")
    assert (entry.published, entry.updated) == (PartialDate("2026-11-23T06:30:00Z"), None)


def test_relative_links_are_resolved() -> None:
    assert item("<link>/paper/1</link>").link == "https://lab.example/paper/1"
    entry = '<entry><id>1</id><title>A</title><link href="1.html"/></entry>'
    assert atom(entry, '<link href="https://lab.example/"/>').entries[0].link == "https://lab.example/blog/1.html"
    assert atom(entry, '<link rel="self" href="https://x/"/>').entries[0].link == "https://lab.example/blog/1.html"


def test_relative_links_of_a_saved_feed_are_relative_to_the_address_it_names() -> None:
    own = '<link rel="self" href="https://lab.example/atom/feed"/><entry><id>1</id><title>A</title><link href="/1"/></entry>'
    saved = feed(f'<feed xmlns="http://www.w3.org/2005/Atom">{own}</feed>', "file:///tmp/feed.xml")
    assert saved.entries[0].link == "https://lab.example/1"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "mailto:a@b.c", "data:text/html,x", "urn:isbn:1", "http://[bad"]
)
def test_a_link_that_does_not_lead_to_the_web_is_none(link: str) -> None:
    assert (item(f"<link>{link}</link>").link, item(f"<link>{link}</link>").links) == ("", ())


def test_the_original_link_wins_over_that_of_feedburner() -> None:
    burner = 'xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"'
    entry = item(
        f"<link>http://feedproxy.google.com/~r/1</link><feedburner:origLink {burner}>https://lab.example/1</feedburner:origLink>"
    )
    assert entry.link == "https://lab.example/1"


def test_identifiers_are_found_in_links_and_ids() -> None:
    assert item("<link>https://arxiv.org/abs/2611.00001v2</link>").identifiers == {
        "arxiv": "2611.00001",
        "arxiv_version": "2",
    }
    assert item("<guid>https://doi.org/10.5555/ABC.1</guid>").identifiers == {"doi": "10.5555/abc.1"}
    assert item("<link>https://pubmed.ncbi.nlm.nih.gov/123/</link>").identifiers == {"pmid": "123"}


@pytest.mark.parametrize(
    "others", [("S0000-1111(26)00001-1",), ("hwp:master-id:lake;5", "urn:issn:0000-1111"), ("pmid:31000001", "https://j.example/5")]
)  # fmt: skip
@pytest.mark.parametrize(
    "written", ["10.1000/lake.5", "doi:10.1000/lake.5", "<![CDATA[https://doi.org/10.1000/lake.5]]>"]
)
def test_a_doi_among_other_identifiers_is_found_wherever_it_stands(written: str, others: tuple[str, ...]) -> None:
    for given in ((written, *others), (*others, written)):
        entry = item("".join(f"<dc:identifier>{one}</dc:identifier>" for one in given))
        assert entry.identifiers["doi"] == "10.1000/lake.5"


def test_authors_joined_in_an_element_of_their_own_are_read() -> None:
    assert item("<authors>A. Meier;B. Huber</authors>").authors == ("A. Meier", "B. Huber")


def test_items_that_share_a_guid_have_keys_of_their_own() -> None:
    result = rss("<item><guid>1</guid><title>A</title></item><item><guid>1</guid><title>B</title></item>")
    assert [e.native_key for e in result.entries] == ["1 A", "1 B"]


def test_a_teaser_gives_way_to_the_whole_text() -> None:
    content = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    entry = item(f"<description>Short.</description><content:encoded {content}>{'Long text. ' * 20}</content:encoded>")
    assert entry.summary == ("Long text. " * 20).strip()


def test_an_entry_without_title_and_link_is_listed_all_the_same() -> None:
    (entry,) = rss("<item><description>Only this</description></item>").entries
    assert (entry.title, entry.link, entry.summary) == ("", "", "Only this")


def test_a_feed_without_entries_is_empty_and_no_failure() -> None:
    assert (rss("").status, rss("").problems) == (ReadStatus.EMPTY, ())


def test_broken_xml_gives_what_can_be_read_and_a_problem_that_says_where() -> None:
    result = feed(
        "<rss version='2.0'><channel>\n<item><title>A & B</title><guid>1</guid></item>\n<item><title>C</title>"
    )
    assert (result.status, [e.title for e in result.entries]) == (ReadStatus.PARTIAL, ["A & B", "C"])
    assert (result.problems[0].what, result.problems[0].where[:7]) == ("the feed is not well-formed", "line 3,")


def test_a_blank_line_before_the_declaration_costs_nothing() -> None:
    body = '\n\n<?xml version="1.0"?><rss version="2.0"><channel><item><title>A</title></item></channel></rss>'
    assert (feed(body).status, feed(body).problems, len(feed(body).entries)) == (ReadStatus.OK, (), 1)


def test_bytes_under_a_wrong_label_are_read_right() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>Größe</title></item></channel></rss>'
    assert [feed(body.encode(c)).entries[0].title for c in ("utf-8", "latin-1", "utf-8-sig")] == ["Größe"] * 3


def test_gzip_that_nobody_declared_is_unpacked() -> None:
    assert len(feed(gzip.compress(samples.journal_atom(date(2026, 11, 23)))).entries) == 5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("<html><body>Log in</body></html>", "web page"),
        ('<?xml version="1.0"?><!DOCTYPE html><html><body/></html>', "web page"),
        ("<!-- -->" * 500 + "<html>", "web page"),
        ('<opml version="2.0"><body><outline xmlUrl="https://x/"/></body></opml>', "<opml>"),
        ("<eSummaryResult><DocSum><Item>1965</Item></DocSum></eSummaryResult>", "<eSummaryResult>"),
        ('<?xml version="1.0"?><!-- x --><OAI-PMH><error/></OAI-PMH>', "<OAI-PMH>"),
        ('{"error": "no such feed"}', "no JSON Feed"),
        ("", "empty"),
    ],
    ids=["html", "xhtml", "comments", "opml", "pubmed", "oai", "json", "nothing"],
)
def test_what_is_no_feed_is_unreadable_and_named(body: str, said: str) -> None:
    result = feed(body)
    assert (result.status, result.entries) == (ReadStatus.UNREADABLE, ())
    assert said in result.problems[0].what


def test_a_web_page_that_names_its_feed_gives_the_address() -> None:
    result = feed('<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>')
    assert "/rss.xml" in result.problems[0].hint


def test_comments_before_a_feed_cost_no_time() -> None:
    body = "<!-- -->" * 400 + '<rss version="2.0"><channel><item><title>A</title></item></channel></rss>'
    assert [entry.title for entry in feed(body).entries] == ["A"]


def test_entities_are_not_expanded_and_no_file_is_opened() -> None:
    bomb = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;"><!ENTITY x SYSTEM "file:///etc/passwd">]>'
    result = feed(f'{bomb}<rss version="2.0"><channel><item><title>&b;&x;</title></item></channel></rss>')
    assert "aaaa" not in result.entries[0].title
    assert "root:" not in result.entries[0].title


def test_a_json_feed_is_read_with_the_authors_of_the_feed_where_an_item_has_none() -> None:
    items = [{"id": 1, "url": "/1", "title": "A", "content_html": "<p>x</p>", "date_published": "2026-11-20", "tags": ["ml"]},
             {"id": "2", "title": "B", "authors": [{"name": "Ada"}], "url": "javascript:x"}]  # fmt: skip
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Lab", "authors": [{"name": "Sam"}]}
    result = feed(json.dumps(head | {"items": items}))
    assert (result.kind, [e.authors for e in result.entries]) == ("JSON Feed 1.1", [("Sam",), ("Ada",)])
    assert [(e.link, e.native_key) for e in result.entries] == [("https://lab.example/1", "1"), ("", "2")]
    assert (result.entries[0].summary, result.entries[0].published) == ("x", PartialDate("2026-11-20"))


def test_half_a_character_in_json_can_be_stored() -> None:
    result = feed('{"items": [{"id": "\\ud800", "title": "\\ud800A", "url": "https://x.example/\\ud800"}]}')
    (entry,) = result.entries
    assert all(text.encode() for text in (entry.title, entry.link, entry.native_key))


def test_an_item_that_is_no_object_is_a_problem_and_costs_no_other() -> None:
    result = feed('{"items": [1, {"id": "1", "title": "A"}]}')
    assert (result.status, len(result.entries), result.problems[0].where) == (ReadStatus.PARTIAL, 1, "item 1")


@rows(
    ("text", "names"),
    [("Kaur, M., Shukla, A.", ["M. Kaur", "A. Shukla"]), ("Meier, Anna", ["Anna Meier"]), ("Ada L.; Bo M.", ["Ada L.", "Bo M."]),
     ("A. Meier, B. Huber and C. Li", ["A. Meier", "B. Huber", "C. Li"]), ("Ada Lovelace", ["Ada Lovelace"]),
     ("Ada Meier, Bo Huber, and Cem Li", ["Ada Meier", "Bo Huber", "Cem Li"]), ("Meier, A., & Huber, B.", ["A. Meier", "B. Huber"]),
     ("Meier, A. and Huber, B.", ["A. Meier", "B. Huber"]), ("Ada Meier; and Bo Huber", ["Ada Meier", "Bo Huber"]),
     ("Ada Meier, Bo Huber, et al.", ["Ada Meier", "Bo Huber"]), ("Meier & Huber", ["Meier", "Huber"]),
     ("Andrea Sand, Amanda Band", ["Andrea Sand", "Amanda Band"])],
)  # fmt: skip
def test_joined_names_are_parted(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [("Öner, Ö., Kaur, M.", ["Ö. Öner", "M. Kaur"]), ("Meier, Th., Kaur, M.", ["Th. Meier", "M. Kaur"]),
     ("van Dyk, J. W. F. K. L., Kaur, M.", ["J. W. F. K. L. van Dyk", "M. Kaur"]),
     ("Kaur, M., Li, Y.-H., The Lake Consortium", ["M. Kaur", "Y.-H. Li", "The Lake Consortium"]),
     ("The Lake Consortium, Kaur, M.", ["The Lake Consortium", "M. Kaur"]), ("Li, X., WHO, Kaur, M.", ["X. Li", "WHO", "M. Kaur"]),
     ("Byrne, J., Jr., Kaur, M.", ["J. Byrne Jr.", "M. Kaur"]), ("Byrne, Jr., J., Kaur, M.", ["J. Byrne Jr.", "M. Kaur"]),
     ("Kaur, M., Byrne, J., III", ["M. Kaur", "J. Byrne III"]), ("Kaur MA, Li B", ["M. A. Kaur", "B. Li"]),
     ("Kaur, MA, Li, B, Lake Group", ["M. A. Kaur", "B. Li", "Lake Group"])],
)  # fmt: skip
def test_one_unusual_name_leaves_the_others_whole(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [("Ada Byrne, Jr., Bo Li", ["Ada Byrne Jr.", "Bo Li"]), ("Ada Byrne, WHO, Bo Li", ["Ada Byrne", "WHO", "Bo Li"]),
     ("A. B., C. D.", ["A. B.", "C. D."]), ("王伟, 李娜, 张敏", ["王伟", "李娜", "张敏"])],
)  # fmt: skip
def test_names_in_their_spoken_order_stay_apart(text: str, names: list[str]) -> None:
    assert split_names(text) == names


@pytest.mark.parametrize(
    ("text", "read"),
    [("2026", "2026"), ("2026-11", "2026-11"), ("2026-11-23", "2026-11-23"), ("2026-11-23T07:30:00+01:00", "2026-11-23T06:30:00Z"),
     ("Mon, 23 Nov 2026 06:30:00 GMT", "2026-11-23T06:30:00Z"), ("23 Nov 26 01:30 EST", "2026-11-23T06:30:00Z"),
     ("Seg, 24 Set 2018 19:42:40 -0300", "2018-09-24T22:42:40Z"), ("3. März 2026", "2026-03-03"), ("4 juillet 2026", "2026-07-04"),
     ("Thu , 09  Feb\t2006  23:59:45 +0000", "2006-02-09T23:59:45Z")],
)  # fmt: skip
def test_a_date_is_as_precise_as_it_was_given(text: str, read: str) -> None:
    assert date_of(text) == PartialDate(read)


@rows(
    ("text", "read"),
    [("2026/11/24", "2026-11-24"), ("2026.11.24", "2026-11-24"), ("20261124", "2026-11-24"), ("2026 Nov 24", "2026-11-24"),
     ("2026-Nov-24", "2026-11-24"), ("24-Nov-2026", "2026-11-24"), ("24 November 2026", "2026-11-24"), ("Tue, 24 Nov 2026", "2026-11-24"),
     ("Tuesday, November 24th, 2026", "2026-11-24"), ("24 de noviembre de 2026", "2026-11-24"), ("2026 Nov", "2026-11"),
     ("March 2026", "2026-03"), ("November 24, 2026 at 1:15 pm", "2026-11-24T13:15:00Z"), ("24 Nov 2026 12:05 AM EST", "2026-11-24T05:05:00Z"),
     ("2026-11-24 13:15:41 UTC", "2026-11-24T13:15:41Z"), ("2026-11-24T13:15:41.123456-05", "2026-11-24T18:15:41Z"),
     ("2026-11-24T13:15:41+02:00[Europe/Berlin]", "2026-11-24T11:15:41Z"), ("Tue, 2026/11/24 13:15:41 EST", "2026-11-24T18:15:41Z"),
     ("Tue Nov 24 13:15:41 2026", "2026-11-24T13:15:41Z"), ("1764061200", "2025-11-25T09:00:00Z"), ("1764061200000", "2025-11-25T09:00:00Z")],
)  # fmt: skip
def test_a_date_is_read_in_whatever_order_it_is_written(text: str, read: str) -> None:
    assert item(f"<pubDate>{text}</pubDate>").published == date_of(text) == PartialDate(read)


@rows(
    ("zone", "read"),
    [("-04", "17:15:41"), ("+2", "11:15:41"), ("GMT", "13:15:41"), ("GMT+0100 (Central European Time)", "12:15:41"), ("+01:00", "12:15:41"),
     ("CET", "12:15:41"), ("CEST", "11:15:41"), ("BST", "12:15:41"), ("JST", "04:15:41"), ("pdt", "20:15:41"), ("-0400 (EDT)", "17:15:41"),
     ("", "13:15:41")],
)  # fmt: skip
def test_a_zone_counts_however_it_is_named(zone: str, read: str) -> None:
    assert item(f"<pubDate>TUE, 24 NOV 2026 13:15:41 {zone}</pubDate>").published == PartialDate(f"2026-11-24T{read}Z")


@pytest.mark.parametrize("clock", ["13:15:41 IST", "13:15:41 XYZT", "24:00:00 GMT"])
def test_of_a_time_that_cannot_be_known_the_day_is_kept(clock: str) -> None:
    assert item(f"<pubDate>Tue, 24 Nov 2026 {clock}</pubDate>").published == PartialDate("2026-11-24")


@rows(
    ("text", "read"),
    [("2026年11月23日", "2026-11-23"), ("2026年11月", "2026-11"), ("2026 年 11 月 23 日 10:30", "2026-11-23T10:30:00Z"),
     ("2026년 11월 23일", "2026-11-23"), ("2026. 11. 23.", "2026-11-23"), ("23.11.2026", "2026-11-23"), ("3.4.2026", "2026-04-03"),
     ("23.11.2026 11:41", "2026-11-23T11:41:00Z"), ("11/23/2026 11:41:36 PM", "2026-11-23T23:41:36Z"), ("11/23/2026", "2026-11-23"),
     ("24/11/2026", "2026-11-24"), ("11/12/2026 3:00 PM", "2026-11-12T15:00:00Z"), ("23-11-2026", "2026-11-23"),
     ("2002-12-31T192030+01:00", "2002-12-31T18:20:30Z"), ("20021231T192030Z", "2002-12-31T19:20:30Z"), ("2026-W48-1", "2026-11-23"),
     ("2026-327", "2026-11-23"), ("2026-11-00", "2026-11"), ("2026-00-00", "2026"), ("23 ноября 2026", "2026-11-23"),
     ("23 listopada 2026", "2026-11-23"), ("23 Kasım 2026", "2026-11-23"), ("Monday, November 23, 2026 - 11:41", "2026-11-23T11:41:00Z")],
)  # fmt: skip
def test_dates_of_other_countries_and_clocks_are_read(text: str, read: str) -> None:
    assert date_of(text) == PartialDate(read)


@pytest.mark.parametrize("text", ["11/12/2026", "March–April 2026", "2026 Nov-Dec", "Winter 2026", "Q4 2026"])
def test_only_the_year_is_taken_where_nothing_tells_the_month(text: str) -> None:
    assert date_of(text) == PartialDate("2026")


@pytest.mark.parametrize(
    ("text", "believed"),
    [
        ("Mon, 23 Nov 2099 11:41:36 GMT", False),
        ("2026-11-26", False),
        ("2026-11-24", True),
        ("2027-03", True),
        ("2028", False),
    ],
)
def test_a_date_that_cannot_have_come_is_not_believed(text: str, believed: bool) -> None:
    assert (item(f"<pubDate>{text}</pubDate>").published is not None) is believed


def test_a_json_feed_is_not_believed_a_date_that_is_to_come() -> None:
    items = [{"id": n, "title": n, "date_published": day} for n, day in (("a", "2099-01-01"), ("b", "2026-11-20"))]
    assert [e.published for e in feed(json.dumps({"items": items})).entries] == [None, PartialDate("2026-11-20")]


def test_a_date_that_is_none_is_told_and_costs_no_entry() -> None:
    result = rss("<item><title>A</title><pubDate>the other day</pubDate></item><item><title>B</title></item>")
    assert (result.status, [e.published for e in result.entries]) == (ReadStatus.PARTIAL, [None, None])
    assert [(p.what, p.where) for p in result.problems] == [("a date could not be read", "the other day")]


@pytest.mark.parametrize("text", ["17640612001", "99887766", "Vol. 5, 2026 Lake"])
def test_a_day_is_not_guessed(text: str) -> None:
    assert item(f"<pubDate>{text}</pubDate>").published is None


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-13-01", "2026-02-30", "31 Jun 2026", "4 jui 2026", "07-01T01:55:07-05:00", None, 2026]
)
def test_what_is_no_date_is_none(text: Any) -> None:
    assert date_of(text) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [(samples.arxiv_rss(date(2026, 11, 23)), "arxiv"), (samples.journal_atom(date(2026, 11, 23)), "feed"),
     (samples.daily_json(date(2026, 11, 23)), "huggingface"), (samples.page_text(date(2026, 11, 23)), "page"),
     (b'{"version": "https://jsonfeed.org/version/1", "items": []}', "feed"), (b"<html><a href='https://arxiv.org/'>", "feed"),
     (replies.oai(date(2026, 11, 23)), "oai"), (gzip.compress(samples.arxiv_rss(date(2026, 11, 23))), "arxiv"), (b"", "feed"), ("<rss/>".encode("utf-16"), "feed"),
     (b"\xef\xbb\xbf\n<?xml version='1.0'?><feed/>", "feed")],
    ids=["arxiv", "journal", "daily", "page", "json feed", "html", "oai", "gzip", "nothing", "utf-16", "bom"],
)  # fmt: skip
def test_the_kind_follows_from_the_bytes(body: bytes, kind: str) -> None:
    assert kind_of(response(body)) == kind
