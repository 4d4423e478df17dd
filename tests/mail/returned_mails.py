"""Returned mails as servers write them, made by hand after each server's form: (kind, recipient, mail)."""

from __future__ import annotations


def mail(sender: str, subject: str, body: str, extra: str = "", path: str = "<>") -> bytes:
    head = f"Return-Path: {path}\nFrom: {sender}\nTo: bounces@papers.example.org\nSubject: {subject}\n{extra}"
    return f"{head}\n{body}".encode()


ORIGINAL = """
Received: from papers.example.org by mx.example.net; Mon, 30 Nov 2026 07:00:00 +0000
From: Papers <papers@papers.example.org>
To: reader@example.com
Subject: 9 papers
Message-ID: <0123@papers.example.org>
Date: Mon, 30 Nov 2026 07:00:00 +0000

body
"""
CASES = [
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "failure notice",
            """Hi. This is the qmail-send program at example.com.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<reader@example.com>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 <reader@example.com>... User unknown
Giving up on 192.0.2.1.

--- Below this line is a copy of the message.
"""
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "failure notice",
            """Hi. This is the qmail-send program at example.com.

<reader@example.com>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.
"""
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "failure notice",
            """<reader@nowhere.example>:
Sorry, I couldn't find any host named nowhere.example. (#5.1.2)

--- Below this line is a copy of the message.
""".replace("reader@nowhere.example", "reader@example.com")
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            "Mail delivery failed: returning message to sender",
            """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  reader@example.com
    host mx.example.com [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<reader@example.com>:
    550 5.1.1 <reader@example.com>: Recipient address rejected: User unknown in relay recipient table

------ This is a copy of your message, including all the headers. ------
"""
            + ORIGINAL,
            "X-Failed-Recipients: reader@example.com\n",
        ),
    ),
    (
        "soft",
        "reader@example.com",
        mail(
            "Mail Delivery System <Mailer-Daemon@mx.example.net>",
            "Warning: message 1aB-C-D delayed 24 hours",
            """This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.net.

The address to which the message has not yet been delivered is:

  reader@example.com
    host mx.example.com [192.0.2.1]
    Delay reason: SMTP error from remote mail server after RCPT TO: 450 4.1.1 user unknown

No action is required on your part. Delivery attempts will continue for
some time.
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "postmaster@example.com",
            "DELIVERY FAILURE: User reader (reader@example.com) not listed in Domino Directory",
            """Your message

  Subject: 9 papers

was not delivered to:

  reader@example.com

because:

  User reader (reader@example.com) not listed in Domino Directory

""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "System Administrator <postmaster@example.com>",
            "Undeliverable: 9 papers",
            """Your message

  To:      reader@example.com
  Subject: 9 papers
  Sent:    Mon, 30 Nov 2026 07:00:00 +0000

did not reach the following recipient(s):

reader@example.com on Mon, 30 Nov 2026 07:00:02 +0000
    The recipient name is not recognized
	The MTS-ID of the original message is: c=us;a= ;p=example;l=MX-1
    MSEXCH:IMS:EXAMPLE:MX 0 (000C05A6) Unknown Recipient
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Postmaster@example.com",
            "Undeliverable Mail",
            """Unknown user: reader@example.com


body of text:
"""
            + ORIGINAL,
        ),
    ),
    (
        "full",
        "reader@example.com",
        mail(
            "Postmaster@example.com",
            "Undeliverable Mail",
            """User mailbox exceeds allowed size: reader@example.com

Original message follows.
"""
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "InterScan MSS <postmaster@example.com>",
            "Mail could not be delivered",
            """Sent <<< RCPT TO:<reader@example.com>
Received >>> 550 5.1.1 <reader@example.com>... user unknown

Unable to deliver message to <reader@example.com>
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MailMarshal <postmaster@example.com>",
            'Undeliverable Mail: "9 papers"',
            """Your message:

   From:    papers@papers.example.org
   Subject: 9 papers

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    reader@example.com

Additional Information
======================

Original Sender:    <papers@papers.example.org>
Sender-MTA:         <10.11.12.13>
Remote-MTA:         <10.0.0.1>
Reporting-MTA:      <relay.example.com>
MessageName:        <B549996730000.000000000001.0003.mml>
Last-Attempt-Date:  <16:21:07 seg, 22 Dezembro 2014>
""",
        ),
    ),
    (
        "soft",
        "reader@ezweb.ne.jp",
        mail(
            "Postmaster@ezweb.ne.jp",
            "Mail System Error - Returned Mail",
            """The following recipients did not receive this message:

   <reader@ezweb.ne.jp>: 550 <reader@ezweb.ne.jp>: User unknown (in reply to end of DATA command)
""",
        ),
    ),
    (
        "full",
        "reader@au.com",
        mail(
            "no-reply@app.auone-net.jp",
            "メールが送信できませんでした",
            """Your mail sent on: Thu, 29 Apr 2010 11:04:47 +0900
 Could not be delivered to: reader@au.com
 As their mailbox is full.
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "postmaster@example.com",
            "Mail Delivery Failure",
            """-------server message
550 5.1.1 <reader@example.com>... user unknown

-------SMTP command
RCPT TO:<reader@example.com>

-------original mail info
"""
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "Delivery Failure",
            """We had trouble delivering your message. Full details follow:

Subject: '9 papers'
Date: 'Mon, 30 Nov 2026 07:00:00 +0000'

1 error(s):

SMTP Server <mx.example.com> rejected recipient <reader@example.com>
  (Error following RCPT command). It responded as follows: [550 5.1.1 User unknown]
""",
        ),
    ),
    (
        "policy",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "Undelivered Mail Returned to Sender",
            """This is the mail system at host mx.papers.example.org.

<reader@example.com>: host mx.example.com[192.0.2.1] said: 554 5.7.1 Service unavailable;
    Client host [198.51.100.1] blocked using zen.spamhaus.org (in reply to RCPT TO command)
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com (Mail Delivery System)",
            "Undelivered Mail Returned to Sender",
            """--B
Content-Description: Notification
Content-Type: text/plain

This is the mail system at host mx.papers.example.org.

<reader@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1
    <reader@example.com>: Recipient address rejected: User unknown (in reply to
    RCPT TO command)

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.papers.example.org
X-Postfix-Queue-ID: 4F1
Arrival-Date: Mon, 30 Nov 2026 07:00:00 +0000

Final-Recipient: rfc822; reader@example.com
Original-Recipient: rfc822;reader@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.example.com
Diagnostic-Code: smtp; 550 5.1.1 <reader@example.com>: Recipient address
    rejected: User unknown

--B
Content-Type: text/rfc822-headers

Message-ID: <0123@papers.example.org>
To: reader@example.com

--B--
""",
            'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\nMIME-Version: 1.0\n',
        ),
    ),
    (
        "auto_reply",
        "",
        mail(
            "MAILER-DAEMON@example.com",
            "Your message to papers awaits",
            "Your mail to 'list' with the subject\n\n9 papers\n\nIs being held until the list moderator can review it for approval.\n",
            "Auto-Submitted: auto-replied\n",
        ),
    ),
    (
        "challenge",
        "",
        mail(
            "reader@example.com",
            "Please confirm your message to reader@example.com",
            "I'm protecting myself from spam. To have your message delivered, click on this link",
        ),
    ),
    (
        "auto_reply",
        "",
        mail(
            "reader@example.com",
            "Abwesenheitsnotiz: 9 papers",
            "Ich bin bis 5. Dezember nicht im Büro.",
            "Auto-Submitted: auto-replied\n",
        ),
    ),
    (
        "auto_reply",
        "",
        mail(
            "reader@example.com",
            "Re: 9 papers",
            "I have left the company. This mailbox is not read.",
            "Auto-Submitted: auto-replied\n",
        ),
    ),
    (
        "unsubscribe",
        "",
        mail("Reader <reader@example.com>", "unsubscribe abcdef", "This message was automatically generated by Gmail."),
    ),
    (
        "unknown",
        "",
        mail(
            "Reader <reader@example.com>", "Re: 9 papers", "Thanks! Could you add cs.CV?", path="<reader@example.com>"
        ),
    ),
    (
        "unknown",
        "",
        mail(
            "Reader <reader@example.com>",
            "Question",
            "The paper you sent says: mailbox does not exist. Why?",
            path="<reader@example.com>",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            "Delivery Status Notification (Failure)",
            """
** Address not found **

Your message wasn't delivered to reader@example.com because the address couldn't be found, or is unable to receive mail.

Learn more here: https://support.google.com/mail/?p=NoSuchUser

The response from the remote server was:
550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking the recipient's email address for typos or unnecessary spaces.
""",
            "X-Failed-Recipients: reader@example.com\nAuto-Submitted: auto-replied\n",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>",
            "Undeliverable: 9 papers",
            """<html><body><p>Your message to <a href="mailto:reader@example.com">reader@example.com</a> couldn't be delivered.</p><p>reader wasn't found at example.com.</p><p>Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient reader@example.com not found by SMTP address lookup'</p></body></html>""",
            "Content-Type: text/html; charset=utf-8\n",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Mail Delivery System <MAILER-DAEMON@mx.example.jp>",
            "配信エラー",
            """メールを配信できませんでした。

reader@example.com
  宛先のユーザーが存在しません (550 5.1.1)
""",
            "Content-Type: text/plain; charset=utf-8\n",
        ),
    ),
    (
        "full",
        "reader@example.com",
        mail(
            "Mail Delivery System <MAILER-DAEMON@mx.example.cn>",
            "系统退信",
            """很抱歉，您的邮件被退回来了……
收件人邮件地址： reader@example.com
退信原因： 收件人邮箱容量已满
""",
            "Content-Type: text/plain; charset=utf-8\n",
        ),
    ),
    (
        "complaint",
        "reader@example.com",
        mail(
            "staff@hotmail.com",
            "complaint about message from 192.0.2.1",
            "--B\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: reader@example.com\n"
            + ORIGINAL.strip()
            + "\n--B--\n",
            "Content-Type: multipart/mixed; boundary=B\n",
        ),
    ),
]
