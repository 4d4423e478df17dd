"""One paper for reference managers: RIS and CSL-JSON files, and what a page carries so that their buttons find it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from digestbot.model import Paper
from digestbot.papers.exchange.write import key
from digestbot.papers.identity.identifiers import normal
from digestbot.papers.text.clean import visible

MOST_AUTHORS = 12  #: in a COinS span, since a page holds many papers; a file names all


def ris(papers: Iterable[Paper]) -> str:
    """Returns papers as RIS for EndNote, Zotero and Mendeley: one tag a line, lines end in CR LF."""
    return "".join(_ris(paper) for paper in papers)


def _ris(paper: Paper) -> str:
    known = normal(paper.identifiers)
    day = _day(paper)
    lines = [
        ("TY", "JOUR" if paper.venue else "UNPB"),
        ("ID", key(paper)),
        ("TI", paper.title),
        *(("AU", _family_first(name)) for name in paper.authors),
        ("PY", day[:4]),
        ("DA", day.replace("-", "/")),
        ("T2", paper.venue),
        ("DO", known.get("doi", "")),
        ("AN", f"arXiv:{known['arxiv']}" if "arxiv" in known else ""),
        ("UR", paper.link),
        ("AB", paper.summary),
        *(("KW", category) for category in paper.categories),
    ]
    said = "".join(f"{tag}  - {line}\r\n" for tag, value in lines if (line := _line(value)))
    return f"{said}ER  - \r\n\r\n"


def csl_json(papers: Iterable[Paper]) -> str:
    """Returns papers as CSL-JSON (https://docs.citationstyles.org) for pandoc and Zotero."""
    return json.dumps([_csl(paper) for paper in papers], ensure_ascii=False, indent=1) + "\n"


def _csl(paper: Paper) -> dict[str, Any]:
    known, day = normal(paper.identifiers), _day(paper)
    made: dict[str, Any] = {
        "id": key(paper),
        "type": "article-journal" if paper.venue else "article",
        "title": _line(paper.title),
        "author": [_csl_name(name) for name in paper.authors],
        "issued": {"date-parts": [[int(part) for part in day.split("-")]]} if day else None,
        "container-title": _line(paper.venue),
        "publisher": "arXiv" if "arxiv" in known and not paper.venue else "",
        "number": f"arXiv:{known['arxiv']}" if "arxiv" in known else "",
        "DOI": known.get("doi", ""),
        "PMID": known.get("pmid", ""),
        "URL": paper.link,
        "abstract": _line(paper.summary),
    }
    return {name: value for name, value in made.items() if value}


def coins(paper: Paper) -> str:
    """Returns the `title` of a COinS span (OpenURL 1.0, Z39.88-2004). Zotero's button takes each span of a page."""
    known, day = normal(paper.identifiers), _day(paper)
    pairs = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:journal"),
        ("rft.genre", "article" if paper.venue else "preprint"),
        ("rft.atitle", _line(paper.title)),
        ("rft.jtitle", _line(paper.venue) or ("arXiv" if "arxiv" in known else "")),
        ("rft.date", day),
        *(("rft.au", _line(name)) for name in paper.authors[:MOST_AUTHORS]),
        ("rft_id", f"info:doi/{known['doi']}" if "doi" in known else ""),
        ("rft_id", paper.link),
    ]
    return urlencode([(name, value) for name, value in pairs if value])


def tags(paper: Paper) -> Iterator[tuple[str, str]]:
    """Returns (name, content) of the `citation_*` tags that Google Scholar and Zotero read."""
    known, day = normal(paper.identifiers), _day(paper)
    yield "citation_title", _line(paper.title)
    yield from (("citation_author", _line(name)) for name in paper.authors)
    yield "citation_publication_date", day.replace("-", "/")
    yield "citation_journal_title", _line(paper.venue)
    yield "citation_doi", known.get("doi", "")
    yield "citation_arxiv_id", known.get("arxiv", "")
    yield "citation_pmid", known.get("pmid", "")
    yield "citation_abstract_html_url", paper.link
    yield "citation_pdf_url", next((link.href for link in paper.links if link.rel == "pdf"), "")


def _day(paper: Paper) -> str:
    day = paper.published or paper.announced
    return day.text[:10] if day else ""


def _line(text: str) -> str:
    """Returns the text in one line, because in RIS a new line begins a tag."""
    return " ".join(visible(text).split())


def _family_first(name: str) -> str:
    given, _, family = _line(name).rpartition(" ")
    return f"{family}, {given}" if given and "," not in name else _line(name)


def _csl_name(name: str) -> dict[str, str]:
    given, _, family = _line(name).rpartition(" ")
    return {"family": family, "given": given} if given else {"literal": _line(name)}
