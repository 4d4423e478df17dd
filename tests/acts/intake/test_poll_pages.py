"""Sources of several pages, polled from a real (local) web server into a real database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from digestbot.acts.answers.audit import audit
from digestbot.acts.intake import paging as pages
from digestbot.acts.intake.polite_fetch import SourceSetup
from digestbot.acts.intake.poll import SourceReport
from digestbot.acts.intake.poll_decision import not_papers_of
from digestbot.cli.answers.audit import audit_text
from digestbot.model import ReadStatus, Secret
from digestbot.sources.kinds.biorxiv import BiorxivSource
from digestbot.sources.kinds.crossref import CrossrefSource
from digestbot.sources.kinds.oai import OaiSource
from digestbot.sources.kinds.openalex import OpenAlexSource
from digestbot.sources.kinds.pubmed import PubmedSource
from digestbot.testing import replies
from digestbot.testing.http_server import Reply, fixed
from digestbot.testing.site import TestSite

DAY = date(2026, 11, 23)


async def polled(polled_site: TestSite, source: Any) -> SourceReport:
    return await polled_site.poll(SourceSetup(name="pages", kind="x", source=source, pause=0.0))


async def test_a_search_is_followed_by_the_pages_of_what_it_found(polled_site: TestSite) -> None:
    polled_site.server.pages["/esearch.fcgi"] = Reply(body=replies.pubmed_search(150))
    polled_site.server.pages["/efetch.fcgi"] = [
        Reply(body=replies.pubmed(DAY)),
        Reply(body=replies.pubmed(DAY + timedelta(days=1))),
    ]
    source = PubmedSource(
        url=f"{polled_site.web}/esearch.fcgi?term=x",
        secrets={"api_key": Secret("k3y"), "email": Secret("a@example.org")},
    )
    report = await polled(polled_site, source)
    assert (report.status, report.new, report.expected, len(polled_site.asked())) == (ReadStatus.OK, 5, 150, 3)
    assert all("api_key=k3y&email=a@example.org" in path for path in polled_site.asked())
    assert polled_site.source_row("pages").state == {"short": 1}  # 150 were told of
    assert "k3y" not in repr(polled_site.source_row("pages"))
    assert "example.org" not in repr(polled_site.source_row("pages"))


async def test_a_list_is_read_to_its_end_and_the_next_poll_asks_from_the_day_before(polled_site: TestSite) -> None:
    polled_site.server.pages["/oai"] = Reply(body=replies.oai(DAY, token="next", total=12))
    polled_site.server.pages["/oai?verb=ListRecords&resumptionToken=next"] = Reply(
        body=replies.oai(DAY, total=12, cursor=6)
    )
    source = OaiSource(f"{polled_site.web}/oai", ["cs:cs:LG"], "arXivRaw")
    report = await polled(polled_site, source)
    assert (report.status, report.expected) == (ReadStatus.OK, 12)
    polled_site.now += timedelta(days=2)
    await polled(polled_site, source)
    assert polled_site.asked()[:3] == [
        "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:LG&from=2026-11-20",
        "/oai?verb=ListRecords&resumptionToken=next",
        "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set=cs:cs:LG&from=2026-11-22",
    ]


async def test_what_is_expected_is_the_sum_of_all_lists(polled_site: TestSite) -> None:
    page = "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set={}&from=2026-11-20"
    polled_site.server.pages[page.format("cs:cs:LG")] = Reply(body=replies.oai(DAY, token="next", total=12))
    polled_site.server.pages["/oai?verb=ListRecords&resumptionToken=next"] = Reply(
        body=replies.oai(DAY, total=12, cursor=6)
    )
    polled_site.server.pages[page.format("cs:cs:CL")] = Reply(
        body=replies.oai(DAY + timedelta(days=1), token="", total=6)
    )
    report = await polled(polled_site, OaiSource(f"{polled_site.web}/oai", ["cs:cs:LG", "cs:cs:CL"], "arXivRaw"))
    assert (report.expected, len(polled_site.asked())) == (18, 3)


async def test_after_a_page_that_failed_the_next_poll_reads_on_although_the_first_page_is_unchanged(
    polled_site: TestSite,
) -> None:
    first = fixed(replies.crossref(DAY, cursor="abc", total=10))
    polled_site.server.pages["/works?cursor=*"] = first
    polled_site.server.pages["/works?cursor=abc"] = [Reply(status=503), Reply(body=replies.crossref(DAY))]
    source = CrossrefSource(url=f"{polled_site.web}/works?cursor=%2A")
    broken = await polled(polled_site, source)
    assert (broken.status, polled_site.source_row("pages").state) == (ReadStatus.PARTIAL, {})
    whole = await polled(polled_site, source)
    assert (whole.status, polled_site.source_row("pages").state) == (
        ReadStatus.OK,
        {"short": 1},
    )  # of ten, page two brought the first again


async def test_what_a_page_left_out_as_no_paper_is_kept_with_its_source(polled_site: TestSite) -> None:
    works = json.loads(replies.crossref(DAY, total=2))
    works["message"]["items"].append({"DOI": "10.5555/data", "title": ["Data of ten lakes"], "type": "dataset"})
    polled_site.server.pages["/works"] = [
        Reply(body=json.dumps(works).encode()),
        Reply(body=replies.crossref(DAY, total=1)),
    ]
    told = []
    for _ in range(2):
        await polled(polled_site, CrossrefSource(url=f"{polled_site.web}/works"))
        told.append(not_papers_of(polled_site.source_row("pages")))
    assert told == ["1 dataset", ""]


async def test_only_the_addresses_of_the_last_poll_are_remembered(polled_site: TestSite) -> None:
    polled_site.server.pages["/oai"] = fixed(replies.oai(DAY))
    for _ in range(4):
        await polled(polled_site, OaiSource(f"{polled_site.web}/oai", ["cs:cs:LG"], "arXivRaw"))
        polled_site.now += timedelta(days=3)
    assert len(polled_site.source_row("pages").validators) == 1


def preprints(first: int, last: int, total: int | None) -> Reply:
    """Rows of bioRxiv's API from one number to another."""
    rows = [
        {"doi": f"10.1101/2026.11.{n:06}", "title": f"Preprint {n}", "date": "2026-11-22", "version": "1"}
        for n in range(first, last)
    ]
    message = {"status": "ok", "count": len(rows)} | ({} if total is None else {"total": total})
    return Reply(body=json.dumps({"messages": [message], "collection": rows}).encode())


def biorxiv(polled_site: TestSite, replied: Mapping[int, Reply | list[Reply]]) -> BiorxivSource:
    """A list whose page behind so many rows is this one."""
    for at, reply in replied.items():
        polled_site.server.pages[f"/details/biorxiv/2026-11-20/2026-11-23/{at}/json"] = reply
    return BiorxivSource(url=f"{polled_site.web}/details/biorxiv/2026-11-20/2026-11-23/0/json")


async def test_a_source_that_gives_less_than_it_tells_is_asked_again_for_the_same_days_and_then_left_at_that(
    polled_site: TestSite,
) -> None:
    source = biorxiv(polled_site, {0: preprints(0, 10, 30), 10: preprints(0, 0, 30)})
    for times in (1, 2):
        report = await polled(polled_site, source)
        assert (report.status, report.expected, polled_site.source_row("pages").state) == (
            ReadStatus.OK,
            30,
            {"short": times},
        )
        assert "10 of 30 came" in [p.what for p in report.problems]
        polled_site.now += timedelta(hours=1)
    await polled(polled_site, source)
    assert polled_site.source_row("pages").state == {"read": "2026-11-23"}
    await polled(
        polled_site, biorxiv(polled_site, {0: preprints(0, 5, 5)})
    )  # narrower and whole: it does not bring what was left
    assert not audit(polled_site.store, now=polled_site.now).complete


async def test_what_lacked_once_and_came_with_the_next_poll_is_whole(polled_site: TestSite) -> None:
    source = biorxiv(polled_site, {0: preprints(0, 10, 20), 10: [preprints(0, 0, 20), preprints(10, 20, 20)]})
    await polled(polled_site, source)
    assert not audit(polled_site.store, now=polled_site.now).complete
    report = await polled(polled_site, source)
    assert (
        report.new,
        polled_site.source_row("pages").state,
        audit(polled_site.store, now=polled_site.now).complete,
    ) == (
        10,
        {"read": "2026-11-23"},
        True,
    )


async def test_without_a_total_a_list_ends_with_an_empty_page(polled_site: TestSite) -> None:
    replied = {0: preprints(0, 10, None), 10: preprints(10, 14, None), 14: preprints(0, 0, None)}
    report = await polled(polled_site, biorxiv(polled_site, replied))
    assert (report.new, len(polled_site.asked()), polled_site.source_row("pages").state) == (
        14,
        3,
        {"read": "2026-11-23"},
    )


async def test_versions_of_one_preprint_are_no_shortage(polled_site: TestSite) -> None:
    two = json.loads(preprints(0, 10, 20).body)
    two["collection"] += [row | {"version": "2"} for row in two["collection"]]
    report = await polled(polled_site, biorxiv(polled_site, {0: Reply(body=json.dumps(two).encode())}))
    assert (report.expected, report.new, audit(polled_site.store, now=polled_site.now).complete) == (10, 10, True)


async def test_a_long_list_is_read_in_stretches_to_its_end(
    polled_site: TestSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_REQUESTS", 3)
    report = await polled(
        polled_site, biorxiv(polled_site, {at: preprints(at, at + 10, 100) for at in range(0, 100, 10)})
    )
    assert (report.new, report.expected, len(polled_site.asked())) == (100, 100, 10)
    assert polled_site.source_row("pages").state == {"read": "2026-11-23"}
    assert audit(polled_site.store, now=polled_site.now).complete
    polled_site.server.pages["/details/biorxiv/2026-11-20/2026-11-23/0/json"] = preprints(1, 11, 100)
    again = await polled(
        polled_site, BiorxivSource(url=f"{polled_site.web}/details/biorxiv/2026-11-20/2026-11-23/0/json")
    )
    assert (again.status, len(polled_site.asked()), polled_site.source_row("pages").state) == (
        ReadStatus.OK,
        20,
        {"read": "2026-11-23", "short": 1},
    )


async def test_after_a_stretch_that_failed_the_next_poll_begins_anew(
    polled_site: TestSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_REQUESTS", 3)
    replied: dict[int, Reply | list[Reply]] = {at: preprints(at, at + 10, 50) for at in range(0, 50, 10)}
    replied[30] = [Reply(status=503), preprints(30, 40, 50)]
    source = biorxiv(polled_site, replied)
    assert (await polled(polled_site, source)).new == 30
    report = await polled(polled_site, source)
    assert (report.new, report.expected, len(polled_site.asked())) == (20, 50, 9)
    assert polled_site.source_row("pages").state == {"read": "2026-11-23"}


async def test_a_list_that_turns_in_a_circle_is_left(polled_site: TestSite) -> None:
    report = await polled(polled_site, biorxiv(polled_site, {at: preprints(0, 10, 1000) for at in range(0, 1000, 10)}))
    assert (report.new, len(polled_site.asked()), polled_site.source_row("pages").state) == (10, 4, {"short": 1})
    assert "its pages repeat each other: the rest was not asked for" in [p.what for p in report.problems]


async def test_a_reply_that_is_cut_is_told_by_the_audit(polled_site: TestSite) -> None:
    whole = replies.oai(DAY)
    polled_site.server.pages["/oai"] = [Reply(body=whole[: len(whole) * 2 // 3]), Reply(body=whole)]
    source = OaiSource(f"{polled_site.web}/oai", ["cs:cs:LG"], "arXivRaw")
    await polled(polled_site, source)
    assert [line.state for line in audit(polled_site.store, now=polled_site.now).lines] == ["cut"]
    assert "its list was not read to its end" in audit_text(audit(polled_site.store, now=polled_site.now))
    polled_site.now += timedelta(hours=1)
    await polled(polled_site, source)
    assert audit(polled_site.store, now=polled_site.now).complete


async def test_a_list_without_end_is_left_and_the_next_poll_begins_with_its_first_page(
    polled_site: TestSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_REQUESTS", 3)
    source = biorxiv(polled_site, {at: preprints(at, at + 10, None) for at in range(0, 1000, 10)})
    report = await polled(polled_site, source)
    assert (len(polled_site.asked()), polled_site.source_row("pages").state) == (15, {"short": 1})
    assert "its list has no end: the rest was not asked for" in [p.what for p in report.problems]
    assert not audit(polled_site.store, now=polled_site.now).complete
    await polled(polled_site, source)
    assert polled_site.asked()[15].endswith("/0/json")


async def test_what_stands_in_two_lists_is_no_shortage_and_no_circle(polled_site: TestSite) -> None:
    page = "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set={}&from=2026-11-20"
    sets = ["cs:cs:LG", "cs:cs:CL", "cs:cs:AI", "cs:cs:NE", "math:math:NA"]
    for name in sets:
        polled_site.server.pages[page.format(name)] = Reply(body=replies.oai(DAY, token="", total=12))
    report = await polled(polled_site, OaiSource(f"{polled_site.web}/oai", sets, "arXivRaw"))
    assert (report.expected, len(polled_site.asked()), len(polled_site.source_row("pages").state)) == (60, 5, 5)
    assert not report.problems
    assert audit(polled_site.store, now=polled_site.now).complete


async def test_a_list_of_several_stretches_that_lacks_something_is_given_up_too(
    polled_site: TestSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST_REQUESTS", 2)
    source = biorxiv(
        polled_site, {**{at: preprints(at, at + 10, 60) for at in range(0, 50, 10)}, 50: preprints(0, 0, 60)}
    )
    states = []
    for _ in range(3):
        await polled(polled_site, source)
        states.append(polled_site.source_row("pages").state)
        polled_site.now += timedelta(hours=1)
    assert states == [{"short": 1}, {"short": 2}, {"read": "2026-11-23"}]


def cited(*numbers: int, retracts: int = 0) -> bytes:
    """Records of PubMed; the last one retracts this work."""
    about = f'<CommentsCorrectionsList><CommentsCorrections RefType="RetractionOf"><PMID>{retracts}</PMID></CommentsCorrections></CommentsCorrectionsList>'
    inner = "<PubmedArticle><MedlineCitation><PMID>{}</PMID><Article><ArticleTitle>T{}</ArticleTitle></Article>{}</MedlineCitation></PubmedArticle>"
    said = [inner.format(n, n, about if retracts and n == numbers[-1] else "") for n in numbers]
    return f"<PubmedArticleSet>{''.join(said)}</PubmedArticleSet>".encode()


async def test_what_a_notice_says_of_another_work_hides_no_record_that_lacks(polled_site: TestSite) -> None:
    polled_site.server.pages["/esearch.fcgi"] = Reply(body=replies.pubmed_search(3))
    polled_site.server.pages["/efetch.fcgi"] = Reply(body=cited(1, 2, retracts=9))
    report = await polled(polled_site, PubmedSource(url=f"{polled_site.web}/esearch.fcgi?term=x"))
    assert ([p.what for p in report.problems], polled_site.source_row("pages").state) == (["2 of 3 came"], {"short": 1})


def records(*numbers: int, deleted: int = 0, more: str = "", total: int = 0) -> Reply:
    """A page of an OAI-PMH list."""
    head = "<header{}><identifier>oai:arXiv.org:2611.{:05}</identifier><datestamp>2026-11-22</datestamp></header>"
    kept = "".join(
        f"<record>{head.format('', n)}<metadata><arXivRaw><id>2611.{n:05}</id><title>T{n}</title></arXivRaw></metadata></record>"
        for n in numbers
    )
    fallen = ' status="deleted"'
    gone = "".join(f"<record>{head.format(fallen, 90 + n)}</record>" for n in range(deleted))
    token = f'<resumptionToken completeListSize="{total}">{more}</resumptionToken>' if total else ""
    return Reply(body=f"<OAI-PMH><ListRecords>{kept}{gone}{token}</ListRecords></OAI-PMH>".encode())


EXPIRED = Reply(body=b'<OAI-PMH><error code="badResumptionToken">expired</error></OAI-PMH>')
LIST = "/oai?verb=ListRecords&metadataPrefix=arXivRaw&set={}&from=2026-11-20"
REST = "/oai?verb=ListRecords&resumptionToken=tok"


async def test_a_list_that_began_anew_is_counted_once_beside_others(polled_site: TestSite) -> None:
    polled_site.server.pages[LIST.format("a")] = records(1, more="tok", total=3)
    polled_site.server.pages[LIST.format("b")] = records(9)
    polled_site.server.pages[REST] = [EXPIRED, records(2, total=3)]
    report = await polled(polled_site, OaiSource(f"{polled_site.web}/oai", ["a", "b"], "arXivRaw"))
    assert ([p.what for p in report.problems], report.expected) == (["3 of 4 came"], 4)


@pytest.mark.parametrize("chunk", [60, 1])
async def test_what_was_deleted_of_a_list_that_began_anew_is_counted_once(
    polled_site: TestSite, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(pages, "MOST_REQUESTS", chunk)
    polled_site.server.pages[LIST.format("a")] = records(1, deleted=1, more="tok", total=4)
    polled_site.server.pages[REST] = [EXPIRED, records(total=4)]
    report = await polled(polled_site, OaiSource(f"{polled_site.web}/oai", ["a"], "arXivRaw"))
    assert ([p.what for p in report.problems], report.expected) == (["1 of 3 came"], 3)


async def test_a_key_that_a_server_repeats_is_neither_told_nor_kept(polled_site: TestSite) -> None:
    polled_site.server.pages["/works"] = Reply(body=b'{"error":"no","message":"The key k3y+= is wrong"}')
    report = await polled(
        polled_site, OpenAlexSource(url=f"{polled_site.web}/works", secrets={"api_key": Secret("k3y+=")})
    )
    assert (report.status, report.problems[0].where) == (ReadStatus.UNREADABLE, "The key *** is wrong")
    with polled_site.store.reading() as tx:
        kept = list(tx.source_log.replies())
    assert kept
    assert "k3y" not in repr(kept)
