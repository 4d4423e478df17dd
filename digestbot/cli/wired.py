"""What most commands need: the configuration as an App, and logging."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from digestbot.app import App, load

P = ParamSpec("P")


def with_app(command: Callable[Concatenate[App, P], Any]) -> Callable[P, Any]:
    """Gives the command an App of the configuration named by --config, closed at the end."""

    @click.pass_context
    @wraps(command)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        log_to_stderr(logging.INFO if ctx.obj["verbose"] else logging.WARNING)
        main = Path(ctx.obj["config"])
        with App(config=load(main), main=main).opened() as app:
            return command(app, *args, **kwargs)

    return wrapped


def log_to_stderr(level: int) -> None:
    """One line an event on stderr; stdout belongs to the answer."""
    logging.basicConfig(
        level=level, stream=sys.stderr, force=True, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
