"""The mail in a real browser: nothing sticks out on a phone however long a word is, and dark is dark."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from digestbot.digest.rendering.renderer import Templates
from digestbot.model import ItemPlace, PolledSource
from digestbot.testing.builders import digest, item, paper, section

FRAME = """<!DOCTYPE html><body style="margin:0"><iframe id="f" src="digest.html" style="border:0;width:{width}px;height:4000px"></iframe>
<script>onload = () => {{ const d = document.getElementById("f").contentDocument;
document.title = [d.documentElement.scrollWidth, d.querySelectorAll("h3").length, getComputedStyle(d.body).backgroundColor].join("|"); }}</script>"""


def seen(chromium: str, folder: Path, width: int, *flags: str) -> tuple[int, int, str]:
    """(width of the content, papers, colour behind the sheet) of digest.html in a window of that width."""
    (folder / "frame.html").write_text(FRAME.format(width=width))
    command = [
        chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", *flags,
        f"--user-data-dir={folder}/profile", "--virtual-time-budget=2000", "--dump-dom", (folder / "frame.html").as_uri(),
    ]  # fmt: skip
    dom = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout
    found = re.search(r"<title>(\d+)\|(\d+)\|(.*?)</title>", dom)
    assert found, dom[:500]
    return int(found[1]), int(found[2]), found[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
    long = paper(2, title=f"{word} and a very long title", authors=(word,))
    wide = section(
        item(1), item(2, paper=long), more=(item(3, paper=long, place=ItemPlace.MORE),), title=word, note=word
    )
    polled = PolledSource(ref="x", name=word, new=12345, sent=2, note=f"could not be read: {word}")
    html = Templates.load().html(digest(wide, site=word, polled=(polled,), contact=f"{word}@example.org"))
    (tmp_path / "digest.html").write_text(html)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 640, 1200])
def test_nothing_sticks_out_at_any_width(chromium: str, folder: Path, width: int) -> None:
    content, papers, _ = seen(chromium, folder, width)
    assert content <= width
    assert papers == 2


@pytest.mark.slow
def test_dark_is_dark_and_light_is_light(chromium: str, folder: Path) -> None:
    assert seen(chromium, folder, 640)[2] == "rgb(243, 241, 236)"
    assert seen(chromium, folder, 640, "--blink-settings=preferredColorScheme=0")[2] == "rgb(19, 19, 18)"
