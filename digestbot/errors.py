"""Every error a caller may see, in one tree.

    DigestbotError                what happened · where · what to do
    ├── UsageError                the call itself is wrong                  exit 2
    │   ├── ConfigError           all problems of all files at once
    │   ├── RuleError             a rule that cannot be read; carries the caret
    │   └── ScheduleError         a schedule or zone that cannot be read
    ├── NotFound                  no such subscriber, paper, source …       exit 1
    ├── PluginError               a source or channel kind that is missing or broken
    ├── TemplateError             a template that cannot be rendered
    ├── MessageError              a mail we refuse to build (header guard)
    ├── AlreadyRunning            another daemon holds this store
    └── StoreError                the database
        ├── StoreBusy             locked for too long                       retry
        ├── StoreUnreachable      no such server, no such folder            retry
        ├── StoreFull             no space left, or read-only               retry
        ├── StoreCorrupt          not a database, or a damaged one
        ├── StoreRefused          a value that no column takes
        └── StoreNewer            written by a newer digestbot

What a *source* or a *mail server* does is never an exception: it is a value in a report
(`model.wire.Fetched`, `model.mail.Receipt`).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, ClassVar, Literal
from unicodedata import category, east_asian_width


class DigestbotError(Exception):
    """Base of every error a caller may see: what happened, where, and what to do about it."""

    retry: ClassVar[bool] = False  #: may the same call work later, with nothing changed by a person?
    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.fix = what, where, fix

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}{'. ' + self.fix if self.fix else ''}"

    def __reduce__(self) -> tuple[Any, ...]:
        # Exceptions pickle by their positional arguments; ours are keyword-only.
        return _rebuild, (type(self), dict(self.__dict__), self.args)


def _rebuild(kind: type[DigestbotError], state: dict[str, Any], args: tuple[Any, ...]) -> DigestbotError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class UsageError(DigestbotError):
    """The call itself is wrong: an unknown name, two options that exclude each other."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One thing wrong in a configuration, placed as exactly as we can."""

    file: str
    what: str
    line: int | None = None
    key: str = ""
    allowed: tuple[str, ...] = ()
    given: str = ""  #: the value or name that was written, for the nearest match
    detail: str = ""  #: more lines, e.g. a rule with its caret
    severity: Literal["error", "warning"] = "error"

    def hint(self) -> str:
        """The nearest allowed value, or all of them; "" when there is nothing to choose from."""
        near = get_close_matches(self.given, self.allowed, 1)
        if near:
            return f'did you mean "{near[0]}"?'
        return f"one of: {', '.join(self.allowed)}" if self.allowed else ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        hint = self.hint()
        return f"{place}:{key} {self.what}{'; ' + hint if hint else ''}"


class ConfigError(UsageError):
    """All problems of all configuration files at once."""

    def __init__(self, problems: tuple[ConfigProblem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class RuleError(UsageError):
    """A rule that cannot be read. `position` and `length` count characters of `text` for the caret.

    `works` is the whole line as it can be read, where that is plain.
    """

    works = ""

    def __init__(self, what: str, *, text: str, position: int, length: int = 1, fix: str = "") -> None:
        super().__init__(what, fix=fix)
        self.text, self.position, self.length = text, position, length

    def caret(self) -> str:
        """The rule and, below it, the place: two lines of columns, signs that move the cursor shown as spaces.

        Of a long rule the part around the place.
        """
        begin, end = self.position, self.position + max(1, self.length)
        first, last = 0, len(self.text)
        if last > LONGEST_SHOWN:
            first, end = max(0, begin - LONGEST_SHOWN // 3), min(end, begin + LONGEST_SHOWN // 3)
            last = min(last, first + LONGEST_SHOWN)
        before, at, after = map(_one_line, (self.text[first:begin], self.text[begin:end], self.text[end:last]))
        before, after = "…" * (first > 0) + before, after + "…" * (last < len(self.text))
        return f"{before}{at}{after}\n{' ' * _columns(before)}{'^' * max(1, _columns(at))}"

    def __str__(self) -> str:
        return f"{super().__str__()}\n\n{self.caret()}{f'{chr(10)}Can be read: {self.works}' if self.works else ''}"


LONGEST_SHOWN = 240  #: characters of a rule above its caret


def _one_line(text: str) -> str:
    return "".join(" " if category(c) in ("Cc", "Zl", "Zp") else c for c in text)


def _columns(text: str) -> int:
    """How many columns of a terminal it takes: marks none, East Asian wide characters two."""
    return sum(0 if category(c) in ("Mn", "Me", "Cf") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


class ScheduleError(UsageError):
    """A schedule or a time zone that cannot be read."""


class NotFound(DigestbotError):
    """No such subscriber, paper, source or delivery."""


class PluginError(DigestbotError):
    """A kind of source or channel that is not installed, or whose package cannot be loaded."""

    exit_code = 2


class TemplateError(DigestbotError):
    """A template that cannot be loaded or rendered; `where` is file and line."""


class MessageError(DigestbotError):
    """A mail we refuse to build, because its headers are not the ones we meant (faults of bad input)."""


class AlreadyRunning(DigestbotError):
    """Another daemon works on this store."""


class ClockWrong(DigestbotError):
    """The clock of this machine is not that of the others."""


class CallDied(DigestbotError):
    """A call in a process of its own gave no answer."""


class CallUnfit(CallDied):
    """What was to be called, or with what, cannot be sent to another process."""


class CallLimit(CallDied):
    """It took more time or memory than it may."""


class StoreError(DigestbotError):
    """The database could not do what was asked."""


class StoreBusy(StoreError):
    """Another process held the database for longer than we wait."""

    retry = True


class StoreUnreachable(StoreError):
    """The database server or the folder of the file is not there."""

    retry = True


class StoreFull(StoreError):
    """No space is left where the database lives, or it may not be written."""

    retry = True


class StoreCorrupt(StoreError):
    """The file is no database, or a damaged one; it was left as it was."""


class StoreRefused(StoreError):
    """A value that no column takes: the fault of what was to be written, not of the database."""


class StoreNewer(StoreError):
    """The database was written by a newer digestbot; it was left as it was."""
