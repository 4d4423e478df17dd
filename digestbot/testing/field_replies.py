"""Replies of the places of single fields, written for this project from the sample papers: each in its own form."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from html import escape
from typing import Any

from digestbot.testing.samples import Sample, carried_by


def europepmc(day: date, cursor: str = "", total: int | None = None) -> bytes:
    """Returns the journal's works as Europe PMC has them, the first as a preprint; with a `cursor` the list may go on."""
    rows = [_europepmc_record(paper, day, number) for number, paper in enumerate(carried_by("journal"), 1)]
    reply: dict[str, Any] = {"version": "6.9", "hitCount": len(rows) if total is None else total}
    if cursor:
        reply["nextCursorMark"] = cursor
    reply |= {"request": {"queryString": "attention", "resultType": "core"}, "resultList": {"result": rows}}
    return json.dumps(reply).encode()


def _europepmc_record(paper: Sample, day: date, number: int) -> dict[str, Any]:
    preprint = number == 1
    own = f"PPR9000{number:02}" if preprint else f"429000{number:02}"
    people = [
        {"fullName": f"{family} {given[0]}", "firstName": given, "lastName": family, "initials": given[0]}
        | {"authorAffiliationDetailsList": {"authorAffiliation": [{"affiliation": "Institute of Samples, Uppsala."}]}}
        for given, family in (name.rsplit(" ", 1) for name in paper["authors"])
    ]
    record = {
        "id": own, "source": "PPR" if preprint else "MED", "doi": paper["doi"], "title": f"{paper['title']}.",
        "authorString": ", ".join(person["fullName"] for person in people) + ".", "authorList": {"author": people},
        "pubYear": f"{day.year}", "abstractText": f"<h4>Background</h4>{paper['abstract']}",
        "firstIndexDate": day.isoformat(), "firstPublicationDate": day.isoformat(), "isOpenAccess": "Y", "language": "eng",
        "pubTypeList": {"pubType": ["Preprint"] if preprint else ["research-article", "Journal Article"]},
        "fullTextUrlList": {"fullTextUrl": [
            {"availability": "Subscription required", "availabilityCode": "S", "documentStyle": "doi", "site": "DOI",
             "url": f"https://doi.org/{paper['doi']}"},
            {"availability": "Open access", "availabilityCode": "OA", "documentStyle": "pdf", "site": "Europe_PMC",
             "url": f"https://europepmc.org/articles/PMC1100{number:04}?pdf=render"},
        ]},
    }  # fmt: skip
    if preprint:
        return record | {
            "bookOrReportDetails": {"publisher": "bioRxiv", "yearOfPublication": day.year},
            "versionNumber": 1,
        }
    journal = {"title": "Journal of Sample Computing", "issn": "2041-1723"}
    return record | {"pmid": own, "journalInfo": {"journal": journal, "yearOfPublication": day.year}}


def openreview(day: date, venue: str = "ICLR.cc/2027/Conference") -> bytes:
    """Returns the journal's works as notes of version 2 of OpenReview's API."""
    notes = [_note(paper, day, number, venue) for number, paper in enumerate(carried_by("journal"), 1)]
    return json.dumps({"notes": notes, "count": len(notes)}).encode()


def openreview_challenge() -> bytes:
    """Returns what its API sends with 403 to whoever is not logged in."""
    return json.dumps({
        "name": "ChallengeRequiredError", "message": "Challenge verification required", "status": 403,
        "details": {"challengeUrl": "https://openreview.net/challenge?redirect=%2F", "reqId": "2026-11-23-2611001"},
    }).encode()  # fmt: skip


def _note(paper: Sample, day: date, number: int, venue: str) -> dict[str, Any]:
    own, moment = f"Samp1eF0r{number:02}", int(datetime.combine(day, time(9), UTC).timestamp() * 1000)
    content = {
        "title": paper["title"], "authors": paper["authors"], "keywords": paper.get("categories", []),
        "authorids": [f"~{name.replace(' ', '_')}1" for name in paper["authors"]], "abstract": paper["abstract"],
        "TLDR": paper["abstract"].partition(". ")[0] + ".", "venue": "ICLR 2027 Poster", "venueid": venue,
        "pdf": f"/pdf/{number:040x}.pdf", "primary_area": "applications to computer vision",
        "_bibtex": "@inproceedings{\nsample2027,\nyear={2027}\n}",
    }  # fmt: skip
    return {
        "id": own, "forum": own, "number": number, "domain": venue, "license": "CC BY 4.0", "version": 2,
        "invitations": [f"{venue}/-/Submission", f"{venue}/-/Post_Submission", f"{venue}/-/Edit"],
        "signatures": [f"{venue}/Submission{number}/Authors"], "readers": ["everyone"], "writers": [venue],
        "cdate": moment, "tcdate": moment, "mdate": moment, "tmdate": moment, "pdate": moment, "odate": moment,
        "content": {name: {"value": value} for name, value in content.items()},
    }  # fmt: skip


def dblp(day: date, total: int | None = None) -> bytes:
    """Returns DBLP's search result for a volume; a single author stands without a list, and HTML's escapes are kept."""
    hits = [_dblp_hit(paper, day, number) for number, paper in enumerate(carried_by("journal"), 1)]
    found = {
        "@total": f"{len(hits) if total is None else total}",
        "@computed": "5",
        "@sent": f"{len(hits)}",
        "@first": "0",
        "hit": hits,
    }
    status = {"@code": "200", "text": "OK"}
    return json.dumps({"result": {"query": "toc:db/conf/jsc/jsc2026.bht:*", "status": status, "hits": found}}).encode()


def _dblp_hit(paper: Sample, day: date, number: int) -> dict[str, Any]:
    people = [{"@pid": f"{number}/{at}", "text": name} for at, name in enumerate(paper["authors"])]
    info = {
        "authors": {"author": people if len(people) > 1 else people[0]}, "title": f"{escape(paper['title'])}.", "venue": "JSC",
        "pages": "1-9", "year": f"{day.year}", "type": "Conference and Workshop Papers", "access": "open",
        "key": f"conf/jsc/Sample{number}", "doi": paper["doi"].upper(), "ee": f"https://doi.org/{paper['doi']}",
        "url": f"https://dblp.org/rec/conf/jsc/Sample{number}",
    }  # fmt: skip
    return {"@score": "1", "@id": f"{number}", "info": info, "url": f"URL#{number}"}


def dblp_feed(*volumes: tuple[str, date]) -> bytes:
    """Returns DBLP's feed of a venue: its volumes (`db/conf/jsc/jsc2026`) and the days they came."""
    items = "".join(
        f"<item><title>JSC {day.year}</title><link>https://dblp.org/{name}.html</link><guid>https://dblp.org/{name}</guid>"
        f"<pubDate>{format_datetime(datetime.combine(day, time(4), UTC))}</pubDate></item>\n"
        for name, day in volumes
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>dblp: JSC</title><link>https://dblp.org/</link>'
        f"<description>new volumes</description>\n{items}</channel></rss>\n"
    ).encode()


def dblp_person(day: date) -> bytes:
    """Returns DBLP's list of a person: the journal's works, all changed on a day."""
    records = "".join(
        f'<r><article publtype="informal" key="journals/jsc/Sample{number}" mdate="{day}">'
        + "".join(
            f'<author pid="{number}/{at}">{escape(name)} 0001</author>' for at, name in enumerate(paper["authors"])
        )
        + f"<title>{escape(paper['title'])}.</title><year>{day.year}</year><journal>J. Sample Comput.</journal>"
        f'<ee type="oa">https://doi.org/{paper["doi"]}</ee><url>db/journals/jsc/jsc9.html#S{number}</url></article></r>\n'
        for number, paper in enumerate(carried_by("journal"), 1)
    )
    return (
        '<?xml version="1.0" encoding="US-ASCII"?>\n<dblpperson name="Ines Okafor 0001" pid="1/0" n="5">'
        '<person key="homepages/1/0" mdate="2024-01-01"><author pid="1/0">Ines Okafor 0001</author></person>\n'
        f"{records}</dblpperson>\n"
    ).encode("ascii", "xmlcharrefreplace")


def datacite(day: date, following: str = "", total: int | None = None) -> bytes:
    """Returns the journal's works as DataCite has them, as preprints of a repository; `following` is the next page."""
    rows = [_datacite_work(paper, day) for paper in carried_by("journal")]
    links = {"self": "https://api.datacite.org/dois"} | ({"next": following} if following else {})
    return json.dumps({"data": rows, "meta": {"total": len(rows) if total is None else total}, "links": links}).encode()


def _datacite_work(paper: Sample, day: date) -> dict[str, Any]:
    people = [
        {"name": f"{family}, {given}", "nameType": "Personal", "givenName": given, "familyName": family,
         "affiliation": [{"name": "Institute of Samples"}], "nameIdentifiers": []}
        for given, family in (name.rsplit(" ", 1) for name in paper["authors"])
    ]  # fmt: skip
    return {
        "id": paper["doi"], "type": "dois", "attributes": {
            "doi": paper["doi"], "creators": people, "titles": [{"title": paper["title"]}], "publisher": {"name": "Sample Repository"},
            "container": {}, "publicationYear": day.year, "subjects": [{"subject": "sampling"}], "language": "en",
            "dates": [{"date": day.isoformat(), "dateType": "Issued"}],
            "types": {"ris": "GEN", "bibtex": "misc", "resourceTypeGeneral": "Preprint"}, "relatedIdentifiers": [],
            "rightsList": [{"rights": "Creative Commons Attribution 4.0", "rightsIdentifier": "cc-by-4.0"}],
            "descriptions": [{"description": paper["abstract"], "descriptionType": "Abstract"}],
            "url": f"https://repository.example.org/{paper['doi']}", "state": "findable", "isActive": True,
            "created": f"{day}T09:12:44Z", "registered": f"{day}T09:12:44Z", "updated": f"{day}T09:12:44Z",
        },
    }  # fmt: skip


def zotero(day: date) -> bytes:
    """Returns the journal's works as items of a group's library at Zotero, with an attachment between them."""
    items = [_zotero_item(paper, day, number) for number, paper in enumerate(carried_by("journal"), 1)]
    attached = {"key": "ATTACH01", "version": 77, "library": {"type": "group", "id": 2493}, "links": {}, "meta": {},
                "data": {"key": "ATTACH01", "version": 77, "itemType": "attachment", "title": "Full Text PDF"}}  # fmt: skip
    return json.dumps([*items, attached]).encode()


def _zotero_item(paper: Sample, day: date, number: int) -> dict[str, Any]:
    own = f"SAMPLE{number:02}"
    people = [
        {"creatorType": "author", "firstName": g, "lastName": f}
        for g, f in (name.rsplit(" ", 1) for name in paper["authors"])
    ]
    return {
        "key": own, "version": 70 + number, "library": {"type": "group", "id": 2493, "name": "Samplers", "links": {}},
        "links": {"alternate": {"href": f"https://www.zotero.org/groups/2493/items/{own}", "type": "text/html"}},
        "meta": {"createdByUser": {"id": 9, "username": "ines"}, "parsedDate": day.isoformat(), "numChildren": 1},
        "data": {
            "key": own, "version": 70 + number, "itemType": "journalArticle", "title": paper["title"], "creators": people,
            "abstractNote": paper["abstract"], "publicationTitle": "Journal of Sample Computing", "date": f"{day:%B %-d, %Y}",
            "DOI": paper["doi"], "url": f"https://doi.org/{paper['doi']}", "language": "en", "rights": "", "extra": "",
            "tags": [{"tag": "to read"}], "collections": [], "relations": {}, "dateAdded": f"{day}T08:00:00Z",
            "dateModified": f"{day}T08:00:00Z",
        },
    }  # fmt: skip
