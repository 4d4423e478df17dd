"""Namesakes: whose a paper is, as somebody says who follows a person of that name; on a page or by command."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digestbot.acts.papers.find import find_paper
from digestbot.digest.selection.namesakes import Follower, Verdict, Whom, bears, decide, known_of, whom
from digestbot.errors import NotFound
from digestbot.model import Namesake, Paper, Subscriber
from digestbot.store import Store, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A person whom they follow, whose name is on a paper."""

    person: Whom
    verdict: Verdict
    said: bool | None  #: what they said; None: nothing yet


def followed(subscriber: Subscriber) -> tuple[Whom, ...]:
    """Everybody whom their topics follow by name."""
    every = (whom(one) for topic in subscriber.topics for one in topic.follow)
    return tuple({person.key: person for person in every if person is not None}.values())


def questions(store: Store, public_id: str, subscriber: Subscriber) -> tuple[Paper, list[Question]] | None:
    """The paper of an address, with each person whom they follow and whose name is on it; None when there is no such paper."""
    with store.reading() as tx:
        paper = tx.papers.paper_by_public_id(public_id)
        return (paper, _asked(tx, paper, subscriber)) if paper is not None else None


def _asked(tx: Transaction, paper: Paper, subscriber: Subscriber) -> list[Question]:
    people = [person for person in followed(subscriber) if bears(person, paper)]
    said = tx.votes.namesakes_of([subscriber.stored_id]).get(subscriber.stored_id, []) if people else []
    follower = Follower.of(said, tx.papers.papers_by_id({one.paper for one in said}))
    made = []
    for person in people:
        theirs = follower.said.get(person.key, {})
        known = known_of(person, theirs, [follower.papers[i] for i in theirs if i in follower.papers])
        verdict = decide(person, paper, known)
        made.append(Question(person=person, verdict=verdict, said=theirs.get(paper.stored_id)))
    return made


def say(store: Store, text: str, subscriber: Subscriber, name: str, *, same: bool, now: datetime) -> tuple[Paper, Whom]:
    """Record that a paper is by a person they follow, or by another of that name. Raises NotFound."""
    with store.transaction() as tx:
        paper = find_paper(tx, text)
        person = _named(followed(subscriber), name, subscriber.ref)
        if not bears(person, paper):
            raise NotFound(
                f"{paper.public_id} has no author called {person.name}", fix=f"Its authors: {_some(paper.authors)}"
            )
        _put(tx, subscriber, person, paper, same=same, now=now)
    return paper, person


def say_by_page(store: Store, public_id: str, subscriber: Subscriber, key: str, *, same: bool, now: datetime) -> bool:
    """The same from a page; False for a paper or a person that is not asked about."""
    with store.transaction() as tx:
        paper = tx.papers.paper_by_public_id(public_id)
        person = next((one for one in followed(subscriber) if one.key == key), None)
        if paper is None or person is None or not bears(person, paper):
            return False
        _put(tx, subscriber, person, paper, same=same, now=now)
        return True


def said_of(store: Store, subscriber: Subscriber) -> list[tuple[Namesake, Paper]]:
    """All that they said, the newest first."""
    with store.reading() as tx:
        said = tx.votes.namesakes_of([subscriber.stored_id]).get(subscriber.stored_id, [])
        papers = tx.papers.papers_by_id({one.paper for one in said})
    return [(one, papers[one.paper]) for one in sorted(said, key=lambda s: s.at, reverse=True) if one.paper in papers]


def _put(tx: Transaction, subscriber: Subscriber, person: Whom, paper: Paper, *, same: bool, now: datetime) -> None:
    tx.votes.put_namesake(
        Namesake(subscriber=subscriber.stored_id, person=person.key, paper=paper.stored_id, same=same, at=now)
    )


def _named(people: Iterable[Whom], name: str, ref: str) -> Whom:
    every, wanted = list(people), whom(name)
    found = next((one for one in every if wanted is not None and one.key == wanted.key), None)
    if found is None:
        raise NotFound(
            f"{ref} follows nobody called {name!r}", fix=f"They follow: {_some([one.name for one in every])}"
        )
    return found


def _some(names: Iterable[str]) -> str:
    every = list(names)
    return ", ".join(every[:6]) + (" …" if len(every) > 6 else "") if every else "nobody by name"
