"""What a posted form says, and whether a reader's copy is the current one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes
from email.message import Message
from urllib.parse import parse_qs

from starlette.requests import Request

ONE_CLICK = "list-unsubscribe"  #: the field of RFC 8058 3.1; names of fields are lower case here
LARGEST_FORM = 65_536  #: bytes; python-multipart would be a package more
_MOST_FIELDS = 200
#: what no field needs and a page, a feed, a subject or PostgreSQL trips over: control characters, turned lines, halves
_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
#: what servers in front of us add to an ETag when they compress: Apache `-gzip`, others `;gzip` or `--gzip`
_PACKED = re.compile(r"(?:--?|;)(?:gzip|br|zstd|deflate)\Z")


async def posted(request: Request) -> Mapping[str, str] | None:
    """The fields of a posted form; None for one that is too large."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return None
    return read_form(request.headers.get("content-type", ""), body)


def read_form(content_type: str, body: bytes) -> Mapping[str, str]:
    """Field → its first value, of an urlencoded or a multipart body; {} for what is neither. Characters that nobody sees are
    left out.

    A body without a word is the one-click form too: there are mail clients that send none (RFC 8058 3.2 asks for one).
    """
    if not body.strip():
        return {ONE_CLICK: "One-Click"}
    try:
        fields = _multipart(content_type, body) if "multipart/form-data" in content_type.lower() else _encoded(body)
    except (UnicodeDecodeError, ValueError, LookupError):
        return {}
    found: dict[str, str] = {}
    for name, value in fields:
        found.setdefault(_UNSEEN.sub("", name).strip().lower(), _UNSEEN.sub("", value).strip())
    return found


def is_one_click(form: Mapping[str, str]) -> bool:
    """Is it what a mail client posts for its reader (RFC 8058)?"""
    return form.get(ONE_CLICK, "").lower() == "one-click"


def _encoded(body: bytes) -> list[tuple[str, str]]:
    fields = parse_qs(body.decode().strip(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    return [(name, values[0]) for name, values in fields.items()]


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Each part's name and text (RFC 7578)."""
    kind = content_type.encode("latin-1", "replace").replace(b"\r", b"").replace(b"\n", b"")
    parts = message_from_bytes(b"Content-Type: " + kind + b"\r\n\r\n" + body).get_payload()
    if not isinstance(parts, list):
        return []
    return [(_name(part), _text(part)) for part in parts[:_MOST_FIELDS] if isinstance(part, Message)]


def _name(part: Message) -> str:
    given = part.get_param("name", "", "content-disposition")
    return given if isinstance(given, str) else ""


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def has_copy(if_none_match: str, etag: str) -> bool:
    """Does If-None-Match name this ETag? Weak ones compare equal (RFC 9110 13.1.2), `*` names any."""
    return any(_opaque(one) in ("*", _opaque(etag)) for one in if_none_match.split(","))


def _opaque(tag: str) -> str:
    return _PACKED.sub("", tag.strip().removeprefix("W/").strip('"'))
