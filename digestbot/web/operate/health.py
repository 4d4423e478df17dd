"""Health checks: GET /healthz, whether all goes on; /readyz, whether pages can be answered; /metrics, how much and how old."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from itertools import groupby

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from digestbot.acts.answers.metrics import Measure, measures
from digestbot.acts.intake.questions import was_polled
from digestbot.errors import DigestbotError
from digestbot.web.frame.edge import within
from digestbot.web.frame.messages import Says
from digestbot.web.frame.site import Site

log = logging.getLogger(__name__)


class Health:
    """What monitors ask: health, readiness and metrics."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def health(self, request: Request) -> Response:
        """`ok`, when the loop comes round and the database answers."""
        if late := self._site.live.heartbeat.standing_for:
            return PlainTextResponse(f"the loop has not come round for {late:.0f} s\n", 503)
        return await self.ready(request)

    async def ready(self, request: Request) -> Response:
        """`ok`, when the database answers: pages can be served."""
        try:
            await run_in_threadpool(was_polled, self._site.app.store)
        except DigestbotError as error:
            log.error("not healthy: %s", error)
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ok\n")

    async def metrics(self, request: Request) -> Response:
        """The text format of Prometheus, for `[web] monitors` alone."""
        app = self._site.app
        client = request.client.host if request.client else ""
        if not within(client, app.config.web.monitors):
            return self._site.message(404, Says.NO_PAGE)
        try:
            found = await run_in_threadpool(measures, app.store, now=app.clock())
        except DigestbotError as error:
            log.error("no metrics: %s", error)
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse(exposition(found), media_type="text/plain; version=0.0.4")


def exposition(found: Iterable[Measure]) -> str:
    """https://prometheus.io/docs/instrumenting/exposition_formats/"""
    lines = []
    for name, group in groupby(found, key=lambda one: one.name):
        some = list(group)
        lines += [f"# HELP digestbot_{name} {some[0].help}", f"# TYPE digestbot_{name} gauge"]
        lines += [f"digestbot_{name}{_labels(one.labels)} {_number(one.value)}" for one in some]
    return "".join(f"{line}\n" for line in lines)


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.3f}"


def _labels(pairs: Iterable[tuple[str, str]]) -> str:
    said = ",".join(f'{name}="{_escaped(value)}"' for name, value in pairs)
    return f"{{{said}}}" if said else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
