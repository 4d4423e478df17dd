"""The index of a window answers as the plain evaluator does, for every rule and every paper; and quickly."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import log

import pytest
from cost import Cost
from sizes import size

from digestbot.errors import RuleError
from digestbot.model import Link, LinkRel, Paper, PartialDate, Reason
from digestbot.rules import PaperIndex, parse
from digestbot.rules.evaluation.evaluate import Prepared, evaluate
from digestbot.rules.language.syntax_tree import Node
from digestbot.rules.words.tokenizer import folded_words
from digestbot.testing.builders import paper

PAPERS, RULES = 60, size(400, full=2000)  #: 120,000 pairs

WORDS = [
    "model", "models", "Modelle", "bias", "biases", "state", "space", "state-space", "states", "naïve", "Naive", "na\u0131\u0308ve",
    "diffusion", "flow", "matching", "matrices", "matrix", "C++", "C#", "c", "GPT-4", "4", "it's", "its", "study", "studies",
    "Straße", "strasse", "注意", "注意力", "が", "か\u3099", "straßen", "ﬁne", "fine", "transformer", "transformers", "trans", "a", "I",
    "the", "of", "Łukasz", "e\u0301tale", "étale", "co\u00adop", "coop", "x_y", "α-GAN", "gan", "GANs", "हिन्दी", "10²", "102",
    "AIDS", "aids", "aid", "SARS", "TGFβ", "tgfbeta", "α", "alpha", "l'eau", "eau", "H_0", "h0", "larvae", "larva", "Hawaiʻi", "hawaii",
]  # fmt: skip
ENDS = [" ", " ", " ", " ", ". ", ", ", " – ", "-", "/", "; ", "\n", " ('", "') "]
NAMES = [
    "Ada Lovelace", "A. Lovelace", "Ada B. Lovelace", "Lovelace, Ada", "Geoffrey E. Hinton", "G. E. Hinton", "Hinton", "王 小明", "王小明",
    "J. Doe", "Jane Doe", "Jan Doering", "Anna B. Bo Carl", "Jean-Luc Picard", "J.-L. Picard", "O'Neil", "Łukasz Kaiser", "Williams", "William",
    "Halvorsen, E. P.", "Halvorsen EP", "Erik P. Halvorsen", "JK Smith", "Smith, John K.", "van der Meer, J.", "Jan van der Meer", "Wei LI", "Li Wei",
]  # fmt: skip
PLACES = ["University of Oslo", "Oslo Metropolitan University", "ETH Zürich", "MIT", "Max-Planck-Institut"]
CATEGORIES = ["cs.CV", "cs.LG", "stat.ML", "math.AG", "CS.cv", "csx"]
DATES = [
    "2025",
    "2026",
    "2026-02",
    "2026-02-03",
    "2026-02-28",
    "2026-03-01T00:00:00Z",
    "2026-02-03T10:11:12Z",
    "9999",
    "9999-12",
    "9999-12-31",
]
SOURCES = ["arxiv-cs", "daily", "Some Journal"]
ASKED_PLACES = ["oslo", "universit*", "Zurich", '"university oslo"~1', "x"]
ASKED_SOURCES = ["daily", "arxiv*", '"some journal"', "none"]


def some(draw: random.Random, of: list[str], most: int) -> tuple[str, ...]:
    return tuple(draw.choice(of) for _ in range(draw.randrange(most + 1)))


def prose(draw: random.Random, most: int) -> str:
    return "".join(draw.choice(WORDS) + draw.choice(ENDS) for _ in range(draw.randrange(most + 1)))


def random_paper(draw: random.Random, number: int) -> Paper:
    def maybe(value: str) -> PartialDate | None:
        return PartialDate(value) if draw.random() < 0.7 else None

    identifiers = {"arxiv": f"2602.{number:05}", "doi": f"10.5/{number}", "arxiv_version": str(draw.randrange(1, 4))}
    rels = some(draw, ["code", "pdf", "project"], 2)
    return paper(
        number, title=prose(draw, 8), summary=prose(draw, 40), authors=some(draw, NAMES, 3),
        affiliations=some(draw, PLACES, 2), categories=some(draw, CATEGORIES, 2), sources=some(draw, SOURCES, 2),
        published=maybe(draw.choice(DATES)), announced=maybe(draw.choice(DATES)), venue=draw.choice(["", "JMLR", "Nature of Models"]),
        language=draw.choice(["", "en", "de", "en-gb"]), version=draw.choice([None, 1, 2]),
        identifiers={k: v for k, v in identifiers.items() if draw.random() < 0.6},
        links=tuple(Link(LinkRel(rel), f"https://code.example/{draw.choice(['model', 'state-space'])}") for rel in rels),
        signals={k: draw.randrange(4) for k in ("upvotes", "comments", "stars") if draw.random() < 0.5},
    )  # fmt: skip


def term(draw: random.Random) -> str:
    word = draw.choice(WORDS)
    phrase = " ".join(draw.choice(WORDS) for _ in range(draw.choice((1, 2, 2, 2, 3, 4))))
    kind = draw.randrange(9)
    if kind < 3:
        return word
    if kind == 3:
        return f"{word[:3]}*"
    if kind == 4:
        return f'"{phrase}{draw.choice(["", "*"])}"'
    if kind == 5:
        return f'"{phrase}"~{draw.randrange(6)}'
    return f'="{phrase}"' if kind == 6 else f'"{phrase}"' if kind == 7 else f"={word}"


def name(draw: random.Random) -> str:
    parts = folded_words(draw.choice(NAMES))
    kept = [draw.choice((p, p, p[0])) for p in parts if draw.random() < 0.8] or parts
    written = " ".join(kept)
    return draw.choice((f'"{written}"', f'"{written}"', f'"{written}*"', f'="{written}"', f'"{written}"~2', parts[-1]))


def atom(draw: random.Random) -> str:
    operator = draw.choice(["<", "<=", ">", ">=", "=", ""])
    kinds: list[Callable[[], str]] = [
        lambda: term(draw), lambda: term(draw), lambda: term(draw), lambda: f"ti:{term(draw)}", lambda: f"abs:{term(draw)}",
        lambda: f"au:{name(draw)}", lambda: f"aff:{draw.choice(ASKED_PLACES)}",
        lambda: f"cat:{draw.choice([*CATEGORIES, 'cs.*', 'c*', '(cs.CV OR math.*)'])}",
        lambda: f"src:{draw.choice(ASKED_SOURCES)}",
        lambda: draw.choice(['venue:JMLR', 'venue:=Nature', 'venue:="nature of models"', 'venue:=nat*', 'venue:="nature of mod*"', 'venue:model', 'venue:"of models"']), lambda: f"code:{draw.choice(['model', 'state', 'example*'])}",
        lambda: f"id:2602.0000{draw.randrange(9)}{draw.choice(['', 'v1', '*'])}", lambda: "doi:10.5/*", lambda: f"lang:{draw.choice(['en', 'en*'])}",
        lambda: f"{draw.choice(['upvotes', 'comments', 'stars', 'authors', 'sources', 'version'])}:{operator}{draw.randrange(4)}",
        lambda: f"{draw.choice(['published', 'announced'])}:{operator}{draw.choice(DATES)}",
        lambda: f"has:{draw.choice(['code', 'doi', 'pdf', 'abstract', 'project', 'votes', 'venue'])}",
        lambda: "@site", lambda: f"ti:({term(draw)} OR -{term(draw)})",
    ]  # fmt: skip
    return draw.choice(kinds)()


def random_rule(draw: random.Random, depth: int = 0) -> str:
    kind = draw.random()
    if depth > 3 or kind < 0.35:
        return atom(draw)
    parts = [random_rule(draw, depth + 1) for _ in range(draw.choice((2, 2, 3, 8)) if depth < 2 else 2)]
    if kind < 0.6:
        return f"({' OR '.join(parts)})"
    return f"NOT ({parts[0]})" if kind < 0.75 else f"({' '.join(parts)})"


def readable(draw: random.Random) -> str:
    """A random rule; words like `x_y*` make some that cannot be read, or that are too deep."""
    while True:
        text = random_rule(draw)
        try:
            parse(text, topics=TOPICS)
        except RuleError:
            continue
        return text


TOPICS = {"site": '(diffusion OR "flow matching" OR gan) -ti:study'}


def test_the_index_and_the_evaluator_agree_on_every_random_pair() -> None:
    draw = random.Random(20261123)
    papers = [random_paper(draw, n) for n in range(PAPERS)]
    prepared = [Prepared(p) for p in papers]
    index = PaperIndex(papers)
    outcomes = {True: 0, False: 0, None: 0}
    for _ in range(RULES):
        rule = parse(readable(draw), topics=TOPICS)
        values = [evaluate(rule.tree, p)[0] for p in prepared]
        assert index.bits(rule) == sum(1 << n for n, value in enumerate(values) if value), rule.text
        negated = parse(f"NOT ({rule.text})", topics=TOPICS)  # false and unknown are told apart too
        assert index.bits(negated) == sum(1 << n for n, value in enumerate(values) if value is False), negated.text
        for value in values:
            outcomes[value] += 1
    assert all(count > PAPERS * RULES // 24 for count in outcomes.values()), f"the pairs are one-sided: {outcomes}"


def test_the_weights_and_reasons_of_the_index_are_those_of_the_evaluator_for_every_rule() -> None:
    draw = random.Random(20261125)
    papers = [random_paper(draw, n) for n in range(PAPERS)]
    plain = [Prepared(p) for p in papers]
    index = PaperIndex(papers)
    weighed = 0

    def rarity(node: Node) -> float:
        having = sum(evaluate(node, paper).holds is True for paper in plain)
        return log(1 + (PAPERS - having + 0.5) / (having + 0.5))

    prepared = [Prepared(p, rarity) for p in papers]
    for _ in range(RULES // 8):
        rule = parse(readable(draw), topics=TOPICS)
        matches = [(n, match) for n, p in enumerate(prepared) if (match := rule.match(p))]
        weights = dict(index.scores(rule, index.bits(rule)))
        assert weights == {n: pytest.approx(match.score) for n, match in matches}, rule.text
        reasons = [(n, match.reasons) for n, match in matches]
        assert [(n, why.reasons) for n, p in enumerate(papers) if (why := index.why(rule, p))] == reasons, rule.text
        told = dict(reasons)
        assert index.reasons(rule, papers) == [told.get(n, ()) for n in range(PAPERS)], rule.text
        weighed += len(set(weights.values()))
    assert weighed > RULES // 8, f"the weights are one-sided: {weighed}"


def test_a_weight_adds_up_what_made_the_rule_true_and_title_words_count_three() -> None:
    one = paper(1, title="Flow matching", summary="Flow and score matching", categories=("cs.CV", "cs.LG"))
    worth = {
        "flow": 4.0, "ti:flow": 3.0, "score": 1.0, "flow score": 5.0, "flow OR whales": 4.0, "flow OR score": 5.0,
        "cat:cs.*": 1.0, "flow -whales": 4.0, "-whales": 0.0, "flow flow": 8.0, "(flow whales) OR score": 1.0,
    }  # fmt: skip
    assert {rule: match.score for rule in worth if (match := parse(rule).match(one))} == worth


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    papers = [paper(n, title=f"Models{' of whales' if n == 3 else ''}", summary="") for n in range(9)]
    index = PaperIndex(papers)
    [(_, rare)] = index.scores(parse("whales"), index.bits(parse("whales")))
    assert rare > 5 * dict(index.scores(parse("models"), index.all))[3]


def test_a_word_near_another_is_found_where_every_stretch_is_tried() -> None:
    draw = random.Random(7)
    for _ in range(2000):
        text, near = [draw.choice("abc") for _ in range(draw.randrange(9))], draw.randrange(4)
        wanted = [draw.choice("abc") for _ in range(draw.randrange(2, 4))]
        stretches = [
            text[i:j] for i in range(len(text)) for j in range(i, len(text) + 1) if j - i <= len(wanted) + near
        ]
        holds = any(all(s.count(w) >= wanted.count(w) for w in wanted) for s in stretches)
        rule, one = parse(f'ti:"{" ".join(wanted)}"~{near}'), paper(title=" ".join(text))
        assert bool(rule.match(one)) == holds == bool(PaperIndex([one]).select(rule)), (rule.text, one.title)


def test_a_phrase_is_found_where_every_place_is_tried() -> None:
    draw = random.Random(8)
    for _ in range(2000):
        text = "".join(f" {draw.choice('abc')}" for _ in range(draw.randrange(9)))
        wanted = "".join(f" {draw.choice('abc')}" for _ in range(draw.randrange(1, 4)))
        rule, one = parse(f'ti:"{wanted}"'), paper(title=text)
        assert bool(rule.match(one)) == (wanted in text) == bool(PaperIndex([one]).select(rule)), (rule.text, text)


def test_the_papers_keep_their_order_and_the_reasons_are_the_evaluators() -> None:
    draw = random.Random(9)
    papers = [random_paper(draw, n) for n in range(200)]
    index = PaperIndex(papers)
    for text in ("model", "-model", "model state", "has:code OR gan", "upvotes:>=2", '"state space"', "zebra"):
        rule = parse(text)
        assert index.match(rule) == [(p, match) for p in papers if (match := rule.match(p))]
        assert index.select(rule) == [p for p in papers if rule.match(p)]


def test_a_paper_outside_the_window_has_its_reasons_too() -> None:
    index, other = PaperIndex([paper(1)]), paper(2, title="Whales")
    assert index.why(parse("whales"), other) == parse("whales").match(other)
    assert index.reasons(parse("whales"), [other]) == [(Reason(field="title", text="Whales"),)]


def test_an_index_without_papers_finds_none() -> None:
    assert PaperIndex([]).match(parse("-robots upvotes:>2 OR x")) == []


def test_a_rule_is_answered_anew_when_its_site_topic_changed() -> None:
    index = PaperIndex([paper(1, title="Whales"), paper(2, title="Robots")])
    found = [
        index.select(parse("@it", topics={"it": rule}))[0].title for rule in ("ti:whales", "ti:robots", "ti:whales")
    ]
    assert found == ["Whales", "Robots", "Whales"]


def test_answers_that_are_no_longer_kept_are_found_again() -> None:
    index = PaperIndex([paper(1, summary=""), paper(2, title="Whale 77", summary="")])
    index._most = 10
    for _ in range(2):
        found = [len(index.select(parse(f"whale {n}"))) for n in range(100)]
        assert (sum(found), found[77]) == (1, 1)
    assert len(index._kept) <= 10


def test_a_thousand_papers_and_a_thousand_rules_cost_little() -> None:
    """Generous limits: they catch a cost that has become quadratic. The figures are `python -m benchmarks rules`."""
    draw = random.Random(3)
    papers = [random_paper(draw, n) for n in range(1000)]
    rules = [parse(readable(draw), topics=TOPICS) for _ in range(1000)]
    index = PaperIndex(papers)
    with Cost() as first:
        for rule in rules:
            index.bits(rule)
    with Cost() as again:
        for rule in rules:
            index.select(rule)
    assert (first.seconds < 5, again.seconds < 0.5) == (True, True)
