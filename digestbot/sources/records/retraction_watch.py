"""The list of Retraction Watch, as CSV: https://gitlab.com/crossref/retraction-watch-data

A row names a paper by DOI, by PMID or not at all, and says what was published about it. Rows are read one at a time: the
whole list has some 60,000 of them, and only those of papers we have are kept.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping

from digestbot.model import Entry, Notice, NoticeKind, PartialDate, Standing
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import tokens

COLUMNS = ("Record ID", "RetractionNature", "OriginalPaperDOI", "OriginalPaperPubMedID")  #: without these it is none
BY = "Retraction Watch"
LONGEST = 300  #: characters of the reasons
Row = Mapping[str | None, str | list[str] | None]  #: as `csv` gives it: cells beyond the header under None
_KINDS = {
    "retraction": (NoticeKind.RETRACTION, Standing.RETRACTED),
    "expression of concern": (NoticeKind.CONCERN, Standing.STANDS),
    "correction": (NoticeKind.CORRECTION, Standing.STANDS),
    "reinstatement": (NoticeKind.REINSTATEMENT, Standing.STANDS),
}  # fmt: skip
_DAY = re.compile(r"\s*(\d{1,2})/(\d{1,2})/(\d{4})\b")  #: `8/16/2023 0:00`, the month first


class NoList(ValueError):
    """The text is not this list; says what is missing."""


def notices(lines: Iterable[str]) -> Iterator[Entry]:
    """Returns an entry for each paper that a row names: an identifier and a notice, no words. Raises NoList.

    A row's DOI and PMID are an entry each: that both are of one paper is the list's word, and joins none of ours.
    """
    rows = csv.DictReader(_whole(lines), strict=False)
    try:
        lacking = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if lacking:
            raise NoList(f"a column is missing: {', '.join(lacking)}")
        for row in rows:
            yield from _entries(row)
    except csv.Error as error:
        raise NoList(f"line {rows.line_num}: {error}") from error


def _whole(lines: Iterable[str]) -> Iterator[str]:
    for at, line in enumerate(lines):
        yield line.removeprefix("\ufeff") if at == 0 else line.replace("\0", "")


def _entries(row: Row) -> Iterator[Entry]:
    known = _KINDS.get(_cell(row, "RetractionNature").lower())
    if known is None:
        return
    kind, standing = known
    notice = {"doi": name} if (name := _doi(row, "RetractionDOI")) else {"pmid": _pmid(row, "RetractionPubMedID")}
    named = {scheme: value for scheme, value in notice.items() if value}
    said = Notice(
        kind=kind, id=next(iter(tokens(named)), ""), day=_day(_cell(row, "RetractionDate")), by=BY,
        reason=_reasons(_cell(row, "Reason")),
    )  # fmt: skip
    number = _cell(row, "Record ID")[:40]
    for scheme, value in (("doi", _doi(row, "OriginalPaperDOI")), ("pmid", _pmid(row, "OriginalPaperPubMedID"))):
        if value:
            yield Entry(
                identifiers=normal({scheme: value}), standing=standing, notices=(said,), native_key=f"{number} {scheme}:{value}"
            )  # fmt: skip


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    return value.strip() if isinstance(value, str) else ""


def _doi(row: Row, name: str) -> str:
    """`unavailable` is no DOI."""
    return doi(_cell(row, name)[:500]) or ""


def _pmid(row: Row, name: str) -> str:
    """Zero stands for none."""
    value = _cell(row, name).removesuffix(".0")
    return value if value.isdecimal() and value.isascii() and int(value[:12]) and len(value) < 12 else ""


def _day(text: str) -> PartialDate | None:
    american = _DAY.match(text)
    if american is None:
        return date_of(text[:10])
    month, day, year = american.groups()
    return date_of(f"{year}-{month.zfill(2)}-{day.zfill(2)}")


def _reasons(text: str) -> str:
    """`+Falsification of Data;+Plagiarism;` as a list in words."""
    reasons = [part.strip().lstrip("+").strip() for part in text[: 4 * LONGEST].split(";")]
    said = ", ".join(dict.fromkeys(reason for reason in reasons if reason))
    return said if len(said) <= LONGEST else f"{said[: LONGEST - 1].rstrip()}…"
