"""The program cuts, folds, stems and finds names as an implementation from docs/rules.md alone does."""

from __future__ import annotations

import random

import pytest
import rules_page as page

from digestbot.model import Paper
from digestbot.rules import PaperIndex, parse
from digestbot.rules.words.compounds import CHANCE, spellings
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import folded_words

SIGNS = "abcdlmnsu'’ʻ -+#_.αβμ\u0301注が\u00ad123é ÉßŒ"
NAMES = (
    "Ada Lovelace|A. Lovelace|Ada B. Lovelace|Lovelace, Ada|Geoffrey E. Hinton|G. E. Hinton|Hinton, G.E.|Hinton GE|王 小明|王小明|J. Doe|"
    "Jane Doe|Anna B. Bo Carl|Jean-Luc Picard|J.-L. Picard|O'Neil, Pat|Łukasz Kaiser|Halvorsen, E. P.|Halvorsen EP|JK Smith|"
    "van der Meer, J.|LI Wei|Wei Li|Lin W.|d'Alembert, Jean|Smith, John K., Jr.|HINTON GE|McDonald R|R. McDonald|Geoffrey H. Smith"
).split("|")


def test_texts_are_cut_as_the_page_says() -> None:
    draw = random.Random(1)
    for _ in range(5000):
        text = "".join(draw.choices(SIGNS, k=draw.randrange(1, 14)))
        assert folded_words(text) == page.words(text), ascii(text)


def test_the_words_of_chance_are_the_pages() -> None:
    assert set(page.CHANCE) == CHANCE


def test_words_have_the_forms_that_the_page_says() -> None:
    draw = random.Random(2)
    some = {
        draw.choice("abcmsxoiu") + "".join(draw.choices("aehiosuxmcβμ", k=draw.randrange(1, 7))) for _ in range(5000)
    }
    for word in sorted(some | set(page.words(page.PAGE))):
        assert stem(word) == page.form(word), word


def test_a_value_is_spelled_as_the_page_says() -> None:
    draw, turned = random.Random(5), 0
    pieces = [*"abIL6βα-- \u2010_注é", "TGF", "beta", "Gamma", "COVID", "at", "19", "-", "kappaB", "x\u0301"]
    for _ in range(4000):
        value, begun, near = (
            "".join(draw.choices(pieces, k=draw.randrange(1, 7))),
            draw.random() < 0.2,
            draw.random() < 0.1,
        )
        spelled = spellings(value, begun=begun, near=near)
        assert set(spelled) == page.spellings(value, begun=begun, near=near), ascii(value)
        assert spelled[0] == value
        turned += len(spelled) > 1
    assert turned > 1000


@pytest.mark.slow
def test_names_are_found_as_the_page_says() -> None:
    draw, papers = random.Random(3), [Paper(title="x", authors=(name,)) for name in NAMES]
    index, found = PaperIndex(papers), 0
    for _ in range(400):
        raw = [word for word, _ in page.cut(draw.choice(NAMES))]
        kept = [draw.choice((w, w, w[0], w.lower())) for w in raw if draw.random() < 0.85] or raw
        asked = draw.choice((" ", ", ")).join(kept[:: draw.choice((1, 1, -1))])
        folded = page.words(asked)
        begun = draw.random() < 0.15 and len(folded[-1]) > 1
        if len(folded) < 2:
            continue
        rule = parse(f'au:"{asked}{"*" * begun}"')
        wanted = [paper for paper in papers if page.finds(asked, paper.authors[0], begun=begun)]
        assert index.select(rule) == wanted == [paper for paper in papers if rule.match(paper)], rule.text
        found += len(wanted)
    assert found > 300
