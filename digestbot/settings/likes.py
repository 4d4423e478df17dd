"""Likes: the papers that a topic is made of instead of a rule, named one by one or by a BibTeX or RIS file. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digestbot.model import Entry
from digestbot.papers.exchange.bibtex import read_bibtex
from digestbot.papers.exchange.ris import looks_like_ris, read_ris
from digestbot.papers.exchange.works import entry_of
from digestbot.papers.identity.identifiers import arxiv_id, doi
from digestbot.papers.identity.urls import identifiers_in_url

MOST = 400  #: papers of a file that count, the first ones
FEW = 3  #: papers below which little can be said
SCHEMES = ("arxiv", "doi", "pmid", "pmcid", "acl")  #: by which a paper is found, the surest first


@dataclass(frozen=True, slots=True, kw_only=True)
class Liked:
    """What a topic is made of: a word for each paper, its entry, and what is doubtful."""

    keys: tuple[str, ...] = ()  #: `arxiv:2611.09001`, or `title:…` for a work without an identifier
    entries: tuple[Entry, ...] = ()
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def of_names(names: Sequence[str]) -> Liked:
    """Papers named by arXiv id, DOI, PMID or address."""
    found = [(name, _entry(name)) for name in dict.fromkeys(name.strip() for name in names)]
    errors = tuple(
        f'"{name}" is no arXiv id, DOI, PMID or address of a paper' for name, entry in found if entry is None
    )
    return _liked([entry for _, entry in found if entry is not None], errors, ())


def of_file(text: str) -> Liked:
    """The works of a BibTeX or RIS file."""
    works, unread = read_ris(text) if looks_like_ris(text) else read_bibtex(text)
    entries = [entry for work in works if (entry := entry_of(work)) is not None]
    errors = () if entries else ("holds no paper with a title or an identifier",)
    warnings = [f"{problem.where}: {problem.what}" for problem in unread[:3]]
    warnings += [f"holds {len(entries):,} papers; the first {MOST} count"] if len(entries) > MOST else []
    return _liked(entries[:MOST], errors, tuple(warnings))


def _liked(entries: Sequence[Entry], errors: tuple[str, ...], warnings: tuple[str, ...]) -> Liked:
    by_key = {_key(entry): entry for entry in reversed(entries)}
    keys = tuple(reversed(by_key))
    if not errors and len(keys) < FEW:
        warnings = (
            *warnings,
            f"{'one paper says' if len(keys) == 1 else 'two papers say'} little; three to ten are a topic",
        )
    return Liked(keys=keys, entries=tuple(reversed(by_key.values())), errors=errors, warnings=warnings)


def _entry(name: str) -> Entry | None:
    named = dict(identifiers_in_url(name))
    if not named and (arxiv := arxiv_id(name)):
        named = {"arxiv": arxiv[0]}
    if not named and (own := doi(name)):
        named = {"doi": own}
    pmid = name.casefold().removeprefix("pmid:").strip()
    if not named and pmid.isdecimal() and len(pmid) <= 9:  # PMIDs have up to eight digits so far
        named = {"pmid": pmid}
    named.pop("arxiv_version", None)
    known = {scheme: named[scheme] for scheme in SCHEMES if scheme in named}
    if not known:
        return None
    scheme, value = next(iter(known.items()))
    return Entry(title="", identifiers=known, native_key=f"{scheme}:{value}")


def _key(entry: Entry) -> str:
    scheme = next((scheme for scheme in SCHEMES if scheme in entry.identifiers), "")
    return f"{scheme}:{entry.identifiers[scheme]}" if scheme else f"title:{entry.title}"


def named_by(keys: Sequence[str], most: int = 4) -> str:
    """`like 2611.09001, 2611.09002 and 3 more`: what stands in the place of a rule."""
    shown = [key.partition(":")[2] if key.startswith(("arxiv:", "doi:", "title:")) else key for key in keys[:most]]
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return f"like {', '.join(shown)}{more}"
