"""A played week of arXiv under a moved clock: the mails that arrive against those that should.

Monday new and cross-listed papers; Tuesday a replacement and a paper the daily list has too; Wednesday a 503 with
Retry-After, then the papers; Thursday a half-written file, then the whole; Friday votes; an empty weekend.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from command_line import BY_SMTP

from digestbot.acts.rounds import poll_round, send_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.testing.http_server import Reply, Site, running
from digestbot.testing.smtp_server import SmtpServer

CONFIG = (
    """
[site]
contact = "admin@example.org"
time_zone = "Europe/Berlin"
"""
    + BY_SMTP
    + """[[sources]]
name = "arxiv-cs"
kind = "arxiv"
url = "{web}/rss"
pause = "0s"
[[sources]]
name = "daily"
kind = "huggingface"
url = "{web}/daily"
[[subscribers]]
id = "weekday"
email = "weekday@example.org"
schedule = "weekdays 07:30"
time_zone = "Europe/Berlin"
trending = 0
updates = "all"
  [[subscribers.topics]]
  name = "Robots"
  query = "robot"
[[subscribers]]
id = "weekly"
email = "weekly@example.org"
schedule = "sat 09:00"
time_zone = "Europe/Berlin"
trending = 0
updates = "none"
  [[subscribers.topics]]
  name = "Robots"
  query = "robot OR upvotes:>=30"
"""
)


def item(number: int, title: str, kind: str = "new", version: int = 1) -> str:
    return (
        f"<item><title>{title}</title><link>https://arxiv.org/abs/2611.{number:05}</link>"
        f"<description>arXiv:2611.{number:05}v{version} Announce Type: {kind}\nAbstract: All about it.</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:2611.{number:05}v{version}</guid><category>cs.RO</category>'
        f"<arxiv:announce_type>{kind}</arxiv:announce_type><dc:creator>A. Author</dc:creator></item>"
    )


def rss(day: int, *items: str) -> bytes:
    return (
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        "<title>cs.RO updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs.RO</link>"
        f"<pubDate>{datetime(2026, 11, day, tzinfo=UTC):%a, %d %b %Y} 00:00:00 -0500</pubDate>{''.join(items)}</channel></rss>"
    ).encode()


def daily(*papers: tuple[int, str, int]) -> bytes:
    rows = [
        f'{{"paper":{{"id":"2611.{n:05}","title":"{title}","summary":"All about it.","authors":[{{"name":"A. Author"}}],'
        f'"upvotes":{votes},"publishedAt":"2026-11-20T00:00:00.000Z"}},"title":"{title}","publishedAt":"2026-11-24T00:00:00.000Z"}}'
        for n, title, votes in papers
    ]
    return f"[{','.join(rows)}]".encode()


MONDAY = rss(
    23,
    item(1, "A robot that cooks"),
    item(2, "Whales"),
    item(3, "A robot that sings", "cross"),
    item(4, "An old robot", "replace", 3),
)
TUESDAY = rss(24, item(1, "A robot that cooks well", "replace", 2), item(5, "A robot that dances"))
WEDNESDAY = rss(25, item(6, "A robot that swims"))
THURSDAY = rss(26, item(7, "A robot that flies"), item(8, "A robot that digs"))
FRIDAY = rss(27, item(9, "Nothing of interest"), item(5, "A robot that dances", "replace-cross", 2))
EMPTY = rss(28)

#: (day, hour UTC) from which on the address says this
ARXIV = [
    ((23, 5), Reply(body=MONDAY)),
    ((24, 5), Reply(body=TUESDAY)),
    ((25, 5), Reply(status=503, headers={"Retry-After": "1800"})),
    ((25, 6), Reply(body=WEDNESDAY)),
    ((26, 5), Reply(body=THURSDAY[: THURSDAY.index(b"that digs")])),
    ((26, 8), Reply(body=THURSDAY)),
    ((27, 5), Reply(body=FRIDAY)),
    ((28, 5), Reply(body=EMPTY)),
]
DAILY = [
    ((23, 0), Reply(body=daily())),
    ((24, 4), Reply(body=daily((5, "A robot that dances", 3)))),
    ((27, 4), Reply(body=daily((5, "A robot that dances", 9), (2, "Whales", 45)))),
]

#: what should arrive: (day, hour UTC) and titles, updates marked
WEEKDAY = [
    ((23, 6), ["A robot that cooks", "A robot that sings"]),
    ((24, 6), ["A robot that dances", "v2 of A robot that cooks well"]),
    ((25, 6), ["A robot that swims"]),
    ((26, 6), ["A robot that flies"]),
    ((27, 6), ["A robot that digs"]),  # a version that changes nothing one could read is a title line, without a number
]
WEEKLY = [
    ((28, 8), ["A robot that cooks well", "A robot that dances", "A robot that digs", "A robot that flies",
               "A robot that sings", "A robot that swims", "Whales"]),
]  # fmt: skip


def current(script: list[tuple[tuple[int, int], Reply]], now: datetime) -> Reply:
    said = [reply for (day, hour), reply in script if now >= datetime(2026, 11, day, hour, tzinfo=UTC)]
    return said[-1] if said else Reply(status=404)


def read(data: bytes) -> tuple[tuple[int, int], list[str]]:
    """When a mail was made, and its titles."""
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    made = message["Date"].datetime
    text = body.get_content().replace("\r\n", "\n")
    new, _, updates = text.partition("UPDATES ")
    titles = re.findall(r"^ ?\d+\. (.+)$", new, re.MULTILINE)
    titles += [f"v2 of {t}" for t in re.findall(r"^ ?\d+\. (.+)$", updates, re.MULTILINE)]
    return (made.day, made.hour), sorted(titles)


@pytest.fixture
def site() -> Iterator[tuple[Site, str]]:
    made = Site()
    with running(made) as web:
        yield made, web


async def test_the_mails_of_a_week_are_those_that_should_come(tmp_path: Path, site: tuple[Site, str]) -> None:
    served, web = site
    async with SmtpServer() as server:
        main = tmp_path / "config" / "digestbot.toml"
        main.parent.mkdir()
        main.write_text(CONFIG.format(port=server.port, web=web))
        moment = [datetime(2026, 11, 22, 22, 0, tzinfo=UTC)]
        with replace(App(config=load(main)), clock=lambda: moment[0]).opened() as app:
            while moment[0] < datetime(2026, 11, 29, 22, 0, tzinfo=UTC):
                served.pages = {"/rss": current(ARXIV, moment[0]), "/daily": current(DAILY, moment[0])}
                async with app.intake() as intake:
                    await poll_round(intake)
                await send_round(app.mailer())
                moment[0] += timedelta(minutes=30)
            await asyncio.sleep(0)
        mails = {
            ref: [read(m.data) for m in server.messages if m.recipients == (f"{ref}@example.org",)]
            for ref in ("weekday", "weekly")
        }
    assert mails["weekday"] == [(at, sorted(titles)) for at, titles in WEEKDAY]
    assert mails["weekly"] == [(at, sorted(titles)) for at, titles in WEEKLY]
