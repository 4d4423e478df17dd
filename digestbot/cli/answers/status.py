"""status: what happened, what comes next, and why no mail came."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from digestbot.acts.answers.status import PersonStatus, Status, status
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, with_app
from digestbot.digest.selection.listing_counts import MOST_TALLIES, tally_words
from digestbot.model import Delivery, State
from digestbot.store import SourceRow
from digestbot.system import process


@click.command("status", short_help="What happened, what comes next, and why no mail came.")
@json_option
@with_app
def status_command(app: App, as_json: bool) -> None:
    """What happened, what comes next, and why no mail came."""
    now, zone = app.clock(), app.config.site.time_zone
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    hold = app.config.delivery.on_unknown == "hold"
    found = status(
        app.store, now=now, day_start=midnight, hold=hold, parts=app.digest_settings.parts, server=app.policy.server
    )
    terminal.say(terminal.as_json(status_json(found)) if as_json else status_text(found, app.config.site.name, zone))


def status_json(found: Status) -> dict[str, Any]:
    """Everything a script may want to watch."""
    return {
        "at": found.at,
        "running": bool(found.daemon),
        "subscribers": [_person_json(p) for p in found.people],
        "sources": [_source_json(s, found) for s in found.sources],
        "outbox": {str(state): count for state, count in sorted(found.counts.items())},
        "waiting": [_delivery_json(d) for d in found.waiting],
        "sent_today": found.sent_today,
        "papers": found.papers,
        "entries": found.entries,
        "quarantine": found.aside,
    }


def _person_json(person: PersonStatus) -> dict[str, Any]:
    last, delivery = person.last, person.delivery
    return {
        "subscriber": person.subscriber.ref,
        "why": person.why,
        "answer": person.answer,
        "next": person.subscriber.next_slot,
        "last": {"slot": last.key, "due": last.due, "state": last.state, "reason": last.reason} if last else None,
        "delivery": delivery.state if delivery else None,
        "seen": last.seen if last else 0,
        "matched": last.matched if last else 0,
        "sent": person.sent,
    }


def _source_json(source: SourceRow, found: Status) -> dict[str, Any]:
    told = ("status", "failures", "last_poll", "last_ok", "next_poll", "newest", "error")
    listed = [
        {"part": t.part or None, "got": t.got, "expected": t.expected, "note": t.note or None}
        for t in found.listings.get(source.name, ())
    ]
    return {"source": source.name, "new": found.new.get(source.name, 0), "listed": listed} | {
        name: getattr(source, name) for name in told
    }


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    told = {name: getattr(delivery, name) for name in ("state", "next_at", "attempts")}
    return {"delivery": delivery.id, "reason": delivery.last.text if delivery.last else ""} | told


def status_text(found: Status, site: str, zone: str) -> str:
    """The page a person reads."""
    local = found.at.astimezone(ZoneInfo(zone))
    runs = (
        f"running ({process.words(found.daemon)})"
        if found.daemon
        else "not running: `digestbot run` or cron with `digestbot tick`"
    )
    blocks = [f"{terminal.heading(site)} · {local:%a} {local.day} {local:%b %Y %H:%M} {zone} · {runs}"]
    if trouble := _trouble(found, zone):
        blocks.append("\n".join([terminal.heading(f"Needs a look ({len(trouble)})"), *trouble]))
    blocks.append(_people(found) if found.people else "Nobody is subscribed yet: see config/subscribers.")
    blocks.append(_sources(found, zone) if found.sources else "No source is configured yet.")
    blocks.append(_outbox(found))
    blocks.append("Why did a paper come, or not?   digestbot explain PAPER SUBSCRIBER")
    return "\n\n".join(blocks)


def _mail_trouble(found: Status, zone: str) -> list[str]:
    """What concerns everybody comes first: a mail server that is down or refuses us, a pause, who never gets a turn."""
    lines, box = [], found.outbox
    if box.is_open:
        again = terminal.when(box.breaker.open_until, zone, found.at)
        fix = f"    asked again {again}, or at once by `digestbot outbox retry ID`"
        waits = terminal.plural(box.due, "mail")
        lines.append(f"  The mail server takes nothing ({box.breaker.fault}); {waits} wait: {box.breaker.text}\n{fix}")
    if box.paused_until:
        lines.append(f"  The outbox is paused; {terminal.plural(box.due, 'mail')} wait.")
    if box.starving:
        names = ", ".join(d.address for d in box.starving[:5])
        more = f" and {len(box.starving) - 5} more" if len(box.starving) > 5 else ""
        lines.append(f"  Due for more than a day and not sent: {names}{more}")
    return lines


def _trouble(found: Status, zone: str) -> list[str]:
    lines = _mail_trouble(found, zone)
    for source in found.troubled:
        since = terminal.when(source.failing_since, zone, found.at)
        again = f"    kept its last good state; next try {terminal.when(source.next_poll, zone, found.at)}"
        failed = f"failed {terminal.plural(source.failures, 'time')} since {since}"
        lines.append(f"  {source.name}: {failed}: {source.error}\n{again}")
    lines += [f"  {source.name}: stale: {source.error}" for source in found.stale]
    for person in found.people:
        bad = person.delivery and person.delivery.state in (State.REFUSED, State.UNKNOWN, State.EXPIRED, State.DEFERRED)
        if bad or person.subscriber.suppressed:
            lines.append(f"  {person.subscriber.email}: {person.answer}")
    if found.aside:
        lines.append(
            f"  {terminal.plural(found.aside, 'thing')} put aside that broke a step: `digestbot quarantine list`"
        )
    return lines


def _people(found: Status) -> str:
    rows = [_person(p, found.at) for p in found.people]
    return terminal.table(rows, head=("SUBSCRIBER", "LAST DIGEST", "NEXT", "SEEN", "MATCHED", "SENT"), right=(3, 4, 5))


def _person(person: PersonStatus, now: datetime) -> tuple[str, ...]:
    one, last = person.subscriber, person.last
    when = terminal.when(last.due, one.time_zone, now) if last else ""
    figures = (str(last.seen), str(last.matched), str(person.sent)) if last else ("-", "-", "-")
    following = (
        "suppressed"
        if one.suppressed
        else terminal.when(one.next_slot, one.time_zone, now)
        if one.status == "active"
        else one.status
    )
    return (one.email, f"{when} {_short(person)}".strip(), following, *figures)


def _short(person: PersonStatus) -> str:
    answer = person.answer
    if person.delivery and person.delivery.state is State.DEFERRED:
        return "deferred"
    return answer if len(answer) <= 40 else answer[:39] + "…"


def _sources(found: Status, zone: str) -> str:
    rows = [_source(s, found, zone) for s in found.sources]
    table = terminal.table(rows, head=("SOURCE", "LAST POLL", "NEXT", "NEW", "NEWEST PAPER", "STATE"), right=(3,))
    return "\n".join([table, *_listed(found)])


def _listed(found: Status) -> list[str]:
    """How complete the last listing day of each source is."""
    said = [tally_words(name, tally) for name, parts in found.listings.items() for tally in parts]
    if not said:
        return []
    more = [f"{len(said) - MOST_TALLIES} more: digestbot audit"] if len(said) > MOST_TALLIES else []
    line = " · ".join([*said[:MOST_TALLIES], *more])
    return [textwrap.fill(f"Listed: {line}", 80, subsequent_indent="        ")]


def _source(row: SourceRow, found: Status, zone: str) -> tuple[str, ...]:
    state = terminal.state(row.status.value) if row.status else "not polled yet"
    quiet = row.newest is not None and found.at - row.newest > timedelta(days=14)
    return (
        row.name,
        terminal.when(row.last_poll, zone, found.at),
        terminal.when(row.next_poll, zone, found.at),
        str(found.new.get(row.name, 0)),
        terminal.when(row.newest, zone, found.at),
        f"{state}, quiet for {(found.at - row.newest).days} days" if quiet and row.newest else state,
    )


def _outbox(found: Status) -> str:
    waiting = [d for d in found.waiting if d.state is not State.UNKNOWN]
    unknown = found.counts.get(State.UNKNOWN, 0)
    count = terminal.plural(len(waiting), "delivery") if waiting else "nothing"
    head = f"Outbox: {count} {'wait' if len(waiting) > 1 else 'waits'}."
    lines = [
        f"{head} Today {found.sent_today} sent. {found.papers:,} papers from {terminal.plural(found.entries, 'entry')}."
    ]
    for delivery in waiting[:10]:
        why = f": {delivery.last.text}" if delivery.last and delivery.last.text else ""
        lines.append(f"  {delivery.address}  {delivery.state}, next try {delivery.next_at:%H:%M} UTC{why}")
    if unknown:
        lines.append(
            f"  {terminal.plural(unknown, 'delivery')} unknown: handed over, but the server's answer never came"
        )
    return "\n".join(lines)
