"""docs/rules.md is right: its twenty examples find what it says, its tables are the program's, its algorithms have cases."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rows import rows

from digestbot.model import Link, LinkRel, Paper, PartialDate
from digestbot.rules import PaperIndex, parse
from digestbot.rules.language import foreign_syntax
from digestbot.rules.language.fields import ALIASES, FIELDS, HAS, CodeField, TextField
from digestbot.rules.language.grammar import DEEPEST, LONGEST, MOST_NEAR, MOST_TERMS
from digestbot.rules.language.terms import LONGEST_WORD, MOST_WORDS, WIDEST
from digestbot.rules.words.stemming import ENDINGS, IRREGULAR, stem
from digestbot.rules.words.tokenizer import ELIDED, fold, words_of
from digestbot.testing.builders import paper

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"\d+\. ([^\n]+)\n\n```rule\n(.*)\n```\n\nFinds ([\d, ]+|none)\.", PAGE)


def read(row: dict[str, Any]) -> Paper:
    """A paper of the page."""
    known: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
    return Paper(
        title=known["title"], summary=known.get("summary", ""), language=known.get("language", ""), venue=known.get("venue", ""),
        identifiers={k: known[k] for k in ("arxiv", "doi") if k in known},
        signals={"upvotes": known["upvotes"]} if "upvotes" in known else {},
        links=(Link(LinkRel.CODE, known["code"]),) if "code" in known else (),
        published=PartialDate(known["published"]) if "published" in known else None,
        **{k: known.get(k, ()) for k in ("authors", "affiliations", "categories", "sources")},
    )  # fmt: skip


PAPERS = [read(json.loads(line)) for line in re.findall(r"```json\n(.*?)\n```", PAGE, re.DOTALL)[0].splitlines()]


def test_the_page_has_twenty_examples_from_real_interests() -> None:
    assert (len(EXAMPLES), len(PAPERS)) == (20, 9)


@rows(("what", "rule", "finds"), EXAMPLES, ids=[row[0] for row in EXAMPLES])
def test_an_example_finds_what_the_page_says(what: str, rule: str, finds: str) -> None:
    wanted = [int(n) for n in re.findall(r"\d+", finds)]
    parsed = parse(rule)
    assert [n for n, one in enumerate(PAPERS, 1) if parsed.match(one)] == wanted, what
    assert PaperIndex(PAPERS).select(parsed) == [PAPERS[n - 1] for n in wanted]


def test_the_table_of_plurals_on_the_page_is_the_programs() -> None:
    [block] = re.findall(r"```plurals\n(.*?)\n```", PAGE, re.DOTALL)
    assert dict(pair.split(" → ") for pair in block.replace("\n", " ").split(" · ")) == IRREGULAR


def test_the_endings_and_elided_words_on_the_page_are_the_programs() -> None:
    said = re.findall(r"first of these endings that it has, replaced:\n(.*?);\n3\.", PAGE, re.DOTALL)[0]
    assert tuple(re.findall(r"`(\w+)` → `(\w+)`", said)) == ENDINGS
    assert re.findall(r"```elided\n(.*?)\n```", PAGE, re.DOTALL)[0].split() == ELIDED


def test_the_lists_of_what_is_no_word_are_the_programs() -> None:
    listed = {
        kind: re.findall(rf"```{kind}\n(.*?)\n```", PAGE, re.DOTALL)[0]
        for kind in ("operators", "calls", "names", "shapes")
    }
    assert set(listed["operators"].split()) == set(foreign_syntax.OPERATORS)
    assert set(listed["calls"].split()) == set(foreign_syntax.CALLS)
    assert set(listed["names"].split()) == set(foreign_syntax.FIELDS)
    assert listed["shapes"].splitlines() == [pattern.pattern for pattern, _, _ in foreign_syntax.SHAPES]


def test_the_table_of_fields_names_each_with_its_kind_and_what_is_unknown() -> None:
    rows = [row.split("|") for row in PAGE.splitlines() if row.startswith("| `") and row.count("|") == 6]
    named = {name: (row[4], row[5]) for row in rows for name in re.findall(r"`(\w+):`", row[1])}
    assert named.keys() - {"has"} == FIELDS.keys()
    for name, field in FIELDS.items():
        kind, missing = named[name]
        assert ("words" in kind, "code" in kind) == (isinstance(field, TextField), isinstance(field, CodeField)), name
        unknown = field.read(Paper()) is None
        assert ("not known" in missing) == unknown, name
    for alias, name in ALIASES.items():
        assert any(f"`{alias}:`" in row[2] and f"`{name}:`" in row[1] for row in rows), alias
    assert all(f"`{what}`" in PAGE for what in HAS)


def test_the_limits_on_the_page_are_the_programs() -> None:
    [said] = re.findall(r"Limits: (.*?)\n\n", PAGE, re.DOTALL)
    assert [int(n.replace(",", "")) for n in re.findall(r"[\d,]+\d", said)] == [
        LONGEST, MOST_TERMS, MOST_NEAR, DEEPEST, MOST_WORDS, LONGEST_WORD,
    ]  # fmt: skip
    assert f"near at most {WIDEST}" in PAGE


@rows(
    ("text", "cut"),
    [
        ("state-space models", "state space models"), ("don't model's", "dont models"), ("‘tis Schrödinger’s", "tis schrodingers"),
        ("C++, C# and F#.", "c++ c# and f#"), ("attention+memory CD8+ a+b", "attention memory cd8 a b"), ("c++a c#1", "c a c 1"),
        ("nai\u0308ve naïve NAÏVE", "naive naive naive"), ("\u0301a b\u0301", "a b"), ("x_y 3.4×", "x y 3 4"), ("GPT-4o 10²", "gpt 4o 102"),
        ("注意力 attention注", "注 意 力 attention 注"), ("か\u3099が・カ", "か か カ"), ("Straße ﬁne Łukasz Ærø", "strasse fine lukasz aero"),
        ("co\u00adop zero\u200dwidth", "coop zerowidth"), ("हिन्दी", fold("हिन्दी")), ("❤\ufe0f a\ufe0f", "a"), ("'' ' -- …", ""),
        ("İstanbul ΣΑΣ", "istanbul σασ"), ("rock 'n' roll", "rock n roll"), ("1990's", "1990s"), ("ʼtis oʼneil", "tis oneil"),
    ],
)  # fmt: skip
def test_a_text_is_cut_and_folded_as_the_page_says(text: str, cut: str) -> None:
    made = words_of(text)
    assert list(made.folded) == cut.split()
    assert len(made.spans) == len(made.folded)
    assert all(fold(made.shown(n, n)) == word or "+" in word for n, word in enumerate(made.folded))


@rows(("one", "many"), [
    ("model", "models"), ("study", "studies"), ("box", "boxes"), ("class", "classes"), ("mesh", "meshes"), ("approach", "approaches"),
    ("matrix", "matrices"), ("bias", "biases"), ("gpu", "gpus"), ("llm", "llms"), ("analysis", "analyses"), ("database", "databases"),
    ("virus", "viruses"), ("index", "indices"), ("index", "indexes"), ("lens", "lenses"), ("movie", "movies"), ("corpus", "corpora"),
    *(pair.split() for pair in (
        "supernova supernovae|vortex vortices|larva larvae|alga algae|fungus fungi|mitochondrion mitochondria|taxon taxa|basis bases|base bases|"
        "formula formulae|mosquito mosquitoes|volcano volcanoes|fetus fetuses|stenosis stenoses|coronavirus coronaviruses|tomato tomatoes|shoe shoes|"
        "tetrahedron tetrahedra|streptococcus streptococci|stoma stomata|plateau plateaux|hypha hyphae|archaeon archaea|axis axes|gene genes|"
        "kinase kinases|dose doses|cause causes|hypothesis hypotheses|prosthesis prostheses|hydrolysis hydrolyses|quiz quizzes|wolf wolves"
    ).split("|")),
])  # fmt: skip
def test_one_and_many_have_the_same_form(one: str, many: str) -> None:
    assert stem(one) == stem(many)


@pytest.mark.parametrize(
    ("one", "other"), [("bus", "bush"), ("bas", "base"), ("us", "u"), ("focus", "foci x"), ("is", "i")]
)
def test_other_words_have_other_forms(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_a_form_has_itself_as_form_so_that_the_table_is_whole() -> None:
    assert {form for form in IRREGULAR.values() if stem(form) != form} == set()


def found(rule: str, **values: Any) -> bool:
    one = paper(**{"title": "", "summary": "", "authors": (), **values})
    parsed = parse(rule)
    assert bool(parsed.match(one)) == bool(PaperIndex([one]).bits(parsed)), rule
    return parsed.match(one) is not None


@rows(
    ("rule", "name", "finds"),
    [
        ('au:"G Hinton"', "Geoffrey Hinton", True), ('au:"Geoffrey Hinton"', "G. Hinton", True), ("au:g", "Geoffrey Hinton", False),
        ('au:"Geoffrey Hinton"', "Geoffrey E. Hinton", True), ('au:"Geoffrey Hinton"', "Geoffrey Everest Hinton", True),
        ('au:"Geoffrey E. Hinton"', "Geoffrey Hinton", False), ('au:"G E Hinton"', "Geoffrey Everest Hinton", True),
        ('au:"Hinton, Geoffrey"', "Geoffrey E. Hinton", True), ('au:"Hinton, G."', "Geoffrey Hinton", True),
        ('au:"Hinton, Geoffrey"', "Hinton, Geoffrey", True), ('au:"Hinton, Geoffrey"', "Ada Hinton", False),
        ('au:"John Smith, Jr."', "John Smith Jr", True), ('au:"John Smith, Jr."', "Jr John Smith", True),
        ('au:="Hinton, Geoffrey"', "Geoffrey Hinton", False),
        ('au:="Geoffrey Hinton"', "G. Hinton", False), ('au:="Geoffrey Hinton"', "Geoffrey E. Hinton", False),
        ('au:"Hinton Geoffrey"', "Geoffrey Hinton", True), ('au:"Hinton Geoffrey"~0', "Geoffrey Hinton", True),
        ('au:"Erik Halvorsen"', "Halvorsen, E. P.", True), ('au:"E. P. Halvorsen"', "Halvorsen, E. P.", True), ('au:"Erik Halvorsen"', "Halvorsen EP", True),
        ('au:"Halvorsen EP"', "Erik Peter Halvorsen", True), ('au:"Smith JK"', "Smith, John K.", True), ('au:"Geoffrey Hinton"', "Geoffrey H. Smith", False),
        ('au:"Yaron Lindqvist"', "Yaron L. Lindqvist", True), ('au:"Jan van der Meer"', "van der Meer, J.", True), ('au:"Wei Li"', "LI Wei", True),
        ('au:"Carl Anderson"', "Anderson, Carl Heinrich", True), ('au:="Carl Anderson"', "Carl Heinrich Anderson", False), ('au:"J D"', "Jane Doe", False),
        ('au:"halvorsen ep"', "Halvorsen, E. P.", True), ('au:"halvorsen ep"', "E. P. Halvorsen", True), ('au:"jk smith"', "Smith, J.K.", True),
        ("au:Williams", "William", False), ("au:will*", "William", True), ('au:"j picard"', "Jean-Luc Picard", True),
        ('au:"jean picard"', "J.-L. Picard", True), ('au:"geoffrey hint*"', "G. E. Hinton", True), ('au:"王明"', "王小明", False),
        ('au:"王小明"', "王 小明", True), ("au:oneil", "Pat O'Neil", True),
    ],
)  # fmt: skip
def test_a_name_is_found_with_initials_as_the_page_says(rule: str, name: str, finds: bool) -> None:
    assert found(rule, authors=(name,)) == finds


def test_a_phrase_does_not_go_from_one_author_to_the_next() -> None:
    assert not found('au:"Lovelace Grace"', authors=("Ada Lovelace", "Grace Hopper"))
    assert not found('au:"Ada Hopper"~9', authors=("Ada Lovelace", "Grace Hopper"))


@rows(
    ("rule", "date", "value"),
    [
        ("published:2026", "2026-02", True), ("published:2026-02", "2026", None), ("published:>2026-01", "2026-01-31", False),
        ("published:>2026-01", "2026-02-01", True), ("published:>=2026-01", "2026-01-01", True), ("published:>2026-06", "2026", None),
        ("published:<2026", "2025-12-31", True), ("published:<=2026-02", "2026-02-28", True), ("published:<2026-02", "2026-02", False),
        ("published:>9998", "9999", True), ("published:<=9999-12", "9999-12-31", True), ("published:>=9999-12", "9999", None),
        ("published:2026-02-03", "2026-02-03T10:00:00Z", True), ("published:>2026-02-03", "2026-02-03T10:00:00Z", False),
    ],
)  # fmt: skip
def test_a_date_is_compared_as_precisely_as_it_is_known(rule: str, date: str, value: bool | None) -> None:
    published = PartialDate(date)
    assert found(rule, published=published) == (value is True)
    assert found(f"NOT {rule}", published=published) == (value is False)


def test_a_begun_word_is_compared_without_plurals() -> None:
    assert found("transform*", title="Transformers")
    assert not found("studies*", title="study")
    assert found('"flow match*"', title="flows matching")


def test_near_counts_the_words_more_than_the_phrase() -> None:
    assert found('ti:"a b"~2', title="b x y a")
    assert not found('ti:"a b"~1', title="b x y a")
    assert found('ti:"a b"~0', title="b a")
    assert not found('ti:"a a b"~5', title="a b")
