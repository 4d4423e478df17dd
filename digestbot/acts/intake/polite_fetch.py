"""Send one request within the host's rate limit (throttling).

The limit is a lease in the database, so that it holds across all processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from digestbot.acts import leases
from digestbot.acts.intake.client import IntakeClient
from digestbot.model import Fetched, ReadStatus, Request
from digestbot.sources import Source
from digestbot.store import Transaction

LEASE: Final = timedelta(minutes=3)  #: longer than any request to a host with a pause, and than one chunk of a poll
_CLOCK_DRIFT: Final = timedelta(seconds=30)  #: how far another machine's clock may be ahead of ours
#: rss., export. and oaipmh.arxiv.org share one limit, 3 s apart: https://info.arxiv.org/help/api/tou.html
ARXIV: Final = ("arxiv", 3.0)
ARXIV_HOSTS: Final = ("arxiv.org",)  #: with all hosts below; a redirect to one waits for arXiv's lease
#: what arXiv's hosts answer, since 2026, to whoever asks too often; they send no Retry-After with it
ARXIV_REFUSALS: Final = frozenset({403, 406})
ARXIV_BACKOFF: Final = timedelta(minutes=5)
#: services whose lists are read by several kinds of sources, by the key of their rate limit
SERVICES: Final = {
    "arxiv.org": "arxiv", "biorxiv.org": "biorxiv", "medrxiv.org": "biorxiv", "ncbi.nlm.nih.gov": "ncbi",
    "api.crossref.org": "crossref", "openalex.org": "openalex",
    "ebi.ac.uk": "europepmc", "openreview.net": "openreview", "dblp.org": "dblp",
    "api.datacite.org": "datacite", "api.zotero.org": "zotero",
}  # fmt: skip
MAX_HOST_CHANGES: Final = 3  #: redirects from one rate limit to another


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSetup:
    """A source as configured: the parser and how often and how politely to ask."""

    name: str
    kind: str
    source: Source
    every: timedelta = timedelta(hours=1)
    pause: float | None = None  #: seconds between requests to its host; None: what the kind says

    @property
    def service(self) -> str:
        """The service this source is a list of, whatever kind reads it; its own name where it is of none we know."""
        host = f".{urlsplit(str(getattr(self.source, 'url', ''))).hostname or ''}"
        known = next((service for domain, service in SERVICES.items() if host.endswith(f".{domain}")), "")
        return known or (self.source.politeness[0] if self.source.politeness else self.name)

    def rate_limit(self, url: str) -> tuple[str, float]:
        """(name of the host's lease, seconds between two requests); 0 seconds is no limit."""
        arxiv = ARXIV if is_arxiv_host(url) else None  # whatever kind reads it
        key, seconds = arxiv or self.source.politeness or (urlsplit(url).netloc, 0.0)
        return f"host:{key}", seconds if self.pause is None else self.pause


def is_arxiv_host(url: str) -> bool:
    """Does this address belong to a host of arXiv's?"""
    return any(f".{urlsplit(url).hostname or ''}".endswith(f".{host}") for host in ARXIV_HOSTS)


async def fetch_politely(client: IntakeClient, setup: SourceSetup, request: Request) -> Fetched:
    """Send one request when the host's lease is free; follow a redirect to arXiv under arXiv's own lease."""
    step, moved, permanent = replace(request, stop_at=ARXIV_HOSTS), "", True
    for _ in range(1 + MAX_HOST_CHANGES):
        fetched = await _fetch_step(client, setup, step)
        if not fetched.onward:
            moved = (fetched.moved_to or moved) if permanent and not fetched.status.failed else ""
            return replace(fetched, request=request, moved_to=moved)
        moved, permanent = fetched.moved_to, permanent and bool(fetched.moved_to)
        step = replace(step, url=fetched.onward, secrets={}, headers={}, login=None)  # they are for the first host
    return replace(fetched, request=request, error=f"more than {MAX_HOST_CHANGES} redirects between rate-limited hosts")


async def _fetch_step(client: IntakeClient, setup: SourceSetup, step: Request) -> Fetched:
    async with _rate_limit_lease(client, setup, step.url) as lease:
        if lease.postponed is not None:
            error = "its host asked us to wait"
            return Fetched(request=step, status=ReadStatus.LATER, after=lease.postponed, error=error)
        fetched = advised(throttled(await client.transport.fetch(step), step.url, client.clock()), setup.source)
        lease.pause = max(lease.pause, fetched.pause) if lease.pause else 0.0
        if (until := closed_until(fetched)) is not None:
            name, _ = setup.rate_limit(step.url)
            await client.write(partial(_postpone_host, name=name, until=until))
        return fetched


def closed_until(fetched: Fetched) -> datetime | None:
    """When the host may be asked again: as it says, or when its spent budget counts anew. Pure."""
    if fetched.after is not None:
        return fetched.after
    spent = fetched.budget is not None and fetched.budget.left <= 0 and fetched.status is ReadStatus.LATER
    return fetched.budget.resets if fetched.budget is not None and spent else None


def throttled(fetched: Fetched, url: str, now: datetime) -> Fetched:
    """The reply as `later` where arXiv's refusal means that it was asked too often. Pure."""
    refused = fetched.http_status in ARXIV_REFUSALS
    if not is_arxiv_host(url) or not (refused or fetched.status is ReadStatus.LATER):
        return fetched
    error = f"{fetched.error} (arXiv answers so to whoever asks too often)" if refused else fetched.error
    return replace(fetched, status=ReadStatus.LATER, after=fetched.after or now + ARXIV_BACKOFF, error=error)


def advised(fetched: Fetched, source: Source) -> Fetched:
    """The reply with what its source knows to do about a refusal (`refused`, where it has that). Pure."""
    advice = getattr(source, "refused", None)
    if advice is None or fetched.http_status is None or not fetched.status.failed:
        return fetched
    said = advice(fetched.http_status, fetched.error)
    return replace(fetched, error=f"{fetched.error}. {said}") if said else fetched


@dataclass(slots=True)
class _Lease:
    """A host's lease while one request is sent."""

    pause: float  #: seconds until the next request may follow
    postponed: datetime | None = None  #: not held: the instant to come back, too far away to wait for


@asynccontextmanager
async def _rate_limit_lease(client: IntakeClient, setup: SourceSetup, url: str) -> AsyncIterator[_Lease]:
    """Hold the host's lease: one request at a time over all processes."""
    clock = client.clock
    name, pause = setup.rate_limit(url)
    owner = f"{client.owner}#{setup.name}"  # two sources of one process must not share a lease
    take = take_lease if pause else _check_postponed  # without a pause only a Retry-After keeps us from this host
    while (free := await client.write(lambda tx: take(tx, name, owner, clock()))) is not None:
        if free > clock() + LEASE + _CLOCK_DRIFT:  # no lease takes so long: the host has asked for it
            yield _Lease(pause, postponed=free)
            return
        await asyncio.sleep(min(max((free - clock()).total_seconds(), 0.02), 0.5))
    lease = _Lease(pause)
    try:
        yield lease
    finally:
        if pause:
            next_at = clock() + timedelta(seconds=lease.pause)
            await client.write(lambda tx: tx.leases.give_back_lease(name, owner=owner, next_at=next_at))


def take_lease(tx: Transaction, name: str, owner: str, now: datetime) -> datetime | None:
    """None: the lease is ours for LEASE; otherwise when to ask again."""
    return leases.take(tx, name, owner=owner, now=now, lease=LEASE)


def _check_postponed(tx: Transaction, name: str, _: str, now: datetime) -> datetime | None:
    return tx.leases.postponed_until(name, now)


def _postpone_host(tx: Transaction, *, name: str, until: datetime) -> None:
    tx.leases.postpone_lease(name, until=until)
