"""Replies of the places of single fields, written for this project from the sample papers: each in its own form."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
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
