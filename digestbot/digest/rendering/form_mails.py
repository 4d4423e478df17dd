"""Form mails: what the mails say that ask somebody to press a button. Pure."""

from __future__ import annotations

from typing import Any

from digestbot.digest.rendering import headings
from digestbot.digest.rendering.catalog import Catalog
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
