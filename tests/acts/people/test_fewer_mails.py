"""What is less than somebody gets now."""

from __future__ import annotations

from rows import rows

from digestbot.acts.people.fewer_mails import FewerMails, fewer_mails
from digestbot.testing.builders import NOW, subscriber


@rows(
    ("schedule", "zone", "weekly"),
    [
        ("weekdays 07:30", "UTC", "mon 07:30"), ("daily 18:00", "Europe/Berlin", "mon 18:00"), ("mon,thu 08:00", "UTC", "mon 08:00"),
        ("every 6h", "UTC", "mon 12:00"), ("daily 00:15", "Pacific/Auckland", "mon 00:15"), ("30 6,18 * * *", "UTC", "mon 18:30"),
        ("tue 08:00", "UTC", ""), ("monthly 08:00", "UTC", ""), ("sun 02:30", "Europe/Berlin", ""),
    ],
)  # fmt: skip
def test_a_mail_a_week_is_offered_to_who_gets_more_at_the_hour_of_their_next_one(
    schedule: str, zone: str, weekly: str
) -> None:
    offered = fewer_mails(subscriber(schedule=schedule, time_zone=zone, origin="web"), NOW)
    assert (offered[FewerMails.WEEKLY].schedule if FewerMails.WEEKLY in offered else "") == weekly


def test_five_papers_are_offered_to_who_gets_more_and_nothing_to_people_of_a_file_or_without_mails() -> None:
    assert FewerMails.SHORTER in fewer_mails(subscriber(origin="web", max_papers=6), NOW)
    assert FewerMails.SHORTER not in fewer_mails(subscriber(origin="web", max_papers=5), NOW)
    assert not fewer_mails(subscriber(), NOW)
    assert not fewer_mails(subscriber(origin="web", mail=False), NOW)
