"""A desk that asks a fake Crossref, and Retraction Watch's list, what becomes of people's libraries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from databases import empty_store

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.enrich import EVERY
from digestbot.acts.intake.notice_list import NoticeList, read_list
from digestbot.acts.people.import_library import import_library, read_library
from digestbot.acts.rounds import Intake, enrich_round
from digestbot.acts.site.settings import FeedSettings
from digestbot.model import Item
from digestbot.sources import providers
from digestbot.sources.kinds.crossref import CrossrefSource
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, subscriber, topic
from digestbot.testing.http_server import Reply, Site, running
from digestbot.testing.site import TestSite
from digestbot.transport.http import HttpTransport

DAY = timedelta(days=1)
HEADER = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,RetractionDOI,"
    "RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason,Paywalled,Notes,\n"
)


def row(number: int, paper: str, nature: str = "Retraction", **change: str) -> str:
    """A line of Retraction Watch's list."""
    given = {
        "day": "8/16/2023 0:00",
        "notice": "10.5555/notice",
        "pmid": "0",
        "reason": "+Plagiarism of Data;+Paper Mill;",
    } | change
    return (
        f'{number},"A title, that nobody reads",(B/T) X;,Univ,J,P,China,A;B,,Research Article;,{given["day"]},'
        f"{given['notice']},0,9/24/2021 0:00,{paper},{given['pmid']},{nature},{given['reason']},No,,\n"
    )


class Hurried(CrossrefSource):
    """The same without its pause."""

    politeness: ClassVar[tuple[str, float] | None] = ("crossref", 0.0)


class Crossref(Site):
    """Stands for its API: answers about the works it has."""

    def __init__(self) -> None:
        super().__init__()
        self.works: dict[str, dict[str, Any]] = {}

    def answer(self, path: str) -> Reply:
        """By the filter of the request."""
        asked = parse_qs(urlsplit(path).query)["filter"][0].split(",")
        found = [self.works[name] for one in asked if (name := one.removeprefix("doi:").lower()) in self.works]
        return Reply(
            body=json.dumps({"status": "ok", "message": {"total-results": len(found), "items": found}}).encode()
        )

    def has(self, name: str, *notices: tuple[str, str], **change: Any) -> None:
        """This work, with these (type, DOI) notices about it."""
        updated = [
            {
                "DOI": doi,
                "type": kind,
                "label": kind,
                "source": "retraction-watch",
                "updated": {"date-parts": [[2026, 11, 20]]},
            }
            for kind, doi in notices
        ]
        self.works[name.lower()] = {
            "DOI": name,
            "title": [f"Work {name}"],
            "type": "journal-article",
            "updated-by": updated,
        } | change


class Desk(TestSite):
    """An installation that asks Crossref about libraries."""

    __test__ = False

    def __init__(self, folder: Path, store: SqlStore, server: Crossref, web: str) -> None:
        people = [subscriber(c, id=None, topics=(topic(query="nothing"),), trending=0) for c in ("ada", "bo")]
        super().__init__(store, people, server=server, web=web)
        self.folder, self.crossref = folder, server
        base = f"{web}/works"
        self.provider = replace(providers.crossref("a@example.org", base), source=Hurried(url=base))

    def library(self, *names: str, who: str = "ada") -> None:
        """Somebody imports these DOIs."""
        text = "".join(f"@article{{k{i}, title={{Work {name}}}, doi={{{name}}}}}\n" for i, name in enumerate(names))
        import_library(self.store, read_library(text.encode()), self.person(who), now=self.now)

    @asynccontextmanager
    async def intake(self) -> Any:
        """The network, open."""
        press = FeedSettings(site="Papers", zone="UTC", path=self.folder / "feeds")
        async with HttpTransport("", allow_private=True, clock=lambda: self.now) as transport:
            client = IntakeClient(store=self.store, transport=transport, clock=lambda: self.now, owner="here/1/0")
            yield Intake(client=client, feeds=press, providers=[self.provider])

    async def rounds(self, many: int = 1) -> None:
        """So many, five minutes apart."""
        async with self.intake() as intake:
            for _ in range(many):
                self.now += EVERY
                await enrich_round(intake)

    async def list_says(self, *rows: str) -> None:
        """Retraction Watch's list comes in."""
        file = self.folder / "list.csv"
        file.write_text(HEADER + "".join(rows), encoding="utf-8")
        report = await read_list(self.store, NoticeList(where=str(file), network=self.nothing), clock=lambda: self.now)
        assert report.error == ""
        self.entries()

    def nothing(self) -> Any:
        """No network."""
        raise AssertionError("a file needs no network")

    def told(self, days: int, who: str = "ada") -> dict[str, str]:
        """What the digest of that many days later says of which DOI."""
        report = self.dispatch(NOW + days * DAY)
        every = [d for d in self.digests(report) if d.subscriber.ref == who]
        return {item.paper.identifiers["doi"]: item.note for d in every for item in d.items() if item}

    def items(self, days: int, who: str = "ada") -> list[Item]:
        """The items of a digest."""
        return [i for d in self.digests(self.dispatch(NOW + days * DAY)) if d.subscriber.ref == who for i in d.items()]


@contextmanager
def open_desk(folder: Path) -> Iterator[Desk]:
    """A desk with an empty store."""
    server = Crossref()
    with empty_store("sqlite", folder) as store, running(server) as web:
        yield Desk(folder, store, server, web)
