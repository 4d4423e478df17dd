"""Identifiers of a paper in their canonical form, out of whatever names it, and the key of a title."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final
from urllib.parse import unquote

from digestbot.model import Entry, FrozenMap, Paper
from digestbot.papers.text.clean import clean, fold, unescape

# https://info.arxiv.org/help/arxiv_identifier.html: YYMM.NNNN(N) since April 2007, archive(.XX)/YYMMNNN before
NEW = r"\d{2}(?:0[1-9]|1[0-2])\.\d{4,5}"
OLD = r"[a-z-]+(?:\.[A-Z]{2})?/\d{2}(?:0[1-9]|1[0-2])\d{3}"
_ARXIV = re.compile(rf"(?:oai:arxiv\.org:|arxiv:\s*)?({NEW}|{OLD})(?:v(\d{{1,3}}))?\Z", re.IGNORECASE)
# https://www.crossref.org/blog/dois-and-matching-regular-expressions/
# A `<` ends one in text, but not that of a SICI (ANSI/NISO Z39.56): `…17:15<1661::AID-SIM968>3.0.CO;2-2`
_DOI = re.compile(r"10\.\d{4,9}/(?:[^\s\"<>]|<\w+:[^\s\"<>]*>(?=\d\.\d))+", re.IGNORECASE)
_ONLY_DOI = re.compile(r"\s*(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?(10\.\d{4,9}/[^\s\"]+)\s*", re.IGNORECASE)
_TAG = re.compile(r"<(?:[/!?]|[A-Za-z]+[1-6]?[\s/>]|[a-z]+:[a-z]+>)")
#: a SICI that something has cut at its `<`: it would name all that the issue holds
_CUT_SICI = re.compile(r"\d{4}-\d{3}[\dx]\(\d{4,8}\)[\d:]+\Z")
_TRACKED = re.compile(r"[?&]utm_\w+=(?s:.*)\Z")  #: behind an address of doi.org
_BEGIN_OF_DOI = re.compile(r"10\.\d{4,9}(?:/|%2f)", re.IGNORECASE)
#: what an address asks for ends its DOI. A SICI may end in `#`: `…3.0.CO;2-#`
_ASKED = re.compile(r"\?.*|(?<!;2-)#.*", re.DOTALL)
_ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)
RXIV = re.compile(r"(10\.(?:1101|64898)/\d[\d.]*\d)(?:v\d+)?")
#: what preprint servers hang on a DOI for each version: `…/v1`, `….v1`, `…-v2`, `…_v3`; F1000 and its like a number
_OF_VERSION = re.compile(r"[./_-]v\d{1,3}\Z|(?<=\d)\.\d{1,2}\Z")
#: reviewed preprints are numbered; parts of an article have three digits
_ELIFE = re.compile(r"(10\.7554/elife\.\d{5,6})(?:\.\d)?")
#: DOIs of data, code, taxa, structures and parts of articles: no papers
_NO_PAPER_DOI: Final = re.compile(
    r"10\.(?:1601/(?:nm|ex|tx|rm)\.|5281/|6084/|5061/|17605/|7910/|15468/|1594/|3886/|2210/|5517/|5291/|15485/|5065/|24381/|11583/)|"
    r".*(?:\.[sgt]\d{3}|/(?:fig|supp|table|video)-\d+)\Z|10\.7554/elife\.\d{5,6}\.\d{3}\Z"
)
_ACL_DOI: Final = "10.18653/v1/"  #: and the id of the anthology
_OSF_DOI: Final = re.compile(r"10\.(?!17605)\d{4,5}/osf\.io/([a-z2-9]{5})(?:_v\d{1,3})?\Z")  #: 10.17605 is data
_NUMBERED_VERSIONS: Final = "10.12688/"
#: a DOI of a preprint server or repository is no journal's. bioRxiv shares its prefix with the journals of its house, and
#: OSF gave one to each of its servers
_PREPRINT_DOI: Final = re.compile(
    r"10\.(?:48550|21203|2139|20944|26434|36227|22541|5281|6084|32942|33774|51094|3386|312(?:19|2\d|3[0-7]))/|"
    r"10\.5194/egusphere-|10\.2196/preprints\.|10\.1590/scielopreprints|10\.3762/bxiv|10\.17605/osf\.io|"
    r"10\.(?:1101|64898)/\d[\d.]*\d(?:v\d+)?\Z",
    re.IGNORECASE,
)
#: titles that thousands of different works share; for keys that are stored (`title_features.RECURRING` decides)
_RECURRING: Final = re.compile(
    r"(?:editorial|erratum|corrigendum|correction|corrections|retraction|introduction|preface|foreword|book review|reviews?|"
    r"letter to the editor|in this issue|table of contents|front matter|back matter|masthead|contents|abstracts?|obituary|"
    r"announcements?|news|comment|reply|response|index|acknowledge?ments?)\b.{0,40}"
)
_SHORTEST_TITLE = 4  #: words; shorter ones tell too little


def arxiv_id(text: str) -> tuple[str, int | None] | None:
    """(id without version, version) of a text that is an arXiv id and nothing else; `math.GT/0309136` → `math/0309136`."""
    found = _ARXIV.match(text.strip())
    return named_arxiv(found) if found else None


def named_arxiv(found: re.Match[str]) -> tuple[str, int | None]:
    """Returns (id without version, version) from a match of NEW or OLD followed by a version."""
    archive, slash, number = found.group(1).rpartition("/")
    plain = f"{archive.lower().partition('.')[0]}{slash}{number}"
    return plain, int(found.group(2)) if found.group(2) else None


def doi(text: str) -> str | None:
    """The DOI in a text of any of its forms (doi:, https://doi.org/, bare), lower case; None when there is none."""
    if "10." not in text and "%" not in text and "&" not in text:  # most texts; the signs may be part of an escape
        return None
    if begin := _BEGIN_OF_DOI.search(text):  # before escapes are read: `%3F` and `%23` are letters of the name
        text = text[: begin.end()] + _ASKED.sub("", text[begin.end() :], count=1)
    text = unquote(text)
    text = unescape(text) if "&" in text and ";" in text else text
    if only := None if _TAG.search(text) else _ONLY_DOI.fullmatch(text):
        return _trimmed_doi(only.group(1))
    found = _DOI.search(text)
    return _trimmed_doi(found.group()) if found else None


def _trimmed_doi(name: str) -> str | None:
    """Strip punctuation and tracking from the end; None when the rest is no whole DOI."""
    value = _TRACKED.sub("", name.lower()).rstrip(".,;:'\"*/")
    value = _closed(value)
    return None if _CUT_SICI.search(value) or value.count("/") == 0 else value


def _closed(value: str) -> str:
    """Without the brackets at its end that nothing in it opens: they are of the sentence around it."""
    spare, end = value.count(")") - value.count("("), len(value)
    while spare > 0 and end and value[end - 1] in ").,;":
        spare -= value[end - 1] == ")"
        end -= 1
    return value[:end].rstrip(".,;") if end < len(value) else value


def with_version(named: tuple[str, int | None]) -> dict[str, str]:
    """Returns an arXiv id and its version as identifiers."""
    plain, version = named
    return {"arxiv": plain} | ({"arxiv_version": str(version)} if version else {})


def normal(identifiers: Mapping[str, str]) -> FrozenMap[str, str]:
    """Normalize identifiers; arXiv's own DOI (10.48550/arXiv.…) becomes the arXiv id."""
    result: dict[str, str] = {}
    for scheme, value in identifiers.items():
        if scheme == "doi":
            result |= {name: own for name, own in _named_by_doi(value).items() if name not in result}
        elif scheme == "arxiv":
            named = arxiv_id(_ARXIV_ADDRESS.sub("", value))
            result |= with_version(named) if named else {}
        elif value := _FORMS[scheme](value.strip()) if scheme in _FORMS else value.strip():
            result[scheme] = value
    return FrozenMap(result)


def _named_by_doi(value: str) -> dict[str, str]:
    """What a DOI names: an arXiv paper, or itself without its version, and the ACL id inside it."""
    name = doi(value)
    if not name:
        return {}
    own = arxiv_id(_ARXIV_DOI.sub(r"\1", name)) if _ARXIV_DOI.match(name) else None
    if own:
        return with_version(own)
    acl = {"acl": _acl(name.removeprefix(_ACL_DOI))} if name.startswith(_ACL_DOI) else {}
    osf = {"osf": found[1]} if (found := _OSF_DOI.match(name)) else {}
    return {"doi": _versionless(name)} | acl | osf


_ARXIV_ADDRESS = re.compile(
    r"(?:(?<!\s)\s++)?https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html)/|\.pdf\Z", re.IGNORECASE
)


def _pmid(value: str) -> str:
    found = re.fullmatch(r"(?:pmid:?\s*)?0*(\d{1,9})", value, re.IGNORECASE)
    return found.group(1) if found else value


def _pmcid(value: str) -> str:
    found = re.fullmatch(r"(?:pmcid:?\s*)?(?:pmc)?0*(\d{1,9})(?:\.\d+)?", value, re.IGNORECASE)
    return f"PMC{found.group(1)}" if found else value


def _acl(value: str) -> str:
    """P19-1001 of old, 2020.acl-main.1 since: https://aclanthology.org/info/ids/"""
    return value.upper() if re.fullmatch(r"[a-z]\d\d-\d{4,5}", value, re.IGNORECASE) else value.lower()


def _iacr(value: str) -> str:
    """Year and number of the ePrint archive: `2026/034`."""
    found = re.fullmatch(
        r"(?:(?:cryptology\s+)?eprint(?:\s+archive)?:?\s*)?((?:19|20)\d\d)/0*(\d{1,5})", value, re.IGNORECASE
    )
    return f"{found.group(1)}/{int(found.group(2)):03d}" if found else value


def _hal(value: str) -> str:
    """Without version: `hal-04012345v2`, `tel-01234567`. https://api.archives-ouvertes.fr/docs/search"""
    found = re.fullmatch(
        r"(?:oai:)?(?:hal:)?([a-z]{2,20}(?:-[a-z]{2,20})?[-_]\d{5,9})(?:v\d{1,3})?", value, re.IGNORECASE
    )
    return found.group(1).lower() if found else value


def _dblp(value: str) -> str:
    """The key, as BibTeX has it behind `DBLP:`; letters differ by case."""
    return value[5:] if value[:5].lower() == "dblp:" else value


def _osf(value: str) -> str:
    """`abcde`, whatever stands around it."""
    found = re.fullmatch(r"(?:https?://)?(?:osf(?:\.io/|:)\s*)?([a-z2-9]{5})(?:_v\d{1,3})?/?", value, re.IGNORECASE)
    return found.group(1).lower() if found else value


def _zbmath(value: str) -> str:
    """A number of the database (`7654321`), or a Zbl or JFM number (`1536.11001`)."""
    found = re.fullmatch(r"(?:oai:)?(?:zb(?:math|l)|jfm)[:.\s]{0,3}(?:org:)?(\d[\d.]{3,15})", value, re.IGNORECASE)
    return found.group(1) if found else value


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "pmid": _pmid, "pmcid": _pmcid, "acl": _acl, "iacr": _iacr, "hal": _hal, "dblp": _dblp, "zbmath": _zbmath,
    "osf": _osf,
}  # fmt: skip


def _versionless(name: str) -> str:
    """The DOI of all versions; preprint servers give each a name of its own."""
    if found := RXIV.fullmatch(name) or _ELIFE.fullmatch(name):
        return found.group(1)
    if found := _OF_VERSION.search(name):
        counted = found.group()[1:].isdecimal()
        if name.startswith(_NUMBERED_VERSIONS) if counted else is_preprint_doi(name):
            return name[: found.start()]
    return name


def known_ids(thing: Entry | Paper) -> tuple[tuple[str, str], ...]:
    """All identifiers of one work as (scheme, value): its own and those under `same_as`, which may be of one scheme."""
    if not thing.identifiers and not thing.same_as:
        return ()
    named = [thing.identifiers, *(dict([pair]) for pair in map(scheme_value, thing.same_as) if pair)]
    return tuple(dict.fromkeys((s, v) for some in named for s, v in normal(some).items() if s != "arxiv_version"))


def scheme_value(text: str) -> tuple[str, str] | None:
    """`doi:10.1038/x` as a pair; None when it names nothing."""
    scheme, colon, value = text.partition(":")
    return (scheme.strip().lower(), value.strip()) if colon and value.strip() else None


def title_key(title: str) -> str:
    """Returns the title folded and without spaces, equal for entries of one paper; "" for titles that say too little.

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
    """Is it the DOI of a preprint, by its form?"""
    return _PREPRINT_DOI.match(name) is not None


def is_no_paper_doi(name: str) -> bool:
    """Is it, by its form, the DOI of data, code, a taxon, a structure or a part of an article? Naming it names no paper."""
    return _NO_PAPER_DOI.match(name) is not None


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
