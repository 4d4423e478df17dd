"""Turn one field of a reply into text, an address, names or a key."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zlib import crc32

from digestbot.memo import remembered
from digestbot.model import Entry
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.text.author_lists import read_authors
from digestbot.papers.text.clean import visible
from digestbot.sources.values.dates import believable


def text(value: Any) -> str:
    """Returns a string or number as text, "" for anything else. The text may hold half characters; `visible` drops them."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


#: what a work is, where that is not an article: of OpenAlex's and Crossref's types
_TYPES = {
    "dissertation": "dissertation", "thesis": "dissertation", "dataset": "data set", "software": "software record",
    "supplementary-materials": "supplementary materials", "peer-review": "peer review report", "erratum": "correction notice",
}  # fmt: skip


def venue_of(name: str, kind: Any) -> str:
    """`Zenodo (data set)`: so that people, and `papers.identity.title_features`, know it from the article of that title."""
    what = _TYPES.get(text(kind).lower(), "")
    return f"{name} ({what})" if name and what else what or name


#: hosts that are gone for good: a link there leads to nothing
_DEAD_HOSTS = ("paperswithcode.com",)


def is_dead(url: str) -> bool:
    """Does an address lead to a host that is gone for good?"""
    if not any(dead in url.lower() for dead in _DEAD_HOSTS):
        return False
    host = f".{urlsplit(url).hostname or ''}"
    return any(host.endswith(f".{dead}") for dead in _DEAD_HOSTS)


def web_address(value: Any, base: str = "") -> str:
    """An http(s) address, resolved against `base`; "" for anything else, and for hosts that are gone."""
    return _resolved(text(value), base)


#: an address that is whole, which resolving leaves as it is
_WHOLE = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+/[\w./~-]*", re.ASCII)


@remembered(512)  # each reader of an item asks for its addresses
def _resolved(said: str, base: str) -> str:
    if _WHOLE.fullmatch(said):
        return "" if is_dead(said) else said
    return _joined(said, base)


def _joined(said: str, base: str) -> str:
    try:
        given = visible(said).strip()
        whole = urljoin(base, given) if given else ""
        parts = urlsplit(whole)
        return whole if parts.scheme in ("http", "https") and parts.netloc and not is_dead(whole) else ""
    except ValueError:
        return ""


def tokens(identifiers: Mapping[str, str]) -> tuple[str, ...]:
    """Identifiers as `Entry.same_as` and `Entry.mentions` hold them: "doi:10.…", "arxiv:2611.00001"; no versions."""
    known = normal(identifiers)
    return tuple(f"{scheme}:{value}" for scheme, value in known.items() if scheme != "arxiv_version")


_PERSON = re.compile(r"(?:\d{4}-\d{4}-\d{4}-\d{3}[\dX]|A\d{4,12}|0[a-z0-9]{6}\d{2})\Z")


def person_ids(values: Iterable[Any]) -> tuple[str, ...]:
    """ORCIDs, OpenAlex's ids of authors and RORs, out of addresses or bare, each once."""
    bare = (text(value).strip().rstrip("/").rpartition("/")[2] for value in values)
    return tuple(dict.fromkeys(one for one in bare if _PERSON.match(one)))


def number(value: Any) -> int | None:
    """Returns a count that is a number or a text of digits; None for anything else."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def rows_of(value: Any) -> list[Mapping[str, Any]]:
    """Returns the objects of a JSON list, [] for anything else."""
    return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []


def object_of(value: Any) -> Mapping[str, Any]:
    """Returns a JSON object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


#: the codes of three letters (ISO 639-2, both kinds) that libraries use; others are kept as they are
_LANGUAGES = {
    "eng": "en", "fra": "fr", "fre": "fr", "deu": "de", "ger": "de", "spa": "es", "ita": "it", "por": "pt", "nld": "nl",
    "dut": "nl", "rus": "ru", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "pol": "pl", "tur": "tr",
}  # fmt: skip


def language(code: str) -> str:
    """BCP 47, lower case: `eng` and `en` are one language."""
    given = code.strip().lower()
    return _LANGUAGES.get(given, given) if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9-]{1,20})?", given) else ""


def split_names(line: str) -> list[str]:
    """The names of one line of authors, in reading order."""
    return list(read_authors(line).names)


def unique_keys(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Gives every entry a native key of its own: its key, else its title; a key of several titles gets the title too, and
    that of one of a series, which is only its address, what it says.

    All entries of such a key get it, the first too: which one stands first changes from day to day.
    """
    given = list(entries)
    times = Counter(entry.native_key for entry in given)
    titles: dict[str, set[str]] = defaultdict(set)
    for entry in given:
        titles[entry.native_key].add(entry.title or entry.link)
    seen: dict[str, int] = defaultdict(int)
    result = []
    for entry in given:
        key = _key(entry, times[entry.native_key] > 1, len(titles[entry.native_key]) > 1)
        seen[key] += 1
        if (time := seen[key]) > 1:
            key = f"{key} {entry.title or entry.link}" + f" {time}" * (time > 2)
        result.append(entry if key == entry.native_key else replace(entry, native_key=key))
    return tuple(result)


def _key(entry: Entry, shared: bool, titled: bool) -> str:
    key = entry.native_key or f"title:{entry.title}"
    if shared and entry.serial and entry.native_key in ("", entry.link):
        return f"{key} {crc32(repr((entry.published, entry.summary, entry.authors)).encode()):08x}"
    return f"{key} {entry.title or entry.link}" if entry.native_key and titled else key


def without_future_dates(entry: Entry, now: datetime) -> Entry:
    """The entry without dates that are still to come."""
    published, updated = believable(entry.published, now), believable(entry.updated, now)
    same = published is entry.published and updated is entry.updated
    return entry if same else replace(entry, published=published, updated=updated)
