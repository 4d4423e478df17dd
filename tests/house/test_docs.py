"""The docs are held to the code: blocks are loaded, commands exist, files that are named are there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import click
from command_line import CommandLine
from rows import rows

from digestbot import plugins, settings
from digestbot.cli import COMMANDS, cli

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "deploy" / "README.md", *(ROOT / "docs").rglob("*.md")])


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@rows("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_toml_block_is_a_right_configuration(page: Path) -> None:
    for block in re.findall(r"```toml\n(.*?)```", text(page), re.DOTALL):
        settings.read([("block", block)], root=ROOT, kinds=plugins.Kinds(plugins.SOURCES), channels=["smtp", "maildir"],
                      environ={}, read_secret=lambda _: "a@b.example\nhush")  # fmt: skip


@rows("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    for name in re.findall(r"(?:bin/|`| )digestbot ([a-z]+)\b", text(page)):
        if name not in ("run", "and", "is"):
            assert name in COMMANDS, f"{page.name}: digestbot {name}"


@rows("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_that_is_linked_is_there(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", text(page), flags=re.DOTALL)
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", prose):
        assert (page.parent / target).exists(), target


def test_every_command_is_in_the_readme_and_has_a_help() -> None:
    for name in COMMANDS:
        assert f"digestbot {name}" in text(ROOT / "README.md"), name
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        assert command.help


def test_every_option_of_every_command_has_a_help() -> None:
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.name}"


def test_every_file_under_test_in_the_readme_exists() -> None:
    for path in re.findall(r"`((?:tests|deploy|docs|templates)/[\w./-]+)`", text(ROOT / "README.md")):
        assert (ROOT / path).exists(), path


def test_the_readmes_first_commands_work_in_a_checkout(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "config", tmp_path / "config")  # it lies there too
    lines = re.findall(r"^    (?:\.\./)?\.venv/bin/digestbot (init|check)(.*)$", text(ROOT / "README.md"), re.MULTILINE)
    assert [name for name, _ in lines] == ["init", "check"]
    for (name, rest), folder in zip(lines, (tmp_path, tmp_path / "papers"), strict=True):
        CommandLine(folder).run(name, *shlex.split(rest))
    assert 'email = "you@example.org"' in text(tmp_path / "papers" / "config" / "subscribers" / "reader.toml")
