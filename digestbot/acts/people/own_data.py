"""Own data: everything that is kept of one person, to be taken away by them (export) or to be deleted for good (erasure,
GDPR articles 15 to 20)."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any

from digestbot.acts.people.sync import stop_deliveries
from digestbot.model import Subscriber
from digestbot.store import Store

log = logging.getLogger(__name__)

_KEPT = (
    "email", "name", "status", "paused_until", "schedule", "time_zone", "language", "max_papers", "when_empty",
    "updates", "trending", "length", "mail", "joined", "next_slot",
)  # fmt: skip


def own_data(store: Store, subscriber: Subscriber) -> dict[str, Any]:
    """Address, settings, topics, votes, what was agreed to, and which papers were sent when. JSON values and times."""
    who = subscriber.stored_id
    with store.reading() as tx:
        votes, shown = tx.votes.votes_of(who), tx.slots.shown_items([who]).get(who, [])
        papers = tx.papers.papers_by_id({v.paper for v in votes} | {item.paper for item in shown})
        whose = tx.votes.namesakes_of([who]).get(who, [])
        papers |= tx.papers.papers_by_id({said.paper for said in whose})
        consents = tx.confirmations.consents_of(who)
    return {
        "subscriber": {name: getattr(subscriber, name) for name in _KEPT},
        "topics": [asdict(topic) for topic in subscriber.topics],
        "consents": [asdict(consent) for consent in consents],
        "votes": [
            {"paper": papers[v.paper].public_id, "title": papers[v.paper].title, "value": v.value, "at": v.at}
            for v in votes if v.paper in papers
        ],
        "namesakes": [
            {"person": s.person, "paper": papers[s.paper].public_id, "same": s.same, "at": s.at} for s in whose if s.paper in papers
        ],
        "papers": [
            {"paper": papers[i.paper].public_id, "title": papers[i.paper].title, "as": i.kind, "at": i.at}
            for i in shown if i.paper in papers
        ],
    }  # fmt: skip


def erase(store: Store, subscriber: Subscriber, *, now: datetime) -> None:
    """Delete everything that is kept of a person. A hash of the address stays, so that neither a file nor a form brings it back."""
    who = subscriber.stored_id
    with store.transaction() as tx:
        voted = [vote.paper for vote in tx.votes.votes_of(who)]
        stop_deliveries(tx, who, now)
        tx.people.erase_person(who, now=now)
        tx.votes.count_votes(voted, now=now)
    log.info("a subscriber had all their data deleted")
