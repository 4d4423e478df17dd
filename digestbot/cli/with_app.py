"""What most commands need: the configuration as an App, and logging."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from digestbot.app.config_files import checked, read_texts
from digestbot.app.wiring import App
from digestbot.cli.logs import to_stderr
from digestbot.system.process import begin_run

P = ParamSpec("P")


def with_app(command: Callable[Concatenate[App, P], Any]) -> Callable[P, Any]:
    """Gives the command an App of the configuration that --config names, and closes it at the end."""

    @click.pass_context
    @wraps(command)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        main = _begin(ctx)
        texts = read_texts(main)
        with App(config=checked(texts, main), main=main, texts=tuple(texts)).opened() as app:
            return command(app, *args, **kwargs)

    return wrapped


def reading_app(command: Callable[Concatenate[App, P], Any]) -> Callable[P, Any]:
    """Gives a question an App that writes nothing. While the files have errors, it is the App of the last good configuration."""

    @click.pass_context
    @wraps(command)
    def wrapped(ctx: click.Context, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        from digestbot.app.reading import app_to_read

        made, kept = app_to_read(_begin(ctx))
        if kept is not None:
            local = f"{kept.at:%a} {kept.at.day} {kept.at:%b %H:%M} UTC"
            told = f"The configuration has errors (digestbot check). This answer is by the last good one, of {local}."
            click.echo(f"{told}\n", err=True)
        with made.opened() as app:
            return command(app, *args, **kwargs)

    return wrapped


def _begin(ctx: click.Context) -> Path:
    begin_run()  # what one command does is one run
    to_stderr(logging.INFO if ctx.obj["verbose"] else logging.WARNING)
    return Path(ctx.obj["config"])


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout, nothing else there.")
