"""RIS in: what Zotero, Mendeley, EndNote and publishers export beside BibTeX.

https://en.wikipedia.org/wiki/RIS_(file_format), and what real files do: tags repeated, values over several lines, no ER.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digestbot.papers.exchange.bibtex import person
from digestbot.papers.exchange.works import Unread, Work

_TAG = re.compile(r"\s*([A-Z][A-Z0-9]) {0,2}-(?: (.*))?\Z")
_KINDS = {"JOUR": "article", "CONF": "inproceedings", "CPAPER": "inproceedings", "BOOK": "book", "THES": "phdthesis"}
#: RIS tag → BibTeX field; of several the first that says something
_FIELDS = {
    "title": ("TI", "T1", "CT", "BT"), "abstract": ("AB", "N2"), "journal": ("JF", "T2", "JO", "JA"), "doi": ("DO", "M3"),
    "url": ("UR", "L2"), "pdf": ("L1",), "note": ("N1",), "language": ("LA",), "date": ("DA", "PY", "Y1"), "year": ("PY", "Y1"),
}  # fmt: skip
_DATE = re.compile(r"(\d{4})(?:/(\d{1,2}))?(?:/(\d{1,2}))?(?:/.*)?\Z")


def looks_like_ris(text: str) -> bool:
    """Is it RIS rather than BibTeX: does a TY stand before the first @?"""
    head = text[:20_000]
    at = head.find("TY  - ")
    return at >= 0 and "@" not in head[:at]


def read_ris(text: str) -> tuple[list[Work], list[Unread]]:
    """Returns the works of a file, and what of it could not be read. Never raises."""
    works, problems = [], []
    for line, record in _records(text):
        if work := _work(record):
            works.append(work)
        else:
            problems.append(Unread(where=f"line {line}", what="a record without a title, an author or a DOI"))
    return works, problems


def _records(text: str) -> Iterator[tuple[int, dict[str, list[str]]]]:
    """Yields (line, tag → values) of each record: from TY to ER, or to the next TY once it has any other tag."""
    record: dict[str, list[str]] = {}
    began, last = 1, ""
    for number, line in enumerate(text.splitlines(), 1):
        tag = _TAG.match(line)
        if not tag:
            if last and line.strip():
                record[last][-1] = f"{record[last][-1]} {line.strip()}".strip()
            continue
        last, value = tag.group(1), (tag.group(2) or "").strip()
        if last == "TY" and record.keys() - {"TY"}:
            yield began, record
            record = {}
        if last == "ER":
            if record:
                yield began, record
            record, last = {}, ""
            continue
        began = began if record else number
        record.setdefault(last, []).append(value)
    if record:
        yield began, record


def _work(record: dict[str, list[str]]) -> Work | None:
    fields = {
        name: value
        for name, tags in _FIELDS.items()
        if (value := next((v for tag in tags for v in record.get(tag, ()) if v), ""))
    }
    fields |= {name: iso for name in ("date", "year") if (iso := _iso(fields.get(name, "")))}
    authors = [_plain(name) for tag in ("AU", "A1") for name in record.get(tag, ()) if name]
    if not authors and not fields.keys() & {"title", "doi", "url"}:
        return None
    kind = _KINDS.get(record.get("TY", [""])[0].upper(), "misc")
    return Work(kind=kind, key=record.get("ID", [""])[0], authors=tuple(dict.fromkeys(authors)), fields=fields)


def _plain(name: str) -> str:
    """Returns a name in reading order. One with a backslash, a brace or a dollar stays as it is, since RIS knows no TeX."""
    return name if re.search(r"[\\{}$]", name) else person(name)


def _iso(given: str) -> str:
    """Returns `2005-07-15` for `2005/07/15/`; "" for what is no such date."""
    found = _DATE.match(given)
    return "-".join(part for part in found.groups() if part) if found else ""
