"""Find subscribers by what a person writes on the command line."""

from __future__ import annotations

from collections.abc import Sequence
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


def unsubscribed(store: Store, listed: Sequence[Subscriber]) -> list[Subscriber]:
    """Those of the people in the files who unsubscribed by themselves."""
    with store.reading() as tx:
        left, reasons = set(tx.people.left_refs()), tx.people.suppressions_of(person.email for person in listed)
        gone = [p.ref for p in listed if p.ref in left or reasons.get(p.email) == UNSUBSCRIBED]
        return [person for person in tx.people.people_of_refs(gone) if person.status != "removed"]
