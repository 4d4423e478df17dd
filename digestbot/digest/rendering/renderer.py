"""Renderer: a digest becomes subject, HTML and plain text, both bodies already encoded for the wire. Pure.

Each pair of templates is rendered once for each paper, section or kind of digest, with placeholders for personal
values, and kept as encoded lines (`digest.rendering.fragments`). A mail is joined from these lines: no template runs
for one mail, and only personal words are encoded. Rendering whole templates gives the same bytes (tested).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup

from digestbot.digest.rendering import cards, headings
from digestbot.digest.rendering.addresses import Addresses
from digestbot.digest.rendering.catalog import ENGLISH, Catalog
from digestbot.digest.rendering.form_mails import LeaveOffer, form_mail_values, leave_page_values
from digestbot.digest.rendering.fragment_cache import BoundedCache, IdentityCache
from digestbot.digest.rendering.fragments import (
    NONE,
    STAND_IN,
    Fragment,
    Given,
    KeptCard,
    Letter,
    Lines,
    Pair,
    Pieces,
    Placeholder,
    decoded,
    encoded,
    escaped,
    harmless,
    together,
)
from digestbot.digest.rendering.page_layout import LENGTHS, Layout, Part, lay_out, whole
from digestbot.digest.rendering.template_loader import RenderElsewhere, TemplateLoader
from digestbot.digest.rendering.text_layout import wrap
from digestbot.digest.selection.listing_counts import account
from digestbot.errors import TemplateError
from digestbot.memo import until_forgotten
from digestbot.model import Digest, Item, Paper, PolledSource, SectionKind, Subscriber
from digestbot.model.mail import FormMail

MOST_HTML = 95_000  #: encoded bytes; Gmail hides what comes after about 102 kB, and 96 kB is the promise
_SAID = attrgetter("field", "text")  #: of a reason
_TOKEN = re.compile(rf"/([a-z2-7]{{{len(STAND_IN)}}})/")  #: of a private address: `mail.link_tokens`
Known = Callable[[], Mapping[str, Any]]  #: a template's values but for its blanks; asked only when it is rendered


class _Sheet(NamedTuple):
    """What all cards of one digest share."""

    words: Catalog
    year: int  #: of the slot
    carriers: Mapping[str, str]
    votes: str
    token: bytes = b""  #: of `votes`, where STAND_IN stands in for it there

    def carrier(self, paper: Paper) -> str:
        """The title of a paper's first source."""
        return self.carriers.get(paper.sources[0], paper.sources[0]) if paper.sources else ""


@dataclass(eq=False)
class Templates:
    """The templates, ours and those that override them. Raises TemplateError for any that cannot be used."""

    stationery: TemplateLoader
    _papers: IdentityCache[Pair] = field(default_factory=IdentityCache)
    _cards: BoundedCache[KeptCard] = field(default_factory=lambda: BoundedCache(4096))  #: of about 4 kB
    _frames: BoundedCache[Pair] = field(default_factory=lambda: BoundedCache(1024))
    _headings: BoundedCache[Pair] = field(default_factory=lambda: BoundedCache(1024))  #: of sections, whatever they say
    _sections: BoundedCache[Pair] = field(default_factory=BoundedCache)
    _lines: BoundedCache[Lines] = field(default_factory=lambda: BoundedCache(8192))  #: reasons, sources

    def __post_init__(self) -> None:
        until_forgotten(self)

    def answers(self) -> int:
        """How much of papers, topics and reasons is kept; pieces of templates alone do not count."""
        return len(self._papers) + len(self._cards) + len(self._sections) + len(self._lines)

    def forget(self) -> None:
        """Drop what was rendered of papers, topics and reasons."""
        self._papers.clear()
        for kept in (self._cards.clear, self._sections.clear, self._lines.clear):
            kept()

    @classmethod
    def load(cls, override: Path | None = None, elsewhere: RenderElsewhere | None = None) -> Templates:
        """Find the templates; a file of the same name in `override` wins, and all are rendered `elsewhere` then."""
        return cls(TemplateLoader.load(override, elsewhere))

    def letter(self, digest: Digest) -> Letter:
        """Subject and both bodies. The HTML always stays below 96 kB: see `page_layout.LENGTHS` for what gives way."""
        words = self.stationery.languages.of(digest.subscriber.language)
        for detail in LENGTHS[digest.subscriber.length]:
            layout = lay_out(digest, detail)
            subject = headings.subject(digest, layout, words)
            made = self._bodies(digest, words, subject, layout)
            html = b"".join(made.html)
            if len(html) <= MOST_HTML:
                break
        return Letter(subject=subject, html=html, text=b"".join(made.text))

    def form_mail(self, mail: FormMail) -> Letter:
        """The mail that asks somebody to press a button, in their language."""
        words = self.stationery.languages.of(mail.language)
        values = form_mail_values(mail, words)
        pair = self._pair("form_mail", lambda: headings.tongue(words) | values, {}, {})
        html, text = (b"".join(form.filled({})) for form in pair)
        return Letter(subject=values["subject"], html=html, text=text)

    def subject(self, digest: Digest) -> str:
        """The subject, on one line."""
        return self.letter(digest).subject

    def html(self, digest: Digest) -> str:
        """The HTML, decoded for looking at it."""
        return decoded(self.letter(digest).html)

    def text(self, digest: Digest) -> str:
        """The plain text, decoded for looking at it."""
        return decoded(self.letter(digest).text) + "\n"

    def page(self, name: str, language: str = ENGLISH, /, **values: Any) -> str:
        """A page of the web part: `web/NAME.html`. What its frame needs and is not given is that of a page alone."""
        frame = {"to": Addresses(), "site": "", "contact": "", "index": False, "signup": "closed", "slot": True}
        words = self.stationery.languages.of(language)
        return self.stationery.render(f"web/{name}.html", **(frame | headings.tongue(words) | values))

    def words(self, language: str) -> Catalog:
        """The texts of a language."""
        return self.stationery.languages.of(language)

    def style(self) -> str:
        """The style sheet of the pages."""
        return self.stationery.render("web/style.css")

    @cached_property
    def style_mark(self) -> str:
        """Changes with the style sheet, so that browsers may keep it for ever."""
        return sha256(self.style().encode()).hexdigest()[:12]

    @property
    def language_names(self) -> dict[str, str]:
        """Code → name of each language that has texts."""
        return {code: words.name or code for code, words in sorted(self.stationery.languages.known.items())}

    @property
    def language_codes(self) -> frozenset[str]:
        """The codes of the languages that have texts."""
        return frozenset(self.stationery.languages.known)

    def web_confirm(
        self,
        outcome: str,
        address: str,
        language: str,
        *,
        topics: Sequence[str],
        schedule: str,
        zone: str,
        **frame: Any,
    ) -> str:
        """The page behind the link of a confirmation mail: what its button does, or what it did."""
        words = self.stationery.languages.of(language)
        when = headings.schedule_words(schedule, zone, words) if schedule else ""
        return self.page(
            "confirm",
            language,
            outcome=str(outcome),
            email=address,
            schedule=f"{when[:1].lower()}{when[1:]}",
            topics=list(topics),
            **frame,
        )

    def web_control(self, subscriber: Subscriber, offer: LeaveOffer, **frame: Any) -> str:
        """The page to leave, get fewer mails, pause and come back, in the subscriber's language and zone."""
        words = self.stationery.languages.of(subscriber.language)
        return self.page("leave", words.language, **frame, **leave_page_values(subscriber, offer, words))

    def web_digest(self, digest: Digest, to: Addresses | None = None) -> str:
        """A digest's own page: every paper of it, *more* too."""
        words = self.stationery.languages.of(digest.subscriber.language)
        sheet, layout = _sheet(digest, words), whole(digest)

        def shown(items: tuple[Item, ...]) -> list[tuple[cards.Card, cards.Why]]:
            return [
                (cards.card(i.paper, sheet.carrier(i.paper), sheet.year, words), cards.why(i, words)) for i in items
            ]

        sections = [
            (headings.titled(s, words), "best" if s.best else s.kind, shown(s.items), shown(s.more))
            for s in digest.sections
        ]
        sources = [
            (s.name, words.number(s.new), headings.told(s, words)) for s in headings.polled(digest.polled, words)
        ]
        return self.page(
            "digest", words.language, site=digest.site, to=to or Addresses(), contact=digest.contact, cards=sections,
            sources=sources,
            day=words.day("long_year", digest.slot.local), headline=headings.headline(digest, layout, words),
            account=account(digest.polled, words.note), subject=headings.subject(digest, layout, words),
            leave=digest.links.leave or headings.leave_by_mail(digest),
            silence="" if digest.sections else headings.quiet(digest, words),
        )  # fmt: skip

    def _bodies(self, digest: Digest, words: Catalog, subject: str, layout: Layout) -> Lines:
        sheet, links = _sheet(digest, words), digest.links
        polled = headings.polled(digest.polled, words)
        silence = "" if digest.sections else headings.quiet(digest, words)
        told = {
            "headline": self._told(headings.headline(digest, layout, words)),
            "split": self._told(headings.split(layout, words)),
            "silence": self._told(silence),
            "polled": self._told(
                headings.polled_sum(digest, words, complete=_complete(digest, layout)) if polled else ""
            ),
            "account": self._told(account(digest.polled, words.note)),
            "about": _told(headings.about(digest, words)),
            "next": self._told(headings.coming(digest, words)),
            "sections": together([self._section(sheet, digest, part) for part in layout.parts]),
            "titles": together([self._title(sheet, item) for item in layout.titles]),
            "sources": together([self._source(source, words) for source in polled]),
        }
        ways = {
            "page": links.page, "leave": links.leave, "leave_mail": headings.leave_by_mail(digest), "feed": links.feed,
            "leave_words": headings.leave_words(digest), "preferences": links.preferences,
        }  # fmt: skip
        text: dict[str, str | Pieces] = {**ways}
        html: dict[str, str | Pieces] = {name: escaped(way) for name, way in ways.items()}
        hidden = words.count("and_more_on_page" if links.page else "further", layout.hidden) if layout.hidden else ""
        html["hidden"], text["hidden"] = escaped(hidden), hidden
        html["subject"] = escaped(subject)
        html["preheader"] = escaped(headings.preheader(layout, words) or silence)
        for name, lines in told.items():
            html[name], text[name] = lines
        day, empty = digest.slot.local.toordinal(), digest.subscriber.when_empty
        key = (words, digest.site, digest.contact, day, empty, *map(bool, html.values()))
        pair = self._frames.get(key)
        if pair is None:
            pair = self._frames.put(key, self._pair("digest", lambda: headings.frame(digest, words), html, text))
        return Lines(pair.html.filled(html), pair.text.filled(text))

    def _told(self, text: str) -> Lines:
        """A text that many readers get, as cached lines."""
        return self._lines.get(text) or self._lines.put(text, _told(text))

    def _section(self, sheet: _Sheet, digest: Digest, part: Part) -> Lines:
        section, words, links = part.section, sheet.words, digest.links
        made, preferences = self._cards_of(sheet, part), links.preferences if section.kind is SectionKind.TOPIC else ""
        text: dict[str, str | Pieces] = {"cards": made.text, "preferences": preferences}
        html: dict[str, str | Pieces] = {"cards": made.html, "preferences": escaped(preferences)}
        key = (
            words,
            section.kind,
            section.title,
            section.note,
            section.best,
            len(part.cards),
            *map(bool, text.values()),
        )
        pair = self._sections.get(key)
        if pair is None:
            pair = self._sections.put(key, self._headed(part, words, html, text))
        return Lines(pair.html.filled(html), pair.text.filled(text))

    def _headed(self, part: Part, words: Catalog, html: Given, text: Given) -> Pair:
        """A section with its heading. Our templates run once for all topics and rules: nearly every reader has others.
        An operator's may look at title and rule, and run once for each."""
        heading = headings.Heading.of(part, words)
        title: dict[str, str] = heading.html(self.stationery.style("unbroken"))
        lines: dict[str, str] = heading.text()
        shared = headings.tongue(words) | {"kind": heading.kind, "count": heading.count}
        if not self.stationery.is_ours("mail/section.html", "mail/section.txt"):
            shared |= {"title": heading.title, "note": heading.note, "edit_label": heading.edit_label}
            rule = Markup(title["rule"])  # noqa: S704  # escaped word by word
            return Pair(
                self._form("mail/section.html", lambda: shared | {"rule": rule}, html),
                self._form("mail/section.txt", lambda: shared | lines, text),
            )
        key = (words, heading.kind, heading.count, *map(bool, (*html.values(), *title.values())))
        pair = self._headings.get(key)
        if pair is None:
            pair = self._headings.put(key, self._pair("section", lambda: shared, {**html, **title}, {**text, **lines}))
        return Pair(pair.html.with_filled(title), pair.text.with_filled(lines))

    def _cards_of(self, sheet: _Sheet, part: Part) -> Lines:
        """The cards of a section. All but why a paper came, its number and the token of its votes is kept for others."""
        html: list[bytes] = []
        text: list[bytes] = []
        token, first, last = sheet.token, part.number, part.number + len(part.cards) - 1
        for at, item in enumerate(part.cards, first):
            full, is_last = at - first < part.full, at == last
            why = self._why(sheet.words, item)
            card = self._kept_card(sheet, item, at, bare=why is NONE, full=full, last=is_last)
            if card is None:
                lines = self._card(sheet, item, at, full=full, last=is_last)
                html += lines.html
                text += lines.text
                continue
            html += card.html.filled(token, why.html)
            text += card.text.filled(b"%2d" % at, why.text)
        return Lines(html, text)

    def _kept_card(self, sheet: _Sheet, item: Item, at: int, *, bare: bool, full: bool, last: bool) -> KeptCard | None:
        """A card but for what a reader alone has; None where it is not to be kept. `bare`: nothing says why it came."""
        if bool(sheet.votes) != bool(sheet.token) or item.follows:  # whose it is has an address in the text, too
            return None
        paper = item.paper
        shape = (full, last, cards.rising(item), bare, at < 100)
        key = (self._papers.of(paper), sheet.words, sheet.year, sheet.carrier(paper), sheet.votes, shape)
        made = self._cards.get(key)
        if made is None:
            pair, html, text = self._filling(sheet, item, at, full=full, last=last)
            kept = pair.html.kept(html, "votes", "why"), pair.text.kept(text, "number", "why")
            made = KeptCard(kept[0], kept[1]) if kept[0] and kept[1] else None
            if made is not None:
                self._cards.put(key, made)
        return made

    def _card(self, sheet: _Sheet, item: Item, at: int, *, full: bool, last: bool) -> Lines:
        if sheet.token:
            sheet = sheet._replace(votes=sheet.votes.replace(STAND_IN, sheet.token.decode(), 1))
        pair, html, text = self._filling(sheet, item, at, full=full, last=last)
        return Lines(pair.html.filled(html), pair.text.filled(text))

    def _filling(self, sheet: _Sheet, item: Item, at: int, *, full: bool, last: bool) -> tuple[Pair, Given, Given]:
        """The fragments of a card, and what fills them."""
        paper, number, why = item.paper, str(at).rjust(2), self._why(sheet.words, item)
        votes = escaped(sheet.votes + paper.public_id) if sheet.votes else ""
        html: dict[str, str | Pieces] = {"why": why.html, "votes": votes}
        text: dict[str, str | Pieces] = {"why": why.text, "number": number}
        if item.follows:
            text["votes"] = sheet.votes + paper.public_id if sheet.votes else ""
        shape = {"full": full, "last": last, "rising": cards.rising(item), "asks": bool(item.follows)}
        key = (
            sheet.words,
            sheet.year,
            sheet.carrier(paper),
            len(number),
            why is not NONE,
            votes != "",
            *shape.values(),
        )
        pairs = self._papers.of(paper)
        pair = pairs.get(key)
        if pair is None:
            pair = pairs.put(key, self._pair("card", lambda: _shown(sheet, paper) | shape, html, text, len(number)))
        return pair, html, text

    def _title(self, sheet: _Sheet, item: Item) -> Lines:
        note = sheet.words.note(item.note) if item.kind != "new" else ""
        pairs, key = self._papers.of(item.paper), (sheet.words, sheet.year, sheet.carrier(item.paper), note)
        known = lambda: _shown(sheet, item.paper) | {"note": note}  # noqa: E731  # asked only when it is rendered
        pair = pairs.get(key) or pairs.put(key, self._pair("title", known, {}, {}))
        return Lines(pair.html.filled({}), pair.text.filled({}))

    def _why(self, words: Catalog, item: Item) -> Lines:
        key = _reasons(item, words)
        made = self._lines.get(key)
        if made is None:
            why = cards.why(item, words)
            pair = self._pair("why", lambda: {**headings.tongue(words), "why": why}, {}, {}) if why else None
            made = self._lines.put(key, Lines(pair.html.filled({}), pair.text.filled({})) if pair else NONE)
        return made

    def _source(self, source: PolledSource, words: Catalog) -> Lines:
        key = (words, source.name, source.new, source.sent, source.state, source.note)
        made = self._lines.get(key)
        if made is None:
            pair = self._pair("source", lambda: _polled(source, words), {}, {})
            made = self._lines.put(key, Lines(pair.html.filled({}), pair.text.filled({})))
        return made

    def _pair(self, name: str, known: Known, html: Given, text: Given, columns: int = 0) -> Pair:
        return Pair(self._form(f"mail/{name}.html", known, html), self._form(f"mail/{name}.txt", known, text, columns))

    def _form(self, name: str, known: Known, given: Given, columns: int = 0) -> Fragment:
        """A template as a fragment. An empty value gets no placeholder, so that templates can leave out what stands
        around it."""
        blanks = {n: Placeholder(n, columns) if value else "" for n, value in given.items()}
        try:
            return Fragment.of(self.stationery.render(name, **known(), **blanks).rstrip("\n"), given, columns)
        except TemplateError as error:
            raise (error if error.where else TemplateError(error.what, where=name, fix=error.fix)) from error


def _sheet(digest: Digest, words: Catalog) -> _Sheet:
    votes, token = digest.links.votes, ""
    if (found := _TOKEN.search(votes)) and STAND_IN not in votes:
        token = found[1]
        votes = f"{votes[: found.start(1)]}{STAND_IN}{votes[found.end(1) :]}"
    return _Sheet(words, digest.slot.local.year, cards.carriers(digest), votes, token.encode())


def _complete(digest: Digest, layout: Layout) -> bool:
    """Whether everything that matched is in the mail: it found room, and no best list left it out."""
    return not layout.hidden and not any(s.best and s.best.places < s.best.of for s in digest.sections)


def _told(text: str) -> Lines:
    """A text as lines for both bodies, which are mostly the same."""
    if not text:
        return NONE
    html, filled = escaped(text), wrap(text)
    lines = (encoded(harmless(filled)),)
    return Lines(lines if html == filled else (encoded(harmless(html)),), lines)


def _reasons(item: Item, words: Catalog) -> tuple[Hashable, ...]:
    """The values that `why` is made from, as a cache key. Hashing these texts is five times faster than hashing the
    values."""
    return (words, item.note, item.also, item.kind == "new", item.beside, item.paper.reasons, *map(_SAID, item.reasons))


def _shown(sheet: _Sheet, paper: Paper) -> dict[str, Any]:
    card = cards.card(paper, sheet.carrier(paper), sheet.year, sheet.words)
    return headings.tongue(sheet.words) | {"card": card}


def _polled(source: PolledSource, words: Catalog) -> dict[str, Any]:
    return headings.tongue(words) | {
        "name": source.name, "new": words.number(source.new), "sent": words.number(source.sent),
        "told": headings.told(source, words), "failing": source.state == "failing",
    }  # fmt: skip
