"""The rule language by its page: every example holds, every statement has a case."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rows import rows

from digestbot.errors import RuleError
from digestbot.model import Link, LinkRel, Paper, PartialDate
from digestbot.papers import clean
from digestbot.rules import PaperIndex, parse
from digestbot.rules.language.fields import ALIASES, FIELDS, HAS
from digestbot.rules.words.tokenizer import folded_words, words_by_pattern
from digestbot.testing.builders import paper

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
RICH = paper(
    1, title="State-Space Models for Naïve Robots: a survey", summary="We use memory, not attention. Flow matching in C++.",
    authors=("Ada Lovelace", "J. Doe"), affiliations=("University of Oslo",), categories=("cs.CV", "cs.LG"),
    published=PartialDate("2026-02-03"), signals={"upvotes": 21}, links=(Link(LinkRel.CODE, "https://github.com/x/y"),),
    sources=("arxiv-cs", "daily"), venue="JMLR", identifiers={"arxiv": "2602.00001", "doi": "10.5555/x"}, language="en",
)  # fmt: skip
BARE = paper(2, title="Whales", summary="", authors=(), categories=(), published=None, identifiers={}, links=())


def true(rule: str, of: Paper = RICH) -> bool:
    return parse(rule).match(of) is not None


@rows("rule", re.findall(r"```rule\n(.*?)\n```", PAGE))
def test_every_example_of_the_page_can_be_read(rule: str) -> None:
    parse(rule)


def test_every_field_and_alias_stands_on_the_page() -> None:
    for name in [*FIELDS, *ALIASES]:
        assert f"`{name}:" in PAGE or f"`{name}:`" in PAGE or f"{name}:`" in PAGE, name
    assert all(f"`{name}`" in PAGE for name in HAS)


@rows(
    "rule",
    [
        "robots", "robot", "ROBOT", "naive", "state-space", "state space", '"state space"', "robo*", "C++", "=models",
        '"flow matching"', '"matching flow"~3', "ti:robot", "title:robot", "abs:memory", "au:Lovelace", 'au:"A. Lovelace"',
        "aff:Oslo", "cat:cs.CV", "cat:cs.*", "CAT:cs.cv", "src:daily", "venue:JMLR", "id:2602.00001", "doi:10.5555/x",
        "lang:en", "upvotes:>=21", "upvotes:>20", "published:>2026-01", "published:2026-02-03", "authors:<10", "sources:>=2",
        "has:code", "has:doi", "robot OR whales", "robot AND memory", "robot memory", "NOT whales", "-whales",
        "whales OR robot memory", "(whales OR robot) memory", "-ti:whales -abs:robot",
    ],
)  # fmt: skip
def test_this_rule_finds_the_paper(rule: str) -> None:
    assert true(rule)


@rows(
    "rule",
    [
        "whales", "=robot", "rob", '"space state"', '"memory matching"', "abs:robot", "ti:memory", "au:Turing", "cat:cs",
        "cat:math.*", "src:arxiv", "upvotes:<21", "upvotes:>21", "published:>2026-03", "has:pdf", "robot -memory",
        "NOT robot", "robot AND whales", "(whales OR robot) dolphins", "NOT (whales OR robot)",
    ],
)  # fmt: skip
def test_this_rule_does_not_find_the_paper(rule: str) -> None:
    assert not true(rule)


@pytest.mark.parametrize(
    "rule", ["aff:Oslo", "NOT aff:Oslo", "upvotes:<5", "NOT upvotes:<5", "published:<2026", "NOT au:Doe"]
)
def test_what_is_not_known_is_neither_true_nor_false(rule: str) -> None:
    assert not true(rule, BARE)
    assert true(f"whales OR ({rule})", BARE)


@pytest.mark.parametrize("rule", ["NOT abs:robot", "NOT cat:cs.CV", "NOT robots", "NOT has:code"])
def test_a_missing_abstract_or_category_is_empty_and_not_unknown(rule: str) -> None:
    assert true(rule, BARE)


def test_a_match_says_which_words_in_which_field_as_they_stand_there() -> None:
    match = parse('(robot OR whales) "flow matching" cat:cs.* upvotes:>5').match(RICH)
    assert match is not None
    assert {(r.field, r.text) for r in match.reasons} == {
        ("title", "Robots"), ("abstract", "Flow matching"), ("category", "cs.CV"), ("category", "cs.LG"), ("upvotes", "21"),
    }  # fmt: skip


def test_a_site_topic_stands_for_its_rule() -> None:
    assert parse("@ml -whales", topics={"ml": "robot OR attention"}).match(RICH)
    with pytest.raises(RuleError, match="itself"):
        parse("@a", topics={"a": "@b", "b": "@a"})


@pytest.mark.parametrize(
    ("rule", "says", "caret"),
    [
        ("tit:edge", "ti", 0),
        ("(a OR b", "never closed", 0),
        ("a b)", "", 3),
        ('"open', "", 0),
        ("upvotes:many", "", 0),
        ("@nothing", "nothing", 0),
        ("published:>soon", "", 0),
        ("", "", 0),
    ],
)
def test_a_mistake_shows_its_place(rule: str, says: str, caret: int) -> None:
    with pytest.raises(RuleError) as caught:
        parse(rule)
    shown = caught.value.caret().split("\n")
    assert says in str(caught.value)
    assert abs(shown[1].index("^") - caret) <= 1


@given(st.text(max_size=60))
def test_no_text_makes_the_parser_raise_anything_else(text: str) -> None:
    with suppress(RuleError):
        parse(text)


TERMS = st.sampled_from(
    ["robot", "whales", "memory", '"flow matching"', "ti:robot", "aff:Oslo", "upvotes:>5", "cat:cs.*", "-attention"]
)
RULES = st.recursive(
    TERMS,
    lambda inner: st.tuples(st.sampled_from(["({} OR {})", "({} {})", "({} AND NOT ({}))"]), inner, inner).map(
        lambda t: t[0].format(t[1], t[2])
    ),
    max_leaves=6,
)


@given(RULES)
def test_the_index_finds_what_the_evaluator_finds(rule: str) -> None:
    papers = [RICH, BARE, paper(3, title="Attention for whales", signals={"upvotes": 9}), paper(4, summary="Memory.")]
    parsed = parse(rule)
    assert PaperIndex(papers).select(parsed) == [p for p in papers if parsed.match(p)]


def test_other_editions_identifiers_find_the_work_and_a_version_number_alone_does_not() -> None:
    one = paper(1, identifiers={"arxiv": "2602.00001", "arxiv_version": "2"}, same_as=("doi:10.5555/abc", "pmid:77"))
    for rule in ("id:10.5555/abc", "doi:10.5555/*", "id:77", "id:2602.00001v2", "has:doi"):
        assert parse(rule).match(one), rule
    assert parse("id:2").match(one) is None


def test_a_begun_ideograph_is_the_ideograph() -> None:
    assert parse("注意*").match(paper(1, title="注意力机制"))


#: rules that can be read and find nothing, or nearly so · what the warning proposes
DOUBTFUL = [
    ("cat:cs", "write cat:cs.*"), ("cat:math", "write cat:math.*"), ("cat:astro-ph", "write cat:astro-ph.*"),
    ("cat:cond-mat", "write cat:cond-mat.*"), ("cat:cs.CW", "the nearest is cat:cs."), ("cat:hep-th.AA", "cat:hep-th"),
    ('cat:"cs.LG OR cs.CL"', "write cat:(cs.LG OR cs.CL)"), ("lang:english", "write lang:en"), ("doi:10.1038", "write doi:10.1038/*"),
    ("pond src:nosuch", "no source"), ("pond src:dayly", "the nearest is src:daily"), ("cs.CV", "write cat:cs.CV"),
    ("astro-ph", "write cat:astro-ph.*"), ("astro-ph.CO", "write cat:astro-ph.CO"), ("hep-th", "write cat:hep-th"),
    ("cond-mat.mes-hall", "write cat:cond-mat.mes-hall"), ("2602.00001v2", "write id:2602.00001v2"),
    ("hep-ex/0304038", "write id:hep-ex/0304038"), ('abs:"semantic parsing" AND "abs:parsers"', "write abs:parsers"),
    ("au:Yann LeCun", 'write au:"Yann LeCun"'), ("au:Smith J robots", 'write au:"Smith J"'), ("au:yann lecun", 'au:"yann lecun"'),
    ("venue:Physical Review Letters", 'write venue:"Physical Review Letters"'), ("cat:cell biology", 'write cat:"cell biology"'),
    ("aff:University of Oslo", 'write aff:"University of Oslo"'), ("-ti:flow matching", 'write ti:"flow matching"'),
    ("published:>2027 published:<2026", "never match"), ("published:2026 published:<2025-06", "never match"),
    ('"flow matching" -flow', "never match"), ("ti:flow -flow", "never match"), ("flow -flo*", "never match"),
    ("cat:cs.CV -cat:cs.*", "never match"), ("lang:en lang:de", "never match"), ("flow -(x OR flow)", "never match"),
    (" ".join(f"w{n}" for n in range(40)) + " -w3", "never match"),
]  # fmt: skip
#: right as they are
SURE = [
    'au:"Smith J"', 'au:"J Smith"', 'au:"LeCun, Y"', "cat:hep-th", "2020-2024", "0028-0836", "2011-2012", "cat:cs.CV diffusion",
    "au:Hinton AND diffusion", "au:Hinton diffusion", "flow -ti:flow", '-"flow matching" flow', "published:>2025 published:<2027",
    "cat:cs.* -cat:cs.CV", "src:daily", "src:arx*", 'cat:"cell biology"', "lang:en OR lang:de", "doi:10.1038/*", 'ti:"flow matching"',
    "cat:q-bio.*", "cat:physics.chem-ph",
]  # fmt: skip
SOURCES = ("arxiv-cs", "daily")


@rows(("rule", "says"), DOUBTFUL, ids=[row[0][:40] for row in DOUBTFUL])
def test_a_rule_that_finds_nothing_is_answered_with_the_one_that_works(rule: str, says: str) -> None:
    assert says in " ".join(parse(rule).warnings(SOURCES))


@rows("rule", SURE)
def test_a_rule_that_can_match_is_not_doubted(rule: str) -> None:
    assert parse(rule).warnings(SOURCES) == ()


#: a rule as people type it · what stands in the paper's title
TYPED = [
    ("H_0", "The tension of $H_0$"), ("CO_2 capture", "Capture of CO<sub>2</sub>"), ("CO_2", "CO_2 in logs"), ("SL_2", "On SL$_2$"),
    ("L^p", "$L^p$ spaces"), ('"^{13}C"', "Of $^{13}$C"), ('"$\\alpha$-helix"', "An α-helix"), ("α-synuclein", "alpha-synuclein in lakes"),
    ("alpha-synuclein", "Fibrils of $\\alpha$-synuclein"), ("TGFbeta", "TGFβ"), ('"A* search"', "A* search"), ("IL-1*", "IL-1β and more"),
    ('"C*-algebra"', "A C*-algebra"), ("GPT-4*", "GPT-4o"), ("supernova", "Supernovae"), ("vortex", "vortices"), ("basis", "bases"),
    ("base", "bases"), ("stenosis", "stenoses"), ("AIDS", "HIV/AIDS"), ("aids", "Hearing aids"), ("MERS", "MERS"),
    ("économie", "L'économie"), ("arte", "Storia dell'arte"), ("Alembert", "A problem of d’Alembert"), ("Hawaii", "Hawaiʻi"),
    ("fl\u200bow", "flow"), ("µm", "10 µm"), ("TGF-beta", "TGFbeta"), ("TGFβ", "TGF-β"), ("TGFβ", "TGF beta"), ("IL-6", "IL6"),
    ("IL6", "IL-6"), ("p53", "p-53"), ("B12", "vitamin B-12"), ("anti-p53", "anti-p-53"), ("COVID19", "COVID-19"), ("COVID-19", "Covid19"), ("p-53", "p53"), ("GPT-4", "GPT4"), ("GPT4", "GPT-4"),
    ("CRISPR-Cas9", "CRISPR/Cas9"), ("CRISPR-Cas9", "CRISPR/Cas-9"), ("SARS-CoV2", "SARS-CoV-2"), ("SARS-CoV-2", "SARS-CoV2"),
    ("NF-kappaB", "NFκB"), ("NFκB", "NF-κB"), ("IL1β", "IL-1β"), ("x-ray", "Xray"), ("3-D printing", "3D printing of bone"), ("ti:pre-training", "Pretraining"),
    ('"fine-tuning of"', "Finetuning of models"), ("fine-tun*", "Finetuned"), ('"TGF-beta cancer"~5', "Cancer and TGFbeta"),
]  # fmt: skip


@rows(("rule", "title"), TYPED)
def test_a_word_is_found_as_people_type_it(rule: str, title: str) -> None:
    one = paper(1, title=clean(title), summary="")
    parsed = parse(rule)
    assert parsed.match(one)
    assert PaperIndex([one]).select(parsed) == [one]


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("AIDS", "First aid"),
        ("MERS", "k-mer"),
        ("SARS", "SAR images"),
        ('"AIDS care"', "Aid care"),
        ("=α", "alpha"),
        ("AT1", "At 1 year"),
        ("A-B", "Ab initio"),
        ("t-5", "T5"),
        ("=fine-tuning", "Finetuning"),
        ("IL6*", "IL 65"),
        ("N95", "n = 95"),
        ("A12", "a 12-week trial"),
        ("p5", "p 5"),
        ("2020-2024", "20202024"),
    ],
)
def test_a_word_in_capitals_or_as_it_is_stands_for_no_other(rule: str, title: str) -> None:
    one = paper(1, title=title, summary="")
    assert not parse(rule).match(one)
    assert not PaperIndex([one]).bits(parse(rule))


def test_an_exact_venue_is_the_whole_name() -> None:
    venues = ("Nature", "Nature Physics", "Nature & Science", "")
    papers = [paper(n, venue=venue) for n, venue in enumerate(venues)]
    for rule, found in (
        ("venue:=Nature", [0]),
        ('venue:="nature physics"', [1]),
        ("venue:=Nat*", [0]),
        ('venue:="nature phys*"', [1]),
    ):
        assert [p.id for p in PaperIndex(papers).select(parse(rule))] == found, rule
        assert [p.id for p in papers if parse(rule).match(p)] == found, rule


#: what the patterns tell apart, beside plain letters
_PIECES = (
    "a",
    "b",
    "d",
    "L",
    "Z",
    "2",
    "'",
    "’",
    " ",
    "  ",
    "+",
    "#",
    "-",
    "_",
    "é",
    "e\u0301",
    "\u0301",
    "字",
    "カ",
    "\u00ad",
    ".",
    "\t",
    "\n",
    "\x1f",
    "\u2003",
)


@given(st.lists(st.sampled_from(_PIECES), max_size=16).map("".join))
def test_the_quick_way_cuts_a_text_into_the_words_of_the_patterns(text: str) -> None:
    assert folded_words(text) == words_by_pattern(text)


@given(st.text(max_size=30))
def test_the_quick_way_cuts_any_text_as_the_patterns_do(text: str) -> None:
    assert folded_words(text) == words_by_pattern(text)
