"""What people have decided by hand about entries: it binds every later decision, and a rebuild too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from digestbot.model import PaperId
from digestbot.papers.identity.candidate_index import CandidateIndex, by_age
from digestbot.papers.identity.decisions import Record
from digestbot.store import DecisionKind, StoredEntry, Transaction

Near = list[tuple[int, Record]]


@dataclass(slots=True)
class ManualDecisions:
    """The decisions in force, and where the entries they speak of are."""

    must: Mapping[int, set[int]] = field(default_factory=dict)  #: entry → entries of the same paper
    cannot: Mapping[int, set[int]] = field(default_factory=dict)  #: entry → entries of other papers
    homes: dict[int, int] = field(default_factory=dict)  #: entry → its paper; while a rebuild runs, the one it had
    former: Mapping[int, int] = field(default_factory=dict)  #: paper before a rebuild → what it is now, if merged
    taken: set[int] = field(default_factory=set)  #: of these, those that have an entry

    @classmethod
    def load(cls, tx: Transaction, waiting: Iterable[StoredEntry]) -> ManualDecisions:
        """All that is in force, and what these entries were before a rebuild."""
        must: dict[int, set[int]] = {}
        cannot: dict[int, set[int]] = {}
        homes: dict[int, int] = {}
        for made, paper_a, paper_b in tx.papers.manual_decisions():
            of_kind = must if made.kind is DecisionKind.MUST else cannot
            of_kind.setdefault(made.entry_a, set()).add(made.entry_b)
            of_kind.setdefault(made.entry_b, set()).add(made.entry_a)
            homes |= {e: p for e, p in ((made.entry_a, paper_a), (made.entry_b, paper_b)) if p is not None}
        former: dict[int, int] = {
            asked: paper.id
            for asked, paper in tx.papers.papers_by_id({s.home for s in waiting if s.home}).items()
            if paper.id
        }
        mentions = tx.papers.entries_of(map(PaperId, former.values()))
        taken: set[int] = {paper for paper, entries in mentions.items() if any(not s.named for s in entries)}
        return cls(must, cannot, homes, former, taken)

    def record_home(self, entry: int, home: int) -> None:
        """The entry is this paper."""
        self.homes[entry] = home
        self.taken.add(home)

    def former_home(self, stored: StoredEntry) -> PaperId | None:
        """The paper it was before a rebuild, as long as no other entry has it."""
        home = self.former.get(stored.home) if stored.home else None
        return PaperId(home) if home is not None and home not in self.taken else None

    def without_barred(self, entry: int, near: Near, index: CandidateIndex) -> Near:
        """Without the papers of entries that cannot be the same work."""
        barred = self._papers(self.cannot.get(entry, ()), index)
        return [(home, known) for home, known in near if home not in barred]

    def required_homes(self, entry: int, index: CandidateIndex) -> list[int]:
        """The papers of entries that must be the same work."""
        return sorted(self._papers(self.must.get(entry, ()), index), key=by_age)

    def compatible_homes(self, stored: StoredEntry, wanted: Iterable[int], index: CandidateIndex) -> list[int]:
        """Papers that no manual decision separates, oldest first; the entry's paper before a rebuild is kept first."""
        was = self.former.get(stored.home, 0) if stored.home else 0
        kept: list[int] = []
        for home in sorted(dict.fromkeys(wanted), key=lambda h: (h != was, by_age(h))):
            if not any(self._apart(home, other, index) for other in kept):
                kept.append(home)
        return sorted(kept, key=by_age)

    def unite(self, parts: Sequence[Sequence[StoredEntry]]) -> list[list[StoredEntry]]:
        """Parts that hold entries which must be one paper, put together again."""
        made: list[list[StoredEntry]] = []
        for part in parts:
            wanted = {other for stored in part for other in self.must.get(stored.id, ())}
            tied = [some for some in made if any(stored.id in wanted for stored in some)]
            made = [some for some in made if some not in tied] + [[*(s for some in tied for s in some), *part]]
        return sorted(
            (sorted(some, key=lambda s: (s.seen, s.id)) for some in made), key=lambda some: (some[0].seen, some[0].id)
        )

    def _papers(self, entries: Iterable[int], index: CandidateIndex) -> set[int]:
        return {index.survivor_of(self.homes[entry]) for entry in entries if entry in self.homes}

    def _apart(self, home: int, other: int, index: CandidateIndex) -> bool:
        mine = (entry for entry in self.cannot if entry in self.homes and index.survivor_of(self.homes[entry]) == home)
        return any(other in self._papers(self.cannot[entry], index) for entry in mine)
