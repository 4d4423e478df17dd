"""Plan: what a configuration would change before it is applied: people, sources, rules, and what each person would get.

Gains and losses are counted over the stored history: the same papers, matched by the rules in force and by the new ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from digestbot.acts.answers.backtest import like_bits, wanted
from digestbot.model import Paper, Subscriber, Topic
from digestbot.rules import PaperIndex
from digestbot.store import Store, Transaction

HISTORY = timedelta(days=30)
EXAMPLES = 3
_OWN = frozenset(
    {
        "id",
        "status",
        "paused_until",
        "joined",
        "next_slot",
        "token_epoch",
        "suppressed",
        "topics",
        "ref",
        "origin",
        "feed_epoch",
    }
)


class How(StrEnum):
    """What becomes of a thing when a configuration is applied."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    BACK = "back"  #: a subscriber who was removed is there again


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that is added, removed or changed."""

    what: str  #: "source", "topic" (of the site), "subscriber", "topic of reader"
    name: str
    how: How
    detail: str = ""  #: 'schedule "daily 18:00", was "weekdays 07:30"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one person would get more and less, per day, over the history."""

    subscriber: str
    before: float
    after: float
    gained: float
    lost: float
    gains: tuple[str, ...] = ()  #: titles of a few
    losses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change, and what comes of it."""

    changes: tuple[Change, ...]
    effects: tuple[Effect, ...]
    days: float  #: of history that were looked at

    @property
    def empty(self) -> bool:
        """Whether nothing would change."""
        return not self.changes


def plan(
    store: Store,
    people: Sequence[Subscriber],
    sources: Sequence[tuple[str, str]],
    rules: Mapping[str, str],
    *,
    now: datetime,
) -> Plan:
    """Hold a configuration's people, sources (name, kind) and site rules against what is stored; changes nothing."""
    with store.reading() as tx:
        known = {person.ref: person for person in tx.people.all_people(removed=True) if person.origin == "file"}
        old_rules = tx.site.rules_at(now)
        found = _changes(tx, known, people, sources, old_rules, rules)
        return _with_effects(tx, found, known, people, old_rules, rules, now)


def changes(
    store: Store,
    people: Sequence[Subscriber],
    there: Collection[str],
    sources: Sequence[tuple[str, str]],
    rules: Mapping[str, str],
    *,
    now: datetime,
) -> list[Change]:
    """What `plan` says, without counting papers. `people` are those of whom something may have changed, `there` the refs of all."""
    with store.reading() as tx:
        gone = [ref for ref in tx.people.listed_refs() if ref not in there]
        asked = tx.people.people_of_refs([*(person.ref for person in people), *gone])
        known = {person.ref: person for person in asked if person.origin == "file"}
        return _changes(tx, known, people, sources, tx.site.rules_at(now), rules)


def _changes(
    tx: Transaction,
    known: Mapping[str, Subscriber],
    people: Sequence[Subscriber],
    sources: Sequence[tuple[str, str]],
    old_rules: Mapping[str, str],
    rules: Mapping[str, str],
) -> list[Change]:
    return [
        *_named("source", {row.name: row.kind for row in tx.source_log.sources()}, dict(sources)),
        *_named("topic", old_rules, rules),
        *_people(known, people),
    ]


def _named(what: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[Change]:
    added = [
        Change(what=what, name=name, how=How.ADDED, detail=value) for name, value in new.items() if name not in old
    ]
    removed = [Change(what=what, name=name, how=How.REMOVED) for name in old if name not in new]
    changed = [
        Change(what=what, name=name, how=How.CHANGED, detail=f"{value}, was {old[name]}")
        for name, value in new.items()
        if old.get(name, value) != value
    ]
    return [*added, *removed, *changed]


def _people(known: Mapping[str, Subscriber], wanted: Sequence[Subscriber]) -> list[Change]:
    changes: list[Change] = []
    for person in wanted:
        old = known.get(person.ref)
        if old is None:
            changes.append(Change(what="subscriber", name=person.ref, how=How.ADDED, detail=person.email))
            continue
        if old.status == "removed":
            changes.append(Change(what="subscriber", name=person.ref, how=How.BACK, detail=person.email))
        if detail := _differences(old, person):
            changes.append(Change(what="subscriber", name=person.ref, how=How.CHANGED, detail=detail))
        changes += _topics(person.ref, old.topics, person.topics)
    refs = {person.ref for person in wanted}
    gone = [old for old in known.values() if old.ref not in refs and old.status != "removed"]
    return changes + [
        Change(what="subscriber", name=g.ref, how=How.REMOVED, detail="gets no further mail") for g in gone
    ]


def _differences(old: Subscriber, new: Subscriber) -> str:
    names = [f.name for f in fields(Subscriber) if f.name not in _OWN and getattr(old, f.name) != getattr(new, f.name)]
    return ", ".join(f"{name} {getattr(new, name)!r}, was {getattr(old, name)!r}" for name in names)


def _topics(ref: str, old: Sequence[Topic], new: Sequence[Topic]) -> list[Change]:
    what = f"topic of {ref}"
    before, after = {t.name: t for t in old}, {t.name: t for t in new}
    changes = [Change(what=what, name=n, how=How.ADDED, detail=t.query) for n, t in after.items() if n not in before]
    changes += [Change(what=what, name=n, how=How.REMOVED) for n in before if n not in after]
    for name, topic in after.items():
        was = before.get(name)
        if was is not None and _settings(was) != _settings(topic):
            told = topic.query if was.query != topic.query else _settings(topic)[1]
            changes.append(Change(what=what, name=name, how=How.CHANGED, detail=told))
    return changes


def _settings(topic: Topic) -> tuple[str, str]:
    """The rule, and the rest in words."""
    return (
        topic.query,
        f"limit {topic.limit}, mute {topic.mute}, weight {topic.weight:g}{f', best {topic.best}' if topic.best else ''}",
    )


def _with_effects(
    tx: Transaction,
    changes: Sequence[Change],
    known: Mapping[str, Subscriber],
    people: Sequence[Subscriber],
    old_rules: Mapping[str, str],
    rules: Mapping[str, str],
    now: datetime,
) -> Plan:
    papers = [p for p in tx.papers.papers_seen_between(now - HISTORY, now) if not p.replacement]
    days = _days_covered(papers, now)
    index = PaperIndex(papers)
    everybody = (*known.values(), *people)
    alike = like_bits(tx, papers, (topic for person in everybody for topic in person.topics), now)
    effects = []
    for person in people:
        old = known.get(person.ref)
        was = old.topics if old is not None and old.status != "removed" else ()
        if was != () and _same(was, person.topics) and old_rules == rules:
            continue
        before, after = wanted(index, was, old_rules, alike), wanted(index, person.topics, rules, alike)
        if before != after:
            effects.append(_effect(index, person.ref, before, after, days))
    return Plan(changes=tuple(changes), effects=tuple(effects), days=days)


def _days_covered(papers: Sequence[Paper], now: datetime) -> float:
    """How many days these papers stand for: since the first of them was seen, at least one."""
    first = min((p.first_seen for p in papers if p.first_seen), default=now)
    return max(1.0, (now - first).total_seconds() / 86_400)


def _same(old: Sequence[Topic], new: Sequence[Topic]) -> bool:
    return [_asks(t) for t in old] == [_asks(t) for t in new]


def _asks(topic: Topic) -> tuple[object, ...]:
    """What decides which papers a topic matches."""
    return topic.name, topic.query, topic.like, topic.threshold, topic.mute


def _effect(index: PaperIndex, ref: str, before: int, after: int, days: float) -> Effect:
    """`before` and `after` are sets of papers of the index."""
    gained, lost = index.papers(after & ~before), index.papers(before & ~after)
    return Effect(
        subscriber=ref, before=round(before.bit_count() / days, 1), after=round(after.bit_count() / days, 1),
        gained=round(len(gained) / days, 1), lost=round(len(lost) / days, 1),
        gains=tuple(p.title for p in gained[-EXAMPLES:]), losses=tuple(p.title for p in lost[-EXAMPLES:]),
    )  # fmt: skip
