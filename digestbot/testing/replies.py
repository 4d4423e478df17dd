"""Replies of the APIs, written for this project from the sample papers: what each interface sends, in its own form."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime
from html import escape
from typing import Any

from digestbot.testing.samples import NEW_YORK, Sample, carried_by

_OAI = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    "<responseDate>{at}</responseDate>\n<request verb=\"ListRecords\">http://oaipmh.arxiv.org/oai</request>\n{inner}</OAI-PMH>\n"
)  # fmt: skip


def oai(day: date, form: str = "arXivRaw", token: str = "", total: int | None = None, cursor: int = 0) -> bytes:
    """Returns arXiv's records of a day in `arXiv`, `arXivRaw` or `oai_dc`; with a `token` the list goes on."""
    write = {"arXiv": _arxiv, "arXivRaw": _arxiv_raw, "oai_dc": _dublin_core}[form]
    papers = carried_by("arxiv")
    records = "".join(
        f"<record>\n<header>\n <identifier>oai:arXiv.org:{paper['arxiv']}</identifier>\n <datestamp>{day}</datestamp>\n"
        f" <setSpec>cs:cs:LG</setSpec>\n</header>\n<metadata>\n{write(paper, day)}</metadata>\n</record>\n"
        for paper in papers
    )
    size = f' completeListSize="{total}"' if total is not None else ""
    going_on = f'<resumptionToken cursor="{cursor}"{size}>{token}</resumptionToken>\n' if token or size else ""
    return _OAI.format(at=f"{day}T04:10:00Z", inner=f"<ListRecords>\n{records}{going_on}</ListRecords>\n").encode()


def oai_error(code: str, words: str = "") -> bytes:
    """Returns one of the protocol's errors, which come with status 200."""
    return _OAI.format(at="2026-11-23T04:10:00Z", inner=f'<error code="{code}">{escape(words)}</error>\n').encode()


def _submitted(paper: Sample, day: date) -> datetime:
    """Returns the day of a sample's first version: a replaced paper is a year old."""
    age = timedelta(days=365 if paper.get("version", 1) > 1 else 2)
    return datetime.combine(day - age, time(11, 5), NEW_YORK)


def _arxiv(paper: Sample, day: date) -> str:
    names = "".join(_parted(name) for name in paper["authors"])
    created = f"<created>{_submitted(paper, day).date()}</created>"
    updated = f"<updated>{day - timedelta(days=1)}</updated>" if paper.get("version", 1) > 1 else ""
    doi = f"<doi>{paper['doi']}</doi>" if "doi" in paper else ""
    return (
        f'<arXiv xmlns="http://arxiv.org/OAI/arXiv/">\n <id>{paper["arxiv"]}</id>{created}{updated}<authors>{names}</authors>'
        f"<title>{escape(paper['title'])}</title><categories>{' '.join(paper['categories'])}</categories>{doi}"
        "<license>http://creativecommons.org/licenses/by/4.0/</license>"
        f"<abstract>  {escape(paper['abstract'])}\n</abstract></arXiv>\n"
    )


def _parted(name: str) -> str:
    forenames, _, family = name.rpartition(" ")
    return f"<author><keyname>{escape(family)}</keyname><forenames>{escape(forenames)}</forenames></author>"


def _arxiv_raw(paper: Sample, day: date) -> str:
    first = _submitted(paper, day)
    moments = [first, *(first + timedelta(days=30 * n) for n in range(1, paper.get("version", 1)))]
    versions = "".join(
        f'<version version="v{n}"><date>{format_datetime(moment)}</date><size>31kb</size></version>'
        for n, moment in enumerate(moments, 1)
    )
    doi = f"<doi>{paper['doi']}</doi>" if "doi" in paper else ""
    return (
        f'<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">\n <id>{paper["arxiv"]}</id><submitter>{escape(paper["authors"][0])}'
        f"</submitter>{versions}<title>{escape(paper['title'])}</title><authors>{escape(_joined(paper['authors']))}</authors>"
        f"<categories>{' '.join(paper['categories'])}</categories>{doi}"
        f"<license>http://creativecommons.org/licenses/by/4.0/</license><abstract>  {escape(paper['abstract'])}\n</abstract>"
        "</arXivRaw>\n"
    )


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _dublin_core(paper: Sample, day: date) -> str:
    creators = "".join(f" <dc:creator>{escape(name)}</dc:creator>\n" for name in paper["authors"])
    doi = f" <dc:identifier>doi:{paper['doi']}</dc:identifier>\n" if "doi" in paper else ""
    return (
        '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f" <dc:title>{escape(paper['title'])}</dc:title>\n{creators} <dc:description>  {escape(paper['abstract'])}\n"
        f"</dc:description>\n <dc:date>{_submitted(paper, day).date()}</dc:date>\n <dc:type>text</dc:type>\n"
        f" <dc:identifier>http://arxiv.org/abs/{paper['arxiv']}</dc:identifier>\n{doi}</oai_dc:dc>\n"
    )


def crossref(day: date, cursor: str = "", total: int | None = None) -> bytes:
    """Returns the works of the samples' journal as Crossref registers them; with a `cursor` the list may go on."""
    items = [_crossref_work(paper, day) for paper in carried_by("journal")]
    message: dict[str, Any] = {"total-results": len(items) if total is None else total, "items": items}
    if cursor:
        message["next-cursor"] = cursor
    reply = {"status": "ok", "message-type": "work-list", "message-version": "1.0.0", "message": message}
    return json.dumps(reply).encode()


def _crossref_work(paper: Sample, day: date) -> dict[str, Any]:
    parts = [day.year, day.month, day.day]
    return {
        "DOI": paper["doi"].upper(),
        "type": "journal-article",
        "title": [escape(paper["title"])],
        "author": [dict(zip(("given", "family"), name.rsplit(" ", 1), strict=True)) for name in paper["authors"]],
        "abstract": f"<jats:title>Abstract</jats:title><jats:p>{escape(paper['abstract'])}</jats:p>",
        "container-title": ["Journal of Sample Computing"],
        "issued": {"date-parts": [parts[:2]]},
        "published-online": {"date-parts": [parts]},
        "created": {"date-parts": [parts], "date-time": f"{day}T09:12:44Z"},
    }


def openalex(day: date, count: int | None = None, cursor: str | None = None) -> bytes:
    """Returns the same works as OpenAlex has them, with abstracts as an inverted index."""
    works = [_openalex_work(paper, day, number) for number, paper in enumerate(carried_by("journal"), 1)]
    meta = {
        "count": len(works) if count is None else count,
        "db_response_time_ms": 41,
        "per_page": 100,
        "next_cursor": cursor,
    }
    return json.dumps({"meta": meta, "results": works}).encode()


def _openalex_work(paper: Sample, day: date, number: int) -> dict[str, Any]:
    index: dict[str, list[int]] = {}
    for at, word in enumerate(paper["abstract"].split()):
        index.setdefault(word, []).append(at)
    return {
        "id": f"https://openalex.org/W26110000{number:02}",
        "doi": f"https://doi.org/{paper['doi']}",
        "display_name": paper["title"],
        "publication_date": day.isoformat(),
        "authorships": [{"author": {"display_name": name}} for name in paper["authors"]],
        "abstract_inverted_index": index,
        "primary_location": {"source": {"display_name": "Journal of Sample Computing"}},
        "is_retracted": False,
    }


def biorxiv(day: date, total: int | str | None = None, cursor: int = 0) -> bytes:
    """Returns the journal's works as preprints of bioRxiv, each in its first version."""
    rows = [_preprint(paper, day, number) for number, paper in enumerate(carried_by("journal"), 1)]
    size = len(rows) if total is None else total
    message = {"status": "ok", "interval": f"{day}:{day}", "cursor": cursor, "count": len(rows), "total": size}
    return json.dumps({"messages": [message], "collection": rows}).encode()


def _preprint(paper: Sample, day: date, number: int) -> dict[str, Any]:
    families = ((name.rsplit(" ", 1)[1], name[0]) for name in paper["authors"])
    return {
        "title": paper["title"],
        "authors": "; ".join(f"{family}, {initial}." for family, initial in families),
        "doi": f"10.64898/{day:%Y.%m.%d}.7000{number:02}",
        "date": day.isoformat(),
        "version": "1",
        "type": "new results",
        "license": "cc_by",
        "category": "bioinformatics",
        "abstract": paper["abstract"],
        "published": "NA",
        "server": "bioRxiv",
    }


def pubmed(day: date) -> bytes:
    """Returns the same works as records of PubMed."""
    records = "".join(_record(paper, day, number) for number, paper in enumerate(carried_by("journal"), 1))
    return (
        '<?xml version="1.0" ?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, 1st January 2026//EN" '
        '"https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_260101.dtd">\n'
        f"<PubmedArticleSet>\n{records}</PubmedArticleSet>\n"
    ).encode()


def _record(paper: Sample, day: date, number: int) -> str:
    date_of_day = f"<Year>{day.year}</Year><Month>{day.month}</Month><Day>{day.day}</Day>"
    authors = "".join(
        f'<Author ValidYN="Y"><LastName>{escape(family)}</LastName><ForeName>{escape(given)}</ForeName></Author>'
        for given, family in (name.rsplit(" ", 1) for name in paper["authors"])
    )
    return (
        f'<PubmedArticle><MedlineCitation Status="Publisher"><PMID Version="1">429000{number:02}</PMID><Article>'
        f"<Journal><JournalIssue><PubDate><Year>{day.year}</Year><Month>{day:%b}</Month></PubDate></JournalIssue>"
        f"<Title>Journal of Sample Computing</Title></Journal><ArticleTitle>{escape(paper['title'])}.</ArticleTitle>"
        f'<ELocationID EIdType="doi" ValidYN="Y">{paper["doi"]}</ELocationID><Abstract><AbstractText>'
        f"{escape(paper['abstract'])}</AbstractText></Abstract><AuthorList>{authors}</AuthorList><Language>eng</Language>"
        f'</Article></MedlineCitation><PubmedData><History><PubMedPubDate PubStatus="entrez">{date_of_day}'
        f'</PubMedPubDate></History><ArticleIdList><ArticleId IdType="pubmed">429000{number:02}</ArticleId></ArticleIdList>'
        "</PubmedData></PubmedArticle>\n"
    )


def pubmed_search(count: int = 5) -> bytes:
    """Returns PubMed's answer to a search."""
    result = {"count": str(count), "retmax": "0", "querykey": "1", "webenv": "MCID_sample", "idlist": []}
    return json.dumps({"header": {"type": "esearch", "version": "0.3"}, "esearchresult": result}).encode()
