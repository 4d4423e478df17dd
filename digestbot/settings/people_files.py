"""What the next reading of a configuration may take over: people of files that say what they said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from digestbot.errors import ConfigProblem
from digestbot.model import Subscriber
from digestbot.settings.config import Config, PeopleFile


def with_people_files(
    config: Config,
    problems: Sequence[ConfigProblem],
    texts: Mapping[str, str],
    read: Mapping[str, tuple[Subscriber, ...]],
) -> Config:
    """The same configuration with the warnings, and its texts, the main one first, with the people of each.

    Left out are files with topics made of papers: these stand in further files, or in the order in which all were read.
    """
    main, *beside = texts
    warnings: dict[str, list[ConfigProblem]] = {}
    told = tuple(problem for problem in problems if problem.severity == "warning")
    for problem in told:
        warnings.setdefault(problem.file, []).append(problem)
    files = {
        name: PeopleFile(text=texts[name], people=read[name], warnings=tuple(warnings.get(name, ())))
        for name in beside
        if not any(topic.like for person in read[name] for topic in person.topics)
    }
    return replace(config, warnings=told, main=texts[main], people_files=files)
