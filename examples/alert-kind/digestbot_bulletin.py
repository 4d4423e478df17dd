"""Kind `bulletin-alerts`: the mails of a bulletin, beside all alert mails that digestbot knows."""

from __future__ import annotations

from digestbot.sources.alerts.letter import Letter, Reading, lines_of, papers_in
from digestbot.sources.kinds.alerts import AlertsSource


def read(letter: Letter) -> Reading | None:
    """One mail. It may be HTML or text, wrapped or forwarded: `lines_of` has its lines, each with its links as they were sent."""
    if not letter.is_from("bulletin.example"):
        return None  # not ours: the next reader is asked
    lines = lines_of(letter)
    return papers_in(
        letter,
        "Bulletin",  # stands before `why` in the digest
        lambda anchor, line: "/item/" in anchor.href,  # the links that are titles
        why=f"in {letter.subject}",
        none_said=any(line.text == "Nothing new this week." for line in lines),  # a quiet week is no failure
        lines=lines,
    )


class BulletinAlerts(AlertsSource):
    """Options, Maildir, IMAP and what is put aside are those of `alerts`."""

    readers = (read, *AlertsSource.readers)
