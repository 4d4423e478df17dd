"""The bytes on the wire."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rows import rows

from digestbot.digest.rendering.fragments import Letter
from digestbot.digest.rendering.fragments import encoded as encoded_lines
from digestbot.errors import MessageError
from digestbot.mail.addresses import address_problem, envelope_address, needs_smtputf8
from digestbot.mail.header_guard import check, encoded, header_value
from digestbot.mail.message import build, mailbox, message_id
from digestbot.model import Digest, Message
from digestbot.testing.builders import digest, item, section, slot, subscriber

HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "List-ID", "List-Unsubscribe", "Auto-Submitted", "Precedence",
    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
]  # fmt: skip
SMUGGLED = "=?utf-8?q?x=0ABcc:_evil@x.org?="
TEXTS = st.text(max_size=120) | st.lists(
    st.sampled_from([SMUGGLED, "=?utf-8?b?eA0KQmNjOiBl?=", "\r\nBcc: e@x.org", "\x85", "\u2028", "é", "a", " "]), max_size=8
).map("".join)  # fmt: skip


def made(of: Digest | None = None, **change: str) -> Message:
    values = {
        "subject": "Attention · 1 paper",
        "html": "<p>ä</p>",
        "text": "ä",
        "unsubscribe_mailto": "admin@example.org",
        "sender": "Päpers <papers@example.org>",
    }
    given = values | change
    letter = Letter(subject=given["subject"], html=encoded_lines(given["html"]), text=encoded_lines(given["text"]))
    return build(
        of or digest(section(item())), letter, sender=given["sender"],
        unsubscribe_mailto=given["unsubscribe_mailto"],
    )  # fmt: skip


def parsed(message: Message) -> EmailMessage:
    read = message_from_bytes(message.data, policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def test_a_mail_has_exactly_our_headers() -> None:
    assert parsed(made()).keys() == HEADERS


def test_the_mail_reads_back_as_it_was_written() -> None:
    mail = parsed(made(subject="Grüße · 雪", html="<p>Zürich</p>", text="Zürich\n.\nFrom here"))
    assert mail["Subject"] == "Grüße · 雪"
    assert mail["From"].addresses[0].display_name == "Päpers"
    bodies = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [b.get_content().replace("\r\n", "\n") for b in bodies if b] == ["Zürich\n.\nFrom here\n", "<p>Zürich</p>\n"]


def test_the_same_digest_gives_the_same_bytes() -> None:
    assert made() == made()


def test_the_message_id_depends_on_person_and_slot_only() -> None:
    base, later = (
        digest(section(item())),
        replace(digest(section(item())), slot=replace(slot(), key="2026-11-24T07:30")),
    )
    assert made(base).message_id == made(replace(base, considered=1)).message_id != made(later).message_id
    assert message_id("a", "k", "example.org") != message_id("b", "k", "example.org")


def test_every_line_is_short_seven_bit_and_ends_in_crlf() -> None:
    data = made(html="x" * 5000, text="ü" * 5000).data
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n")
    assert max(map(len, data.split(b"\r\n"))) <= 120


def test_list_unsubscribe_stands_on_one_line_and_names_the_person() -> None:
    line = next(x for x in made().data.split(b"\r\n") if x.startswith(b"List-Unsubscribe:"))
    assert line == b"List-Unsubscribe: <mailto:admin@example.org?subject=unsubscribe%20reader>"


def test_without_a_contact_there_is_no_list_unsubscribe() -> None:
    assert "List-Unsubscribe" not in parsed(made(unsubscribe_mailto=""))


def test_no_mail_program_answers_a_digest() -> None:
    assert parsed(made())["Auto-Submitted"] == "auto-generated"


@given(subject=TEXTS, name=TEXTS, site=TEXTS)
@example(subject=SMUGGLED, name=SMUGGLED, site=SMUGGLED)
def test_no_text_adds_or_forges_a_header(subject: str, name: str, site: str) -> None:
    whose = subscriber(name=name)
    message = made(digest(section(item()), subscriber=whose, site=site), subject=subject)
    again = message_from_bytes(message.data, policy=policy.default)
    assert again.keys() == HEADERS
    assert message_from_bytes(again.as_bytes(), policy=policy.default).keys() == HEADERS


@given(TEXTS)
def test_a_subject_reads_back_but_for_controls_and_false_encoded_words(subject: str) -> None:
    assert str(parsed(made(subject=subject))["Subject"]).split() == header_value(subject).split()


@given(TEXTS)
def test_an_encoded_value_is_ascii_without_bare_line_ends(text: str) -> None:
    value = encoded(text)
    assert value.isascii()
    assert "\n" not in value.replace("\r\n ", "")
    assert all(len(line) <= 76 for line in value.split("\r\n ") if "=?" in line)


@pytest.mark.parametrize(
    "address", ["x", "a b@x.org", "<a@x.org", "a@x.org\r\nBcc: b@x.org", "ü\u202e@x.org", "a@b c", '"a"@x.org']
)
def test_an_address_no_server_would_take_is_refused(address: str) -> None:
    with pytest.raises(MessageError):
        envelope_address(address)


@pytest.mark.parametrize(
    ("domain", "ascii_form"),
    [  # IDNA 2008 with the mapping of UTS 46, not the older IDNA 2003 that makes "strasse" of "straße"
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.example", "xn--strae-oqa.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("Example.ORG", "Example.ORG"),
    ],
)
def test_a_domain_in_letters_of_its_own_becomes_ascii(domain: str, ascii_form: str) -> None:
    assert envelope_address(f"info@{domain}") == f"info@{ascii_form}"


@pytest.mark.parametrize("address", ["info@a\u200db.example", "info@" + "ü" * 80 + ".example", "info@☕.example"])
def test_a_domain_that_idna_does_not_know_is_told(address: str) -> None:
    assert "is no domain" in address_problem(address)


def test_a_local_part_in_letters_of_its_own_needs_smtputf8_and_stands_in_the_header_as_it_is() -> None:
    person = subscriber(email="jürgen@bücher.example")
    message = made(of=replace(digest(section(item())), subscriber=person))
    assert needs_smtputf8(message.recipient)
    assert not needs_smtputf8("anna@xn--bcher-kva.example")
    assert message.recipient == "jürgen@xn--bcher-kva.example"
    assert "jürgen@xn--bcher-kva.example".encode() in message.data


@rows(
    "name",
    ["Papers, Daily", "a; b", "Papers [cs]", 'the "best" one', "Müller & Söhne, Berlin", "(x)", "a@b", "a\\b", "<x>"],
)
@rows("quoted", [False, True])
def test_any_sign_in_the_senders_name_is_quoted_right(name: str, quoted: bool) -> None:
    given = '"' + name.replace("\\", r"\\").replace('"', r"\"") + '"' if quoted else name
    message = made(sender=f"{given} <papers@example.org>")
    parsed = message_from_bytes(message.data, policy=policy.default)["From"].addresses
    assert [(a.display_name, a.addr_spec) for a in parsed] == [(name, "papers@example.org")]
    assert message.sender == "papers@example.org"


@pytest.mark.parametrize(
    "data",
    [
        b"From: a\r\nBcc: b\r\n\r\nx",
        b"From: a\nBcc: b\r\n\r\nx",
        b"From: a\rBcc: b\r\n\r\nx",
        b"From: a\r\n\r\n\0",
        b"From: a\r\n\r\n\xff",
        b"From: a\r\n\r\n" + b"x" * 999,
        b"From: a",
        b"From: a\r\nFrom: b\r\n\r\nx",
    ],
)
def test_the_guard_refuses_a_mail_that_is_not_what_we_meant(data: bytes) -> None:
    with pytest.raises(MessageError):
        check(data, ["From"])


def test_the_guard_takes_a_clean_mail_with_folded_lines() -> None:
    check(b"From: a\r\n b\r\n\r\nx\r\n", ["From"])


@pytest.mark.parametrize("address", ["a..b@x.org", ".a@x.org", "a@x..org", "a@-x.org", f"a@{'x' * 64}.org"])
def test_an_address_that_no_server_takes_is_refused(address: str) -> None:
    with pytest.raises(MessageError):
        envelope_address(address)


def test_a_long_name_makes_no_long_header_line() -> None:
    assert len(mailbox("x" * 2000, "a@example.org")) < 300
