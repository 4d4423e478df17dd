"""What `store.Tokens` promises: a link opens one door, until it is revoked."""

from __future__ import annotations

from digestbot.store import Store, TokenRow
from digestbot.testing.store.values import NOW, Contract, create, digest, ident, join, person


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
