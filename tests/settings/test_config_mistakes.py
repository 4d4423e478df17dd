"""Broken configurations: each is said with its file, its line, its key and the mend."""

from __future__ import annotations

from pathlib import Path

import pytest
from rows import rows
from test_settings import MAIN, PEOPLE, problems

from digestbot.settings import fields
from digestbot.settings.reading import files

QUERY = "query = '@diffusion AND NOT ti:survey'"
#: file, what is written there, what somebody writes instead, and the first thing that is said
MISTAKES = [
    ('main', 'name = "Lab papers"', 'name = ""',
     'digestbot.toml:3: [site] name: must not be empty'),
    ('main', 'name = "Lab papers"', 'name = 3',
     'digestbot.toml:3: [site] name: wants a text in quotes, not a number'),
    ('main', 'contact = "admin@lab.example"', 'contact = "admin"',
     "digestbot.toml:4: [site] contact: 'admin' is no mail address; it looks like reader@example.org"),
    ('main', 'contact = "admin@lab.example"', 'contact = "mailto:admin@lab.example"',
     "digestbot.toml:4: [site] contact: 'mailto:admin@lab.example' is no mail address; it looks like reader@example.org"),
    ('main', 'time_zone = "Europe/Berlin"', 'time_zone = "CEST"',
     "digestbot.toml:5: [site] time_zone: there is no time zone 'CEST'. IANA names look like Europe/Berlin"),
    ('main', 'time_zone = "Europe/Berlin"', 'timezone = "Europe/Berlin"',
     'digestbot.toml:5: [site] timezone: there is no key "timezone"; did you mean "time_zone"?'),
    ('main', 'time_zone = "Europe/Berlin"', 'base_url = "papers.lab.example"',
     'digestbot.toml:5: [site] base_url: wants an address that begins with https:// (http:// only for this machine itself)'),
    ('main', 'time_zone = "Europe/Berlin"', 'base_url = "http://papers.lab.example"',
     'digestbot.toml:5: [site] base_url: wants an address that begins with https:// (http:// only for this machine itself)'),
    *(('main', 'time_zone = "Europe/Berlin"', f'base_url = "https://{rest}"',
       'digestbot.toml:5: [site] base_url: wants a host and perhaps a path: no user, password, query, blank or other sign (it stands in every mail)')
      for rest in ("bot:pass@lab.example", "lab.example/?a=b", "lab.example/#x", "lab.example/a b", "lab.example/>", "lab.example/<x")),
    ('main', 'time_zone = "Europe/Berlin"', 'name = [' + "[" * 5000 + "]" * 5000 + "]",
     'digestbot.toml: this is no TOML: a number is too long, or arrays stand too deep in each other'),
    ('main', 'time_zone = "Europe/Berlin"', "max = " + "9" * 10_000,
     'digestbot.toml: this is no TOML: a number is too long, or arrays stand too deep in each other'),
    ('main', 'channel = "smtp"', 'channel = "mail"',
     'digestbot.toml:8: [delivery] channel: there is no channel "mail"; did you mean "maildir"?'),
    ('main', 'channel = "smtp"', 'channel = ["smtp"]',
     'digestbot.toml:8: [delivery] channel: wants a text in quotes, not a list'),
    ('main', 'from = "Lab <papers@lab.example>"', '',
     'digestbot.toml:7: [delivery] from: from is missing: write from = "Papers <papers@example.org>"'),
    ('main', 'from = "Lab <papers@lab.example>"', 'from = "Lab papers"',
     "digestbot.toml:9: [delivery] from: 'Lab papers' is no mail address; it looks like reader@example.org"),
    ('main', 'from = "Lab <papers@lab.example>"', 'from = "Lab <papers@lab.example>"\non_unknown = "retry"',
     'digestbot.toml:10: [delivery] on_unknown: "retry" is not possible here; one of: resend, hold'),
    ('main', 'from = "Lab <papers@lab.example>"', 'from = "Lab <papers@lab.example>"\nunknown_after = 15',
     'digestbot.toml:10: [delivery] unknown_after: wants a duration such as "90s", "15m", "1h" or "2d"'),
    ('main', 'from = "Lab <papers@lab.example>"', 'sender = "x@y.example"',
     'digestbot.toml:9: [delivery] sender: there is no key "sender"; one of: channel, from, on_unknown, unknown_after, wait_for_sources, keep_open'),
    ('main', 'host = "smtp.lab.example"', 'host = "smtp.lab.example"\nport = "587"',
     'digestbot.toml:13: [smtp] port: wants a whole number, not a text'),
    ('main', 'host = "smtp.lab.example"', 'host = "smtp.lab.example"\nport = 99999',
     'digestbot.toml:13: [smtp] port: must be from 1 to 65535, not 99999'),
    ('main', 'host = "smtp.lab.example"', 'host = "smtp.lab.example"\nsecurity = "startls"',
     'digestbot.toml:13: [smtp] security: "startls" is not possible here; did you mean "starttls"?'),
    ('main', 'host = "smtp.lab.example"', 'host = "smtp.lab.example"\nsecurity = "none"',
     'digestbot.toml:13: [smtp] security: no credentials without TLS: use "starttls" or "tls" (none is for this machine itself)'),
    ('main', 'password_file = "secrets/smtp"', 'password = "hunter2"',
     'digestbot.toml:14: [smtp] password: a password does not belong into this file: write password_file, or set $DIGESTBOT_SMTP_PASSWORD'),
    ('main', 'password_file = "secrets/smtp"', '',
     'digestbot.toml:13: [smtp] username: a username needs a password: write password_file, or set $DIGESTBOT_SMTP_PASSWORD'),
    ('main', 'rate = "30/m"', 'rate = "30 per minute"',
     'digestbot.toml:15: [smtp] rate: wants a rate such as "1/s", "100/min" or "500/hour"'),
    ('main', 'rate = "30/m"', 'rate = 30',
     'digestbot.toml:15: [smtp] rate: wants a rate such as "1/s", "100/min" or "500/hour"'),
    ('main', 'rate = "30/m"', 'hello = "bot"',
     'digestbot.toml:15: [smtp] hello: \'bot\' is no full host name such as "mail.example.org", and no "[192.0.2.1]"'),
    ('main', 'rate = "30/m"', 'sender = "Bot <bot@example.org>"',
     "digestbot.toml:15: [smtp] sender: 'Bot <bot@example.org>' is no mail address; it looks like reader@example.org"),
    ('main', 'rate = "30/m"', 'connections = 0',
     'digestbot.toml:15: [smtp] connections: must be from 1 to 64, not 0'),
    ('main', 'rate = "30/m"', 'connections = 4.5',
     'digestbot.toml:15: [smtp] connections: wants a whole number, not a decimal number'),
    ('main', 'rate = "30/m"', 'per_day = -1',
     'digestbot.toml:15: [smtp] per_day: must be from 1 to 10000000, not -1'),
    ('main', '[smtp]', '[smtp]\n[smtp]',
     "digestbot.toml:12: this is no TOML: Cannot declare ('smtp',) twice"),
    ('main', 'closes = "11:30"', 'closes = "noon"',
     'digestbot.toml:18: [edition] closes: wants a time of day such as "12:00"'),
    ('main', 'closes = "11:30"', 'closes = 11:30',
     'digestbot.toml:18: this is no TOML: Expected newline or end of document after a statement'),
    ('main', 'closes = "11:30"', 'closes = 11:30:00',
     'digestbot.toml:18: [edition] closes: wants a time of day such as "12:00"'),
    ('main', 'closes = "11:30"', 'sources = ["arxiv-c"]',
     'digestbot.toml:18: [edition] sources: there is no source "arxiv-c"; did you mean "arxiv-cs"?'),
    ('main', 'closes = "11:30"', 'limit = 0',
     'digestbot.toml:18: [edition] limit: must be from 1 to 1000, not 0'),
    ('main', 'closes = "11:30"', "query = 'a AND'",
     'digestbot.toml:18: [edition] query: Nothing stands behind AND.'),
    ('main', 'name = "diffusion"', 'name = "two words"',
     'digestbot.toml:21: [[topics]] "two words" name: wants a short name of letters, digits, dot, dash and underscore'),
    ('main', 'name = "diffusion"', '',
     'digestbot.toml:20: [[topics]] number 1: name is missing: rules may use it as @name'),
    ('main', 'query = \'diffusion OR "flow matching"\'', 'query = \'diffusion OR "flow matching\'',
     'digestbot.toml:22: [[topics]] "diffusion" query: This quotation mark is never closed.'),
    ('main', 'query = \'diffusion OR "flow matching"\'', 'query = ""',
     'digestbot.toml:22: [[topics]] "diffusion" query: must not be empty'),
    ('main', '[[topics]]', '[topics]',
     'digestbot.toml:20: topics: is a list of tables: write [[topics]]'),
    ('main', '[[sources]]', '[sources]',
     'digestbot.toml:24: sources: is a list of tables: write [[sources]]'),
    ('main', 'name = "arxiv-cs"', 'name = "arxiv cs"',
     'digestbot.toml:25: [[sources]] "arxiv cs" name: wants a short name of letters, digits, dot, dash and underscore'),
    ('main', 'kind = "arxiv"', 'kind = "rss"',
     'digestbot.toml:26: [[sources]] "arxiv-cs" kind: there is no kind "rss"; did you mean "feed"?'),
    ('main', 'kind = "arxiv"', '',
     'digestbot.toml:24: [[sources]] "arxiv-cs": kind is missing: feed, arxiv, pubmed, europepmc, crossref … (docs/sources.md), or a plug-in\'s'),
    ('main', 'kind = "arxiv"', 'kind = "feed"',
     'digestbot.toml:27: [[sources]] "arxiv-cs" categories: there is no key "categories"; one of: name, kind, url, every, pause, title, abstracts'),
    ('main', 'categories = ["cs.LG"]', 'categories = "cs.LG"',
     'digestbot.toml:27: [[sources]] "arxiv-cs" categories: categories is a list, for example: categories = ["cs.LG", "cs.CL"]'),
    ('main', 'categories = ["cs.LG"]', 'categories = ["machine learning"]',
     'digestbot.toml:27: [[sources]] "arxiv-cs" categories: categories: \'machine learning\' is no arXiv category; they look like cs.LG, math.AG or quant-ph'),
    ('main', 'categories = ["cs.LG"]', 'category = ["cs.LG"]',
     'digestbot.toml:27: [[sources]] "arxiv-cs" category: there is no key "category"; did you mean "categories"?'),
    ('main', 'categories = ["cs.LG"]', '',
     'digestbot.toml:26: [[sources]] "arxiv-cs" kind: kind = "arxiv" needs categories, for example: categories = ["cs.LG", "cs.CL"]'),
    ('main', 'every = "3h"', 'every = "3 hours"',
     'digestbot.toml:28: [[sources]] "arxiv-cs" every: wants a duration such as "90s", "15m", "1h" or "2d"'),
    ('main', 'every = "3h"', 'every = "0s"',
     'digestbot.toml:28: [[sources]] "arxiv-cs" every: must be from "1m" to "31d": sources are asked politely'),
    ('main', 'every = "3h"', 'url = "rss.arxiv.org"',
     'digestbot.toml:28: [[sources]] "arxiv-cs" url: wants an address that begins with https:// or http://'),
    ('main', 'every = "3h"', 'intervall = "3h"',
     'digestbot.toml:28: [[sources]] "arxiv-cs" intervall: there is no key "intervall"; one of: name, kind, url, every, pause, title, abstracts, categories, look_back'),
    ('main', '[edition]', '[editions]',
     'digestbot.toml:17: editions: there is no table "editions" here; did you mean "edition"?'),
    ('main', '[site]', '[site]\n[store]\nurl = "mysql://x/y"',
     'digestbot.toml:4: [store] url: wants "sqlite:///var/digestbot.db" or "postgresql://user@host/name"'),
    ('main', '[site]', '[store]\nurl = "digestbot.db"\n[site]',
     'digestbot.toml:3: [store] url: wants "sqlite:///var/digestbot.db" or "postgresql://user@host/name"'),
    ('main', '[site]', '[web]\nlisten = "8080"\n[site]',
     'digestbot.toml:3: [web] listen: wants a host and a port such as "127.0.0.1:8080"'),
    ('main', '[site]', '[retention]\nreplies = "for ever"\n[site]',
     'digestbot.toml:3: [retention] replies: wants a duration such as "90s", "15m", "1h" or "2d"'),
    ('main', '[site]', '[fetch]\nallow_private = "yes"\n[site]',
     'digestbot.toml:3: [fetch] allow_private: wants true, or a list of hosts and networks, like ["feeds.intranet", "10.0.0.0/8"]'),
    ('main', '[site]', 'subscribers = 3\n[site]',
     'digestbot.toml:2: subscribers: is a list of tables: write [[subscribers]]'),
    ('people', 'id = "reader"', '',
     'subscribers/lab.toml:2: [[subscribers]] number 1: id is missing: your own short name for them, which stays when their address changes'),
    ('people', 'id = "reader"', 'id = "the reader"',
     'subscribers/lab.toml:3: [[subscribers]] "the reader" id: wants a short name of letters, digits, dot, dash and underscore'),
    ('people', 'email = "reader@lab.example"', 'email = "reader at lab.example"',
     'subscribers/lab.toml:4: [[subscribers]] "reader" email: \'reader at lab.example\' is no mail address; it looks like reader@example.org'),
    ('people', 'email = "reader@lab.example"', '',
     'subscribers/lab.toml:2: [[subscribers]] "reader": email is missing: where digests go'),
    ('people', 'schedule = "mon,thu 08:00"', 'schedule = "mon,thr 08:00"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" schedule: \'thr\' in \'mon,thr 08:00\' is no day. Did you mean "thu"?'),
    ('people', 'schedule = "mon,thu 08:00"', 'schedule = "08:00"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" schedule: \'08:00\' is no schedule. Write "weekdays 07:30", "daily 18:00", "mon,thu 08:00", "monthly 08:00", "monthly 31 08:00" (or last), "every 6h", or a cron line of five fields'),
    ('people', 'schedule = "mon,thu 08:00"', 'schedule = "daily 8am"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" schedule: \'daily 8am\' is no schedule. Write "weekdays 07:30", "daily 18:00", "mon,thu 08:00", "monthly 08:00", "monthly 31 08:00" (or last), "every 6h", or a cron line of five fields'),
    ('people', 'schedule = "mon,thu 08:00"', 'schedule = "every 1m"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" schedule: \'every 1m\' is too often or too seldom. From every 5m to every 366d'),
    ('people', 'schedule = "mon,thu 08:00"', 'time_zone = "Berlin"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" time_zone: there is no time zone \'Berlin\'. Did you mean "Europe/Berlin"?'),
    ('people', 'schedule = "mon,thu 08:00"', 'max_papers = "15"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" max_papers: wants a whole number, not a text'),
    ('people', 'schedule = "mon,thu 08:00"', 'when_empty = "never"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" when_empty: "never" is not possible here; one of: skip, send'),
    ('people', 'schedule = "mon,thu 08:00"', 'topic = "x"',
     'subscribers/lab.toml:5: [[subscribers]] "reader" topic: there is no key "topic"; did you mean "topics"?'),
    ('people', 'limit = 8', 'limit = "8"',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" limit: wants a whole number, not a text'),
    ('people', 'limit = 8', 'mute = "yes"',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" mute: wants true or false, not a text'),
    ('people', 'limit = 8', 'colour = 2',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" colour: there is no key "colour"; one of: name, query, like, follow, threshold, limit, best, mute, weight'),
    ('people', 'limit = 8', 'weight = 11',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" weight: must be from 0.1 to 10, not 11'),
    ('people', 'limit = 8', 'weight = "2"',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" weight: wants a number, not a text'),
    ('people', 'limit = 8', 'best = "fridays"',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" best: \'fridays\' is no rhythm. Write "weekly", "weekly fri" or "monthly", or "no"'),
    ('people', QUERY, '',
     'subscribers/lab.toml:7: reader@lab.example, topic "Diffusion": query is missing: the rule, or like = ["2611.09001", …]'),
    ('people', QUERY, 'like = 3',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" like: wants papers, like ["2611.09001", "10.1000/182"], or a BibTeX file, like "papers.bib"'),
    ('people', QUERY, 'like = ["2611.09001", "scans", "10.1000/1"]',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" like: "scans" is no arXiv id, DOI, PMID or address of a paper'),
    ('people', QUERY, 'like = ["1", "2", "3"]\n  mute = true',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" mute: a topic that has like has no mute: write two topics'),
    ('people', 'limit = 8', 'like = ["1", "2", "3"]',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" query: a topic that has like has no query: write two topics'),
    ('people', QUERY, 'like = ["1", "2", "3"]\n  threshold = 2',
     'subscribers/lab.toml:10: reader@lab.example, topic "Diffusion" threshold: must be from 0.05 to 0.99, not 2'),
    ('people', '[[subscribers.topics]]', '[subscribers.topics]',
     'subscribers/lab.toml:7: [[subscribers]] "reader" topics: is a list of tables: write [[subscribers.topics]]'),
    ('people', '[[subscribers.topics]]', '[[topics]]',
     'subscribers/lab.toml: topics: there is no table "topics" here; one of: subscribers'),
    ('people', '@diffusion', '@difusion',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" query: There is no site topic @difusion.'),
    ('people', 'ti:survey', 'tit:survey',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" query: There is no field "tit:".'),
    ('people', 'AND NOT', 'AND AND',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" query: Nothing stands between AND and AND.'),
    ('people', '@diffusion AND NOT ti:survey', '(@diffusion',
     'subscribers/lab.toml:9: reader@lab.example, topic "Diffusion" query: This bracket is never closed.'),
    ('people', 'name = "Diffusion"', '',
     'subscribers/lab.toml:7: reader@lab.example, topic "1": name is missing: the heading in the mail'),
    ('people', '[[subscribers]]', '[[subscriber]]',
     'subscribers/lab.toml: subscriber: there is no table "subscriber" here; did you mean "subscribers"?'),
    ('people', 'id = "reader"', 'id = "reader"\nid = "again"',
     'subscribers/lab.toml:4: this is no TOML: Cannot overwrite a value'),
    ('people', '[[subscribers]]', '[site]\nname = "x"\n[[subscribers]]',
     'subscribers/lab.toml:2: site: there is no table "site" here; one of: subscribers'),
]  # fmt: skip


@rows(("file", "written", "instead", "says"), MISTAKES)
def test_a_mistake_is_said_with_its_place_and_the_mend(file: str, written: str, instead: str, says: str) -> None:
    texts = {"main": MAIN, "people": PEOPLE}
    assert written in texts[file]
    texts[file] = texts[file].replace(written, instead, 1)
    assert problems(texts["main"], texts["people"])[0] == says


def test_two_files_that_claim_one_address_are_refused() -> None:
    twin = PEOPLE.replace('"reader"', '"twin"').replace("reader@", "Reader@")
    [said] = problems(people=PEOPLE + twin)
    assert "Reader@lab.example stands in subscribers/lab.toml:2 already" in said


@pytest.mark.parametrize("given", ["10.0.0.0/99", "10.0.0", "a b", "http://feeds.intranet", "fd00::/200", ""])
def test_a_network_that_cannot_be_is_said(given: str) -> None:
    with pytest.raises(fields.Wrong):
        fields.private([given])


@pytest.mark.parametrize(
    "given", ["10.0.0.0/8", "feeds.intranet", "intranet", "fd00::/8", "::1", "192.168.1.7", "bücher.intranet"]
)
def test_hosts_addresses_and_networks_may_be_allowed(given: str) -> None:
    assert fields.private([given]) == (given,)


@pytest.mark.parametrize("given", ["https://lab.example", "https://lab.example:8443/papers/", "http://127.0.0.1:8080", "http://[::1]:8080",
                                   "https://bücher.example/x-y_z~1"])  # fmt: skip
def test_addresses_of_pages_are_taken(given: str) -> None:
    assert fields.web(given) == given.rstrip("/")


def test_an_editors_hidden_files_are_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "subscribers").mkdir()
    for name in ("a.toml", ".#a.toml", ".b.toml", "c.toml~"):
        (tmp_path / "subscribers" / name).write_text("")
    assert [path.name for path in files(tmp_path / "digestbot.toml")] == ["digestbot.toml", "a.toml"]
