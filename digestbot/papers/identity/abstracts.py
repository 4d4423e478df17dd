"""Abstracts as sketches: how much of one text stands in another, told from two hundred bytes of each. Pure.

A sketch is a sample of a text's shingles, the runs of a few words in it (A. Broder, On the resemblance and containment of
documents, 1997). Whether a shingle is in the sample hangs on its hash alone, so two texts keep the same of what they have
in common, also where one is only the beginning of the other.
"""

from __future__ import annotations

from binascii import a2b_base64, b2a_base64
from typing import Final
from zlib import crc32

from digestbot.memo import remembered
from digestbot.papers.text.clean import UNSPACED, clean, fold_again

_READ: Final = 4_000  #: characters: of a post as much as an abstract has
_RUN: Final = 4  #: words of a shingle: one phrase in common is chance, ten are none
_RUN_OF_SIGNS: Final = 8  #: of a script without blanks
_OTHERS: Final = 3  #: bits of the hash that are 0 in the sample: one shingle in four
_DROPPED: Final = 8  #: lower bits of the hash, these among them
_BYTES: Final = 3
_MOST: Final = 48  #: shingles of one sketch, those with the smallest hashes
_FEWEST: Final = 9  #: shingles: some forty words; what is shorter is a teaser or a caption, and tells nothing


def sketch_of(text: str) -> str:
    """The sketch of an abstract; "" for one too short to tell anything. The same in every process and for ever (it is stored)."""
    folded = fold_again(clean(text[: 2 * _READ])[:_READ])
    unspaced = not folded.isascii() and 2 * len(UNSPACED.findall(folded)) > len(folded)
    words = [sign.encode() for sign in folded.replace(" ", "")] if unspaced else folded.encode().split()
    runs = zip(*(words[at:] for at in range(_RUN_OF_SIGNS if unspaced else _RUN)), strict=False)
    hashes = set(map(crc32, map(b" ".join, runs)))
    kept = sorted({made >> _DROPPED for made in hashes if not made & _OTHERS})[:_MOST]
    if len(kept) < _FEWEST:
        return ""
    return b2a_base64(b"".join([value.to_bytes(_BYTES) for value in kept]), newline=False).decode()


def in_common(mine: str, theirs: str) -> float | None:
    """The share of the shorter text that stands in the other, by their sketches; None where one of them has none."""
    if not mine or not theirs:
        return None
    here, there = _shingles(mine), _shingles(theirs)
    last = min(some[-1] if len(some) == _MOST else 1 << 8 * _BYTES for some in (here, there))
    few, many = sorted(({value for value in some if value <= last} for some in (here, there)), key=len)
    return len(few & many) / len(few) if len(few) >= _FEWEST else None


@remembered(1024)
def _shingles(sketch: str) -> tuple[int, ...]:
    """The hashes of the text's shingles, ascending."""
    packed = a2b_base64(sketch)
    return tuple(int.from_bytes(packed[at : at + _BYTES]) for at in range(0, len(packed), _BYTES))
