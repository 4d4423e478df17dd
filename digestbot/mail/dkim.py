"""Our DKIM signature: RFC 6376 with rsa-sha256 (RFC 8301: 2048 bits) or ed25519-sha256 (RFC 8463). Pure.

relaxed/relaxed; both List-Unsubscribe headers are signed (RFC 8058 4), From and the other fields a reader sees are signed once
more than they occur, so that none can be added. The same mail, key and moment give the same signature. Needs the extra
`digestbot[dkim]`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from digestbot.errors import DigestbotError

try:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
except ModuleNotFoundError as error:  # pragma: no cover  # the test environment has it
    raise DigestbotError("signing mails needs one more package", fix="pip install 'digestbot[dkim]'") from error

KeyType = Literal["rsa", "ed25519"]
SHORTEST_RSA = 2048  #: bits, RFC 8301 3.2
#: signed where they occur
SIGNED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "sender", "cc", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "list-id", "list-unsubscribe", "list-unsubscribe-post", "auto-submitted",
)  # fmt: skip
#: signed once more: another field of the name breaks the signature (RFC 6376 8.15)
OVERSIGNED = ("from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post")
_WIDTH = 72  #: characters of a folded line


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A private key, and what DNS says of it."""

    private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = field(repr=False)

    @classmethod
    def parse(cls, pem: bytes) -> DkimKey:
        """From PEM (PKCS #8, PKCS #1). Raises DigestbotError for what is no key of ours."""
        try:
            private = serialization.load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise DigestbotError("this is no private key in PEM without a password") from error
        if isinstance(private, ed25519.Ed25519PrivateKey):
            return cls(private)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise DigestbotError("DKIM signs with RSA or Ed25519 keys")
        if private.key_size < SHORTEST_RSA:
            raise DigestbotError(f"the RSA key has {private.key_size} bits; {SHORTEST_RSA} are the least (RFC 8301)")
        return cls(private)

    @classmethod
    def generate(cls, kind: KeyType) -> DkimKey:
        """A new one; RSA with 2048 bits: longer keys do not fit every DNS."""
        if kind == "ed25519":
            return cls(ed25519.Ed25519PrivateKey.generate())
        return cls(rsa.generate_private_key(public_exponent=65537, key_size=SHORTEST_RSA))

    @property
    def kind(self) -> KeyType:
        """The type of the key, as k= names it in DNS."""
        return "rsa" if isinstance(self.private, rsa.RSAPrivateKey) else "ed25519"

    @property
    def pem(self) -> bytes:
        """PKCS #8, not encrypted."""
        return self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def public(self) -> str:
        """The p= of DNS: SubjectPublicKeyInfo of RSA, the 32 bytes of Ed25519 (RFC 8463 4)."""
        public = self.private.public_key()
        if self.kind == "ed25519":
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        else:
            raw = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(raw).decode()

    @property
    def record(self) -> str:
        """The TXT record, in one piece."""
        return f"v=DKIM1; k={self.kind}; p={self.public}"

    def signature(self, text: bytes) -> bytes:
        """Over SHA-256 of the text."""
        if isinstance(self.private, ed25519.Ed25519PrivateKey):
            return self.private.sign(hashlib.sha256(text).digest())
        return self.private.sign(text, padding.PKCS1v15(), hashes.SHA256())


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimSigner:
    """A key and the place in DNS where its public half stands: SELECTOR._domainkey.DOMAIN."""

    key: DkimKey
    domain: str
    selector: str

    def sign(self, data: bytes, at: datetime) -> bytes:
        """The finished mail (CRLF) with its signature on top; `at` is the t= of the signature."""
        head, _, body = data.partition(b"\r\n\r\n")
        fields = _fields(head)
        names = _signed_names(fields)
        tags = (
            f"v=1; a={self.key.kind}-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector}; "
            f"t={int(at.timestamp())}; h={':'.join(names)}; bh={_hash(relaxed_body(body))}; b="
        )
        value = _folded(tags)
        text = _header_text(fields, names) + _relaxed("dkim-signature", value.encode())
        return f"DKIM-Signature: {value}{_base64_lines(self.key.signature(text))}\r\n".encode() + data


def dns_strings(record: str) -> list[str]:
    """A TXT record in strings of at most 255 octets (RFC 1035 3.3.14)."""
    return [record[at : at + 255] for at in range(0, len(record), 255)]


def relaxed_body(body: bytes) -> bytes:
    """The body in the canonical form "relaxed" (RFC 6376 3.4.4)."""
    text = re.sub(rb"[ \t]{2,}|\t", b" ", body).replace(b" \r\n", b"\r\n").rstrip(b" ")
    while text.endswith(b"\r\n\r\n"):
        text = text.rstrip(b"\r\n") + b"\r\n"
    if text in (b"", b"\r\n"):
        return b""
    return text if text.endswith(b"\r\n") else text + b"\r\n"


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    """(name in lower case, value) of each header field, folded as it is."""
    lines = re.sub(rb"\r\n(?=[ \t])", b"\x00", head).split(b"\r\n")
    pairs = (line.replace(b"\x00", b"\r\n").partition(b":") for line in lines if line)
    return [(name.decode("ascii", "replace").strip().lower(), value) for name, _, value in pairs]


def _signed_names(fields: list[tuple[str, bytes]]) -> list[str]:
    """Each of SIGNED as often as it occurs, then once more those of OVERSIGNED."""
    there = [name for name, _ in fields]
    return [name for name in SIGNED for _ in range(there.count(name) + (name in OVERSIGNED))]


def _header_text(fields: list[tuple[str, bytes]], names: list[str]) -> bytes:
    """What is signed of the headers: of several fields of a name the last first (RFC 6376 5.4.2)."""
    left = list(fields)
    text = b""
    for name in names:
        place = next((at for at in range(len(left) - 1, -1, -1) if left[at][0] == name), None)
        if place is not None:
            text += _relaxed(name, left.pop(place)[1]) + b"\r\n"
    return text


def _relaxed(name: str, value: bytes) -> bytes:
    """RFC 6376 3.4.2, without the line end."""
    return name.encode() + b":" + re.sub(rb"[ \t\r\n]+", b" ", value).strip()


def _hash(text: bytes) -> str:
    return base64.b64encode(hashlib.sha256(text).digest()).decode()


def _folded(tags: str) -> str:
    """Lines of at most _WIDTH characters, broken between tags and between the names of h=."""
    lines, line = [], ""
    for word in re.findall(r"[^ :]+[ :]?", tags):
        if len(line) + len(word) > _WIDTH:
            lines.append(line.rstrip(" "))
            line = ""
        line += word
    return "\r\n\t".join([*lines, line])


def _base64_lines(signature: bytes) -> str:
    text = base64.b64encode(signature).decode()
    return "".join(f"\r\n\t{text[at : at + _WIDTH]}" for at in range(0, len(text), _WIDTH))
