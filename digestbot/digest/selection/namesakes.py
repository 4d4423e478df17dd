"""Namesakes (author disambiguation): is the author of a paper the person whom somebody follows, or another of that name? Pure.

What was said of a paper holds. Without that, ids decide, then the place, then who else wrote the paper, compared with the
papers that are known to be theirs or another's. What nothing decides is perhaps theirs, and is shown as that with what speaks
for it: a paper that is hidden by a guess is worse than one too many.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from digestbot.errors import DigestbotError
from digestbot.memo import remembered
from digestbot.model import Item, Namesake, Paper, PaperId, Topic
from digestbot.papers.text.clean import fold
from digestbot.papers.text.name_keys import named
from digestbot.rules import Rule, parse
from digestbot.rules.language.syntax_tree import Node, Or
from digestbot.rules.words.names import name_readings, same_name
from digestbot.rules.words.tokenizer import folded_words

MOST_AUTHORS: Final = 60  #: of a paper whose authors say something: a collaboration of hundreds knows everybody
ENOUGH: Final = 2  #: co-authors in common that decide alone
_ORCID_LENGTH: Final = 19


class Answer(StrEnum):
    """Is it theirs?"""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """A person as a topic names them."""

    name: str
    place: str = ""
    ids: tuple[str, ...] = ()  #: ORCID, OpenAlex author, small letters

    @property
    def key(self) -> str:
        """What is said of a person is kept under this: it outlives another spelling of the place."""
        return fold(self.name)

    @property
    def rule(self) -> str:
        """The rule that finds whatever may be theirs."""
        return " OR ".join([f'au:"{self.name}"', *(f"who:{one}" for one in self.ids)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a person's papers, and of those of others of that name."""

    said: Mapping[PaperId, bool] = field(default_factory=dict)
    beside: frozenset[str] = frozenset()  #: who wrote with them
    beside_others: frozenset[str] = frozenset()  #: who wrote with somebody else of that name
    fields: frozenset[str] = frozenset()  #: categories of their papers


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """An answer and what it rests on, as a clause: `same name, no institution given`."""

    answer: Answer
    why: str


def whom(followed: str) -> Whom | None:
    """`Jane Doe @ Uni X, orcid:0000-…` as a person; None for an id or a lab alone, of which nothing is in doubt."""
    text = " ".join(followed.split())
    said, ids = text, list[str]()
    while "," in said and said.rpartition(",")[2].strip().casefold().startswith(("orcid:", "openalex:")):
        said, _, one = said.rpartition(",")
        ids.insert(0, one.partition(":")[2].strip())
    name, _, place = (part.strip() for part in said.partition("@"))
    return Whom(name=name, place=place, ids=tuple(ids)) if " " in name and ":" not in name else None


def bears(person: Whom, paper: Paper) -> bool:
    """Does an author have that name?"""
    return any(_is_named(person.name, author) for author in paper.authors)


def known_of(person: Whom, said: Mapping[PaperId, bool], papers: Iterable[Paper]) -> Known:
    """What these papers tell of a person: those that were said to be theirs or not, and those that are theirs by id or place."""
    beside: set[str] = set()
    others: set[str] = set()
    fields: set[str] = set()
    for paper in papers:
        theirs = said.get(paper.stored_id)
        if theirs is None:
            theirs = True if _by_paper(person, paper).answer is Answer.YES else None
        if theirs is None:
            continue
        (beside if theirs else others).update(_co_authors(person, paper))
        fields.update(map(str.casefold, paper.categories if theirs else ()))
    return Known(said=said, beside=frozenset(beside), beside_others=frozenset(others), fields=frozenset(fields))


def decide(person: Whom, paper: Paper, known: Known) -> Verdict:
    """Whether a paper that has the name is theirs, and why."""
    said = known.said.get(paper.id) if paper.id is not None else None
    if said is not None:
        return Verdict(answer=Answer.YES if said else Answer.NO, why="you said so")
    first = _by_paper(person, paper)
    if first.answer is not Answer.PERHAPS:
        return first
    return _by_company(person, paper, known, first.why)


def _by_company(person: Whom, paper: Paper, known: Known, open_: str) -> Verdict:
    """What its co-authors and categories say; `open_` is what the paper alone left open."""
    with_them = _co_authors(person, paper)
    shared = [name for key, name in with_them.items() if key in known.beside]
    common = next((c for c in paper.categories if c.casefold() in known.fields), "")
    others = [name for key, name in with_them.items() if key in known.beside_others and key not in known.beside]
    if len(shared) >= ENOUGH or (shared and common and not others):
        return Verdict(answer=Answer.YES, why=f"{_listed(shared)} wrote with them before")
    if others and not shared:
        return Verdict(answer=Answer.NO, why=f"{_listed(others)} wrote with another of that name")
    also = (f"{_listed(shared)} wrote with them before" * bool(shared), f"{common} as papers of theirs" * bool(common))
    return Verdict(answer=Answer.PERHAPS, why=", ".join(filter(None, [open_, *also])))


def _by_paper(person: Whom, paper: Paper) -> Verdict:
    """What the paper says by itself."""
    there = {one.casefold() for one in paper.people}
    if mine := next((one for one in person.ids if one.casefold() in there), ""):
        return Verdict(answer=Answer.YES, why=f"{mine} is theirs")
    orcids = [one for one in paper.people if len(one) == _ORCID_LENGTH and "-" in one]
    has_orcid = any("-" in one for one in person.ids)
    if has_orcid and paper.authors and len(orcids) >= len(paper.authors):
        return Verdict(answer=Answer.NO, why="every author has an ORCID, and none is theirs")
    if person.place and paper.affiliations and _place_rule(person.place).match(paper) is not None:
        return Verdict(answer=Answer.YES, why=f"“{person.place}” stands on it")
    where = f"“{paper.affiliations[0][:80]}” stands on it" if paper.affiliations else "no institution given"
    return Verdict(answer=Answer.PERHAPS, why=f"same name, {where}")


@remembered(16_384)
def _place_rule(place: str) -> Rule:
    return parse(f'aff:"{place}"')


@remembered(16_384)
def _is_named(name: str, author: str) -> bool:
    wanted = tuple(folded_words(name))
    return any(same_name(wanted, there, prefix=False) for there in name_readings(author))


def _co_authors(person: Whom, paper: Paper) -> dict[str, str]:
    """Family name and first initial of each co-author → the name as it stands there."""
    if len(paper.authors) > MOST_AUTHORS:
        return {}
    made = {}
    for author in paper.authors:
        words = named(author).person.split()
        if len(words) > 1 and not _is_named(person.name, author):
            made[f"{words[0]} {words[1][0]}"] = author
    return made


def _listed(names: Sequence[str]) -> str:
    """`Max Roe & Ann Lee (+3)`: without a word of any language, as names cannot be told from other words when it is translated."""
    return " & ".join(names[:2]) + (f" (+{len(names) - 2})" if len(names) > 2 else "")


def still_followed(follow: Sequence[str], query: str, rules: Mapping[str, str]) -> tuple[str, ...]:
    """Of the people whom a topic follows, those whom its rule still finds by name: somebody may have written another rule."""
    try:
        tree = parse(query, topics=rules).tree
    except DigestbotError:
        return tuple(follow)  # it is not taken over as it is
    nodes = set(tree.nodes if isinstance(tree, Or) else (tree,))
    people = [(one, whom(one)) for one in follow]
    return tuple(one for one, person in people if person is None or parse(f'au:"{person.name}"').tree in nodes)


@dataclass(frozen=True, slots=True)
class Follower:
    """One reader's word on namesakes, and the papers they said it of."""

    said: Mapping[str, Mapping[PaperId, bool]] = field(default_factory=dict)  #: by the person's key
    papers: Mapping[PaperId, Paper] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Iterable[Namesake], papers: Mapping[PaperId, Paper]) -> Follower:
        """What one reader said, with the texts of those papers."""
        by_person: dict[str, dict[PaperId, bool]] = {}
        for one in said:
            by_person.setdefault(one.person, {})[one.paper] = one.same
        return cls(by_person, papers)

    def verdicts(
        self, topic: Topic, papers: Sequence[Paper], rules: Mapping[str, str]
    ) -> dict[PaperId, tuple[Whom, Verdict]]:
        """Of the papers that a topic found by a name alone: whose they may be. Papers found otherwise are left out."""
        people = [person for followed in topic.follow if (person := whom(followed)) is not None]
        if not people:
            return {}
        rest = _without(parse(topic.query, topics=rules), people)
        open_ = [p for p in papers if rest is None or rest.match(p) is None]
        made: dict[PaperId, tuple[Whom, Verdict]] = {}
        for person in people:
            theirs = [p for p in open_ if bears(person, p)]
            said = self.said.get(person.key, {})
            told = {p.stored_id: p for p in (*theirs, *(self.papers[i] for i in said if i in self.papers))}
            known = known_of(person, said, told.values())
            for paper in theirs:
                verdict = decide(person, paper, known)
                had = made.get(paper.stored_id)
                if had is None or _ORDER.index(verdict.answer) < _ORDER.index(had[1].answer):
                    made[paper.stored_id] = person, verdict
        return made


_ORDER: Final = (Answer.YES, Answer.PERHAPS, Answer.NO)


def _without(rule: Rule, people: Collection[Whom]) -> Rule | None:
    """The rest of a topic's rule: what it finds without the names; None where nothing is left."""
    names: set[Node] = {parse(f'au:"{person.name}"').tree for person in people}
    if rule.tree in names:
        return None
    if not isinstance(rule.tree, Or):
        return rule
    left = tuple(node for node in rule.tree.nodes if node not in names)
    tree = Or(left) if len(left) > 1 else left[0] if left else None
    return Rule(rule.text, tree) if tree is not None else None


def sentence(person: Whom, verdict: Verdict) -> str:
    """`Perhaps “Jane Doe”, whom you follow: same name, no institution given.`"""
    match verdict.answer:
        case Answer.YES:
            return f"By “{person.name}”, whom you follow: {verdict.why}."
        case Answer.NO:
            return f"By another “{person.name}” than the one you follow: {verdict.why}."
        case Answer.PERHAPS:
            return f"Perhaps “{person.name}”, whom you follow: {verdict.why}."


def asked(item: Item, person: Whom, verdict: Verdict) -> Item:
    """The item with the question on its card."""
    told = sentence(person, verdict)
    return replace(item, note=f"{item.note} · {told}" if item.note else told, follows=person.name)
