"""sources recipes, sources add NAME and init --field, as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from digestbot.cli import cli
from digestbot.cli.setup.beginnings import FIELDS
from digestbot.testing import field_replies
from digestbot.testing.http_server import Reply, Site, running

RSS = b"""<rss version="2.0"><channel><title>Seminar</title><item><title>On samples</title><link>https://uni.example/1</link></item></channel></rss>"""


def run(folder: Path, *words: str, columns: int = 80) -> Result:
    return CliRunner().invoke(
        cli, ["--config", str(folder / "config/digestbot.toml"), *words], env={"COLUMNS": str(columns)}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    CliRunner().invoke(cli, ["init", str(tmp_path), "--email", "me@lab.example"])
    main = tmp_path / "config/digestbot.toml"
    main.write_text(f"{main.read_text()}\n[fetch]\nallow_private = true\n")
    return tmp_path


@pytest.mark.parametrize("field", FIELDS)
def test_the_beginning_of_a_field_passes_check(tmp_path: Path, field: str) -> None:
    made = CliRunner().invoke(cli, ["init", str(tmp_path), "--field", field, "--email", "me@lab.example"])
    assert made.exit_code == 0, made.output
    assert "It lacks:" in made.output
    told = run(tmp_path, "check")
    assert told.exit_code == 0, told.output
    assert "subscribers  1 with 3 topics" in told.output
    assert "unlikely" not in told.output
    text = (tmp_path / "config/digestbot.toml").read_text()
    assert "diffusion" not in text + (tmp_path / "config/subscribers/reader.toml").read_text()
    assert text.count("[[sources]]") >= 4
    assert text.count('kind = "arxiv"') <= 1  # all its categories with one request


def test_a_field_that_nobody_wrote_is_told(tmp_path: Path) -> None:
    made = CliRunner().invoke(cli, ["init", str(tmp_path), "--field", "alchemy"])
    assert made.exit_code != 0
    assert "biology" in str(made.exception) + made.output
    assert not (tmp_path / "config").exists()


def test_recipes_are_listed_by_name_and_one_is_shown_whole(folder: Path) -> None:
    listed = run(folder, "sources", "recipes", "crypto").output
    assert "\niacr-tches" in listed
    one = run(folder, "sources", "recipes", "pnas").output
    assert 'url = "https://www.pnas.org/action/showFeed' in one
    assert "digestbot sources add pnas" in one
    (told,) = json.loads(run(folder, "sources", "recipes", "pnas", "--json").output)
    assert (told["name"], told["kind"], told["every"]) == ("pnas", "feed", "12h")


@pytest.mark.parametrize("columns", [30, 40, 80])
def test_no_name_is_cut_in_a_narrow_terminal(folder: Path, columns: int) -> None:
    listed = run(folder, "sources", "recipes", "ieee", columns=columns).output
    assert "ieee-transactions-on-software-engineering" in listed.replace("\n", " ")


def test_a_recipe_is_read_before_it_is_written_with_its_remark(folder: Path) -> None:
    with running(Site(pages={"/seminar.xml": Reply(body=RSS)})) as base:
        own = f'[[recipes]]\ntitle = "Our seminar"\nkind = "feed"\nurl = "{base}/seminar.xml"\nabout = "Talks, each Monday; no abstracts."\nevery = "6h"\n'
        (folder / "config/recipes.toml").write_text(own)
        added = run(folder, "sources", "add", "our seminar")
    assert added.exit_code == 0, added.output + str(added.exception)
    assert "On samples" in added.output
    block = f'# Talks, each Monday; no abstracts.\n[[sources]]\nname = "our-seminar"\nkind = "feed"\nurl = "{base}/seminar.xml"\nevery = "6h"\ntitle = "Our seminar"\n'
    assert block in added.output
    assert block in (folder / "config/digestbot.toml").read_text()


def test_nothing_is_written_of_a_recipe_that_cannot_be_read(folder: Path) -> None:
    before = (folder / "config/digestbot.toml").read_text()
    with running(Site(pages={"/notes": Reply(status=403, body=field_replies.openreview_challenge())})) as base:
        own = f'[[recipes]]\nname = "venue"\ntitle = "Venue"\nkind = "openreview"\nurl = "{base}/notes"\nabout = "Papers."\n'
        (folder / "config/recipes.toml").write_text(own)
        told = run(folder, "sources", "add", "venue")
    assert told.exit_code != 0
    assert "ChallengeRequiredError" in str(told.exception) + told.output
    assert (folder / "config/digestbot.toml").read_text() == before


@pytest.mark.parametrize(
    ("words", "said"),
    [(["natur physics"], "Did you mean nature-physics"), (["zzzz"], "digestbot sources recipes WORD"), (["pubmed-search"], "--query"),
     (["tmlr"], "secrets/openreview cannot be read")],
)  # fmt: skip
def test_what_cannot_be_added_is_told_with_what_helps(folder: Path, words: list[str], said: str) -> None:
    told = run(folder, "sources", "add", *words)
    assert told.exit_code != 0
    assert said in f"{told.output} {told.exception} {getattr(told.exception, 'fix', '')}"
