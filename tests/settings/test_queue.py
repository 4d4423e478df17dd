"""[store] queue: what is said where it cannot work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from digestbot.app.config_files import load
from digestbot.errors import ConfigError

#: a process in which the package of the queue is not installed
WITHOUT = """
import sys
for name in ("procrastinate", "psycopg_pool"):
    sys.modules[name] = None
from importlib import util
found = util.find_spec
util.find_spec = lambda name, *more: None if name in ("procrastinate", "psycopg_pool") else found(name, *more)
from digestbot.cli import main
sys.argv[1:] = {arguments!r}
main()
"""


def written(folder: Path, store: str) -> Path:
    main = folder / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text(f'[store]\nurl = "{store}"\nqueue = "procrastinate"\n')
    return main


def test_a_queue_on_sqlite_is_refused_with_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='needs PostgreSQL: write url = "postgresql://user@host/name"'):
        load(written(tmp_path, "sqlite:///var/digestbot.db"))


def test_a_queue_on_postgresql_is_taken(tmp_path: Path) -> None:
    assert load(written(tmp_path, "postgresql://digestbot@db/digestbot")).store.queue == "procrastinate"


@pytest.mark.parametrize("command", ["check", "worker"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(tmp_path: Path, command: str) -> None:
    main = written(tmp_path, "postgresql://digestbot@127.0.0.1:9/digestbot")
    code = WITHOUT.format(arguments=["--config", str(main), command])
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == (2 if command == "check" else 1)
    assert "pip install 'digestbot[procrastinate]'" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["worker"], "there is no queue to work on"), (["worker", "--queues", "mial"], "there is no queue")],
)
def test_a_worker_without_a_queue_ends_with_2_and_the_line_to_write(
    tmp_path: Path, arguments: list[str], said: str
) -> None:
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text("")
    command = [sys.executable, "-m", "digestbot", "--config", str(main), *arguments]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode == 2
    assert said in run.stderr
    assert 'queue = "procrastinate"' in run.stderr
