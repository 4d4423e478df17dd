"""Show what is read in some bytes, for `digestbot try`. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from digestbot.acts.intake.guarded_parse import Parse, storable
from digestbot.acts.intake.parse_reply import ASIDE
from digestbot.errors import PluginError
from digestbot.model import Fetched, ParseResult, Problem, ReadStatus
from digestbot.sources.formats.detect import kind_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What one address or file says."""

    input: str  #: as it was given
    kind: str  #: the source kind that read it; "" when nothing came
    status: ReadStatus
    result: ParseResult
    problems: tuple[Problem, ...] = ()


def inspect(
    name: str, fetched: Fetched, kinds: Mapping[str, Any], *, kind: str = "", now: datetime, parse: Parse
) -> Inspected:
    """Reads a reply as `kind`, or as the kind that fits the bytes, with `parse`. Raises PluginError for an unknown kind."""
    response = fetched.response
    if response is None:
        problem = Problem(what=fetched.error or f"nothing came ({fetched.status})")
        return Inspected(input=name, kind=kind, status=fetched.status, result=ParseResult(), problems=(problem,))
    chosen = kind or kind_of(response)
    try:
        source = kinds[chosen].from_options({"url": response.url})
    except ValueError as error:
        raise PluginError(f"kind {chosen!r} cannot read a single address", fix=str(error)) from error
    result = storable(parse(source, response, now))
    problems = tuple(replace(one, hint="") if one.hint == ASIDE else one for one in result.problems)  # nothing is kept
    return Inspected(input=name, kind=chosen, status=result.status, result=result, problems=problems)
