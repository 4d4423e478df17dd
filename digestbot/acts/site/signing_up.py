"""What all sign-ups of this site have in common, and the tokens of what is confirmed by mail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network

from digestbot.acts.site.links import Linker
from digestbot.mail.link_tokens import confirmation_token, hashed, invitation_token
from digestbot.model import SignupMode

VALID = timedelta(hours=48)  #: how long the link of a confirmation mail opens
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupSettings:
    """Who may subscribe by the page, how often it may be asked for, and what they get unless they say otherwise."""

    site: str = "Papers"
    domain: str = "localhost.localdomain"  #: of the From address; Message-IDs end in it
    contact: str = ""
    zone: str = "UTC"
    language: str = "en"
    mode: SignupMode = "open"
    domains: tuple[str, ...] = ()  #: an allowlist: only addresses of these; (): any
    per_address: int = 3  #: mails in 24 hours
    per_network: int = 20  #: asked for in an hour, by all clients of a /24 or /48
    overall: int = 1000  #: asked for in an hour, by everybody
    rules: Mapping[str, str] = field(default_factory=dict)  #: the site's topics by name
    linker: Linker = field(default_factory=Linker)
    key: Callable[[], bytes] = bytes  #: the site's secret

    def token_of(self, nonce: str) -> str:
        """The token of a confirmation mail's link."""
        return confirmation_token(self.key(), nonce)

    def link_of(self, nonce: str) -> str:
        """The page that asks to press the button."""
        return f"{self.linker.base}/c/{self.token_of(nonce)}"

    def network_of(self, client: str) -> str:
        """The network of a client, as a hash: the address itself is never kept."""
        try:
            found = ip_address(client)
            mapped = getattr(found, "ipv4_mapped", None) or found
            network = str(ip_network(f"{mapped}/{24 if mapped.version == 4 else 48}", strict=False))
        except ValueError:
            network = ""
        return sha256(self.key() + network.encode()).hexdigest()[:32]

    def invitation(self, day: int) -> str:
        """The word of an invitation that holds to the end of a day (days since 1970)."""
        return invitation_token(self.key(), day)


__all__ = ["VALID", "SignupSettings", "hashed"]
