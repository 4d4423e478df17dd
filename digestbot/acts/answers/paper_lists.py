"""Pick: the papers of a digest, an edition, a search or somebody's likes, for whoever takes them elsewhere. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from digestbot.errors import NotFound
from digestbot.model import Digest, Paper, PaperId, SlotState, Subscriber
from digestbot.rules import PaperIndex, parse
from digestbot.rules.index.fulltext_query import fulltext_query
from digestbot.store import Store, Transaction


def of_digest(store: Store, subscriber: Subscriber, slot: str = "") -> list[Paper]:
    """Everything a digest reached them with, *more* too; the newest, or that of a slot. Raises NotFound."""
    with store.reading() as tx:
        keys = [row.key for row in tx.slots.slots_of(subscriber.stored_id, 100) if row.state is SlotState.COMPOSED]
        if slot and slot not in keys:
            raise NotFound(f"no digest {slot!r} of {subscriber.ref}", fix=f"Known: {', '.join(keys[:10]) or 'none'}")
        if not keys:
            raise NotFound(f"{subscriber.ref} has had no digest yet")
        number = tx.slots.digest_of_slot(subscriber.stored_id, slot or keys[0])
        digests = tx.slots.digests_by_id([number]) if number is not None else {}
        return [item.paper for digest in digests.values() for item in digest.items()]


def of_edition(store: Store, day: str) -> list[Paper]:
    """The papers of a day's edition, in its order. Raises NotFound."""
    with store.reading() as tx:
        edition = tx.slots.edition_of(day)
        if edition is None:
            known = [e.day for e in tx.slots.latest_editions(7)]
            raise NotFound(f"no edition of {day!r}", fix=f"The newest: {', '.join(known) or 'none'}")
        return _in_order(tx, (paper for paper, _ in edition.items))


def of_likes(store: Store, subscriber: Subscriber) -> list[Paper]:
    """What they voted up, the newest first: by mail, on a page, by command, in a library."""
    with store.reading() as tx:
        return _in_order(tx, (vote.paper for vote in tx.votes.votes_of(subscriber.stored_id) if vote.value > 0))


def of_rule(store: Store, rule: str, *, rules: Mapping[str, str], since: timedelta, now: datetime) -> list[Paper]:
    """What a rule matches among the papers first seen since, the newest first. Raises RuleError."""
    asked = parse(rule, topics=rules)
    with store.reading() as tx:
        found = PaperIndex(tx.full_text.papers_with(fulltext_query(asked.tree), now - since, now)).select(asked)
    return found[::-1]


def papers_since(store: Store, since: timedelta, *, now: datetime) -> list[Paper]:
    """The papers first seen within `since` before `now`."""
    with store.reading() as tx:
        return tx.papers.papers_seen_between(now - since, now)


def reason_of(store: Store, paper: Paper, source: str) -> str:
    """Why the entry of this source is this paper; "" when the source has none of it."""
    if paper.id is None:
        return ""
    with store.reading() as tx:
        return next((reason for stored, reason in tx.papers.mentions_of(paper.id) if stored.source == source), "")


def newest_digest(store: Store, subscriber: Subscriber) -> Digest:
    """Their newest digest that was not released. Raises NotFound."""
    with store.reading() as tx:
        found = tx.slots.latest_digests([subscriber.stored_id], 1).get(subscriber.stored_id)
    if not found:
        raise NotFound(f"{subscriber.ref} has had no digest yet", fix="`digestbot status` says when the next is due")
    return found[0]


def _in_order(tx: Transaction, wanted: Iterable[PaperId]) -> list[Paper]:
    """Papers in the order asked for; papers that were merged since stand once."""
    ids = list(wanted)
    papers = tx.papers.papers_by_id(ids)
    return list({papers[i].id: papers[i] for i in ids if i in papers}.values())
