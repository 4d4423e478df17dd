"""Replies of the places of single fields, written for this project from the sample papers: each in its own form."""

from __future__ import annotations

import json
from datetime import date
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
