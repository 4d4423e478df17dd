"""Returned mails as servers write them, made by hand after each server's form: (kind, recipient, mail)."""

from __future__ import annotations


def mail(sender: str, subject: str, body: str, extra: str = "", path: str = "<>") -> bytes:
    head = f"Return-Path: {path}\nFrom: {sender}\nTo: bounces@papers.example.org\nSubject: {subject}\n{extra}"
    return f"{head}\n{body}".encode()


def undeliverable(why: str) -> bytes:
    """A postmaster's mail with one line of words."""
    return mail("Postmaster@example.com", "Undeliverable Mail", f"{why}\n\nOriginal message follows.\n" + ORIGINAL)


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
        undeliverable("User mailbox exceeds allowed size: reader@example.com"),
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
    (
        "soft",
        "reader@ezweb.ne.jp",
        mail(
            "Postmaster@ezweb.ne.jp",
            "Mail System Error - Returned Mail",
            """The user(s) account is disabled.

<reader@ezweb.ne.jp>: 550 user unknown (in reply to RCPT TO command)

--------------------------------------------------
"""
            + ORIGINAL,
        ),
    ),
    (
        "full",
        "reader@ezweb.ne.jp",
        mail(
            "Postmaster@ezweb.ne.jp",
            "Mail System Error - Returned Mail",
            """The user(s) account is temporarily over quota.

<reader@ezweb.ne.jp>

--------------------------------------------------
"""
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@ezweb.ne.jp",
        mail(
            "Postmaster@ezweb.ne.jp",
            "Mail System Error - Returned Mail",
            """Each of the following recipients was rejected by a remote
mail server.

   Recipient: <reader@ezweb.ne.jp>
   >>> RCPT TO:<reader@ezweb.ne.jp>
   <<< 550 <reader@ezweb.ne.jp>: User unknown
""",
        ),
    ),
    (
        "hard",
        "0000000000@vzwpix.com",
        mail(
            "sysadmin@mms.vzwpix.com",
            "Undeliverable Message",
            """Message could not be delivered to mobile.
Error: No valid recipients for this MM

Original Message:
From: papers <papers@papers.example.org>
To: 0000000000@vzwpix.com
Subject: test
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "no-reply@au.dion.ne.jp",
            "Mail Delivery Failure",
            """Your mail sent on: Thu, 29 Apr 2010 11:04:47 +0900
    Could not be delivered to: <reader@example.com>
    As the remote domain doesnt exist.
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        undeliverable("Invalid final delivery userid: reader@example.com"),
    ),
    (
        "soft",
        "reader@example.com",
        undeliverable("Delivery failed 20 attempts: reader@example.com"),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "postmaster@example.com",
            "Undeliverable message",
            """------- Failure Reasons  --------

User not listed in public Name & Address Book
reader@example.com

------- Returned Message --------
"""
            + ORIGINAL,
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Mail Delivery System <MAILER-DAEMON@mx.example.net>",
            "Delivery status notification",
            """      This is an automatically generated Delivery Status Notification.

Delivery to the following recipients failed permanently:

   * reader@example.com

================
                   Technical details:

SMTP:RCPT host 192.0.2.8: 553 5.3.0 <reader@example.com>... No such user here
""",
        ),
    ),
    (
        "policy",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "failure notice",
            """Hi. This is the qmail-send program at example.com.

<reader@example.com>:
Connected to 192.0.2.1 but sender was rejected.
Remote host said: 550 5.7.1 nope
""",
        ),
    ),
    (
        "policy",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "failure notice",
            """Hi. This is the qmail-send program at example.com.

<reader@example.com>:
Connected to 192.0.2.1 but my name was rejected.
Remote host said: 501 5.0.0 Invalid domain name
""",
        ),
    ),
    (
        "soft",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "failure notice",
            """Hi. This is the qmail-send program at example.com.

<reader@example.com>:
Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)
I'm not going to try again; this message has been in the queue too long.
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Mail Delivery System <Mailer-Daemon@mx>",
            "Mail delivery failed: returning message to sender",
            """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  reader@example.com
    all host address lookups failed permanently

------ This is a copy of the message, including all the headers. ------
"""
            + ORIGINAL,
        ),
    ),
    (
        "full",
        "reader@example.com",
        mail(
            "Mail Delivery System <Mailer-Daemon@mx>",
            "Mail delivery failed: returning message to sender",
            """This message was created automatically by mail delivery software.

The following address(es) failed:

  reader@example.com
    mailbox is full: retry timeout exceeded

------ This is a copy of the message, including all the headers. ------
"""
            + ORIGINAL,
        ),
    ),
    (
        "soft",
        "reader@example.com",
        mail(
            "Mail Delivery System <Mailer-Daemon@mx>",
            "Message 1aB frozen",
            """Message 1aB has been frozen (delivery error message).
The sender is <>.

The following address(es) have yet to be delivered:

  reader@example.com: Too many "Received" headers - suspected mail loop
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>",
            "Returned mail: see transcript for details",
            """The original message was received at Mon, 30 Nov 2026 07:00:00 GMT
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<reader@example.com>
    (reason: 550 5.1.1 <reader@example.com>... User unknown)

   ----- Transcript of session follows -----
... while talking to mx.example.com.:
>>> RCPT To:<reader@example.com>
<<< 550 5.1.1 <reader@example.com>... User unknown
550 5.1.1 <reader@example.com>... User unknown

   ----- Original message follows -----
"""
            + ORIGINAL,
        ),
    ),
    (
        "soft",
        "reader@example.com",
        mail(
            "Mail Delivery Subsystem <MAILER-DAEMON@mx.example.net>",
            "Warning: could not send message for past 4 hours",
            """    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************

   ----- The following addresses had transient non-fatal errors -----
<reader@example.com>

   ----- Transcript of session follows -----
<reader@example.com>... Deferred: Connection timed out with mx.example.com.
Warning: message still undelivered after 4 hours
Will keep trying until message is 5 days old
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "Undeliverable mail",
            """Your message was not delivered to:

     reader@example.com

for the following reason:

     Diagnostic was Unable to transfer, Message timed out
     Information 550 5.1.1 User unknown
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            '"courier" <postmaster@example.com>',
            "NOTICE: mail delivery status.",
            """This is a delivery status notification from mx.example.com,
running the Courier mail server, version 0.65.2.

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<reader@example.com>:
    mx.example.com [192.0.2.1]:
>>> RCPT TO:<reader@example.com>
<<< 550 5.1.1 <reader@example.com>... User Unknown

---------------------------------------------------------------------------
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.com",
            "Delivery Notification: Delivery has failed",
            """This report relates to a message you sent with the following header fields:

  Message-id: <0123@papers.example.org>
  Date: Mon, 30 Nov 2026 07:00:00 +0000
  From: papers@papers.example.org
  To: reader@example.com
  Subject: 9 papers

Your message cannot be delivered to the following recipients:

  Recipient address: reader@example.com
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 <reader@example.com>... User Unknown
  Remote system: dns;mx.example.com (TCP|17.1.1.1|25|27.8.1.2|25) (mx.example.com)
""",
        ),
    ),
    (
        "policy",
        "reader@example.com",
        mail(
            "postmaster@example.com",
            "Undeliverable: 9 papers",
            """Your message did not reach some or all of the intended recipients.

      Subject:  9 papers
      Sent:     11/30/2026 7:00 AM

The following recipient(s) cannot be reached:

      reader@example.com on 11/30/2026 7:00 AM
            You do not have permission to send to this recipient.  For assistance, contact your system administrator.
            <mx.example.com #5.7.1 smtp;550 5.7.1 Unable to relay for reader@example.com>
""",
        ),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "postmaster@example.com",
            "Undeliverable: 9 papers",
            """Your message did not reach some or all of the intended recipients.

      Subject:  9 papers
      Sent:     11/30/2026 7:00 AM

The following recipient(s) could not be reached:

      reader@example.com on 11/30/2026 7:00 AM
            The e-mail account does not exist at the organization this message was sent to.  Check the e-mail address, or contact the recipient directly to find out the correct address.
            <mx.example.com #5.1.1>
""",
        ),
    ),
    (
        "auto_reply",
        "",
        mail("reader@example.com", "Automatic reply: 9 papers", """I am away. For delivery problems call 550 1234."""),
    ),
    (
        "hard",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@yandex.ru",
            "Недоставленное сообщение",
            """This is the mail system at host yforward2h.mail.yandex.net.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<reader@example.com>: host mx.example.com[192.0.2.1] said: 550 5.1.1
    <reader@example.com>... User Unknown (in reply to RCPT TO command)
""",
        ),
    ),
    (
        "policy",
        "reader@example.com",
        mail(
            "postmaster@example.com",
            "Delivery Failure",
            """The following message to <reader@example.com> was undeliverable.
The reason for the problem:
5.3.0 - Other mail system problem 554-'5.7.1 Message rejected because of unacceptable content'
""",
        ),
    ),
    (
        "challenge",
        "",
        mail(
            "someone@example.net",
            "RE: 9 papers",
            """Your message was received.

This account is protected by Bluebottle.  Please click on the
following link to have your address added to the recipient's allowed
list and to ensure delivery of your email.
""",
            path="<support@example.net>",
        ),
    ),
    (
        "auto_reply",
        "",
        mail(
            "Ada <ada@example.net>",
            "[Automatyczna =?iso-8859-2?Q?odpowied=BC?=] 9 papers",
            "Jestem na urlopie.",
            path="<ada@example.net>",
        ),
    ),
    (
        "soft",
        "reader@example.com",
        mail(
            "Mail Delivery System <Mailer-Daemon@example.net>",
            "Mail delivery failed",
            """A message sent by

  <bounces@papers.example.org>

could not be delivered to one or more of its recipients. The following
address(es) failed:

  reader@example.com
    (ultimately generated from someone@example.net)
    all hosts have been failing for a long time and were last tried after this message arrived

------ This is a copy of the message, including all the headers. ------
------ The body of the message is 5384741 characters long; only the first
------ 106496 or so are included here.
"""
            + ORIGINAL,
            "X-Failed-Recipients: reader@example.com\n",
        ),
    ),
    (
        "soft",
        "",
        mail(
            "Mailer-Daemon@example.net",
            "Message status - undeliverable",
            """The message that you sent was undeliverable to the following:

\trecipient (User account is expired)
""",
        ),
    ),
    (
        "soft",
        "reader@example.com",
        mail(
            "MAILER-DAEMON@example.net",
            "Undeliverable",
            """Your message could not be delivered to <reader@example.com>.
""",
        ),
    ),
]
