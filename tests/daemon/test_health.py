"""/healthz: whether the loop comes round, and whether the database answers."""

from __future__ import annotations

from pathlib import Path

from starlette.requests import Request

from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.daemon.heartbeat import Heartbeat
from digestbot.daemon.live_config import LiveApp
from digestbot.web.frame.site import Site
from digestbot.web.operate.health import Health


async def test_a_loop_that_stands_is_503_until_it_comes_round(tmp_path: Path) -> None:
    main = tmp_path / "config" / "digestbot.toml"
    main.parent.mkdir()
    main.write_text('[site]\ncontact = "admin@example.org"\n')
    seconds = [0.0]
    with App(config=load(main), main=main).opened() as app:
        live = LiveApp(app)
        live.heartbeat = Heartbeat(15.0, monotonic=lambda: seconds[0])
        monitor, request = (
            Health(Site(live)),
            Request({"type": "http", "method": "GET", "path": "/healthz", "headers": []}),
        )
        answers = []
        for moment, beats in ((0.0, True), (70.0, False), (80.0, False), (81.0, True)):
            seconds[0] = moment
            if beats:
                live.heartbeat.beat()
            answers.append((await monitor.health(request)).status_code)
    assert answers == [200, 200, 503, 200]
