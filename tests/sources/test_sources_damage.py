"""Replies of every API, recorded and of our own, cut anywhere and with bytes changed: a value comes back, and no error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from cost import Cost
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digestbot.model import ParseResult, ReadStatus, Response
from digestbot.plugins import SOURCES, Kinds
from digestbot.testing import field_replies, replies

NOW = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)
DAY = date(2026, 11, 23)
MOST = 15.0  #: seconds for a reply of two thousand records; each takes one to three
URLS = {
    "oai": "https://r.example/oai?verb=ListRecords#set=a", "biorxiv": "https://api.biorxiv.org/details/biorxiv/2026-11-21/2026-11-23/0/json",
    "pubmed": "https://n.example/efetch.fcgi?WebEnv=x&retstart=0#count=900", "crossref": "https://c.example/works?cursor=%2A",
    "openalex": "https://o.example/works?page=1", "feed": "https://lab.example/feed",
    "europepmc": "https://e.example/search?query=x&cursorMark=%2A",
    "dblp": "https://d.example/search/publ/api?q=x&f=0#came=2026-11-22", "datacite": "https://d.example/dois?page%5Bcursor%5D=1",
    "zotero": "https://z.example/groups/1/items/top?start=0",
    "openreview": "https://o.example/notes?limit=5&offset=0&sort=tmdate:desc#since=1",
}  # fmt: skip
OWN: dict[str, Callable[[], bytes]] = {
    "oai": lambda: replies.oai(DAY, token="x", total=99), "biorxiv": lambda: replies.biorxiv(DAY), "pubmed": lambda: replies.pubmed(DAY),
    "crossref": lambda: replies.crossref(DAY, cursor="x", total=99), "openalex": lambda: replies.openalex(DAY, count=99),
    "europepmc": lambda: field_replies.europepmc(DAY, cursor="x", total=99),
    "dblp": lambda: field_replies.dblp(DAY, total=99), "datacite": lambda: field_replies.datacite(DAY), "zotero": lambda: field_replies.zotero(DAY),
    "openreview": lambda: field_replies.openreview(DAY),
}  # fmt: skip
RECORDED = {
    "oai": ("sample_arxiv_record4.xml", "oai_ex_ante_listrecords.xml", "arxiv_multi_20230125.xml", "ListRecords2.xml", "badResumptionToken.xml"),
    "biorxiv": ("biorxiv_details.json",), "pubmed": ("pubmed-29768149.xml", "pubmed1.xml", "MedlineImporterTestNbib.xml", "esearch2.xml"),
    "crossref": ("sample_crossref_record.json",), "openalex": ("openalex_search.json",), "feed": ("feed_goodfire.xml", "feed_transluce.xml"),
}  # fmt: skip


def read(kind: str, body: bytes) -> ParseResult:
    source = Kinds(SOURCES)[kind].from_options({"url": URLS[kind]})
    result: ParseResult = source.parse(Response(url=URLS[kind], body=body, fetched=NOW), NOW)
    assert result.problems or result.status not in (ReadStatus.PARTIAL, ReadStatus.UNREADABLE)
    return result


def damaged(body: bytes, draw: st.DataObject) -> bytes:
    """Cut at one end, and some bytes replaced by others or by a piece of the same reply."""
    at = draw.draw(st.integers(0, len(body)))
    start = draw.draw(st.integers(0, len(body)))
    piece = draw.draw(
        st.sampled_from(
            [b"", b"\x00\xff", b"<", b"</", b"]]>", b'"', b"{", b"null", b"&amp;", body[start : start + 40]]
        )
    )
    cut = body[:at] + piece + body[at + draw.draw(st.integers(0, 60)) :]
    return cut[: draw.draw(st.integers(0, len(cut)))] if draw.draw(st.booleans()) else cut


@pytest.mark.parametrize("kind", OWN)
@given(data=st.data())
@settings(deadline=None, max_examples=30)
def test_a_damaged_reply_of_our_own_is_a_value(kind: str, data: st.DataObject) -> None:
    read(kind, damaged(OWN[kind](), data))


@cache
def recorded(folder: Path, name: str) -> bytes:
    (path,) = folder.rglob(name)
    return path.read_bytes()[:60_000]


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in RECORDED.items() for name in names])
@given(data=st.data())
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_recorded_reply_is_a_value(shared_data: Path, kind: str, name: str, data: st.DataObject) -> None:
    read(kind, damaged(recorded(shared_data, name), data))


@pytest.mark.parametrize("kind", OWN)
@given(body=st.binary(max_size=200))
@settings(deadline=None, max_examples=20)
def test_any_bytes_are_a_value(kind: str, body: bytes) -> None:
    read(kind, body)


@pytest.mark.parametrize(
    "body",
    [b"<a>" * 300_000, b"<a><b></a>" * 100_000, b"<!-- x -->a" * 200_000, b"<" * 2_000_000, b"<a b='" * 200_000, b"[" * 1_000_000, b'{"a":' * 200_000,
     b"<!DOCTYPE" + b"[" * 2_000_000],
    ids=["deep", "mismatched", "comments", "brackets", "quotes", "lists", "objects", "doctype"],
)  # fmt: skip
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["oai", "pubmed", "crossref"])
def test_bytes_made_to_cost_time_cost_little(kind: str, body: bytes) -> None:
    with Cost() as cost:
        read(kind, body)
    assert cost.seconds < MOST


@pytest.mark.parametrize(
    ("kind", "first", "last"),
    [("oai", b"<record>", b"</ListRecords>"), ("pubmed", b"<PubmedArticle>", b"</PubmedArticleSet>"), ("crossref", b'{"DOI"', b"]}}"),
     ("openalex", b'{"id"', b"]}"), ("biorxiv", b'{"title"', b"]}")],
    ids=["oai", "pubmed", "crossref", "openalex", "biorxiv"],
)  # fmt: skip
@pytest.mark.slow
def test_two_thousand_records_take_seconds(kind: str, first: bytes, last: bytes) -> None:
    body = {"oai": replies.oai(DAY), "pubmed": replies.pubmed(DAY), "crossref": replies.crossref(DAY), "openalex": replies.openalex(DAY),
            "biorxiv": replies.biorxiv(DAY)}[kind]  # fmt: skip
    begin, end = body.index(first), body.rindex(last)
    between = b"" if kind in ("oai", "pubmed") else b","
    some = body[begin:end]
    times = -(-2000 // some.count(first))
    many = body[:begin] + between.join([some] * times) + body[end:]
    with Cost() as cost:
        result = read(kind, many)
    print(f"{kind}: {some.count(first) * times} records, {len(many) / 1e6:.1f} MB, {cost.seconds:.2f} s")
    assert result.status is ReadStatus.OK
    assert cost.seconds < MOST
