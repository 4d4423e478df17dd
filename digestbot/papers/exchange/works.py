"""Libraries of papers: BibTeX and RIS alike become entries, as if a source had said them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from digestbot.model import Entry, Link, PartialDate
from digestbot.papers.identity.identifiers import arxiv_id, doi, normal, title_key
from digestbot.papers.identity.urls import identifiers_in_url, link_kind
from digestbot.papers.text.clean import urls_in

_ARXIV_SAID = re.compile(r"(?:arxiv:?\s*|abs/)([a-z-]{0,20}(?:\.[A-Z]{2})?/?\d{4}[.\d]\d{3,5}(?:v\d+)?)", re.IGNORECASE)
_DATE = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?![-/.]?\d{3}))?(?:[-/.](\d{1,2}))?")
_YEAR = re.compile(r"(?<!\d)(1[5-9]\d\d|20\d\d)(?!\d)")
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?\Z")
_PMID = re.compile(r"(?:pmid|pubmed id)\s*+[:=]?\s*+(\d{4,9})", re.IGNORECASE)
#: what may stand in a remark before an id of the work itself: pages, "Preprint at", and the lines of Zotero's "Extra".
#: Behind any other word ("Comment on", "extended version of", "cites") it is another work's.
_LEADING = re.compile(
    r"\s*(?:\d+\s+(?:pages|figures|tables)[\s,;.]+(?:and\s+)?)*"
    r"(?:(?:e-?print|pre-?print|available|also|online|at|as|on|in|from|is|https?://(?:www\.)?arxiv\.org/)[\s:,(\[]*)*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\b(?:publisher|number|place|section|type|version|isbn|issn|pmid|pmcid|doi|conference name|container-title|citation key)\s*:",
    re.IGNORECASE,
)
_LONGEST_VALUE = 80
_SPEAKS = re.compile(r":(?!//)|;(?!\s*\Z)|\b(?:to|of|on|by|see|cites?|extends?|with)\W*\Z", re.IGNORECASE)
_REMARKS = ("note", "extra", "annotation")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: journals that only say "a preprint"
_NO_VENUE = re.compile(r"arxiv.*|corr|biorxiv|medrxiv|ssrn.*|preprint|e-?prints?", re.IGNORECASE)
_VENUES = ("journal", "journaltitle", "booktitle", "maintitle", "publication", "series")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One work of a library, in plain text; the fields by BibTeX's names."""

    kind: str  #: BibTeX's: article, inproceedings, misc …
    key: str = ""  #: what its owner calls it
    authors: tuple[str, ...] = ()  #: given before family
    fields: Mapping[str, str]

    def first(self, *names: str) -> str:
        """Returns the first of these fields that is not empty; "" when all are."""
        return next((value for name in names if (value := self.fields.get(name, "").strip())), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A part of a file that could not be read."""

    where: str  #: "line 14"
    what: str


def entry_of(work: Work) -> Entry | None:
    """Returns the work as an entry; None when it has neither a title nor an identifier."""
    identifiers, title = normal(dict(_identifiers(work))), work.first("title", "shorttitle")
    if not title and not identifiers:
        return None
    links = tuple(dict.fromkeys(Link(link_kind(url), url) for url in _addresses(work)))
    named = next((f"{s}:{identifiers[s]}" for s in ("arxiv", "doi", "pmid", "acl") if s in identifiers), "")
    return Entry(
        title=title,
        summary=work.first("abstract", "annote"),
        authors=work.authors,
        categories=tuple(c for c in work.first("primaryclass", "eprintclass").split() if _CATEGORY.match(c)),
        published=_date(work),
        link=links[0].href if links else "",
        identifiers=identifiers,
        links=links,
        venue=next((v for n in _VENUES if (v := work.first(n)) and not _NO_VENUE.fullmatch(v)), ""),
        language=_language(work.first("langid", "language")),
        native_key=named or f"title:{title_key(title) or title}",
    )


def _identifiers(work: Work) -> Iterator[tuple[str, str]]:
    """Yields (scheme, value). The surest comes last, because a later value replaces an earlier one."""
    for url in _addresses(work):
        yield from identifiers_in_url(url).items()
    for name in (*_REMARKS, "journal", "volume", "number", "howpublished", "eprint"):
        if (said := _own(_ARXIV_SAID, work, name)) and (named := arxiv_id(said)):
            yield from _arxiv(named)
    if pmid := next((found for name in _REMARKS if (found := _own(_PMID, work, name))), ""):
        yield "pmid", pmid
    archive, eprint = work.first("archiveprefix", "eprinttype").lower(), work.first("eprint")
    if archive == "pubmed" and eprint.isdecimal():  # biblatex's manual, 3.14.7
        yield "pmid", eprint
    if (pmid := work.first("pmid")).isdecimal():
        yield "pmid", pmid
    if re.fullmatch(r"(?:PMC)?\d{3,9}", pmcid := work.first("pmcid"), re.IGNORECASE):
        yield "pmcid", pmcid
    if named := arxiv_id(work.first("arxivid")) or _eprint(work):
        yield from _arxiv(named)
    if own := doi(work.first("doi", "m3")):
        yield "doi", own


def _own(pattern: re.Pattern[str], work: Work, name: str) -> str:
    """Returns the id that a field names as the work's own; "" where it names none, or another work's."""
    said = work.first(name)
    found = pattern.search(said)
    return found.group(1) if found and (name not in _REMARKS or _leads(said[: found.start()])) else ""


def _leads(before: str) -> bool:
    first, *values = _LABEL.split(before)
    return bool(_LEADING.fullmatch(first)) and not any(len(v) > _LONGEST_VALUE or _SPEAKS.search(v) for v in values)


def _arxiv(named: tuple[str, int | None]) -> Iterator[tuple[str, str]]:
    yield "arxiv", named[0]
    if named[1]:
        yield "arxiv_version", str(named[1])


def _eprint(work: Work) -> tuple[str, int | None] | None:
    """Returns the arXiv id in `eprint`; None for other archives (hal, jstor, pubmed), which have their own numbers."""
    archive, given = work.first("archiveprefix", "eprinttype").lower(), work.first("eprint")
    if archive not in ("", "arxiv"):
        return None
    prefix = work.first("primaryclass", "eprintclass").partition(".")[0]
    return arxiv_id(given) or (arxiv_id(f"{prefix}/{given}") if re.fullmatch(r"\d{7}", given) and prefix else None)


def _addresses(work: Work) -> Iterator[str]:
    for name in ("url", "link", "howpublished", "pdf"):
        yield from urls_in(work.first(name))


def _date(work: Work) -> PartialDate | None:
    """Returns the date as precisely as it is given; None for "in press"."""
    given = _DATE.match(work.first("date"))
    year = given.group(1) if given else ""
    if not year:
        found = _YEAR.search(work.first("year", "date"))
        year = found.group() if found else ""
    if not year:
        return None
    month = _number(given.group(2) if given else "", 12) or _month(work.first("month"))
    day = _number((given.group(3) if given else "") or work.first("day"), 31)
    for parts in ((year, month, day), (year, month), (year,)):
        if all(parts):
            try:
                return PartialDate("-".join(parts))
            except ValueError:  # 31 June
                continue
    return None


def _number(text: str | None, most: int) -> str:
    return f"{int(text):02}" if text and text.isdecimal() and 1 <= int(text) <= most else ""


def _month(text: str) -> str:
    """Returns the number of a month written as `nov`, `November`, `11` or `Nov.`"""
    word = text.strip().lower()[:3]
    return f"{_MONTHS.index(word) + 1:02}" if word in _MONTHS else _number(text.strip(), 12)


def _language(said: str) -> str:
    """Returns the language when it is a code; "" for "english"."""
    return said.lower() if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", said) else ""


def decoded(data: bytes) -> str:
    """Decodes what reference managers write: by BOM, by the zero bytes of UTF-16, else as UTF-8, else as windows-1252."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    head = data[:200]
    if head.count(b"\x00") > len(head) // 3:
        return data.decode("utf-16-le" if head[1:2] == b"\x00" else "utf-16-be", "replace")
    for name in ("utf-8-sig", "windows-1252"):
        try:
            return data.decode(name)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
