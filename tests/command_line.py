"""The command line in a folder: in this process, which is quick, or in one of its own where the process is the matter."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from contextvars import copy_context
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

from click.testing import CliRunner
from databases import lay_schema
from processes import PATIENCE, end_with_parent

from digestbot.cli import main
from digestbot.system.process import run_id
from digestbot.testing.http_server import Reply, Site, running

ENVIRONMENT = {"NO_COLOR": "1", "COLUMNS": "80"}


class Ended(NamedTuple):
    """What a command left: its exit code, and what it wrote."""

    code: int
    out: str
    err: str


class CommandLine:
    """`digestbot` with a folder as its working directory."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command in this process; its stdout, and stderr too where another exit code than 0 is expected."""
        ended = self.ended(*arguments)
        assert ended.code == code, ended.out + ended.err
        assert "Traceback" not in ended.err
        return ended.out if code == 0 else ended.out + ended.err

    def json(self, *arguments: str) -> Any:
        """The one document that a command writes with --json."""
        return json.loads(self.run(*arguments, "--json"))

    def ended(self, *arguments: str, stdin: bytes = b"") -> Ended:
        """Run a command in this process."""
        runner = CliRunner(env=ENVIRONMENT)
        argv = patch.object(sys, "argv", ["digestbot", *arguments])
        with chdir(self.root), _own_logging(), runner.isolation(stdin) as (out, err, _), argv:
            context = copy_context()
            context.run(run_id.set, "")  # an id of a run is of one command, whatever a test before has left
            code = context.run(_exit_code)
            sys.stdout.flush()
            return Ended(code, out.getvalue().decode(), err.getvalue().decode())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "digestbot", *arguments], cwd=self.root, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=os.environ | ENVIRONMENT, preexec_fn=end_with_parent,  # noqa: PLW1509  # calls one function of libc
        )  # fmt: skip

    def process(self, *arguments: str) -> Ended:
        """Run a command as a process of its own."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out, err)


#: mails go to a server at {port} of this machine, and sources may be on it; a test may add keys of [smtp] behind it
BY_SMTP = """\
[fetch]
allow_private = true
[delivery]
channel = "smtp"
from = "papers@example.org"
[smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""
#: somebody who gets a mail each day, with papers or without
READER = """
[[subscribers]]
id = "reader"
email = "reader@example.org"
when_empty = "send"
  [[subscribers.topics]]
  name = "Attention"
  query = "attention"
"""


def configured(root: Path, main: str, people: str = READER) -> CommandLine:
    """A folder with this configuration, people in a file beside it."""
    (root / "config" / "subscribers").mkdir(parents=True)
    (root / "config" / "digestbot.toml").write_text(main)
    (root / "config" / "subscribers" / "reader.toml").write_text(people)
    lay_schema(root / "var" / "digestbot.db")
    return CommandLine(root)


class SiteFolder(CommandLine):
    """An installation as a folder: its configuration, the web server it polls, and the mails it wrote."""

    def __init__(self, root: Path, server: Site, web: str) -> None:
        super().__init__(root)
        self.server, self.web, self.main = server, web, root / "config" / "digestbot.toml"
        self.main.parent.mkdir()

    def mails(self) -> list[Path]:
        """The mails of the Maildir, oldest first."""
        return sorted((self.root / "var" / "maildir" / "new").glob("*"))


@contextmanager
def site_folder(root: Path, pages: Mapping[str, Reply]) -> Iterator[SiteFolder]:
    """A folder still without a configuration, and a web server with these pages."""
    server = Site()
    server.pages.update(pages)
    with running(server) as web:
        yield SiteFolder(root, server, web)


def _exit_code() -> int:
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


@contextmanager
def _own_logging() -> Iterator[None]:
    """A command sets up logging for its process: afterwards ours is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {logger: logger.level for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger)}
    try:
        root.handlers = []
        yield
    finally:
        root.handlers, root.level = handlers, level
        for logger, was in levels.items():
            logger.setLevel(was)
