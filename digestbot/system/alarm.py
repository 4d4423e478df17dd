"""Telling somebody who does not look: a command that gets a text on its stdin, or an address that gets it by POST (webhook)."""

from __future__ import annotations

import logging
import shlex
import subprocess
import urllib.error
import urllib.request

log = logging.getLogger(__name__)

PATIENCE = 30.0  #: seconds for the command or the address


def call(text: str, *, command: str = "", url: str = "") -> bool:
    """Run the command and call the address, those that are given; True when one of them took the text."""
    return any([bool(command) and _run(command, text), bool(url) and _post(url, text)])


def _run(command: str, text: str) -> bool:
    try:
        done = subprocess.run(  # noqa: S603  # the operator's own command, without a shell
            shlex.split(command), input=text, text=True, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        log.error("the command of [alerts] failed: %s", error)
        return False
    if done.returncode:
        log.error("the command of [alerts] ended with %d", done.returncode)
    return done.returncode == 0


def _post(url: str, text: str) -> bool:
    request = urllib.request.Request(url, data=text.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})  # noqa: S310  # checked to be http(s) by the configuration
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310  # as above
            return bool(answer.status < 300)
    except (OSError, urllib.error.URLError, ValueError) as error:
        log.error("the address of [alerts] did not take it: %s", type(error).__name__)
        return False
