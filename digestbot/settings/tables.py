"""Tables: the keys of every table, what each takes and how it is read. One declaration for reading, checking and
documenting."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from digestbot.model import Security
from digestbot.settings.fields import (
    Key,
    address,
    clock,
    decimal,
    domain,
    domains,
    duration,
    email,
    filled_label,
    flag,
    hello,
    imap,
    label,
    language,
    likes,
    listen,
    networks,
    often,
    one_of,
    private,
    proxy,
    rate,
    ref,
    rhythm,
    sender,
    some_of,
    store_url,
    text,
    texts,
    web,
    whole,
    words,
)

TABLES: Final[Mapping[str, Mapping[str, Key]]] = {
    "site": {
        "name": Key(filled_label, "what mails and feeds are called"),
        "base_url": Key(web, "address of the web pages; without it mails carry no action links but mailto"),
        "contact": Key(email, "who runs this: in the User-Agent, and the mailto of unsubscribe"),
        "time_zone": Key(text, "IANA name; the day of the edition"),
        "imprint": Key(text, "who answers for the pages: shown on /about; an empty line begins a paragraph"),
        "language": Key(language, "of mails, like en or de; English where there are no texts in it"),
        "root": Key(words, "relative paths start here; by default the folder above this file's"),
        "templates": Key(words, "folder with templates of your own, which win over ours by file name"),
    },
    "store": {
        "url": Key(store_url, "where everything is kept"),
        "queue": Key(one_of("local"), "who does the work: this process"),
    },
    "fetch": {
        "allow_private": Key(private, "true, or hosts and networks inside your own network that may be polled"),
        "proxy": Key(proxy, 'the proxy to the web, or "environment" for HTTPS_PROXY; it then decides about addresses'),
        "parse_seconds": Key(decimal(0.1, 600), "seconds for reading one reply: 10 unless said"),
        "parse_megabytes": Key(whole(64, 65536), "memory for reading one reply: 512 megabytes unless said"),
    },
    "delivery": {
        "channel": Key(words, "how mails go out: smtp, or maildir (files)"),
        "from": Key(sender, "the From of every mail"),
        "on_unknown": Key(one_of("resend", "hold"), "what to do when nobody can know whether a mail arrived"),
        "unknown_after": Key(duration, "when resend resends"),
        "wait_for_sources": Key(duration, "how long a digest waits for sources that are due; 60s unless said"),
        "keep_open": Key(duration, "how long a slot waits while no source can be reached; 6h unless said"),
    },
    "smtp": {
        "host": Key(words, "the mail server", needed=True),
        "port": Key(whole(1, 65535), "587 for starttls, 465 for tls"),
        "security": Key(one_of(*Security), "how the connection is protected; never less"),
        "username": Key(text, "for the login"),
        "password_file": Key(words, "file that holds the password (or $DIGESTBOT_SMTP_PASSWORD)"),
        "hello": Key(hello, "our name in EHLO: a full host name or [an address]; by default the machine's, else the sender's domain"),
        "sender": Key(email, "envelope sender, where bounces go; by default the address of From"),
        "connections": Key(whole(1, 64), "connections at once"),
        "rate": Key(rate, "at most so many messages, like 1/s"),
        "per_day": Key(whole(1, 10_000_000), "at most so many messages in 24 hours"),
    },
    "maildir": {"path": Key(words, "folder for the channel maildir")},
    "bounces": {
        "maildir": Key(words, "Maildir in which mails that come back arrive; read in each round"),
        "imap": Key(imap, "mailbox of its own for them, like imaps://user@imap.example.org/INBOX; read every five minutes"),
        "imap_password_file": Key(words, "file that holds the mailbox's password"),
        "secret_file": Key(words, "file that holds the shared secret of POST /bounces; without it there is no such page"),
    },
    "dkim": {
        "key_file": Key(words, "file that holds the private key, made by digestbot dkim key", needed=True),
        "domain": Key(domain, "d= of the signature; by default the domain of From"),
        "selector": Key(domain, "s= of the signature: the name below _domainkey in DNS"),
    },
    "feeds": {
        "path": Key(words, "RSS, Atom and JSON Feed are written here"),
        "private": Key(one_of("asked", "files"), "feeds of one person: made when asked for, or files too, for who has no web"),
    },
    "web": {
        "listen": Key(listen, "where the pages are served, like 127.0.0.1:8080"),
        "proxies": Key(networks, "addresses or networks of your own proxies: their X-Forwarded-For and -Proto are believed"),
        "monitors": Key(networks, "addresses or networks that may read /metrics; nobody unless said"),
        "hosts": Key(texts, "further host names the pages answer to, beside that of base_url"),
    },
    "admin": {
        "token_file": Key(words, "file that holds the word that opens /admin; without it and header there is none"),
        "header": Key(ref, "header in which one of [web] proxies names who it let in, like X-Remote-User"),
        "users": Key(texts, "names of that header that may; without it all whom the proxy lets in"),
    },
    "signup": {
        "mode": Key(one_of("open", "invitation", "closed"), "who may subscribe by the page: anybody, who has an invitation, nobody"),
        "domains": Key(domains, "only addresses of these domains, and of those below them"),
        "per_address": Key(whole(1, 100), "most confirmation mails to one address in 24 hours; 3 unless said"),
        "per_network": Key(whole(1, 100_000), "most sign-ups from one network (/24, /48) in an hour; 20 unless said"),
        "overall": Key(whole(1, 1_000_000), "most sign-ups in an hour; 1000 unless said"),
    },
    "retention": {
        "replies": Key(duration, "how long replies of sources are kept, for papers rebuild"),
        "receipts": Key(duration, "how long mail servers' words and the ledger of polls are kept"),
    },
    "alerts": {
        "command": Key(words, "run when no mail goes out, and when it does again; the text comes on its stdin"),
        "url": Key(address, "gets the same text by POST"),
        "after": Key(duration, "how long the mail server must have taken nothing; 15m unless said"),
    },
    "enrich": {
        "on": Key(flag, "false: no other service is asked about papers"),
        "providers": Key(
            some_of("arxiv", "crossref", "openalex"), "who is asked: by default arxiv, with a contact the others too"
        ),
    },
    "edition": {
        "query": Key(text, "which papers the daily page shows; empty: every paper"),
        "sources": Key(texts, "only from these sources"),
        "limit": Key(whole(1, 1000), "at most so many"),
        "closes": Key(clock, "when the day's edition is final, in the site's zone"),
        "hold": Key(flag, "true: an edition waits until a curator lets it go"),
        "curators": Key(texts, "ids or addresses of subscribers whose own page lets them pick papers for it"),
    },
    "topics": {
        "name": Key(ref, "rules may use it as @name", needed=True),
        "query": Key(words, "the rule", needed=True),
    },
    "sources": {
        "name": Key(ref, "what you call it", needed=True),
        "kind": Key(words, "feed, arxiv, pubmed, europepmc, crossref … (docs/sources.md), or a plug-in's", needed=True),
        "url": Key(address, "in place of the kind's own address"),
        "every": Key(often, "how often to ask"),
        "pause": Key(duration, "between requests to its host"),
        "title": Key(words, "as people see it"),
        "abstracts": Key(
            one_of("full", "excerpt", "none"), "what its licence lets public pages and feeds show of its abstracts: full unless said"
        ),
    },
    "subscribers": {
        "id": Key(ref, "stable: the address may change", needed=True),
        "email": Key(email, "where digests go", needed=True),
        "name": Key(label, "in the To of the mail"),
        "schedule": Key(words, "weekdays 07:30, daily 18:00, mon,thu 08:00, every 6h, or a cron line"),
        "time_zone": Key(text, "IANA name; by default the site's"),
        "language": Key(language, "of their mails; by default the site's"),
        "max_papers": Key(whole(1, 500), "most papers in one mail; the rest is listed as more"),
        "when_empty": Key(one_of("skip", "send"), "a mail on quiet days?"),
        "updates": Key(one_of("none", "important", "all"), "news of papers you have had: all, important or none"),
        "trending": Key(whole(0, 20), "most papers in the trending section; 0 for none"),
        "discover": Key(whole(0, 20), "most papers that no rule matched and their votes speak for; 0, for none, unless said"),
        "best": Key(rhythm, "only the best, rarely: weekly, weekly fri, monthly; for the topics that say nothing"),
        "length": Key(one_of("full", "short", "titles"), "cards with what was done and found, cards without, titles alone"),
        "mail": Key(flag, "false: no mails; the digests go on in their feed"),
        "topics": Key(lambda value: value, "what they follow"),
    },
    "subscribers.topics": {
        "name": Key(filled_label, "the heading in the mail", needed=True),
        "query": Key(words, "the rule; or write like"),
        "like": Key(likes, "instead of a rule: papers by arXiv id, DOI, PMID or address, or a BibTeX or RIS file"),
        "threshold": Key(decimal(0.05, 0.99), "how like these a paper has to be; 0.8 unless said, more lets fewer through"),
        "limit": Key(whole(1, 500), "most papers of it in one mail"),
        "best": Key(rhythm, "weekly, weekly fri, monthly: only the best of that time; no: everything as it comes"),
        "mute": Key(flag, "true: never show what this rule matches, whatever else does"),
        "weight": Key(decimal(0.1, 10), "how much its papers count against other topics'; 1 unless said"),
    },
}  # fmt: skip

SINGLE: Final = (
    "site",
    "store",
    "fetch",
    "delivery",
    "smtp",
    "maildir",
    "bounces",
    "dkim",
    "feeds",
    "web",
    "admin",
    "signup",
    "retention",
    "alerts",
    "enrich",
    "edition",
)
LISTS: Final = ("topics", "sources", "subscribers")
