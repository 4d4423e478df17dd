"""Find subscribers by what a person writes on the command line."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from digestbot.errors import NotFound
from digestbot.model import Subscriber
from digestbot.model.people import UNSUBSCRIBED
from digestbot.store import Store


def all_subscribers(store: Store) -> list[Subscriber]:
    """Everybody who is not removed, in the order they joined."""
    with store.reading() as tx:
        return tx.people.all_people()


def find_subscriber(store: Store, who: str) -> Subscriber:
    """Returns the subscriber with this id or address. Raises NotFound with the nearest names."""
    with store.reading() as tx:
        found = tx.people.find_person(who)
        if found is not None and found.status != "removed":
            return found
        known = [s.ref for s in tx.people.all_people()]
    near = get_close_matches(who, known, 1)
    hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(known[:10]) or 'none; see config/subscribers'}"
    raise NotFound(f"no subscriber {who!r}", fix=hint)


def unsubscribed(store: Store, refs: Collection[str]) -> list[Subscriber]:
    """Those of `refs` who unsubscribed by themselves."""
    with store.reading() as tx:
        return [
            p for p in tx.people.all_people() if p.ref in refs and (p.status == "left" or p.suppressed == UNSUBSCRIBED)
        ]
