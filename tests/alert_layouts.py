"""Layouts that alert mails could have tomorrow: two papers each, for the links of each service."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from alert_mails import mail, scholar_url


class Service(NamedTuple):
    """How a service sends, and the links it has for two papers."""

    sender: str
    subject: str
    links: tuple[str, str]


SERVICES = {
    "Google Scholar": Service("scholaralerts-noreply@google.com", "Jane Doe - new articles", (
        scholar_url("https://arxiv.org/abs/2611.00001"), scholar_url("https://doi.org/10.1145/3690624.3709263"))),
    "Semantic Scholar": Service("do-not-reply@semanticscholar.org", "New papers by Jane Doe", (
        "https://www.semanticscholar.org/paper/A-B/0123456789abcdef0123456789abcdef01234567?utm_source=alert_email",
        "https://www.semanticscholar.org/paper/fedcba9876543210fedcba9876543210fedcba98?utm_source=alert_email")),
    "myADS": Service("no-reply@adsabs.harvard.edu", "myADS Notification: exoplanets", (
        "https://ui.adsabs.harvard.edu/abs/2026arXiv261100001D/abstract", "https://ui.adsabs.harvard.edu/abs/2026ApJ...900....1D/abstract")),
    "Web of Science": Service("alerts-noreply@clarivate.com", "Web of Science Alert - moths - 2 results", (
        "https://www.webofscience.com/wos/woscc/full-record/WOS:000512345600001", "https://www.webofscience.com/wos/woscc/full-record/WOS:000512345600002")),
    "Scopus": Service("scopus@notification.elsevier.com", "Scopus Document Alert: moths", (
        "https://www.scopus.com/record/display.uri?eid=2-s2.0-85012345678&origin=alert", "https://www.scopus.com/pages/publications/85012345679?origin=alert")),
    "SSRN": Service("ejournals@ssrn.com", "Law & Economics eJournal, Vol. 3", (
        "https://papers.ssrn.com/sol3/papers.cfm?abstract_id=4512345", "https://ssrn.com/abstract=4512346")),
    "ScienceDirect": Service("sciencedirect@notification.elsevier.com", "New search results: moths", (
        "https://www.sciencedirect.com/science/article/pii/S0025619618304026?dgcid=raven_sd_search_email", "https://www.sciencedirect.com/science/article/pii/S0025619618304027")),
    "PubMed": Service("efback@ncbi.nlm.nih.gov", "What's new for 'moths' in PubMed", (
        "https://pubmed.ncbi.nlm.nih.gov/33456789/?utm_source=gquery", "https://pubmed.ncbi.nlm.nih.gov/33456790/")),
    "JSTOR": Service("no-reply@jstor.org", "New results for your saved search: moths", (
        "https://www.jstor.org/stable/26543210?origin=alert", "https://www.jstor.org/stable/10.1086/726543")),
    "Nature Portfolio": Service("ealert@nature.com", "Nature Table of Contents", (
        "https://www.nature.com/articles/s41586-026-01234-5", "https://doi.org/10.1038/s41586-026-01235-4")),
}  # fmt: skip
PAPERS = (
    ("Night flight of hawk moths under artificial light", "Jane Doe, Max Roe", "Journal of Moths, Vol. 12, 2026"),
    ("A survey of moth traps and of those who empty them", "Ines Okafor, Tomasz Lindqvist, Bo Li", "Trap Letters, Vol. 3, 2026"),
)  # fmt: skip
#: one paper as HTML, from title, people, place and link
HTML: dict[str, Callable[[str, str, str, str], str]] = {
    "heading": lambda t, a, v, u: f'<h3><a href="{u}">{t}</a></h3><div>{a}</div><div>{v}</div>',
    "heading inside the link": lambda t, a, v, u: f'<a href="{u}" target="_blank"><h2 style="margin:0">{t}</h2></a><p>{a}</p><p>{v}</p>',
    "cells": lambda t, a, v, u: f'<table><tr><td><h2><a href="{u}"><b>{t}</b></a></h2></td></tr><tr><td>By {a}</td></tr><tr><td>{v}</td></tr></table>',
    "loud and bare": lambda t, a, v, u: f"<H3><A HREF={u} >{t}</A></H3><P>{a}<P>{v}",
    "broken words": lambda t, a, v, u: f'<h3><a href="{u}">' + "\n  ".join(f"<span>{word}</span>" for word in t.split()) + f"</a></h3>{a}<br/>{v}<br/>",
    "labels": lambda t, a, v, u: f'<h3><a href="{u}">{t}</a></h3><p>Authors: {a}</p><p>Source: {v}</p>',
    "linked twice": lambda t, a, v, u: f'<a href="{u}"><img src="x.png" alt=""></a><h3><a href="{u}">{t}</a></h3><p>{a}</p><p>{v}</p><a href="{u}">Read more</a>',
    "with a button": lambda t, a, v, u: f'<h3><a href="{u}">{t}</a></h3><p>{v}</p><p>{a}</p><p><a href="{u}">View article</a></p>',
    "one line": lambda t, a, v, u: f'<h3><a href="{u}">{t}</a></h3><p>{a} - {v}</p>',
}  # fmt: skip
#: the title is no link: these are read as nothing at all, or right
BUTTONS: dict[str, Callable[[str, str, str, str], str]] = {
    "a button below": lambda t, a, v, u: f'<h3>{t}</h3><p>{a}</p><p>{v}</p><p><a href="{u}">View paper</a></p>',
    "a picture": lambda t, a, v, u: f'<p><b>{t}</b></p><p>{a}, {v}</p><a href="{u}"><img src="go.png"></a>',
    "the address": lambda t, a, v, u: f'<p>{t}</p><p>{a}</p><p>{v}</p><a href="{u}">{u}</a>',
    "the journal": lambda t, a, v, u: f'<p>{t}</p><p>{a}</p><p><a href="{u}">Read it</a> in {v}</p>',
}  # fmt: skip
TEXT: dict[str, Callable[[str, str, str, str], str]] = {
    "behind": lambda t, a, v, u: f"{t} <{u}>\n{a}\n{v}\n\n",
    "below": lambda t, a, v, u: f"{t}\n{u}\n{a}\n{v}\n\n",
    "at the end": lambda t, a, v, u: f"{t}\n{a}\n{v}\n{u}\n\n",
    "at the end, labelled": lambda t, a, v, u: f"{t}\n{a}\n{v}\nLink: {u}\n\n",
    "all labelled": lambda t, a, v, u: f"Title: {t}\nAuthors: {a}\nSource: {v}\nURL: {u}\n\n",
    "numbered": lambda t, a, v, u: f"1. {t}\n   {a}\n   {v}\n   {u}\n",
    "a paragraph each": lambda t, a, v, u: f"{t}\n\n{u}\n\n{a}\n\n{v}\n\n",
    "broken for its length": lambda t, a, v, u: f"A longer title than any line can hold so that\nmail programs break it where it is full, on {t}\n{u}\n{a}\n{v}\n\n",
}  # fmt: skip
TOP, END = (
    "<html><body><h1>New for you</h1>",
    '<p><a href="https://alerts.example/x">Manage your alerts</a></p></body></html>',
)


def laid_out(service: Service, item: Callable[[str, str, str, str], str], *, html: bool) -> bytes:
    """A mail with the two papers."""
    body = "".join(item(*paper, link) for paper, link in zip(PAPERS, service.links, strict=True))
    if html:
        return mail(service.sender, service.subject, TOP + body + END)
    return mail(
        service.sender,
        service.subject,
        text=f"New for you\n\n{body}\n--\nManage your alerts: https://alerts.example/x\n",
    )
