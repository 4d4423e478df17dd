"""Papers that lack something are completed, and those that were sent are followed, beside everything else."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from databases import empty_store

from digestbot.acts.intake.client import IntakeClient
from digestbot.acts.intake.enrich import (
    AGAIN,
    EVERY,
    FOLLOWED_EVERY,
    FOLLOWED_FOR,
    EnrichReport,
    after,
    enrich,
    own_day,
)
from digestbot.acts.rounds import Intake, enrich_round
from digestbot.acts.site.settings import FeedSettings
from digestbot.acts.upkeep.rebuild import rebuild
from digestbot.model import Entry, Paper, PaperId
from digestbot.sources import providers
from digestbot.sources.kinds.arxiv import ArxivSource
from digestbot.store import Enrichment
from digestbot.store.contract.enrichments import DONE, GIVEN_UP, KEPT, WATCHED
from digestbot.store.database import SqlStore
from digestbot.testing.builders import NOW, entry, paper, subscriber, topic
from digestbot.testing.http_server import Reply, Site, running
from digestbot.testing.site import TestSite
from digestbot.transport.http import HttpTransport

REAL = "arxiv/lukasschwab+arxiv.py/tests/fixtures/id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.json"


def api(*papers: tuple[str, str], comment: str = "", extra: str = "") -> bytes:
    """A reply of arXiv's API: (id with version, abstract) of each."""
    entries = "".join(
        f"<entry><id>http://arxiv.org/abs/{name}</id><title>A Study of {name}</title><summary>{summary}</summary>"
        f"<published>2026-11-20T00:00:00Z</published><updated>2026-11-20T00:00:00Z</updated><author><name>A. Author</name>"
        f'</author><category term="cs.LG"/><arxiv:comment>{comment}</arxiv:comment>{extra}</entry>'
        for name, summary in papers
    )
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"><id>https://arxiv.org/api/x</id>'
        f"<opensearch:totalResults>{len(papers)}</opensearch:totalResults>{entries}</feed>"
    ).encode()


class LookedUp(TestSite):
    """An installation whose web server stands for arXiv's API, and rounds of looking up."""

    __test__ = False

    def __init__(self, folder: Path, store: SqlStore, server: Site, web: str) -> None:
        super().__init__(store, [subscriber(topics=(topic(query="a OR study"),), trending=0)], server=server, web=web)
        self.folder = folder
        self.provider = replace(providers.arxiv(base=f"{web}/api"), source=Hurried(url=f"{web}/api"))

    def says(self, reply: bytes | Reply) -> None:
        """What the service answers to everything from now on."""
        self.server.pages["/api"] = reply if isinstance(reply, Reply) else Reply(body=reply)

    async def round(self, passed: timedelta = EVERY) -> list[EnrichReport]:
        """One more, that much later."""
        self.now += passed
        press = FeedSettings(site="Papers", zone="UTC", path=self.folder / "feeds")
        async with HttpTransport("", allow_private=True, clock=lambda: self.now) as transport:
            client = IntakeClient(store=self.store, transport=transport, clock=lambda: self.now, owner="here/1/0")
            return list(await enrich_round(Intake(client=client, feeds=press, providers=[self.provider])))

    def asked_ids(self) -> list[list[str]]:
        """Ids of each request so far."""
        return [parse_qs(urlsplit(a.path).query)["id_list"][0].split(",") for a in self.server.asked]

    def paper(self, arxiv: str) -> Paper:
        """As stored."""
        with self.store.reading() as tx:
            [found] = tx.papers.papers_by_key([("arxiv", arxiv)])[("arxiv", arxiv)]
            return tx.papers.papers_by_id([found])[found]

    def rows(self, arxiv: str) -> list[Enrichment]:
        """What is known of the asking."""
        with self.store.reading() as tx:
            found = tx.papers.papers_by_key([("arxiv", arxiv)])[("arxiv", arxiv)][0]
            return tx.enrichments.rows_of(found)


class Hurried(ArxivSource):
    """The same without the pause of three seconds."""

    politeness: ClassVar[tuple[str, float] | None] = ("arxiv", 0.0)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[LookedUp]:
    server = Site()
    with empty_store("sqlite", tmp_path) as store, running(server) as web:
        yield LookedUp(tmp_path, store, server, web)


def bare(arxiv: str, **change: Any) -> Entry:
    """Only an id."""
    return Entry(identifiers={"arxiv": arxiv}, native_key=arxiv, **change)


async def test_a_bare_id_is_completed_by_a_real_reply_and_the_unknown_one_is_asked_again(
    site: LookedUp, shared_data: Path
) -> None:
    body = json.loads((shared_data / REAL).read_text())["body"].encode()
    site.entries(bare("1707.08567"), bare("0808.05394"), source="page")
    site.says(body)
    assert await site.round() == [EnrichReport(provider="arxiv", asked=2, found=1)]
    assert site.asked_ids() == [["1707.08567", "0808.05394"]]
    found = site.paper("1707.08567")
    assert found.title.startswith("Proceedings of Workshop AEW10")
    assert (len(found.authors), found.sources, found.version) == (34, ("page",), 1)
    assert [r.state for r in site.rows("1707.08567")] == [DONE]
    assert [(r.state, r.tries, r.next_at - site.now) for r in site.rows("0808.05394")] == [("wanted", 1, AGAIN[0])]


@pytest.mark.parametrize(("provider", "doi", "file", "has"), [
    (providers.crossref, "10.1103/physrevd.93.016005",
     "crossref/inspirehep+hepcrawl/tests/unit/responses/crossref/sample_crossref_record.json", ("title", "authors", "venue")),
    (providers.openalex, "10.1109/tpami.2016.2577031",
     "openalex/Csed-dev+paper-search/tests/fixtures/openalex_search.json", ("title", "authors", "summary")),
])  # fmt: skip
async def test_a_bare_doi_is_completed_by_real_replies_of_crossref_and_openalex(
    site: LookedUp, shared_data: Path, provider: Any, doi: str, file: str, has: tuple[str, ...]
) -> None:
    kept = json.loads((shared_data / file).read_text())
    site.provider = provider("admin@example.org", base=site.provider.source.url)  # type: ignore[attr-defined]
    site.entries(Entry(identifiers={"doi": doi}, native_key=doi), source="page")
    site.says(json.dumps(kept.get("body", kept)).encode())
    site.server.pages[f"/api/doi:{doi}"] = site.server.pages["/api"]
    assert [(r.asked, r.found, r.error) for r in await site.round()] == [(1, 1, "")]
    with site.store.reading() as tx:
        found = tx.papers.papers_by_id([PaperId(1)])[PaperId(1)]
        assert tx.papers.count_entries_and_papers() == (2, 1)  # the reply's other works are nobody's question
    assert (found.identifiers["doi"], found.sources) == (doi, ("page",))
    assert all(getattr(found, name) for name in has)


async def test_the_reason_names_the_service_and_a_rebuild_keeps_what_it_said(site: LookedUp) -> None:
    site.entries(bare("2611.00001"), source="page")
    site.says(api(("2611.00001v1", "All about it.")))
    await site.round()
    before = site.paper("2611.00001")
    assert before.id is not None
    with site.store.reading() as tx:
        reasons = [(stored.source, reason) for stored, reason in tx.papers.mentions_of(before.id)]
    assert reasons == [("page", "first entry"), ("enrich:arxiv", "same arXiv id")]
    rebuild(site.store, {}, now=site.now)
    assert site.paper("2611.00001") == before


async def test_a_whole_paper_is_not_asked_about(site: LookedUp) -> None:
    site.papers(1)
    assert await site.round() == [EnrichReport(provider="arxiv")]
    assert site.server.asked == []


async def test_a_replacement_stays_one_whatever_is_looked_up_of_it(site: LookedUp) -> None:
    site.entries(bare("2611.00001", announce_type="replace"))
    with site.store.transaction() as tx:
        tx.enrichments.want_papers([PaperId(1)], "arxiv", now=site.now)
    site.says(api(("2611.00001v2", "All about it.")))
    await site.round()
    assert (site.paper("2611.00001").summary, site.paper("2611.00001").replacement) == ("All about it.", True)


async def test_rounds_are_spread_in_time_and_bounded(site: LookedUp) -> None:
    site.entries(*(bare(f"2611.{n:05}") for n in range(250)), source="page")
    site.says(api())
    assert [r.asked for r in await site.round()] == [200]
    assert [len(ids) for ids in site.asked_ids()] == [100, 100]
    assert await site.round(timedelta(minutes=1)) == []
    assert [r.asked for r in await site.round(EVERY)] == [50]


async def test_requests_take_their_turn_at_the_host(site: LookedUp) -> None:
    site.entries(*(bare(f"2611.{n:05}") for n in range(150)), source="page")
    site.says(api())
    paused = type("Paused", (Hurried,), {"politeness": ("arxiv", 0.3)})(url="x")
    site.provider = replace(site.provider, source=paused)
    began = time.monotonic()
    async with HttpTransport("", allow_private=True) as transport:
        clock = lambda: site.now + timedelta(seconds=time.monotonic() - began)  # noqa: E731
        await enrich(
            IntakeClient(store=site.store, transport=transport, clock=clock, owner="here/1/0"), [site.provider]
        )
    first, second = (a.at for a in site.server.asked)
    assert second - first >= 0.3


async def test_a_service_that_fails_is_left_alone_for_half_an_hour_and_costs_no_paper_a_try(site: LookedUp) -> None:
    site.entries(*(bare(f"2611.{n:05}") for n in range(150)), source="page")
    site.says(Reply(status=503))
    assert [(r.asked, bool(r.error)) for r in await site.round()] == [(100, True)]
    assert await site.round(timedelta(minutes=20)) == []
    assert [r.tries for r in site.rows("2611.00001")] == [0]


async def test_one_id_that_spoils_a_request_is_asked_alone_next_time(site: LookedUp) -> None:
    site.entries(bare("2611.00001"), bare("2611.00002"), source="page")
    good = api(("2611.00001v1", "All about it."))
    site.says(Reply(status=400))
    site.server.pages["/api?id_list=2611.00001&max_results=1"] = Reply(body=good)
    await site.round()
    await site.round(AGAIN[0])
    assert site.asked_ids() == [["2611.00001", "2611.00002"], ["2611.00001"], ["2611.00002"]]
    assert (site.paper("2611.00001").summary, site.rows("2611.00002")[0].tries) == ("All about it.", 2)


async def test_a_paper_the_service_never_has_is_given_up(site: LookedUp) -> None:
    site.entries(bare("2611.00001"), source="page")
    site.says(api())
    for passed in (EVERY, *AGAIN):
        await site.round(passed)
    assert [(r.state, r.tries) for r in site.rows("2611.00001")] == [(GIVEN_UP, len(AGAIN))]
    await site.round(timedelta(days=9))
    assert len(site.asked_ids()) == 1 + len(AGAIN)


async def test_an_answer_about_another_paper_is_not_taken(site: LookedUp) -> None:
    site.entries(bare("2611.00001"), source="page")
    site.says(api(("2611.09999v1", "Another one.")))
    await site.round()
    with site.store.reading() as tx:
        assert tx.papers.count_entries_and_papers() == (1, 1)


async def test_what_was_sent_is_followed_and_its_acceptance_told_though_no_feed_says_it(site: LookedUp) -> None:
    site.entries(entry(1, comment=""))
    site.dispatch(NOW)
    site.says(api(("2611.00001v1", "All about it."), comment="9 pages"))
    await site.round()
    assert [(r.state, r.next_at - site.now) for r in site.rows("2611.00001")] == [(WATCHED, FOLLOWED_EVERY)]
    assert site.titles(site.dispatch(NOW + timedelta(days=1))) == []
    site.says(api(("2611.00001v1", "All about it."), comment="Accepted at ISCA"))
    await site.round(FOLLOWED_EVERY)
    report = site.dispatch(NOW + timedelta(days=9))
    with site.store.reading() as tx:
        [number] = [c.digest for c in report.slots if c.digest]
        [item] = tx.slots.digests_by_id([number])[number].items()
    assert (item.kind, item.note) == ("accepted", "You had v1 on Mon 23 November. New: accepted at ISCA.")


async def test_a_withdrawal_is_told_even_by_a_first_look(site: LookedUp) -> None:
    site.papers(1)
    site.dispatch(NOW)
    site.says(api(("2611.00001v2", "All about it."), comment="This paper has been withdrawn by the authors"))
    await site.round()
    report = site.dispatch(NOW + timedelta(days=1))
    with site.store.reading() as tx:
        [number] = [c.digest for c in report.slots if c.digest]
        [item] = tx.slots.digests_by_id([number])[number].items()
    assert "withdrawn-v2" in item.kinds
    assert item.note == (
        "You had v1 on Mon 23 November. It has been withdrawn. Its authors write: “This paper has been withdrawn by the "
        "authors”"
    )


async def test_what_a_first_look_finds_had_perhaps_always_been_so(site: LookedUp) -> None:
    site.papers(1)
    site.dispatch(NOW)
    site.says(api(("2611.00001v1", "All about it."), comment="Accepted at ISCA"))
    assert [r.found for r in await site.round()] == [1]
    assert site.paper("2611.00001").comment == "Accepted at ISCA"
    assert site.titles(site.dispatch(NOW + timedelta(days=1))) == []


async def test_nobody_asks_twice_at_once(site: LookedUp) -> None:
    site.entries(bare("2611.00001"), source="page")
    site.says(api())
    now = site.now
    with site.store.transaction() as tx:
        tx.leases.take_lease("enrich:arxiv", owner="other/2/0", now=now, lease=timedelta(minutes=10))
    async with HttpTransport("", allow_private=True) as transport:
        reports = await enrich(
            IntakeClient(store=site.store, transport=transport, clock=lambda: now, owner="here/1/0"),
            [site.provider],
        )
    assert (reports, site.server.asked) == ((), [])


def moved(row: Enrichment, first_seen: datetime, *, found: bool = True, heard: bool = True) -> Enrichment:
    return after(row, paper(1, first_seen=first_seen), found=found, heard=heard, now=NOW)


def test_a_paper_is_followed_for_half_a_year_and_then_kept() -> None:
    row = Enrichment(paper=PaperId(1), provider="arxiv", state=WATCHED, next_at=NOW)
    assert moved(row, NOW - FOLLOWED_FOR / 2) == replace(row, asked=NOW, next_at=NOW + FOLLOWED_EVERY)
    kept = replace(row, state=KEPT, asked=NOW, next_at=own_day(row.paper, since=NOW, at=NOW))
    assert moved(row, NOW - 2 * FOLLOWED_FOR) == kept
    assert moved(kept, NOW - 2 * FOLLOWED_FOR) == kept
    assert moved(replace(kept, tries=len(AGAIN)), NOW, heard=False, found=False) == kept
    assert moved(row, NOW, heard=False, found=False) == replace(row, tries=1, next_at=NOW + AGAIN[0])


def test_the_requests_are_those_of_the_services_manuals() -> None:
    arxiv = providers.arxiv()
    assert arxiv.by_ids([("arxiv", "2611.00001"), ("arxiv", "hep-th/9901001")]).url == (
        "https://export.arxiv.org/api/query?id_list=2611.00001,hep-th/9901001&max_results=2"
    )
    crossref = providers.crossref("admin@example.org")
    assert crossref.by_ids([("doi", "10.1002/(sici)1&2"), ("doi", "10.1/x")]).url == (
        "https://api.crossref.org/works?filter=doi:10.1002/%28sici%291%262,doi:10.1/x&rows=2&mailto=admin%40example.org"
    )
    assert crossref.by_title is not None
    assert crossref.by_title(paper(title="On A & B", authors=("Ada L",))).url == (
        "https://api.crossref.org/works?query.bibliographic=On%20A%20%26%20B%20Ada%20L&rows=5&mailto=admin%40example.org"
    )
    openalex = providers.openalex("admin@example.org")
    assert openalex.most == 1  # a single work costs nothing, a list does
    assert [openalex.by_ids([name]).url for name in (("arxiv", "2611.00001"), ("doi", "10.1/x"))] == [
        "https://api.openalex.org/works/doi:10.48550/arxiv.2611.00001?mailto=admin%40example.org",
        "https://api.openalex.org/works/doi:10.1/x?mailto=admin%40example.org",
    ]


def test_a_title_is_asked_only_where_no_identifier_is_known_and_only_the_same_paper_is_an_answer() -> None:
    crossref = providers.crossref("admin@example.org")
    title = "A Long Title About Sparse Attention"
    untold = paper(title=title, identifiers={}, authors=("Ines Okafor",))
    assert crossref.can_ask(untold)
    assert not crossref.can_ask(replace(untold, identifiers={"arxiv": "2611.00001"}))
    right = Entry(title=title, authors=("I. Okafor",), identifiers={"doi": "10.5555/x"})
    assert crossref.matching_entries(untold, [replace(right, authors=("Bo Li",)), right]) == (right,)
    assert crossref.matching_entries(untold, [replace(right, title="A Long Title About Dense Attention")]) == ()


def post(*papers: str) -> Entry:
    """A lab's post that speaks of papers; it is none itself."""
    return Entry(
        title="What we read",
        link="https://lab.example.org/read",
        native_key="read",
        mentions=tuple(f"arxiv:{p}" for p in papers),
    )


async def test_an_old_paper_a_post_speaks_of_goes_into_the_record_and_a_new_one_into_the_digest(site: LookedUp) -> None:
    site.entries(post("1706.03762", "2611.00009"), source="lab")
    old, new = api(("1706.03762v7", "The old one.")), api(("2611.00009v1", "The new one."))
    old = old.replace(b"2026-11-20T", b"2017-06-12T")
    cut = old.rindex(b"</feed>")
    site.says(old[:cut] + new[new.index(b"<entry>") :])
    await site.round()
    assert (site.paper("1706.03762").old, site.paper("2611.00009").old) == (True, False)
    assert site.titles(site.dispatch(NOW)) == [["2611.00009"]]


async def test_a_paper_known_only_by_a_post_is_held_back_until_it_has_a_title(site: LookedUp) -> None:
    site.entries(post("2611.00009"), source="lab")
    assert site.titles(site.dispatch(NOW)) == []
    site.says(api(("2611.00009v1", "The new one.")))
    await site.round()
    assert site.titles(site.dispatch(NOW + timedelta(days=1))) == [["2611.00009"]]


def of_openalex(site: LookedUp, *dois: str) -> None:
    site.provider = providers.openalex("admin@example.org", base=site.provider.source.url)  # type: ignore[attr-defined]
    site.entries(*(Entry(identifiers={"doi": doi}, native_key=doi) for doi in dois), source="page")


def spent(left: str, status: int = 200, **more: str) -> Reply:
    headers = {"x-ratelimit-remaining-usd": left, "x-ratelimit-limit-usd": "1", "x-ratelimit-reset": "54000", **more}
    return Reply(
        status=status,
        body=b'{"id": "https://openalex.org/W1", "doi": "https://doi.org/10.1000/a", "display_name": "A"}',
        headers=headers,
    )


async def test_lookups_stop_before_the_budget_is_spent_and_leave_the_rest_to_polls(site: LookedUp) -> None:
    of_openalex(site, "10.1000/a", "10.1000/b")
    site.server.pages |= {"/api/doi:10.1000/a": spent("0.15"), "/api/doi:10.1000/b": spent("0.14")}
    [report] = await site.round()
    assert (report.asked, report.error) == (1, "0.15 of 1 US dollars are left, and kept for polls")
    assert report.budget is not None
    assert report.budget.resets == site.now + timedelta(hours=15)
    assert await site.round() == []
    with site.store.reading() as tx:
        (line,) = tx.source_log.polls_of("enrich:openalex", 9)
    assert (line.got, line.error) == (1, report.error)
    assert [r.asked for r in await site.round(timedelta(hours=15))] == [1]


async def test_a_spent_budget_costs_no_paper_a_try_and_closes_the_host_until_it_counts_anew(site: LookedUp) -> None:
    of_openalex(site, "10.1000/a")
    site.server.pages["/api/doi:10.1000/a"] = [spent("0", 429), spent("0.9")]
    [report] = await site.round()
    assert (report.found, report.error) == (0, "429 from 127.0.0.1")
    assert [r.tries for r in rows_of(site, "10.1000/a")] == [0]
    assert await site.round(timedelta(hours=14)) == []
    assert [(r.asked, r.found, r.error) for r in await site.round(timedelta(hours=1))] == [(1, 1, "")]


async def test_a_single_work_that_the_service_lacks_is_asked_for_again(site: LookedUp) -> None:
    of_openalex(site, "10.1000/a")
    [report] = await site.round()
    assert (report.asked, report.found, report.error) == (1, 0, "")
    assert [(r.state, r.tries) for r in rows_of(site, "10.1000/a")] == [("wanted", 1)]


def rows_of(site: LookedUp, doi: str) -> list[Enrichment]:
    with site.store.reading() as tx:
        [found] = tx.papers.papers_by_key([("doi", doi)])[("doi", doi)]
        return tx.enrichments.rows_of(found)
