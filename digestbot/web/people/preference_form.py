"""The form of preferences: its fields as a subscriber's settings, and back. Checking them is an act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from digestbot.acts.answers.liked_topics import LikedTopics
from digestbot.acts.people.preferences import MOST_TOPICS
from digestbot.model import Subscriber, Topic
from digestbot.rules.evaluation.mending import mended

DAYS = ("weekdays", "daily", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
VOTED = "voted"  #: of `like2`: the topic is made of the papers voted up
FEED = "feed"  #: of `days`: no mails, the feed goes on
AS_IS = "as-is"  #: of `days`: a schedule that only a file can say
SIZES = (5, 10, 15, 20, 30, 50)
LENGTHS, UPDATES = ("full", "short", "titles"), ("important", "all", "none")
BEST = ("", "weekly", "monthly")  #: of a topic: everything as it comes, or only the best of a week or month
TRENDING = 3  #: papers in the section that a tick brings, of what rises or is discovered
_SIMPLE = re.compile(rf"({'|'.join(DAYS)}) (\d\d:\d\d)\Z")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
#: common interests to start from: name and rule
STARTS = (
    ("Diffusion and flow matching", 'diffusion OR "flow matching"'),
    ("Agents of language models", '("language model" OR LLM) agent*'),
    ("Reasoning and test-time compute", '("test-time" OR "inference-time") compute OR "chain of thought"'),
    ("Reinforcement learning", '"reinforcement learning" -ti:survey'),
    ("Computer vision with code", "cat:cs.CV has:code"),
    ("Protein design", 'protein (design OR "language model" OR structure)'),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form says: the settings it asks for, and which of its buttons was pressed."""

    wanted: Subscriber
    pressed: str  #: save | add | try-2 | remove-2 | resume …
    start: str = ""


def read(subscriber: Subscriber, form: Mapping[str, str], languages: frozenset[str], liked: LikedTopics) -> Sent:
    """The settings that the fields ask for; what a field leaves out stays as it is."""
    days, time = form.get("days", AS_IS), form.get("time", "")
    schedule = subscriber.schedule
    if days in DAYS:
        schedule = f"{days} {time if _TIME.fullmatch(time) else time_of(subscriber)}"
    language = form.get("language", "")
    most = form.get("max", "")
    wanted = replace(
        subscriber, schedule=schedule, mail=days != FEED if "days" in form else subscriber.mail,
        time_zone=form.get("zone", subscriber.time_zone)[:64] or subscriber.time_zone,
        language=language if language in languages else subscriber.language,
        max_papers=int(most) if most in map(str, SIZES) else subscriber.max_papers,
        when_empty=_one_of(form, "empty", ("skip", "send"), subscriber.when_empty),
        length=_one_of(form, "length", LENGTHS, subscriber.length),
        updates=_one_of(form, "updates", UPDATES, subscriber.updates),
        trending=(subscriber.trending or TRENDING) * ("trending" in form) if "days" in form else subscriber.trending,
        discover=(subscriber.discover or TRENDING) * ("discover" in form) if "days" in form else subscriber.discover,
        topics=_topics(subscriber, form, liked) if "days" in form else subscriber.topics,
    )  # fmt: skip
    return Sent(wanted, form.get("do", ""), form.get("start", ""))


def _one_of(form: Mapping[str, str], name: str, allowed: tuple[str, ...], before: str) -> Any:
    return form[name] if form.get(name) in allowed else before


def _topics(subscriber: Subscriber, form: Mapping[str, str], liked: LikedTopics) -> tuple[Topic, ...]:
    """The topics of the form in its order. What it does not show of a topic (limit, weight) stays with its name."""
    known = {topic.name: topic for topic in subscriber.topics}
    found = []
    for at in range(1, MOST_TOPICS + 2):
        name, rule = form.get(f"name{at}", ""), form.get(f"rule{at}", "")
        if name or rule:
            before = known.get(form.get(f"was{at}", name)) or Topic(name=name, query=rule)
            if form.get(f"like{at}") == VOTED and liked.voted and not before.like:
                before = liked.topic(name)
            best = form.get(f"best{at}", before.best)
            best = "" if f"mute{at}" in form else best if best in BEST else before.best
            found.append(
                replace(
                    before,
                    name=name,
                    query=before.query if before.like else rule,
                    mute=f"mute{at}" in form,
                    best=best,
                    since=None,
                )
            )
    return tuple(found)


def days_of(subscriber: Subscriber) -> str:
    """The days of a schedule as the field `days` shows them."""
    if not subscriber.mail:
        return FEED
    found = _SIMPLE.match(subscriber.schedule)
    return found[1] if found else AS_IS


def time_of(subscriber: Subscriber) -> str:
    """The time of a schedule as the field `time` shows it."""
    found = _SIMPLE.match(subscriber.schedule)
    return found[2] if found else "07:30"


def pressed_topic(pressed: str, what: str) -> int:
    """The number of the topic whose button this was; 0 for another button."""
    head, _, number = pressed.partition("-")
    return int(number) if head == what and number.isdecimal() and len(number) < 4 else 0


def changed(sent: Sent, rules: Mapping[str, str], liked: LikedTopics, like_name: str) -> tuple[Topic, ...]:
    """The topics after `add`, `like`, `mend` or `remove`; as they are after another button."""
    topics = sent.wanted.topics
    if at := pressed_topic(sent.pressed, "remove"):
        return (*topics[: at - 1], *topics[at:])
    if (at := pressed_topic(sent.pressed, "mend")) and at <= len(topics):
        line = mended(topics[at - 1].query, rules) or topics[at - 1].query
        return (*topics[: at - 1], replace(topics[at - 1], query=line), *topics[at:])
    if sent.pressed == "like" and liked.voted:
        return (*topics, liked.topic(like_name))
    if sent.pressed == "add":
        ready = dict(STARTS) | {name: f"@{name}" for name in rules}
        start = sent.start if sent.start in ready else ""
        return (*topics, Topic(name=start, query=ready.get(start, "")))
    return topics
