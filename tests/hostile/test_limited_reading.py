"""Replies are read in processes of their own, within limits; what passes them goes aside, and all others go on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from command_line import CommandLine
from databases import empty_store
from hostile_parsers import Hostile
from processes import PATIENCE, wait_for, wait_meanwhile

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.guarded_parse import HERE, ReadElsewhere
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import poll
from digestbot.model import Fetched, ParseResult, ReadStatus, Request, Response
from digestbot.sources.kinds.feed import FeedSource
from digestbot.system import limited_calls
from digestbot.system.limited_calls import LimitedCalls
from digestbot.testing import samples
from digestbot.testing.http_server import Site, fixed, running

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FEED = samples.journal_atom(NOW.date())
ATTRIBUTES = (
    b"<rss version='2.0'><channel><item><title>x</title><description><a "
    + b'="' * 120_000
    + b"></description></item></channel></rss>"
)

#: feedparser looks for an address in an author in quadratic time: minutes for 400 kB
AUTHOR = (
    b"<rss version='2.0'><channel><item><title>x</title><author>" + b"a" * 400_000 + b"</author></item></channel></rss>"
)


def reply(body: bytes = b"a reply") -> Response:
    return Response(url="https://x.example/", body=body, fetched=NOW)


@pytest.fixture
def elsewhere() -> Iterator[ReadElsewhere]:
    reader = ReadElsewhere(LimitedCalls(seconds=1, megabytes=256, size=1))
    yield reader
    reader.close()


async def test_a_reply_that_is_read_elsewhere_gives_what_it_gives_here(elsewhere: ReadElsewhere) -> None:
    source = FeedSource("https://x.example/")
    assert await elsewhere.read(source, reply(FEED), NOW) == await HERE.read(source, reply(FEED), NOW)


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("spins", "its reader took longer than 1 s"),
        ("sleeps", "its reader took longer than 1 s"),
        ("fills", "its reader took more memory than it may"),
        ("dies", "its process ended with -9"),
        ("smuggles", "is no value of the model"),
    ],
)
async def test_a_parser_that_misbehaves_is_an_unreadable_reply_with_its_bytes(
    elsewhere: ReadElsewhere, does: str, said: str
) -> None:
    result = await elsewhere.read(Hostile(does), reply(), NOW)
    assert result.status is ReadStatus.UNREADABLE
    assert said in result.problems[0].what
    assert result.broken[0].data == b"a reply"
    after = await elsewhere.read(Hostile("reads"), reply(), NOW)
    assert [entry.title for entry in after.entries] == ["a reply"]


def test_reading_without_a_loop_is_limited_too(elsewhere: ReadElsewhere) -> None:
    assert elsewhere.read_now(Hostile("reads"), reply(), NOW).entries[0].title == "a reply"
    assert "its process ended" in elsewhere.read_now(Hostile("dies"), reply(), NOW).problems[0].what


async def test_what_a_parser_prints_is_no_answer(elsewhere: ReadElsewhere) -> None:
    assert (await elsewhere.read(Hostile("prints"), reply(), NOW)).entries[0].title == "a reply"


async def test_texts_of_a_parsers_own_class_are_texts(elsewhere: ReadElsewhere) -> None:
    [entry] = (await elsewhere.read(Hostile("own text"), reply(), NOW)).entries
    assert type(entry.title) is str


async def test_a_plug_in_that_cannot_be_sent_elsewhere_is_read_here_and_said_once(
    elsewhere: ReadElsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    class Local(Hostile):
        """Pickle finds no class inside a function."""

    for _ in range(2):
        assert (await elsewhere.read(Local("reads"), reply(), NOW)).entries[0].title == "a reply"
    assert [record.message.partition(":")[0] for record in caplog.records] == ["Local is read without limits"]


async def test_a_reading_that_is_cancelled_ends_at_once(tmp_path: Path) -> None:
    elsewhere = ReadElsewhere(LimitedCalls(seconds=3600, megabytes=256, size=1))
    for number in range(2):
        begun = tmp_path / f"begun{number}"
        task = asyncio.create_task(elsewhere.read(Hostile(f"sleeps {begun}"), reply(), NOW))
        await wait_meanwhile(begun.exists)
        task.cancel()
        async with asyncio.timeout(PATIENCE):  # far less than what the reading would take
            with pytest.raises(asyncio.CancelledError):
                await task
    assert (await elsewhere.read(Hostile("reads"), reply(), NOW)).entries
    elsewhere.close()


async def test_a_process_is_kept_warm_and_replaced_in_the_end(
    elsewhere: ReadElsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def process() -> str:
        result: ParseResult = await elsewhere.read(Hostile("counts"), reply(), NOW)
        return result.entries[0].title

    first = await process()
    assert await process() == first
    monkeypatch.setattr(limited_calls, "CALLS", 2)
    assert await process() != first


class Web:
    """Answers every request with one body a host."""

    def __init__(self, **bodies: bytes) -> None:
        self.bodies = bodies

    async def fetch(self, request: Request) -> Fetched:
        body = self.bodies.get(request.url.split("//")[1].split(".")[0], b"")
        response = Response(url=request.url, body=body, fetched=NOW)
        return Fetched(request=request, status=ReadStatus.OK, response=response, http_status=200)


async def test_one_poisonous_reply_goes_aside_and_every_other_source_goes_on(
    elsewhere: ReadElsewhere, tmp_path: Path
) -> None:
    setups = [
        SourceSetup(name=name, kind="feed", source=source, pause=0.0)
        for name, source in (
            ("poison", FeedSource("https://poison.example/")),
            ("spins", Hostile("spins")),
            ("good", FeedSource("https://good.example/")),
        )
    ]
    with empty_store("memory", tmp_path) as store:
        report = await poll(
            IntakeClient(
                store=store,
                transport=Web(poison=AUTHOR, good=FEED),
                clock=lambda: NOW,
                owner="here/1/0",
                reader=elsewhere,
            ),
            setups,
        )
        found = {one.source: one for one in report.sources}
        with store.reading() as tx:
            aside = {row.source: row.error for row in tx.quarantine.all_items()}
            replies = {name for _, name, _ in tx.source_log.replies()}
    assert found["good"].status is ReadStatus.OK
    assert found["good"].new
    assert found["spins"].status is ReadStatus.UNREADABLE
    assert "took longer than 1 s" in aside["spins"]
    assert {"poison", "spins", "good"} <= replies
    assert "took longer than 1 s" in aside["poison"]


CONFIG = """
[site]
contact = "admin@example.org"
[fetch]
allow_private = true
parse_seconds = 300
[delivery]
channel = "maildir"
from = "Papers <papers@example.org>"
[[sources]]
name = "poison"
kind = "feed"
url = "{web}/poison"
[[sources]]
name = "good"
kind = "feed"
url = "{web}/good"
"""


def _children(process: int) -> list[int]:
    return [
        int(found) for path in Path(f"/proc/{process}/task").glob("*/children") for found in path.read_text().split()
    ]


def _works(process: int) -> bool:
    """Has used half a second of processor time: it reads, and does not only start."""
    ticks = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, ticks[11:13])) > os.sysconf("SC_CLK_TCK") * 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_the_daemon_stops_while_it_reads_what_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGESTBOT_READ_HERE")
    site = Site(pages={"/poison": fixed(AUTHOR), "/good": fixed(FEED)})
    with running(site) as web:
        (tmp_path / "config").mkdir()
        (tmp_path / "config" / "digestbot.toml").write_text(CONFIG.format(web=web))
        daemon = CommandLine(tmp_path).start("run", "--tick", "0.5")
        try:
            wait_for(lambda: any(map(_works, _children(daemon.pid))))
            children = _children(daemon.pid)
            daemon.send_signal(signal.SIGTERM)
            _, err = daemon.communicate(timeout=PATIENCE)  # less than the reading may take
        finally:
            daemon.kill()
    assert daemon.returncode == 0, err
    wait_for(lambda: not any(Path(f"/proc/{child}").exists() for child in children))
