"""Envelope senders and unsubscribe words: short, ours alone, and read back wherever they went."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digestbot.mail.addresses import envelope_address
from digestbot.mail.return_address import (
    claims_in,
    envelope_sender,
    is_genuine,
    may_leave,
    unsubscribe_claim,
    unsubscribe_word,
)

KEY, OTHER = b"k" * 32, b"o" * 32
NUMBERS = st.integers(min_value=0, max_value=2**62)


@given(NUMBERS, NUMBERS)
def test_an_address_names_its_digest_and_proves_it(digest: int, subscriber: int) -> None:
    address = envelope_sender("bounces@example.org", KEY, digest=digest, subscriber=subscriber)
    [claim] = claims_in([address.upper()])
    assert claim.digest == digest
    assert is_genuine(claim, KEY, subscriber=subscriber)
    assert not is_genuine(claim, OTHER, subscriber=subscriber)
    assert not is_genuine(claim, KEY, subscriber=subscriber + 1)
    assert envelope_address(address) == address
    assert len(address.partition("@")[0]) <= 64


def test_what_forwarders_write_around_an_address_does_not_hide_it() -> None:
    address = envelope_sender("bounces@example.org", KEY, digest=7, subscriber=3)
    for around in (f"<{address}>", f"prvs=0123abc={address}", f"SRS0=xyz=AB=example.net={address}"):
        assert [claim.digest for claim in claims_in([around])] == [7]


def test_other_addresses_claim_nothing() -> None:
    assert claims_in(["reader@example.org", "bounces+tag@example.org", "", "a" * 10_000, "+-@"]) == []


@given(NUMBERS, st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", fullmatch=True))
def test_an_unsubscribe_word_names_whom_it_is_about(subscriber: int, ref: str) -> None:
    word = unsubscribe_word(KEY, ref=ref, subscriber=subscriber, epoch=0)
    found = unsubscribe_claim(f"Unsubscribe {word} ")
    assert found is not None
    assert found[0] == ref
    assert may_leave(found[1], KEY, subscriber=subscriber, epoch=0)
    assert not may_leave(found[1], KEY, subscriber=subscriber, epoch=1)
    assert unsubscribe_claim(f"Re: {word}") is None


def test_an_address_without_room_for_a_token_stays_as_it_is() -> None:
    base = f"{'b' * 60}@example.org"
    assert envelope_sender(base, KEY, digest=7, subscriber=3) == base
