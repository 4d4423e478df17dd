"""Items as generators of feeds write them: authors, journal and abstract out of lines of the description, and out of the title."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from digestbot.model import Entry, Response
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.papers.text.clean import clean
from digestbot.sources.kinds.feed import FeedSource

NOW = datetime(2026, 11, 26, 7, 30, tzinfo=UTC)
TITLE = "The weight of lakes in three valleys"
TEXT = "We weigh the lakes of three valleys and find them heavy. They are heavier than thought."
BOTH = ("Jane Doe", "John Roe")


def entry(title: str = TITLE, described: str = TEXT, creators: tuple[str, ...] = ()) -> Entry:
    people = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in creators)
    body = (
        "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Journal of Lakes</title><item>"
        f"<title>{escape(title)}</title><link>https://j.example/1</link><description>{escape(described)}</description>{people}</item></channel></rss>"
    )
    response = Response(url="https://j.example/rss", body=body.encode(), fetched=NOW)
    [found] = FeedSource("x").parse(response, NOW).entries
    return found


@pytest.mark.parametrize(
    "described",
    [f"{TITLE}\nDoe, Jane; Roe, John\n{TEXT}", f"<b>{TITLE}</b><br>Jane Doe (University of X) and John Roe (Bank of Y)<br>Abstract: {TEXT}",
     f"By: Doe, Jane; Roe, John\n{TEXT}", f"<p>by Jane Doe, John Roe</p>\n\n{TEXT}", f"Author(s): Jane Doe and John Roe<br/>Abstract: {TEXT}"],
    ids=["dspace", "ssrn", "repec", "plos", "brill"],
)  # fmt: skip
def test_the_authors_in_a_line_of_the_description_are_authors_and_no_abstract(described: str) -> None:
    found = entry(described=described)
    assert (found.title, found.authors, found.summary) == (TITLE, BOTH, TEXT)


@pytest.mark.parametrize(
    "described", ["by the lake we sat and wept for a long time.", f"{TITLE}\nAnd what came of it.\n{TEXT}"]
)
def test_a_line_that_holds_no_names_is_a_part_of_the_text(described: str) -> None:
    assert entry(described=described).authors == ()


@pytest.mark.parametrize(
    ("title", "authors"),
    [(f"Doe, Jane and Roe, John (2026) {TITLE}. Journal of Lakes, 12 (3). pp. 45-50. ISSN 0000-0019", BOTH), (f"Doe, Jane (2026) {TITLE}.", BOTH[:1]),
     (f"[Research] {TITLE}", ())],
)  # fmt: skip
def test_what_stands_around_a_title_is_taken_off(title: str, authors: tuple[str, ...]) -> None:
    assert (entry(title=title).title, entry(title=title).authors) == (TITLE, authors)


@pytest.mark.parametrize("title", ["Lakes, rivers (2026) and the sea of tomorrow", "Peace (2026) in our time"])
def test_a_year_in_a_title_is_a_part_of_it(title: str) -> None:
    assert entry(title=title).title == title


@pytest.mark.parametrize(
    "creators",
    [("Jane DoeJohn Roe1Department of Lakes, X University, Oslo, Norway.2Y Institute.",), ("Jane Doe1University of X, UK", "John Roe2Y College, USA"),
     ("Jane Doe (Autor/a)", "John Roe (Автор)")],
)  # fmt: skip
def test_places_and_roles_glued_to_names_are_no_part_of_them(creators: tuple[str, ...]) -> None:
    assert entry(creators=creators).authors == BOTH


@pytest.mark.parametrize(
    "name", ["Ann McDonald", "Ian MacDonald", "Léa DeLuca", "Eva VanDyke", "Bo Lu3", "Research Group B2B"]
)
def test_a_name_with_a_capital_inside_is_one(name: str) -> None:
    assert len(entry(creators=(name,)).authors) == 1


@pytest.mark.parametrize(
    ("described", "venue", "summary"),
    [("Journal Name: Z. Krist.<br/>Volume: 241<br/>Issue: 11<br/>Pages: 1-12", "Z. Krist.", ""),
     (f"Source: Volume 12, Issue 3, pp 45 - 60<br/>Author(s): Jane Doe<br/>Abstract: {TEXT}", "", TEXT),
     ("//static.press.example/content/id/urn:x.png", "", ""), (f"[...]{TEXT}", "", TEXT),
     (f"<sec><st>Objective</st><p>{TEXT}</p></sec>", "", f"Objective {TEXT}")],
    ids=["de gruyter", "brill", "picture", "hal", "highwire"],
)  # fmt: skip
def test_what_says_where_an_article_stands_is_no_abstract(described: str, venue: str, summary: str) -> None:
    found = entry(described=described)
    assert (found.venue, found.summary) == (venue, summary)


def test_headings_that_run_into_the_next_word_are_parted_in_the_middle_too() -> None:
    told = clean("IntroductionBees live in towns.MethodsWe counted them.ResultsThere were many.")
    assert told == "Introduction: Bees live in towns. Methods: We counted them. Results: There were many."


@pytest.mark.parametrize("host", ["www.jmir.org", "mental.jmir.org"])
def test_an_article_of_jmir_is_named_by_its_number(host: str) -> None:
    assert identifiers_in_url(f"https://{host}/2026/1/e61234") == {"doi": "10.2196/61234"}
