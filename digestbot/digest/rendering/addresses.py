"""Addresses of the site's own pages, as its server answers them and as files of `digestbot publish` lie. Pure.

A page never names its host: addresses are paths, and in files relative ones, so that a folder can lie anywhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

FEEDS = ("feed.xml", "feed.atom", "feed.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where each page of the site is, seen from one of them."""

    root: str = "/"  #: begins every address: "/", "/papers/"; in files "", "../"
    base: str = ""  #: https://papers.example.org; "" when the site has no address of its own
    files: bool = False  #: pages are files: `archive.html`, not `/archive`; there is nobody to ask or to tell
    style_mark: str = ""

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
    def style(self) -> str:
        """The style sheet."""
        return f"{self.root}style.css" + (f"?v={self.style_mark}" if self.style_mark and not self.files else "")

    def day(self, day: str) -> str:
        """The edition of a day, 2026-11-23."""
        return self.page(day)

    def paper(self, public_id: str) -> str:
        """A paper's own page."""
        return self.page(f"paper/{segment(public_id)}" if self.files else f"paper/{quote(public_id, safe='')}")

    def topic(self, name: str) -> str:
        """A topic of the site."""
        return self.page(f"topics/{segment(name) if self.files else quote(name, safe='')}")

    def feed(self, name: str, below: str = "") -> str:
        """A feed by its file name; `below` is "" for the edition's, else `topics/NAME`."""
        return f"{self.root}{below}{'/' if below else ''}{name}"

    def page(self, name: str) -> str:
        """A page by its name."""
        return f"{self.root}{name}{'.html' if self.files else ''}"


def segment(name: str) -> str:
    """A name as that of a file, the same on every system."""
    return re.sub(r"[^\w.-]+", "-", name.lower(), flags=re.ASCII).strip("-.") or "page"
