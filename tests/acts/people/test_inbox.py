"""Mails that come back: what each changes, and that nothing unproven changes anything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest

from digestbot.acts.people.inbox import MOST_SET_ASIDE, TakenReturn, take_return
from digestbot.acts.people.sync import resume
from digestbot.mail.return_address import envelope_sender, unsubscribe_word
from digestbot.model import DeliveryResult, Links, Outcome, Receipt, SendStage, State
from digestbot.model.returned import Effect, ReturnKind
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber
from digestbot.testing.site import TEMPLATES, TestSite

KEY = b"k" * 32
DAY = timedelta(days=1)
GONE = "550 5.1.1 unknown user"
FULL = "452 4.2.2 mailbox full"


def accept_all(store: SqlStore) -> None:
    """A server takes everything that waits."""
    receipt = Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, code=250)
    with store.transaction() as tx:
        claimed = [d.id for d in tx.outbox.claim_deliveries(99, owner="a", now=NOW, lease=timedelta(minutes=1))]
        tx.outbox.commit_deliveries(claimed, owner="a", now=NOW)
        tx.outbox.finish_deliveries([DeliveryResult(one, State.SENT, receipt) for one in claimed], owner="a", now=NOW)


class Sent:
    """An office that has sent its reader one digest."""

    def __init__(self, store: SqlStore) -> None:
        self.office = TestSite(store)
        self.office.papers(1, 2)
        self.office.dispatch(NOW)
        accept_all(store)
        [self.delivery] = self.office.deliveries()
        assert self.delivery.digest is not None
        assert self.delivery.subscriber is not None
        self.address = envelope_sender(
            "bounces@example.org", KEY, digest=self.delivery.digest, subscriber=self.delivery.subscriber
        )

    def take(self, data: bytes, at: timedelta = timedelta(hours=1)) -> TakenReturn:
        return take_return(self.office.store, data, key=KEY, now=NOW + at)

    def suppressed(self) -> str:
        return self.office.person().suppressed

    def set_aside(self) -> int:
        with self.office.store.reading() as tx:
            return len(tx.quarantine.all_items())


@pytest.fixture
def sent(store: SqlStore) -> Sent:
    return Sent(store)


def dsn(to: str, said: str, *, about: str = "reader@example.org", action: str = "failed", key: str = "1", original: str = "") -> bytes:  # fmt: skip
    """A delivery status notification as Postfix writes it."""
    return f"""From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <{key}@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B

<{about}>: host mx.example.net[192.0.2.1] said: {said} (in reply to RCPT TO command)

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {about}
Action: {action}
Status: {said.split()[1]}
Diagnostic-Code: smtp; {said}

--B
Content-Type: message/rfc822

Message-ID: {original or "<unknown@example.net>"}
To: {about}

--B--
""".encode()


def test_an_unknown_user_is_suppressed_with_the_servers_words(sent: Sent) -> None:
    taken = sent.take(dsn(sent.address, f"{GONE} <reader@example.org>"))
    assert (taken.kind, taken.effect, taken.subscriber) == (ReturnKind.HARD, Effect.SUPPRESSED, "reader")
    assert sent.suppressed() == "hard bounce: 550 5.1.1 unknown user (address)"


def test_papers_of_a_mail_that_did_not_arrive_may_come_again(sent: Sent) -> None:
    sent.take(dsn(sent.address, FULL))
    [titles] = sent.office.titles(sent.office.dispatch(NOW + DAY))
    assert set(titles) == {"2611.00001", "2611.00002"}


def test_five_soft_ones_in_fifteen_days_suppress_until_a_date(sent: Sent) -> None:
    effects = [sent.take(dsn(sent.address, FULL, key=str(n)), n * DAY).effect for n in range(5)]
    assert effects == [Effect.COUNTED] * 4 + [Effect.PAUSED]
    assert sent.suppressed().startswith("5 soft bounces in 15 days, mailed again from 2026-12-1")
    with sent.office.store.transaction() as tx:
        assert tx.people.lift_ended_suppressions(NOW + 18 * DAY) == 1
    assert sent.suppressed() == ""
    assert sent.take(dsn(sent.address, FULL, key="6"), 18 * DAY).effect is Effect.COUNTED  # counted from the beginning


def test_soft_ones_far_apart_suppress_nobody(sent: Sent) -> None:
    assert {sent.take(dsn(sent.address, FULL, key=str(n)), n * 4 * DAY).effect for n in range(9)} == {Effect.COUNTED}


def test_a_delay_counts_as_nothing(sent: Sent) -> None:
    for n in range(9):
        assert sent.take(dsn(sent.address, "451 4.4.1 no answer", action="delayed", key=str(n))).effect is Effect.NOTED
    assert sent.suppressed() == ""


def test_a_blocked_sender_is_no_readers_fault(sent: Sent) -> None:
    said = "554 5.7.1 blocked using zen.spamhaus.org"
    assert {sent.take(dsn(sent.address, said, key=str(n))).effect for n in range(9)} == {Effect.NOTED}
    assert sent.suppressed() == ""


def test_the_same_mail_counts_once_whatever_way_it_comes(sent: Sent) -> None:
    mail = dsn(sent.address, FULL)
    again = b"Received: from elsewhere\r\n" + mail.replace(b"\n", b"\r\n")
    assert [sent.take(data).effect for data in (mail, again, mail)] == [Effect.COUNTED, Effect.KNOWN, Effect.KNOWN]


def test_a_forged_token_changes_nothing_and_is_kept_for_the_operator(sent: Sent) -> None:
    local, _, domain = sent.address.partition("@")
    forged = [
        f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        envelope_sender("bounces@example.org", b"x" * 32, digest=sent.delivery.digest or 0, subscriber=1),
        envelope_sender("bounces@example.org", KEY, digest=10**15, subscriber=1),
    ]
    effects = {sent.take(dsn(to, GONE, key=to, original=sent.delivery.message_id)).effect for to in forged}
    assert effects == {Effect.FORGED}
    assert (sent.suppressed(), sent.set_aside()) == ("", 3)


def test_without_a_token_the_message_id_is_the_proof(sent: Sent) -> None:
    assert sent.take(dsn("bounces@example.org", GONE)).effect is Effect.UNPROVEN
    assert sent.suppressed() == ""
    taken = sent.take(dsn("bounces@example.org", GONE, key="2", original=sent.delivery.message_id))
    assert taken.effect is Effect.SUPPRESSED


def test_an_address_behind_a_forwarder_is_not_the_readers(sent: Sent) -> None:
    assert sent.take(dsn(sent.address, GONE, about="private@example.com")).effect is Effect.COUNTED


def test_a_complaint_stops_all_mail(sent: Sent) -> None:
    report = (
        "From: fbl@example.net\nTo: fbl@example.org\nSubject: report\nContent-Type: multipart/report; boundary=B\n\n"
        "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: {}\n\n--B\nContent-Type: message/rfc822\n\n"
        "Message-ID: {}\nTo: redacted@example.net\n\n--B--\n"
    )
    mine = sent.delivery.message_id
    assert sent.take(report.format("auth-failure", mine).encode()).effect is Effect.NOTED
    assert sent.take(report.format("abuse", "<other@example.net>").encode()).effect is Effect.UNPROVEN
    assert sent.suppressed() == ""
    assert sent.take(report.format("abuse", mine).encode()).effect is Effect.SUPPRESSED
    assert sent.suppressed() == "complained"


def leaving(word: str) -> bytes:
    return f"From: anybody@example.net\nTo: admin@example.org\nSubject: unsubscribe {word}\n\n".encode()


def test_an_unsubscribe_mail_with_our_token_is_obeyed(sent: Sent) -> None:
    person = sent.office.person()
    assert person.id is not None
    word = unsubscribe_word(KEY, ref="reader", subscriber=person.id, epoch=person.token_epoch)
    assert sent.take(leaving(word)).effect is Effect.LEFT
    assert sent.office.person().status == "left"


def test_the_wording_of_the_footer_unsubscribes(sent: Sent) -> None:
    """Its text and its link, read from the mail as a reader has them; also in the first line, quoted, or as an answer."""
    person = sent.office.person()
    word = unsubscribe_word(KEY, ref="reader", subscriber=person.stored_id, epoch=person.token_epoch)
    with sent.office.store.reading() as tx:
        [digest] = tx.slots.digests_by_id([sent.delivery.digest or 0]).values()
    letter = TEMPLATES.letter(replace(digest, links=Links(leave_word=word)))
    mail = message_from_bytes(b"Content-Transfer-Encoding: quoted-printable\n\n" + letter.text)
    text = bytes(mail.get_payload(decode=True)).decode()
    footer = " ".join(text[text.index("Unsubscribe:") :].split())
    asked = re.match(r"Unsubscribe: write to admin@example.org, subject: (unsubscribe \S+) ", footer)
    assert asked
    assert f"?subject={asked[1].replace(' ', '%20')}".encode() in letter.html.replace(b"=\r\n", b"").replace(
        b"=3D", b"="
    )
    for number, ask in enumerate((
        f"Subject: {asked[1]}\n\n",
        f"Subject: Re: Papers\n\n\n{asked[1]}\n\n-- \nReader\n",
        f'Subject: "{asked[1]}"\n\nplease\n',
        f"Subject: Re: Papers\nIn-Reply-To: {sent.delivery.message_id}\n\nUnsubscribe\n\n> 2 papers\n",
        f"Subject: unsubscribe\nReferences: {sent.delivery.message_id}\n\n",
    )):  # fmt: skip
        resume(sent.office.store, sent.office.person(), now=NOW)
        assert sent.office.person().status == "active"
        assert sent.take(f"From: x@example.net\nMessage-ID: <{number}@x>\n{ask}".encode()).effect is Effect.LEFT, ask
        assert sent.office.person().status == "left"


@pytest.mark.parametrize("word", ["", "reader", "reader-aaaaaaaaaaaaaaaa", "nobody-aaaaaaaaaaaaaaaa"])
def test_an_unsubscribe_mail_without_it_waits_for_the_operator(sent: Sent, word: str) -> None:
    assert sent.take(leaving(word)).effect in (Effect.SET_ASIDE, Effect.FORGED)
    assert sent.office.person().status == "active"
    assert sent.set_aside() == 1


VACATION = "From: reader@example.org\nTo: {}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nBack on Monday.\n"
CHALLENGE = (
    "From: reader@example.org\nTo: {}\nSubject: Please confirm your message\n\nClick here to have it delivered.\n"
)


@pytest.mark.parametrize("mail", [VACATION, CHALLENGE])
def test_automatic_answers_are_only_counted(sent: Sent, mail: str) -> None:
    assert sent.take(mail.format(sent.address).encode()).effect is Effect.NOTED
    assert (sent.suppressed(), sent.set_aside()) == ("", 0)


def test_what_a_person_wrote_is_kept_whole(sent: Sent) -> None:
    mail = b"From: reader@example.org\nSubject: Thanks\n\nMore of this, please.\n"
    assert sent.take(mail).effect is Effect.SET_ASIDE
    with sent.office.store.reading() as tx:
        [row] = tx.quarantine.all_items()
        kept = tx.quarantine.item(row.id)
    assert kept is not None
    assert (kept.stage, kept.data) == ("inbox", mail)


def test_a_flood_is_counted_and_not_kept(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digestbot.acts.people.inbox.MOST_SET_ASIDE", 3)
    assert MOST_SET_ASIDE > 3
    for n in range(5):
        sent.take(f"Subject: {n}\n\nhello {n}\n".encode())
    assert sent.set_aside() == 3
    with sent.office.store.reading() as tx:
        assert sum(tx.returned.count_returned(NOW).values()) == 5


@pytest.mark.parametrize("reason", ["unsubscribed", "complained"])
def test_a_bounce_leaves_what_the_reader_wants_alone(sent: Sent, reason: str) -> None:
    with sent.office.store.transaction() as tx:
        tx.people.suppress_address("reader@example.org", reason=reason, now=NOW)
    for n in range(6):
        sent.take(dsn(sent.address, FULL, key=str(n)))
    sent.take(dsn(sent.address, GONE, key="7"))
    assert sent.suppressed() == reason


@pytest.mark.parametrize("make", [lambda: b"", lambda: b"\x00\xff" * 500, lambda: b"Subject: unsubscribe\n"])
def test_no_mail_raises(sent: Sent, make: Callable[[], bytes]) -> None:
    sent.take(make())


@pytest.mark.parametrize(("people", "bounces", "gone"), [(14, 14, 0), (5, 5, 0), (5, 3, 0), (5, 2, 2), (30, 3, 3)])
def test_hard_bounces_that_are_most_of_what_was_sent_suppress_nobody(
    store: SqlStore, people: int, bounces: int, gone: int
) -> None:
    site = TestSite(store, [subscriber(f"r{n}", id=None) for n in range(people)])
    site.papers(1)
    site.dispatch(NOW)
    accept_all(store)
    for d in site.deliveries()[:bounces]:
        mail = dsn("b@x.org", GONE, about=d.address, key=str(d.id), original=d.message_id)
        take_return(store, mail, key=KEY, now=NOW)
    with store.reading() as tx:
        assert sum(bool(person.suppressed) for person in tx.people.all_people()) == gone
