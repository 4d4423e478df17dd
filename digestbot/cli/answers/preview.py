"""preview: the digest somebody would get now, as files and as one page to look at; records nothing, sends nothing."""

from __future__ import annotations

import re
import webbrowser
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from digestbot.acts.answers.paper_lists import newest_digest
from digestbot.acts.digests.preview import lists_to_come, preview_next
from digestbot.acts.intake.questions import was_polled
from digestbot.acts.people.find import find_subscriber
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.digest.selection.quiet_reasons import sentence, silence_of
from digestbot.digest.selection.rhythm import Rhythm
from digestbot.errors import UsageError
from digestbot.mail.lint.html import SEVERITIES, Finding
from digestbot.mail.lint.message import MOST_HTML, allowed, encoded_size, lint_mail
from digestbot.model import Digest, ReadStatus, Slot, Subscriber
from digestbot.papers.text.clean import cut
from digestbot.system.files import PRIVATE, PRIVATE_FOLDER, make_folder, replace_file

if TYPE_CHECKING:
    from digestbot.acts.intake.poll import SourceReport
    from digestbot.acts.rounds import PollRound

A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A mail that nobody gets, and what lint says of it."""

    digest: Digest
    subject: str
    html: str
    text: str
    data: bytes  #: as sent
    findings: Sequence[Finding]
    later: Sequence[tuple[str, Rhythm, Slot]] = ()  #: best lists that come with a later digest: topic, rhythm, slot

    def count(self, severity: str) -> int:
        """Returns how many findings have a severity."""
        return sum(f.severity == severity for f in self.findings)


@click.command("preview", short_help="Write the digest somebody would get now; sends nothing.")
@click.argument("who", metavar="SUBSCRIBER")
@click.option("--at", metavar="TIME", default="", help='As if it were then, in their zone: "2026-11-23 07:30".')
@click.option(
    "-o", "--out", metavar="DIR", type=click.Path(path_type=Path), help="Where to write (default: preview/ID)."
)
@click.option("--again", is_flag=True, help="The newest digest once more, as if it had not been made.")
@click.option("--open", "open_it", is_flag=True, help="Show the page in a browser.")
@click.option("--lint", is_flag=True, help="Say what is wrong with the mail; exit 1 on errors.")
@json_option
@reading_app
def preview_command(
    app: App, who: str, at: str, again: bool, out: Path | None, open_it: bool, lint: bool, as_json: bool
) -> None:
    """Write the digest SUBSCRIBER would get now: digest.eml, digest.html, digest.txt, and preview.html.

    preview.html shows it light, dark, on a phone and without its style sheet, with text, headers, size and lint.
    Records nothing and sends nothing. When nothing was polled yet, the sources are asked now, into memory.
    """
    find_subscriber(app.store, who)  # a wrong name is said before anything is asked
    app = _with_papers(app)
    subscriber = find_subscriber(app.store, who)
    now = _moment(at, subscriber) if at else app.clock()
    seen = _look(app, subscriber, newest_digest(app.store, subscriber).composed - A_MOMENT if again else now)
    folder = out or Path("preview") / subscriber.ref
    sizes = _write(folder, seen, app)
    if as_json:
        terminal.say(terminal.as_json(preview_json(seen, sizes)))
    else:
        terminal.say(preview_text(seen, sizes) + (f"\n\n{lint_text(seen.findings)}" if lint else ""))
    if open_it:
        webbrowser.open((folder / "preview.html").resolve().as_uri())
    if lint and seen.count("error"):
        raise SystemExit(1)


def _look(app: App, subscriber: Subscriber, now: datetime) -> Preview:
    digest = replace(preview_next(app.store, app.digest_settings, subscriber, now=now), links=app.linker.example())
    data = app.build(digest).data
    return Preview(
        digest=digest,
        subject=app.templates.subject(digest),
        html=app.templates.html(digest),
        text=app.templates.text(digest),
        data=data,
        findings=lint_mail(data, allowed(digest, app.config.site.base_url)),
        later=lists_to_come(app.store, subscriber, digest),
    )


def _write(folder: Path, seen: Preview, app: App) -> dict[str, int]:
    """Writes the files; returns name → size in bytes."""
    files = {
        "digest.html": seen.html.encode(),
        "digest.txt": seen.text.encode(),
        "digest.eml": seen.data,
        "preview.html": app.templates.page("preview", **page_values(seen)).encode(),
    }
    make_folder(folder, mode=PRIVATE_FOLDER)
    for name, data in files.items():
        replace_file(folder / name, data, mode=PRIVATE)
    return {str(folder / name): len(data) for name, data in files.items()}


def page_values(seen: Preview) -> dict[str, Any]:
    """Returns the values of the template `web/preview.html`."""
    mail = message_from_bytes(seen.data, policy=policy.default)
    size = encoded_size(seen.data)
    return {
        "subject": seen.subject,
        "to": seen.digest.subscriber.email,
        "day": _slot(seen.digest.slot),
        "headers": [(name, str(value)) for name, value in mail.items()],
        "text": seen.text,
        "size": size,
        "most": MOST_HTML,
        "share": min(100, round(100 * size / MOST_HTML)),
        "findings": [f for f in seen.findings if f.severity != "note"],
        "notes": [f for f in seen.findings if f.severity == "note"],
        "counts": Counter(f.severity for f in seen.findings),
        "frames": [
            ("light", "Light", 680, as_seen(seen.html, "light")),
            ("dark", "Dark", 680, as_seen(seen.html, "dark")),
            ("phone", "On a phone", 360, as_seen(seen.html, "light")),
            ("bare", "Without its style sheet", 680, as_seen(seen.html, "bare")),
        ],
    }


def as_seen(html: str, scheme: str) -> str:
    """The HTML for a frame: its rules for the dark really hold in "dark", never in "light"; "bare" has no rules at all.

    "bare" is what Gmail's mobile page and Proton's iOS app make of it (caniemail html-style, css-selector-class).
    """
    if scheme == "bare":
        html = cut(html, re.compile(r"<style\b"), re.compile("</style>"))
    when = "all" if scheme == "dark" else "not all"
    html = re.sub(r"@media\s*\(prefers-color-scheme:\s*dark\)", f"@media {when}", html)
    html = re.sub(r'((?:content="|color-scheme:\s*))light dark', rf"\1{'dark' if scheme == 'dark' else 'light'}", html)
    return html.replace("<head>", '<head><base target="_blank">', 1)  # links open beside the page


def _with_papers(app: App) -> App:
    if was_polled(app.store):
        return app
    import asyncio

    click.echo("Nothing was polled yet: asking the sources now, into memory ...", err=True)
    memory = app.in_memory()
    heard = terminal.progress("polled")
    done = iter(range(1, 10_000))
    taken = asyncio.run(_poll(memory, lambda _: heard(next(done))))
    terminal.wipe()
    for report in taken.polled.sources:
        if report.status.failed or report.status is ReadStatus.PARTIAL:
            reason = report.problems[0].what if report.problems else ""
            click.echo(f"  {report.source}: {terminal.state(report.status.value)} {reason}", err=True)
    return memory


async def _poll(app: App, on_progress: Callable[[SourceReport], None]) -> PollRound:
    from digestbot.acts.rounds import poll_round  # a fifth of the start, for a preview that polls nothing

    async with app.intake() as intake:
        return await poll_round(intake, on_progress=on_progress)


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


def preview_text(seen: Preview, sizes: dict[str, int]) -> str:
    """Returns, for people, what the mail holds and where its files lie."""
    digest = seen.digest
    person, slot = digest.subscriber, digest.slot
    lines = [f"{terminal.heading(person.email)}  {_slot(slot)} ({person.time_zone})", f"Subject: {seen.subject}", ""]
    for section in digest.sections:
        more = f", {len(section.more)} more by title" if section.more else ""
        lines.append(terminal.heading(f"{section.title}: {terminal.plural(len(section.items), 'paper')}{more}"))
        lines += [f"  {item.paper.title}" for item in section.items]
    if not digest.sections:
        why = silence_of(digest)
        lines.append(f"No paper for them. {sentence(why, digest.considered, digest.polled)}")
    for topic, rhythm, slot_with in seen.later:
        lines.append(
            f"The best of the {rhythm.span} of {topic or 'the edition'} comes on {_slot(slot_with)}, {rhythm.words()}."
        )
    lines += ["", *(f"{name}  {max(1, size // 1000)} kB" for name, size in sizes.items())]
    if bad := seen.count("error"):
        lines.append(f"{terminal.plural(bad, 'error')} in the mail: --lint names them.")
    return "\n".join([*lines, "Nothing was recorded, nothing was sent."])


def lint_text(found: Sequence[Finding]) -> str:
    """Returns errors and warnings line by line, and the number of features that some mail programs lack."""
    by_kind = {severity: [f for f in found if f.severity == severity] for severity in SEVERITIES}
    wrong = [*by_kind["error"], *by_kind["warning"]]
    head = ", ".join(terminal.plural(len(by_kind[kind]), kind) for kind in ("error", "warning"))
    lines = [terminal.heading(f"Lint: {head}")]
    for finding in wrong:
        word = terminal.paint(finding.severity.ljust(8), fg="red" if finding.severity == "error" else "yellow")
        place = f"line {finding.line}" if finding.line else "the mail"
        lines.append(f"  {word} {place}, {finding.rule}: {finding.what}")
        lines += [f"           {finding.hint}"] * bool(finding.hint)
    lines.append(
        f"  {terminal.plural(len(by_kind['note']), 'thing')} in it that some mail programs lack, each with its fallback: "
        "preview.html or --json lists them."
    )
    return "\n".join(lines)


def preview_json(seen: Preview, sizes: dict[str, int]) -> dict[str, Any]:
    """Returns the answer for scripts: the reader, the contents, the files, and every finding of lint."""
    return {
        "subscriber": seen.digest.subscriber.ref,
        "slot": seen.digest.slot.key,
        "subject": seen.subject,
        "papers": [item.paper.public_id for item in seen.digest.items()],
        "files": sizes,
        "html_bytes": encoded_size(seen.data),
        "findings": list(seen.findings),
    }


def _slot(slot: Slot) -> str:
    return f"{slot.local:%a} {slot.local.day} {slot.local:%b %H:%M}"
