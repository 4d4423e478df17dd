"""A mailbox over IMAP, on a server of our own: what is unseen is read once, and errors hold no password."""

from __future__ import annotations

import pytest
from imap_server import serving

from digestbot.errors import DigestbotError
from digestbot.model import Secret
from digestbot.transport.imap import ImapMailbox, unseen_mails


def mailbox(port: int, password: str = "right", folder: str = "INBOX") -> ImapMailbox:
    return ImapMailbox(host="127.0.0.1", port=port, tls=False, user="bot", folder=folder, password=Secret(password))


def test_what_is_unseen_is_read_once_and_marked_when_done_with() -> None:
    with serving({3: b"Subject: a\r\n\r\none", 7: b"Subject: b\r\n\r\ntwo"}) as server:
        for number, (data, mark_read) in enumerate(unseen_mails(mailbox(server.port), 1000)):
            assert data == server.mails[(3, 7)[number]]
            assert len(server.seen) == number
            mark_read()
        assert list(unseen_mails(mailbox(server.port), 1000)) == []
        assert "LOGOUT" in server.said


def test_only_the_beginning_of_a_large_mail_is_fetched() -> None:
    with serving({1: b"x" * 5000}) as server:
        assert [len(data) for data, _ in unseen_mails(mailbox(server.port), 1000)] == [1000]


@pytest.mark.parametrize(("password", "folder"), [("wrong-secret", "INBOX"), ("right", "Missing")])
def test_an_error_says_where_and_holds_no_password(password: str, folder: str) -> None:
    with serving({}) as server, pytest.raises(DigestbotError) as raised:
        list(unseen_mails(mailbox(server.port, password, folder), 1000))
    assert f"imap://127.0.0.1:{server.port}" in str(raised.value)
    assert "wrong-secret" not in str(raised.value)


def test_a_server_that_is_away_is_an_error() -> None:
    with serving({}) as server:
        port = server.port
    with pytest.raises(DigestbotError):
        list(unseen_mails(mailbox(port), 1000))
