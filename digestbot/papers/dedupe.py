"""Which entries are one paper. Three answers: same, different, perhaps the same; only "same" joins.

A shared identifier decides, and text never overrides it: a wrong merge hides a paper and is worse than a repeat.
Text (title, authors, year) is asked only where no identifier speaks. `cluster` and the incremental path of
`acts.resolve` share `decide`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from digestbot.model import Entry, Paper
from digestbot.papers.identity import normal, surnames, title_key

T = TypeVar("T", bound=Hashable)

#: schemes whose value names one paper, in the order in which we name them to people
SCHEMES: Final[Mapping[str, str]] = {
    "arxiv": "arXiv id", "doi": "DOI", "pmid": "PMID", "pmcid": "PMC id", "acl": "ACL id", "openreview": "OpenReview id",
}  # fmt: skip
_PREPRINT_DOIS: Final = (
    "10.1101/",
    "10.64898/",
    "10.48550/",
    "10.21203/",
    "10.2139/",
    "10.20944/",
    "10.31234/",
    "10.26434/",
)
_OVERLAP = 0.34  #: of the shorter list of surnames (../shared/evaluation: the hand rule)


@dataclass(frozen=True, slots=True)
class Record:
    """What of an entry or a paper counts for identity."""

    identifiers: tuple[tuple[str, str], ...]  #: (scheme, value) of SCHEMES only
    title_key: str
    surnames: frozenset[str]
    year: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Same, different or perhaps, and why, for people."""

    answer: str  #: "same" | "different" | "perhaps"
    reason: str
    by_identifier: bool = False


@dataclass(frozen=True, slots=True)
class Decision(Generic[T]):
    """Where a new record belongs."""

    join: tuple[T, ...] = ()  #: several: its identifiers tie together what was thought to be different papers
    reason: str = ""
    perhaps: tuple[T, ...] = ()


def record(thing: Entry | Paper) -> Record:
    """The facts of an entry or a paper."""
    known = normal(thing.identifiers)
    date = thing.published or thing.announced
    return Record(
        identifiers=tuple((scheme, known[scheme]) for scheme in SCHEMES if scheme in known),
        title_key=title_key(thing.title),
        surnames=surnames(thing.authors),
        year=date.day().year if date else None,
    )


def keys(facts: Record) -> tuple[tuple[str, str], ...]:
    """Under which keys it is found: its identifiers, and ("title", …) where the title says enough."""
    return (*facts.identifiers, ("title", facts.title_key)) if facts.title_key else facts.identifiers


def judge(new: Record, old: Record) -> Verdict:
    """One pair."""
    mine, theirs = dict(new.identifiers), dict(old.identifiers)
    for scheme, label in SCHEMES.items():
        if scheme in mine and mine[scheme] == theirs.get(scheme):
            return Verdict("same", f"same {label}", by_identifier=True)
    if not new.title_key or new.title_key != old.title_key:
        return Verdict("different", "no identifier in common, and other titles")
    clash = [scheme for scheme in SCHEMES if scheme in mine and scheme in theirs]
    if clash and clash != ["doi"]:
        return Verdict("different", f"different {SCHEMES[clash[0]]}")
    return _by_text(new, old, preprint=bool(clash) and _one_is_preprint(mine["doi"], theirs["doi"]), clash=bool(clash))


def _one_is_preprint(mine: str, theirs: str) -> bool:
    return mine.startswith(_PREPRINT_DOIS) != theirs.startswith(_PREPRINT_DOIS)


def _by_text(new: Record, old: Record, *, preprint: bool, clash: bool) -> Verdict:
    """Equal titles: what authors and year say."""
    known = bool(new.surnames and old.surnames)
    agree = known and _overlap(new.surnames, old.surnames) >= _OVERLAP
    if known and not agree:
        return Verdict("different", "same title, other authors")
    if clash:
        return (
            Verdict("perhaps", "same title, a preprint's and a journal's DOI")
            if preprint and agree
            else Verdict("different", "different DOI")
        )
    if agree:
        return Verdict("same", "same title and authors")
    near = new.year is None or old.year is None or abs(new.year - old.year) <= 1
    return Verdict("same", "same title") if near else Verdict("perhaps", "same title, other year, authors not known")


def _overlap(mine: frozenset[str], theirs: frozenset[str]) -> float:
    return len(mine & theirs) / min(len(mine), len(theirs))


def decide(new: Record, known: Sequence[tuple[T, Record]]) -> Decision[T]:
    """Where a new record belongs among the candidates its keys found."""
    verdicts = [(name, judge(new, old)) for name, old in known]
    same = [(n, v) for n, v in verdicts if v.answer == "same"]
    by_id = [(n, v) for n, v in same if v.by_identifier]
    perhaps = tuple(n for n, v in verdicts if v.answer == "perhaps")
    # identifiers tie papers together; text never does: the first it fits is the one
    home = by_id or same[:1]
    return Decision(tuple(n for n, _ in home), home[0][1].reason if home else "", perhaps)


def cluster(entries: Iterable[Entry | Paper]) -> list[list[int]]:
    """Positions of entries that are one paper, each list ascending, the lists by their first member. Linear."""
    clusters = _Clusters()
    for at, entry in enumerate(entries):
        clusters.place(at, record(entry))
    return sorted(sorted(members) for members in clusters.members.values())


class _Clusters:
    """Clusters by number, found by key; a cluster's record is that of all its members together."""

    def __init__(self) -> None:
        self.members: dict[int, list[int]] = {}
        self._records: dict[int, Record] = {}
        self._by_key: dict[tuple[str, str], list[int]] = {}

    def place(self, at: int, new: Record) -> None:
        """Put one record where it belongs."""
        near = dict.fromkeys(c for key in keys(new) for c in self._by_key.get(key, ())[:50])
        decision = decide(new, [(c, self._records[c]) for c in near if c in self._records])
        home, *others = sorted(decision.join) or [at]
        self.members.setdefault(home, []).append(at)
        self._records[home] = together(self._records.get(home), new)
        self._file(home, new)
        for other in others:
            self.members[home] += self.members.pop(other)
            lost = self._records.pop(other)
            self._records[home] = together(self._records[home], lost)
            self._file(home, lost)

    def _file(self, home: int, facts: Record) -> None:
        for key in keys(facts):
            under = [c for c in self._by_key.get(key, ()) if c in self._records]
            self._by_key[key] = under if home in under else [*under, home]


def together(first: Record | None, second: Record) -> Record:
    """What two records of one paper say together; of contradicting values the first stays."""
    if first is None:
        return second
    return Record(
        identifiers=tuple((dict(second.identifiers) | dict(first.identifiers)).items()),
        title_key=first.title_key or second.title_key,
        surnames=first.surnames | second.surnames,
        year=first.year if first.year is not None else second.year,
    )
