"""status: what happened, what comes next, and why no mail came."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from digestbot.acts.answers.damage import refuse_damaged
from digestbot.acts.answers.queue import QueueState
from digestbot.acts.answers.status import PersonStatus, Status, status
from digestbot.acts.delivery.trouble import ServerTrouble
from digestbot.acts.intake.poll_decision import budget_of, not_papers_of
from digestbot.acts.papers.encode import EncoderState
from digestbot.app.wiring import App
from digestbot.cli import terminal
from digestbot.cli.with_app import json_option, reading_app
from digestbot.digest.selection.listing_counts import MOST_TALLIES, tally_words
from digestbot.model import Delivery, State
from digestbot.store import SourceRow
from digestbot.system import process

MANY = 100  #: people, of whom a terminal shows how many got what
MOST_TROUBLED = 10  #: of so many, whose trouble is told one by one


@click.command("status", short_help="What happened, what comes next, and why no mail came.")
@json_option
@reading_app
def status_command(app: App, as_json: bool) -> None:
    """What happened, what comes next, and why no mail came."""
    now, zone = app.clock(), app.config.site.time_zone
    midnight = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    hold = app.config.delivery.on_unknown == "hold"
    refuse_damaged(app.store, app.config.store.url.rpartition("@")[2])
    found = status(
        app.store, now=now, day_start=midnight, hold=hold, parts=app.digest_settings.parts, server=app.policy.server,
        encoder=app.digest_settings.encoder,
    )  # fmt: skip
    terminal.say(terminal.as_json(status_json(found)) if as_json else status_text(found, app.config.site.name, zone))


def status_json(found: Status) -> dict[str, Any]:
    """Returns the answer for scripts."""
    return {
        "at": found.at,
        "running": bool(found.daemon),
        "mail_server": _server_json(found.mail) if found.mail else None,
        "clock": {"at": found.jump.at, "by_seconds": found.jump.by.total_seconds()} if found.jump else None,
        "queue": _queue_json(found.queue, found.at) if found.queue else None,
        "outbox_paused": bool(found.outbox.paused_until),
        "subscribers": [_person_json(p) for p in found.people],
        "sources": [_source_json(s, found) for s in found.sources],
        "outbox": {str(state): count for state, count in sorted(found.counts.items())},
        "waiting": [_delivery_json(d) for d in found.waiting],
        "sent_today": found.sent_today,
        "papers": found.papers,
        "entries": found.entries,
        "quarantine": found.aside,
        "frozen": found.frozen,
        "encoder": _encoder_json(found.encoder) if found.encoder else None,
    }


def _queue_json(queue: QueueState, now: datetime) -> dict[str, Any]:
    waiting = [
        {"queue": one.queue, "waiting": one.waiting, "running": one.running, "failed": one.failed,
         "oldest_seconds": (now - one.oldest).total_seconds() if one.oldest else None}
        for one in queue.depths
    ]  # fmt: skip
    return {"workers": queue.workers, "people_due": queue.due, "queues": waiting}


def _server_json(mail: ServerTrouble) -> dict[str, Any]:
    told = ("server", "said", "closed_until", "waiting", "takes_some")
    return {name: getattr(mail, name) for name in told}


def _encoder_json(encoder: EncoderState) -> dict[str, Any]:
    return {name: getattr(encoder, name) for name in ("name", "papers", "at", "error")}


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
        "last_sent": person.last_sent.key if person.last_sent else None,
    }


def _source_json(source: SourceRow, found: Status) -> dict[str, Any]:
    told = ("status", "failures", "last_poll", "last_ok", "next_poll", "newest", "error")
    listed = [
        {"part": t.part or None, "got": t.got, "expected": t.expected, "note": t.note or None}
        for t in found.listings.get(source.name, ())
    ]
    budget = budget_of(source)
    return (
        {"source": source.name, "new": found.new.get(source.name, 0), "listed": listed}
        | {name: getattr(source, name) for name in told}
        | ({"left_out": left_out} if (left_out := not_papers_of(source)) else {})
        | ({"budget": {"left": budget.left, "limit": budget.limit, "resets": budget.resets}} if budget else {})
    )


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    told = {name: getattr(delivery, name) for name in ("state", "next_at", "attempts")}
    return {"delivery": delivery.id, "reason": delivery.last.text if delivery.last else ""} | told


def status_text(found: Status, site: str, zone: str) -> str:
    """Returns the answer for people."""
    local = found.at.astimezone(ZoneInfo(zone))
    runs = (
        f"running ({process.words(found.daemon)})"
        if found.daemon
        else "not running: `digestbot run` or cron with `digestbot tick`"
    )
    head = f"{site} · {local:%a} {local.day} {local:%b %Y %H:%M} {zone} · {runs}"
    blocks = [*_mail(found, zone), terminal.wrapped(head, "", "  ")]
    if trouble := _trouble(found, zone):
        blocks.append("\n".join([terminal.heading(f"Needs a look ({len(trouble)})"), *trouble]))
    blocks.append(_people(found) if found.people else "Nobody is subscribed yet: see config/subscribers.")
    blocks.append(_sources(found, zone) if found.sources else "No source is configured yet.")
    if found.queue is not None:
        blocks.append(_queue(found.queue, found.at))
    blocks.append(_outbox(found, zone))
    blocks.append(terminal.wrapped("Why did a paper come, or not?   digestbot explain PAPER SUBSCRIBER", ""))
    return "\n\n".join(blocks)


def _mail(found: Status, zone: str) -> Iterator[str]:
    """Yields lines that stand first when no mail goes out: why, and what mends it."""
    if found.frozen:
        yield terminal.paint(terminal.wrapped(f"NOTHING IS DONE HERE: {found.frozen}", ""), fg="red")
    if found.outbox.paused_until:
        yield terminal.wrapped(f"The outbox is paused, {_waits(found.outbox.due)}: digestbot outbox resume", "")
    if (mail := found.mail) is not None:
        again = f"next try {terminal.when(mail.closed_until, zone, found.at)}" if mail.closed_until else "tried again"
        line = f"NO MAIL GOES OUT: {mail.server} said: {mail.said} · {_waits(mail.waiting)}, {again}."
        if mail.takes_some:
            again = f"{_waits(mail.waiting)} and are tried again" if mail.waiting else "their papers come again"
            line = f"MOST READERS ARE REFUSED: {mail.server} said: {mail.said} · {again}; nobody is suppressed for it."
        mend = "Mend it, try it: digestbot send --test ADDRESS, then: digestbot outbox retry --all"
        yield terminal.paint(terminal.wrapped(line, ""), fg="red") + "\n" + terminal.wrapped(mend)


def _waits(count: int) -> str:
    return f"{terminal.plural(count, 'mail')} {'waits' if count == 1 else 'wait'}"


def _trouble(found: Status, zone: str) -> list[str]:
    """Returns the lines of what needs a look, each wrapped."""
    parts = (_starving(found), _doubts(found, zone), _trouble_of_sources(found, zone), _trouble_of_people(found))
    return [terminal.wrapped(line) for lines in parts for line in lines]


def _starving(found: Status) -> Iterator[str]:
    if starving := [d.address for d in found.outbox.starving]:
        more = f" and {len(starving) - 5} more" if len(starving) > 5 else ""
        yield f"due for more than a day and not sent: {', '.join(starving[:5])}{more}"


def _doubts(found: Status, zone: str) -> Iterator[str]:
    """Yields what is doubted: the clock, and files in which people are missing."""
    if found.jump is not None:
        at = terminal.when(found.jump.at, zone, found.at)
        yield f"the clock of this machine was {found.jump.words}, {at}; nothing is repeated or left out for it"
    if found.doubted is not None:
        refs = found.doubted.text.split()
        said = f"{terminal.plural(len(refs), 'subscriber')} ({', '.join(refs[:5])}) missing in the files since"
        at = terminal.when(found.doubted.at, zone, found.at)
        yield f"{said} {at}, and kept for a while. If that is meant: digestbot subscribers confirm"


def _trouble_of_sources(found: Status, zone: str) -> Iterator[str]:
    late = [p.subscriber.ref for p in found.people if p.subscriber.next_slot and p.subscriber.next_slot <= found.at]
    if late and found.sources and len(found.troubled) == len(found.sources):
        who = ", ".join(late[:5]) + (" …" if len(late) > 5 else "")
        yield f"no source can be reached; due, and waiting for one for some hours at most: {who}"
    for source in found.troubled:
        since = terminal.when(source.failing_since, zone, found.at)
        again = f"kept its last good state; next try {terminal.when(source.next_poll, zone, found.at)}"
        failed = f"failed {terminal.plural(source.failures, 'time')} since {since}"
        yield f"{source.name}: {failed}: {source.error}; {again}"
    yield from (f"{source.name}: stale: {source.error}" for source in found.stale)
    if found.encoder is not None and found.encoder.error:
        since = terminal.when(found.encoder.at, zone, found.at)
        yield f"no new paper is encoded since {since}: {found.encoder.error}; digests go out, ranked by words alone"


def _trouble_of_people(found: Status) -> Iterator[str]:
    """Yields whose mail did not arrive, and what was put aside."""
    troubled = [person for person in found.people if _is_troubled(person)]
    most = MOST_TROUBLED if len(troubled) > MANY and not terminal.for_scripts() else len(troubled)
    yield from (f"{person.subscriber.email}: {person.answer}" for person in troubled[:most])
    if most < len(troubled):
        yield f"and {terminal.plural(len(troubled) - most, 'reader')} more: digestbot status | less"
    if found.aside:
        yield f"{terminal.plural(found.aside, 'thing')} put aside that broke a step: `digestbot quarantine list`"


def _is_troubled(person: PersonStatus) -> bool:
    bad = (State.REFUSED, State.UNKNOWN, State.EXPIRED, State.DEFERRED)
    return bool(person.subscriber.suppressed) or (person.delivery is not None and person.delivery.state in bad)


def _people(found: Status) -> str:
    """Returns a row for each of the people; of many of them, in a terminal, how many got what."""
    if len(found.people) > MANY and not terminal.for_scripts():
        return _counted(found)
    rows = [_person(p, found.at) for p in found.people]
    head = ("SUBSCRIBER", "LAST SENT", "LAST SLOT", "NEXT", "SEEN", "MATCHED", "SENT")
    return terminal.fitting_table(rows, head=head, right=(4, 5, 6))


def _counted(found: Status) -> str:
    counted = Counter(_short(person) for person in found.people)
    rows = [(f"{many:,}", answer) for answer, many in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))]
    table = terminal.fitting_table(rows, head=("PEOPLE", "LAST SLOT"), right=(0,))
    return f"{table}\n  each: digestbot status | less"


def _person(person: PersonStatus, now: datetime) -> tuple[str, ...]:
    """Returns a row: SEEN are the new papers of the slot, MATCHED those that fit, SENT those in a mail that was accepted."""
    one, last = person.subscriber, person.last
    when = terminal.when(last.due, one.time_zone, now) if last else ""
    figures = (str(last.seen), str(last.matched), str(person.sent)) if last else ("-", "-", "-")
    following = terminal.when(one.next_slot, one.time_zone, now) if one.status == "active" else one.status
    if one.suppressed:
        following = "suppressed"
    elif one.status == "paused" and not one.paused_at(now):
        following = terminal.when(one.next_slot, one.time_zone, now)
    sent = terminal.when(person.last_sent.due, one.time_zone, now) if person.last_sent else "-"
    return (one.email, sent, f"{when} {_short(person)}".strip(), following, *figures)


def _short(person: PersonStatus) -> str:
    return "deferred" if person.delivery and person.delivery.state is State.DEFERRED else person.answer


def _sources(found: Status, zone: str) -> str:
    rows = [_source(s, found, zone) for s in found.sources]
    head = ("SOURCE", "LAST POLL", "NEXT", "NEW", "LAST NEW", "STATE")
    table = terminal.fitting_table(rows, head=head, right=(3,))
    return "\n".join([table, *_listed(found)])


def _listed(found: Status) -> list[str]:
    """Returns how complete the last listing day of each source is."""
    said = [tally_words(name, tally) for name, parts in found.listings.items() for tally in parts]
    if not said:
        return []
    more = [f"{len(said) - MOST_TALLIES} more: digestbot audit"] if len(said) > MOST_TALLIES else []
    line = " · ".join([*said[:MOST_TALLIES], *more])
    return [textwrap.fill(f"Listed: {line}", terminal.columns(), subsequent_indent="        ")]


def _source(row: SourceRow, found: Status, zone: str) -> tuple[str, ...]:
    state = terminal.state(row.status.value) if row.status else "not polled yet"
    quiet = row.newest is not None and found.at - row.newest > timedelta(days=14)
    return (
        row.name,
        terminal.when(row.last_poll, zone, found.at),
        terminal.when(row.next_poll, zone, found.at),
        str(found.new.get(row.name, 0)),
        terminal.when(row.newest, zone, found.at),
        (f"{state}, quiet for {(found.at - row.newest).days} days" if quiet and row.newest else state)
        + _budget(row)
        + _left_out(row),
    )


def _budget(row: SourceRow) -> str:
    """Returns how much the source's service lets us spend today; "" where it does not say."""
    budget = budget_of(row)
    if budget is None:
        return ""
    of = f" of {budget.limit:.4g}" if budget.limit else ""
    return f", {budget.left:.4g}{of} US dollars left"


def _left_out(row: SourceRow) -> str:
    said = not_papers_of(row)
    return f", left out as no papers: {said}" if said else ""


def _queue(queue: QueueState, now: datetime) -> str:
    """Returns a line for each queue: how much waits for workers, and since when."""
    due = f", {terminal.plural(queue.due, 'digest')} to compose" if queue.due else ""
    workers = terminal.plural(queue.workers, "lane") if queue.workers else "no worker is there: `digestbot worker`"
    lines = [terminal.wrapped(f"Queue: {workers}{due}.", "", "  ")]
    for one in queue.depths:
        since = f", the oldest for {(now - one.oldest).total_seconds():.0f} s" if one.oldest else ""
        failed = f"; {terminal.plural(one.failed, 'job')} failed" if one.failed else ""
        waiting = f"{terminal.plural(one.waiting, 'job')} waiting{since}"
        lines.append(terminal.wrapped(f"{one.queue}: {waiting}, {one.running} running{failed}"))
    return "\n".join(lines)


def _outbox(found: Status, zone: str) -> str:
    waiting = [d for d in found.waiting if d.state is not State.UNKNOWN]
    unknown = found.counts.get(State.UNKNOWN, 0)
    count = terminal.plural(len(waiting), "delivery") if waiting else "nothing"
    head = f"Outbox: {count} {'wait' if len(waiting) > 1 else 'waits'}."
    papers = f"{found.papers:,} papers from {terminal.plural(found.entries, 'entry')}."
    lines = [terminal.wrapped(f"{head} Today {found.sent_today} sent. {papers}", "", "  ")]
    for delivery in waiting[:10]:
        why = f": {delivery.last.text}" if delivery.last and delivery.last.text else ""
        again = terminal.when(delivery.next_at, zone, found.at)
        lines.append(terminal.wrapped(f"{delivery.address}  {delivery.state}, next try {again}{why}"))
    if unknown:
        handed = "unknown: handed over, but the server's answer never came: digestbot outbox list"
        lines.append(terminal.wrapped(f"{terminal.plural(unknown, 'delivery')} {handed}"))
    return "\n".join(lines)
