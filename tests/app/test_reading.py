"""Questions on both databases: before anything was written, after, and after the files have changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Literal

import pytest
from databases import store_url

from digestbot.acts.answers.status import status
from digestbot.acts.people.find import all_subscribers
from digestbot.app.config_files import checked, read_texts
from digestbot.app.reading import app_to_read
from digestbot.app.wiring import App
from digestbot.errors import ConfigError
from digestbot.store.database import open_store

MAIN = '[site]\ncontact = "admin@example.org"\n[store]\nurl = "{url}"\n'
ANA = '[[subscribers]]\nid = "ana"\nemail = "ana@example.org"\n'


def asked(main: Path) -> list[str]:
    """Whom a question finds."""
    app, _ = app_to_read(main)
    with app.opened():
        status(app.store, now=app.clock(), day_start=app.clock(), server=app.policy.server)
        return [person.email for person in all_subscribers(app.store)]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_question_is_answered_at_every_moment(kind: Literal["sqlite", "postgresql"], tmp_path: Path) -> None:
    main = tmp_path / "config" / "digestbot.toml"
    people = tmp_path / "config" / "subscribers" / "all.toml"
    people.parent.mkdir(parents=True)
    with store_url(kind) as url:
        main.write_text(MAIN.format(url=url))
        people.write_text(ANA)
        assert asked(main) == ["ana@example.org"]
        texts = read_texts(main)
        with App(config=checked(texts, main), main=main, texts=tuple(texts)).opened() as app:
            assert len(all_subscribers(app.store)) == 1
        assert asked(main) == ["ana@example.org"]
        people.write_text(ANA + "[[")
        assert asked(main) == ["ana@example.org"]
        people.unlink()
        main.write_text(MAIN.format(url=url) + "[")
        assert asked(main) == ["ana@example.org"]


def test_a_broken_configuration_that_was_never_right_is_an_error(tmp_path: Path) -> None:
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text("[site\n")
    with pytest.raises(ConfigError):
        app_to_read(main)


MEASURED = """
import sys
from pathlib import Path
from digestbot.store.reading import copy_aside
def pages():
    return int(Path("/proc/self/statm").read_text().split()[1])
copy_aside("sqlite:///small.db", root=Path(sys.argv[1])).close()
before = pages()
store = copy_aside("sqlite:///large.db", root=Path(sys.argv[1]))
print(pages() - before)
with store.reading() as tx:
    assert tx.papers.count_entries_and_papers() == (0, 0)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only /proc tells how much memory is held now")
def test_a_large_database_that_is_copied_for_a_question_does_not_fill_the_memory(tmp_path: Path) -> None:
    megabytes = 48
    for name in ("small.db", "large.db"):
        store = open_store(f"sqlite:///{name}", root=tmp_path)
        store.migrate()
        store.close()
    with closing(sqlite3.connect(tmp_path / "large.db")) as db:
        db.execute("CREATE TABLE filler (x)")
        db.executemany("INSERT INTO filler VALUES (?)", [(bytes(1 << 20),)] * megabytes)
        db.commit()
    done = subprocess.run([sys.executable, "-c", MEASURED, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 4096 < (megabytes << 20) / 3
