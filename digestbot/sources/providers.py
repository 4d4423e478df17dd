"""Build the requests that ask a service about papers we have. Pure; the service's Source reads the replies.

What comes back only completes a paper. It counts neither as a source that carries it nor as news by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from digestbot.model import Entry, Paper, Request
from digestbot.papers.facts.assemble import LOOKED_UP
from digestbot.papers.identity.decisions import SCHEMES, compare_records, record
from digestbot.papers.identity.hard_limits import Answer
from digestbot.papers.identity.identifiers import normal, title_key
from digestbot.sources import Source
from digestbot.sources.kinds import crossref as crossref_source
from digestbot.sources.kinds import openalex as openalex_source
from digestbot.sources.kinds import pubmed as pubmed_source
from digestbot.sources.kinds.arxiv import API, ArxivSource

MOST_HITS: Final = 5  #: of a search for a title: the right one is among the first, or it is not there
PUBMED: Final = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils/efetch.fcgi"
Name = tuple[str, str]  #: (scheme, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A service that is asked about papers by their identifiers, and perhaps by title."""

    name: str
    source: Source  #: reads its replies; its politeness is the service's
    schemes: tuple[str, ...]  #: identifiers it knows
    most: int  #: papers of one request
    by_ids: Callable[[Sequence[Name]], Request]
    by_title: Callable[[Paper], Request] | None = None

    @property
    def stored_as(self) -> str:
        """The name of the internal source its entries are stored under."""
        return f"{LOOKED_UP}{self.name}"

    def name_of(self, paper: Paper) -> Name | None:
        """Returns the identifier the service is asked by, None when the paper has none that it knows."""
        return next(((s, paper.identifiers[s]) for s in self.schemes if s in paper.identifiers), None)

    def can_ask(self, paper: Paper) -> bool:
        """Can the service be asked: by an identifier, or by title where the paper has no identifier at all?"""
        if self.name_of(paper) is not None:
            return True
        return self.by_title is not None and bool(paper.title) and not paper.identifiers.keys() & SCHEMES.keys()

    def matching_entries(self, paper: Paper, entries: Iterable[Entry]) -> tuple[Entry, ...]:
        """Returns the entries that are about this very paper: by identifier all, as a notice in the same reply names it
        too; by title the one that is surely it."""
        name = self.name_of(paper)
        if name is not None:
            return tuple(e for e in entries if name in _names(e))
        facts, key = record(paper), title_key(paper.title)
        # what was searched for by its title has that very title: words that are only alike are another work's
        alike = (e for e in entries if title_key(e.title) == key)
        return tuple(e for e in alike if compare_records(record(e), facts).answer is Answer.SAME)[:1]


def lacks(paper: Paper) -> bool:
    """Does the paper lack a title, an abstract or authors?"""
    return not (paper.title and paper.summary and paper.authors)


def _names(entry: Entry) -> set[Name]:
    others = (other.partition(":") for other in entry.same_as)
    return {*normal(entry.identifiers).items(), *((scheme, value) for scheme, _, value in others)}


def arxiv(_: str = "", base: str = API) -> Provider:
    """arXiv's API by id, up to 100 at once: https://info.arxiv.org/help/api/user-manual.html 3.1.1.1.

    `max_results` is needed: without it only ten of them come.
    """

    def by_ids(names: Sequence[Name]) -> Request:
        ids = ",".join(value for _, value in names)
        return Request(url=f"{base}?{urlencode({'id_list': ids, 'max_results': len(names)}, safe=',/')}")

    return Provider(name="arxiv", source=ArxivSource(url=base), schemes=("arxiv",), most=100, by_ids=by_ids)


def crossref(contact: str, base: str = crossref_source.API) -> Provider:
    """Crossref by DOI, equal filters being alternatives, and by title: https://api.crossref.org/swagger-ui/."""

    def by_ids(names: Sequence[Name]) -> Request:
        dois = ",".join(f"doi:{quote(value, safe='/')}" for _, value in names)
        return Request(url=f"{base}?filter={dois}&rows={len(names)}&mailto={quote(contact)}")

    def by_title(paper: Paper) -> Request:
        words = " ".join([paper.title, *paper.authors[:3]])
        return Request(
            url=f"{base}?{urlencode({'query.bibliographic': words, 'rows': MOST_HITS, 'mailto': contact}, quote_via=quote)}"
        )

    return Provider(
        name="crossref",
        source=crossref_source.CrossrefSource(url=base),
        schemes=("doi",),
        most=20,
        by_ids=by_ids,
        by_title=by_title,
    )


def openalex(contact: str, base: str = openalex_source.API) -> Provider:
    """OpenAlex by DOI, one work a request, arXiv's papers by arXiv's own DOI: https://developers.openalex.org/.

    A single work costs nothing there; lists have a price, and searches ten times that.
    """

    def by_ids(names: Sequence[Name]) -> Request:
        (name,) = names
        return Request(url=f"{base}/doi:{quote(_as_doi(name), safe='/')}?mailto={quote(contact)}")

    return Provider(
        name="openalex",
        source=openalex_source.OpenAlexSource(url=base),
        schemes=("doi", "arxiv"),
        most=1,
        by_ids=by_ids,
    )


def pubmed(contact: str, base: str = PUBMED) -> Provider:
    """PubMed by PMID, many at once: https://www.ncbi.nlm.nih.gov/books/NBK25499/#chapter4.EFetch."""

    def by_ids(names: Sequence[Name]) -> Request:
        asked = {"db": "pubmed", "retmode": "xml", "id": ",".join(value for _, value in names), "tool": "digestbot"}
        return Request(url=f"{base}?{urlencode(asked | {'email': contact}, safe=',')}")

    return Provider(
        name="pubmed", source=pubmed_source.PubmedSource(url=base), schemes=("pmid",), most=50, by_ids=by_ids
    )


def _as_doi(name: Name) -> str:
    scheme, value = name
    return value if scheme == "doi" else f"10.48550/arxiv.{value}"


PROVIDERS: Final[Mapping[str, Callable[[str], Provider]]] = {
    "arxiv": arxiv,
    "crossref": crossref,
    "openalex": openalex,
    "pubmed": pubmed,
}
