"""The page that shows a mail before it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_browser import seen
from test_lint import BASE, LINKS, TEMPLATES, mail

from digestbot.cli.answers.preview import Preview, as_seen, lint_text, page_values, preview_json
from digestbot.mail.lint.html import Finding, lint_html
from digestbot.mail.lint.message import allowed, lint_mail
from digestbot.mail.lint.page import read
from digestbot.model import Digest
from digestbot.testing.builders import digest, item, paper, section

ODD = digest(section(item(1, paper=paper(1, title='A "light dark" </iframe> <script>'))), links=LINKS)


def look(made: Digest) -> Preview:
    data = mail(made)
    return Preview(
        digest=made, subject=TEMPLATES.subject(made), html=TEMPLATES.html(made), text=TEMPLATES.text(made), data=data,
        findings=lint_mail(data, allowed(made, BASE)),
    )  # fmt: skip


def page(made: Digest) -> str:
    return TEMPLATES.page("preview", **page_values(look(made)))


def test_the_page_shows_the_mail_in_four_ways_with_text_headers_size_and_lint() -> None:
    shown = read(page(ODD))
    assert [e.attributes["title"] for e in shown.named("iframe")] == [
        "The mail: light", "The mail: dark", "The mail: on a phone", "The mail: without its style sheet",
    ]  # fmt: skip
    words = " ".join(e.text for e in shown.named("main", "header"))
    for expected in (
        "of 96 kB",
        "0 errors, 0 warnings",
        "WHY YOU GET THIS",
        "List-Unsubscribe",
        "Nothing is wrong with this mail",
    ):
        assert expected in words


def test_what_a_paper_is_called_breaks_no_frame() -> None:
    frames = read(page(ODD)).named("iframe")
    assert len(frames) == 4
    for frame in frames:
        inside = read(frame.attributes["srcdoc"])
        assert [e.text for e in inside.named("h3")] == ['A "light dark" </iframe> <script>']
        assert not inside.named("script")


def test_the_page_itself_is_readable_in_light_and_dark_and_loads_nothing() -> None:
    found = [f for f in lint_html(page(ODD), mail=False) if f.severity == "error"]
    assert {f.rule for f in found} == {"link", "remote"}  # links to the files beside it, and its own four frames
    assert all("leads neither" in f.what for f in found if f.rule == "link")
    assert [f.what.partition(":")[0] for f in found if f.rule == "remote"] == ["<iframe>"] * 4


def test_a_frame_shows_dark_colours_only_where_it_is_dark() -> None:
    html = TEMPLATES.html(ODD)
    assert "@media all {" in as_seen(html, "dark")
    assert "@media not all {" in as_seen(html, "light")
    assert "<style" not in as_seen(html, "bare")
    assert "&#34;light dark&#34;" in as_seen(html, "dark")  # a paper's own words stay


def test_lint_is_told_by_severity_with_its_line() -> None:
    found = [Finding(severity="error", rule="remote", line=7, what="<img>", hint="leave it out"),
             Finding(severity="note", rule="support", line=1, what="x", hint="y")]  # fmt: skip
    said = lint_text(found)
    assert "Lint: 1 error, 0 warnings" in said
    assert "line 7, remote: <img>" in said
    assert "leave it out" in said
    assert "1 thing in it" in said


def test_json_names_papers_files_and_findings() -> None:
    told = preview_json(look(ODD), {"digest.eml": 1})
    assert told["papers"] == ["2611.00001"]
    assert told["files"] == {"digest.eml": 1}
    assert {f.severity for f in told["findings"]} == {"note"}


@pytest.mark.slow
def test_the_dark_frame_is_dark_on_a_light_screen_and_the_page_fits_a_phone(chromium: str, tmp_path: Path) -> None:
    (tmp_path / "digest.html").write_text(as_seen(TEMPLATES.html(ODD), "dark"))
    assert seen(chromium, tmp_path, 640)[2] == "rgb(19, 19, 18)"
    (tmp_path / "digest.html").write_text(page(ODD))
    assert seen(chromium, tmp_path, 320)[0] <= 320
