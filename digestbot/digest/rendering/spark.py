"""Spark: a paper's votes over time as the bars of a small picture. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

WIDTH, GAP, HEIGHT = 4, 2, 18  #: of a bar; pixels


class Bar(NamedTuple):
    """One bar, as SVG's rect takes it."""

    x: int
    y: int
    height: int


def spark(values: Sequence[int]) -> list[Bar]:
    """Bars as high as the values, the highest filling the picture; none where there is nothing to show."""
    most = max(values, default=0)
    if most <= 0:
        return []
    heights = [max(1, round(HEIGHT * max(0, value) / most)) for value in values]
    return [Bar(at * (WIDTH + GAP), HEIGHT - height, height) for at, height in enumerate(heights)]
