"""Where somebody is to press a button: what form mails and the page to leave say. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from digestbot.digest.rendering import headings
from digestbot.digest.rendering.catalog import Catalog
from digestbot.model import Subscriber
from digestbot.model.mail import FormMail


def form_mail_values(mail: FormMail, words: Catalog) -> dict[str, Any]:
    """What `mail/form_mail.html` and `mail/form_mail.txt` are rendered from."""
    schedule = headings.schedule_words(mail.schedule, mail.zone, words) if mail.schedule else ""
    known = {"site": mail.site, "email": mail.address, "schedule": schedule, "topics": ", ".join(mail.topics)}
    said = {part: words.say(f"form_mail_{mail.kind}_{part}", **known) for part in ("subject", "lead", "button", "note")}
    chosen = words.say(f"form_mail_subscribe_{'topics' if mail.topics else 'edition'}", **known)
    return {
        **said, "site": mail.site, "chosen": chosen if mail.kind == "subscribe" else "", "link": mail.link,
        "opens": words.text["form_mail_opens"] if mail.kind not in ("known", "moved") else "", "contact": mail.contact,
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOffer:
    """What the page to leave offers one subscriber."""

    now: datetime  #: aware UTC
    left: bool  #: they have left, and may come back
    pauses: Sequence[int]  #: days
    fewer: Mapping[str, Subscriber]  #: choice in place of leaving → the settings that it makes
    chosen: str = ""  #: which of these they have just made


def leave_page_values(subscriber: Subscriber, offer: LeaveOffer, words: Catalog) -> dict[str, Any]:
    """What `web/leave.html` is rendered from."""
    zone = ZoneInfo(subscriber.time_zone)
    until = subscriber.paused_until if subscriber.status == "paused" else None
    schedule = headings.schedule_words(subscriber.schedule, subscriber.time_zone, words)
    return {
        "email": subscriber.email, "left": offer.left, "active": subscriber.status == "active" and not offer.left,
        "schedule": schedule if subscriber.mail else words.text["pref_feed_only"], "most": subscriber.max_papers,
        "topics": [topic.name for topic in subscriber.topics if not topic.mute], "chosen": offer.chosen,
        "fewer": [
            (choice, headings.schedule_words(then.schedule, then.time_zone, words), then.max_papers)
            for choice, then in offer.fewer.items()
        ],
        "pauses": [(days, words.day("long", (offer.now + timedelta(days=days)).astimezone(zone))) for days in offer.pauses],
        "until": words.day("long", until.astimezone(zone)) if until else "",
    }  # fmt: skip
