"""A week of arXiv and of the daily page, as their servers would answer at any moment of it: for played weeks.

Monday 23 to Monday 30 November 2026. On Tuesday cs.AI shows Monday's list all day under a fresh lastBuildDate;
Thanksgiving's evening has no announcement, so Friday has no list; the daily page fills over each day.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from digestbot.model import DeliveryResult, Fetched, Outcome, ReadStatus, Receipt, Request, Response, SendStage, State
from digestbot.sources.values.arxiv_calendar import NEW_YORK
from digestbot.store import Store

CATEGORIES = ("cs.AI", "cs.CL")
#: listing day → when its papers were submitted, UTC
LISTED = {
    date(2026, 11, 23): datetime(2026, 11, 20, 15, tzinfo=UTC),
    date(2026, 11, 24): datetime(2026, 11, 23, 15, tzinfo=UTC),
    date(2026, 11, 25): datetime(2026, 11, 24, 15, tzinfo=UTC),
    date(2026, 11, 26): datetime(2026, 11, 25, 15, tzinfo=UTC),
    date(2026, 11, 30): datetime(2026, 11, 26, 15, tzinfo=UTC),
}
STALE = (date(2026, 11, 24), "cs.AI")
EACH = 6  #: papers of a category and day


@dataclass(frozen=True, kw_only=True)
class Work:
    """One paper of the week."""

    id: str
    categories: tuple[str, ...]
    listed: date
    submitted: datetime
    version: int = 1

    @property
    def title(self) -> str:
        return f"Paper {self.id} of a played week"

    @property
    def remark(self) -> str:
        """Stands in the records from the beginning; announcements bear none."""
        return "Accepted at ISCA 2027" if int(self.id[-2:]) % 3 == 0 else "9 pages"


def works() -> list[Work]:
    """All that arXiv announces: every third paper is in both categories."""
    made = []
    for at, (day, submitted) in enumerate(sorted(LISTED.items())):
        for c, category in enumerate(CATEGORIES):
            for n in range(EACH):
                other = CATEGORIES[1 - c : 2 - c] if n % 3 == 0 else ()
                number = f"2611.{10_000 + 1000 * at + 100 * c + n:05}"
                made.append(Work(id=number, categories=(category, *other), listed=day, submitted=submitted))
    return made


def daily() -> Iterator[tuple[date, datetime, str]]:
    """(day, since when it stands there, id) of the daily page."""
    for day in (date(2026, 11, 23) + timedelta(days=n) for n in range(8)):
        for n in range(5 if day.weekday() < 5 else 0):
            yield day, datetime.combine(day, time(4 + 4 * n), UTC), f"2610.{int(f'{day:%d}') * 100 + n:05}"


#: old papers that were replaced or corrected in this week: OAI-PMH brings them along
OLD = [
    Work(id="1905.00123", categories=("cs.AI",), listed=date(2019, 5, 2), submitted=datetime(2019, 5, 1, tzinfo=UTC)),
    Work(id="2610.04321", categories=("cs.AI",), listed=date(2026, 10, 9), version=3,
         submitted=datetime(2026, 10, 8, tzinfo=UTC)),
]  # fmt: skip


@dataclass
class Week:
    """A `transport.Transport` that answers as the servers would."""

    clock: Callable[[], datetime]
    asked: list[tuple[datetime, str]] = field(default_factory=list)
    beside: tuple[Work, ...] = ()  #: announced too

    @property
    def works(self) -> list[Work]:
        return [*works(), *self.beside]

    async def fetch(self, request: Request) -> Fetched:
        """By host."""
        now, parts = self.clock(), urlsplit(request.url)
        self.asked.append((now, request.url))
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match parts.hostname:
            case "rss.arxiv.org":
                body = self.rss(parts.path.rpartition("/")[2].split("+"), now)
            case "export.arxiv.org":
                body = self.api(given, now)
            case "oaipmh.arxiv.org":
                body = self.oai(given, now)
            case _:
                body = self.page(given.get("date"), now)
        response = Response(url=request.url, body=body.encode(), fetched=now)
        return Fetched(request=request, status=ReadStatus.OK, response=response, http_status=200)

    def rss(self, categories: list[str], now: datetime) -> str:
        """Made at midnight in New York; one of the categories may be left behind."""
        today = now.astimezone(NEW_YORK).date()
        shown: dict[str, tuple[date, Work]] = {}
        for category in categories:
            day = today - timedelta(days=1) if (today, category) == STALE else today
            shown |= {w.id: (day, w) for w in self.works if category in w.categories and w.listed == day}
        built = format_datetime(datetime.combine(today, time(), NEW_YORK))
        items = "".join(_item(work, day) for day, work in shown.values())
        return (
            '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
            f"<channel><title>{', '.join(categories)} updates on arXiv.org</title><link>http://rss.arxiv.org/rss/cs</link>"
            f"<lastBuildDate>{built}</lastBuildDate><pubDate>{built}</pubDate>{items}</channel></rss>"
        )

    def api(self, given: dict[str, str], now: datetime) -> str:
        """By the minutes of submission."""
        begin, end = re.findall(r"\d{12}", given["search_query"])
        found = [
            w
            for w in self.works
            if any(f"cat:{c}" in given["search_query"] for c in w.categories)
            and begin <= f"{w.submitted:%Y%m%d%H%M}" <= end
            and _public(w, now)
        ]
        start = int(given["start"])
        page = found[start : start + int(given["max_results"])]
        return (
            '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
            f"<title>arXiv Query</title><id>https://arxiv.org/api/x</id><opensearch:totalResults>{len(found)}</opensearch:totalResults>"
            + "".join(map(_atom, page))
            + "</feed>"
        )

    def oai(self, given: dict[str, str], now: datetime) -> str:
        """By the day of the last change: the evening of the announcement."""
        category = given["set"].removeprefix("cs:cs:")
        found = [
            w
            for w in [*self.works, *OLD]
            if f"cs.{category}" in w.categories and (w in OLD or _public(w, now))
            and (w in OLD or w.listed.isoformat() >= given["from"])
        ]  # fmt: skip
        records = "".join(map(_record, found))
        return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{records}</ListRecords></OAI-PMH>'

    def page(self, day: str | None, now: datetime) -> str:
        """The day asked for, else the newest that has papers."""
        seen = [(d, number) for d, since, number in daily() if since <= now]
        wanted = date.fromisoformat(day) if day else max((d for d, _ in seen), default=None)
        return json.dumps([_daily(number, d) for d, number in seen if d == wanted])


def _public(work: Work, now: datetime) -> bool:
    return datetime.combine(work.listed, time(), NEW_YORK) <= now


def _item(work: Work, day: date) -> str:
    codes = "".join(f"<category>{c}</category>" for c in work.categories)
    return (
        f"<item><title>{escape(work.title)}</title><link>https://arxiv.org/abs/{work.id}</link>"
        f"<description>arXiv:{work.id}v1 Announce Type: new \nAbstract: All about it.</description>"
        f'<guid isPermaLink="false">oai:arXiv.org:{work.id}v1</guid>{codes}'
        f"<pubDate>{format_datetime(datetime.combine(day, time(), NEW_YORK))}</pubDate>"
        "<arxiv:announce_type>new</arxiv:announce_type><dc:creator>A. Author</dc:creator></item>"
    )


def _atom(work: Work) -> str:
    codes = "".join(f'<category term="{c}"/>' for c in work.categories)
    return (
        f"<entry><id>http://arxiv.org/abs/{work.id}v1</id><title>{work.title}</title><summary>All about it.</summary>"
        f"<published>{work.submitted:%Y-%m-%dT%H:%M:%SZ}</published><updated>{work.submitted:%Y-%m-%dT%H:%M:%SZ}</updated>"
        f"<author><name>A. Author</name></author>{codes}"
        f'<arxiv:comment xmlns:arxiv="http://arxiv.org/schemas/atom">{work.remark}</arxiv:comment></entry>'
    )


def _record(work: Work) -> str:
    versions = "".join(
        f'<version version="v{n + 1}"><date>{format_datetime(work.submitted + timedelta(days=20 * n), usegmt=True)}</date></version>'
        for n in range(work.version)
    )
    changed = work.listed if work not in OLD else date(2026, 11, 25)
    return (
        f"<record><header><identifier>oai:arXiv.org:{work.id}</identifier><datestamp>{changed}</datestamp></header>"
        f'<metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>{work.id}</id>{versions}<title>{work.title}</title>'
        f"<authors>A. Author</authors><categories>{' '.join(work.categories)}</categories><comments>{work.remark}</comments>"
        "<abstract>All about it.</abstract></arXivRaw></metadata></record>"
    )


def _daily(number: str, day: date) -> dict[str, object]:
    title = f"Paper {number} of the daily page"
    about = {"id": number, "title": title, "summary": "All about it.", "authors": [{"name": "B. Author"}], "upvotes": 1,
             "publishedAt": "2026-10-20T00:00:00.000Z", "submittedOnDailyAt": f"{day}T00:00:00.000Z"}  # fmt: skip
    return {"paper": about, "title": title, "publishedAt": "2026-10-20T00:00:00.000Z"}


def send_all(store: Store, now: datetime) -> None:
    """All mails that wait are sent: one that nobody tries gives its papers back at the next slot."""
    accepted = Receipt(outcome=Outcome.ACCEPTED, stage=SendStage.DOT, code=250)
    with store.transaction() as tx:
        claimed = tx.outbox.claim_deliveries(100, owner="x", now=now, lease=timedelta(minutes=1))
        granted = tx.outbox.commit_deliveries([d.id for d in claimed], owner="x", now=now)
        tx.outbox.finish_deliveries([DeliveryResult(n, State.SENT, accepted) for n in granted], owner="x", now=now)
