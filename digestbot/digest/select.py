"""Select: which papers one subscriber gets for one slot, where they stand, and why. Pure.

The rules are DESIGN.md section 7: a paper is eligible when it matches now, has never been shown to this subscriber,
and was first seen inside the window. What is beyond a limit is *more* of the same digest and counts as shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digestbot.model import Fate, Item, Match, Paper, PaperId, Section, Subscriber, Topic
from digestbot.ranking.relevance import order
from digestbot.ranking.trending import trending

LOOK_BACK = timedelta(days=14)
BEFORE_JOINING = timedelta(days=2)  #: also how far back a new or changed topic reaches
TRENDING_WITHIN = timedelta(days=3)  #: trending is about today, also after a weekend
MOST_UPDATES = 10

Found = tuple[Paper, Match]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the subscriber has had of one paper."""

    version: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVersion:
    """A later version of a paper that this subscriber has been shown."""

    paper: Paper
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The sections of a digest, and the fate of every paper that was considered."""

    sections: tuple[Section, ...] = ()
    fates: Mapping[PaperId, Fate] = field(default_factory=dict)  #: of every paper that matched; of all others NO_MATCH
    matched: int = 0  #: papers that match a topic and were not shown before

    def held(self) -> dict[PaperId, Fate]:
        """What matched and was held back, but for what was sent before: that the digests themselves say."""
        return {
            paper: fate for paper, fate in self.fates.items() if fate in (Fate.MUTED, Fate.REPLACEMENT, Fate.TOO_OLD)
        }

    @property
    def chosen(self) -> int:
        """Papers that count as shown: in the mail and in *more*."""
        return sum(len(i.papers()) for s in self.sections for i in (*s.items, *s.more))


def window_start(subscriber: Subscriber, due: datetime, last_done: datetime | None) -> datetime:
    """First seen after this instant is eligible (exclusive, aware UTC)."""
    reached = last_done or subscriber.joined or due  # a pause may have begun before the first digest
    start = min(due - LOOK_BACK, reached)
    return start if subscriber.joined is None else max(start, subscriber.joined - BEFORE_JOINING)


def topic_start(topic: Topic, start: datetime) -> datetime:
    """A topic added or changed later reaches back two days before the change."""
    return start if topic.since is None else max(start, topic.since - BEFORE_JOINING)


def select(
    subscriber: Subscriber,
    found: Sequence[tuple[Topic, Sequence[Found]]],
    shown: Mapping[PaperId, Shown],
    versions: Sequence[NewVersion],
    window: Sequence[Paper],
    *,
    start: datetime,
    now: datetime,
) -> Selection:
    """The digest of a subscriber with topics: theirs in their order, then updates, then trending.

    `found` holds the matches of each topic over the papers of `window`. What a mute topic matches comes in no section.
    Trending never makes a digest by itself: it only goes along with something the subscriber asked for.
    """
    fates: dict[PaperId, Fate] = dict.fromkeys(muted(found), Fate.MUTED)
    wanted = [(topic, [f for f in matches if f[0].id not in fates]) for topic, matches in found if not topic.mute]
    versions = [v for v in versions if v.paper.id not in fates]
    ranked = [(topic, _eligible(topic, matches, shown, fates, start, now)) for topic, matches in wanted]
    sections = _topic_sections(subscriber, ranked, fates)
    matched = sum(len(s.items) + len(s.more) for s in sections)
    if update := updates(subscriber, shown, versions):
        sections.append(update)
    if sections and (rising := _trending(subscriber, window, shown, fates, now)):
        sections.append(rising)
    return Selection(sections=tuple(sections), fates=fates, matched=matched)


def muted(found: Sequence[tuple[Topic, Sequence[Found]]]) -> set[PaperId]:
    """The papers that a mute topic matches."""
    return {_id(paper) for topic, matches in found if topic.mute for paper, _ in matches}


def _eligible(
    topic: Topic,
    matches: Sequence[Found],
    shown: Mapping[PaperId, Shown],
    fates: dict[PaperId, Fate],
    start: datetime,
    now: datetime,
) -> list[Found]:
    """Matches of one topic that may come, best first; the fate of the others is noted."""
    since, able = topic_start(topic, start), []
    for paper, match in matches:
        assert paper.id is not None  # stored papers have both
        assert paper.first_seen is not None
        if paper.id in shown:
            fates[paper.id] = Fate.ALREADY_SENT
        elif paper.replacement:
            fates[paper.id] = Fate.REPLACEMENT
        elif paper.first_seen > since:
            able.append((paper, match))
        else:
            fates.setdefault(paper.id, Fate.TOO_OLD)
    return order(able, now)


def _topic_sections(
    subscriber: Subscriber, ranked: Sequence[tuple[Topic, list[Found]]], fates: dict[PaperId, Fate]
) -> list[Section]:
    """Each paper under its first topic; limits make *more*."""
    names: dict[PaperId, list[str]] = {}
    for topic, matches in ranked:
        for paper, _ in matches:
            names.setdefault(_id(paper), []).append(topic.name)
    own = [(topic, [(p, m) for p, m in matches if names[_id(p)][0] == topic.name]) for topic, matches in ranked]
    kept = _share(own, subscriber.max_papers)
    sections = []
    for (topic, matches), keep in zip(own, kept, strict=True):
        items = [
            Item(paper=p, topic=topic.name, also=tuple(names[_id(p)][1:]), reasons=m.reasons, score=m.score,
                 place="mail" if at < keep else "more")
            for at, (p, m) in enumerate(matches)
        ]  # fmt: skip
        beyond = Fate.MORE_LIMIT if keep == topic.limit else Fate.MORE_MAX
        fates.update({_id(i.paper): Fate.SHOWN if i.place == "mail" else beyond for i in items})
        if items:
            sections.append(_section("topic", topic.name, topic.query, items))
    return sections


def _share(own: Sequence[tuple[Topic, Sequence[Found]]], room: int) -> list[int]:
    """How many of each topic stand in the mail: the best of each in turn, so that no topic crowds out another."""
    most = [len(m) if t.limit is None else min(t.limit, len(m)) for t, m in own]
    kept = [0] * len(own)
    while room and any(k < m for k, m in zip(kept, most, strict=True)):
        for at, limit in enumerate(most):
            if room and kept[at] < limit:
                kept[at] += 1
                room -= 1
    return kept


def updates(subscriber: Subscriber, shown: Mapping[PaperId, Shown], versions: Sequence[NewVersion]) -> Section | None:
    """New versions of what was sent, the newest version of each only; None when there is nothing to tell.

    "important" leaves plain versions out: acceptances, journal copies and retractions are still to come.
    """
    if subscriber.updates != "all":
        return None
    newest: dict[PaperId, NewVersion] = {}
    for version in versions:
        had = shown.get(_id(version.paper))
        if had is None or (had.version or 1) >= version.version:
            continue
        if _id(version.paper) not in newest or newest[_id(version.paper)].version < version.version:
            newest[_id(version.paper)] = version
    items = [
        Item(paper=v.paper, kind=f"v{v.version}", note=_had(shown[i]), place="mail" if at < MOST_UPDATES else "more")
        for at, (i, v) in enumerate(newest.items())
    ]
    return _section("updates", "Updates", "News of papers you have had before", items) if items else None


def _had(had: Shown) -> str:
    version = f"v{had.version}" if had.version else "it"
    return f"You had {version} on {had.at:%a} {had.at.day} {had.at:%B}."


def _trending(
    subscriber: Subscriber,
    window: Sequence[Paper],
    shown: Mapping[PaperId, Shown],
    fates: Mapping[PaperId, Fate],
    now: datetime,
) -> Section | None:
    """What rises among the papers of the last days that are not in this digest already."""
    if not subscriber.trending:
        return None
    fresh = [
        p
        for p in window
        if p.id not in shown and fates.get(_id(p), Fate.TOO_OLD) is Fate.TOO_OLD and not p.replacement
        and p.first_seen is not None and p.first_seen > now - TRENDING_WITHIN
    ]  # fmt: skip
    items = [Item(paper=p, note=why) for p, why in trending(fresh, now, subscriber.trending)]
    return (
        _section("trending", "Trending", "Most votes and most sources among the new papers", items) if items else None
    )


def edition_section(
    day: str, title: str, items: Sequence[tuple[Paper, str]], shown: Mapping[PaperId, Shown], most: int
) -> Section | None:
    """The edition of one day for a subscriber without topics; None when they have had all of it."""
    new = [Item(paper=p, note=why) for p, why in items if p.id not in shown]
    placed = [i if at < most else _as_more(i) for at, i in enumerate(new)]
    return _section("edition", title, "", placed) if placed else None


def _as_more(item: Item) -> Item:
    return Item(paper=item.paper, note=item.note, place="more")


def _section(kind: str, title: str, note: str, items: Sequence[Item]) -> Section:
    return Section(
        kind=kind,
        title=title,
        note=note,
        items=tuple(i for i in items if i.place == "mail"),
        more=tuple(i for i in items if i.place == "more"),
    )


def _id(paper: Paper) -> PaperId:
    assert paper.id is not None  # selection is about stored papers
    return paper.id
