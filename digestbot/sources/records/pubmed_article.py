"""A record of PubMed as an Entry, and what a notice says of the works it retracts.

https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from digestbot.model import Entry, Link, LinkRel, Notice, NoticeKind, PartialDate, Standing
from digestbot.papers.identity.identifiers import doi, normal
from digestbot.sources.formats.xml_tree import Element, all_said, said, said_at
from digestbot.sources.values.dates import date_of
from digestbot.sources.values.fields import language, person_ids, tokens
from digestbot.sources.values.standing_marks import unmarked

ARTICLES = ("PubmedArticle", "PubmedBookArticle")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
#: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html#articletitle
_MOST_NOTICES = 20
_NO_TITLE = ("not available", "in process citation")
_PREPRINT = re.compile(r"rxiv|preprint|res sq|research square|ssrn", re.IGNORECASE)
#: other works a record speaks of: https://www.nlm.nih.gov/bsd/licensee/elements_descriptions.html#commentscorrections
_OF = {
    "RetractionOf": NoticeKind.RETRACTION, "ExpressionOfConcernFor": NoticeKind.CONCERN,
    "ErratumFor": NoticeKind.CORRECTION,
}  # fmt: skip
_IN = {
    "RetractionIn": NoticeKind.RETRACTION, "ExpressionOfConcernIn": NoticeKind.CONCERN,
    "ErratumIn": NoticeKind.CORRECTION, "CorrectedandRepublishedIn": NoticeKind.CORRECTION,
}  # fmt: skip
_DAY = re.compile(r"\b((?:19|20)\d\d) ([A-Z][a-z]{2})(?: (\d{1,2}))?\b")  #: `J Clin. 2021 Mar 3;12(4):e5.`
_SPEAKS_OF = ("RetractionOf", "ErratumFor", "CommentOn", "ExpressionOfConcernFor", "SummaryForPatientsIn")


def article_entry(article: Element) -> Entry | None:
    """One article or chapter; None without a PMID.

    Each element is looked up by its full path, because the list of references holds elements of the same names.
    """
    about = article.find("MedlineCitation")
    part = about.find("Article") if about is not None else article.find("BookDocument")
    pmid = said_at(article, "MedlineCitation/PMID") or said_at(article, "BookDocument/PMID")
    if part is None or not pmid.isdecimal():
        return None
    title, standing = _title(part), _standing(about, part)
    known = _identifiers(article, part, pmid)
    return Entry(
        title=unmarked(title)[0] if standing else title,
        summary=_abstract(part),
        authors=tuple(name for a in part.findall("AuthorList/Author") if (name := _name(a))),
        affiliations=_affiliations(part),
        people=person_ids(said(i) for i in part.findall("AuthorList/Author/Identifier") if i.get("Source") == "ORCID"),
        categories=_subjects(about) if about is not None else all_said(part, "KeywordList/Keyword"),
        published=_published(part),
        announced=_announced(article),
        link=f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/",
        identifiers=normal(known),
        links=tuple(_links(known)),
        venue=said_at(part, "Journal/Title") or said_at(part, "Book/BookTitle"),
        language=language(said_at(part, "Language")),
        rights=said_at(part, "Abstract/CopyrightInformation")[:200],
        same_as=_same_as(about, known) if about is not None else (),
        mentions=tuple(dict.fromkeys(t for kind in _SPEAKS_OF for t in _named(about, kind))),
        standing=standing,
        notices=_notices(about) if about is not None else (),
        native_key=pmid,
    )


def updated_works(article: Element) -> Iterable[Entry]:
    """For a notice: each work it retracts, questions or corrects, by its PMID or DOI alone, with how it stands now."""
    notice, part = said_at(article, "MedlineCitation/PMID"), article.find("MedlineCitation/Article")
    own = _identifiers(article, part, notice) if part is not None else {"pmid": notice}
    named = next(iter(tokens({"doi": own["doi"]} if "doi" in own else {"pmid": notice})), "")
    day = _published(part) if part is not None else None
    for remark, kind in _OF.items():
        for name in _named(article.find("MedlineCitation"), remark):
            scheme, _, value = name.partition(":")
            if name not in tokens(own):
                yield Entry(
                    identifiers=normal({scheme: value}),
                    standing=Standing.RETRACTED if kind is NoticeKind.RETRACTION else Standing.STANDS,
                    notices=(Notice(kind=kind, id=named, by="PubMed", day=day),),
                    native_key=f"{notice} on {value}",
                )


def _notices(about: Element) -> tuple[Notice, ...]:
    """The notices that a record names, each by its DOI where its citation has one."""
    found = []
    for remark in about.findall("CommentsCorrectionsList/CommentsCorrections"):
        if kind := _IN.get(remark.get("RefType") or ""):
            cited, pmid = said_at(remark, "RefSource"), said_at(remark, "PMID")
            named = {"doi": name} if (name := doi(cited)) else {"pmid": pmid} if pmid.isdecimal() else {}
            found.append(Notice(kind=kind, id=next(iter(tokens(named)), ""), day=_cited_day(cited), by="PubMed"))
    return tuple(dict.fromkeys(found))[:_MOST_NOTICES]


def _cited_day(cited: str) -> PartialDate | None:
    said_as = _DAY.search(cited[:500])
    if said_as is None or said_as[2].lower() not in _MONTHS:
        return None
    month = f"{_MONTHS.index(said_as[2].lower()) + 1:02}"
    return date_of("-".join([said_as[1], month, *([said_as[3].zfill(2)] if said_as[3] else [])]))


def _title(part: Element) -> str:
    """Without the stop at its end, and without the brackets of a translated one; its own where there is no translation."""
    given = _without_stop(said_at(part, "ArticleTitle") or said_at(part, "Book/BookTitle"))
    given = given[1:-1].rstrip(".") if _bracketed(given) else given
    return _without_stop(said_at(part, "VernacularTitle")) if given.lower() in _NO_TITLE else given


def _without_stop(title: str) -> str:
    return title[:-1] if title.endswith(".") and not title.endswith("..") else title


def _bracketed(title: str) -> bool:
    """Are the first and the last letter a pair? `[18F]FDG or [177Lu]` begins and ends with brackets, too."""
    deep = 0
    for at, letter in enumerate(title):
        deep += (letter == "[") - (letter == "]")
        if deep == 0:
            return at > 1 and at == len(title) - 1
    return False


def _abstract(part: Element) -> str:
    """The parts of a structured abstract, each behind its label."""
    parts = []
    for found in part.findall("Abstract/AbstractText"):
        label, words = (found.get("Label") or "").strip(), said(found)
        if words:
            parts.append(f"{label.capitalize()}: {words}" if label and label.upper() != "UNLABELLED" else words)
    return " ".join(parts)


def _name(author: Element) -> str:
    if author.get("ValidYN") == "N":  # a name that a correction replaced
        return ""
    given = said_at(author, "ForeName") or said_at(author, "Initials")
    parts = (given, said_at(author, "LastName"), said_at(author, "Suffix"))
    return " ".join(x for x in parts if x) or said_at(author, "CollectiveName")


def _affiliations(part: Element) -> tuple[str, ...]:
    return tuple(dict.fromkeys(all_said(part, "AuthorList/Author/AffiliationInfo/Affiliation")))


def _subjects(about: Element) -> tuple[str, ...]:
    """The subject headings (MeSH), then the authors' own keywords."""
    headings = all_said(about, "MeshHeadingList/MeshHeading/DescriptorName")
    return tuple(dict.fromkeys((*headings, *all_said(about, "KeywordList/Keyword"))))


def _published(part: Element) -> PartialDate | None:
    """The electronic date, which is a day; else the issue's, as precise as it is. Of a book that is written over years
    (GeneReviews since 1993) the chapter's own."""
    own = ("ContributionDate",) if part.find("Book/BeginningDate") is not None else ()
    places = ("ArticleDate", "Journal/JournalIssue/PubDate", *own, "Book/PubDate")
    return next((d for place in places if (at := part.find(place)) is not None and (d := _date(at))), None)


def _announced(article: Element) -> PartialDate | None:
    """The day it came into PubMed."""
    came = (p for data in ("PubmedData", "PubmedBookData") for p in article.findall(f"{data}/History/PubMedPubDate"))
    found = next((d for p in came if p.get("PubStatus") == "entrez" and (d := _date(p))), None)
    return found if found and found.precision == "day" else None


def _date(at: Element) -> PartialDate | None:
    """Year, Month (`02` or `Feb`), Day; or the year of a MedlineDate (`1999 Spring`, `2000 Nov-Dec`)."""
    year, month, day = (said_at(at, part) for part in ("Year", "Month", "Day"))
    if not year:
        found = re.match(r"(\d{4})\b", said_at(at, "MedlineDate"))
        return date_of(found.group(1)) if found else None
    if not month.isdecimal():
        month = f"{_MONTHS.index(month[:3].lower()) + 1}" if month[:3].lower() in _MONTHS else ""
    written = "-".join([year, *([month.zfill(2)] if month else []), *([day.zfill(2)] if month and day else [])])
    return date_of(written) or date_of(year)


def _identifiers(article: Element, part: Element, pmid: str) -> dict[str, str]:
    known = {"pmid": pmid}
    for found in (
        i for data in ("PubmedData", "PubmedBookData") for i in article.findall(f"{data}/ArticleIdList/ArticleId")
    ):
        if found.get("IdType") == "doi" and (name := doi(said(found))):
            known.setdefault("doi", name)
        elif found.get("IdType") == "pmc" and (number := re.search(r"PMC\d+", said(found))):
            known.setdefault("pmcid", number.group())
    for found in part.findall("ELocationID"):
        if found.get("EIdType") == "doi" and found.get("ValidYN") != "N" and (name := doi(said(found))):
            known.setdefault("doi", name)
    return known


def _links(known: dict[str, str]) -> Iterable[Link]:
    yield Link(LinkRel.ABSTRACT, f"https://pubmed.ncbi.nlm.nih.gov/{known['pmid']}/")
    if "doi" in known:
        yield Link(LinkRel.ABSTRACT, f"https://doi.org/{known['doi']}")
    if "pmcid" in known:
        yield Link(LinkRel.HTML, f"https://pmc.ncbi.nlm.nih.gov/articles/{known['pmcid']}/")


def _standing(about: Element | None, part: Element) -> Standing:
    """A retracted article is of the type `Retracted Publication`; its notice is of `Retraction of Publication`."""
    types = {t.lower() for t in all_said(part, "PublicationTypeList/PublicationType")}
    corrected = about.findall("CommentsCorrectionsList/CommentsCorrections") if about is not None else []
    notices = {found.get("RefType") for found in corrected}
    fallen = "retracted publication" in types or "RetractionIn" in notices
    return Standing.RETRACTED if fallen else Standing.STANDS


def _named(about: Element | None, kind: str) -> tuple[str, ...]:
    """The works of one kind of remark: by PMID, else by the DOI in their citation."""
    remarks = about.findall("CommentsCorrectionsList/CommentsCorrections") if about is not None else []
    return tuple(t for remark in remarks if remark.get("RefType") == kind for t in _work(remark))


def _work(remark: Element) -> tuple[str, ...]:
    pmid, name = said_at(remark, "PMID"), doi(said_at(remark, "RefSource"))
    return tokens({"pmid": pmid} if pmid.isdecimal() else {"doi": name} if name else {})


def _same_as(about: Element, known: dict[str, str]) -> tuple[str, ...]:
    """The article of a preprint and the preprint of an article.

    `UpdateOf` alone is no such thing: a new edition of a review updates the one before it.
    """
    preprint = "preprint" in {t.lower() for t in all_said(about, "Article/PublicationTypeList/PublicationType")}
    named = list(_named(about, "UpdateIn")) if preprint else []
    for remark in about.findall("CommentsCorrectionsList/CommentsCorrections"):
        if remark.get("RefType") == "UpdateOf" and _PREPRINT.search(said_at(remark, "RefSource")):
            named += _work(remark)
    return tuple(t for t in dict.fromkeys(named) if t not in tokens(known))
