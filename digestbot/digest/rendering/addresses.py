"""Addresses of the site's own pages, as its server answers them and as files of `digestbot publish` lie. Pure.

A page never names its host: addresses are paths, and in files relative ones, so that a folder can lie anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

#: file name → media type
FEEDS = {
    "feed.xml": "application/rss+xml",
    "feed.atom": "application/atom+xml",
    "feed.json": "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where each page of the site is, seen from one of them."""

    root: str = "/"  #: begins every address: "/", "/papers/"; in files "", "../"
    base: str = ""  #: https://papers.example.org; "" when the site has no address of its own
    files: bool = False  #: pages are files: `archive.html`, not `/archive`; there is nobody to ask or to tell
    style_mark: str = ""

    @property
    def origin(self) -> str:
        """The base address without its path: https://papers.example.org."""
        parts = urlsplit(self.base)
        return f"{parts.scheme}://{parts.netloc}" if self.base else ""

    def found(self, query: str) -> str:
        """The search for a rule."""
        return f"{self.search}?{urlencode({'q': query})}" if self.search else ""

    @property
    def home(self) -> str:
        """The newest edition."""
        return f"{self.root}index.html" if self.files else self.root

    @property
    def archive(self) -> str:
        """All days."""
        return self.page("archive")

    @property
    def topics(self) -> str:
        """The site's topics."""
        return self.page("topics")

    @property
    def about(self) -> str:
        """How it works, privacy, imprint."""
        return self.page("about")

    @property
    def search(self) -> str:
        """The search; "" where nobody answers."""
        return "" if self.files else f"{self.root}search"

    @property
    def subscribe(self) -> str:
        """Where the form to subscribe leads; "" where nobody answers."""
        return (
            "" if self.files and not self.base else f"{self.base}/subscribe" if self.files else f"{self.root}subscribe"
        )

    @property
    def sample(self) -> str:
        """A mail as one would get it; "" where nobody answers."""
        return "" if self.files and not self.base else f"{self.base}/sample" if self.files else f"{self.root}sample"

    @property
    def style(self) -> str:
        """The style sheet."""
        return f"{self.root}style.css" + (f"?v={self.style_mark}" if self.style_mark and not self.files else "")

    @property
    def week(self) -> str:
        """The best of this week; "" in files, where each week has its own."""
        return "" if self.files else f"{self.root}week"

    def day(self, day: str) -> str:
        """The edition of a day, 2026-11-23."""
        return self.page(day)

    def paper(self, public_id: str) -> str:
        """A paper's own page."""
        return self.page(f"paper/{segment(public_id)}" if self.files else f"paper/{quote(public_id, safe='')}")

    def cite(self, public_id: str, kind: str) -> str:
        """A paper for a reference manager: bib, ris, json."""
        return f"{self.root}paper/{segment(public_id) if self.files else quote(public_id, safe='')}.{kind}"

    def topic(self, name: str) -> str:
        """A topic of the site."""
        return self.page(f"topics/{self.topic_name(name)}")

    def topic_name(self, name: str) -> str:
        """A topic's name as it stands in addresses."""
        return segment(name) if self.files else quote(name, safe="")

    def feed(self, name: str, below: str = "", query: str = "") -> str:
        """A feed by its file name; `below` is "" for the edition's, else `topics/NAME`; `query` a rule."""
        asked = f"?{urlencode({'q': query})}" if query else ""
        return f"{self.root}{below}{'/' if below else ''}{name}{asked}"

    def page(self, name: str) -> str:
        """A page by its name."""
        return f"{self.root}{name}{'.html' if self.files else ''}"


def segment(name: str) -> str:
    """A name as that of a file, the same on every system."""
    return re.sub(r"[^\w.-]+", "-", name.lower(), flags=re.ASCII).strip("-.") or "page"
