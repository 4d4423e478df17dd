"""Kind `pubmed`: what is new for a saved search, by NCBI's E-utilities.

First esearch, whose result stays on NCBI's history server, then efetch for page after page of it.
https://www.ncbi.nlm.nih.gov/books/NBK25499/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from digestbot.model import Entry, ParseResult, Problem, ReadStatus, Request, Response, Secret
from digestbot.sources.formats.items import NoEntry, as_xml, each
from digestbot.sources.formats.json_feed import load_json, looks_like_json
from digestbot.sources.formats.reply_body import MOST_ENTRIES, not_a_feed, opened, read_status, unreadable
from digestbot.sources.formats.xml_tree import Element, all_said, said_at, tree
from digestbot.sources.records.pubmed_article import ARTICLES, article_entry, updated_works
from digestbot.sources.values.fields import number, object_of, text, unique_keys
from digestbot.sources.values.options import days_option, secrets_option, text_option
from digestbot.sources.values.poll_windows import FURTHEST, first_day, read_to_the_end

BASE = "https://eutils.ncbi.nlm.nih.gov/entrez/eutils"
PAGE = 100  #: records of one efetch: with their references they may be 60 kB each
_CONTROLS = re.compile(rb"[\x00-\x1f]")  #: esearch repeats them raw from the query; in JSON they are blanks elsewhere
MOST = 10_000  #: records that a search gives out, the newest first


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """The result of a search: it stays at NCBI under `webenv` and `querykey`, if it was asked to."""

    count: int
    webenv: str
    querykey: str
    ids: tuple[str, ...]
    error: str
    problems: tuple[Problem, ...]


class PubmedSource:
    """A saved search."""

    contract: ClassVar[int] = 1
    options: ClassVar[frozenset[str]] = frozenset({"query", "look_back", "api_key_file", "email"})
    #: three requests a second without a key (NBK25497); with one ten, which a poll does not need
    politeness: ClassVar[tuple[str, float] | None] = ("ncbi", 0.35)

    def __init__(
        self, query: str = "", url: str = "", look_back: int = 3, secrets: Mapping[str, Secret] | None = None
    ) -> None:  # fmt: skip
        self.query, self.url, self.look_back, self._secrets = query, url, look_back, dict(secrets or {})

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> PubmedSource:
        """Needs `query`, as one would type it into PubMed, or `url`. `email` is [site] contact unless said."""
        url, query = str(options.get("url") or ""), text_option(options, "query", "'crispr[tiab] AND humans[mh]'")
        if not (url or query):
            raise ValueError("kind = \"pubmed\" needs a query, for example: query = 'crispr[tiab] AND humans[mh]'")
        text_option(options, "email", '"you@example.org"')
        secrets = secrets_option(options, {"api_key": "api_key", "email": "email"})
        return cls(query, url, days_option(options, "look_back", 3, FURTHEST), secrets)

    def requests(self, state: Mapping[str, Any], now: datetime) -> Sequence[Request]:
        """The search for what came into PubMed (`edat`) since the day before the last poll."""
        if self.url:
            return (self._request(self.url),)
        days = (now.date() - first_day(state, now, self.look_back)).days + 1
        asked = {"db": "pubmed", "term": self.query, "reldate": str(days), "datetype": "edat", "usehistory": "y",
                 "retmax": "0", "retmode": "json", "tool": "digestbot"}  # fmt: skip
        return (self._request(f"{BASE}/esearch.fcgi?{urlencode(asked)}"),)

    def _request(self, url: str) -> Request:
        return Request(url=url, secrets=self._secrets)

    def parse(self, response: Response, now: datetime) -> ParseResult:
        """The result of a search, in JSON or XML, or records."""
        body = opened(response)
        if (answer := not_a_feed(body)) is not None:
            return answer
        if looks_like_json(body):
            data = load_json(_CONTROLS.sub(b" ", body))
            return data if isinstance(data, ParseResult) else self._found(_search(object_of(data)), response.url, now)
        root, broken = tree(body)
        if root.tag == "eSearchResult":
            return self._found(_search_in_xml(root), response.url, now)
        return self._records(root, broken, response.url, now)

    def _found(self, found: _Found | None, url: str, now: datetime) -> ParseResult:
        """What a search found: the first page of records to fetch, and words that PubMed does not know."""
        if found is None or found.error:
            said = found.error if found else ""
            hint = "is the key right?" if "key" in said.lower() else "does PubMed take the query?"
            return unreadable("this is no result of a PubMed search", where=said[:200], hint=hint)
        page = self._fetch(url, found) if found.ids or (found.webenv and found.count) else ()
        given = min(found.count, MOST if found.webenv and found.querykey else min(len(found.ids), PAGE))
        problems = found.problems
        if found.count > given:
            problems += (
                Problem(what=f"{found.count:,} records found, {given:,} are given out", hint="narrow the query"),
            )
        return ParseResult(
            status=ReadStatus.PARTIAL if problems else ReadStatus.OK if page else ReadStatus.EMPTY,
            problems=problems, next_requests=page, expected=given, kind="PubMed",
            state={} if page else read_to_the_end(now),
        )  # fmt: skip

    def _fetch(self, url: str, found: _Found) -> tuple[Request, ...]:
        if found.webenv and found.querykey:
            which = {"query_key": found.querykey, "WebEnv": found.webenv, "retstart": "0", "retmax": str(PAGE)}
        else:  # a search that somebody else wrote, without the history server
            which = {"id": ",".join(found.ids[:PAGE])}
        asked = {"db": "pubmed"} | which | {"retmode": "xml", "tool": "digestbot"}
        base = url.partition("?")[0].rpartition("/")[0]
        return (self._request(f"{base}/efetch.fcgi?{urlencode(asked)}#count={found.count}"),)

    def _records(self, root: Element, broken: str, url: str, now: datetime) -> ParseResult:
        articles = [child for child in root if child.tag in ARTICLES] if root.tag not in ARTICLES else [root]
        if not articles and root.tag not in ("PubmedArticleSet", "PubmedBookArticleSet"):
            said = broken or said_at(root, "ERROR")[:200]
            hint = "a search is kept for some hours: the next poll searches anew" if root.tag == "eFetchResult" else ""
            what = f"this is not PubMed's XML but <{root.tag}>" if root.tag else "this is no XML"
            return unreadable(what, where=said, hint=hint)
        entries, problems, torn = each(articles[:MOST_ENTRIES], _entries, as_xml)
        if broken:
            problems.append(
                Problem(what="the XML is not well-formed", where=broken, hint="what could be read was read")
            )
        following = self._next(url)
        return ParseResult(
            status=read_status(entries, problems, more=following),
            entries=unique_keys(entries), problems=tuple(problems), broken=tuple(torn), next_requests=following,
            kind="PubMed", cut=bool(broken),
            state={} if following else read_to_the_end(now),
        )  # fmt: skip

    def _next(self, url: str) -> tuple[Request, ...]:
        """The next page; the number of all stands in the fragment of the address, which no server sees."""
        parts = urlsplit(url)
        asked, count = dict(parse_qsl(parts.query)), number(parts.fragment.removeprefix("count="))
        start = (number(asked.get("retstart")) or 0) + PAGE
        if "WebEnv" not in asked or start >= min(count or 0, MOST):
            return ()
        onward = urlencode(asked | {"retstart": str(start)})
        return (self._request(f"{url.partition('?')[0]}?{onward}#{parts.fragment}"),)


def _search(data: Mapping[str, Any]) -> _Found | None:
    """Read the reply of esearch (JSON): the ids of what was found."""
    result = object_of(data.get("esearchresult")) or ({"ERROR": data["error"]} if text(data.get("error")) else {})
    if not result:
        return None
    told, warned = object_of(result.get("errorlist")), object_of(result.get("warninglist"))
    return _Found(
        count=number(result.get("count")) or 0,
        webenv=text(result.get("webenv")),
        querykey=text(result.get("querykey")),
        ids=tuple(i for i in _words(result.get("idlist")) if i.isdecimal()),
        error=text(result.get("ERROR")),
        problems=_unknown(_words(told.get("phrasesnotfound")), _words(told.get("fieldsnotfound")))
        + _unquoted(_words(warned.get("quotedphrasesnotfound"))),
    )


def _search_in_xml(root: Element) -> _Found:
    """esearch in XML, which it gives when nobody asks for JSON."""
    return _Found(
        count=number(said_at(root, "Count")) or 0,
        webenv=said_at(root, "WebEnv"),
        querykey=said_at(root, "QueryKey"),
        ids=tuple(i for i in all_said(root, "IdList/Id") if i.isdecimal()),
        error=said_at(root, "ERROR"),
        problems=_unknown(all_said(root, "ErrorList/PhraseNotFound"), all_said(root, "ErrorList/FieldNotFound"))
        + _unquoted(all_said(root, "WarningList/QuotedPhraseNotFound")),
    )


def _words(given: Any) -> tuple[str, ...]:
    return tuple(word for w in given if (word := text(w))) if isinstance(given, list) else ()


def _unknown(phrases: Sequence[str], fields: Sequence[str]) -> tuple[Problem, ...]:
    """PubMed passes over what it does not know, and so finds more than was meant, or nothing."""
    told = [f"PubMed knows no {w[:80]!r}" for w in phrases] + [f"PubMed has no field {w[:80]!r}" for w in fields]
    return tuple(Problem(what=what, hint="it was left out of the search") for what in told)


def _unquoted(phrases: Sequence[str]) -> tuple[Problem, ...]:
    """A phrase that is not in its index PubMed reads without the quotation marks:
    https://pubmed.ncbi.nlm.nih.gov/help/#quoted-phrase-not-found"""
    hint = "it was searched for without its quotation marks"
    return tuple(Problem(what=f"PubMed knows no phrase {phrase[:80]}", hint=hint) for phrase in phrases)


def _entries(article: Element) -> list[Entry]:
    """An article, and the works that it retracts."""
    entry = article_entry(article)
    if entry is None:
        raise NoEntry("a record without a PMID")
    return [entry, *updated_works(article)]
