"""The contract of tokens of links in mails, and of what people confirm by one: sign-ups, and what they agreed to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from digestbot.model.people import SubscriberId
from digestbot.store.contract.rows import TokenRow


class Tokens(Protocol):
    """Tokens of links in mails, known by their hash only."""

    def add_tokens(self, rows: Iterable[TokenRow], *, now: datetime) -> None:
        """Store tokens. Known ones stay as they are, revoked ones too."""

    def find_token(self, hash: str, *, purpose: str) -> TokenRow | None:
        """The token with this hash and purpose; None when it is unknown, of another purpose, or revoked."""

    def was_revoked(self, hash: str, *, purpose: str) -> bool:
        """Whether a token with this hash and purpose opened something once, and its reader has new links since."""

    def revoke_feeds(self, subscriber: SubscriberId, *, now: datetime) -> None:
        """Revoke the tokens of a subscriber's feeds alone; the next ones belong to a new epoch of feeds."""

    def revoke_tokens(self, subscriber: SubscriberId, *, now: datetime) -> int:
        """Revoke all links of a subscriber; the next ones belong to a new epoch. Returns how many were revoked."""


#: what somebody asked for by a form; `moved` is nobody's wish: the mail that tells an old address of a new one
FormPurpose = Literal["subscribe", "leave", "move", "moved"]
ConfirmationState = Literal["asked", "queued", "dropped", "used"]  #: asked → queued | dropped → used


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What somebody asked for by a form. Only who reads the address's mail can confirm it."""

    purpose: FormPurpose
    nonce: str  #: random; the link's token is made from it and the site's key
    token: str  #: SHA-256 of the token in hex
    address: str  #: where the mail goes
    network: str = ""  #: the client's network, hashed with the site's key
    subscriber: SubscriberId | None = None  #: whose address moves
    wishes: str = "{}"  #: JSON: topics and settings
    consent: str = ""  #: the text they agreed to
    state: ConfirmationState = "asked"
    at: datetime
    expires: datetime
    delivery: int | None = None
    id: int = 0


class Recent(NamedTuple):
    """How many were asked for since a moment."""

    address: int
    network: int
    all: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What somebody agreed to, and when."""

    at: datetime
    version: str
    text: str


class Confirmations(Protocol):
    """What waits to be confirmed, and what was agreed to."""

    def add_confirmation(self, asked: Confirmation) -> int:
        """Store what was asked for; returns its id."""

    def count_recent(self, *, address: str, network: str, day: datetime, hour: datetime) -> Recent:
        """How many were asked for this address since `day`, from this network and in all since `hour`. One statement,
        whatever is found."""

    def asked_since(self, addresses: Iterable[str], since: datetime) -> set[str]:
        """Those of these addresses for which one was asked after `since`."""

    def find_confirmation(self, token: str, *, now: datetime) -> Confirmation | None:
        """The one with this hash of a token, used or not; None when it is unknown or `expires` has come."""

    def confirmation_of_delivery(self, delivery: int) -> Confirmation | None:
        """What a mail in the outbox asks to confirm."""

    def asked_confirmations(self, most: int) -> list[Confirmation]:
        """The confirmations that have no mail yet, oldest first."""

    def settle_confirmation(
        self, confirmation: int, state: Literal["queued", "dropped"], *, delivery: int | None = None
    ) -> None:
        """`queued` with its delivery, or `dropped`."""

    def use_confirmation(self, confirmation: int) -> bool:
        """Mark as used; False when it was before."""

    def delete_confirmations(self, before: datetime) -> int:
        """Delete the confirmations that expired before; returns how many."""

    def add_consent(self, subscriber: SubscriberId, consent: Consent) -> None:
        """Keep what they agreed to."""

    def add_consents(self, subscribers: Iterable[SubscriberId], consent: Consent) -> None:
        """`add_consent` for many who agreed to the same."""

    def consents_of(self, subscriber: SubscriberId) -> Sequence[Consent]:
        """Everything they agreed to, oldest first."""
