"""A process that composes what is due and delivers once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from digestbot.acts.delivery.client import DeliveryClient, Policy
from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.digests.dispatch import dispatch
from digestbot.store.database import open_store
from digestbot.system import crash_points
from digestbot.system.process import name
from digestbot.testing.builders import NOW
from digestbot.testing.site import DESK, by_smtp, mail_of


def deliver_once(url: str, port: int, on_unknown: str, seconds: int, crash: str) -> None:
    """So many seconds after the beginning, and dead at the crash point, if one is named."""
    crash_points.want(crash)
    now = NOW + timedelta(seconds=seconds)
    store = open_store(url)
    dispatch(store, DESK, now=now)
    policy = Policy(on_unknown=on_unknown, unknown_after=timedelta(0), server="test")
    channel = by_smtp(port, connections=2)
    client = DeliveryClient(
        store=store, channel=channel, build=mail_of, policy=policy, clock=lambda: now, owner=name()
    )  # fmt: skip
    asyncio.run(deliver(client))
    store.close()
