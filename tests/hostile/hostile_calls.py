"""Every function that meets strangers' text or bytes, each as a call that takes one text."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from email.message import EmailMessage

from digestbot.acts.digests.feed_files import _file_name
from digestbot.app.recipes import known_recipes
from digestbot.channels import smtp_words
from digestbot.channels.reply_faults import fault_of
from digestbot.cli import logs, terminal
from digestbot.digest import feeds as syndication
from digestbot.digest.rendering import cards as view
from digestbot.digest.rendering import summary as gist
from digestbot.digest.rendering import text_layout as columns
from digestbot.digest.selection.schedule import Schedule
from digestbot.errors import DigestbotError
from digestbot.mail import addresses as addresses_
from digestbot.mail import dkim
from digestbot.mail import header_guard as guard
from digestbot.mail import message as build
from digestbot.mail.bounces.read import read_returned
from digestbot.mail.return_address import claims_in, unsubscribe_claim
from digestbot.model import Entry, Paper, PartialDate, Request, Response
from digestbot.papers.exchange import bibtex, opml, ris
from digestbot.papers.exchange import works as library
from digestbot.papers.exchange import write as tables
from digestbot.papers.exchange.journal_macros import journal_of
from digestbot.papers.facts import acceptance, events
from digestbot.papers.facts.listing_days import missing_ids, without_version
from digestbot.papers.identity import identifiers as identity
from digestbot.papers.identity import page_urls as posts
from digestbot.papers.identity import reissues
from digestbot.papers.identity import title_features as words
from digestbot.papers.identity import urls as addresses
from digestbot.papers.text import author_lists, latex, mathml, name_keys
from digestbot.papers.text import clean as text
from digestbot.papers.text import person_names as names
from digestbot.plugins import SOURCES, Kinds
from digestbot.rules import PaperIndex, parse
from digestbot.rules.words import names as name_words
from digestbot.rules.words import stemming
from digestbot.rules.words import tokenizer as tokens
from digestbot.settings import fields as settings_fields
from digestbot.settings.lines import lines_of
from digestbot.sources import known_sites as places
from digestbot.sources import recipes
from digestbot.sources.alerts import below_title
from digestbot.sources.alerts import lines as alert_lines
from digestbot.sources.alerts import links as alert_links
from digestbot.sources.alerts import text_lines as alert_text
from digestbot.sources.formats import detect, furniture, jats, site_names, xml_tree
from digestbot.sources.formats import publisher_feeds as publishers
from digestbot.sources.kinds import page
from digestbot.sources.kinds.alerts import read_mail as alert_mails
from digestbot.sources.values import dates, fields, mail_gateways, mentions
from digestbot.sources.values import standing_marks as marks
from digestbot.transport import refusal, reply_meaning
from digestbot.web.frame import forms

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
Work = Callable[[str], object]


def _bytes(text_: str) -> bytes:
    return text_.encode("utf-8", "replace")


def _paper(said: str) -> Paper:
    return Paper(title=said, summary=said, authors=(said,), venue=said, comment=said, published=PartialDate("2026"))


def _rule(said: str) -> object:
    return parse(said).match(_paper("a title"))


def _source(kind: str, begin: str, end: str) -> Work:
    options = {
        "url": "https://x.example/",
        "categories": ["cs.LG"],
        "issn": ["1234-5678"],
        "query": "x",
        "sets": ["cs"],
        "server": "biorxiv",
        "library": "groups/1",
    }
    made = Kinds(SOURCES)[kind]
    source = made.from_options({k: v for k, v in options.items() if k in {*made.options, "url"}})

    def work(said: str) -> object:
        return source.parse(Response(url="https://x.example/", body=_bytes(begin + said + end), fetched=NOW), NOW)

    return work


def _json_source(kind: str, shape: Callable[[str], object]) -> Work:
    options = {
        "url": "https://x.example/",
        "categories": ["neuroscience"],
        "issn": ["1234-5678"],
        "query": "x",
        "server": "biorxiv",
        "library": "groups/1",
    }
    made = Kinds(SOURCES)[kind]
    source = made.from_options({k: v for k, v in options.items() if k in {*made.options, "url"}})

    def work(said: str) -> object:
        body = _bytes(json.dumps(shape(said)))
        return source.parse(Response(url="https://x.example/", body=body, fetched=NOW), NOW)

    return work


def _refused(work: Callable[[], object]) -> object:
    with suppress(ValueError):
        return work()
    return None


def _mail(said: str) -> object:
    mail = EmailMessage()
    mail["Subject"] = guard.header_value(said)
    return mail


def _mail_of(sender: str, begin: str) -> Work:
    """A mail of this sender whose HTML goes on with the text."""
    return lambda t: alert_mails(
        f"From: {sender}\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n{begin}{t}".encode("utf-8", "replace")
    )


_ITEM = "<rss version='2.0'><channel><title>t</title><item><title>A paper</title><link>https://x.example/1</link>"
_ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title><entry><id>x:1</id><title>A paper</title>"
RECIPES = known_recipes(None)
REQUEST = Request(url="https://x.example/?key=abcdef")

_REPORT = (
    "From: MAILER-DAEMON@x.example\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; "
    'report-type=delivery-status; boundary="b"\n\n--b\n\n{}\n--b\nContent-Type: message/delivery-status\n\n{}\n--b--\n'
)
_RETURNED: tuple[Work, ...] = (
    lambda t: read_returned(_bytes(t)),
    lambda t: read_returned(_bytes(f"From: a@x.example\nSubject: {t}\n\n{t}")),
    lambda t: read_returned(_bytes(f"From: MAILER-DAEMON@x.example\nSubject: Undeliverable\n\n{t}")),
    lambda t: read_returned(_bytes(_REPORT.format("", t))),
    lambda t: read_returned(_bytes(_REPORT.format(t, "Final-Recipient: rfc822;a@x.example\nStatus: 5.1.1"))),
)
#: module → what of it is called. Every module that holds a pattern stands here or in `test_growth.ELSEWHERE`
MEETING: dict[str, tuple[Work, ...]] = {
    "digestbot.papers.text.clean": (text.plain, text.clean, text.visible, text.fold, text.urls_in),
    "digestbot.papers.text.latex": (latex.latex_to_unicode, text.clean, lambda t: latex.script("^", t)),
    "digestbot.papers.text.mathml": (mathml.mathml_to_text, lambda t: text.clean(f"<math>{t}</math>")),
    "digestbot.papers.text.person_names": (
        names.reading_order,
        names.is_body,
        names.are_others,
        names.is_suffix,
        lambda t: names.is_degree_of("Ada", t),
        names.search_forms,
    ),
    "digestbot.papers.identity.reissues": (
        lambda t: reissues.reissue_keys(
            Paper(title=t, summary=t, authors=(t,), published=PartialDate("2026-11-23")), words.features_of(t, (t,)), t
        ),
    ),
    "digestbot.papers.identity.title_features": (lambda t: words.features_of(t, (t,), 2026, t, t), words.trigrams),
    "digestbot.papers.identity.identifiers": (
        identity.doi,
        identity.arxiv_id,
        identity.title_key,
        identity.scheme_value,
        lambda t: identity.normal({"arxiv": t, "doi": t, "pmid": t, "pmcid": t, "acl": t}),
        lambda t: identity.surnames([t]),
        identity.is_preprint_doi,
    ),
    "digestbot.papers.identity.urls": (
        addresses.identifiers_in_url,
        addresses.link_kind,
        lambda t: addresses.identifiers_in_url(f"https://doi.org/{t}"),
        lambda t: addresses.identifiers_in_url(f"https://www.nature.com/{t}"),
        lambda t: addresses.identifiers_in_url(f"https://x.example/?{t}"),
    ),
    "digestbot.papers.facts.acceptance": (acceptance.accepted_at,),
    "digestbot.papers.facts.events": (lambda t: events.events_between(_paper("x"), _paper(t)), lambda t: events.events_between(_paper(t), _paper(t + " a. B")),),
    "digestbot.papers.identity.page_urls": (posts.normalize_page_url, lambda t: posts.feed_guid("https://x.example/a", t), posts.host_of),
    "digestbot.papers.facts.listing_days": (without_version, lambda t: missing_ids([t] * 12)),
    "digestbot.papers.exchange.bibtex": (
        bibtex.read_bibtex,
        bibtex.untex,
        lambda t: list(bibtex.people(t)),
        bibtex.person,
        lambda t: bibtex.read_bibtex(f"@article{{k, title={{{t}"),
        lambda t: bibtex.read_bibtex(f"@article{{k, title={t}}}"),
        lambda t: [library.entry_of(w) for w in bibtex.read_bibtex(f"@article{{k, title={{x}}, note={{{t}}}}}")[0]],
    ),
    "digestbot.papers.exchange.journal_macros": (journal_of,),
    "digestbot.papers.exchange.works": (
        lambda t: library.decoded(_bytes(t)),
        lambda t: [library.entry_of(w) for w in ris.read_ris(f"TY  - JOUR\nTI  - x\nN1  - {t}\nPY  - {t}\nUR  - {t}\nER  - \n")[0]],
    ),
    "digestbot.papers.exchange.ris": (ris.read_ris, lambda t: ris.read_ris(f"TY  - JOUR\nTI  - {t}\nAU  - {t}\nER  - \n")),
    "digestbot.papers.exchange.opml": (
        lambda t: opml.read_opml(_bytes(t)),
        lambda t: opml.read_opml(_bytes(f"<opml><body>{t}</body></opml>")),
        opml.same_feed,
    ),
    "digestbot.papers.exchange.write": (
        lambda t: tables.bibtex([_paper(t)]),
        lambda t: tables.table([_paper(t)]),
        tables.tex,
    ),
    "digestbot.rules.language.lexer": (_rule,),
    "digestbot.rules.language.terms": (_rule, lambda t: _rule(f"upvotes:{t}"), lambda t: _rule(f"published:{t}"), lambda t: _rule(f"au:{t}")),
    "digestbot.rules.language.foreign_syntax": (_rule,),
    "digestbot.rules.evaluation.explain": (lambda t: _rule(f'"{t}"'),),
    "digestbot.rules.words.tokenizer": (tokens.words_of, tokens.folded_words, lambda t: PaperIndex([_paper(t)]).select(parse("a"))),
    "digestbot.digest.rendering.summary": (gist.gist, gist.sentences),
    "digestbot.digest.rendering.text_layout": (columns.wrap, lambda t: columns.wrap(t, "  "), columns.width, lambda t: columns.right(t, "x")),
    "digestbot.digest.selection.schedule": (lambda t: Schedule.parse(t, "UTC"), lambda t: Schedule.parse(f"{t} 07:30", "UTC")),
    "digestbot.digest.feeds": (syndication.xml, syndication.urn),
    "digestbot.digest.rendering.cards": (view.web, lambda t: view.short(t, 90), lambda t: view.authors([t, t], 2)),
    "digestbot.acts.digests.feed_files": (_file_name,),
    "digestbot.mail.header_guard": (guard.header_value, guard.encoded, _mail),
    "digestbot.mail.message": (lambda t: build.mailbox(t, "a@example.org"), addresses_.envelope_address),
    "digestbot.channels.smtp_words": (smtp_words.without_reply, lambda t: smtp_words.masked(t, ["secret"])),
    "digestbot.channels.reply_faults": (lambda t: fault_of("rcpt", 550, "", t), lambda t: fault_of("dot", 554, "", t)),
    "digestbot.mail.return_address": (lambda t: claims_in([t]), unsubscribe_claim),
    "digestbot.mail.addresses": (addresses_.envelope_address, addresses_.address_problem, addresses_.split_mailbox),
    **dict.fromkeys((f"digestbot.mail.bounces.{n}" for n in ("answers", "classify", "decide", "fields", "mime", "read", "wording")), _RETURNED),
    "digestbot.mail.dkim": (dkim.dns_strings, lambda t: dkim.relaxed_body(_bytes(t))),
    "digestbot.papers.text.author_lists": (author_lists.read_authors, author_lists.split_authors),
    "digestbot.papers.text.name_keys": (name_keys.named, name_keys.joined),
    "digestbot.rules.words.names": (name_words.name_readings, name_words.initials_apart),
    "digestbot.rules.words.stemming": (stemming.stem,),
    "digestbot.sources.formats.site_names": (lambda t: site_names.without_site_name([Entry(title=t)] * 3, t),),
    "digestbot.sources.formats.furniture": (furniture.without_furniture,),
    "digestbot.web.frame.forms": (
        lambda t: forms.read_form("application/x-www-form-urlencoded", _bytes(t)),
        lambda t: forms.read_form("multipart/form-data; boundary=b", _bytes(t)),
        lambda t: forms.has_copy(t, '"abc"'),
    ),
    "digestbot.cli.terminal": (terminal.fitted, lambda t: terminal.raw(_bytes(t))),
    "digestbot.cli.logs": (logs.mask,),
    "digestbot.transport.reply_meaning": (
        lambda t: reply_meaning.retry_after({"retry-after": t}, NOW),
        lambda t: reply_meaning.fresh_until({"cache-control": t, "expires": t}, NOW),
        reply_meaning.without_secrets,
    ),
    "digestbot.transport.refusal": (lambda t: refusal.words(_bytes(t), REQUEST), lambda t: refusal.hidden(t, ["abc"])),
    "digestbot.settings.lines": (lines_of,),
    "digestbot.settings.fields": (
        settings_fields.email,
        settings_fields.sender,
        settings_fields.web,
        settings_fields.address,
        settings_fields.label,
        settings_fields.duration,
        settings_fields.rate,
        settings_fields.language,
        settings_fields.listen,
    ),
    "digestbot.sources.values.dates": (dates.date_of,),
    "digestbot.sources.values.fields": (fields.split_names, fields.language, fields.web_address, fields.number),
    "digestbot.sources.formats.jats": (jats.abstract, jats.title, lambda t: jats.abstract(f"<tex-math>documentclass{t}")),
    "digestbot.sources.formats.publisher_feeds": (
        publishers.title_alone,
        publishers.pubmed_abstract,
        lambda t: publishers.described(t, "a title", ("Ada Author",), "10.1000/1"),
    ),
    "digestbot.sources.values.mentions": (mentions.mentions,),
    "digestbot.sources.values.standing_marks": (marks.unmarked,),
    "digestbot.sources.kinds.page": (_source("page", "", ""), lambda t: page.listing_day(t, NOW.date())),
    "digestbot.sources.known_sites": (lambda t: places.feeds_of(_bytes(t), "https://x.example/"), places.known_place),
    "digestbot.sources.recipes": (recipes.slug, RECIPES.at, RECIPES.named),
    "digestbot.sources.formats.xml_tree": (
        lambda t: xml_tree.tree(_bytes(t)),
        lambda t: xml_tree.tree(_bytes(f"<r>&<a {t}>")),
        lambda t: xml_tree.said(xml_tree.tree(_bytes(f"<r>&{t}</r>"))[0]),
    ),
    "digestbot.sources.formats.reply_body": (lambda t: detect.kind_of(Response(url="", body=_bytes(t), fetched=NOW)),),
    "digestbot.sources.formats.detect": (lambda t: detect.kind_of(Response(url="", body=_bytes(t), fetched=NOW)),),
    "digestbot.sources.kinds.arxiv": (
        _source("arxiv", "", ""),
        _source("arxiv", f"{_ITEM}<description>", "</description></item></channel></rss>"),
        _source("arxiv", f"{_ATOM}<summary>", "</summary></entry></feed>"),
    ),
    "digestbot.sources.records.arxiv_paper": (
        _source("arxiv", f"{_ATOM}<arxiv:comment xmlns:arxiv='http://arxiv.org/schemas/atom'>", "</arxiv:comment></entry></feed>"),
    ),
    "digestbot.sources.kinds.oai": (_source("oai", "", ""), _source("oai", "<OAI-PMH><ListRecords><record>", "</record></ListRecords></OAI-PMH>")),
    "digestbot.sources.kinds.pubmed": (_source("pubmed", "", ""), _source("pubmed", "<PubmedArticleSet><PubmedArticle>", "</PubmedArticle></PubmedArticleSet>")),
    "digestbot.sources.kinds.biorxiv": (
        _json_source("biorxiv", lambda t: {"messages": [], "collection": [dict.fromkeys(("title", "abstract", "authors", "date", "doi", "category"), t)]}),
    ),
    "digestbot.sources.kinds.crossref": (
        _json_source(
            "crossref",
            lambda t: {"message-type": "work-list", "message": {"items": [{"DOI": "10.1000/1", "title": [t], "abstract": t, "container-title": [t], "author": [{"family": t}]}]}},
        ),
    ),
    "digestbot.sources.kinds.openalex": (
        _json_source("openalex", lambda t: {"results": [{"id": "https://openalex.org/W1", "title": t, "doi": t}], "meta": {}}),
    ),
    "digestbot.sources.kinds.europepmc": (
        _json_source("europepmc", lambda t: {"hitCount": 1, "resultList": {"result": [{"id": "1", "source": "MED", "title": t, "abstractText": t, "authorString": t}]}}),
    ),
    "digestbot.sources.kinds.openreview": (
        _json_source("openreview", lambda t: {"notes": [{"id": "a", "content": {"title": t, "abstract": t, "authors": [t], "code": t}}]}),
    ),
    "digestbot.sources.kinds.dblp": (
        _json_source("dblp", lambda t: {"result": {"hits": {"@total": "1", "hit": {"info": {"key": "a", "title": t, "authors": {"author": t}, "ee": t, "venue": t}}}}}),
        _source("dblp", "<dblpperson><r><article key='a'><title>", "</title></article></r></dblpperson>"),
        _source("dblp", "<rss><channel><item><link>https://dblp.org/db/conf/", "</link></item></channel></rss>"),
        lambda t: _refused(lambda: Kinds(SOURCES)["dblp"].from_options({"venue": t, "author": t})),
    ),
    "digestbot.sources.kinds.zotero": (
        _json_source("zotero", lambda t: [{"key": "a", "data": {"title": t, "abstractNote": t, "extra": t, "creators": [{"name": t}], "date": t, "url": t}}]),
        lambda t: _refused(lambda: Kinds(SOURCES)["zotero"].from_options({"library": t})),
    ),
    "digestbot.sources.alerts.letter": (_mail_of("contents@wiley.com", ""), _mail_of("a@b.example", "From: a@wiley.com<br>Subject: "), _mail_of("contents@wiley.com", "<a href='https://doi.org/10.1/x'>A title of</a><p>")),
    "digestbot.sources.alerts.google_scholar": (
        _mail_of("scholaralerts-noreply@google.com", "<h3><a class=gse_alrt_title href=x>A title of words</a></h3><div>"),
        lambda t: alert_mails(f"From: scholaralerts-noreply@google.com\nSubject: {t}\n\n<a href={t}>".encode("utf-8", "replace")),
    ),
    "digestbot.sources.alerts.semantic_scholar": (_mail_of("a@semanticscholar.org", "<a class=paper-link href=x>"),),
    "digestbot.sources.alerts.ads": (_mail_of("a@adsabs.harvard.edu", "<a href='"),),
    "digestbot.sources.alerts.web_of_science": (_mail_of("a@clarivate.com", "<p>Title: "), _mail_of("a@clarivate.com", "<a href='webofscience.com/wos/")),
    "digestbot.sources.alerts.sciencedirect": (_mail_of("a@sciencedirect.com", "<p>search alert: "), _mail_of("a@sciencedirect.com", "<a href='")),
    "digestbot.sources.alerts.scopus": (_mail_of("a@scopus.com", "<a href='scopus.com"),),
    "digestbot.sources.alerts.ssrn": (_mail_of("a@ssrn.com", "<a href='ssrn.com"),),
    "digestbot.sources.alerts.pubmed": (lambda t: alert_mails(f"From: a@ncbi.nlm.nih.gov\n\n1: {t}\nPMID: 12345678\n".encode("utf-8", "replace")), _mail_of("a@ncbi.nlm.nih.gov", "<a ref='article_id=1' href=x>A title of words</a><p>"),),
    "digestbot.sources.alerts.jstor": (_mail_of("a@jstor.org", "<a href='jstor.org/stable/"),),
    "digestbot.sources.alerts.contents": (_mail_of("a@nature.com", "<a href='"), _mail_of("a@nature.com", "<a href='https://click.x/'>A title of four words</a><p>")),
    "digestbot.sources.alerts.lines": (alert_lines.lines_of_html, alert_lines.words),
    "digestbot.sources.alerts.text_lines": (alert_text.lines_of_text, lambda t: alert_text.lines_of_text(f"{t}\nhttps://a.example/b\n" * 3)),
    "digestbot.sources.values.mail_gateways": (
        mail_gateways.sent_as, lambda t: mail_gateways.sent_as(f"https://urldefense.com/v3/__https://{t}"),
        lambda t: mail_gateways.sent_as(f"https://linkprotect.cudasvc.com/url?a=https://{t}"),
    ),
    "digestbot.sources.alerts.links": (alert_links.unwrapped, lambda t: alert_links.unwrapped(f"https://click.x/?url=https://{t}")),
    "digestbot.sources.alerts.below_title": (
        lambda t: below_title.read_below([alert_lines.Line(t)]),
        below_title.people,
        below_title.venue_in,
        below_title.day_in,
    ),
    "digestbot.sources.kinds.huggingface": (
        _json_source("huggingface", lambda t: [{"paper": {"id": "2611.00001", "title": t, "summary": t, "authors": [{"name": t}]}}]),
    ),
    "digestbot.sources.kinds.feed": (
        _source("feed", f"{_ITEM}<description>", "</description></item></channel></rss>"),
        _source("feed", f"{_ITEM}<description><![CDATA[", "]]></description></item></channel></rss>"),
        _source("feed", f"{_ATOM}<content type='html'><![CDATA[", "]]></content></entry></feed>"),
        _source("feed", f"{_ITEM}<author>", "</author></item></channel></rss>"),
        _json_source("feed", lambda t: {"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": t, "content_html": t, "url": t}]}),
    ),
}  # fmt: skip


def tolerant(work: Work) -> Work:
    """A refusal is as good as an answer: only its cost is measured, and not that of a result that was kept."""
    itself = getattr(work, "__wrapped__", work)

    def run(said: str) -> None:
        with suppress(DigestbotError, ValueError, TypeError, KeyError):
            itself(said)

    return run
