"""Templates of one's own are limited in time and memory, whatever they do; what they may do they do as ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from digestbot.app import template_process
from digestbot.app.template_process import TemplateProcess
from digestbot.digest.rendering.renderer import Templates
from digestbot.errors import TemplateError
from digestbot.system.limited_calls import LimitedCalls
from digestbot.testing.builders import digest, item, section

DIGEST = digest(section(item(1), item(2)))
NEVER_ENDS = "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(99999) %}{% endfor %}{% endfor %}{% endfor %}"
#: each asks for a gigabyte and more, in another way
FILLS = [
    '{{ "a" * 10**10 }}',
    '{{ "a".center(10**10) }}',
    '{{ "%01000000000d" % 1 }}{{ "%09000000000d" % 1 }}',
    '{% set n = namespace(s="aaaaaaaa") %}{% for i in range(30) %}{% set n.s = n.s ~ n.s %}{% endfor %}{{ n.s }}',
    '{{ "a" | indent(10**10, first=true) }}',
    '{{ ["a"] | batch(10**9, "b") | list }}',
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mail").mkdir()
    return tmp_path


@pytest.fixture
def process(folder: Path) -> Iterator[TemplateProcess]:
    yield from limited(folder, 1)


@pytest.fixture
def patient(folder: Path) -> Iterator[TemplateProcess]:
    """For templates that end: on a busy machine that takes its time."""
    yield from limited(folder, 60)


def limited(folder: Path, seconds: int) -> Iterator[TemplateProcess]:
    made = TemplateProcess(folder, LimitedCalls(seconds=seconds, megabytes=128, warm=template_process.__name__, size=1))
    yield made
    made.close()


def test_a_template_that_never_ends_is_ended_and_not_tried_again(folder: Path, process: TemplateProcess) -> None:
    (folder / "mail" / "card.html").write_text(NEVER_ENDS)
    templates = Templates.load(folder, process)
    for _ in range(2):
        with pytest.raises(TemplateError, match=r"rendering mail/card.html took longer than 1 s"):
            templates.letter(DIGEST)
    assert process._calls._started == set()


@pytest.mark.parametrize("template", FILLS, ids=range(len(FILLS)))
def test_a_template_that_fills_the_memory_is_stopped(folder: Path, process: TemplateProcess, template: str) -> None:
    (folder / "mail" / "card.html").write_text(template)
    with pytest.raises(TemplateError, match=r"memory|longer than|cannot be rendered"):
        Templates.load(folder, process).letter(DIGEST)


def test_a_mail_is_the_same_wherever_its_templates_are_rendered(folder: Path, patient: TemplateProcess) -> None:
    (folder / "tokens.toml").write_text('[light]\nlink = "#123456"\n')
    assert Templates.load(folder, patient).letter(DIGEST) == Templates.load(folder).letter(DIGEST)
    assert patient._calls._started


def test_an_error_of_a_template_says_file_line_and_mend_all_the_same(folder: Path, patient: TemplateProcess) -> None:
    (folder / "mail" / "card.html").write_text("{{ card.titel }}")
    with pytest.raises(TemplateError) as here:
        Templates.load(folder).letter(DIGEST)
    with pytest.raises(TemplateError) as elsewhere:
        Templates.load(folder, patient).letter(DIGEST)
    assert str(elsewhere.value) == str(here.value)
