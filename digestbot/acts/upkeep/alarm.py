"""Alarm: tell somebody once that no mail goes out, and once that it goes out again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from digestbot.acts.site.marks import ALARM
from digestbot.store import Store


def raise_alarm(
    store: Store, server: str, tell: Callable[[str], bool], *, site: str, after: timedelta, now: datetime
) -> str:
    """Tell when the mail server has taken nothing for `after`, and when it takes mails again; what was told, or "".

    What could not be told is told with the next round.
    """
    with store.reading() as tx:
        breaker, raised = tx.breakers.breaker_of(server), tx.site.note(ALARM)
        due = tx.outbox.count_due(now)
    down = breaker.is_open(now) or (raised is not None and breaker.failures > 0)
    if down and raised is None and breaker.since is not None and breaker.since <= now - after:
        text = f"{site}: no mail goes out. {server} said: {breaker.text}. {due} mails are due. See: digestbot status"
    elif not down and raised is not None:
        text = f"{site}: mail goes out again by {server}."
    else:
        return ""
    if not tell(text):
        return ""
    with store.transaction() as tx:
        if down:
            tx.site.set_note(ALARM, at=now, text=breaker.text)
        else:
            tx.site.remove_note(ALARM)
    return text
