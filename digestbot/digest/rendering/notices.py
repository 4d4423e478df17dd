"""Notices: what the mails say that ask somebody to press a button. Pure."""

from __future__ import annotations

from typing import Any

from digestbot.digest.rendering import headings
from digestbot.digest.rendering.catalog import Catalog
from digestbot.model.mail import Notice


def notice_values(notice: Notice, words: Catalog) -> dict[str, Any]:
    """What `mail/notice.html` and `mail/notice.txt` are rendered from."""
    schedule = headings.schedule_words(notice.schedule, notice.zone, words) if notice.schedule else ""
    known = {"site": notice.site, "email": notice.address, "schedule": schedule, "topics": ", ".join(notice.topics)}
    said = {part: words.say(f"notice_{notice.kind}_{part}", **known) for part in ("subject", "lead", "button", "note")}
    chosen = words.say(f"notice_subscribe_{'topics' if notice.topics else 'edition'}", **known)
    return {
        **said, "site": notice.site, "chosen": chosen if notice.kind == "subscribe" else "", "link": notice.link,
        "opens": words.text["notice_opens"] if notice.kind not in ("known", "moved") else "", "contact": notice.contact,
    }  # fmt: skip
