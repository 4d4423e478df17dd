"""send: compose what is due, and deliver."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import click

from digestbot.acts.delivery.operator import send_test
from digestbot.acts.delivery.outbox import open_again
from digestbot.acts.people.find import all_subscribers, find_subscriber
from digestbot.acts.rounds import SendRound, Told, poll_for_digests, send_round
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.daemon.stopping import until_stopped
from digestbot.model import Digest, ItemPlace, Security, Subscriber


@click.command("send", short_help="Compose what is due and deliver the outbox once.")
@click.argument("subscribers", nargs=-1, metavar="[SUBSCRIBER]...")
@click.option("--now", is_flag=True, help="One extra digest, due or not, for those named or for everyone.")
@click.option("--dry-run", is_flag=True, help="Only say what would be sent; records nothing.")
@click.option(
    "--only", "at_most", metavar="N", type=click.IntRange(1), help="A canary: send N mails, then pause the outbox."
)
@click.option("--test", "test_to", metavar="ADDRESS", default="", help="One mail to ADDRESS, each step told.")
@json_option
@with_app
def send_command(
    app: App, subscribers: tuple[str, ...], now: bool, dry_run: bool, at_most: int | None, test_to: str, as_json: bool
) -> None:
    """Compose what is due and deliver the outbox once. The overdue sources of those who are due are asked first.

    Nothing due is exit 0; exit 1 when something should have gone out and nothing could.
    """
    if test_to:
        _test(app, test_to, as_json)
        return
    people = [find_subscriber(app.store, who) for who in subscribers]
    if dry_run:
        from digestbot.acts.digests.preview import would_send

        digests = would_send(app.store, app.digest_settings, people, extra=now, now=app.clock())
        terminal.say(terminal.as_json(dry_json(digests)) if as_json else dry_text(digests))
        return
    extra = (people or all_subscribers(app.store)) if now else []
    sent = until_stopped(
        lambda stop: poll_and_send(app, stop, only=[p.ref for p in people], extra=extra, quiet=as_json, at_most=at_most)
    )
    terminal.wipe()
    told = {"digests": sent.digests, "seconds": round(sent.seconds, 3)}
    terminal.say(terminal.as_json(told) if as_json else send_text(sent))
    if sent.nothing_done:
        raise SystemExit(1)


async def poll_and_send(
    app: App,
    stop: asyncio.Event,
    *,
    only: Sequence[str] = (),
    extra: Sequence[Subscriber] = (),
    quiet: bool = False,
    at_most: int | None = None,
) -> SendRound:
    """Runs one round: polls what the digests wait for, composes, delivers. Tells its progress unless `quiet`."""
    polled, delivered = count(1), count(1)
    heard = (lambda _: None) if quiet else terminal.progress("polled")
    async with app.intake() as intake:
        await poll_for_digests(
            intake, app.digest_settings, at_most=app.config.delivery.wait_for_sources, only=only, extra=extra,
            on_progress=lambda _: heard(next(polled)),
        )  # fmt: skip
    told = (lambda _: None) if quiet else terminal.progress("delivered")
    return await send_round(
        app.mailer(), only=only, extra=extra, stop=stop, at_most=at_most, on_progress=lambda _: told(next(delivered))
    )


STEPS = {
    "connect": "connected", "tls": "TLS, with a certificate that holds", "auth": "logged in", "mail": "the sender",
    "rcpt": "the recipient", "data": "DATA", "body": "the mail itself", "dot": "the answer to it", "file": "the file",
}  # fmt: skip


def _test(app: App, address: str, as_json: bool) -> None:
    """Connect, log in, hand over one mail beside the outbox, and tell each step."""
    from digestbot.acts.upkeep.retry_quarantined import proof
    from digestbot.model import Paper

    sample = Paper(title="A mail to try the way", summary="It came: the mail server takes mails from here.")
    digest = proof(sample, site=app.config.site.name, now=app.clock())
    message = app.build(replace(digest, subscriber=replace(digest.subscriber, email=address)))
    unsafe = app.config.smtp is None or app.config.smtp.security == Security.NONE
    steps = [s for s in asyncio.run(send_test(app.channel(), message)) if s.stage != "tls" or not unsafe]
    taken = all(step.passed for step in steps)
    if as_json:
        terminal.say(terminal.as_json({"address": address, "accepted": taken, "steps": steps}))
    else:
        terminal.say(app.policy.server)
        for step in steps:
            word = terminal.state("ok" if step.passed else "failed")
            terminal.say(
                terminal.wrapped(f"{word}  {STEPS.get(step.stage, step.stage)}{step.text and ': '}{step.text}")
            )
    if not taken:
        raise SystemExit(1)
    open_again(app.store, app.policy.server, now=app.clock())
    if not as_json:
        terminal.say(f"A mail to {address} was accepted.")


def dry_json(digests: list[Digest]) -> dict[str, Any]:
    """Returns what `send --json` would give, with the outcome that would come first."""
    return {
        "digests": [
            {
                "subscriber": d.subscriber.ref,
                "slot": d.slot.key,
                "papers": [i.paper.public_id for i in d.items()],
                "outcome": "queued" if d.items() or d.subscriber.when_empty == "send" else "skipped_empty",
                "reason": "dry run",
            }
            for d in digests
        ],
        "seconds": 0,
    }


def dry_text(digests: list[Digest]) -> str:
    """Returns, for people, what would be sent to whom."""
    if not digests:
        return "Nothing is due. `--now` composes an extra digest."
    lines = []
    for digest in digests:
        items = digest.items(ItemPlace.MAIL)
        lines.append(terminal.heading(f"{digest.subscriber.email}: {terminal.plural(len(items), 'paper')}"))
        lines += [f"  {item.paper.title}" for item in items]
    return "\n".join([*lines, "Nothing was recorded, nothing was sent."])


def send_text(sent: SendRound) -> str:
    """Returns the answer for people: a line for each digest, then the sums."""
    lines = []
    if sent.digests:
        lines.append(terminal.table([_row(one) for one in sent.digests]))
    elif not sent.open:
        lines.append("Nothing is due. `--now` composes an extra digest.")
    if sent.open:
        who = ", ".join(sent.open[:5]) + " …" * (len(sent.open) > 5)
        lines.append(terminal.wrapped(f"No source can be reached, so these wait for a while: {who}.", "", "  "))
    until = sent.delivered.closed_until
    if until is not None:
        said = f": {sent.delivered.breaker.text}" if sent.delivered.breaker else ""
        lines.append(terminal.wrapped(f"The mail server is not asked before {until:%H:%M} UTC{said}", "", "  "))
    if sent.delivered.capped:
        lines.append("The cap per day is reached; the rest goes out when it allows.")
    if sent.waiting:
        count = f"{terminal.plural(sent.waiting, 'mail')} {'waits' if sent.waiting == 1 else 'wait'}"
        paused = "the outbox is paused: digestbot outbox resume" if sent.paused else "digestbot outbox retry --all"
        lines.append(f"{count}: {paused}")
    return "\n".join(lines)


def _row(one: Told) -> tuple[str, str, str, str]:
    """(whose digest, what became of it, how many papers, why)."""
    return one.subscriber, terminal.state(one.outcome.replace("_", " ")), _papers(one), one.reason.replace("_", " ")


def _papers(told: Told) -> str:
    """Returns `18 papers, 117 more`: those with a card, and those that count as shown without one."""
    more = len(told.papers) - told.shown
    count = terminal.plural(told.shown, "paper") if told.papers else "-"
    return f"{count}, {more} more" if more > 0 and told.shown else count
