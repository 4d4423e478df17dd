"""Blocking: under which keys a record is filed, so that a new one is compared with thirty others and not with a million.

A key has to be the same whatever came before it, or the order of arrival would decide what is found. So rarity is not
counted but known beforehand: words of a short list (stop words) are common, of all others the longer is the rarer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final
from zlib import crc32

from digestbot.memo import remembered
from digestbot.papers.identity.title_features import TitleFeatures

LARGEST_BLOCK = 64  #: texts looked at under one key: of more, those with the smallest numbers, whatever came first
SMALL_BLOCK = 16  #: texts under one key: of more, only those that `worth_comparing` returns are looked at
MOST_PAPERS = 8  #: papers with one text: with more it is one that recurs, and tells nobody from the others
_BEGINNING, _END = 14, 20  #: letters of the title: many end in the same words, fewer begin with them
_RAREST = 4  #: words that are paired

#: words that stand in more than about one title of a hundred, in one field or another
_COMMON: Final = frozenset(
    "a an the of in on at by to for from with without and or not nor as is are be can do does how what when where which why "
    "into onto over under between among through via using use used toward towards against during after before its their our "
    "it we than that this these those new novel more better all one two three first second multi non self anti cross "
    "study studies analysis analyses approach approaches method methods model models modeling modelling system systems "
    "theory theories application applications problem problems result results evidence effect effects role impact case cases "
    "review survey overview introduction evaluation evaluating assessment comparison comparative comparing investigation "
    "design development developing performance optimization optimal efficient effective improved improving enhanced "
    "enhancing robust scalable fast adaptive dynamic automatic automated general generalized unified simple large small high "
    "low long short time times real real-time level levels scale process processes processing structure structures "
    "structured structural function functions functional framework frameworks architecture architectures algorithm "
    "algorithms technique techniques tool tools strategy strategies technology technologies management control controlled "
    "based driven aware learning deep machine neural network networks language languages training trained pretraining "
    "pretrained data dataset datasets database databases information knowledge image images video visual vision text "
    "semantic graph graphs attention transformer transformers diffusion generative generation generating generated "
    "representation representations reinforcement supervised unsupervised detection recognition classification "
    "segmentation prediction predicting predictive estimation estimating inference reasoning understanding planning "
    "retrieval search query queries object objects agent agents human social research scientific science state art "
    "benchmark benchmarks foundation multimodal agentic robot robotic policy policies llm llms ai quantum energy "
    "properties property field theoretical experimental experiment experiments numerical simulation simulations "
    "computing computational distributed parallel local global linear nonlinear stochastic bayesian statistical "
    "probabilistic temporal spatial space sparse random complex complexity patient patients clinical treatment therapy "
    "disease diseases trial trials randomized randomised placebo double blind controlled cancer cell cells gene genes "
    "genetic protein proteins expression molecular human mouse mice rat rats children adults women men health medical care "
    "acute chronic risk factors factor associated association associations response quality change changes dependent "
    "related induced mediated early late following year years day days report international national conference "
    "workshop proceedings".split()
)


@remembered(1024)
def blocks(text: TitleFeatures) -> tuple[int, ...]:
    """Returns the blocking keys of a text: 32-bit numbers that never change, because they are stored.

    Two keys that fall on one number cost a few looks more and nothing else.
    """
    return tuple(dict.fromkeys([crc32(key.encode()) for key in _keys(text)]))


def worth_comparing(under: Iterable[Sequence[int]], signers: Mapping[int, int], mine: int) -> set[int]:
    """Returns the numbers of the texts worth comparing with one text: all under its keys where they are few.

    Of a crowd only those that somebody may have signed who signed this one (`TitleFeatures.signers`), and those under a second key
    too. One work said twice has people or most keys in common; two titles with nothing in common but two words that
    hundreds have are not worth the time.
    """
    found, once = set[int](), set[int]()
    for numbers in under:
        if not numbers:
            continue
        first = numbers[:LARGEST_BLOCK]
        if len(numbers) <= SMALL_BLOCK:
            found.update(first)
        else:
            found.update(once.intersection(first))
            found.update([number for number in first if signers[number] & mine])
        once.update(first)
    return found


def _keys(text: TitleFeatures) -> Iterator[str]:
    """The edges of the squeezed title, and each pair of its rarest words: a slip in one spares the others.

    Two common words tell nothing; a title of nothing else is found by its four least common ones together.
    """
    letters = text.squeezed
    if not letters:
        return
    yield f"<{letters[:_BEGINNING]}"
    yield f">{letters[-_END:]}"
    telling, common = _rarest(text.title_words)
    rare = sorted((*telling, *common))
    if not telling or len(rare) == 1:
        yield "&".join(rare)
    for one, other in combinations(rare, 2):
        if one in telling or other in telling:
            yield f"{one}&{other}"


def _rarest(words: frozenset[str]) -> tuple[list[str], list[str]]:
    """The rarest and, where they are too few, the least common ones: of both the longer."""
    telling = _longest(words - _COMMON, _RAREST)
    return telling, _longest(words & _COMMON, _RAREST - len(telling))


def _longest(words: frozenset[str], most: int) -> list[str]:
    """Returns the longest words, equally long ones in alphabetical order; single letters are left out."""
    return sorted(sorted(word for word in words if len(word) > 1), key=len, reverse=True)[:most]
