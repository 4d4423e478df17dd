"""Kind `huggingface`: the daily papers, https://huggingface.co/api/daily_papers.

Three dates: the paper's own (`paper.publishedAt`), the same some hours earlier outside, and `submittedOnDailyAt`, the
day it stood on the page: that one is `announced`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from digestbot.model import Entry, Link, LinkRel, ListingDay, ParseResult, PartialDate, Problem, Request, Response
from digestbot.papers.identity.identifiers import arxiv_id
from digestbot.papers.text.clean import plain
from digestbot.sources.formats.items import as_json, each
from digestbot.sources.formats.json_feed import json_reply
from digestbot.sources.formats.reply_body import MOST_ENTRIES, opened, read_status, unreadable
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import text, web_address

MOST = 2**31 - 1  #: of votes or stars; more is no count, and no database column holds it
API = "https://huggingface.co/api/daily_papers"
SUMMARY_BY = "Summary by Hugging Face's model"
PAGE = 100  #: papers of one reply; a day has fewer
OPENS = timedelta(hours=8)  #: after its midnight: by then a day has its first papers
CLOSES = timedelta(hours=6)  #: after its end
SATURDAY = 5
_DAY = timedelta(days=1)


class HuggingFaceSource:
    """The list of the day."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset()
    politeness: ClassVar[tuple[str, float] | None] = None

    def __init__(self, url: str = API) -> None:
        self.url = url

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> HuggingFaceSource:
        """`url` in place of the usual address."""
        return cls(str(options.get("url") or API))

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The one address."""
        return (Request(url=self.url),)

    @property
    def parts(self) -> tuple[str, ...]:
        """One page."""
        return ("",)

    def due(self, after: datetime, until: datetime) -> Sequence[ListingDay]:
        """Monday to Friday (UTC): on weekends the page may stay as it is."""
        first, last = after.date() - _DAY, until.date()
        days = (self.listing_day(first + _DAY * n) for n in range((last - first).days + 1))
        return [day for day in days if day.day.weekday() < SATURDAY and after < day.opens <= until]

    def listing_day(self, day: date) -> ListingDay:
        """Returns a listing day: it fills over its day (UTC), and can be asked for by date from the next day on."""
        begins = datetime.combine(day, time(), UTC)
        return ListingDay(day=day, opens=begins + OPENS, full=begins + _DAY, closes=begins + _DAY + CLOSES)

    def day_of(self, entry: Entry) -> date | None:
        """The day it stood on the page."""
        return entry.announced.day() if entry.announced else None

    def recover(self, day: date, missed: Sequence[str], now: datetime) -> Sequence[Request]:
        """The request for the page of that day."""
        return (Request(url=f"{API}?date={day}&limit={PAGE}"),) if self.url == API else ()

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """Read the papers of the list."""
        data = json_reply(opened(response), "the daily-papers API", f"the API is at {API}")
        if isinstance(data, ParseResult):
            return data
        if not isinstance(data, list):
            said = str(data.get("error") or data.get("message") or "")[:200] if isinstance(data, Mapping) else ""
            return unreadable("this is JSON, but no list of daily papers", where=said)
        listed = data[:MOST_ENTRIES]
        entries, problems, broken = each((i for i in listed if _names_paper(i)), lambda item: [_entry(item)], as_json)
        odd = (number for number, item in enumerate(listed, 1) if not _names_paper(item))
        problems += [Problem(what="an item without a paper", where=f"item {number}") for number in odd]
        if data and not entries:
            return unreadable("this is JSON, but no list of daily papers", where="no item holds a paper")
        return ParseResult(
            status=read_status(entries, problems), entries=tuple(entries), problems=tuple(problems), broken=tuple(broken),
            title="Daily papers", kind="JSON", listed=_listed(entries),
        )  # fmt: skip


def _listed(entries: Iterable[Entry]) -> PartialDate | None:
    """The newest day of the list."""
    days = [entry.announced.text[:10] for entry in entries if entry.announced]
    return PartialDate(max(days)) if days else None


def _names_paper(item: Any) -> bool:
    paper = item.get("paper") if isinstance(item, Mapping) else None
    return isinstance(paper, Mapping) and bool(plain(text(paper.get("id"))) or _title(item, paper))


def _title(item: Mapping[str, Any], paper: Mapping[str, Any]) -> str:
    return plain(text(item.get("title")) or text(paper.get("title")))


def _entry(item: Mapping[str, Any]) -> Entry:
    paper = item["paper"]
    number = plain(text(paper.get("id")))
    named = arxiv_id(number)
    title = _title(item, paper)
    listed = date_of(text(paper.get("submittedOnDailyAt")) or text(item.get("submittedOnDailyAt")))
    submitter = paper.get("submittedOnDailyBy") or item.get("submittedBy")
    return Entry(
        title=title,
        summary=plain(text(item.get("summary")) or text(paper.get("summary"))),
        authors=_authors(paper.get("authors")),
        published=date_of(text(paper.get("publishedAt")) or text(item.get("publishedAt"))),
        announced=PartialDate(listed.text[:10]) if listed else None,
        link=f"https://huggingface.co/papers/{number}" if number else "",
        identifiers={"arxiv": named[0]} if named else {},
        submitter=_name(submitter),
        links=_links(paper, number, named),
        signals=_signals(item, paper),
        tldr=_machine_summary(paper),
        native_key=number or title,
    )


def _machine_summary(paper: Mapping[str, Any]) -> str:
    """Returns a model's summary with the model's owner. A card shows it only where no abstract is known."""
    words = plain(text(paper.get("ai_summary")))
    return f"{SUMMARY_BY}: {words}" if words else ""


def _authors(given: Any) -> tuple[str, ...]:
    people = (a for a in given or () if isinstance(a, Mapping)) if isinstance(given, list) else ()
    return tuple(dict.fromkeys(n for a in people if not a.get("hidden") and (n := plain(text(a.get("name"))))))


def _name(person: Any) -> str:
    if not isinstance(person, Mapping):
        return ""
    return plain(text(person.get("fullname")) or text(person.get("name")))


def _links(paper: Mapping[str, Any], number: str, named: tuple[str, int | None] | None) -> tuple[Link, ...]:
    links = (
        [
            Link(LinkRel.ABSTRACT, f"https://arxiv.org/abs/{named[0]}"),
            Link(LinkRel.PDF, f"https://arxiv.org/pdf/{named[0]}"),
        ]
        if named
        else []
    )
    for rel, name in ((LinkRel.CODE, "githubRepo"), (LinkRel.PROJECT, "projectPage")):
        if address := web_address(paper.get(name)):
            links.append(Link(rel, address))
    if number:
        links.append(Link(LinkRel.DISCUSSION, f"https://huggingface.co/papers/{number}"))
    return tuple(links)


def _signals(item: Mapping[str, Any], paper: Mapping[str, Any]) -> dict[str, int]:
    given = {"upvotes": paper.get("upvotes"), "comments": item.get("numComments"), "stars": paper.get("githubStars")}
    return {k: v for k, v in given.items() if isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= MOST}
