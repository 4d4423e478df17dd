"""Links: the addresses that are only one reader's, and whom a token lets in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.mail.link_tokens import PURPOSES, Purpose, hashed, token
from digestbot.model import Digest, Links, Subscriber
from digestbot.store import Store, TokenRow, Transaction


@dataclass(frozen=True, slots=True)
class Linker:
    """Makes links. Without a web address there are none."""

    base: str = ""  #: https://papers.example.org, no slash at the end
    key: Callable[[], bytes] = bytes  #: the site's secret, read or made when the first link is

    def links(self, subscriber: Subscriber, digest: int | None = None) -> Links:
        """The addresses of one reader, and of one of their digests."""
        if not self.base or subscriber.id is None:
            return Links()
        made = {purpose: self._token(purpose, subscriber, digest) for purpose in PURPOSES}
        return Links(
            page=f"{self.base}/d/{made['page']}" if digest is not None else "",
            leave=f"{self.base}/u/{made['leave']}",
            feed=f"{self.base}/f/{made['feed']}/",
            preferences=f"{self.base}/p/{made['preferences']}",
            votes=f"{self.base}/p/{made['preferences']}/papers/",
        )

    def example(self) -> Links:
        """Links for a preview: of the right shape, and opening nothing."""
        base = f"{self.base}/{{}}/example-token"
        return (
            Links(
                page=base.format("d"), leave=base.format("u"), feed=f"{base.format('f')}/",
                preferences=base.format("p"), votes=f"{base.format('p')}/papers/",
            )
            if self.base
            else Links()
        )  # fmt: skip

    def shown(self, digest: Digest) -> Digest:
        """The digest with its links."""
        if not self.base or digest.links != Links():
            return digest
        return replace(digest, links=self.links(digest.subscriber, digest.id))

    def record(self, tx: Transaction, subscriber: Subscriber, digest: int | None, *, now: datetime) -> None:
        """Store the tokens of these links: from now on the links open."""
        tx.tokens.add_tokens(self.rows(subscriber, digest), now=now)

    def rows(self, subscriber: Subscriber, digest: int | None) -> list[TokenRow]:
        """The tokens of these links as they are stored; none without a web address."""
        if self.base and subscriber.id is not None:
            return [
                TokenRow(
                    hash=hashed(self._token(purpose, subscriber, digest)), purpose=purpose, subscriber=subscriber.id,
                    digest=digest if purpose == "page" else None,
                )
                for purpose in PURPOSES
                if purpose != "page" or digest is not None
            ]  # fmt: skip
        return []

    def _token(self, purpose: Purpose, subscriber: Subscriber, digest: int | None) -> str:
        of = digest if purpose == "page" else None
        epoch = subscriber.token_epoch + (subscriber.feed_epoch << 32 if purpose == "feed" else 0)
        return token(self.key(), purpose, subscriber.stored_id, epoch, of)


def whose(store: Store, given: str, purpose: Purpose) -> tuple[Subscriber, Digest | None] | None:
    """Whom a token lets in, and to which digest; None for one that opens nothing."""
    with store.reading() as tx:
        row = tx.tokens.find_token(hashed(given), purpose=purpose)
        subscriber = tx.people.find_person(row.subscriber) if row else None
        if row is None or subscriber is None:
            return None
        digest = tx.slots.digests_by_id([row.digest])[row.digest] if row.digest is not None else None
        return subscriber, digest


def was_revoked(store: Store, given: str, purpose: Purpose) -> bool:
    """Whether this token once opened something: its reader has another one now."""
    with store.reading() as tx:
        return tx.tokens.was_revoked(hashed(given), purpose=purpose)


def open_links(store: Store, linker: Linker, subscriber: Subscriber, *, now: datetime) -> None:
    """From now on the addresses of this reader open, those of a digest aside."""
    with store.transaction() as tx:
        linker.record(tx, subscriber, None, now=now)


def revoke_links(store: Store, subscriber: Subscriber, *, now: datetime) -> int:
    """Close all private addresses of this reader; how many there were."""
    with store.transaction() as tx:
        return tx.tokens.revoke_tokens(subscriber.stored_id, now=now)


def renew_feeds(store: Store, linker: Linker, subscriber: Subscriber, *, now: datetime) -> None:
    """The feeds of this reader move to new addresses; the old ones are gone for good."""
    with store.transaction() as tx:
        tx.tokens.revoke_feeds(subscriber.stored_id, now=now)
        if (moved := tx.people.find_person(subscriber.stored_id)) is not None:
            linker.record(tx, moved, None, now=now)
