"""Templates of one's own are rendered in a process of their own, limited in time and memory.

The sandbox keeps a template from files and attributes; nothing inside an interpreter keeps `{% for %}` in `{% for %}`, or
`"a" * 10**9`, from its time and its memory. Fragments are rendered once and kept, so the way to the process costs little.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from digestbot.app.reply_reader import SWITCH
from digestbot.digest.rendering.template_loader import TemplateLoader
from digestbot.errors import CallDied, CallLimit, CallUnfit, TemplateError
from digestbot.system.limited_calls import LimitedCalls

SECONDS, MEGABYTES = 5.0, 256


class TemplateProcess:
    """Renders templates of one folder. What has passed a limit once is not tried again before the files change."""

    def __init__(self, folder: Path, calls: LimitedCalls) -> None:
        self.folder, self._calls = folder, calls
        self._broken = ""

    def __call__(self, name: str, values: Mapping[str, Any]) -> str:
        """The text. Raises TemplateError."""
        if self._broken:
            raise TemplateError(self._broken, where=str(self.folder / name), fix=_FIX)
        try:
            text, what, where, fix = self._calls.call_now(_rendered, str(self.folder), name, dict(values))
        except CallUnfit:
            return TemplateLoader.load(self.folder).render_here(name, values)
        except CallDied as error:
            said = error.what if isinstance(error, CallLimit) else f"ended its process: {error.what}"
            self._broken = f"rendering {name} {said}"
            raise TemplateError(self._broken, where=str(self.folder / name), fix=_FIX) from error
        if what:
            raise TemplateError(what, where=where, fix=fix)
        return text

    def close(self) -> None:
        """End the process."""
        self._calls.close()


_FIX = "Look for loops in loops and for texts that are multiplied"


def template_process(folder: Path | None) -> TemplateProcess | None:
    """None where there are only our own templates, or no processes are wanted."""
    if folder is None or os.environ.get(SWITCH):
        return None
    return TemplateProcess(folder, LimitedCalls(seconds=SECONDS, megabytes=MEGABYTES, warm=__name__, size=1))


@cache
def _loader(folder: str) -> TemplateLoader:
    return TemplateLoader.load(Path(folder))


def _rendered(folder: str, name: str, values: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Render in the other process; gives (text, what went wrong, where, the mend)."""
    try:
        return _loader(folder).render_here(name, values), "", "", ""
    except TemplateError as error:
        return "", error.what, error.where, error.fix
