"""Read a server's own words for a refusal, without any key of ours in them. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from digestbot.model import Request
from digestbot.papers.text.clean import plain

LONGEST = 200  #: characters of it that are told
LARGEST = 64 * 1024  #: bytes of a reply that are looked at: what is longer is no message
_SHORTEST = 3  #: characters of what may be a key
#: where APIs put it, the most telling first: Crossref and OpenAlex `message`, NCBI and others `error`, RFC 9457 `detail`
_FIELDS = ("message", "detail", "error_description", "error", "errors", "title")
#: arXiv's error is a feed with one entry; NCBI's an <ERROR>
_ELEMENT = re.compile(r"<(?:[\w-]+:)?(error|message|detail|summary)\b[^<>]{0,300}>([^<>]+)<", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_KEPT = re.compile(r"key|token|secret|pass|auth(?!ors?\b)|mail|sign?\b|signature|session", re.IGNORECASE)


def words(body: bytes, request: Request) -> str:
    """The message in the body of a refusal, as one line; "" where it is a web page or says nothing."""
    text = body.decode("utf-8-sig", errors="replace").strip()
    if not text or _PAGE.search(text[:2000]):
        return ""
    if text[0] in "{[":
        try:
            said = _in_json(json.loads(text, strict=False))
        except (ValueError, RecursionError):
            said = ""
    elif text[0] == "<":
        found = _ELEMENT.search(text)
        said = found.group(2) if found else ""
    else:
        said = text.splitlines()[0]
    return hidden(plain(said), kept(request))[:LONGEST].strip()


def _in_json(value: Any, deep: int = 0) -> str:
    if isinstance(value, str):
        return value
    if deep > 4:
        return ""
    if isinstance(value, list):
        return "; ".join(said for one in value[:3] if (said := _in_json(one, deep + 1)))
    if isinstance(value, Mapping):
        said = next((said for name in _FIELDS if (said := _in_json(value.get(name), deep + 1))), "")
        kind = value.get("name")  # OpenReview's ChallengeRequiredError
        named = isinstance(kind, str) and kind.endswith("Error") and 5 < len(kind) < 60 and kind not in said
        return f"{kind}: {said}".removesuffix(": ") if named else said
    return ""


def kept(request: Request) -> frozenset[str]:
    """Returns every value of a request that may be a key, a password or a person's address."""
    values = {secret.reveal() for secret in request.secrets.values()}
    values |= {secret.reveal() for secret in request.login.fields.values()} if request.login else set()
    for header in request.headers.values():
        values |= {header, *header.split()}
    try:
        parts = urlsplit(request.url)
    except ValueError:
        return frozenset(values)
    values |= {parts.username or "", parts.password or ""}
    values |= {value for name, value in parse_qsl(parts.query) if _KEPT.search(name)}
    return frozenset(value for value in values if len(value) >= _SHORTEST)


def hidden(text: str, values: Iterable[str]) -> str:
    """The text with `***` in place of these values, however they are written."""
    forms = {form for v in values for form in (v, quote(v, safe=""), quote(v), quote_plus(v), html.escape(v))}
    forms.discard("")
    if not forms:
        return text
    return re.sub("|".join(map(re.escape, sorted(forms, key=len, reverse=True))), "***", text, flags=re.IGNORECASE)
