"""demo: the whole way on bundled samples, over a real web server and a real SMTP server of this machine's own."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import click

from digestbot.acts.answers.paper_lists import newest_digest, papers_since, reason_of
from digestbot.acts.digests.feed_files import private_folder
from digestbot.acts.people.find import all_subscribers
from digestbot.acts.rounds import PollRound, poll_round, send_round
from digestbot.app.config_files import load
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.setup.configuration import local_zone
from digestbot.errors import DigestbotError
from digestbot.model import Paper, Subscriber
from digestbot.testing import samples
from digestbot.testing.http_server import Site, fixed, running

MARK = ".digestbot-demo"  #: in folders that a later demo may empty
FORMATS = {"arxiv-sample": "RSS", "daily-sample": "JSON", "journal-sample": "Atom", "page-sample": "saved page"}

CONFIG = """\
[site]
name = "Papers"
contact = "you@example.org"
time_zone = "{zone}"

[fetch]
allow_private = ["127.0.0.1"]           # the sample sources are served by this machine

[delivery]
channel = "smtp"
from = "Papers <papers@example.org>"

[smtp]
host = "127.0.0.1"
port = {port}
security = "none"

[feeds]
private = "files"                       # the feeds of one person too: there are no web pages to ask for them

[[sources]]
name = "arxiv-sample"
kind = "arxiv"
url = "{web}/arxiv.rss"
pause = "0s"                            # arXiv itself is asked at most every 3 s
title = "arXiv (sample)"

[[sources]]
name = "daily-sample"
kind = "huggingface"
url = "{web}/daily.json"
title = "Daily papers (sample)"

[[sources]]
name = "journal-sample"
kind = "feed"
url = "{web}/journal.atom"
title = "Journal of Sample Computing"

[[sources]]
name = "page-sample"
kind = "page"
url = "{web}/page.txt"
title = "A saved page (sample)"

[[topics]]
name = "attention"
query = '"sparse attention" OR "test time" OR attention'

[[subscribers]]
id = "reader"
email = "reader@example.org"
name = "Reader"

  [[subscribers.topics]]
  name = "Attention"
  query = '@attention OR "speculative decoding"'

  [[subscribers.topics]]
  name = "Compilers"
  query = 'compiler* NOT ti:course'

  [[subscribers.topics]]
  name = "Worth a look"
  query = 'upvotes:>=20 OR (robot* slip)'

[[subscribers]]
id = "second"
email = "second@example.org"
name = "Second Reader"
trending = 0

  [[subscribers.topics]]
  name = "Hardware"
  query = 'cat:cs.AR memory -bandwidth'
"""


@click.command("demo", short_help="The whole way on bundled samples, on this machine only.")
@click.option(
    "--out",
    default="digestbot-demo",
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where to put the mails.",
)
def demo_command(out: Path) -> None:
    """The whole way on bundled samples: poll, merge, match, mail, feeds. Nothing leaves this machine."""
    began = time.monotonic()
    _fresh(out)
    with running(_site()) as web, _smtp_server(out / "received") as port:
        main = out / "config" / "digestbot.toml"
        main.parent.mkdir()
        main.write_text(CONFIG.format(zone=local_zone() or "UTC", web=web, port=port), encoding="utf-8")
        with App(config=load(main)).opened() as app:
            _tell(app, out)
    terminal.say(f"\nDone in {time.monotonic() - began:.1f} s.")


def _fresh(out: Path) -> None:
    """Makes an empty folder, also of an earlier demo's. Raises DigestbotError for one that holds something else."""
    if out.exists():
        if any(out.iterdir()) and not (out / MARK).exists():
            raise DigestbotError(
                "this folder holds something else", where=str(out), fix="Choose another one: --out DIR"
            )
        shutil.rmtree(out)
    out.mkdir(parents=True)
    (out / MARK).touch()


def _site() -> Site:
    day = datetime.now(UTC).date()
    return Site(
        pages={
            "/arxiv.rss": fixed(samples.arxiv_rss(day), "application/rss+xml"),
            "/daily.json": fixed(samples.daily_json(day), "application/json"),
            "/journal.atom": fixed(samples.journal_atom(day), "application/atom+xml"),
            "/page.txt": fixed(samples.page_text(day), "text/plain; charset=utf-8"),
        }
    )


@contextmanager
def _smtp_server(out: Path) -> Iterator[int]:
    """Runs the SMTP server as a process of its own; yields its port."""
    command = [sys.executable, "-m", "digestbot.testing.smtp_server", "--out", str(out)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own module
    assert process.stdout is not None  # we asked for a pipe
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(timeout=5)
        process.stdout.close()


def _tell(app: App, out: Path) -> None:
    """Runs the demo, and tells each step as it happens."""
    names = [s.name for s in app.config.sources]
    terminal.say(terminal.heading(f"Polling {len(names)} sample sources (a local server; nothing leaves this machine)"))
    entries = 0
    for name in names:
        taken = asyncio.run(_poll(app, [name]))
        entries += taken.polled.sources[0].entries
        terminal.say(
            f"  {name:<16}  {FORMATS[name]:<10}  {taken.polled.sources[0].entries:>2} entries   {_brought(app, name)}"
        )
    again = asyncio.run(_poll(app, names))
    unchanged = sum(r.status.value == "unchanged" for r in again.polled.sources)
    fresh = sum(not p.replacement for p in _papers(app))
    terminal.say(
        f"  {entries} entries are {fresh} new papers. Polled again: {unchanged} unchanged (304), nothing new.\n"
    )
    terminal.say(terminal.heading("Merged, for example"))
    for line in _merged(app):
        terminal.say(f"  {line}")
    sent = asyncio.run(send_round(app.mailer(), extra=all_subscribers(app.store)))
    people = all_subscribers(app.store)
    terminal.say("\n" + terminal.heading(f"Matched for {len(people)} subscribers"))
    for person in people:
        terminal.say(f"  {_matched(app, person, fresh)}")
    terminal.say("\n" + terminal.heading("Sent by SMTP to a local server, and received"))
    mails = _received(out / "received")
    for person in people:
        terminal.say(f"  {_laid_down(app, person, mails[person.email], out)}")
    assert all(d.outcome == "sent" for d in sent.digests)  # the server is ours
    terminal.say(f"""
{terminal.heading("Look at them")}           {out}/reader/digest.html   (also .txt, .eml)
{terminal.heading("Read them as a feed")}    {out}/reader/feed.atom
{terminal.heading("See the day as a page")}  digestbot --config {out}/config/digestbot.toml serve   (at http://127.0.0.1:8080)
{terminal.heading("Make it yours")}
  digestbot init                      a commented configuration, ready to edit
  digestbot preview reader --open     your first digest, with real papers
  digestbot run                       and forget that it is there""")


async def _poll(app: App, names: Sequence[str]) -> PollRound:
    async with app.intake() as intake:
        return await poll_round(intake, only=names)


def _papers(app: App) -> list[Paper]:
    return papers_since(app.store, timedelta(days=1), now=app.clock())


def _brought(app: App, source: str) -> str:
    """Returns `11 new papers, 1 new version` or `2 new papers, 4 known by their arXiv id`."""
    mine = [p for p in _papers(app) if source in p.sources]
    first = [p for p in mine if p.sources[0] == source]
    fresh, versions = [p for p in first if not p.replacement], [p for p in first if p.replacement]
    known = Counter(_reason(app, p, source) for p in mine if p not in first)
    told = [terminal.plural(len(fresh), "new paper")]
    told += [terminal.plural(len(versions), "new version")] if versions else []
    told += [
        f"{count} known by {'their' if count > 1 else 'its'} {what.removeprefix('same ')}"
        for what, count in known.items()
    ]
    return ", ".join(told)


def _reason(app: App, paper: Paper, source: str) -> str:
    return reason_of(app.store, paper, source)


def _merged(app: App) -> Iterator[str]:
    """Yields a line on one merged paper for each reason to merge."""
    told = set()
    titles = {s.name: s.name.removesuffix("-sample") for s in app.config.sources}
    for paper in _papers(app):
        for source in paper.sources[1:]:
            reason = _reason(app, paper, source)
            if reason not in told:
                told.add(reason)
                name = (
                    f"arXiv {paper.identifiers['arxiv']}"
                    if paper.sources[0].startswith("arxiv")
                    else titles[paper.sources[0]]
                )
                yield f"“{_short(paper.title, 34)}” = {name} + {titles[source]}, {reason}"


def _short(title: str, room: int) -> str:
    return title if len(title) <= room else title[:room].rsplit(" ", 1)[0] + " …"


def _matched(app: App, person: Subscriber, fresh: int) -> str:
    items = [i for i in newest_digest(app.store, person).items() if i.topic]
    words = Counter(
        f"“{r.text.lower()}” in {r.field}" for i in items for r in i.reasons if r.field in ("title", "abstract")
    )
    common = ", ".join(f"{word} ({count})" for word, count in words.most_common(1))
    return (
        f"{person.email}  {terminal.plural(len(person.topics), 'topic')}  {len(items):>2} of {fresh} papers   {common}"
    )


def _received(folder: Path) -> dict[str, tuple[EmailMessage, bytes]]:
    mails = {}
    for path in sorted(folder.glob("*.eml")):
        data = path.read_bytes()
        message = message_from_bytes(data, policy=policy.default)
        assert isinstance(message, EmailMessage)  # what this policy makes
        mails[str(message["To"].addresses[0].addr_spec)] = (message, data)
    return mails


def _laid_down(app: App, person: Subscriber, mail: tuple[EmailMessage, bytes], out: Path) -> str:
    """Writes the received mail and the private feed as files to look at; returns a line about them."""
    message, data = mail
    folder = out / person.ref
    folder.mkdir()
    (folder / "digest.eml").write_bytes(data)
    for kind, name in (("html", "digest.html"), ("plain", "digest.txt")):
        part = message.get_body((kind,))
        assert part is not None  # every mail has both
        (folder / name).write_text(part.get_content(), encoding="utf-8")
    for feed in sorted(private_folder(app.feed_settings, person.ref).iterdir()):
        shutil.copy(feed, folder / feed.name)
    return f"{person.email}  {message['Subject']}  {len(data) // 1000} kB"
