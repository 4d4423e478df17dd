"""Asking: one request at a source's host, in its turn. Politeness over all processes: turns are leases in the store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digestbot.acts import leases
from digestbot.model import Fetched, ReadStatus, Request
from digestbot.sources import Source
from digestbot.store import Store
from digestbot.transport import Transport

LEASE = timedelta(minutes=3)  #: a request to a paused host takes less; a poll of one source takes its turn anew
_OTHER_CLOCKS = timedelta(seconds=30)  #: how far another machine's may be ahead of ours
#: rss., export. and oaipmh.arxiv.org have one turn, 3 s apart: https://info.arxiv.org/help/api/tou.html
ARXIV = ("arxiv", 3.0)
PACED_HOSTS = ("arxiv.org",)  #: whoever leads there
MAX_HOST_CHANGES = 3  #: redirects from turn to turn


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSetup:
    """A source as configured: the parser and how often and how politely to ask."""

    name: str
    kind: str
    source: Source
    every: timedelta = timedelta(hours=1)
    pause: float | None = None  #: seconds between requests to its host; None: what the kind says

    def politeness(self, url: str) -> tuple[str, float]:
        """(name of the shared turn, seconds between two requests); no turn is needed where the seconds are 0."""
        host = urlsplit(url).hostname or ""
        arxiv = ARXIV if host == "arxiv.org" or host.endswith(".arxiv.org") else None  # whatever kind reads it
        key, seconds = arxiv or self.source.politeness or (urlsplit(url).netloc, 0.0)
        return f"host:{key}", seconds if self.pause is None else self.pause


async def fetch_politely(
    store: Store,
    transport: Transport,
    setup: SourceSetup,
    request: Request,
    *,
    clock: Callable[[], datetime],
    owner: str,
) -> Fetched:
    """One request when it is our turn at its host, and where it is led to another that has a turn, in that."""
    step, moved, permanent = replace(request, stop_at=PACED_HOSTS), "", True
    for _ in range(1 + MAX_HOST_CHANGES):
        async with _rate_limit_lease(store, setup, step.url, clock=clock, owner=owner) as postponed:
            if postponed is not None:
                return Fetched(
                    request=request, status=ReadStatus.LATER, after=postponed, error="its host asked us to wait"
                )
            fetched = await transport.fetch(step)
            if fetched.after is not None:
                name, _ = setup.politeness(step.url)
                await asyncio.to_thread(_postpone_host, store, name, fetched.after)
        if not fetched.onward:
            moved = (fetched.moved_to or moved) if permanent and not fetched.status.failed else ""
            return replace(fetched, request=request, moved_to=moved)
        moved, permanent = fetched.moved_to, permanent and bool(fetched.moved_to)
        step = replace(step, url=fetched.onward, secrets={}, headers={})  # they are for the first host
    return replace(fetched, request=request, error=f"more than {MAX_HOST_CHANGES} redirects from turn to turn")


@asynccontextmanager
async def _rate_limit_lease(
    store: Store, setup: SourceSetup, url: str, *, clock: Callable[[], datetime], owner: str
) -> AsyncIterator[datetime | None]:
    """Our turn at a host that wants pauses: one request at a time over all processes.

    Gives None when it is our turn, or the instant to come back when that is too far away to wait for.
    """
    name, pause = setup.politeness(url)
    me = f"{owner}#{setup.name}"  # two sources of one process must not take each other's turn for their own
    # Without a pause only a Retry-After keeps us from this host: then the turn is given back as it is taken.
    mine = take_lease if pause else _check_lease
    while (free := await asyncio.to_thread(mine, store, name, me, clock())) is not None:
        if free > clock() + LEASE + _OTHER_CLOCKS:  # no turn takes so long: the host has asked for it
            yield free
            return
        await asyncio.sleep(min(max((free - clock()).total_seconds(), 0.02), 0.5))
    try:
        yield None
    finally:
        if pause:
            await asyncio.to_thread(release_lease, store, name, me, clock() + timedelta(seconds=pause))


def take_lease(store: Store, name: str, owner: str, now: datetime) -> datetime | None:
    """None: the turn is ours for LEASE; else when to come back."""
    with store.transaction() as tx:
        return leases.take(tx, name, owner=owner, now=now, lease=LEASE)


def _check_lease(store: Store, name: str, owner: str, now: datetime) -> datetime | None:
    with store.transaction() as tx:
        later = leases.take(tx, name, owner=owner, now=now, lease=LEASE)
        if later is None:
            tx.leases.give_back_lease(name, owner=owner, next_at=now)
        return later


def release_lease(store: Store, name: str, owner: str, next_at: datetime) -> None:
    """The next one has it from `next_at` on."""
    with store.transaction() as tx:
        tx.leases.give_back_lease(name, owner=owner, next_at=next_at)


def _postpone_host(store: Store, name: str, until: datetime) -> None:
    with store.transaction() as tx:
        tx.leases.postpone_lease(name, until=until)
