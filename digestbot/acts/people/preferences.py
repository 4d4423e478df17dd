"""Preferences: what a subscriber of the page wants is checked, field by field, and taken over whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digestbot.acts.people.sync import change_within
from digestbot.digest.selection.namesakes import still_followed
from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import DigestbotError, RuleError
from digestbot.model import Subscriber, Topic
from digestbot.rules import parse
from digestbot.store import Store

MOST_TOPICS = 30
LONGEST_RULE, LONGEST_NAME = 2000, 100  #: characters


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field, and what to do."""

    field: str  #: "rule 2", "zone"; the number of a topic counts from 1
    what: str
    fix: str = ""
    before: str = ""  #: of a rule: what stands before the place, the place, and what follows
    at: str = ""
    after: str = ""
    mended: str = ""  #: of a rule: the whole line as it would work; "" where that is not plain


def problems_of(wanted: Subscriber, rules: Mapping[str, str]) -> list[FieldProblem]:
    """Everything that keeps these preferences from being taken over. Pure but for the rule's reader."""
    found = [p for at, topic in enumerate(wanted.topics, 1) for p in _topic_problems(topic, at, wanted.topics, rules)]
    if len(wanted.topics) > MOST_TOPICS:
        found.append(FieldProblem(field="topics", what=f"{len(wanted.topics)} topics are more than {MOST_TOPICS}"))
    try:
        Schedule.parse(wanted.schedule, wanted.time_zone)
    except DigestbotError as error:
        field = "zone" if "zone" in error.what else "schedule"
        found.append(FieldProblem(field=field, what=_sentence(error.what), fix=error.fix))
    return found


def _topic_problems(topic: Topic, at: int, topics: Sequence[Topic], rules: Mapping[str, str]) -> list[FieldProblem]:
    found = []
    if not topic.name.strip():
        found.append(FieldProblem(field=f"name {at}", what="A topic needs a name", fix="It is the heading in the mail"))
    elif len(topic.name) > LONGEST_NAME or re.search(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e]", topic.name):
        found.append(FieldProblem(field=f"name {at}", what=f"A name is one line of at most {LONGEST_NAME} characters"))
    elif any(other.name.casefold() == topic.name.casefold() for other in topics[: at - 1]):
        found.append(FieldProblem(field=f"name {at}", what="Another topic has this name"))
    if not topic.like and (problem := rule_problem(topic.query, rules)) is not None:
        found.append(replace(problem, field=f"rule {at}"))
    return found


def rule_problem(rule: str, rules: Mapping[str, str]) -> FieldProblem | None:
    """What is wrong with a rule, with the place; None when it can be read."""
    if not rule.strip():
        return FieldProblem(field="rule", what="A topic needs a rule", fix="A word is enough: diffusion")
    if len(rule) > LONGEST_RULE:
        return FieldProblem(field="rule", what=f"A rule has at most {LONGEST_RULE} characters")
    try:
        parse(rule, topics=rules)
    except RuleError as error:
        if error.text != rule:  # it stands in a topic of the site
            return FieldProblem(field="rule", what=_sentence(error.what), fix=error.fix)
        end = error.position + max(1, error.length)
        return FieldProblem(
            field="rule", what=_sentence(error.what), fix=error.fix, before=rule[: error.position],
            at=rule[error.position : end], after=rule[end:], mended=error.works,
        )  # fmt: skip
    return None


def rule_doubts(rule: str, rules: Mapping[str, str], sources: Collection[str]) -> tuple[str, ...]:
    """What a rule that can be read likely does not mean; () for one that cannot. `sources` are the names of the sources."""
    try:
        return tuple(_sentence(said) for said in parse(rule, topics=rules).warnings(sources))
    except RuleError:
        return ()


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def save_preferences(
    store: Store, subscriber: Subscriber, wanted: Subscriber, rules: Mapping[str, str], *, now: datetime
) -> list[FieldProblem]:
    """Take them over when nothing is wrong with them; gives the problems. Only of people of the page."""
    if subscriber.origin != "web":
        return [FieldProblem(field="topics", what="A file of the people who run this says what you get.")]
    if found := problems_of(wanted, rules):
        return found
    topics = tuple(t if t.like else replace(t, follow=still_followed(t.follow, t.query, rules)) for t in wanted.topics)
    with store.transaction() as tx:
        change_within(tx, subscriber, replace(wanted, topics=topics), now=now)
    return []
