"""docs/architecture.md draws the house as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from rows import rows
from test_layers import ORDER, WINGS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\|[^|]*\| `(\w+)` \|([^|]*)\|", PAGE, re.MULTILINE)
PATHS = sorted(
    set(re.findall(r"`((?:\w+/)+[\w.]*)`", PAGE))
    - {"sources/kinds/NAME.py", "channels/NAME.py"}
)  # fmt: skip


def test_the_rooms_stand_there_in_their_order() -> None:
    assert [room for room, _ in ROWS] == list(ORDER)


def test_the_wings_stand_there_in_their_order() -> None:
    drawn = {room: tuple(re.split(r" → |, ", wings.strip())) for room, wings in ROWS if wings.strip()}
    assert drawn == WINGS


@rows("path", PATHS)
def test_every_place_that_is_named_is_there(path: str) -> None:
    places = [ROOT / path, ROOT / "digestbot" / path]
    assert any(place.exists() for place in places), path
