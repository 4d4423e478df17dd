"""arXiv is asked 3 s apart, on one connection, over all processes, sources and names of its hosts: a server counts."""

from __future__ import annotations

import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from databases import migrated, sqlite_url
from sizes import size

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import PollReport, poll
from digestbot.model import Listing, ListingState, ReadStatus, Request
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.sources.kinds.feed import FeedSource
from digestbot.store import Poll, SourceRow
from digestbot.store.database import open_store
from digestbot.testing.http_server import Reply, Site, running
from digestbot.transport.http import Connections, HttpTransport

EMPTY = b'<rss version="2.0"><channel><title>cs.CL updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.CL</link></channel></rss>'
PAUSE = size(0.7, full=3.0)  #: seconds; arXiv's own are 3


class Counting:
    """A server that answers one connection at a time and writes down when each was opened and closed."""

    def __init__(self) -> None:
        self.opened: list[float] = []
        self.asked: list[tuple[float, str]] = []
        self.most = self._open = 0
        self._lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with self._lock:
            self._open += 1
            self.most = max(self.most, self._open)
            self.opened.append(time.monotonic())
        with connection:
            while head := connection.recv(65536):
                self.asked.append((time.monotonic(), head.decode().split("Host: ")[1].split("\r\n")[0]))
                time.sleep(0.2)  # long enough that two at once would be seen
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s" % (len(EMPTY), EMPTY)
                )
        with self._lock:
            self._open -= 1


class Here(AbstractResolver):
    """Every name is this machine."""

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def server() -> Iterator[Counting]:
    made = Counting()
    yield made
    made.listener.close()


def _poll(url: str, port: int, name: str) -> None:
    """One process: one source, in its own event loop."""
    import asyncio

    from digestbot.acts.intake.poll import poll
    from digestbot.system import process
    from digestbot.transport.http import HttpTransport

    setups = {
        "arxiv": SourceSetup(name="arxiv", kind="arxiv", source=_There(port), pause=PAUSE),
        "lab": SourceSetup(name="lab", kind="feed", source=FeedSource(f"http://export.arxiv.org:{port}/rss/cs.LG"), pause=PAUSE),
    }  # fmt: skip

    async def one() -> None:
        store = open_store(url)
        async with HttpTransport(
            "admin@example.org", allow_private=True, connections=Connections(resolver=Here())
        ) as transport:
            await poll(
                IntakeClient(store=store, transport=transport, clock=lambda: datetime.now(UTC), owner=process.name()),
                [setups[name]],
                only=[name],
            )
        store.close()

    asyncio.run(one())


class _There(ArxivSource):
    """arXiv's own addresses, over plain HTTP at the counting server's port."""

    def __init__(self, port: int) -> None:
        super().__init__(["cs.CL"])
        self.port = port

    def _here(self, requests: Sequence[Request]) -> tuple[Request, ...]:
        there = ((r, r.url.replace("https://", "http://")) for r in requests)
        return tuple(replace(r, url=url.replace(".arxiv.org/", f".arxiv.org:{self.port}/")) for r, url in there)

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        return self._here(super().requests(state, now))

    def recover(self, day: date, missed: Sequence[str], now: datetime) -> Sequence[Request]:
        return self._here(super().recover(day, missed, now))


@pytest.mark.parametrize("host", ["arxiv.org", "rss.arxiv.org", "export.arxiv.org", "oaipmh.arxiv.org"])
def test_every_name_of_arxiv_is_one_host_that_is_asked_three_seconds_apart_whatever_kind_reads_it(host: str) -> None:
    for source in (FeedSource(f"https://{host}/rss/cs.CL"), ArxivSource(["cs.CL"])):
        assert SourceSetup(name="x", kind="x", source=source).rate_limit(f"https://{host}/x") == ("host:arxiv", 3.0)


@pytest.mark.slow
@pytest.mark.full  # half a minute of pauses; the turns of one process are tried below
def test_two_processes_a_recovery_and_three_names_share_one_turn_at_arxiv(tmp_path: Path, server: Counting) -> None:
    url, now = sqlite_url(tmp_path), datetime.now(UTC)
    store = migrated(url)
    day = now.date() - timedelta(days=3)
    with store.transaction() as tx:
        tx.source_log.sync_sources([("arxiv", "arxiv"), ("lab", "feed")])
        row = SourceRow(name="arxiv", kind="arxiv", state={"looked_back": True}, status=ReadStatus.OK,
                        last_poll=now - timedelta(days=6), last_ok=now - timedelta(days=6))  # fmt: skip
        tx.source_log.write_source(row)
        tx.source_log.add_poll(Poll(source="arxiv", at=now - timedelta(days=6), status=ReadStatus.OK))
        missed = Listing(source="arxiv", part="cs.CL", day=day, state=ListingState.MISSED, updated=now - timedelta(1))
        tx.source_log.put_listings([missed])
    store.close()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_poll, args=(url, server.port, name)) for name in ("arxiv", "lab")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
        assert process.exitcode == 0
    moments = sorted(at for at, _ in server.asked)
    hosts = {host.partition(".")[0] for _, host in server.asked}
    assert hosts == {"rss", "export", "oaipmh"}
    assert min(later - earlier for earlier, later in pairwise(moments)) >= PAUSE
    assert server.most == 1


async def _polled(tmp_path: Path, setups: Sequence[SourceSetup]) -> tuple[PollReport, list[SourceRow]]:
    store = migrated(sqlite_url(tmp_path))
    with store.transaction() as tx:
        tx.source_log.sync_sources([(setup.name, setup.kind) for setup in setups])
    async with HttpTransport(
        "admin@example.org", allow_private=True, connections=Connections(resolver=Here())
    ) as transport:
        report = await poll(
            IntakeClient(store=store, transport=transport, clock=lambda: datetime.now(UTC), owner="here/1/0"), setups
        )
    with store.reading() as tx:
        return report, tx.source_log.sources()


async def test_a_redirect_to_arxiv_waits_for_its_turn(tmp_path: Path) -> None:
    site = Site()
    with running(site) as web:
        port = int(web.rpartition(":")[2])
        for path, status in (("/rss/cs.CL", 301), ("/papers", 302)):
            site.pages[path] = Reply(status=status, headers={"Location": f"http://rss.arxiv.org:{port}/new{path}"})
            site.pages[f"/new{path}"] = Reply(body=EMPTY)
        setups = [
            SourceSetup(name="a", kind="feed", source=FeedSource(f"http://export.arxiv.org:{port}/rss/cs.CL"), pause=PAUSE),
            SourceSetup(name="b", kind="feed", source=FeedSource(f"http://example.org:{port}/papers"), pause=PAUSE),
        ]  # fmt: skip
        report, rows = await _polled(tmp_path, setups)
    assert {source.status for source in report.sources} == {ReadStatus.EMPTY}
    assert {row.name: row.moved for row in rows} == {
        "a": {f"http://export.arxiv.org:{port}/rss/cs.CL": f"http://rss.arxiv.org:{port}/new/rss/cs.CL"}, "b": {}
    }  # fmt: skip
    at_arxiv = sorted(asked.at for asked in site.asked if asked.headers["host"].endswith(f"arxiv.org:{port}"))
    assert len(at_arxiv) == 3
    assert min(later - earlier for earlier, later in pairwise(at_arxiv)) >= PAUSE


async def test_sources_of_one_host_wait_in_line_and_none_is_put_off(tmp_path: Path) -> None:
    site = Site()
    with running(site) as web:
        names = [f"s{n}" for n in range(size(5, full=12))]
        site.pages |= {f"/{name}": Reply(body=EMPTY, delay=0.02) for name in names}
        setups = [SourceSetup(name=n, kind="feed", source=FeedSource(f"{web}/{n}"), pause=0.05) for n in names]
        report, _ = await _polled(tmp_path, setups)
    assert [source.status for source in report.sources] == [ReadStatus.EMPTY] * len(names)


@pytest.mark.parametrize("status", [403, 406])
async def test_a_refusal_of_arxivs_is_its_throttle_and_closes_its_lease_for_all_sources(
    tmp_path: Path, status: int
) -> None:
    site = Site()
    with running(site) as web:
        port = int(web.rpartition(":")[2])
        site.pages |= {"/a": Reply(status=status), "/b": Reply(body=EMPTY), "/c": Reply(status=status)}
        names = {"a": f"http://export.arxiv.org:{port}/a", "c": f"http://lab.example:{port}/c"}
        setups = [SourceSetup(name=n, kind="feed", source=FeedSource(url), pause=0.0) for n, url in names.items()]
        report, rows = await _polled(tmp_path, setups)
        assert [source.status for source in report.sources] == [ReadStatus.LATER, ReadStatus.UNREADABLE]
        assert [row.failures for row in rows] == [1, 1]
        after = SourceSetup(name="b", kind="feed", source=FeedSource(f"http://rss.arxiv.org:{port}/b"), pause=0.0)
        report, (row,) = await _polled(tmp_path, [after])
    assert (report.sources[0].status, row.failures) == (ReadStatus.LATER, 0)
    assert row.next_poll is not None
    assert row.last_poll is not None
    assert row.next_poll - row.last_poll <= timedelta(minutes=5)
    assert "/b" not in [asked.path for asked in site.asked]


@pytest.mark.parametrize(
    ("source", "service"),
    [(ArxivSource(["cs.LG"]), "arxiv"), (FeedSource("http://export.arxiv.org/rss/cs.CL"), "arxiv"),
     (FeedSource("https://connect.biorxiv.org/biorxiv_xml.php?subject=all"), "biorxiv"), (FeedSource("https://notarxiv.org/feed"), "s"),
     (FeedSource("https://lab.example/feed"), "s")],
)  # fmt: skip
def test_a_source_knows_the_service_it_is_a_list_of(source: Any, service: str) -> None:
    assert SourceSetup(name="s", kind="x", source=source).service == service
