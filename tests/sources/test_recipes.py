"""Recipes: every shipped one is a right source and reads a sample of its place's shape; names, addresses, files of one's own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from rows import rows

from digestbot.app.recipes import known_recipes
from digestbot.model import ParseResult, ReadStatus, Response
from digestbot.plugins import SOURCES, Kinds
from digestbot.settings.fields import duration
from digestbot.sources.recipes import Recipe, Recipes, read_recipes
from digestbot.testing import field_replies, replies, samples

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
KINDS = Kinds(SOURCES)

#: feeds as the houses write them, one item each: RSS 1.0 with PRISM (Atypon, Nature, APS, Wiley), RSS 2.0, Atom (PLOS)
PRISM = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"><channel rdf:about="https://{host}/">
<title>{title}</title><link>https://{host}/</link></channel><item rdf:about="https://{host}/doi/10.5555/a.2026.1?af=R"><title>On samples</title>
<link>https://{host}/doi/abs/10.5555/a.2026.1?af=R</link><description>We sample.</description><dc:creator>Ines Okafor, Mei Abara</dc:creator>
<dc:date>2026-11-20T08:00:00Z</dc:date><dc:identifier>doi:10.5555/a.2026.1</dc:identifier><prism:publicationName>{title}</prism:publicationName>
<prism:doi>10.5555/a.2026.1</prism:doi></item></rdf:RDF>"""
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>{title}</title><link>https://{host}/</link>
<item><title>On samples</title><link>https://{host}/2026/1234</link><guid>https://{host}/2026/1234</guid><description>&lt;p&gt;We sample.&lt;/p&gt;</description>
<dc:creator>Ines Okafor</dc:creator><pubDate>Fri, 20 Nov 2026 08:00:00 GMT</pubDate></item></channel></rss>"""
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>{title}</title><id>i</id><updated>2026-11-20T08:00:00Z</updated><entry>
<title>On samples</title><id>10.1371/journal.pone.0300001</id><link rel="alternate" href="https://{host}/plosone/article?id=10.1371/journal.pone.0300001"/>
<author><name>Ines Okafor</name></author><published>2026-11-20T08:00:00Z</published><updated>2026-11-20T08:00:00Z</updated><content type="html">We sample.</content></entry></feed>"""
SHAPES = {
    "journals.plos.org": ATOM,
    **dict.fromkeys(("www.nature.com", "www.science.org", "www.pnas.org", "pubs.acs.org", "www.tandfonline.com", "journals.sagepub.com", "dl.acm.org",
                     "onlinelibrary.wiley.com", "www.cell.com", "feeds.aps.org", "feeds.rsc.org"), PRISM),
}  # fmt: skip
OF_KIND: dict[str, Callable[[], bytes]] = {
    "arxiv": lambda: samples.arxiv_rss(DAY), "biorxiv": lambda: replies.biorxiv(DAY), "pubmed": lambda: replies.pubmed(DAY),
    "crossref": lambda: replies.crossref(DAY), "europepmc": lambda: field_replies.europepmc(DAY), "openreview": lambda: field_replies.openreview(DAY),
    "dblp": lambda: field_replies.dblp(DAY), "datacite": lambda: field_replies.datacite(DAY), "huggingface": lambda: samples.daily_json(DAY),
    "oai": lambda: replies.oai(DAY, "oai_dc"),
}  # fmt: skip


@cache
def shipped() -> Recipes:
    return known_recipes(None)


def read(recipe: Recipe) -> ParseResult:
    """What the source of a recipe reads in a sample of its place's shape."""
    options = {k: v for k, v in recipe.with_words('"ice sheet"').options.items() if not k.endswith("_file")}
    source = KINDS[recipe.kind].from_options({"url": "", **options})
    (request, *_) = source.requests({}, NOW)
    host = urlsplit(request.url).hostname or ""
    feed = SHAPES.get(host, RSS).format(host=host, title=recipe.title.replace("&", "&amp;")).encode()
    body = feed if recipe.kind == "feed" else OF_KIND[recipe.kind]()
    result: ParseResult = source.parse(Response(url=request.url, body=body, fetched=NOW), NOW)
    return result


def test_every_recipe_reads_a_sample_of_its_shape() -> None:
    for recipe in shipped().known:
        result = read(recipe)
        assert result.status is ReadStatus.OK, recipe.name
        assert all(entry.title and (entry.link or entry.identifiers) for entry in result.entries), recipe.name
        host = urlsplit(str(recipe.options.get("url", ""))).hostname or ""
        if SHAPES.get(host) is PRISM:
            assert result.entries[0].identifiers == {"doi": "10.5555/a.2026.1"}, recipe.name


def test_every_recipe_says_what_it_brings_and_has_a_name_and_a_rhythm() -> None:
    names = [recipe.name for recipe in shipped().known]
    assert len(names) == len(set(names)) > 300
    for recipe in shipped().known:
        assert len(recipe.about) > 20, recipe.name
        assert recipe.title, recipe.name
        assert "{" not in "".join((recipe.name, recipe.title, *map(str, recipe.options.values()))), recipe.name
        assert not recipe.every or duration(recipe.every).total_seconds() >= 3600, recipe.name
        assert set(recipe.options) <= {*KINDS[recipe.kind].options, "url"}, recipe.name


@rows(
    "place",
    ["arxiv math", "biorxiv", "medrxiv", "pubmed", "nep", "nber", "iacr", "hal", "zbmath", "osf", "psyarxiv", "doaj", "inspire", "acl anthology", "plos",
     "elife", "pnas", "nature", "science", "cell", "physical review", "acs", "rsc", "ieee", "acm", "springer", "sciencedirect", "wiley", "tandfonline", "sagepub",
     "oxford", "cambridge", "mdpi", "frontiers", "pensoft", "jmlr", "tmlr", "blog", "ssrn", "zenodo", "dblp"],
)  # fmt: skip
def test_the_places_people_know_are_found_by_a_word(place: str) -> None:
    assert shipped().like(place)


@pytest.mark.parametrize(
    ("said", "name"),
    [("cs.CR", "arxiv-cs-cr"), ("math.nt", "arxiv-math-nt"), ("Nature Physics", "nature-physics"), ("PLOS one", "plos-one"), ("nep-mac", "nep-mac"),
     ("Past & Present", "past-present"), ("bioRxiv neuroscience", "biorxiv-neuroscience"), ("IACR ePrint", "iacr"), ("Noûs", "nous"), ("nothing", None)],
)  # fmt: skip
def test_a_place_has_a_name_and_a_title(said: str, name: str | None) -> None:
    found = shipped().named(said)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("address", "name", "url"),
    [("https://www.nature.com/nphys/", "nature-physics", "https://www.nature.com/nphys.rss"), ("nature.com/natrevmats", "natrevmats", "https://www.nature.com/natrevmats.rss"),
     ("https://eprint.iacr.org", "iacr", "https://eprint.iacr.org/rss/rss.xml"), ("https://journals.plos.org/plosbiology/", "plos-biology", "https://journals.plos.org/plosbiology/feed/atom"),
     ("https://www.cell.com/neuron/home", "neuron", "https://www.cell.com/neuron/inpress.rss"), ("https://zookeys.pensoft.net/", "zookeys", "https://zookeys.pensoft.net/rss"),
     ("https://www.nature.com/articles/s41586-026-00001-1", None, ""), ("https://lab.example/", None, ""), ("https://[", None, "")],
)  # fmt: skip
def test_a_place_is_known_by_its_address(address: str, name: str | None, url: str) -> None:
    found = shipped().at(address)
    assert (found.name if found else None, found.options["url"] if found else "") == (name, url)


def test_who_mistypes_is_told_what_may_be_meant() -> None:
    assert "nature-physics" in shipped().near("natur physics")
    assert shipped().near("zzzz") == ()


def test_a_search_wants_words() -> None:
    recipe = shipped().named("pubmed-search")
    assert recipe is not None
    assert recipe.wants_words
    ready = recipe.with_words("asthma[mh]")
    assert (ready.name, ready.options["query"], ready.wants_words) == ("pubmed-search-asthma-mh", "asthma[mh]", False)


def test_the_sources_of_every_field_are_recipes() -> None:
    for beginning in shipped().beginnings.values():
        assert all(shipped().named(name) for name in beginning.sources), beginning.title
        assert beginning.topics
        assert beginning.lacks


OWN = """
[[recipes]]
title = "Our seminar"
kind = "feed"
url = "https://uni.example/seminar.xml"
page = "uni.example/seminar"
about = "Talks, each Monday."

[[recipes]]
name = "pnas"
title = "PNAS, our way"
kind = "crossref"
issn = "1091-6490"
about = "By Crossref."
"""


def test_a_file_of_ones_own_adds_recipes_and_wins() -> None:
    known = read_recipes(
        [
            ("own", OWN),
            (
                "ours",
                '[[recipes]]\nname = "pnas"\ntitle = "PNAS"\nkind = "feed"\nabout = "x"\nurl = "https://p.example"',
            ),
        ]
    )
    assert [(one.name, one.kind) for one in known.known] == [("our-seminar", "feed"), ("pnas", "crossref")]
    found = known.at("https://uni.example/seminar/")
    assert found is not None
    assert found.name == "our-seminar"


@pytest.mark.parametrize(
    ("text", "said"),
    [("[[recipes]", "own: this is no TOML"), ("recipes = 3", "own: recipes is a list of tables"), ('[[recipes]]\ntitle = "A"\nkind = "feed"', "own, recipe A: about is missing"),
     ('[[recipes]]\ntitle = "A"\nkind = "feed"\nabout = "x"\neach = [1]', "own, recipe A: each is a table")],
)  # fmt: skip
def test_a_mistake_in_a_file_of_recipes_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("[", r"\[")):
        read_recipes([("own", text)])


def test_a_recipe_names_no_secret() -> None:
    known: list[Any] = [recipe.options for recipe in shipped().known]
    assert all("secrets/" in str(options[key]) for options in known for key in options if key.endswith("_file"))
