"""Alarm: tell somebody once that no mail goes out or most of it is refused, and once that mails are taken again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from digestbot.acts.delivery.trouble import ServerTrouble, mail_trouble
from digestbot.acts.site.marks import ALARM, TROUBLE
from digestbot.store import Store, Transaction


def raise_alarm(
    store: Store, server: str, tell: Callable[[str], bool], *, site: str, after: timedelta, now: datetime
) -> str:
    """Tell when the mail server has been in trouble for `after`, and when it takes mails again; what was told, or "".

    What could not be told is told with the next round. That nothing waits any more is no sign that mails are taken.
    """
    with store.transaction() as tx:
        trouble, raised = mail_trouble(tx, server, now), tx.site.note(ALARM)
        since = _since(tx, server, trouble, now)
        taken = raised is not None and tx.outbox.count_sent_since(raised.at) > 0
        due = tx.outbox.count_due(now)
    if trouble is not None and raised is None and _is_shut(trouble) and since <= now - after:
        text = f"{site}: {_words(trouble, due)} See: digestbot status"
    elif trouble is None and taken:
        text = f"{site}: mail goes out again by {server}."
    else:
        return ""
    if not tell(text):
        return ""
    _note(store, trouble, now)
    return text


def _note(store: Store, trouble: ServerTrouble | None, now: datetime) -> None:
    """Note that the alarm was told."""
    with store.transaction() as tx:
        if trouble is not None:
            tx.site.set_note(ALARM, at=now, text=trouble.said)
        else:
            tx.site.remove_note(ALARM)


def _is_shut(trouble: ServerTrouble) -> bool:
    """Nothing is tried, or most of what is tried is refused; not one failure that the next mail may end."""
    return trouble.takes_some or trouble.closed_until is not None


def _since(tx: Transaction, server: str, trouble: ServerTrouble | None, now: datetime) -> datetime:
    """Since when it is in trouble. Refusals of most readers open no breaker that would know: a note does."""
    noted = tx.site.note(TROUBLE)
    if trouble is None:
        if noted is not None:
            tx.site.remove_note(TROUBLE)
        return now
    if not trouble.takes_some and (opened := tx.breakers.breaker_of(server).since) is not None:
        return opened
    if noted is None:
        tx.site.set_note(TROUBLE, at=now, text=trouble.said)
        return now
    return noted.at


def _words(trouble: ServerTrouble, due: int) -> str:
    if trouble.takes_some:
        return (
            f"most readers are refused. {trouble.server} said: {trouble.said}. "
            f"Nobody is suppressed for it, {trouble.waiting} mails are tried again."
        )
    return f"no mail goes out. {trouble.server} said: {trouble.said}. {due} mails are due."
