"""Who is at fault when a mail server does not say yes: one table from stage, code, enhanced status and text.

The first row that fits decides. The stage counts first: what a server says to the connection, the login or MAIL FROM is
never the recipient's. docs/delivery.md shows the same table; a test holds it to this one. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from digestbot.model import Fault, Outcome

BEFORE_RECIPIENT: Final = ("connect", "tls", "auth", "mail")
FROM_MAIL: Final = ("mail", "rcpt", "data", "dot")
FROM_RECIPIENT: Final = ("rcpt", "data", "dot")
ALL: Final = (*BEFORE_RECIPIENT, *FROM_RECIPIENT)

OUTCOMES: Final = {
    Fault.MESSAGE: Outcome.REFUSED, Fault.RECIPIENT: Outcome.REFUSED, Fault.MAILBOX: Outcome.REFUSED,
    Fault.POLICY: Outcome.REFUSED, Fault.LATER: Outcome.DEFERRED, Fault.ACCOUNT: Outcome.UNAVAILABLE,
    Fault.SERVER: Outcome.UNAVAILABLE, Fault.QUOTA: Outcome.UNAVAILABLE,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: every part that is given has to fit."""

    fault: Fault
    why: str  #: what it means, for the docs
    stages: tuple[str, ...] = ALL
    code: str = ""  #: a pattern for the whole reply code
    enhanced: str = ""  #: a pattern for the whole enhanced status (RFC 3463)
    text: str = ""  #: a pattern found anywhere in the server's words

    def fits(self, stage: str, code: int, enhanced: str, text: str) -> bool:
        """Whether this row decides."""
        if stage not in self.stages or (self.code and not _whole(self.code).fullmatch(str(code))):
            return False
        if self.enhanced and not _whole(self.enhanced).fullmatch(enhanced):
            return False
        return not self.text or _whole(self.text).search(text) is not None


@lru_cache(maxsize=256)
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_DAY = r"(?:per|a|this|the|24.?hour|each) ?(?:day|24)|daily|24.?hour"
_OUR_QUOTA = (
    rf"(?:{_DAY})[^.]{{0,60}}(?:limit|quota|cap|messages|maximum|allowance)"
    rf"|(?:limit|quota|cap|maximum|too many|exceeded)[^.]{{0,80}}(?:{_DAY})"
    r"|(?:sending|submission|sender|outbound|relay|hourly)[^.]{0,20} (?:limit|quota)[^.]{0,40}(?:exceed|reach)"
    r"|(?:exceed|reach)\w*[^.]{0,30}(?:sending|submission|outbound|relay|hourly|messaging) (?:limit|quota)"
    r"|SubmissionQuotaExceeded|recipient (?:rate )?limit exceeded|RecipientLimitExceeded"
)
_SENDER = (
    r"sender (?:address |domain |verify |not |is not |rejected|denied|blocked|unknown)|sender.{0,20}(?:rejected|denied|verif)"
    r"|return.?path|envelope from|from address|send(?:ing)? (?:as|on behalf|from)|not (?:allowed|authori[sz]ed|permitted) to send"
    r"|not verified|mail from (?:command|domain|address)|MAIL FROM"
)
_LOGIN = (
    r"relay(?:ing)? (?:access )?(?:denied|not (?:allowed|permitted)|prohibited)|unable to relay|not permitted to relay"
    r"|cannot relay|rcpthosts|authenti\w+ (?:is )?(?:required|needed|first)|not (?:authenticated|logged in)"
    r"|must (?:authenticate|log ?in|issue a STARTTLS)|need to authenticate|log ?in first|anonymous"
)
_US = (
    r"client host|helo command|ehlo|HELO|blocked using|blacklist|blocklist|block list|spamhaus|barracuda|sorbs|spamcop"
    r"|reverse (?:dns|hostname|lookup)|PTR record|your (?:ip|host|server|network|domain)|\bIP (?:address )?\[?[0-9a-f.:]+"
    r"|banned|poor reputation"
)
_PROOF = r"\b(?:SPF|DKIM|DMARC)\b|unauthenticated (?:email|mail)|not authenticated|authentication (?:check|requirement|level)"
_UNKNOWN = (
    r"(?:user|mailbox|recipient|address|account|addressee)\b[^.]{0,40}"
    r"(?:unknown|not (?:found|exist|known|valid|listed)|n[o']t (?:exist|found)|does(?: not|n't) exist|invalid|no longer)"
    r"|(?:unknown|no such|invalid|non.?existent|bad) (?:local |virtual )?(?:user|mailbox|recipient|address|person|account|destination)"
    r"|no mailbox|not our customer|does ?not accept mail"
)
_FULL = r"(?:mailbox|inbox|user|recipient|account|quota|storage)[^.]{0,40}(?:full|over.?quota|out of storage|exceed|space)|over ?quota"
_OFF = r"disabled|inactive|suspended|deactivated|locked|dormant|expired|closed"

TABLE: Final = (
    # --- the day's allowance of our own account
    Row(fault=Fault.QUOTA, why="Google: 'Daily user sending limit exceeded'", stages=(*FROM_MAIL, "auth"), enhanced=r"[45]\.4\.5"),
    Row(fault=Fault.QUOTA, why="Microsoft: the day's recipients (5.1.90, 5.7.232, 5.7.233)",
        stages=(*FROM_MAIL, "auth"), enhanced=r"5\.1\.90|5\.7\.23[23]"),
    Row(fault=Fault.QUOTA, why="any provider's words for the day's or hour's allowance of the sender",
        stages=(*FROM_MAIL, "auth"), code="[45]..", enhanced=r"(?![45]\.2\.[12]).*", text=_OUR_QUOTA),
    # --- the connection and the login
    Row(fault=Fault.ACCOUNT, why="the banner says that this address may not connect", stages=("connect",), code="5..",
        text=rf"{_US}|block|denied|refus|reject|access"),
    Row(fault=Fault.SERVER, why="the connection, EHLO or TLS fails", stages=("connect", "tls")),
    Row(fault=Fault.ACCOUNT, why="the login is refused", stages=("auth",), code="[35].."),
    Row(fault=Fault.ACCOUNT, why="the password has to be renewed", stages=("auth",), code="432"),
    Row(fault=Fault.SERVER, why="the login cannot be checked now", stages=("auth",)),
    # --- MAIL FROM
    Row(fault=Fault.MESSAGE, why="larger than the server takes", stages=("mail",), code="5..", enhanced=r"5\.3\.4|5\.2\.3"),
    Row(fault=Fault.MESSAGE, why="the address needs SMTPUTF8", stages=("mail",), code="5..", enhanced=r"5\.6\.7"),
    Row(fault=Fault.ACCOUNT, why="the sender is refused, whatever the status says", stages=("mail",), code="5.."),
    Row(fault=Fault.ACCOUNT, why="the sender's domain or proof is in doubt", stages=("mail",), code="4..",
        enhanced=r"4\.1\.[78]|4\.7\.(?:2\d|3\d|40|57|60)"),
    Row(fault=Fault.SERVER, why="too busy, or too much from us, already at MAIL (Yahoo [TSS04], Microsoft 4.7.500)", stages=("mail",)),
    # --- said at RCPT, DATA or the dot, and still ours
    Row(fault=Fault.ACCOUNT, why="not logged in, or not to send as this sender",
        stages=FROM_RECIPIENT, enhanced=r"5\.7\.(?:57|60|3|8|14|139)|5\.1\.[78]|4\.1\.[78]"),
    Row(fault=Fault.ACCOUNT, why="'authentication required', 'login refused'", stages=FROM_RECIPIENT, code="530|535|538"),
    Row(fault=Fault.ACCOUNT, why="Microsoft: the tenant or its address is banned",
        stages=FROM_RECIPIENT, enhanced=r"5\.7\.(?:50[1-9]|51[0-2]|606|64[0-9]|7[05]\d)"),
    Row(fault=Fault.ACCOUNT, why="no valid SPF, DKIM or DMARC (Google 5.7.26 to 5.7.32 and 5.7.40, Microsoft 5.7.515, 5.7.509)",
        stages=FROM_RECIPIENT, enhanced=r"5\.7\.(?:515|509|2[0-79]|3[0-2]|40)"),
    Row(fault=Fault.ACCOUNT, why="relaying denied: we are not known as its user", stages=FROM_RECIPIENT, code="5..", text=_LOGIN),
    Row(fault=Fault.ACCOUNT, why="the words name the sender", stages=FROM_RECIPIENT, code="5..", text=_SENDER),
    Row(fault=Fault.ACCOUNT, why="the words name our machine, its name or its address", stages=FROM_RECIPIENT, code="5..", text=_US),
    Row(fault=Fault.ACCOUNT, why="the words name SPF, DKIM or DMARC", stages=FROM_RECIPIENT, code="5..", text=_PROOF),
    Row(fault=Fault.ACCOUNT, why="the server does not take our HELO name", stages=("rcpt",), code="504"),
    # --- later
    Row(fault=Fault.SERVER, why="shutting down in the mail itself", stages=("data", "dot"), code="421"),
    Row(fault=Fault.LATER, why="greylisting, a full box, a busy server, 421 for one recipient", stages=FROM_RECIPIENT, code="4.."),
    # --- the recipient
    Row(fault=Fault.MAILBOX, why="receives too much now", stages=FROM_RECIPIENT, code="5..", enhanced=r"5\.2\.1",
        text=r"\brate\b|too quickly"),
    Row(fault=Fault.RECIPIENT, why="the mailbox is switched off", stages=FROM_RECIPIENT, code="5..", enhanced=r"5\.2\.1", text=_OFF),
    Row(fault=Fault.MESSAGE, why="larger than the server or mailbox takes", stages=FROM_RECIPIENT, code="5..", enhanced=r"5\.3\.4|5\.2\.3"),
    Row(fault=Fault.MAILBOX, why="full, or switched off", stages=FROM_RECIPIENT, code="5..", enhanced=r"5\.2\.[0-24]"),
    Row(fault=Fault.RECIPIENT, why="no such mailbox or domain, or one that takes no mail",
        stages=FROM_RECIPIENT, code="5..", enhanced=r"5\.1\.(?:1|2|3|6|10)|5\.0\.1"),
    Row(fault=Fault.POLICY, why="a rule, the content or the reputation (5.7.x): never the address",
        stages=FROM_RECIPIENT, code="5..", enhanced=r"5\.7\..*"),
    Row(fault=Fault.MAILBOX, why="'mailbox full' without a status of its own", stages=FROM_RECIPIENT, code="5..",
        enhanced=r"|5\.[0235]\.0", text=_FULL),
    Row(fault=Fault.RECIPIENT, why="'no such user' without a status of its own", stages=FROM_RECIPIENT, code="55[0136]|511|521",
        enhanced=r"|5\.[0135]\.[01]", text=_UNKNOWN),
    Row(fault=Fault.MAILBOX, why="refused at RCPT, and nobody says why", stages=("rcpt",), code="55[0-3]", enhanced=r"|5\.[0-5]\..*"),
    # --- what is left is the mail itself
    Row(fault=Fault.POLICY, why="refused at the dot, and nobody says why", stages=("dot",), code="55[04]", enhanced=r"|5\.0\.0"),
    Row(fault=Fault.MESSAGE, why="refused for this mail", stages=FROM_RECIPIENT, code="5.."),
    Row(fault=Fault.SERVER, why="no reply that SMTP knows"),
)  # fmt: skip


def fault_of(stage: str, code: int, enhanced: str = "", text: str = "") -> Fault:
    """Who is at fault for a reply that is no yes."""
    return next(row.fault for row in TABLE if row.fits(stage, code, enhanced, text))


def is_yes(stage: str, code: int) -> bool:
    """Any 2yz is a yes (RFC 5321 4.2.1); the reply to DATA is 354."""
    return code == 354 if stage == "data" else 200 <= code < 300


def is_final(code: int) -> bool:
    """Whether a reply to the dot says what became of the mail: 2yz, 4yz or 5yz. Anything else is no answer."""
    return code // 100 in (2, 4, 5)
