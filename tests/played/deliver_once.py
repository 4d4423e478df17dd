"""A process that composes what is due and delivers once: URL PORT ON_UNKNOWN SECONDS-AFTER-NOW."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from digestbot.acts.delivery.client import DeliveryClient, Policy
from digestbot.acts.delivery.deliver import deliver
from digestbot.acts.digests.dispatch import dispatch
from digestbot.store.database import open_store
from digestbot.system.process import name
from digestbot.testing.builders import NOW
from digestbot.testing.site import DESK, by_smtp, mail_of


def main(url: str, port: str, on_unknown: str, seconds: str) -> None:
    now = NOW + timedelta(seconds=int(seconds))
    store = open_store(url)
    dispatch(store, DESK, now=now)
    policy = Policy(on_unknown=on_unknown, unknown_after=timedelta(0), server="test")
    channel = by_smtp(int(port), connections=2)
    client = DeliveryClient(
        store=store, channel=channel, build=mail_of, policy=policy, clock=lambda: now, owner=name()
    )  # fmt: skip
    asyncio.run(deliver(client))
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
