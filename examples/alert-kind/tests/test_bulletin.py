"""The suite that every kind of alert mails passes, and what this one promises beyond it."""

from __future__ import annotations

from pathlib import Path

from digestbot_bulletin import BulletinAlerts

from digestbot.testing.sources import AlertsContract

MAIL = (Path(__file__).parent / "message.eml").read_bytes()


class TestBulletin(AlertsContract):
    """Damaged, cut and random mails, control characters, links that count clicks."""

    def source(self) -> BulletinAlerts:
        return BulletinAlerts.from_options({"maildir": "var/alerts"})

    def replies(self) -> list[bytes]:
        return [MAIL]


def test_title_people_and_place_are_read() -> None:
    first, second = TestBulletin().read(MAIL).entries
    assert (first.title, first.authors, first.venue) == ("A Note on Notes", ("Jane Doe", "Max Roe"), "Notes")
    assert (second.link, second.reason) == ("https://bulletin.example/item/10", "Bulletin: in Bulletin No. 9")


def test_a_quiet_week_is_no_failure() -> None:
    quiet = b"From: no-reply@bulletin.example\nSubject: Bulletin No. 10\n\nNothing new this week.\n"
    result = TestBulletin().read(quiet)
    assert (result.entries, result.broken) == ((), ())
