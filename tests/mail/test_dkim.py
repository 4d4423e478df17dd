"""Our DKIM signatures, verified by dkimpy with a DNS of our own."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time
from typing import Any

import pytest
from rows import rows

dkim = pytest.importorskip("dkim", reason="dkimpy is not installed: pip install --group dev")

from digestbot.errors import DigestbotError  # noqa: E402  # after the check
from digestbot.mail.dkim import DkimKey, DkimSigner, KeyType, dns_strings, relaxed_body  # noqa: E402

AT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
MAIL = (
    b"From: Papers <papers@example.org>\r\nTo: reader@example.net\r\nSubject: =?utf-8?q?9_p=C3=A4pers?=\r\n"
    b"Date: Mon, 30 Nov 2026 07:00:00 +0000\r\nMessage-ID: <1@example.org>\r\nList-ID: Papers <digest.example.org>\r\n"
    b"List-Unsubscribe: <https://papers.example.org/u/abc>,\r\n <mailto:admin@example.org?subject=unsubscribe%20reader>\r\n"
    b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/alternative; boundary="=_1"\r\n\r\n--=_1\r\n\r\nWords  and \t spaces \r\n\r\n--=_1--\r\n\r\n\r\n'
)
KEYS: dict[KeyType, DkimKey] = {kind: DkimKey.generate(kind) for kind in ("rsa", "ed25519")}


def signer(kind: KeyType) -> DkimSigner:
    return DkimSigner(key=KEYS[kind], domain="example.org", selector="bot")


def dns(key: DkimKey) -> Callable[..., bytes | None]:
    def answer(name: bytes | str, *_: Any, **__: Any) -> bytes | None:
        asked = name.decode() if isinstance(name, bytes) else name
        return key.record.encode() if asked.rstrip(".") == "bot._domainkey.example.org" else None

    return answer


def verified(data: bytes, key: DkimKey) -> bool:
    return bool(dkim.verify(data, dnsfunc=dns(key)))


@pytest.mark.parametrize("kind", KEYS)
def test_dkimpy_verifies_what_we_sign(kind: KeyType) -> None:
    signed = signer(kind).sign(MAIL, AT)
    assert signed.endswith(MAIL)
    assert verified(signed, KEYS[kind])
    assert not verified(signed, DkimKey.generate(kind))


@rows("kind", KEYS)
@rows(
    "body",
    [b"", b"\r\n", b"\r\n\r\n", b"x", b"x \r\n \r\n\t\r\n", b" \r\nx\r\n", "Grüße\r\n".encode(), b"a\tb  c\r\n\r\nd"],
)
def test_every_body_is_canonicalised_as_the_verifier_does(kind: KeyType, body: bytes) -> None:
    assert verified(signer(kind).sign(b"From: a@example.org\r\n\r\n" + body, AT), KEYS[kind])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Words", b"Other words"),
        (b"\r\nTo:", b"\r\nFrom: Bank <bank@example.com>\r\nTo:"),
        (b"\r\nTo:", b"\r\nSubject: other\r\nTo:"),
        (b"/u/abc", b"/u/xyz"),
        (b"One-Click", b"Two-Clicks"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
    ],
)
def test_what_a_reader_sees_cannot_be_changed_or_added(old: bytes, new: bytes) -> None:
    signed = signer("ed25519").sign(MAIL, AT)
    assert not verified(signed.replace(old, new, 1), KEYS["ed25519"])


def test_servers_may_fold_and_space_anew() -> None:
    signed = (
        signer("rsa").sign(MAIL, AT).replace(b"Words  and \t spaces ", b"Words and  spaces").replace(b",\r\n <", b", <")
    )
    assert verified(signed, KEYS["rsa"])


def test_both_unsubscribe_headers_are_signed_and_from_once_more() -> None:
    head = signer("rsa").sign(MAIL, AT).partition(b"\r\nFrom:")[0].decode()
    names = re.sub(r"\s", "", re.search(r"h=([^;]*);", head)[1]).split(":")  # type: ignore[index]  # it is there
    assert {"list-unsubscribe", "list-unsubscribe-post"} <= set(names)
    assert names.count("from") == 2
    assert max(map(len, head.split("\r\n"))) <= 78


@pytest.mark.parametrize("kind", KEYS)
def test_the_same_mail_is_signed_alike(kind: KeyType) -> None:
    assert signer(kind).sign(MAIL, AT) == signer(kind).sign(MAIL, AT)


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_comes_back_from_its_file_and_shows_nothing(kind: KeyType) -> None:
    key = KEYS[kind]
    assert DkimKey.parse(key.pem).record == key.record
    assert "PrivateKey" not in repr(key)


def test_a_short_or_foreign_key_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric import rsa

    short = DkimKey(rsa.generate_private_key(public_exponent=65537, key_size=1024))
    for pem in (short.pem, b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"words"):
        with pytest.raises(DigestbotError):
            DkimKey.parse(pem)


def test_a_record_fits_the_strings_of_dns() -> None:
    strings = dns_strings(KEYS["rsa"].record)
    assert "".join(strings) == KEYS["rsa"].record
    assert [len(one) <= 255 for one in strings] == [True, True]


def test_canonicalising_is_linear_in_the_body() -> None:
    def seconds(body: bytes) -> float:
        before = process_time()
        relaxed_body(body)
        return process_time() - before

    for piece in (b"\r\n", b" \r\n", b"a \t", b"\t", b"\r\n\r\nx"):
        assert seconds(piece * 64_000) < 0.1 + 24 * seconds(piece * 8_000)
