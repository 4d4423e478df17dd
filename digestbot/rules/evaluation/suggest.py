"""Suggest: parts a rule could have, found in the papers themselves. Pure; what they cost is for the caller to count.

A part is a word, two words next to each other, or a category. What all papers have says nothing about some of them, so
a part is judged by how much more often these papers have it than the others: the log of the ratio of the odds, over
its own uncertainty (Monroe, Colaresi and Quinn 2008, "Fightin' Words", with the background as the prior).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import log, sqrt

from digestbot.model import Paper
from digestbot.rules.language.syntax_tree import Node, Or
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import folded_words

PRIOR = 2.0  #: papers that the background counts for in the odds of a few

#: words that hold a sentence or an abstract together and name no topic
EMPTY = frozenset(
    """a about above achieve achieves achieving across address addresses after al all allow allows along already
    also although among an analyze and any apply approach approaches approximately are art as aspect at available
    based be because become becomes been before being best better between beyond both but by call called can cannot
    challenge challenges challenging comparable compare compared complex comprehensive consider consistently
    contrast could crucial current currently demonstrate demonstrated demonstrates demonstrating depend design
    designed despite develop developed diverse do does due during each easily effective effectively effectiveness
    efficient efficiently eg either enable enables enabling enhance enhanced especially et etc evaluate evaluated
    even every exhibit existing experiment experimental experiments explore extend extensive fail far few final
    finally find finding findings first five focus following for four from full fully further furthermore gain gap
    general generally give given good great had has have hence here high higher highly how however i ie if impact
    important improve improved improvement improvements improves improving in include including increase increasing
    indeed insight insights instead into introduce introduced introduces investigate involve is issue it its itself
    key lack later latter lead leading leads least less let level leverage leverages leveraging like likely limit
    limitation limitations limited little low lower made main mainly make makes making many may mean means might
    more moreover most motivated much must namely nature nearly necessary need needed needs neither new next no nor
    not notable novel now number numerous obtain obtained of offer often on once one only onto open or order other
    others our out outperform outperforming outperforms over overall own paper particular particularly per perform
    performing performs perspective possible potential practical present presented presents previous previously
    prior promising propose proposed proposes provide provided provides providing publicly quite range rather recent
    recently related rely remain remains report require required requires respectively result resulting results
    reveal reveals role same second see set several should show showing shown shows significant significantly
    similar simple simply since single small so solution solve some specific specifically standard still studies
    study substantial substantially such suffer suggest superior support than that the their them then there
    therefore these they this those three through thus to together too top total toward towards traditional two
    typically under understand understanding unique unlike up upon us use used useful uses using utilize validate
    variety various vary very via was way ways we well were what when where whereas whether which while who whole
    whose why wide widely will with within without work works would yet yield you your""".split()
)
#: words that name no topic alone, but may beside another: "language model", "state space"
WEAK = frozenset(
    """accuracy adaptation advance algorithm algorithms aligned alignment analysing analysis analyzing application
    applications assess assessing attack augmented augmenting automated autonomous aware benchmark benchmarks
    capabilities capability case cases centric code component components condition conditions content context
    control cost cross data dataset datasets different distribution domain domains enhancing environment error
    evaluating evaluation example examples feature features fine framework function functions generalization
    generate generated generating generation guided human hybrid inference information input inputs interaction
    knowledge language large learn learning long machine mechanism method methods metric metrics model modeling
    modelling models module multi network networks object objects optimal output outputs parameter parameters
    pattern patterns performance pipeline policy pre problem problems process processing property quality question
    questions ready real representation representations research resource response sample samples scale self setting
    settings size space stage state step steps strategies strategy structure structures system systems target task
    tasks technique techniques test text theory time tool tools train trained training type types user users value
    values via world year years""".split()
)
_EMPTY, _WEAK = frozenset(map(stem, EMPTY)), frozenset(map(stem, WEAK))


def parts(paper: Paper) -> dict[str, str]:
    """What a paper could be found by: key without plural → as a rule writes it."""
    found = {f"cat:{c}": f"cat:{c}" for c in paper.categories if re.fullmatch(r"[\w.-]+", c)}
    for text in (paper.title, paper.summary):
        words = folded_words(text)
        for one, other in pairwise([*words, ""]):
            if not _may_stand(one):
                continue
            if stem(one) not in _WEAK:
                found.setdefault(stem(one), one)
            if _may_stand(other):
                found.setdefault(f"{stem(one)} {stem(other)}", f'"{one} {other}"')
    return found


def _may_stand(word: str) -> bool:
    """A word that says something, and that a rule can hold as it is."""
    return len(word) > 1 and stem(word) not in _EMPTY and word.isalnum() and not word.isdecimal()


def shared(papers: Sequence[Paper], least: int, most: int) -> list[str]:
    """Parts that at least `least` of the papers have; the `most` most frequent, as they are written most."""
    written: dict[str, Counter[str]] = {}
    for paper in papers:
        for key, text in parts(paper).items():
            written.setdefault(key, Counter())[text] += 1
    often = {key: texts.total() for key, texts in written.items() if texts.total() >= least}
    best = sorted(often, key=lambda key: (-often[key], key))[:most]
    return [written[key].most_common(1)[0][0] for key in best]


def distinction(have: int, of: int, others: int, total: int) -> float:
    """How sure it is that `have` out of `of` papers is more than `others` out of `total`; in standard deviations."""
    prior = PRIOR * (have + others + 1) / (of + total + 2)
    mine, not_mine = have + prior, of - have + PRIOR - prior
    theirs, not_theirs = others + prior, total - others + PRIOR - prior
    odds = log(mine / not_mine) - log(theirs / not_theirs)
    return odds / sqrt(1 / mine + 1 / not_mine + 1 / theirs + 1 / not_theirs)


def unlike(chosen: Iterable[int], bits: int) -> bool:
    """Does this set of papers differ from each chosen one? Half in common is the same theme under another word."""
    return all(2 * (bits & other).bit_count() < (bits | other).bit_count() for other in chosen)


def with_part(query: str, tree: Node, part: str) -> str:
    """The rule that asks for a part too."""
    return f"({query}) AND {part}" if isinstance(tree, Or) else f"{query} AND {part}"
