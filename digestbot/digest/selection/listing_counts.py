"""How complete each source's listing days are, in the words of a mail's footer and of `status`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta

from digestbot.model import Listing, ListingState, PolledSource, Tally

MOST_NAMED = 2  #: missed days
MOST_TALLIES = 12  #: in one line; a mail has other things to say


def tallies(rows: Iterable[Listing], since: date) -> tuple[Tally, ...]:
    """One tally for each part: its days after `since` together and its missed days, or its newest day where none is later."""
    by_part: dict[str, list[Listing]] = {}
    for row in sorted(rows, key=lambda r: r.day):
        by_part.setdefault(row.part, []).append(row)
    return tuple(
        _tally(part, [r for r in days if r.day > since or r.state is ListingState.MISSED] or days[-1:])
        for part, days in by_part.items()
    )


def _tally(part: str, days: Sequence[Listing]) -> Tally:
    """Count the days that are over together. A day that still fills is counted only when it is the only one."""
    counted = [row for row in days if row.state in (ListingState.CLOSED, ListingState.MISSED)] or days[-1:]
    known = all(row.expected is not None for row in counted)
    notes = [_missed(days), *(_state(row, alone=row in counted) for row in days)]
    return Tally(
        part=part,
        got=sum(len(row.got) for row in counted),
        expected=sum(row.expected or 0 for row in counted) if known else None,
        note=", ".join(note for note in notes if note),
    )


def _missed(days: Sequence[Listing]) -> str:
    """`Tuesday and Wednesday missed`. A weekday without a date means one of the last seven days."""
    missed = [row.day for row in days if row.state is ListingState.MISSED]
    if len(missed) > MOST_NAMED:
        return f"{len(missed)} days missed"
    if missed and days[-1].day - missed[0] >= timedelta(days=7):
        return ", ".join(f"{day:%A} {day.day} {day:%B} missed" for day in missed)
    return f"{' and '.join(f'{day:%A}' for day in missed)} missed" if missed else ""


def _state(row: Listing, *, alone: bool) -> str:
    match row.state:
        case ListingState.STALE:
            return f"{row.day:%A} not there yet"
        case ListingState.FILLING if alone:
            return "still filling"
        case ListingState.FILLING if row.got:
            return f"{row.day:%A} {len(row.got):,} so far"
        case _:
            return ""


def account(polled: Iterable[PolledSource], say: Callable[[str], str] = str) -> str:
    """`arXiv cs.CL 239 of 239 · bioRxiv 61 · daily papers 32, still filling`; "" where no source lists by days.

    `say` translates our own words; names of sources stay as they are.
    """
    sources = list(polled)
    if not any(source.tally for source in sources):
        return ""
    said = [words for source in sources for words in _words(source, say)]
    more = [say(f"{len(said) - MOST_TALLIES} more")] if len(said) > MOST_TALLIES else []
    return " · ".join([*said[:MOST_TALLIES], *more])


def _words(source: PolledSource, say: Callable[[str], str]) -> list[str]:
    if source.state == "failing":
        return [f"{source.name} {say('failing')}"]
    if not source.tally:
        return [f"{source.name} {say(f'{source.new:,}')}"]
    return [tally_words(source.name, tally, say) for tally in source.tally]


def tally_words(name: str, tally: Tally, say: Callable[[str], str] = str) -> str:
    """`arXiv cs.CL 239 of 239`."""
    named = name if not tally.part or tally.part in name.split() else f"{name} {tally.part}"
    count = f"{tally.got:,}" if tally.expected is None else f"{tally.got:,} of {tally.expected:,}"
    return f"{named} {say(count)}{', ' if tally.note else ''}{say(tally.note)}"
