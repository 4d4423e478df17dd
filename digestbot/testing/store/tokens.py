"""What `store.Tokens` promises: a link opens one door, until it is revoked."""

from __future__ import annotations

from typing import Any

from digestbot.store import Confirmation, Consent, Store, TokenRow
from digestbot.testing.store.values import DAY, HOUR, NOW, Contract, create, digest, ident, join, person, post


class TokensContract(Contract):
    """Tokens by their hash."""

    def test_a_token_is_found_for_its_purpose_only(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone] = join(tx, "reader")
            row = TokenRow(hash="aa", purpose="leave", subscriber=ident(someone))
            tx.tokens.add_tokens([row], now=NOW)
            assert tx.tokens.find_token("aa", purpose="leave") == row
            assert tx.tokens.find_token("aa", purpose="page") is None
            assert tx.tokens.find_token("bb", purpose="leave") is None

    def test_a_token_may_be_of_a_digest(self, store: Store) -> None:
        with store.transaction() as tx:
            [someone], [made] = join(tx, "reader"), create(tx, 1)
            number = tx.slots.add_digest(digest(someone, made))
            row = TokenRow(hash="aa", purpose="page", subscriber=ident(someone), digest=number)
            tx.tokens.add_tokens([row, row], now=NOW)
            assert tx.tokens.find_token("aa", purpose="page") == row

    def test_revoking_ends_all_links_of_one_person(self, store: Store) -> None:
        with store.transaction() as tx:
            ada, bo = join(tx, "ada", "bo")
            rows = [TokenRow(hash=h, purpose="leave", subscriber=ident(s)) for h, s in (("a", ada), ("b", bo))]
            tx.tokens.add_tokens(rows, now=NOW)
            assert tx.tokens.revoke_tokens(ident(ada), now=NOW) == 1
            tx.tokens.add_tokens(rows, now=NOW)
            assert tx.tokens.find_token("a", purpose="leave") is None
            assert tx.tokens.find_token("b", purpose="leave") == rows[1]
            assert [tx.tokens.was_revoked(h, purpose="leave") for h in "abc"] == [True, False, False]
            assert (person(tx, "ada").token_epoch, person(tx, "bo").token_epoch) == (1, 0)

    def test_the_feeds_of_one_person_move_and_their_other_links_stay(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            rows = [TokenRow(hash=p, purpose=p, subscriber=ident(ada)) for p in ("leave", "feed")]
            tx.tokens.add_tokens(rows, now=NOW)
            tx.tokens.revoke_feeds(ident(ada), now=NOW)
            assert tx.tokens.find_token("feed", purpose="feed") is None
            assert tx.tokens.find_token("leave", purpose="leave") == rows[0]
            revoked = [tx.tokens.was_revoked(h, purpose="feed") for h in ("feed", "leave", "other")]
            assert revoked == [True, False, False]
            assert (person(tx, "ada").feed_epoch, person(tx, "ada").token_epoch) == (1, 0)


def asked(number: int = 1, **change: Any) -> Confirmation:
    """Somebody asks to subscribe now."""
    values: dict[str, Any] = {
        "purpose": "subscribe", "nonce": f"nonce-{number}", "token": f"hash-{number}", "address": "ada@example.org",
        "network": "net-1", "wishes": '{"rhythm": "weekly"}', "consent": "I agree", "at": NOW, "expires": NOW + DAY,
    }  # fmt: skip
    return Confirmation(**values | change)


class ConfirmationsContract(Contract):
    """What is asked for by a form, counted, mailed, confirmed once."""

    def test_what_was_asked_is_found_by_its_token_until_it_expires(self, store: Store) -> None:
        with store.transaction() as tx:
            number = tx.confirmations.add_confirmation(asked())
            assert tx.confirmations.find_confirmation("hash-1", now=NOW) == asked(id=number)
            assert tx.confirmations.find_confirmation("hash-1", now=NOW + DAY) is None
            assert tx.confirmations.find_confirmation("hash-2", now=NOW) is None

    def test_it_is_confirmed_once(self, store: Store) -> None:
        with store.transaction() as tx:
            number = tx.confirmations.add_confirmation(asked())
            assert [tx.confirmations.use_confirmation(number) for _ in range(2)] == [True, False]

    def test_each_is_mailed_or_dropped_once_oldest_first(self, store: Store) -> None:
        with store.transaction() as tx:
            first, second = (tx.confirmations.add_confirmation(asked(n)) for n in (1, 2))
            assert [one.id for one in tx.confirmations.asked_confirmations(9)] == [first, second]
            [mail] = post(tx, kind="confirm")
            tx.confirmations.settle_confirmation(first, "queued", delivery=mail)
            tx.confirmations.settle_confirmation(second, "dropped")
            assert tx.confirmations.asked_confirmations(9) == []
            found = tx.confirmations.confirmation_of_delivery(mail)
            assert found == asked(id=first, state="queued", delivery=mail)

    def test_they_are_counted_by_address_by_network_and_in_all(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.confirmations.add_confirmation(asked(1, at=NOW - 2 * HOUR))
            tx.confirmations.add_confirmation(asked(2, address="ADA@example.org", network="net-2"))
            tx.confirmations.add_confirmation(asked(3, address="bo@example.org"))
            since = {"day": NOW - DAY, "hour": NOW - HOUR}
            count = tx.confirmations.count_recent
            assert count(address="ada@example.org", network="net-1", **since) == (2, 1, 2)
            assert count(address="cy@example.org", network="net-9", **since) == (0, 0, 2)

    def test_those_that_expired_are_deleted(self, store: Store) -> None:
        with store.transaction() as tx:
            tx.confirmations.add_confirmation(asked())
            assert tx.confirmations.delete_confirmations(NOW + DAY) == 0
            assert tx.confirmations.delete_confirmations(NOW + 2 * DAY) == 1

    def test_what_somebody_agreed_to_is_kept(self, store: Store) -> None:
        with store.transaction() as tx:
            [ada] = join(tx, "ada")
            said = [Consent(at=NOW, version="1", text="yes"), Consent(at=NOW + DAY, version="2", text="again")]
            for one in said:
                tx.confirmations.add_consent(ident(ada), one)
            assert tx.confirmations.consents_of(ident(ada)) == said
