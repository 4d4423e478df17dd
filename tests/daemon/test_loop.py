"""The loop, its heartbeat, and clocks that are set while it runs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from processes import wait_for

from digestbot.daemon.heartbeat import ClockWatch, Heartbeat
from digestbot.daemon.loop import MonotonicZone, Signals, run
from digestbot.system.service_manager import notify

NOW = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


async def test_rounds_go_on_beside_a_slow_one_and_after_one_that_fails() -> None:
    signals, counts = Signals(), {"fails": 0, "slow": 0}

    async def fails(_: asyncio.Event) -> None:
        counts["fails"] += 1
        if counts["fails"] == 4:
            signals.stop.set()
        raise ValueError("of this round only")

    async def slow(stop: asyncio.Event) -> None:
        counts["slow"] += 1
        await stop.wait()

    await asyncio.wait_for(run({"fails": fails, "slow": slow}, tick=0.01, signals=signals), 60)
    assert counts == {"fails": 4, "slow": 1}


async def test_sighup_wakes_the_loop_once_and_ends_nothing() -> None:
    signals, woken, turns = Signals(), list[bool](), list[int]()

    async def look(_: asyncio.Event) -> None:
        woken.append(signals.reread)
        if len(woken) == 1:
            os.kill(os.getpid(), signal.SIGHUP)
            await asyncio.sleep(0.2)  # a long round: the loop must not spin until it ends
            asyncio.get_running_loop().call_later(0.1, signals.wake.set)
        else:
            signals.stop.set()

    await asyncio.wait_for(run({"look": look}, tick=3600, signals=signals, on_turn=lambda: turns.append(1)), 60)
    assert woken == [False, True]
    assert len(turns) == 3


def test_the_schedulers_clock_moves_with_the_monotonic_clock_alone() -> None:
    seconds = [100.0]
    zone = MonotonicZone(lambda: seconds[0])
    before = datetime.now(zone)
    assert datetime.now(zone) == before  # the wall clock has moved on
    seconds[0] += 3600
    assert datetime.now(zone) - before == timedelta(hours=1)


def test_a_loop_that_does_not_come_round_for_five_ticks_stands_until_it_does() -> None:
    seconds = [100.0]
    heart = Heartbeat(15.0, monotonic=lambda: seconds[0])
    assert heart.standing_for == 0.0  # it has not begun
    heart.beat()
    seconds[0] += 74
    assert heart.standing_for == 0.0
    seconds[0] += 10
    assert heart.standing_for == 84.0
    heart.beat()
    assert heart.standing_for == 0.0


def test_a_standing_loop_is_logged_once_and_so_is_its_return(caplog: pytest.LogCaptureFixture) -> None:
    heart = Heartbeat(0.01)
    heart.beat()
    with caplog.at_level(logging.WARNING), heart.watched():
        wait_for(lambda: caplog.messages)
        while len(caplog.messages) < 2:
            heart.beat()
    assert "has not come round" in caplog.messages[0]
    assert caplog.messages[1] == "the loop goes on again"


@pytest.mark.parametrize("by", [timedelta(hours=1), timedelta(days=1), timedelta(days=5), timedelta(days=1500)])
@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_that_is_set_is_seen_and_one_that_slept_is_not(by: timedelta, sign: int) -> None:
    wall, boot = [NOW], [1000.0]
    watch = ClockWatch(lambda: wall[0], lambda: boot[0])

    def later(seconds: float) -> tuple[datetime, datetime] | None:
        wall[0] += timedelta(seconds=seconds)
        boot[0] += seconds
        return watch.look()

    assert [later(15), later(15), later(86_400)] == [None, None, None]  # the last one: asleep for a day
    wall[0] += sign * by
    jump = later(15)
    assert jump is not None
    assert jump[1] - jump[0] == sign * by
    assert later(15) is None


def test_systemd_hears_of_every_turn_at_a_path_and_in_the_abstract_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, named in ((str(tmp_path / "notify"), ""), (f"\0digestbot-{os.getpid()}", "@")):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            monkeypatch.setenv("NOTIFY_SOCKET", address.replace("\0", named))
            assert notify("WATCHDOG=1")
            assert manager.recv(100) == b"WATCHDOG=1"
    monkeypatch.delenv("NOTIFY_SOCKET")
    assert not notify("WATCHDOG=1")
