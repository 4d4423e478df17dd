"""Find the papers a text refers to, by its links and by the ids it names. docs/sources.md says when they count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from digestbot.papers.identity.decisions import SCHEMES
from digestbot.papers.identity.identifiers import is_no_paper_doi
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.papers.text.clean import plain, unescape, urls_in
from digestbot.sources.values.fields import tokens

MOST = 30  #: of one entry: a longer list is an index, not a post about papers
_LONGEST = 300_000  #: characters of a text that are looked at
_HREF = re.compile(
    r"<a\b[^<>]{0,500}?\bhref\s*=\s*(?:\"([^\"<>]{1,500})\"|'([^'<>]{1,500})'|([^\s\"'<>]{1,500}))", re.IGNORECASE
)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
NAMED = re.compile(
    r"\barxiv(?:\s*:\s*|\s+|\.org/(?:abs|pdf|html)/)((?:\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d{1,3})?)"
    r"|\b(PMC\d{5,8})\b|\bPMIDs?\s*+:?\s*+(\d{5,9}(?:\s*(?:,|;|and)\s*\d{5,9})*)\b|(?<![\w./])(10\.\d{4,9}/[^\s\"<>]{1,200})",
    re.IGNORECASE,
)


def mentions(*texts: str, links: Iterable[str] = ()) -> tuple[str, ...]:
    """Papers named in HTML or plain text, and behind `links`, in order: "arxiv:2611.00001", "doi:10.…", "pmid:…"."""
    found: dict[str, None] = {}
    for identifiers in _identifiers(texts, links):
        known = {scheme: value for scheme, value in identifiers.items() if scheme in SCHEMES}
        if [*known] == ["osf"]:  # https://osf.io/abcde: data and plans stand there too
            continue
        if not is_no_paper_doi(known.get("doi", "")):
            found |= dict.fromkeys(tokens(known))
        if len(found) >= MOST:
            break
    return tuple(found)[:MOST]


def _identifiers(texts: Iterable[str], links: Iterable[str]) -> Iterator[dict[str, str]]:
    for address in links:
        yield identifiers_in_url(address)
    for text in texts:
        given = text[:_LONGEST]
        for quoted, single, bare in _HREF.findall(given) if "<" in given else ():
            yield identifiers_in_url(unescape(quoted or single or bare))
        words = plain(given)
        for address in urls_in(words):
            yield identifiers_in_url(address)
        for arxiv, pmcid, pmids, name in NAMED.findall(_ADDRESS.sub(" ", words)) if may_name(words) else ():
            yield from ({"pmid": pmid} for pmid in re.findall(r"\d+", pmids))
            if not pmids:
                yield {"arxiv": arxiv} if arxiv else {"pmcid": pmcid.upper()} if pmcid else {"doi": name}


def may_name(words: str) -> bool:
    """Most texts name no paper, and looking for these costs a tenth of looking for the pattern."""
    if not words.isascii():  # the pattern knows more letters as `i` and `s` than lower case does
        return True
    low = words.lower()
    return "10." in low or "arxiv" in low or "pmc" in low or "pmid" in low
