"""Pages as a real browser lays them out: nothing stands out of a phone of 320 px, light and dark."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from asgi import asked

from digestbot.testing.builders import entry

MEASURE = """<script>document.title = [document.documentElement.scrollWidth, innerWidth,
getComputedStyle(document.body).backgroundColor, document.querySelectorAll("details").length].join(" ")</script></body>"""


LIGHT, DARK = ("1", "rgb(243, 241, 236)"), ("0", "rgb(19, 19, 18)")  #: the browser's scheme, and the canvas in it


@pytest.mark.slow
def test_a_phone_shows_all_of_a_page_in_the_light_and_in_the_dark(chromium: str, tmp_path: Path) -> None:
    with asked(tmp_path) as site:
        site.bring("arxiv-cs", entry(1, title="A" * 90, authors=("B" * 70,), categories=("cs." + "x" * 60,)))
        site.bring("daily", entry(2, summary="We show it. " * 90, signals={"upvotes": 9}, native_key="2"))
        css = site.get("/style.css").text
        tried = (("/", LIGHT), ("/", DARK), ("/paper/2611.00001", LIGHT), ("/search?q=titel%3A" + "y" * 80, DARK))
        pages = [(path, scheme, site.get(path).text) for path, scheme in tried]
    for path, (scheme, canvas), page in pages:
        head, _, rest = page.partition('<link rel="stylesheet"')
        made = f"{head}<style>{css}</style>{rest.partition('>')[2]}".replace("</body>", MEASURE)
        (tmp_path / "page.html").write_text(made)
        said = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=320,900", "--dump-dom",
             f"--blink-settings=preferredColorScheme={scheme}", f"file://{tmp_path}/page.html"],
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout  # fmt: skip
        wide, room, *colour, folded = said.partition("<title>")[2].partition("</title>")[0].split()
        assert int(wide) <= int(room), path
        assert " ".join(colour) == canvas, path
        assert int(folded) == (path == "/"), path
