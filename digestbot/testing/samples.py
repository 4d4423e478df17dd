"""Sample sources, written for this project: the bytes of an arXiv feed, a daily-papers reply, a journal, a saved page.

The papers stand in samples.toml; some of them are carried by two sources. Dates move with the day that is asked for.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
Sample = Mapping[str, Any]


@cache
def papers() -> tuple[Sample, ...]:
    """Returns the invented papers in the order of the file."""
    with Path(__file__).with_name("samples.toml").open("rb") as file:
        return tuple(tomllib.load(file)["papers"])


def carried_by(source: str) -> list[Sample]:
    """Returns the papers that a source carries: "arxiv", "daily", "journal" or "page"."""
    return [paper for paper in papers() if source in paper["in"]]


def arxiv_rss(day: date) -> bytes:
    """Returns the announcements of a day as rss.arxiv.org writes them."""
    midnight = datetime.combine(day, time(), NEW_YORK)
    items = "".join(_arxiv_item(paper, midnight) for paper in carried_by("arxiv"))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">\n'
        "<channel>\n<title>cs.LG, cs.PL, cs.AR updates on arXiv.org</title>\n"
        "<link>http://rss.arxiv.org/rss/cs.LG+cs.PL+cs.AR</link>\n"
        "<description>cs.LG, cs.PL, cs.AR updates on the arXiv.org e-print archive.</description>\n"
        "<language>en-us</language>\n"
        f"<lastBuildDate>{format_datetime(midnight.astimezone(UTC))}</lastBuildDate>\n"
        f"<pubDate>{format_datetime(midnight)}</pubDate>\n"
        f"<skipDays><day>Sunday</day><day>Saturday</day></skipDays>\n{items}</channel>\n</rss>\n"
    ).encode()


def _arxiv_item(paper: Sample, midnight: datetime) -> str:
    version = f"{paper['arxiv']}v{paper.get('version', 1)}"
    kind = paper.get("announce", "new")
    doi = f"<arxiv:DOI>{paper['doi']}</arxiv:DOI>\n" if "doi" in paper else ""
    return (
        f"<item>\n<title>{escape(paper['title'])}</title>\n<link>https://arxiv.org/abs/{paper['arxiv']}</link>\n"
        f"<description>arXiv:{version} Announce Type: {kind} \nAbstract: {escape(paper['abstract'])}</description>\n"
        f'<guid isPermaLink="false">oai:arXiv.org:{version}</guid>\n'
        + "".join(f"<category>{code}</category>\n" for code in paper["categories"])
        + f"<pubDate>{format_datetime(midnight)}</pubDate>\n<arxiv:announce_type>{kind}</arxiv:announce_type>\n{doi}"
        f"<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>\n"
        f"<dc:creator>{escape(', '.join(paper['authors']))}</dc:creator>\n</item>\n"
    )


def daily_json(day: date) -> bytes:
    """Returns the daily papers of a day as the hub's API writes them."""
    listed, published = datetime.combine(day, time(), UTC), datetime.combine(day - timedelta(days=3), time(14, 31), UTC)
    return json.dumps([_daily(p, listed, published) for p in carried_by("daily")], ensure_ascii=False).encode()


def _daily(paper: Sample, listed: datetime, published: datetime) -> dict[str, Any]:
    moment = "%Y-%m-%dT%H:%M:%S.000Z"
    about = {
        "id": paper["arxiv"],
        "authors": [{"name": name, "hidden": False} for name in paper["authors"]],
        "publishedAt": published.strftime(moment),
        "submittedOnDailyAt": listed.strftime(moment),
        "title": paper["title"],
        "summary": paper["abstract"],
        "upvotes": paper.get("upvotes", 0),
        "discussionId": f"sample-{paper['arxiv']}",
    }
    if "github" in paper:
        about["githubRepo"] = paper["github"]
    return {
        "paper": about,
        "publishedAt": published.strftime(moment),
        "title": paper["title"],
        "summary": paper["abstract"],
        "numComments": paper.get("comments", 0),
        "submittedBy": {"name": paper["submitter"], "fullname": paper["submitter"].title(), "type": "user"},
    }


def journal_atom(day: date) -> bytes:
    """Returns a journal's newest articles as Atom with Dublin Core and PRISM."""
    moment = f"{day - timedelta(days=1)}T08:00:00Z"
    entries = "".join(
        f"<entry>\n<id>https://doi.org/{p['doi']}</id>\n<title>{escape(p['title'])}</title>\n"
        f'<link rel="alternate" href="https://journal.example.org/doi/{p["doi"]}"/>\n<updated>{moment}</updated>\n'
        f"<published>{moment}</published>\n<dc:identifier>doi:{p['doi']}</dc:identifier>\n<prism:doi>{p['doi']}</prism:doi>\n"
        "<prism:publicationName>Journal of Sample Computing</prism:publicationName>\n"
        + "".join(f"<author><name>{escape(name)}</name></author>\n" for name in p["authors"])
        + f'<summary type="text">{escape(p["abstract"])}</summary>\n</entry>\n'
        for p in carried_by("journal")
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/">\n'
        "<id>https://journal.example.org/atom</id>\n<title>Journal of Sample Computing</title>\n"
        f"<updated>{moment}</updated>\n{entries}</feed>\n"
    ).encode()


def page_text(day: date) -> bytes:
    """A saved daily-papers page as text: slogans, curators, the day without its year, title and abstract in turn."""
    head = [
        "new",
        "Get trending papers in your email inbox!",
        "Subscribe",
        "byAK and the research community",
        f"{day:%b} {day.day}",
    ]
    body = [line for paper in carried_by("page") for line in (paper["title"], paper["abstract"])]
    return "\n\n".join([*head, *body]).encode() + b"\n"
