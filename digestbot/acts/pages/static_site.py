"""Publish: the public pages and feeds as files of a folder, which any web server can serve, or none.

Same templates, relative links. A file is written when its bytes differ, so that a second run changes nothing. What this
wrote before and does not write any more is removed; files of others are left alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from digestbot import __version__
from digestbot.acts.pages import read_feeds
from digestbot.acts.pages.public_pages import PER_PAGE, PublicPages
from digestbot.acts.pages.read_editions import read_day, week_name
from digestbot.acts.pages.read_feeds import Place
from digestbot.acts.pages.read_papers import read_paper
from digestbot.digest.feeds import Feed
from digestbot.digest.rendering.addresses import FEEDS, Addresses, segment
from digestbot.digest.rendering.page_cards import public
from digestbot.digest.rendering.renderer import Templates
from digestbot.papers.exchange.cite import csl_json, ris
from digestbot.papers.exchange.write import bibtex
from digestbot.system.files import make_folder, read_if_there, remove_file, replace_file

LIST = ".digestbot-files"  #: what the pages were made by, and the names of what was written
RECENT = 45  #: days whose pages are made anew each time; of those before a page that lies there stays
File = tuple[str, bytes | None]  #: a name with slashes and its bytes; None for one that stays as it lies there
WRITERS = {"bib": bibtex, "ris": ris, "json": csl_json}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What a run did."""

    files: int  #: that stand there now
    written: tuple[str, ...]  #: that are new or changed
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Folder:
    """The site as files."""

    pages: PublicPages  #: as the server has them
    templates: Templates
    frame: dict[str, Any]  #: values of every page's frame: the site's name, the contact

    def publish(self, folder: Path) -> Published:
        """Write what differs. Raises DigestbotError."""
        make_folder(folder)
        made_by, *known = (read_if_there(folder / LIST) or b"").decode("utf-8", "replace").splitlines() or [""]
        there = {name for name in known if _ours(name) and (folder / name).is_file()}
        written, names = [], set()
        for name, data in self.files(frozenset(there) if made_by == self._made_by else frozenset()):
            names.add(name)
            if data is not None and replace_file(folder / name, data):
                written.append(name)
        removed = tuple(name for name in sorted(there - names) if remove_file(folder / name))
        replace_file(folder / LIST, "".join(f"{line}\n" for line in (self._made_by, *sorted(names))).encode())
        return Published(files=len(names), written=tuple(written), removed=removed)

    @property
    def _made_by(self) -> str:
        """Changes when every page has to be made anew."""
        told = (__version__, self.templates.style_mark, self.pages.to.base, self.frame, self.pages.settings.abstracts)
        return sha256(repr(told).encode()).hexdigest()[:16]

    def files(self, there: Collection[str] = ()) -> Iterator[File]:
        """Every file. Pages of old days that are `there` stay."""
        store, settings = self.pages.store, self.pages.settings
        with store.reading() as tx:
            days = tx.slots.edition_days()
        top, below = self._at(""), self._at("../")
        yield "style.css", self.templates.style().encode()
        yield "favicon.svg", top.render("icon").encode()
        yield "feed.xsl", top.render("feed_sheet").encode()
        yield from _page("index", top.edition())
        yield from _page("archive", top.archive())
        yield from _page("topics", top.topics())
        yield from _page("about", top.about())
        papers: dict[str, bool] = {}  #: public id → whether its page may stay as it is
        for at, day in enumerate(days):
            yield from self._day(top, day, papers, there if at >= RECENT else ())
        yield from self._spans(below, days, there)
        for topic in settings.topics:
            name = f"topics/{segment(topic.name)}"
            yield from _page(name, below.topic(topic.name))
            papers |= dict.fromkeys(below.found(topic.query), False)
            feed = read_feeds.of_topic(store, settings, topic, now=self.pages.now)
            yield from self._feeds(f"{name}/", feed, f"{name}.html", "../../")
        yield from self._feeds("", read_feeds.of_edition(store, settings), "", "")
        for one, old in papers.items():
            yield from self._paper(below, one, papers, there if old else ())

    def _day(self, top: PublicPages, day: str, papers: dict[str, bool], there: Collection[str]) -> Iterator[File]:
        shown = read_day(top.store, top.settings, day)
        if shown is None:
            return
        for paper, _ in shown.papers:
            papers.setdefault(paper.public_id, bool(there))
        for page in range(1, max(1, -(-len(shown.papers) // PER_PAGE)) + 1):
            name = day if page == 1 else f"{day}-p{page}"
            yield from [(f"{name}.html", None)] if f"{name}.html" in there else _page(name, top.edition(day, page))

    def _spans(self, below: PublicPages, days: list[str], there: Collection[str]) -> Iterator[File]:
        """Weeks and months that have a day."""
        on = [date.fromisoformat(day) for day in days]
        names = {f"week/{week_name(day)}" for day in on} | {f"month/{day:%Y-%m}" for day in on}
        recent = {f"week/{week_name(day)}" for day in on[:RECENT]} | {f"month/{day:%Y-%m}" for day in on[:RECENT]}
        for name in sorted(names):
            if name not in recent and f"{name}.html" in there:
                yield f"{name}.html", None
            else:
                yield from _page(name, below.span(name.partition("/")[2], known=names))

    def _paper(
        self, below: PublicPages, public_id: str, known: Collection[str], there: Collection[str]
    ) -> Iterator[File]:
        stem = f"paper/{segment(public_id)}"
        if f"{stem}.html" in there:
            yield from ((f"{stem}.{kind}", None) for kind in ("html", *WRITERS))
            return
        yield from _page(stem, below.paper(public_id, known))
        if (found := read_paper(below.store, public_id, now=below.now)) is not None:
            shown = public(found.paper, below.settings.abstracts)
            for kind, write in WRITERS.items():
                yield f"{stem}.{kind}", write([shown]).encode()

    def _feeds(self, folder: str, feed: Feed, page: str, up: str) -> Iterator[File]:
        base = self.pages.to.base
        for name in FEEDS:
            place = Place(
                name=name,
                itself=f"{base}/{folder}{name}" if base else "",
                home=f"{base}/{page}" if base else "",
                sheet=f"{up}feed.xsl",
            )
            yield f"{folder}{name}", read_feeds.written(feed, place)

    def _at(self, root: str) -> PublicPages:
        """The pages as files that lie so deep."""
        to = Addresses(root=root, base=self.pages.to.base, files=True)
        language = self.pages.settings.language

        def render(name: str, /, **values: Any) -> str:
            return self.templates.page(name, language, **(self.frame | {"to": to} | values))

        return replace(self.pages, to=to, render=render)


def _page(name: str, html: str | None) -> Iterator[File]:
    if html is not None:
        yield f"{name}.html", html.encode()


def _ours(name: str) -> bool:
    """A name that we may have written: none that leads out of the folder."""
    return not name.startswith("/") and ".." not in name.split("/") and "\\" not in name and name != LIST
