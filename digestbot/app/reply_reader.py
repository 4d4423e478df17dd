"""Where replies are read: in processes of their own, or in this one where that is wanted."""

from __future__ import annotations

import os

from digestbot.acts.intake.guarded_parse import HERE, ReadElsewhere, Reader
from digestbot.settings.config import Fetch
from digestbot.system.limited_calls import LimitedCalls

SWITCH = (
    "DIGESTBOT_READ_HERE"  #: set in the environment: no processes, no limits. For tests, and where none can be started
)
_WARM = "digestbot.sources.kinds.feed"  #: imported once a process: most replies are feeds


def reply_reader(fetch: Fetch) -> Reader:
    """The reader that the configuration, and the environment, ask for."""
    if os.environ.get(SWITCH):
        return HERE
    return ReadElsewhere(LimitedCalls(seconds=fetch.parse_seconds, megabytes=fetch.parse_megabytes, warm=_WARM))
