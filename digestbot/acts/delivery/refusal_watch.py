"""Many hard refusals at once are the fault of a relay with an odd hour, not of ten readers. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable
from datetime import timedelta

from digestbot.model import Fault, Outcome, Receipt

LAST = 50  #: answers that count
SHARE = 0.05  #: more than this part of them
LEAST = 10  #: and at least so many
FEW = 3  #: where few are mailed: so many different readers, and more than were taken
SPANS = (timedelta(hours=1), timedelta(hours=12))  #: a morning of one hour, and one of several


class RefusalWatch:
    """The last final answers of a server."""

    def __init__(self, answers: Iterable[Receipt]) -> None:
        """`answers`: oldest first."""
        self._last = deque((is_hard(answer) for answer in answers), maxlen=LAST)

    def add(self, receipt: Receipt) -> None:
        """Count an answer; anything but taken or refused is none."""
        if receipt.outcome in (Outcome.ACCEPTED, Outcome.REFUSED):
            self._last.append(is_hard(receipt))

    def clear(self) -> None:
        """Forget them: others get through again."""
        self._last.clear()

    @property
    def is_many(self) -> bool:
        """Whether the run has to stop."""
        hard = sum(self._last)
        return hard >= LEAST and hard > SHARE * len(self._last)

    def __str__(self) -> str:
        return f"{sum(self._last)} of the last {len(self._last)} mails were refused for good"


def is_hard(receipt: Receipt) -> bool:
    """Refused for good, and not for what this one mail holds."""
    return receipt.outcome is Outcome.REFUSED and receipt.fault is not Fault.MESSAGE


def most_are_refused(refused: Collection[str], taken: int) -> bool:
    """Whether a handful of refusals, of different addresses, are the server's: it takes fewer mails than it refuses."""
    return len(set(refused)) >= FEW and len(set(refused)) > taken
