"""Returned mails: what they report, and how surely."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from cost import quickest
from returned_mails import CASES, ORIGINAL, mail
from rows import rows

from digestbot.mail.bounces.classify import Evidence, classify
from digestbot.mail.bounces.read import read_returned
from digestbot.model.returned import ReturnedMail, ReturnKind

REPLIES = Path(__file__).with_name("server_replies.txt")
HARD, SOFT, FULL, POLICY = ReturnKind.HARD, ReturnKind.SOFT, ReturnKind.FULL, ReturnKind.POLICY
#: the words of ../shared/data/README.md → what is right; what is not in here is right when it is neither HARD nor an answer
WANTED = {
    "userunknown": {HARD}, "hostunknown": {HARD}, "hasmoved": {HARD}, "filtered": {HARD, SOFT, POLICY},
    "mailboxfull": {FULL}, "exceedlimit": {FULL}, "systemfull": {FULL},
    "expired": {SOFT}, "networkerror": {SOFT}, "toomanyconn": {SOFT, POLICY}, "notaccept": {SOFT, HARD},
    "blocked": {POLICY}, "requireptr": {POLICY}, "authfailure": {POLICY}, "badreputation": {POLICY},
    "policyviolation": {POLICY}, "spamdetected": {POLICY}, "norelaying": {POLICY},
    "feedback": {ReturnKind.COMPLAINT}, "complaint": {ReturnKind.COMPLAINT},
    "vacation": {ReturnKind.AUTO_REPLY}, "delivered": {ReturnKind.AUTO_REPLY}, "disposition": {ReturnKind.AUTO_REPLY},
    "not-a-bounce": {ReturnKind.UNKNOWN, ReturnKind.AUTO_REPLY},
}  # fmt: skip
OTHERS = {SOFT, FULL, POLICY, ReturnKind.UNKNOWN}


def replies() -> list[list[str]]:
    lines = [line for line in REPLIES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [line.split(" | ", 2) for line in lines]


@rows(("kind", "status", "text"), replies())
def test_what_a_server_says_means_what_the_table_says(kind: str, status: str, text: str) -> None:
    given = Evidence(text=text, status="" if status == "-" else status, action="failed")
    assert classify(given)[0] == kind


@rows(("kind", "recipient", "data"), CASES)
def test_every_servers_form_is_read(kind: str, recipient: str, data: bytes) -> None:
    found = read_returned(data)
    assert found.kind == kind
    assert not recipient or [report.recipient for report in found.reports][:1] == [recipient]


@rows("ends", [b"\r\n", b"\r"])
@rows(("kind", "recipient", "data"), CASES[::3])
def test_line_ends_do_not_matter(kind: str, recipient: str, data: bytes, ends: bytes) -> None:
    assert read_returned(data.replace(b"\n", ends)) == read_returned(data)


def collected(folder: Path) -> Iterator[tuple[dict[str, str], ReturnedMail]]:
    with (folder / "EXPECTED.tsv").open(encoding="utf-8") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            yield row, read_returned((folder / row["path"]).read_bytes())


def test_97_of_100_collected_mails_are_read_right_and_nobody_is_suppressed_wrongly(shared_data: Path) -> None:
    right = total = 0
    for row, found in collected(shared_data / "email_bounces"):
        wanted = row["expected_class"].split("+")
        if wanted[0] == "?" or wanted[0].startswith("bounce"):
            continue
        kinds = {report.kind for report in found.reports} or {found.kind}
        total += 1
        right += all(kinds & WANTED.get(one, OTHERS) for one in wanted)
        if row["hard"] == "false" and not set(wanted) & {"userunknown", "hostunknown", "hasmoved"}:
            certain = {report.text for report in found.reports if report.kind is HARD}
            assert not certain or wanted == ["rejected", "expired", "filtered"], row[
                "path"
            ]  # "550 user unknown" is told there
    assert total > 120
    assert right / total >= 0.97


def test_a_user_unknown_after_the_data_is_no_proof_that_the_address_is_dead() -> None:
    said = "550 User unknown (in reply to end of DATA command)"
    assert classify(Evidence(text=said, action="failed"))[0] is SOFT
    assert classify(Evidence(text=said.replace("end of DATA", "RCPT TO"), action="failed"))[0] is HARD


def test_what_is_said_to_mail_is_about_us() -> None:
    assert classify(Evidence(text="550 5.1.1 User unknown (in reply to MAIL FROM command)"))[0] is POLICY


def test_a_delay_is_no_failure() -> None:
    [report] = read_returned(mail("MAILER-DAEMON@a.org", "Delayed", """--B
Content-Type: message/delivery-status

Final-Recipient: rfc822; reader@example.com
Action: delayed
Status: 4.1.1
Diagnostic-Code: smtp; 450 4.1.1 unknown user

--B--
""", 'Content-Type: multipart/report; boundary="B"\n')).reports  # fmt: skip
    assert (report.kind, report.action) == (SOFT, "delayed")


def test_the_original_and_the_address_it_came_to_are_told() -> None:
    found = read_returned(CASES[0][2])
    assert found.original_id == "<0123@papers.example.org>"
    assert "bounces@papers.example.org" in found.sent_to


def test_a_failure_report_about_our_signature_is_no_readers_complaint() -> None:
    report = "--B\nContent-Type: message/feedback-report\n\nFeedback-Type: auth-failure\n\n--B--\n"
    found = read_returned(mail("dmarc@example.com", "report", report, "Content-Type: multipart/report; boundary=B\n"))
    assert [one.feedback for one in found.reports] == ["auth-failure"]


@pytest.mark.parametrize("kind", ["Permanent", "Transient"])
def test_amazons_json_is_read(kind: str) -> None:
    told = (
        f'{{"notificationType":"Bounce","bounce":{{"bounceType":"{kind}","bouncedRecipients":[{{"emailAddress":"r@example.com",'
        '"action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},"mail":'
        '{"headers":[{"name":"Message-ID","value":"<1@papers.example.org>"}]}}'
    )
    found = read_returned(mail("no-reply@sns.amazonaws.com", "AWS Notification Message", told))
    assert (found.kind, found.original_id) == (HARD if kind == "Permanent" else SOFT, "<1@papers.example.org>")


def test_nothing_raises(shared_data: Path) -> None:
    chance = random.Random(7)
    mails = [path.read_bytes() for path in sorted((shared_data / "email_bounces").rglob("*.eml"))]
    for _ in range(400):
        data = bytearray(chance.choice(mails))
        for _ in range(chance.randint(1, 20)):
            place = chance.randrange(len(data) or 1)
            data[place : place + chance.randrange(100)] = chance.randbytes(chance.randrange(9))
        read_returned(bytes(data))
    read_returned(b"")


HEAD = b"From: MAILER-DAEMON@example.com\nSubject: failure notice\n"
GROWING: dict[str, Callable[[int], bytes]] = {
    "addresses": lambda n: HEAD + b"\n" + b"<a@b.org>:\nuser unknown\n" * n,
    "one line": lambda n: HEAD + b"\n<a@b.org>: " + b"the user is message size mail host " * n,
    "letters": lambda n: HEAD + b"\n" + b"a" * n * 20,
    "tags": lambda n: HEAD + b"Content-Type: text/html\n\n" + b"<" * n * 20,
    "fields in the text": lambda n: HEAD + b"\n" + b"From: x\n" * n,
    "nested boundaries": lambda n: HEAD + b"Content-Type: multipart/mixed; boundary=b0\n\n"
    + b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n" % (i, i + 1) for i in range(n)),
    "recipients": lambda n: HEAD + b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    + b"Final-Recipient: rfc822;a@b.org\nAction: failed\nStatus: 5.1.1\n\n" * n,
    "encoded words": lambda n: b"Subject: " + b"=?utf-8?b?YWFh?= " * n + b"\n\nx",
    "headers": lambda n: b"X: y\n" * n * 4 + b"\n\nx",
    "json": lambda n: HEAD + b"\n" + b'{"mail":' * n,
}  # fmt: skip


@pytest.mark.parametrize("name", GROWING)
def test_reading_is_linear_in_the_mail(name: str) -> None:
    make = GROWING[name]
    small, large = (quickest(partial(read_returned, make(n))) for n in (2_000, 16_000))
    assert large < 0.1 + 24 * small


def test_a_mail_without_its_original_still_names_whom_it_is_about() -> None:
    found = read_returned(mail("MAILER-DAEMON@a.org", "failure notice", "Mailbox is full.\n" + ORIGINAL))
    assert [(report.recipient, report.kind) for report in found.reports] == [("reader@example.com", FULL)]


ABSENT = """
Automatiska atbilde: 9 papers|Automatinis atsakymas: 9|Automaattivastaus: 9|Autosvar: 9|Automatisch antwoord: 9
Réponse automatique : 9|Risposta automatica: 9|Respuesta automática: 9|Automatická odpověď: 9|Autoodpowiedź
Automatikus válasz: 9|Răspuns automat: 9|Автоматический ответ: 9|自動応答: 9|外出中|자동 회신: 9|自动答复: 9|Otomatik Yanıt: 9
Αυτόματη απάντηση: 9|מענה אוטומטי: 9|رد تلقائي: 9|Samodejni odgovor: 9|Nepřítomnost v kanceláři|Out of Office: 9
"""


@rows("subject", ABSENT.strip().replace("\n", "|").split("|"))
def test_a_mailbox_that_answers_for_the_absent_is_known_by_its_subject_in_any_language(subject: str) -> None:
    told = "Diese Adresse, user unknown, was not delivered to; 550 5.1.1"
    assert read_returned(mail("reader@example.com", subject, told)).kind is ReturnKind.AUTO_REPLY


@pytest.mark.parametrize("subject", ["Automatic notice: returned mail", "Automatic reply: Mail delivery failed"])
def test_an_automatic_failure_is_a_failure(subject: str) -> None:
    told = "The following address failed:\n\n  <reader@example.com>: 550 5.1.1 user unknown in reply to RCPT TO\n"
    assert read_returned(mail("MAILER-DAEMON@example.com", subject, told)).kind is HARD
