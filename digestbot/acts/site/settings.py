"""What all digests, editions and feeds of this site have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from pathlib import Path

from digestbot.acts.site.links import Linker
from digestbot.digest.rendering.page_cards import Abstracts
from digestbot.model import Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSettings:
    """What every digest of this site has in common."""

    site: str
    domain: str  #: of the From address; Message-IDs end in it
    contact: str = ""
    topics: Mapping[str, str] = field(default_factory=dict)  #: the site's rules, for @name
    titles: Mapping[str, str] = field(default_factory=dict)  #: source name → as people see it
    linker: Linker = field(default_factory=Linker)
    parts: Mapping[str, Collection[str]] = field(default_factory=dict)  #: source name → what it lists by days
    #: source name → why nothing can have come from it in (after, until]; "" when something should have
    quiet: Mapping[str, Callable[[datetime, datetime], str]] = field(default_factory=dict)
    keep_open: timedelta = timedelta(hours=6)  #: how long a slot waits while no source of its reader can be reached
    edition_sources: tuple[str, ...] = ()  #: sources of the edition; (): all of them
    services: Mapping[str, str] = field(default_factory=dict)  #: source name → the service it is a list of
    encoder: str = ""  #: name of the sentence encoder whose codes help the readers' models; "" without one


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionRule:
    """What goes into the daily page (docs/pages.md)."""

    query: str = ""  #: "": every paper
    sources: tuple[str, ...] = ()  #: (): all
    limit: int = 50
    closes: time = time(12, 0)  #: in the site's zone
    hold: bool = False  #: an edition stays open until a curator lets it go


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSettings:
    """Where the feeds are written, and what they are called."""

    site: str
    zone: str
    path: Path
    home: str = ""  #: address of the site; "" when it has none
    edition: EditionRule = field(default_factory=EditionRule)
    topics: tuple[Topic, ...] = ()  #: the site's public ones
    services: Mapping[str, str] = field(default_factory=dict)  #: source name → the service it is a list of
    private_files: bool = False  #: the feeds of one person are written too, for who has no web
    titles: Mapping[str, str] = field(default_factory=dict)  #: source name → as people see it
    abstracts: Mapping[str, Abstracts] = field(default_factory=dict)  #: source name → what may be shown in public
    language: str = "en"

    @property
    def rules(self) -> Mapping[str, str]:
        """The site's rules by name, for @name."""
        return {topic.name: topic.query for topic in self.topics}

    @property
    def key_file(self) -> Path:
        """The file of the site's key: beside the feeds' folder, never inside it."""
        return self.path.with_name(f"{self.path.name}.key")
