"""Addresses (URLs) in canonical form (canonicalization): which paper one names. Pure, nothing is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from digestbot.memo import remembered
from digestbot.model import LinkRel
from digestbot.papers.identity.identifiers import NEW, OLD, RXIV, doi, named_arxiv, normal, with_version

_IN_PATH = re.compile(rf"(?:\A|[/:])({NEW}|{OLD})(?:v(\d{{1,3}}))?(?:\.pdf)?/?\Z", re.IGNORECASE)
_EARLY = re.compile(r"/(?:early/(?:\d+/)*|short/|abstract/|full/)(\d{5,7})(?:v\d+)?(?![\d/])")
# https://aclanthology.org/info/ids/
_ACL = re.compile(
    r"/(?:anthology/)?(?:papers/(?:\w+/)*)?([A-Z]\d{2}-\d{4,5}|\d{4}\.\w+-\w+\.\d+)(?:v\d+)?(?:\.pdf)?/?\Z"
)
_MIRROR = re.compile(r"\A(?:www|m|export|browse|lanl|[a-z]{2})\.(?=arxiv\.org\Z)|\A(?:www|m)\.")
#: https://dl.acm.org/doi/abs/10.1145/1, https://journals.aps.org/prl/abstract/10.1103/2, …/10.1093/3/full
#: the last one: https://bioone.org/journals/j/volume-1/issue-1/10.1655/4/Title/10.1655/4.full
_DOI_IN_PATH = re.compile(r".*/(10\.\d{4,9}/[^?#\s]+)", re.DOTALL)
_TAIL = re.compile(
    r"/(?:e?pdf|epub|full|full-text|fulltext|abstract|meta|html|summary|references|figures(?:/\d+)?|tables(?:/\d+)?|suppl(?:_file)?(?:/(?s:.*))?)/?\Z|"
    r"\.(?:pdf(?:\+html)?|full|full-text|short|long|abstract|extract|figures-only|supplementary-material|article-info|html?)\Z|/\Z",
    re.IGNORECASE,
)
_LONGEST_PATH = 300
#: Silverchair's: behind the DOI stand a number of its own and the title
_NUMBERED = ("academic.oup.com", "pubs.aip.org", "direct.mit.edu", "ashpublications.org", "pubs.geoscienceworld.org")
_DOI_IN_QUERY = re.compile(r"(?:\A|&)(?:id|doi)=(10\.\d{4,9}/(?!annotation/)[^&\s]+)", re.IGNORECASE)
#: `/journal/10.1111/x` is a journal; `/content/journal/ij/10.1099/ij.0.005100` is an article of one
_OF_A_VOLUME = re.compile(
    r"/(?:toc|loi|topic|action)/|(?<!/content)/journals?/10\.\d{4,9}/[^/]+(?:/(?!full|abs|e?pdf|html).*)?\Z",
    re.IGNORECASE,
)
#: https://www.nature.com/articles/s41586-026-01234-5 is DOI 10.1038/s41586-026-01234-5
_NATURE = re.compile(r"/articles/(s\d{5}-\d{3}-\d{4,5}-[\dxyzw])(?:\.pdf)?/?\Z", re.IGNORECASE)
#: https://hess.copernicus.org/articles/30/1234/2026/ is DOI 10.5194/hess-30-1234-2026, and so of all its journals
_COPERNICUS = re.compile(
    r"/(?:articles/(?P<volume>\d{1,4})/(?P<page>\d{1,6})/(?P<year>\d{4})|preprints/(?:\d{4}/)?(?P<preprint>[a-z]{2,12}-\d{4}-\d{1,6}))(?:/.{0,200})?\Z"
)
_JMIR = ("", *(f"{name}." for name in "ai aging cancer cardio dermatology diabetes formative games hcb humanfactors infodemiology "
         "medinform mental mhealth nursing pediatrics publichealth rehab".split()))  # fmt: skip
#: host (without `www.`) → the path or the query of an article, and what its DOI is made of
_DOI_BY_HOST: Final[Mapping[str, tuple[re.Pattern[str], str]]] = {
    host: (re.compile(rf"\A{pattern}(?!\w)", re.IGNORECASE), made)
    for host, pattern, made in (
        ("elifesciences.org", r"/(?:articles|reviewed-preprints)/(\d{5,6})(?:v\d+)?", r"10.7554/elife.\1"),
        ("papers.ssrn.com", r"/sol3/papers\.cfm\?(?:.*&)?abstract_?id=(\d{4,9})", r"10.2139/ssrn.\1"),
        ("ssrn.com", r"/abstract=(\d{4,9})", r"10.2139/ssrn.\1"),
        ("nber.org", r"/(?:system/files/working_)?papers/(w\d{3,6})", r"10.3386/\1"),
        (
            "pubs.rsc.org",
            r"/(?:.*/)?article(?:landing|html|pdf)/\d{4}/\w{2}/([a-z]\d[a-z]{2}\d{5}[a-z])",
            r"10.1039/\1",
        ),
        ("xlink.rsc.org", r"/\?(?:.*&)?doi=([a-z]\d[a-z]{2}\d{5}[a-z])", r"10.1039/\1"),
        *((f"{site}jmir.org", r"/(?:19|20)\d\d/\d{1,2}/e(\d{4,6})", r"10.2196/\1") for site in _JMIR),
        ("peerj.com", r"/articles/(\d{1,6})", r"10.7717/peerj.\1"),
        ("researchsquare.com", r"/article/(rs-\d{4,9})(?:/v\d+)?", r"10.21203/rs.3.\1"),
        ("preprints.org", r"/(?:manuscript|frontend/manuscript)/(\d{6}\.\d{4})(?:/v\d+)?", r"10.20944/preprints\1"),
        ("zenodo.org", r"/records?/(\d{4,9})", r"10.5281/zenodo.\1"),
    )
}
_RSC_SHORT: Final = re.compile(r"/\w{2}/([a-z]\d[a-z]{2}\d{5}[a-z])/?\Z", re.IGNORECASE)
_EPRINT: Final = re.compile(r"/((?:19|20)\d\d/\d{1,5})(?:\.pdf)?/?\Z")
_HAL: Final = re.compile(
    r"/(?:[a-z-]{2,40}/)?([a-z]{2,20}(?:-[a-z]{2,20})?[-_]\d{5,9})(?:v\d{1,3})?(?:/.{0,200})?\Z", re.IGNORECASE
)
_DBLP: Final = re.compile(
    r"/rec/(?:(?:html|bibtex|xml)/)?((?:conf|journals|books|phd|series|tr|reference)/[\w-]{1,60}/[\w-]{1,80})(?:\.(?:html|bib|xml))?/?\Z"
)
_ZBL: Final = re.compile(r"(?:\A|&)q=an(?::|%3A)\+?(\d{4}\.\d{5}|\d{2}\.\d{4}\.\d{2})(?:&|\Z)", re.IGNORECASE)
_ZOTERO: Final = re.compile(
    r"/groups/(\d{1,12})/(?:[\w-]{1,100}/)?(?:collections/[A-Z0-9]{8}/)?items/([A-Z0-9]{8})(?:/.{0,200})?\Z"
)
#: https://osf.io/preprints/psyarxiv/abcde_v2, https://psyarxiv.com/abcde, https://osf.io/abcde/; its letters are never 0 1 i l o
_OSF: Final = re.compile(
    r"/(?:preprints/(?:([a-z]{3,20})/)?)?(?!(?:terms|press|media|blog)/?\Z)([a-hjkmnp-z2-9]{5})(?:_v\d{1,3})?(?:/.{0,200})?\Z",
    re.IGNORECASE,
)
#: servers of OSF → the prefix of their DOIs
_OSF_PREFIXES: Final = {
    "osf": "10.31219", "psyarxiv": "10.31234", "socarxiv": "10.31235", "edarxiv": "10.35542", "africarxiv": "10.31730",
    "agrixiv": "10.31220", "arabixiv": "10.31221", "bitss": "10.31222", "metaarxiv": "10.31222", "biohackrxiv": "10.37044",
    "eartharxiv": "10.31223", "engrxiv": "10.31224", "focusarchive": "10.31225", "frenxiv": "10.31226", "inarxiv": "10.31227",
    "indiarxiv": "10.35543", "lawarxiv": "10.31228", "lissa": "10.31229", "marxiv": "10.31230", "mediarxiv": "10.33767",
    "mindrxiv": "10.31231", "nutrixiv": "10.31232", "paleorxiv": "10.31233", "sportrxiv": "10.31236", "thesiscommons": "10.31237",
}  # fmt: skip
_OPENREVIEW: Final = ("/forum", "/pdf", "/attachment")
_ARXIV_HOSTS: Final = (
    "arxiv.org",
    "alphaxiv.org",
    "ar5iv.org",
    "ar5iv.labs.arxiv.org",
    "xxx.lanl.gov",
    "tldr.takara.ai",
    "scirate.com",
    "papers.cool",
    "emergentmind.com",
)
#: what they show of arXiv stands under /papers/; all else is named by anybody
_HUBS: Final = ("huggingface.co", "hf.co")
_CODE_HOSTS: Final = (
    "github.com",
    "gitlab.com",
    "bitbucket.org",
    "codeberg.org",
    "sourceforge.net",
    "gist.github.com",
    "gitee.com",
)
_PDF: Final = re.compile(r"\.pdf\Z|/pdf/")
_HUB_PAGES: Final = ("papers", "blog", "docs", "collections", "join", "learn")


def identifiers_in_url(url: str) -> dict[str, str]:
    """What an address names: arxiv, arxiv_version, doi, pmid, pmcid, epmc, acl, openreview, iacr, hal, dblp, zbmath, zotero, osf.

    {} when it names no paper."""
    return dict(_named_by(url))


@remembered(512)  # each reader of an item asks for its addresses
def _named_by(url: str) -> dict[str, str]:
    try:
        parts = urlsplit(url)
        host = _MIRROR.sub("", parts.hostname or "")
    except ValueError:
        return {}
    path = unquote(parts.path).removesuffix("/index.html")
    if own := _BY_HOST.get(host):
        return own(host, path, parts.query)
    if (host in _ARXIV_HOSTS or (host in _HUBS and path.startswith("/papers/"))) and (found := _IN_PATH.search(path)):
        return with_version(named_arxiv(found))
    if host.endswith(("biorxiv.org", "medrxiv.org")):
        return _rxiv(path)
    if host.endswith((".hal.science", ".archives-ouvertes.fr")):
        return _of_hal(host, path, parts.query)
    return _of_publisher(host, path, unquote(parts.query))


def _of_resolver(_host: str, path: str, _query: str) -> dict[str, str]:
    return _doi(path)


def _of_acl(_host: str, path: str, _query: str) -> dict[str, str]:
    own = _ACL.match(path)
    return {"acl": own.group(1)} if own else {}


def _of_iacr(_host: str, path: str, _query: str) -> dict[str, str]:
    own = _EPRINT.match(path)
    return dict(normal({"iacr": own.group(1)})) if own else {}


def _of_hal(_host: str, path: str, _query: str) -> dict[str, str]:
    own = _HAL.match(path)
    return dict(normal({"hal": own.group(1)})) if own else {}


def _of_dblp(_host: str, path: str, _query: str) -> dict[str, str]:
    own = _DBLP.match(path)
    return {"dblp": own.group(1)} if own else {}


def _of_zbmath(_host: str, path: str, query: str) -> dict[str, str]:
    """A document by its number, or a search for one Zbl or JFM number."""
    own = re.match(r"/(\d{5,9})/?\Z", path) or _ZBL.search(query)
    return {"zbmath": own.group(1)} if own else {}


def _of_zotero(_host: str, path: str, _query: str) -> dict[str, str]:
    """An item of a group's library; a person's own stands under their name, whose number no address tells."""
    own = _ZOTERO.match(path)
    return {"zotero": f"groups/{own.group(1)}/{own.group(2)}"} if own else {}


def _of_europepmc(host: str, path: str, query: str) -> dict[str, str]:
    """A preprint by Europe PMC's own id, an article by PubMed's or PubMed Central's."""
    own = re.search(r"/PPR/(PPR\d{1,9})/?\Z", path, re.IGNORECASE)
    return {"epmc": own.group(1).upper()} if own else _of_medicine(host, path, query)


def _of_osf(host: str, path: str, _query: str) -> dict[str, str]:
    """A preprint of OSF by the DOI of its server and by its own name, which stands alone in the shortest addresses."""
    own = _OSF.match(path)
    if not own:
        return {}
    server = host.partition(".")[0] if host != "osf.io" else (own[1] or "").lower()
    prefix = _OSF_PREFIXES.get(server)
    return _doi(f"{prefix}/osf.io/{own[2]}") if prefix else {"osf": own[2].lower()}


def _of_openreview(_host: str, path: str, query: str) -> dict[str, str]:
    """A forum's id; groups and people have an id as well."""
    forum = re.search(r"(?:\A|&)id=([\w-]+)", query) if path.rstrip("/") in _OPENREVIEW else None
    return {"openreview": forum.group(1)} if forum else {}


def _of_medicine(host: str, path: str, _query: str) -> dict[str, str]:
    if named := re.search(r"/(?:articles?|PMC)/(PMC\d{3,9})/?\Z", path, re.IGNORECASE):
        return {"pmcid": named.group(1).upper()}
    number = re.search(r"/(\d{1,9})/?\Z", path)
    return (
        {"pmid": number.group(1)}
        if number and (host.startswith("pubmed") or re.search(r"/(?:pubmed|MED)/", path))
        else {}
    )


#: hosts whose addresses are read by a rule of their own
_BY_HOST: Final[Mapping[str, Callable[[str, str, str], dict[str, str]]]] = {
    "doi.org": _of_resolver, "dx.doi.org": _of_resolver,
    "ncbi.nlm.nih.gov": _of_medicine, "pubmed.ncbi.nlm.nih.gov": _of_medicine, "pmc.ncbi.nlm.nih.gov": _of_medicine,
    "europepmc.org": _of_europepmc,
    "aclanthology.org": _of_acl, "aclweb.org": _of_acl,
    "eprint.iacr.org": _of_iacr,
    "openreview.net": _of_openreview, "osf.io": _of_osf, "psyarxiv.com": _of_osf, "socarxiv.org": _of_osf,
    "hal.science": _of_hal, "archives-ouvertes.fr": _of_hal,
    "dblp.org": _of_dblp, "dblp.uni-trier.de": _of_dblp, "dblp.dagstuhl.de": _of_dblp,
    "zbmath.org": _of_zbmath, "zotero.org": _of_zotero,
}  # fmt: skip


def _rxiv(path: str) -> dict[str, str]:
    if found := RXIV.search(path):
        return {"doi": found.group(1)}
    short = _EARLY.search(path)
    return {"doi": f"10.1101/{short.group(1)}"} if short else {}


def _of_publisher(host: str, path: str, query: str) -> dict[str, str]:
    """Most publishers' addresses hold the DOI."""
    if host == "nature.com" and (article := _NATURE.match(path)):
        return {"doi": f"10.1038/{article.group(1).lower()}"}
    if made := _made_of_number(host, path, query):
        return _doi(made)
    if "10." not in path and "10." not in query:
        return {}
    if len(path) > _LONGEST_PATH or _OF_A_VOLUME.search(path):
        return {}
    if found := _DOI_IN_PATH.match(path):
        name = found.group(1)
        while (shorter := _TAIL.sub("", name)) != name:
            name = shorter
        return _doi(re.sub(r"/\d{4,9}(?:/[\w-]*)?\Z", "", name) if host in _NUMBERED else name)
    of_article = not path.rstrip("/").endswith(("/figure", "/comment", "/comments"))
    asked = _DOI_IN_QUERY.search(query) if of_article else None
    return _doi(asked.group(1)) if asked else {}


def _made_of_number(host: str, path: str, query: str) -> str:
    """The DOI of publishers whose addresses hold only its last part; "" for every other address."""
    if host == "pubs.rsc.org" and (short := _RSC_SHORT.search(path)):
        return f"10.1039/{short.group(1)}"
    if host.endswith(".copernicus.org") and (article := _COPERNICUS.match(path)):
        of_journal = (
            "-".join((host.partition(".")[0], *article.group("volume", "page", "year"))) if article["page"] else ""
        )
        return f"10.5194/{article['preprint'] or of_journal}"
    pattern, made = _DOI_BY_HOST.get(host, (None, ""))
    found = pattern.match(f"{path}?{query}" if query else path) if pattern and len(path) <= _LONGEST_PATH else None
    return found.expand(made).lower() if found else ""


def _doi(text: str) -> dict[str, str]:
    name = doi(text)
    return dict(normal({"doi": name})) if name else {}


@remembered(512)
def link_kind(url: str) -> LinkRel:
    """What stands behind an address, judged by its host and path alone. An address of no known kind is a PROJECT."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return LinkRel.PROJECT
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.lower()
    if host in _CODE_HOSTS:
        return LinkRel.CODE
    if host in _HUBS:
        return _hub_link_kind(path)
    if host == "openreview.net" and path.startswith("/forum"):
        return LinkRel.DISCUSSION
    if _PDF.search(path):
        return LinkRel.PDF
    if host.endswith("arxiv.org"):
        return LinkRel.HTML if path.startswith("/html") else LinkRel.ABSTRACT
    return LinkRel.ABSTRACT if host in ("doi.org", "dx.doi.org") else LinkRel.PROJECT


def _hub_link_kind(path: str) -> LinkRel:
    """Of a Hugging Face page: a paper's discussion, a page of the site, or a model, data set or space."""
    first, slash, _ = path.strip("/").partition("/")
    if first == "papers":
        return LinkRel.DISCUSSION
    return LinkRel.CODE if slash and first not in _HUB_PAGES else LinkRel.PROJECT
