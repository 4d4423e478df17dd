"""A file as if it had been fetched: for `digestbot try FILE`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from digestbot.model import Fetched, ReadStatus, Request, Response

LARGEST = 10 * 1024 * 1024


def read_file(path: Path, now: datetime) -> Fetched:
    """Its bytes as a Response; a missing or too large file is a value, as a missing page is."""
    request = Request(url=path.absolute().as_uri())
    try:
        with path.open("rb") as file:
            body = file.read(LARGEST + 1)
    except OSError as error:
        return Fetched(
            request=request, status=ReadStatus.UNREACHABLE, error=f"cannot be read: {error.strerror or error}"
        )
    if len(body) > LARGEST:
        return Fetched(request=request, status=ReadStatus.UNREACHABLE, error="larger than 10 MB")
    return Fetched(request=request, status=ReadStatus.OK, response=Response(url=request.url, body=body, fetched=now))
