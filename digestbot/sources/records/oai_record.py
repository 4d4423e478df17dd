"""A record of OAI-PMH as an Entry: arXiv's two formats, and the Dublin Core that every repository has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from digestbot.model import Entry, PartialDate, Standing
from digestbot.papers.identity.identifiers import arxiv_id, doi, normal
from digestbot.papers.identity.urls import identifiers_in_url
from digestbot.papers.text.author_lists import read_authors
from digestbot.papers.text.clean import plain
from digestbot.papers.text.person_names import reading_orders
from digestbot.sources.formats.xml_tree import Element, all_said, said_at
from digestbot.sources.records.arxiv_paper import standing, with_links
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import language, web_address

#: a record of an arXiv paper this much older than its last change is no news: an old paper was replaced
REPLACED = timedelta(days=14)
#: and without a second version, something else about it was changed (a moderator may hold a new one for weeks)
CHANGED = timedelta(days=60)
_CATEGORY = re.compile(r"[a-z-]+(?:\.[A-Za-z-]+)?")


def record_entry(record: Element, given: Element) -> Entry:
    """One record; `given` is what its metadata holds."""
    key = said_at(record, "header/identifier")
    entry = FORMATS[given.tag](given, key)
    changed = date_of(said_at(record, "header/datestamp"))
    return replace(entry, announce_type=_kind(entry, changed), native_key=_key(entry, key))


def _kind(entry: Entry, changed: PartialDate | None) -> str:
    """arXiv's word for the announcement, as well as it can be told from dates; "" for other repositories."""
    if "arxiv" not in entry.identifiers or entry.published is None or changed is None:
        return ""
    again = entry.updated is not None or entry.identifiers.get("arxiv_version", "1") != "1"
    age = changed.earliest() - entry.published.earliest()
    return "replace" if age > (REPLACED if again else CHANGED) else "new"


def _key(entry: Entry, key: str) -> str:
    """The record's own name; with the version where it is known, as arXiv's announcements have it."""
    version = entry.identifiers.get("arxiv_version")
    return f"{key}v{version}" if version and key else key


def _arxiv(given: Element, key: str) -> Entry:
    """Format `arXiv`: names in parts, the days of the first and the latest version."""
    authors = [a for a in given.findall("authors/author") if said_at(a, "keyname").strip(" :")]
    names = (" ".join(said_at(a, part) for part in ("forenames", "keyname", "suffix")) for a in authors)
    return _paper(
        given, key,
        authors=tuple(plain(name) for name in names),
        affiliations=tuple(dict.fromkeys(all_said(given, "authors/author/affiliation"))),
        published=date_of(said_at(given, "created")),
        updated=date_of(said_at(given, "updated")),
    )  # fmt: skip


def _arxiv_raw(given: Element, key: str) -> Entry:
    """Format `arXivRaw`: the authors as one sentence, every version with its instant."""
    people = read_authors(said_at(given, "authors"))
    versions = sorted(v for found in given.findall("version") if (v := _version(found)))
    published = next((d for number, d in versions if number == 1 and d), "")
    latest, changed = versions[-1] if versions else (None, "")
    return _paper(
        given, key, version=latest, submitter=said_at(given, "submitter"), authors=people.names, affiliations=people.affiliations,
        published=PartialDate(published) if published else None,
        updated=PartialDate(changed) if changed and latest != 1 else None,
    )  # fmt: skip


def _version(found: Element) -> tuple[int, str] | None:
    number = re.fullmatch(r"v(\d{1,3})", found.get("version") or "")
    moment = date_of(said_at(found, "date"))
    return (int(number.group(1)), moment.text if moment else "") if number else None


def _paper(given: Element, key: str, *, version: int | None = None, **known: object) -> Entry:
    """What both of arXiv's formats have in common. `doi` may hold several: further ones are of errata, as a rule."""
    named = arxiv_id(said_at(given, "id")) or arxiv_id(key)
    own = doi(re.split(r"[\s;,]", said_at(given, "doi").strip())[0])
    summary, comment = said_at(given, "abstract"), said_at(given, "comments")
    entry = Entry(
        title=said_at(given, "title"),
        summary=summary,
        categories=tuple(c for c in said_at(given, "categories").split() if _CATEGORY.fullmatch(c)),
        identifiers={"doi": own} if own else {},
        comment=comment,
        venue=said_at(given, "journal-ref"),
        rights=said_at(given, "license"),
        standing=standing(comment, summary),
        **known,  # type: ignore[arg-type]  # the dates and names of the format
    )
    return with_links(entry, (named[0], version or named[1]) if named else None, summary)


def _dublin_core(given: Element, key: str) -> Entry:
    """Format `oai_dc`: fifteen elements, each any number of times, https://www.dublincore.org/specifications/dublin-core/dces/."""
    named = arxiv_id(key)
    described = [d for d in all_said(given, "description") if not d.startswith("Comment:")]
    comment = next((d[8:].strip() for d in all_said(given, "description") if d.startswith("Comment:")), "")
    dates = sorted((d for t in all_said(given, "date") if (d := date_of(t))), key=lambda d: (d.day(), -len(d.text)))
    known = _identifiers(all_said(given, "identifier"))
    summary = max(described[:1], default="")
    entry = Entry(
        title=next(iter(all_said(given, "title")), ""),
        summary=summary,
        authors=tuple(dict.fromkeys(reading_orders(list(all_said(given, "creator"))))),
        categories=tuple(dict.fromkeys(all_said(given, "subject"))),
        published=dates[0] if dates else None,
        updated=dates[-1] if named and len(dates) > 1 else None,
        link=next((u for t in all_said(given, "identifier") if (u := web_address(t))), ""),
        identifiers=normal(known),
        same_as=tuple(_other_names(all_said(given, "relation"))),
        venue=next((v for v in (*all_said(given, "source"), *all_said(given, "publisher")) if v[:2] != "[s"), ""),
        language=language(said_at(given, "language")),
        comment=comment,
        rights=next(iter(all_said(given, "rights")), "")[:200],
        standing=standing(comment, summary) if named else Standing.STANDS,
    )
    return with_links(entry, named, summary)


def _identifiers(given: Iterable[str]) -> dict[str, str]:
    """Addresses, DOIs with or without `doi:`; a journal's reference is none."""
    known: dict[str, str] = {}
    for text in given:
        known = identifiers_in_url(text) | known
        if re.match(r"(?:doi:\s*|https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/", text, re.IGNORECASE) and (
            name := doi(text)
        ):
            known.setdefault("doi", name)
    return known


def _other_names(relations: Iterable[str]) -> Iterable[str]:
    """`info:eu-repo/semantics/altIdentifier/doi/10.…`, https://guidelines.openaire.eu: the same work's other DOI."""
    for text in relations:
        if "altidentifier/doi/" in text.lower() and (name := doi(text)):
            yield f"doi:{name}"


FORMATS = {"arXiv": _arxiv, "arXivRaw": _arxiv_raw, "dc": _dublin_core}
