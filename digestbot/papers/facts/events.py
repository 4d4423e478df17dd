"""Events: what happened to a paper (accepted, published, code, retraction), by what it was before and what it is after. Pure.

Each event has a key, and happens to a paper once for ever under it: an acceptance told by two sources in two wordings is
one. That a workshop accepted a paper and a conference later are two. What is new is only what was not so before: a paper
that came with its code released no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from digestbot.model import LinkRel, Paper, Standing
from digestbot.papers.facts.acceptance import accepted_at, is_workshop
from digestbot.papers.facts.notices import is_reinstated, key_of
from digestbot.papers.identity.identifiers import is_preprint_doi
from digestbot.papers.text.clean import fold


class EventKind(StrEnum):
    """What can happen to a paper, the gravest first."""

    RETRACTED = "retracted"
    WITHDRAWN = "withdrawn"
    CONCERN = "concern"  #: an expression of concern
    RESTORED = "restored"  #: it stands again
    CORRECTED = "corrected"
    ACCEPTED = "accepted"
    JOURNAL = "journal"  #: published
    CODE = "code"
    VERSION = "version"


#: kinds of `updates = "important"`
IMPORTANT: Final = frozenset(EventKind) - {EventKind.CODE, EventKind.VERSION}
#: how a paper stands: it may fall and stand again more than once
STANDING: Final = (EventKind.RETRACTED, EventKind.WITHDRAWN, EventKind.RESTORED)
#: what is told of every paper that somebody knows, whether or not a digest brought it
FATES: Final = (EventKind.RETRACTED, EventKind.WITHDRAWN, EventKind.CONCERN, EventKind.RESTORED, EventKind.CORRECTED)
MOST_OLD_TITLE = 80  #: characters
_NOTICED: Final = {"concern": EventKind.CONCERN, "correction": EventKind.CORRECTED}
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9“\"(])")
_SERVERS: Final = re.compile(
    r"\b(?:arxiv|biorxiv|medrxiv|chemrxiv|psyarxiv|ssrn|preprints?|research square|techrxiv)\b", re.I
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One thing that happened to a paper."""

    kind: EventKind
    #: once for ever under it: "v2", "workshop", "withdrawn-v2", "corrected-8f3a…", "retracted-2", else like its kind
    key: str
    note: str  #: a clause for people: "accepted at ICML 2026", "v2 changes the title"


def events_between(before: Paper, after: Paper) -> tuple[Happening, ...]:
    """Returns the events that a change of the paper makes, the most important first."""
    told = (_standing(before, after), *_noticed(before, after), _accepted(before, after), _journal(before, after))
    return tuple(h for h in (*told, _code(before, after), _version(before, after)) if h is not None)


def fates_of(paper: Paper) -> tuple[Happening, ...]:
    """Returns what had happened to a paper when it came: nothing new of it, but who knows it may not have heard."""
    return tuple(h for h in (_standing(Paper(), paper), *_noticed(Paper(), paper)) if h is not None)


def numbered(news: Sequence[Happening], earlier: Sequence[tuple[EventKind, str]]) -> list[Happening]:
    """The same events; what happens once more after its opposite has a key of its own: "retracted-2", "restored-2".

    `earlier` are the kinds and keys of what had happened to the paper, the oldest first.
    """
    stood = [(kind, key) for kind, key in earlier if kind in STANDING]
    if not stood:
        return list(news)
    restored = stood[-1][0] is EventKind.RESTORED
    made = []
    for one in news:
        times = sum(key == one.key or key.startswith(f"{one.key}-") for _, key in stood)
        turned = one.kind in STANDING and restored != (one.kind is EventKind.RESTORED)
        made.append(replace(one, key=f"{one.key}-{times + 1}") if turned and times else one)
    return made


def _standing(before: Paper, after: Paper) -> Happening | None:
    """A withdrawn paper may stand again with its next version, and fall again with the one after that.

    An article without versions falls once: what its publisher calls a removal others call a retraction.
    """
    if after.standing == before.standing or (before.standing and after.standing and after.version is None):
        return None
    if not after.standing:
        return _restored(before, after)
    numbered = after.standing is Standing.WITHDRAWN and after.version is not None
    return Happening(
        kind=EventKind(after.standing),
        key=f"withdrawn-v{after.version}" if numbered else after.standing.value,
        note=after.standing.value,
    )


def _restored(before: Paper, after: Paper) -> Happening | None:
    newer = after.version is not None and after.version > (before.version or 0)
    key = f"restored-v{after.version}" if newer else "restored"
    mistaken = before.standing is Standing.RETRACTED or is_reinstated(after.notices)  # who had said so says it no more
    return Happening(kind=EventKind.RESTORED, key=key, note="stands again") if newer or mistaken else None


def _noticed(before: Paper, after: Paper) -> Iterable[Happening]:
    """Expressions of concern, of which there is one, and corrections, of which there may be several.

    As many are new as there are more of them: one that was known by its PMID and is named by its DOI now is the same.
    """
    for kind, event in _NOTICED.items():
        had, has = ({key_of(n): n for n in paper.notices if n.kind == kind} for paper in (before, after))
        new = [key for key in has if key not in had]
        for key in new[: max(len(has) - len(had), 0)]:
            yield Happening(kind=event, key=key, note=event.value)


def acceptance(paper: Paper) -> str | None:
    """Where it was accepted: "" for a place that is not named, None when nothing is said."""
    return accepted_at(paper.comment)


def _accepted(before: Paper, after: Paper) -> Happening | None:
    place, had = acceptance(after), acceptance(before)
    if place is None or (had is not None and is_workshop(had) == is_workshop(place)):
        return None
    key = "workshop" if is_workshop(place) else "accepted"
    return Happening(kind=EventKind.ACCEPTED, key=key, note=f"accepted at {place}" if place else "accepted")


def is_preprint(paper: Paper) -> bool:
    """Is it on a preprint server, whatever else it is?"""
    return "arxiv" in paper.identifiers or any(map(is_preprint_doi, _dois(paper)))


def journal_doi(paper: Paper) -> str:
    """The DOI of its journal copy; "" when it has none. The preprint's own DOI is not one."""
    return next((doi for doi in _dois(paper) if not is_preprint_doi(doi)), "")


def in_journal(paper: Paper) -> bool:
    """A preprint that a journal or proceedings has published too?"""
    return is_preprint(paper) and bool(journal_doi(paper) or _citation(paper))


def _dois(paper: Paper) -> Iterable[str]:
    own = [paper.identifiers["doi"]] if "doi" in paper.identifiers else []
    return [*own, *(other.removeprefix("doi:") for other in paper.same_as if other.startswith("doi:"))]


def _citation(paper: Paper) -> str:
    """The venue, where it reads like a citation (`Phys. Rev. Lett. 130, 123`): a feed's name alone is no publication."""
    cited = re.search(r"\d", paper.venue) and not _SERVERS.search(paper.venue)
    return paper.venue if cited else ""


def _journal(before: Paper, after: Paper) -> Happening | None:
    if not is_preprint(before) or in_journal(before) or not in_journal(after):
        return None
    venue = "" if _SERVERS.search(after.venue) else after.venue
    where = f"in {venue}" if venue else f"in a journal (doi:{journal_doi(after)})"
    return Happening(kind=EventKind.JOURNAL, key="journal", note=f"published {where}")


def _code(before: Paper, after: Paper) -> Happening | None:
    if any(link.rel is LinkRel.CODE for link in before.links):
        return None
    first = next((link.href for link in after.links if link.rel is LinkRel.CODE), "")
    shown = re.sub(r"\Ahttps?://(?:www\.)?", "", first).rstrip("/")
    return Happening(kind=EventKind.CODE, key="code", note=f"code at {shown}") if first else None


def _version(before: Paper, after: Paper) -> Happening | None:
    if before.version is None or after.version is None or after.version <= before.version:
        return None
    name, changed = f"v{after.version}", _changed(before, after)
    return Happening(kind=EventKind.VERSION, key=name, note=f"{name} changes {changed}" if changed else name)


def _changed(before: Paper, after: Paper) -> str:
    """Describe what changed; "" when nothing did or the new texts are not known."""
    parts = []
    if before.title and fold(before.title) != fold(after.title):
        parts.append(f"the title (it was “{_short(before.title)}”)")
    if before.summary and (sentences := _sentences(before.summary, after.summary)):
        parts.append(sentences)
    return " and ".join(parts)


def _sentences(before: str, after: str) -> str:
    """`two sentences of the abstract`."""
    old, new = ({fold(s): None for s in _SENTENCE.split(text) if fold(s)} for text in (before, after))
    count = max(len(new.keys() - old.keys()), len(old.keys() - new.keys()))
    if not count:
        return ""
    if 2 * count > max(len(old), len(new)) or count >= len(_NUMBERS):
        return "the abstract"
    return f"{_NUMBERS[count]} sentence{'s' * (count != 1)} of the abstract"


def _short(title: str) -> str:
    return title if len(title) <= MOST_OLD_TITLE else f"{title[: MOST_OLD_TITLE - 1].rstrip()}…"
