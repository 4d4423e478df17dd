"""Sources whose parsers do what no parser should. In a module of their own: another process imports them."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from digestbot.model import Entry, ParseResult, Request, Response


@dataclass(frozen=True)
class Hostile:
    """A source that does what its name says."""

    does: str
    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset()
    politeness: ClassVar[tuple[str, float] | None] = None

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Hostile:
        return cls("reads")

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        return (Request(url=f"https://{self.does}.example/"),)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        if self.does == "spins":
            while True:
                pass
        does, _, begun = self.does.partition(" ")
        if does == "sleeps":
            if begun:  # a file that says when
                Path(begun).touch()
            time.sleep(3600)
        if self.does == "fills":
            bytearray(8 << 30)
        if self.does == "dies":
            os.kill(os.getpid(), 9)
        if self.does == "prints":
            os.write(1, b"\x00" * 100)
            print("what a parser prints")
        if self.does == "counts":
            return ParseResult(entries=(Entry(title=str(os.getpid())),))
        if self.does == "own text":
            return ParseResult(entries=(Entry(title=OwnText("a reply")),))
        if self.does == "smuggles":
            return ParseResult(title=Smuggled())  # type: ignore[arg-type]
        return ParseResult(entries=(Entry(title=response.body.decode()),))


class OwnText(str):
    """As Beautiful Soup has them."""


class Smuggled:
    """What would run code where it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("false",)
