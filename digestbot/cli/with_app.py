"""What most commands need: the configuration as an App, and logging."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.cli.logs import to_stderr
from digestbot.system.process import begin_run

P = ParamSpec("P")


def with_app(command: Callable[Concatenate[App, P], Any]) -> Callable[P, Any]:
    """Gives the command an App of the configuration named by --config, closed at the end."""

    @click.pass_context
    @wraps(command)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        begin_run()  # what one command does is one run
        to_stderr(logging.INFO if ctx.obj["verbose"] else logging.WARNING)
        main = Path(ctx.obj["config"])
        with App(config=load(main), main=main).opened() as app:
            return command(app, *args, **kwargs)

    return wrapped


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
