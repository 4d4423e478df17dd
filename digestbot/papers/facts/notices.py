"""Notices: what was published about a paper: retraction, concern, correction, and that it stands again. Pure.

Several services pass on one notice: PubMed by its PMID, Crossref by its DOI, Retraction Watch by both. One notice counts
once, with whatever each of them knows of it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Final

from digestbot.model import Entry, Link, LinkRel, Notice, NoticeKind, Paper

MOST = 12  #: of one paper: the newest
LONGEST_REASON = 300  #: characters
#: how much a notice says of how the paper stands, the most first
KINDS: Final = tuple(NoticeKind)
_FALLEN: Final = (NoticeKind.RETRACTION, NoticeKind.WITHDRAWAL)
_HEADS: Final = {
    NoticeKind.RETRACTION: "Retraction notice", NoticeKind.WITHDRAWAL: "Withdrawal notice",
    NoticeKind.CONCERN: "Expression of concern", NoticeKind.CORRECTION: "Correction",
    NoticeKind.REINSTATEMENT: "Reinstatement",
}  # fmt: skip


def notices_of(entries: Iterable[Entry]) -> tuple[Notice, ...]:
    """Returns the notices of all entries of a paper, each once, the oldest first."""
    said = [notice for entry in entries for notice in entry.notices]
    back = sorted({_day(n) for n in said if n.kind is NoticeKind.REINSTATEMENT} - {""})
    found: dict[tuple[str, int], Notice] = {}
    for notice, times in zip(said, _times_back(said, back), strict=True):
        name = key_of(notice), times
        found[name] = _joined(found[name], notice) if name in found else notice
    every = sorted(_once(found.values()), key=lambda n: (n.day.text if n.day else "", KINDS.index(n.kind)))
    return tuple(every[-MOST:])


def _times_back(said: Sequence[Notice], back: Sequence[str]) -> list[int]:
    """How often the paper had been reinstated before each notice: a paper that is retracted a second time has a second notice.

    The day of a notice is the earliest that any service gives: one that passes it on late reports no second fall.
    """
    if not back:
        return [0] * len(said)
    days: dict[tuple[str, str], str] = {}
    for notice in said:
        if notice.id and _day(notice):
            name = notice.kind, notice.id
            days[name] = min(days.get(name, _day(notice)), _day(notice))
    return [
        bisect_left(back, days.get((n.kind, n.id), _day(n)))
        if n.kind in _FALLEN or n.kind is NoticeKind.REINSTATEMENT
        else 0
        for n in said
    ]


def key_of(notice: Notice) -> str:
    """The key under which a notice is told once: of a retraction or a concern there is one, of corrections several."""
    if notice.kind is NoticeKind.CORRECTION:
        return f"corrected-{sha256(notice.id.encode()).hexdigest()[:12]}" if notice.id else "corrected"
    return notice.kind.value


def is_reinstated(notices: Sequence[Notice]) -> bool:
    """Does the newest word on how the paper stands say that it stands again? Of one day the notice that it fell wins."""
    back = [_day(n) for n in notices if n.kind is NoticeKind.REINSTATEMENT]
    fell = [_day(n) for n in notices if n.kind in _FALLEN]
    return bool(back) and (not fell or max(back) > max(fell))


def told_of(paper: Paper, kinds: Iterable[str]) -> str:
    """What the notices of these kinds say and where, in sentences; "" where nothing is known but the fact."""
    wanted = set(kinds)
    newest = {n.kind: n for n in paper.notices if _has_more(n)}
    told = (
        n for n in paper.notices if n.kind in wanted and (n.kind is NoticeKind.CORRECTION or newest.get(n.kind) is n)
    )
    return " ".join(sentence(notice) for notice in told if _has_more(notice))


def links_to(notices: Sequence[Notice]) -> tuple[Link, ...]:
    """Links to the notices that can be read somewhere, the newest first: a card shows one of each kind of link."""
    found = (href for notice in reversed(notices) if (href := address(notice)))
    return tuple(Link(LinkRel.NOTICE, href) for href in dict.fromkeys(found))


def address(notice: Notice) -> str:
    """Where the notice can be read; "" where nobody says."""
    scheme, _, value = notice.id.partition(":")
    match scheme:
        case "doi":
            return f"https://doi.org/{value}"
        case "pmid":
            return f"https://pubmed.ncbi.nlm.nih.gov/{value}/"
    return ""


def sentence(notice: Notice) -> str:
    """`Retraction notice of 2024-05-02: doi:10.1000/n. Reasons according to Retraction Watch: plagiarism.`"""
    day = f" of {notice.day.text[:10]}" if notice.day else ""
    where = f": {notice.id}" if notice.id else ""
    who = f" ({notice.by})" if notice.by and not notice.reason else ""
    why = f" Reasons according to {notice.by or 'the notice'}: {notice.reason}." if notice.reason else ""
    return f"{_HEADS[notice.kind]}{day}{where}{who}.{why}"


def _has_more(notice: Notice) -> bool:
    return bool(notice.day or notice.id or notice.reason)


def _day(notice: Notice) -> str:
    return notice.day.text if notice.day else ""


def _joined(first: Notice, second: Notice) -> Notice:
    """One notice out of what two say of it. A DOI leads to the publisher's own page, so it is the better name."""
    better = second.id if second.id.startswith("doi:") and not first.id.startswith("doi:") else first.id or second.id
    told = first if first.reason or not second.reason else second
    return replace(told, id=better, day=first.day or second.day, by=told.by or first.by or second.by)


def _once(notices: Iterable[Notice]) -> Iterable[Notice]:
    """Without corrections of no DOI where one of the same month has it: they are likely the same, and one is told."""
    every = list(notices)
    months = {_day(n)[:7] for n in every if n.kind is NoticeKind.CORRECTION and n.id.startswith("doi:")}
    for notice in every:
        known = bool(months) and (_day(notice)[:7] in months or not notice.day)
        if notice.kind is not NoticeKind.CORRECTION or notice.id.startswith("doi:") or not known:
            yield notice
