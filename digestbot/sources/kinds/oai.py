"""Kind `oai`: records changed since the last poll, over OAI-PMH; arXiv's, or any repository's.

https://www.openarchives.org/OAI/openarchivesprotocol.html (the sections named below), and for arXiv
https://info.arxiv.org/help/oa/index.html. What a list needs to go on (its set, its arguments) is carried in the
fragment of each request's address, which no server sees: a resumption token may stand beside nothing else (3.5).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, ParseResult, Problem, ReadStatus, Request, Response
from digestbot.sources.formats.items import as_xml, each
from digestbot.sources.formats.reply_body import MOST_ENTRIES, not_a_feed, opened, read_status, unreadable
from digestbot.sources.formats.xml_tree import Element, said, tree
from digestbot.sources.records.oai_record import FORMATS, record_entry
from digestbot.sources.values import arxiv_calendar
from digestbot.sources.values.fields import unique_keys, web_address
from digestbot.sources.values.options import days_option, names_option, one_of
from digestbot.sources.values.poll_windows import FURTHEST, READ, first_day, read_to_the_end

ARXIV = "https://oaipmh.arxiv.org/oai"
_GROUPS = frozenset({"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"})  #: all others belong to physics


class OaiSource:
    """A repository's new and changed records."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"sets", "format", "look_back"})
    politeness: ClassVar[tuple[str, float] | None] = None

    def __init__(self, url: str, sets: Sequence[str] = (), form: str = "oai_dc", look_back: int = 3) -> None:
        self.url, self.sets, self.form, self.look_back = url, tuple(sets), form, look_back

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> OaiSource:
        """`url` is the base address; without it, and at any address of arXiv's, arXiv's rules hold."""
        url = str(options.get("url") or ARXIV)
        arxiv = (urlsplit(url).hostname or "").endswith("arxiv.org")
        sets = names_option(options, "sets", '["cs:cs:LG", "physics:hep-th"]')
        if odd := next((s for s in sets if not re.fullmatch(r"[\w.!~*'():-]+", s)), ""):
            raise ValueError(f"sets: {odd!r} is no setSpec; they look like cs:cs:LG or physics:hep-th")
        if arxiv and not sets and "verb=" not in url:
            raise ValueError('sets is missing: all of arXiv is too much; for example: sets = ["cs:cs:LG"]')
        form = one_of(options, "format", ("arXivRaw", "arXiv", "oai_dc") if arxiv else ("oai_dc", "arXiv", "arXivRaw"))
        kind = ArxivOaiSource if arxiv else OaiSource
        return kind(url, sets, form, days_option(options, "look_back", 3, FURTHEST))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """One list for each set, from the day before the last one that was read to its end."""
        if "verb=" in self.url:
            return (Request(url=self.url),)
        return tuple(
            list_records(self.url, form=self.form, set_=s, since=first_day(state, now, self.look_back, _read(s)))
            for s in self._sets
        )

    @property
    def _sets(self) -> tuple[str, ...]:
        return self.sets or ("",)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """A page of records, or one of the protocol's errors."""
        return read_oai(opened(response), response.url, now)


class ArxivOaiSource(OaiSource):
    """arXiv's own: one connection and 3 s for all of arXiv's interfaces, https://info.arxiv.org/help/api/tou.html."""

    politeness: ClassVar[tuple[str, float] | None] = ("arxiv", 3.0)

    def quiet(self, after: datetime, until: datetime) -> str:
        """Records change on the evenings of announcements."""
        return arxiv_calendar.quiet(after, until)


def arxiv_set(category: str) -> str:
    """The setSpec of an arXiv category: cs.LG → cs:cs:LG, astro-ph.CO → physics:astro-ph:CO, hep-th → physics:hep-th."""
    archive, _, subject = category.partition(".")
    return ":".join(part for part in (archive if archive in _GROUPS else "physics", archive, subject) if part)


def list_records(
    base: str, *, form: str = "arXivRaw", set_: str = "", since: date | None = None, until: date | None = None
) -> Request:
    """ListRecords (4.5). Both days are included; `until` is best left out (arXiv asks for that)."""
    given = {"metadataPrefix": form, "set": set_, "from": since, "until": until}
    return _first_page(base, {name: str(value) for name, value in given.items() if value})


def _first_page(base: str, arguments: Mapping[str, str], **more: str) -> Request:
    carried = urlencode(dict(arguments) | more)
    return Request(url=f"{base}?{urlencode({'verb': 'ListRecords'} | dict(arguments))}#{carried}")


def read_oai(body: bytes, url: str, now: datetime) -> ParseResult:
    """Any reply of an OAI-PMH interface. `url` is the address it came from: further pages are asked for there."""
    if (answer := not_a_feed(body)) is not None:
        return answer
    root, fault = tree(body)
    records = [r for r in root.iter("record") if r.find("header") is not None]
    if not records and (refused := _without_records(root, fault, url, now)) is not None:
        return refused
    papers = [r for r in records if not _is_deleted(r)]
    readable, problems = _readable(papers)
    entries, torn, broken = each(readable, _entries, as_xml)
    problems += torn
    if fault:
        problems.append(Problem(what="the XML is not well-formed", where=fault, hint="what could be read was read"))
    token = root.find(".//resumptionToken")
    following = _next_page(token, url)
    whole = not fault and len(papers) <= MOST_ENTRIES
    return ParseResult(
        status=read_status(entries, problems, more=following),
        entries=unique_keys(entries),
        problems=tuple(problems),
        broken=tuple(broken),
        next_requests=following,
        expected=_total(token, len(records), url),
        left_out=len(records) - len(papers),
        state=_done(url, now) if whole and not following else {},
        kind="OAI-PMH",
        cut=bool(fault),
    )


def _is_deleted(record: Element) -> bool:
    """A deleted record (2.5.1) is no paper."""
    header = record.find("header")
    return header is not None and header.get("status") == "deleted"


def _without_records(root: Element, fault: str, url: str, now: datetime) -> ParseResult | None:
    """What a reply without records says instead; None for an empty list of records."""
    if root.tag != "OAI-PMH":
        return unreadable(f"this is not a reply of OAI-PMH but <{root.tag}>" if root.tag else "this is no XML", fault)
    if (error := root.find("error")) is not None:
        return _refused(error, url, now)
    if root.find("ListRecords") is not None:
        return None
    verb = next((child.tag for child in root if child.tag not in ("responseDate", "request")), "nothing")
    return unreadable(f"this reply holds {verb} and no records", fault, "ask it with verb=ListRecords")


def _total(token: Element | None, came: int, url: str) -> int | None:
    """How many records the whole list has, deleted ones too, as far as it is told (3.5)."""
    if token is None:
        return None if "resumptionToken" in url else came
    told = token.get("completeListSize", "")
    return int(told) if told.isdecimal() else None


def _next_page(token: Element | None, url: str) -> tuple[Request, ...]:
    """The request for the rest of an incomplete list; an empty token ends it (3.5)."""
    value = "".join(token.itertext()).strip() if token is not None else ""
    if not value or not web_address(url):
        return ()
    asked = urlencode({"verb": "ListRecords", "resumptionToken": value})
    return (Request(url=f"{_base(url)}?{asked}#{urlsplit(url).fragment}"),)


def _base(url: str) -> str:
    return url.partition("#")[0].partition("?")[0]


def _read(set_: str) -> str:
    return f"{READ} {set_}".strip()


def _done(url: str, now: datetime) -> dict[str, str]:
    """What is remembered after the last page of a list."""
    return read_to_the_end(now, _read(dict(parse_qsl(urlsplit(url).fragment)).get("set", "")))


def _refused(error: Element, url: str, now: datetime) -> ParseResult:
    """The protocol's errors come with status 200 (3.6)."""
    code, words = error.get("code") or "an error without a code", said(error)[:200]
    if code == "noRecordsMatch":
        return ParseResult(status=ReadStatus.EMPTY, expected=0, state=_done(url, now), kind="OAI-PMH")
    carried = dict(parse_qsl(urlsplit(url).fragment))
    if code == "badResumptionToken" and carried and "again" not in carried:
        again = _first_page(_base(url), carried, again="1")
        return ParseResult(next_requests=(again,), kind="OAI-PMH", restarts=True)
    return unreadable(f"the repository says {code}" + (f": {words}" if words else ""), hint=_HINTS.get(code, ""))


_HINTS = {
    "badResumptionToken": "its list ended before its end; the next poll starts over",
    "cannotDisseminateFormat": "it has no records in this format: try another",
    "noSetHierarchy": "it has no sets: leave them out",
    "badArgument": "is there a set of that name?",
}


def _readable(records: Sequence[Element]) -> tuple[list[Element], list[Problem]]:
    """Those in a format that is read; the others are told once each, with their number."""
    readable, foreign = [], Counter[str]()
    for record in records[:MOST_ENTRIES]:
        given = _metadata(record)
        if given is not None and given.tag in FORMATS:
            readable.append(record)
        else:
            foreign[given.tag if given is not None else ""] += 1
    return readable, [*_told(foreign), *_too_many(len(records))]


def _metadata(record: Element) -> Element | None:
    return next(iter(record.find("metadata") or ()), None)


def _entries(record: Element) -> list[Entry]:
    given = _metadata(record)
    assert given is not None  # of a readable record
    return [record_entry(record, given)]


def _told(foreign: Mapping[str, int]) -> Iterable[Problem]:
    for tag, number in foreign.items():
        what = f"{number} records are written as <{tag}>, which is not read" if tag else f"{number} records are empty"
        yield Problem(what=what, hint='ask for format = "oai_dc", which every repository has')


def _too_many(number: int) -> Iterable[Problem]:
    if number > MOST_ENTRIES:
        yield Problem(what=f"only the first {MOST_ENTRIES} of {number} records were read")
