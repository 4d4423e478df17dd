"""Titles, texts, names, identifiers and dates as feeds of publishers and blogs write them, in items written for the purpose."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest
from rows import rows

from digestbot.model import Entry, ParseResult, Response
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.sources.kinds.feed import FeedSource

NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:bibo="http://purl.org/ontology/bibo/"'
)
TITLE = "The weight of lakes in three valleys of the north"
TEXT = "We weigh the lakes of three valleys and find them heavy. They are heavier than thought by a factor of two."
DOI = "10.5555/lake.2026.12"


def read(*items: str) -> ParseResult:
    body = f"<rss version='2.0' {SPACES}><channel><title>Journal of Lakes</title>{''.join(items)}</channel></rss>"
    return FeedSource("x").parse(Response(url="https://j.example/rss", body=body.encode(), fetched=NOW), NOW)


def item(title: str = TITLE, described: str = TEXT, inner: str = "", link: str = "https://j.example/1") -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link><description>{escape(described)}</description>"
        f"{inner}</item>"
    )


def entry(**given: str) -> Entry:
    return read(item(**given)).entries[0]


@rows(
    "around",
    ["[Article] {}", "[Research Articles] {}", "Article: {}", "[Open Access] {}", "OPEN ACCESS | {}", "[Review] {}", "[PDF] {}",
     "ORIGINAL ARTICLE: {}", "[Open Access] [Article] {}", "[hal-04512345] {}", "[2611.01234] {}", "{} [Article]", "{} (Open Access)",
     "{} (arXiv:2611.01234)"],
)  # fmt: skip
def test_what_an_article_is_and_how_it_may_be_read_is_no_part_of_its_title(around: str) -> None:
    assert entry(title=around.format(TITLE)).title == TITLE


@pytest.mark.parametrize(
    "title",
    [
        "[Corrigendum] {}",
        "Review: {}",
        "[Comment] {}",
        "Letters: {}",
        "Articles of faith: {}",
        "[Retracted] {}",
        "{} (Review)",
    ],
)
def test_what_makes_another_work_of_it_stays_in_the_title(title: str) -> None:
    assert entry(title=title.format(TITLE)).title == title.format(TITLE)


@pytest.mark.parametrize("before", ["Journal of Lakes: ", "Journal of Lakes - ", "{}. ", "[{}] ", "#{}: ", "({}) "])
def test_a_journal_or_a_place_in_the_list_before_every_title_goes(before: str) -> None:
    titles = [TITLE, "Rivers of the south", "Ponds"]
    found = read(
        *(item(title=before.format(n) + title, link=f"https://j.example/{n}") for n, title in enumerate(titles, 1))
    )
    assert [e.title for e in found.entries] == titles


@pytest.mark.parametrize("numbers", [(3, 2, 1), (1, 2, 4), (1, 2)])
def test_numbers_that_are_no_places_in_the_list_stay(numbers: tuple[int, ...]) -> None:
    titles = [f"#{n}: A talk of lakes with guest {n}" for n in numbers]
    assert [e.title for e in read(*(item(title=t, link=f"https://j.example/{t[1]}") for t in titles)).entries] == titles


@pytest.mark.parametrize(
    "described",
    ["<h3>Graphical Abstract</h3><img src='x'/><p>{}</p>", "<p><strong>GRAPHICAL ABSTRACT</strong></p><p>{}</p>",
     "<p><img alt='Open Access' src='x'/></p><p>Open Access</p><p>{}</p>", "<b>Graphical Abstract</b><p>{}</p>",
     "<figure><img src='x'/><figcaption>Figure 1. A lake</figcaption></figure><p>{}</p>",
     "<div class='wp-caption'><img src='x'/><p class='wp-caption-text'>A lake</p></div><p>{}</p>",
     "<p>{} <a href='x'>Read more</a></p>", "<p>{} <a href='x'>Continue reading <span>The weight</span> &rarr;</a></p>",
     "<p>{}</p><p><a href='https://twitter.com/intent/tweet?u=x'>Tweet</a> <a href='https://www.facebook.com/sharer/sharer.php?u=x'>"
     "<img src='f.png'/> Share</a> <a href='mailto:?subject=x'>Email</a></p>"],
)  # fmt: skip
def test_labels_captions_and_links_that_hand_round_are_no_text(described: str) -> None:
    assert entry(described=described.format(TEXT)).summary == TEXT


def test_a_link_within_a_sentence_stays() -> None:
    described = f'<p>{TEXT} The <a href="https://x.com/lakes">account of the lakes</a> says <a href="y">read more of us</a>.</p>'
    assert entry(described=described).summary == f"{TEXT} The account of the lakes says read more of us."


@pytest.mark.parametrize("sign", ["…", " […]", " [&#8230;]", "..."])
def test_a_description_that_breaks_off_gives_way_to_the_whole_text(sign: str) -> None:
    whole = " ".join([TEXT] * 4)
    inner = f"<content:encoded>{escape(f'<p>{whole}</p>')}</content:encoded>"
    assert entry(described=whole[:290] + sign, inner=inner).summary == whole


@pytest.mark.parametrize(
    "inner",
    ["<prism:url>https://doi.org/{}</prism:url>", "<dcterms:identifier>{}</dcterms:identifier>", "<bibo:doi>{}</bibo:doi>",
     "<identifier>doi:{}</identifier>", "<dcterms:bibliographicCitation>Lakes 12, doi:{}</dcterms:bibliographicCitation>"],
)  # fmt: skip
def test_a_doi_is_found_in_the_vocabularies_of_libraries(inner: str) -> None:
    assert entry(inner=inner.format(DOI)).identifiers == {"doi": DOI}


@pytest.mark.parametrize(
    "described",
    [
        "<p>Jane Doe, John Roe<br/>DOI: {}</p><p>{}</p>",
        "<p>Authors: Jane Doe, John Roe</p><p>https://doi.org/{}</p><p>{}</p>",
    ],
)
def test_a_doi_below_the_names_of_its_authors_is_that_of_the_item(described: str) -> None:
    found = entry(described=described.format(DOI, TEXT))
    assert (found.identifiers, found.authors, found.summary) == ({"doi": DOI}, ("Jane Doe", "John Roe"), TEXT)


def test_the_licence_between_doi_and_authors_is_skipped() -> None:
    found = entry(
        described=f"<div><i>Chem. Lakes</i>, 2026, Accepted Manuscript<br/><b>DOI</b>: {DOI}, Paper</div><div><img alt='Open Access'/>"
        "&nbsp;Open Access<br/><img src='y'/>&nbsp;This article is licensed under a <a href='l'>Creative Commons Attribution 3.0 "
        f"Unported Licence.</a></div><div>Jane Doe, John Roe<br/>{TEXT}</div>"
    )
    assert (found.identifiers, found.authors, found.summary) == ({"doi": DOI}, ("Jane Doe", "John Roe"), TEXT)


@pytest.mark.parametrize(
    ("url", "doi"),
    [("https://hess.copernicus.org/articles/30/1234/2026/", "10.5194/hess-30-1234-2026"),
     ("https://hess.copernicus.org/articles/30/1234/2026/hess-30-1234-2026.pdf", "10.5194/hess-30-1234-2026"),
     ("https://egusphere.copernicus.org/preprints/2026/egusphere-2026-1234/", "10.5194/egusphere-2026-1234"),
     ("https://amt.copernicus.org/preprints/amt-2026-12/", "10.5194/amt-2026-12"),
     ("https://hess.copernicus.org/articles/30/issue12.html", None),
     ("https://r.example/content/journals/10.1146/annurev-lakes-030226-012345", "10.1146/annurev-lakes-030226-012345"),
     (f"https://r.example/journal/{DOI}/full", DOI), (f"https://r.example/{DOI}.html", DOI),
     ("https://r.example/journal/10.1111/lake", None), ("https://r.example/journal/10.1111/lake/issues", None)],
)  # fmt: skip
def test_the_doi_that_an_address_tells(url: str, doi: str | None) -> None:
    assert identifiers_in_url(url) == ({"doi": doi} if doi else {})


@pytest.mark.parametrize(
    ("inner", "names"),
    [("<author>jane@doe.example (Jane Doe)</author><dc:creator>Jane Doe</dc:creator>", ("Jane Doe",)),
     ("<author><![CDATA[jane@doe.industries (Jane Doe)]]></author><author>jo@doe.industries (Jo Roe)</author>", ("Jane Doe", "Jo Roe")),
     ("<dc:creator>Jane Doe, John Roe</dc:creator><dc:creator>Ana Cruz</dc:creator>", ("Jane Doe", "John Roe", "Ana Cruz")),
     ("<dc:creator>Doe, Jane; Roe, John</dc:creator><dc:creator>Cruz, Ana</dc:creator>", ("Jane Doe", "John Roe", "Ana Cruz")),
     ("<dc:creator>Doe, Jane</dc:creator><dc:creator>van der Berg, Anna</dc:creator>", ("Jane Doe", "Anna van der Berg")),
     ("<dc:creator>Gates, Henry Louis, Jr.</dc:creator><dc:creator>Doe, Jane</dc:creator>", ("Henry Louis Gates Jr.", "Jane Doe"))],
)  # fmt: skip
def test_several_elements_of_authors_of_whom_one_holds_several_or_an_address(
    inner: str, names: tuple[str, ...]
) -> None:
    assert entry(inner=inner).authors == names


@pytest.mark.parametrize("label", ["Author(s)", "Authors"])
def test_labels_in_lines_of_plain_text_are_parted(label: str) -> None:
    found = entry(described=f"{label}: Jane Doe, John Roe\nAbstract: {TEXT}")
    assert (found.authors, found.summary) == (("Jane Doe", "John Roe"), TEXT)


@pytest.mark.parametrize(
    "said",
    ["20 marraskuuta 2026", "20 листопада 2026", "20 Νοεμβρίου 2026", "20 noiembrie 2026", "20 listopadu 2026", "20. november 2026",
     "20/11/2026 às 10:00", "20. November 2026 10:00 Uhr"],
)  # fmt: skip
def test_months_of_more_languages_are_read(said: str) -> None:
    published = entry(inner=f"<pubDate>{said}</pubDate>").published
    assert published is not None
    assert published.text.startswith("2026-11-20")


@pytest.mark.parametrize(
    "inner",
    ["<prism:coverDate>2026-11-20</prism:coverDate>", "<dcterms:available>2026-11-20</dcterms:available>",
     "<prism:coverDisplayDate>20 November 2026</prism:coverDisplayDate>"],
)  # fmt: skip
def test_the_date_of_an_issue_counts_where_there_is_no_other(inner: str) -> None:
    published = entry(inner=inner).published
    assert published is not None
    assert published.text == "2026-11-20"


@pytest.mark.parametrize("said", ["Thu, 01 Jan 1970 00:00:00 +0000", "Mon, 01 Jan 0001 00:00:00 +0000"])
def test_the_zero_of_a_clock_is_no_date(said: str) -> None:
    assert entry(inner=f"<pubDate>{said}</pubDate>").published is None


def in_letters(said: str, declared: str, encoding: str, content_type: str = "") -> str:
    body = f'<?xml version="1.0"{declared}?><rss version="2.0"><channel><title>J</title><item><title>{said}</title></item></channel></rss>'
    headers = {"content-type": content_type} if content_type else {}
    response = Response(url="https://j.example/rss", body=body.encode(encoding), headers=headers, fetched=NOW)
    return FeedSource("x").parse(response, NOW).entries[0].title


@pytest.mark.parametrize(
    ("said", "declared", "encoding"),
    [("①湖の重さに関する研究", "Shift_JIS", "cp932"), ("湖の重さに関する研究", "x-sjis", "cp932"), ("호수의 똠방 무게", "euc-kr", "cp949"),
     ("湖泊镕研究与瞭望方法", "gb2312", "gb18030"), ("Über die Größe – “Seen”", "windows-1252", "utf-8"),
     ("Über die Größe – “Seen”", "iso-8859-1", "utf-8"), ("Über die Größe – “Seen”", "iso-8859-1", "cp1252"),
     ("Вес озёр", "koi8-r", "koi8-r"), ("Über die Größe", "us-ascii", "utf-8"), ("Über die Größe", "utf-8", "latin-1")],
)  # fmt: skip
def test_letters_are_read_as_they_are_meant_whatever_is_declared(said: str, declared: str, encoding: str) -> None:
    assert in_letters(said, f' encoding="{declared}"', encoding) == said
    assert in_letters(said, f" encoding='{declared.upper()}'", encoding, "application/rss+xml") == said


def test_one_stray_byte_costs_the_other_letters_nothing() -> None:
    body = "<rss version='2.0'><channel><title>J</title><item><title>Über die Größe der Seen, caf@</title></item></channel></rss>"
    data = body.encode().replace(b"@", b"\xe9")
    found = FeedSource("x").parse(Response(url="https://j.example/rss", body=data, fetched=NOW), NOW)
    assert found.entries[0].title == "Über die Größe der Seen, café"


def test_what_medium_hangs_on_a_post_is_none_of_it() -> None:
    end = f"<p><a href='x'>{TITLE}</a> was originally published in <a href='y'>Lakes</a> on Medium, where people are talking.</p>"
    assert entry(described=f"<p>{TEXT}</p><hr>{end}").summary == TEXT


def test_a_title_in_json_is_the_title_alone() -> None:
    body = b'{"version":"https://jsonfeed.org/version/1","title":"x","items":[{"id":"1","title":"[Article] Ponds"}]}'
    assert FeedSource("x").parse(Response(url="u", body=body, fetched=NOW), NOW).entries[0].title == "Ponds"


@rows(
    ("tail", "words"),
    [("Keywords: ice, lakes", ("ice", "lakes")), ("Key words: ice; lakes.", ("ice", "lakes")), ("KEYWORDS: ice", ("ice",)),
     ("Mots-clés : glace, lacs", ("glace", "lacs")), ("Palabras clave: hielo; lagos", ("hielo", "lagos")), ("Index Terms—ice, lakes", ("ice", "lakes")),
     ("Keywords: we search by two. They are few.", None), ("We list keywords, too", None)],
)  # fmt: skip
def test_keywords_behind_an_abstract_are_no_sentence_of_it(tail: str, words: tuple[str, ...] | None) -> None:
    one = entry(described=f"{TEXT} {tail}")
    assert (one.summary, one.categories) == ((f"{TEXT} {tail}", ()) if words is None else (TEXT, words))


@rows(
    ("title", "authors", "alone"),
    [(f"Ada Meier: {TITLE}", ("Ada Meier",), TITLE), (f"Ada Meier & Bo Huber: {TITLE}: a view", ("Ada Meier", "Bo Huber"), f"{TITLE}: a view"),
     ("The weight of lakes: a view", (), "The weight of lakes: a view"), (TITLE, (), TITLE)],
)  # fmt: skip
def test_philpapers_names_the_authors_before_the_title(title: str, authors: tuple[str, ...], alone: str) -> None:
    one = entry(title=title, link="https://philpapers.org/rec/MEITWO")
    assert (one.title, one.authors) == (alone, authors)
    assert entry(title=title).title == title
