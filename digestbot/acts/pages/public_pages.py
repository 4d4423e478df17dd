"""The public pages, rendered: for the server and for files alike, which differ in their addresses only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from digestbot.acts.answers.search import search
from digestbot.acts.pages.read_editions import Day, read_day, read_days, read_span, week_name
from digestbot.acts.pages.read_papers import PaperView, read_paper
from digestbot.acts.site.settings import FeedSettings
from digestbot.digest.rendering.addresses import Addresses
from digestbot.digest.rendering.cards import short, web, why
from digestbot.digest.rendering.catalog import Catalog
from digestbot.digest.rendering.page_cards import PageCard, Shelf, fold, page_card, public
from digestbot.digest.rendering.spark import spark
from digestbot.digest.selection.updates import Fate
from digestbot.errors import RuleError
from digestbot.model import Item
from digestbot.papers.exchange.cite import tags
from digestbot.rules import parse
from digestbot.store import Store

PER_PAGE = 50  #: papers of one page
WITHIN = 20_000  #: papers that a page looks through for a rule
LONGEST_RULE = 1000  #: characters of a rule that a stranger asks with
Link = tuple[str, str, str]  #: (address, label, rel)


class Render(Protocol):
    """A template's name and its values become HTML; what the frame needs is added."""

    def __call__(self, name: str, /, **values: Any) -> str:
        """Renders a template. Raises TemplateError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPages:
    """One method a page; None where there is no such page."""

    store: Store
    settings: FeedSettings
    words: Catalog
    to: Addresses
    render: Render
    now: datetime
    imprint: str = ""

    @property
    def today(self) -> date:
        """The date of today in the site's time zone."""
        return self.now.astimezone(ZoneInfo(self.settings.zone)).date()

    def edition(self, day: str = "", page: int = 1) -> str | None:
        """The edition of a day; the newest when none is named, and on a day that has none yet."""
        if day == self.today.isoformat() and page == 1 and read_day(self.store, self.settings, day) is None:
            day = ""
        shown = read_day(self.store, self.settings, day)
        if shown is None:
            return None if day else self._nothing_yet()
        pages = max(1, -(-len(shown.papers) // PER_PAGE))
        if not 1 <= page <= pages:
            return None
        on = date.fromisoformat(shown.day)
        shelf = self._shelf(on.year)
        first = (page - 1) * PER_PAGE
        cards = [page_card(paper, shelf, note) for paper, note in shown.papers[first : first + PER_PAGE]]
        here = self.to.day(shown.day)
        return self.render(
            "papers", index=True, heading=self.words.day("long_year", on), by=self._by(shown),
            title=self.words.day("long_year", on), nav=self._days(shown, on), cards=fold(cards),
            count=self._count(shown), open=shown.open, feeds=self._feeds(), canonical=here,
            told=self._polled(shown), pages=[(self._page(shown.day, n), n, n == page) for n in range(1, pages + 1)],
        )  # fmt: skip

    def found(self, rule: str) -> list[str]:
        """Public ids of what a page shows for a rule."""
        found = search(self.store, parse(rule, topics=self.settings.rules), most=PER_PAGE, within=WITHIN)
        return [paper.public_id for paper, _ in found.papers]

    def span(self, name: str, known: Collection[str] | None = None) -> str | None:
        """The best of a week (2026-W48) or a month (2026-11); links lead to `known` ones only, where they are given."""
        found = read_span(self.store, self.settings, name, now=self.now)
        if found is None:
            return None
        kind = "week" if "W" in name else "month"
        shelf = self._shelf(found.first.year)
        nav: list[Link] = [(self.to.page(f"{kind}/{found.before}"), f"← {self._span_name(found.before)}", "prev")]
        if known is not None and f"{kind}/{found.before}" not in known:
            nav = []
        if found.after and (known is None or f"{kind}/{found.after}" in known):
            nav.append((self.to.page(f"{kind}/{found.after}"), f"{self._span_name(found.after)} →", "next"))
        heading = self.words.say(f"page_{kind}", name=self._span_name(name))
        return self.render(
            "papers", index=True, heading=heading, title=heading, by=self.words.text["page_best"], nav=nav,
            cards=fold([page_card(paper, shelf, note) for paper, note in found.papers]), open=False,
            count=[self.words.count("papers", len(found.papers))], feeds=self._feeds(), told="", pages=[],
            canonical=self.to.page(f"{kind}/{name}"),
        )  # fmt: skip

    def topic(self, name: str) -> str | None:
        """The page of a topic of the site."""
        topic = next((t for t in self.settings.topics if t.name == name), None)
        if topic is None:
            return None
        found = self._found(topic.query)
        return self.render(
            "papers", index=True, heading=topic.name, title=topic.name, by="", rule=topic.query, nav=[], cards=found,
            count=self._count_of(found), open=False, told="", pages=[], canonical=self.to.topic(name),
            feeds=self._feeds(f"topics/{self.to.topic_name(name)}"),
        )  # fmt: skip

    def search(self, query: str) -> str:
        """What a rule finds; its error with the caret; the form alone without a rule."""
        rule = query.strip()
        error, cards, feeds = "", [], []
        if len(rule) > LONGEST_RULE:
            error, rule = self.words.text["page_rule_long"], ""
        elif rule:
            try:
                cards = self._found(rule)
                feeds = self._feeds(query=rule)
            except RuleError as wrong:
                error = str(wrong)
        return self.render(
            "search", index=False, q=short(query, LONGEST_RULE), error=error, cards=cards, feeds=feeds,
            count=self._count_of(cards), asked=bool(rule), topics=self._topics(),
        )  # fmt: skip

    def topics(self) -> str:
        """The site's topics, each with its rule."""
        return self.render("topics", index=True, topics=self._topics())

    def archive(self) -> str:
        """The page of all days, by month."""
        months: dict[str, list[tuple[str, str]]] = {}
        for day in read_days(self.store):
            on = date.fromisoformat(day)
            months.setdefault(day[:7], []).append((self.to.day(day), self.words.day("short", on)))
        shown = [(self._span_name(m), self.to.page(f"month/{m}"), days) for m, days in months.items()]
        return self.render("archive", index=True, months=shown)

    def about(self) -> str:
        """How it works, what is kept about people, who answers for it."""
        imprint = [part.split("\n") for part in self.imprint.split("\n\n") if part.strip()]
        return self.render("about", index=True, imprint=imprint, feeds=self._feeds(), topics=self._topics())

    def paper(self, public_id: str, known: Collection[str] | None = None) -> str | None:
        """A paper's own page; it links to `known` papers only, where they are given."""
        found = read_paper(self.store, public_id, now=self.now)
        if found is None:
            return None
        paper = public(found.paper, self.settings.abstracts)
        shelf = self._shelf(self.now.year)
        name = self.to.paper(paper.public_id)
        return self.render(
            "paper", index=True, card=page_card(found.paper, shelf), paper=paper, said=self._said(found), fate=self._fate(found.fate),
            tags=[(tag, value) for tag, value in tags(paper) if value], canonical=name,
            spark=spark(found.votes), votes=found.votes,
            beside=[
                (self.to.paper(other.public_id) if known is None or other.public_id in known else "", other.title, reason)
                for other, reason in found.beside
            ],
            cites=[(self.to.cite(paper.public_id, kind), label) for kind, label in CITES],
        )  # fmt: skip

    def _shelf(self, year: int) -> Shelf:
        return Shelf(
            words=self.words, titles=self.settings.titles, abstracts=self.settings.abstracts, year=year,
        )  # fmt: skip

    def _found(self, rule: str) -> list[PageCard]:
        found = search(self.store, parse(rule, topics=self.settings.rules), most=PER_PAGE, within=WITHIN)
        shelf = self._shelf(self.now.year)
        return fold(
            [page_card(p, shelf, why=why(Item(paper=p, reasons=m.reasons), self.words)) for p, m in found.papers]
        )

    def _nothing_yet(self) -> str:
        on = self.today
        return self.render(
            "papers", index=True, heading=self.words.day("long_year", on), title=self.settings.site, by="", nav=[],
            cards=[], count=[self.words.text["page_none_yet"]], open=False, feeds=self._feeds(), told="", pages=[],
            canonical=self.to.home,
        )  # fmt: skip

    def _by(self, shown: Day) -> str:
        names = [short(name, 40) for name in shown.curators]
        return self.words.say("page_by", names=", ".join(names)) if names else self.words.text["page_by_community"]

    def _days(self, shown: Day, on: date) -> list[Link]:
        nav: list[Link] = []
        if shown.before:
            nav.append((self.to.day(shown.before), f"← {self._short(shown.before)}", "prev"))
        if shown.after:
            nav.append((self.to.day(shown.after), f"{self._short(shown.after)} →", "next"))
        week = week_name(on)
        label = self.words.text["page_this_week"] if week == week_name(self.today) else self._span_name(week)
        nav.append((self.to.page(f"week/{week}"), label, "up"))
        return nav

    def _short(self, day: str) -> str:
        return self.words.day("short", date.fromisoformat(day))

    def _span_name(self, name: str) -> str:
        if "W" in name:
            return self.words.say("page_week_name", week=int(name[6:]), year=name[:4])
        return self.words.day("month", date.fromisoformat(f"{name}-01"))

    def _count(self, shown: Day) -> list[str]:
        """`8 papers`, `of 412 new ones from 6 sources; 3 are rising`."""
        rising = sum(1 for _, note in shown.papers if note)
        told = [self.words.count("papers", len(shown.papers))]
        sources = len(shown.polled) or len({source for paper, _ in shown.papers for source in paper.sources})
        named = self.words.count("sources", sources)
        if shown.new > len(shown.papers):
            more = self.words.say("page_of", new=self.words.number(shown.new), sources=named)
        else:
            more = self.words.say("page_from", sources=named) if sources else ""
        risen = self.words.count("rising", rising) if rising else ""
        return [*told, "; ".join(part for part in (more, risen) if part)]

    def _count_of(self, cards: Sequence[PageCard]) -> list[str]:
        newest = self.words.text["page_newest"] if len(cards) >= PER_PAGE else ""
        return [self.words.count("papers", len(cards)), newest]

    def _polled(self, shown: Day) -> str:
        parts = [f"{self.settings.titles.get(name, name)} {self.words.number(new)}" for name, new in shown.polled[:12]]
        return self.words.say("page_polled", sources=", ".join(parts)) if parts else ""

    def _page(self, day: str, page: int) -> str:
        return self.to.day(day if page == 1 else f"{day}-p{page}")

    def _topics(self) -> list[tuple[str, str, str]]:
        return [(self.to.topic(topic.name), topic.name, topic.query) for topic in self.settings.topics]

    def _feeds(self, below: str = "", query: str = "") -> list[tuple[str, str, str]]:
        """(address, label, media type) of a page's feeds."""
        return [(self.to.feed(name, below, query), label, kind) for name, label, kind in FEED_LABELS]

    def _said(self, found: PaperView) -> list[dict[str, str]]:
        zone = ZoneInfo(self.settings.zone)
        return [
            {"source": self.settings.titles.get(one.source, one.source), "version": one.version, "link": one.link,
             "day": self.words.day("card_year", one.seen.astimezone(zone)), "title": short(one.title, 200),
             "reason": short(one.reason, 200)}
            for one in found.said
        ]  # fmt: skip

    def _fate(self, fate: Fate) -> dict[str, Any]:
        zone = ZoneInfo(self.settings.zone)
        days = [line.seen and self.words.day("card_year", line.seen.astimezone(zone)) for line in fate.lines]
        lines = [
            (self.words.note(line.text), self.words.say("page_fate_seen", day=day) if day else "", web(line.href))
            for line, day in zip(fate.lines, days, strict=True)
        ]
        return {"lead": self.words.note(fate.lead), "grave": fate.grave, "lines": lines}


CITES = (("bib", "BibTeX"), ("ris", "RIS"), ("json", "CSL-JSON"))
FEED_LABELS = (
    ("feed.xml", "RSS", "application/rss+xml"),
    ("feed.atom", "Atom", "application/atom+xml"),
    ("feed.json", "JSON Feed", "application/feed+json"),
)
