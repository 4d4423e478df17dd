"""Which built-in kind should read some bytes, for `digestbot try` without --kind."""

from __future__ import annotations

import re

from digestbot.model import Response
from digestbot.sources.formats.json_feed import looks_like_json
from digestbot.sources.formats.reply_body import is_html, opened, root_of

_ARXIV = re.compile(
    rb"arxiv\.org/schemas/atom|oai:arxiv\.org:|arxiv\.org/api/|//(?:rss|export)\.arxiv\.org/|rdf:about=\"http://arxiv\.org/",
    re.IGNORECASE,
)
_PUBMED = frozenset({"PubmedArticleSet", "PubmedBookArticleSet", "PubmedArticle", "PubmedBookArticle", "eSearchResult"})
_OAI = re.compile(rb"openarchives\.org/OAI/2\.0")
_MAIL = re.compile(
    rb"(?:From |(?:Return-Path|Delivered-To|Received|From|To|MIME-Version|Date|Subject|Message-ID|DKIM-Signature|ARC-Seal|X-[\w-]{1,40}):)",
    re.IGNORECASE,
)
_XML = re.compile(rb"\s*(?:<\?xml|<rss|<feed|<rdf|<channel|<!--|<[A-Za-z][\w:-]*[\s>])", re.IGNORECASE)


#: what the JSON of each API begins with
_JSON = (
    ("zotero", re.compile(rb"\[?\s*\{\s*\"key\"\s*:\s*\"[A-Z0-9]{8}\"\s*,\s*\"version\"")),
    ("huggingface", re.compile(rb"\[")),
    ("dblp", re.compile(rb"\{\s*\"result\"\s*:\s*\{\s*\"query\"", re.DOTALL)),
    ("datacite", re.compile(rb"\{\s*\"data\"\s*:\s*[\[{].{0,300}\"type\"\s*:\s*\"dois\"", re.DOTALL)),
    ("crossref", re.compile(rb"\{.{0,200}\"message-type\"\s*:\s*\"(?:work|validation)", re.DOTALL)),
    ("biorxiv", re.compile(rb"\{\s*\"(?:messages|collection)\"\s*:\s*\[", re.DOTALL)),
    ("pubmed", re.compile(rb"\{.{0,200}\"esearchresult\"\s*:", re.DOTALL)),
    ("openreview", re.compile(rb"\{\s*\"(?:notes\"\s*:\s*\[|name\"\s*:\s*\"ChallengeRequiredError)", re.DOTALL)),
    ("europepmc", re.compile(rb"\{.{0,400}\"hitCount\"\s*:", re.DOTALL)),
    ("openalex", re.compile(rb"\{.*?(?:\"cost_usd\"|\"db_response_time_ms\"|\"id\"\s*:\s*\"https://openalex\.org/W)", re.DOTALL)),
)  # fmt: skip


def kind_of(response: Response) -> str:
    """Returns the kind that the beginning of the bytes tells; `feed` where nothing else fits."""
    body = opened(response).lstrip(b"\xef\xbb\xbf \t\r\n")
    if looks_like_json(body):
        return next((kind for kind, sign in _JSON if sign.match(body[:4096])), "feed")
    if is_html(body):
        return "feed"
    if _OAI.search(body[:4096]) and root_of(body).rpartition(":")[2] in ("OAI-PMH", "record"):
        return "oai"
    if root_of(body) in _PUBMED:
        return "pubmed"
    if root_of(body) == "dblpperson":
        return "dblp"
    if _MAIL.match(body) and b"@" in body[:16384]:
        return "alerts"
    if _XML.match(body) or b"\x00" in body[:64] or b"<" in body[:256]:
        return "arxiv" if _ARXIV.search(body[:4096]) else "feed"
    return "page" if body else "feed"
