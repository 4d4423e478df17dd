"""Sources written into somebody's configuration: all else stays as it was, and the result loads."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digestbot.bundled import folder
from digestbot.settings.writing import NewSource, free_name, named, with_sources

LAB = NewSource(name="lab", kind="feed", options={"url": "https://lab.example.org/feed"}, title="The Lab")
ARXIV = NewSource(name="ml", kind="arxiv", options={"categories": ["cs.LG", "stat.ML"]}, every=timedelta(hours=2))


def test_a_source_stands_behind_the_last_one_and_every_comment_stays() -> None:
    before = (folder("config") / "digestbot.toml").read_text(encoding="utf-8")
    after = with_sources(before, [LAB, ARXIV])
    added = f"\n{LAB.toml()}\n{ARXIV.toml()}"
    assert added in after
    assert after.replace(added, "") == before
    assert after.index(added) < after.index("# Rules that several people share")


def test_what_is_written_is_what_was_meant() -> None:
    read = tomllib.loads(with_sources("", [LAB, ARXIV]))["sources"]
    assert read == [
        {"name": "lab", "kind": "feed", "url": "https://lab.example.org/feed", "title": "The Lab"},
        {"name": "ml", "kind": "arxiv", "categories": ["cs.LG", "stat.ML"], "every": "2h"},
    ]


@pytest.mark.parametrize(
    "before",
    [
        "[site]\nname = 'x'",
        "[[sources]]\nname = 'a'\nkind = 'arxiv'\ncategories = [\n  'cs.LG',   # one\n  'cs.CL',\n]\n\n# on topics\n[[topics]]\n",
        '[[sources]]\nname = "a"\nkind = "feed"\ntitle = """\n[[sources]]\n"""\nurl = "https://a.org"\n[feeds]\n',
        "[[sources]]\r\nname = 'a'\r\n\r\n# last remark\r\n",
        "[[subscribers]]\nid = 'a'\n  [[subscribers.topics]]\n  name = 'x'\n",
    ],
)
def test_any_shape_of_file_keeps_its_own_words(before: str) -> None:
    after = with_sources(before, [LAB])
    data = tomllib.loads(after)
    assert data["sources"].pop()["name"] == "lab"
    assert data == {"sources": []} | tomllib.loads(before)
    lines = iter(after.splitlines())
    assert all(line in lines for line in before.splitlines())  # each of them, in their order
    assert ("\r\n" in after) == ("\r\n" in before)


def test_a_list_of_tables_in_one_line_is_refused_and_not_broken() -> None:
    with pytest.raises(ValueError, match=r"\[\[sources\]\]"):
        with_sources("sources = [{name = 'a'}]\n", [LAB])


@given(st.text(), st.text(), st.text())
def test_any_title_and_address_is_toml(title: str, url: str, remark: str) -> None:
    one = NewSource(name="a", kind="feed", options={"url": url} if url else {}, title=title, remark=remark)
    try:
        one.toml().encode()
    except UnicodeEncodeError:
        return
    [read] = tomllib.loads(one.toml())["sources"]
    assert read.get("url", "") == url
    assert read["name"] == "a"


def test_names_are_short_plain_and_free() -> None:
    assert free_name("Nature Neuroscience", []) == "nature-neuroscience"
    assert free_name("Éléments d'Analyse – arXiv", []) == "elements-d-analyse-arxiv"
    assert free_name("李明", []) == "source"
    assert free_name("A" * 99, [])[:3] == "aaa"
    assert len(free_name("word " * 30, [])) <= 40
    assert free_name("Lab", ["lab", "lab-2"]) == "lab-3"
    twice = named([LAB, LAB], ["lab"])
    assert [n.name for n in twice] == ["lab-2", "lab-3"]


def test_a_written_block_reads_well() -> None:
    made = NewSource(
        name="lab", kind="feed", options={"url": "https://a.org/f"}, title="A\x1b[2J B", remark="Lab / from feeds.opml"
    )
    assert made.toml() == (
        '# Lab / from feeds.opml\n[[sources]]\nname = "lab"\nkind = "feed"\nurl = "https://a.org/f"\ntitle = "A [2J B"\n'
    )


def test_the_file_keeps_its_rights_and_a_link_stays_a_link(tmp_path: Path) -> None:
    from digestbot.app.config_files import add_sources

    real = tmp_path / "real.toml"
    real.write_text('[site]\ncontact = "a@example.org"\n')
    real.chmod(0o640)
    (tmp_path / "config").mkdir()
    main = tmp_path / "config" / "digestbot.toml"
    main.symlink_to(real)
    add_sources(main, [LAB])
    assert main.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "lab.example.org" in real.read_text()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_nothing_is_written_that_would_not_load(tmp_path: Path) -> None:
    from digestbot.app.config_files import add_sources
    from digestbot.errors import ConfigError

    main = tmp_path / "digestbot.toml"
    main.write_text("[site]\n")
    with pytest.raises(ConfigError):
        add_sources(main, [NewSource(name="x", kind="feed", options={})])
    assert main.read_text() == "[site]\n"
