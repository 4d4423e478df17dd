"""Identity: the identifiers of a paper, out of whatever names it, and the key of a title."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import unquote, urlsplit

from digestbot.model import Entry, FrozenMap, Paper
from digestbot.papers.text import clean, fold

# https://info.arxiv.org/help/arxiv_identifier.html: YYMM.NNNN(N) since April 2007, archive(.XX)/YYMMNNN before
_NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
_OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV = re.compile(rf"(?:oai:arxiv\.org:|arxiv:\s*)?({_NEW}|{_OLD})(?:v(\d{{1,3}}))?\Z", re.IGNORECASE)
_IN_PATH = re.compile(rf"(?:\A|[/:])({_NEW}|{_OLD})(?:v(\d{{1,3}}))?(?:\.pdf)?/?\Z", re.IGNORECASE)
# https://www.crossref.org/blog/dois-and-matching-regular-expressions/
# A `<` ends one in text, but not that of a SICI (ANSI/NISO Z39.56): `…17:15<1661::AID-SIM968>3.0.CO;2-2`
_DOI = re.compile(r"10\.\d{4,9}/(?:[^\s\"<>]|<\w+:[^\s\"<>]*>(?=\d\.\d))+", re.IGNORECASE)
_ONLY_DOI = re.compile(r"\s*(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\"]+)\s*", re.IGNORECASE)
_TAG = re.compile(r"<(?:[/!?]|[A-Za-z]+[1-6]?[\s/>]|[a-z]+:[a-z]+>)")
#: a SICI that something has cut at its `<`: it would name all that the issue holds
_CUT_SICI = re.compile(r"\d{4}-\d{3}[\dx]\(\d{4,8}\)[\d:]+\Z")
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
_RXIV = re.compile(r"(10\.(?:1101|64898)/\d[\d.]*\d)(?:v\d+)?")
#: what preprint servers hang on a DOI for each version: `…/v1`, `….v1`, `…-v2`, `…_v3`; F1000 and its like a number
_OF_VERSION = re.compile(r"[./_-]v\d{1,3}\Z|(?<=\d)\.\d{1,2}\Z")
_NUMBERED_VERSIONS: Final = "10.12688/"
_EARLY = re.compile(r"/(?:early/(?:\d+/)*|short/|abstract/|full/)(\d{5,7})(?:v\d+)?(?![\d/])")
# https://aclanthology.org/info/ids/
_ACL = re.compile(
    r"/(?:anthology/)?(?:papers/(?:\w+/)*)?([A-Z]\d{2}-\d{4,5}|\d{4}\.\w+-\w+\.\d+)(?:v\d+)?(?:\.pdf)?/?\Z"
)
_ARXIV_HOSTS: Final = ("arxiv.org", "alphaxiv.org", "ar5iv.org", "ar5iv.labs.arxiv.org", "tldr.takara.ai")
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
_HUB_PAGES: Final = ("papers", "blog", "docs", "collections", "join", "learn")
#: prefixes of preprint servers and repositories: a DOI of theirs is no journal's
PREPRINT_DOIS: Final = (
    "10.48550/", "10.1101/", "10.64898/", "10.21203/", "10.2139/", "10.20944/", "10.31234/", "10.31219/", "10.31235/",
    "10.26434/", "10.36227/", "10.22541/", "10.5281/", "10.6084/",
)  # fmt: skip
#: titles that thousands of different works share
_RECURRING: Final = re.compile(
    r"(?:editorial|erratum|corrigendum|correction|corrections|retraction|introduction|preface|foreword|book review|reviews?|"
    r"letter to the editor|in this issue|table of contents|front matter|back matter|masthead|contents|abstracts?|obituary|"
    r"announcements?|news|comment|reply|response|index|acknowledge?ments?)\b.{0,40}"
)
_SHORTEST_TITLE = 4  #: words; shorter ones tell too little


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """(id without version, version) of a text that is an arXiv id and nothing else; `math.GT/0309136` → `math/0309136`."""
    found = _ARXIV.match(text.strip())
    return _arxiv(found) if found else None


def _arxiv(found: re.Match[str]) -> tuple[str, int | None]:
    archive, slash, number = found.group(1).rpartition("/")
    plain = f"{archive.lower().partition('.')[0]}{slash}{number}"
    return plain, int(found.group(2)) if found.group(2) else None


def doi(text: str) -> str | None:
    """The DOI in a text of any of its forms (doi:, https://doi.org/, bare), lower case; None when there is none."""
    text = unquote(text)
    only = None if _TAG.search(text) else _ONLY_DOI.fullmatch(text)
    found = only or _DOI.search(text)
    if not found:
        return None
    value = found.group(1 if only else 0).lower().rstrip(".,;:'\"*")
    while value.endswith(")") and value.count("(") < value.count(")"):
        value = value[:-1].rstrip(".,;")
    return None if _CUT_SICI.search(value) else value


def identifiers_in_url(url: str) -> dict[str, str]:
    """What an address names: arxiv, arxiv_version, doi, pmid, pmcid, acl, openreview. {} when it names no paper."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.").removeprefix("export.").removeprefix("m.")
    except ValueError:
        return {}
    path = unquote(parts.path)
    shown = host in _ARXIV_HOSTS or (host in _HUBS and path.startswith("/papers/"))
    if shown and (found := _IN_PATH.search(path)):
        return _with_version(_arxiv(found))
    if host in ("doi.org", "dx.doi.org") and (name := doi(path)):
        return dict(normal({"doi": name}))
    if host.endswith(("biorxiv.org", "medrxiv.org")):
        return _rxiv(path)
    if host == "pubmed.ncbi.nlm.nih.gov" or (host == "ncbi.nlm.nih.gov" and "/pubmed/" in path):
        number = re.search(r"/(\d{1,9})/?\Z", path)
        return {"pmid": number.group(1)} if number else {}
    if host in ("aclanthology.org", "aclweb.org"):
        own = _ACL.match(path)
        return {"acl": own.group(1)} if own else {}
    if host == "openreview.net" and path.rstrip("/") in ("/forum", "/pdf"):  # groups and people have an id as well
        forum = re.search(r"(?:\A|&)id=([\w-]+)", parts.query)
        return {"openreview": forum.group(1)} if forum else {}
    return {}


def _rxiv(path: str) -> dict[str, str]:
    if found := _RXIV.search(path):
        return {"doi": found.group(1)}
    short = _EARLY.search(path)
    return {"doi": f"10.1101/{short.group(1)}"} if short else {}


def _with_version(named: tuple[str, int | None]) -> dict[str, str]:
    plain, version = named
    return {"arxiv": plain} | ({"arxiv_version": str(version)} if version else {})


def normal(identifiers: Mapping[str, str]) -> FrozenMap[str, str]:
    """The same identifiers in their one form; arXiv's own DOI (10.48550/arXiv.…) becomes the arXiv id."""
    result: dict[str, str] = {}
    for scheme, value in identifiers.items():
        if scheme == "doi":
            name = doi(value)
            own = arxiv_id(_ARXIV_DOI.sub(r"\1", name)) if name and _ARXIV_DOI.match(name) else None
            if own:
                result = _with_version(own) | result
            elif name:
                result["doi"] = _versionless(name)
        elif scheme == "arxiv":
            named = arxiv_id(value)
            result |= _with_version(named) if named else {}
        elif value.strip():
            result[scheme] = value.strip()
    return FrozenMap(result)


def _versionless(name: str) -> str:
    """The DOI of all versions; preprint servers give each a name of its own."""
    if found := _RXIV.fullmatch(name):
        return found.group(1)
    if found := _OF_VERSION.search(name):
        counted = found.group()[1:].isdecimal()
        if name.startswith(_NUMBERED_VERSIONS) if counted else is_preprint_doi(name):
            return name[: found.start()]
    return name


def known_ids(thing: Entry | Paper) -> tuple[tuple[str, str], ...]:
    """All identifiers of one work as (scheme, value): its own and those under `same_as`, which may be of one scheme."""
    named = [thing.identifiers, *(dict([pair]) for pair in map(scheme_value, thing.same_as) if pair)]
    return tuple(dict.fromkeys((s, v) for some in named for s, v in normal(some).items() if s != "arxiv_version"))


def scheme_value(text: str) -> tuple[str, str] | None:
    """`doi:10.1038/x` as a pair; None when it names nothing."""
    scheme, colon, value = text.partition(":")
    return (scheme.strip().lower(), value.strip()) if colon and value.strip() else None


def title_key(title: str) -> str:
    """What two entries of one paper have in common: the title folded and squeezed. "" for titles that say too little.

    Squeezed, because sources differ in spaces and hyphens (`pretraining`, `pre-training`).
    """
    folded = fold(clean(title))
    if len(folded.split()) < _SHORTEST_TITLE or _RECURRING.fullmatch(folded):
        return ""
    return folded.replace(" ", "")


def surnames(authors: Iterable[str]) -> frozenset[str]:
    """Folded surnames of `Given Family`, `Family, Given`, `Kaur, M.` and `Kaur M`."""
    return frozenset(name for author in authors if (name := _surname(author)))


def _surname(author: str) -> str:
    family, comma, _ = author.partition(",")
    words = fold(clean(family)).split()
    if comma:
        return "".join(words)
    while len(words) > 1 and (len(words[-1]) == 1 or words[-1] in ("jr", "sr", "ii", "iii")):
        words.pop()
    return words[-1] if words else ""


def is_preprint_doi(name: str) -> bool:
    """Is it the DOI of a preprint, by its prefix?"""
    return name.startswith(PREPRINT_DOIS)


def link_kind(url: str) -> str:
    """What stands behind an address: code, pdf, abstract, html, discussion or project."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "project"
    host, path = (parts.hostname or "").removeprefix("www."), parts.path.lower()
    if host in _CODE_HOSTS:
        return "code"
    if host in ("huggingface.co", "hf.co"):
        first = path.strip("/").partition("/")[0]
        return (
            "discussion"
            if first == "papers"
            else "project"
            if first in _HUB_PAGES or "/" not in path.strip("/")
            else "code"
        )
    if host == "openreview.net" and path.startswith("/forum"):
        return "discussion"
    if path.endswith(".pdf") or "/pdf/" in path:
        return "pdf"
    if host.endswith("arxiv.org"):
        return "html" if path.startswith("/html") else "abstract"
    return "abstract" if host in ("doi.org", "dx.doi.org") else "project"


def public_id(thing: Entry | Paper) -> str:
    """A name for addresses and feeds, stable for ever: the same paper gets the same in a new database."""
    known = normal(thing.identifiers)
    if "arxiv" in known:
        return known["arxiv"].replace("/", "-")
    if "doi" in known:
        return f"doi-{_digest(known['doi'])}"
    if "pmid" in known:
        return f"pmid-{known['pmid']}"
    return f"t-{_digest(fold(clean(thing.title)) + '|' + '|'.join(sorted(surnames(thing.authors)))[:80])}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
