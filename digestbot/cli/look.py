"""try and preview: look before anything is recorded or sent."""

from __future__ import annotations

import asyncio
import webbrowser
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from digestbot.acts.inspect import Inspected, inspect
from digestbot.app import App, fetched, kinds
from digestbot.cli import show
from digestbot.cli.wired import json_option, with_app
from digestbot.digest.silence import sentence, silence
from digestbot.errors import UsageError
from digestbot.model import Digest, Entry, ReadStatus, Slot, Subscriber

SHOWN = 12  #: entries listed for people


@click.command("try", short_help="What is read at an address or in a file; needs no configuration.")
@click.argument("inputs", nargs=-1, required=True, metavar="URL|FILE...")
@click.option("--kind", default="", help="Read it as this kind of source (default: by what the bytes look like).")
@json_option
def try_command(inputs: tuple[str, ...], kind: str, as_json: bool) -> None:
    """What is read at an address or in a file; needs no configuration.

    One JSON document a line with --json. Exit 1 when nothing could be read anywhere.
    """
    read = False
    for name in inputs:
        now = datetime.now(UTC)
        seen = inspect(name, asyncio.run(fetched(name, now)), kinds(), kind=kind, now=now)
        read |= not seen.status.failed
        show.say(show.as_json(try_json(seen)) if as_json else try_text(seen))
    if not read:
        raise SystemExit(1)


def try_json(seen: Inspected) -> dict[str, Any]:
    """The shape of DESIGN.md section 14: absent values are left out, `entries` and `problems` never."""
    result = seen.result
    about = {
        "input": seen.input,
        "kind": seen.kind,
        "status": seen.status,
        "title": result.title,
        "listed": result.listed,
        "curators": result.curators,
        "expected": result.expected,
    }
    filled = {name: value for name, value in about.items() if value not in (None, "")}
    return {**filled, "entries": [entry_json(e) for e in result.entries], "problems": list(seen.problems)}


def entry_json(entry: Entry) -> dict[str, Any]:
    """An entry without what is absent."""
    return {name: value for name, value in show.plain(entry).items() if value not in (None, "", [], {})}


def try_text(seen: Inspected, *, most: int = SHOWN) -> str:
    """What a person wants to know: does it work, what is in it, what is wrong with it."""
    result = seen.result
    what = " · ".join(w for w in (result.kind, result.title, str(result.listed or ""), result.curators) if w)
    lines = [
        show.heading(seen.input),
        f"  {show.state(seen.status.value)}: {show.plural(len(result.entries), 'entry')}",
    ]
    if what:
        lines[1] += f" · {what}"
    rows = [(str(_date(e)), _ids(e), e.title or "(without a title)") for e in result.entries[:most]]
    lines += [f"  {line}" for line in show.table(rows).splitlines()]
    if len(result.entries) > most:
        lines.append(f"  ... and {len(result.entries) - most} more; --json shows everything")
    for problem in seen.problems[:5]:
        place = f" ({problem.where})" if problem.where else ""
        lines.append(f"  problem: {problem.what}{place}" + (f". {problem.hint}" if problem.hint else ""))
    if len(seen.problems) > 5:
        lines.append(f"  ... and {show.plural(len(seen.problems) - 5, 'more problem')}")
    return "\n".join(lines)


def _date(entry: Entry) -> str:
    when = entry.announced or entry.published or entry.updated
    return when.text[:10] if when else "-"


def _ids(entry: Entry) -> str:
    known: Mapping[str, str] = entry.identifiers
    if "arxiv" in known:
        return f"{known['arxiv']}v{known['arxiv_version']}" if "arxiv_version" in known else known["arxiv"]
    return next((known[scheme] for scheme in ("doi", "pmid", "acl") if scheme in known), "-")


@click.command("preview", short_help="Write the digest somebody would get now; sends nothing.")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--at", metavar="TIME", default="", help='As if it were then, in their zone: "2026-11-23 07:30".')
@click.option(
    "-o", "--out", metavar="DIR", type=click.Path(path_type=Path), help="Where to write (default: preview/ID)."
)
@click.option("--open", "open_it", is_flag=True, help="Show the HTML in a browser.")
@with_app
def preview_command(app: App, who: str, at: str, out: Path | None, open_it: bool) -> None:
    """Write the digest SUBSCRIBER would get now: digest.eml, digest.html, digest.txt.

    Records nothing and sends nothing. When nothing was polled yet, the sources are asked now, into memory.
    """
    app.subscriber(who)  # a wrong name is said before anything is asked
    app = _with_papers(app)
    subscriber = app.subscriber(who)
    now = _moment(at, subscriber) if at else app.clock()
    digest = replace(app.look(subscriber, now=now), links=app.linker.example())
    message = app.build(digest)
    folder = out or Path("preview") / subscriber.ref
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "digest.html": app.templates.html(digest).encode(),
        "digest.txt": app.templates.text(digest).encode(),
        "digest.eml": message.data,
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    show.say(preview_text(digest, app.templates.subject(digest), {str(folder / n): len(d) for n, d in files.items()}))
    if open_it:
        webbrowser.open((folder / "digest.html").resolve().as_uri())


def _with_papers(app: App) -> App:
    if app.polled():
        return app
    click.echo("Nothing was polled yet: asking the sources now, into memory ...", err=True)
    memory = app.in_memory()
    heard = show.progress("polled")
    done = iter(range(1, 10_000))
    taken = asyncio.run(memory.take_in(heard=lambda _: heard(next(done))))
    show.wipe()
    for report in taken.polled.sources:
        if report.status.failed or report.status is ReadStatus.PARTIAL:
            reason = report.problems[0].what if report.problems else ""
            click.echo(f"  {report.source}: {show.state(report.status.value)} {reason}", err=True)
    return memory


def _moment(text: str, subscriber: Subscriber) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no moment", fix='Write "2026-11-23 07:30" or "2026-11-23T06:30:00Z"') from error
    return (
        read.replace(tzinfo=ZoneInfo(subscriber.time_zone)).astimezone(UTC)
        if read.tzinfo is None
        else read.astimezone(UTC)
    )


def preview_text(digest: Digest, subject: str, files: dict[str, int]) -> str:
    """What is in it, and where it lies."""
    person, slot = digest.subscriber, digest.slot
    lines = [f"{show.heading(person.email)}  {_slot(slot)} ({person.time_zone})", f"Subject: {subject}", ""]
    for section in digest.sections:
        more = f", {len(section.more)} more by title" if section.more else ""
        lines.append(show.heading(f"{section.title}: {show.plural(len(section.items), 'paper')}{more}"))
        lines += [f"  {item.paper.title}" for item in section.items]
    if not digest.sections:
        why = silence(digest.considered, digest.polled)
        lines.append(f"No paper for them. {sentence(why, digest.considered, digest.polled)}")
    lines += ["", *(f"{name}  {max(1, size // 1000)} kB" for name, size in files.items())]
    return "\n".join([*lines, "Nothing was recorded, nothing was sent."])


def _slot(slot: Slot) -> str:
    return f"{slot.local:%a} {slot.local.day} {slot.local:%b %H:%M}"
