"""The rule language by its page: every example holds, every statement has a case."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.errors import RuleError
from digestbot.model import Link, Paper, PartialDate
from digestbot.rules import PaperIndex, parse
from digestbot.rules.language.fields import ALIASES, FIELDS, HAS
from digestbot.testing.builders import paper

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
RICH = paper(
    1, title="State-Space Models for Naïve Robots: a survey", summary="We use memory, not attention. Flow matching in C++.",
    authors=("Ada Lovelace", "J. Doe"), affiliations=("University of Oslo",), categories=("cs.CV", "cs.LG"),
    published=PartialDate("2026-02-03"), signals={"upvotes": 21}, links=(Link("code", "https://github.com/x/y"),),
    sources=("arxiv-cs", "daily"), venue="JMLR", identifiers={"arxiv": "2602.00001", "doi": "10.5555/x"}, language="en",
)  # fmt: skip
BARE = paper(2, title="Whales", summary="", authors=(), categories=(), published=None, identifiers={}, links=())


def true(rule: str, of: Paper = RICH) -> bool:
    return parse(rule).match(of) is not None


@pytest.mark.parametrize("rule", re.findall(r"```rule\n(.*?)\n```", PAGE))
def test_every_example_of_the_page_can_be_read(rule: str) -> None:
    parse(rule)


def test_every_field_and_alias_stands_on_the_page() -> None:
    for name in [*FIELDS, *ALIASES]:
        assert f"`{name}:" in PAGE or f"`{name}:`" in PAGE or f"{name}:`" in PAGE, name
    assert all(f"`{name}`" in PAGE for name in HAS)


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("cat:cs", "write cat:cs.*"),
        ("cat:math", "write cat:math.*"),
        ('au:"Smith J"', 'as spoken: au:"j smith"'),
        ('au:"J Smith"', ""),
        ("cat:hep-th", ""),
    ],
)
def test_an_archive_without_a_part_and_a_name_turned_around_are_doubted(rule: str, says: str) -> None:
    warnings = " ".join(parse(rule).warnings())
    assert says in warnings
    assert bool(warnings) == bool(says)
