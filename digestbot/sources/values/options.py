"""Options of a source as a person writes them: the value of the right type, or a message that shows how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from digestbot.model import Secret


def text_option(options: Mapping[str, Any], name: str, example: str) -> str:
    """A text; "" when it is not given."""
    given = options.get(name, "")
    if not isinstance(given, str):
        raise ValueError(f"{name} is a text, for example: {name} = {example}")
    return given.strip()


def names_option(options: Mapping[str, Any], name: str, example: str) -> tuple[str, ...]:
    """A list of texts; () when it is not given."""
    given = options.get(name, ())
    if not isinstance(given, list | tuple) or not all(isinstance(v, str) and v.strip() for v in given):
        raise ValueError(f"{name} is a list, for example: {name} = {example}")
    return tuple(v.strip() for v in given)


def days_option(options: Mapping[str, Any], name: str, default: int, most: int) -> int:
    """A number of days."""
    given = options.get(name, default)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= most:
        raise ValueError(f"{name} is a number of days from 0 to {most}")
    return given


def one_of(options: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """One of a few words; the first of them when it is not given."""
    given = options.get(name, allowed[0])
    if given not in allowed:
        raise ValueError(f"{name} is one of {', '.join(allowed)}, not {given!r}")
    return str(given)


def secrets_option(options: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Secret]:
    """Option → parameter of the query, for those that are given: keys, and addresses of people."""
    given = {name: options.get(name) for name in names}
    made = {n: v if isinstance(v, Secret) else Secret(v) for n, v in given.items() if v and isinstance(v, Secret | str)}
    return {names[name]: secret for name, secret in made.items() if secret}
