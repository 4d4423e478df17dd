"""A work of Crossref as an Entry, and what a notice says of the works it retracts.

https://github.com/CrossRef/rest-api-doc/blob/master/api_format.md
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from digestbot.model import Entry, FrozenMap, Link, LinkRel, Notice, NoticeKind, PartialDate, Standing
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.papers.text.clean import plain
from digestbot.sources.formats import jats
from digestbot.sources.values.fields import language, object_of, person_ids, rows_of, text, tokens, venue_of
from digestbot.sources.values.standing_marks import unmarked

#: parts and containers of papers, and what is said about them
NOT_PAPERS = frozenset(
    "component journal journal-issue journal-volume proceedings proceedings-series book-series book-set report-series "
    "database dataset grant peer-review reference-entry standard-series".split()
)
#: types of `update-to` after which a work no longer stands: https://www.crossref.org/documentation/crossmark/
_STANDINGS = {
    "retraction": Standing.RETRACTED, "withdrawal": Standing.WITHDRAWN, "removal": Standing.WITHDRAWN
}  # fmt: skip
#: what kinds of updates amount to; new versions and editions are none, and what is not named here is not guessed at
_NOTICES = {
    "retraction": NoticeKind.RETRACTION, "withdrawal": NoticeKind.WITHDRAWAL, "removal": NoticeKind.WITHDRAWAL,
    "expression_of_concern": NoticeKind.CONCERN, "expression-of-concern": NoticeKind.CONCERN,
    "correction": NoticeKind.CORRECTION, "corrigendum": NoticeKind.CORRECTION, "erratum": NoticeKind.CORRECTION,
    "partial_retraction": NoticeKind.CORRECTION, "reinstatement": NoticeKind.REINSTATEMENT,
}  # fmt: skip
_MOST_NOTICES = 20
_SAME = ("is-preprint-of", "has-preprint")
_SAME_PREPRINT = ("is-version-of", "has-version")  #: of posted content: the same preprint under another DOI


def work_entry(item: Mapping[str, Any]) -> Entry | None:
    """One work; None without a DOI."""
    name = doi(text(item.get("DOI")))
    if name is None:
        return None
    called = _title(item)
    bare, marked = unmarked(called)
    own = _own_standing(item, name)
    notice = bool(_updated(item)) and not own  # Hindawi's notices are called `Retracted: …` themselves
    return Entry(
        title=called if notice else bare,
        summary=jats.abstract(text(item.get("abstract"))),
        authors=_authors(item),
        affiliations=_affiliations(item),
        people=person_ids(row.get("ORCID") for row in rows_of(item.get("author"))),
        categories=_words([*_list(item.get("subject")), item.get("group-title")]),
        published=_published(item),
        announced=_day(item.get("created")),
        link=f"https://doi.org/{name}",
        identifiers=normal({"doi": name}),
        links=(Link(LinkRel.ABSTRACT, f"https://doi.org/{name}"),),
        venue=venue_of(next(iter(_words(_list(item.get("container-title")))), "") or _server(item), item.get("type")),
        language=language(text(item.get("language"))),
        rights=text(next((row.get("URL") for row in rows_of(item.get("license"))), ""))[:200],
        same_as=_same_as(item, name),
        mentions=tuple(dict.fromkeys(t for d in _updated(item) if d != name for t in tokens({"doi": d}))),
        standing=own or (Standing.STANDS if notice else marked),
        notices=_notices(item, name),
        native_key=name,
    )


def updated_works(item: Mapping[str, Any]) -> Iterable[Entry]:
    """For a notice: each work it retracts, questions or corrects, by its DOI alone, with how it stands now."""
    notice = doi(text(item.get("DOI"))) or ""
    standings = _standings(item.get("update-to"))
    told: dict[str, list[Notice]] = {}
    for row in rows_of(item.get("update-to")):
        if (name := doi(text(row.get("DOI")))) and (said := _notice(row, notice)):
            told.setdefault(name, []).append(said)
    for name, said_of in told.items():
        if name != notice:
            yield Entry(
                identifiers=normal({"doi": name}), standing=standings[name], notices=tuple(said_of),
                native_key=f"{notice} on {name}",
            )  # fmt: skip


def _notices(item: Mapping[str, Any], name: str) -> tuple[Notice, ...]:
    """What a work says of itself: the notices that updated it, and that it was updated in its place."""
    by = [_notice(row, doi(text(row.get("DOI"))) or "") for row in rows_of(item.get("updated-by"))]
    own = [_notice(row, "") for row in rows_of(item.get("update-to")) if doi(text(row.get("DOI"))) == name]
    return tuple(dict.fromkeys(notice for notice in (*by, *own) if notice))[:_MOST_NOTICES]


def _notice(row: Mapping[str, Any], notice: str) -> Notice | None:
    """One row of `update-to` or `updated-by`; None for a new version and its like."""
    kind = _NOTICES.get(text(row.get("type")).lower())
    watched = text(row.get("source")) == "retraction-watch"
    day = _date(row.get("updated"))
    return Notice(
        kind=kind, id=next(iter(tokens({"doi": notice})), "") if notice else "", day=day,
        by="Retraction Watch" if watched else "the publisher",
    ) if kind else None  # fmt: skip


def _updated(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(_standings(item.get("update-to")))


def _standings(updates: Any) -> dict[str, Standing]:
    """DOI → standing of the works that are updated; STANDS for a correction and its like."""
    named = ((doi(text(row.get("DOI"))), text(row.get("type")).lower()) for row in rows_of(updates))
    return {name: _STANDINGS.get(kind, Standing.STANDS) for name, kind in named if name}


def _own_standing(item: Mapping[str, Any], name: str) -> Standing:
    """A work may be updated in its place, or name the notice that retracted it."""
    notices = [
        _STANDINGS.get(text(row.get("type")).lower(), Standing.STANDS) for row in rows_of(item.get("updated-by"))
    ]
    return _standings(item.get("update-to")).get(name) or next((s for s in notices if s), Standing.STANDS)


def _title(item: Mapping[str, Any]) -> str:
    """Title and subtitle, unless the title holds it already."""
    main, sub = (jats.title(text(next(iter(_list(item.get(key))), ""))) for key in ("title", "subtitle"))
    return f"{main}: {sub}" if main and sub and sub.casefold() not in main.casefold() else main or sub


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _words(values: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(w for v in values if (w := plain(text(v)))))


def _authors(item: Mapping[str, Any]) -> tuple[str, ...]:
    """People by their given and family names, groups by the one they have. Two of one name are two, but for one that is
    listed twice."""
    people: dict[str, str] = {}
    for place, given in enumerate(rows_of(item.get("author"))):
        parts = (text(given.get(key)) for key in ("given", "family", "suffix"))
        name = plain(" ".join(x for x in parts if x) or text(given.get("name")))
        people.setdefault(text(given.get("ORCID")) or f"{place}", name)
    return tuple(name for name in people.values() if name)


def _affiliations(item: Mapping[str, Any]) -> tuple[str, ...]:
    return _words(a.get("name") for p in rows_of(item.get("author")) for a in rows_of(p.get("affiliation")))


def _server(item: Mapping[str, Any]) -> str:
    """Where a preprint was posted."""
    named = rows_of(item.get("institution")) or rows_of([item.get("institution")])
    return next(iter(_words(row.get("name") for row in named)), "") if item.get("type") == "posted-content" else ""


def _published(item: Mapping[str, Any]) -> PartialDate | None:
    """`issued` is the earliest of all, but may be less precise than the one it was taken from."""
    names = ("issued", "published", "posted", "published-online", "published-print")
    known = [d for name in names if (d := _date(item.get(name)))]
    first = known[0] if known else None
    return max((d for d in known if first and d.text.startswith(first.text)), key=lambda d: len(d.text), default=first)


def _day(value: Any) -> PartialDate | None:
    found = _date(value)
    return found if found and found.precision == "day" else None


def _date(value: Any) -> PartialDate | None:
    """`{"date-parts": [[2018, 8, 28]]}` with one to three parts; `[[null]]` is no date."""
    rows = _list(object_of(value).get("date-parts"))
    parts = _list(rows[0]) if rows else []
    if not parts or not all(isinstance(p, int) and not isinstance(p, bool) for p in parts[:3]):
        return None
    try:
        return PartialDate("-".join(f"{p:0{4 if at == 0 else 2}}" for at, p in enumerate(parts[:3])))
    except ValueError:
        return None


def _same_as(item: Mapping[str, Any], own: str) -> tuple[str, ...]:
    """The preprint of an article and the article of a preprint, by DOI."""
    relation = object_of(item.get("relation"))
    kinds = _SAME + (_SAME_PREPRINT if item.get("type") == "posted-content" else ())
    rows = (row for kind in kinds for row in rows_of(relation.get(kind)))
    named = (doi(text(row.get("id"))) for row in rows if text(row.get("id-type")).lower() == "doi")
    return tuple(dict.fromkeys(t for name in named if name and name != own for t in tokens(FrozenMap({"doi": name}))))
