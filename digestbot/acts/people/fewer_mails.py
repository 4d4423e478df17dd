"""Fewer mails: what somebody may choose in place of leaving."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from digestbot.acts.people.sync import change_within
from digestbot.digest.selection.schedule import Schedule
from digestbot.model import Subscriber
from digestbot.store import Store

A_WEEK = timedelta(days=7)
FEW = 5  #: papers of a mail


class FewerMails(StrEnum):
    """The choices, as a form sends them."""

    WEEKLY = "weekly"  #: the best of a week, on Mondays
    SHORTER = "shorter"  #: at most `FEW` papers in a mail
    FEED = "feed"  #: no mails; the feed goes on


def fewer_mails(subscriber: Subscriber, now: datetime) -> Mapping[str, Subscriber]:
    """Returns what is less than they get now: a `FewerMails` each, with the settings that it makes. Pure.

    Empty for people of a file: what they get is said there, and the next reading would take a choice back.
    """
    if subscriber.origin != "web" or not subscriber.mail:
        return {}
    schedule = Schedule.parse(subscriber.schedule, subscriber.time_zone)
    slot = schedule.next(now)
    following = schedule.next(slot.due)
    found: dict[str, Subscriber] = {}
    if following.local.date() - slot.local.date() < A_WEEK:
        found[FewerMails.WEEKLY] = replace(subscriber, schedule=f"mon {slot.local:%H:%M}")
    if subscriber.max_papers > FEW:
        found[FewerMails.SHORTER] = replace(subscriber, max_papers=FEW)
    return found | {FewerMails.FEED: replace(subscriber, mail=False)}


def choose_fewer(store: Store, subscriber: Subscriber, choice: str, *, now: datetime) -> bool:
    """Take a choice over; False for one that `fewer_mails` does not offer them."""
    wanted = fewer_mails(subscriber, now).get(choice)
    if wanted is None:
        return False
    with store.transaction() as tx:
        change_within(tx, subscriber, wanted, now=now)
    return True
