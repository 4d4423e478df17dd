"""One table of hostile texts, through every way out: mail, page, feeds, table, BibTeX, terminal, log. Each escapes for itself."""

from __future__ import annotations

import csv
import io
import json
import logging
import re
from collections.abc import Set
from datetime import UTC, datetime
from email import message_from_bytes, policy
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from rows import rows

from digestbot.acts.upkeep.retry_quarantined import proof
from digestbot.cli import terminal
from digestbot.cli.logs import JsonLines, Lines
from digestbot.digest import feeds
from digestbot.digest.rendering.renderer import Templates
from digestbot.mail.message import build
from digestbot.model import Link, LinkRel, Paper
from digestbot.papers.exchange import write

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'',
    "end of title": "</title></head><body onload=alert(1)>",
    "svg": "<svg/onload=alert(1)><math><mtext></table><style>@import 'https://evil.example/'",
    "cdata": "]]><x/><![CDATA[",
    "entity": "&lt;script&gt; &#60;script&#62; &amp;amp; &notanentity;",
    "header": "x\r\nBcc: evil@evil.example\r\n\r\nbody",
    "encoded header": "=?utf-8?q?x=0ABcc:_evil@evil.example?=",
    "boundary": "--=_boundary--\r\n--=_",
    "formula": '=HYPERLINK("https://evil.example";"x")',
    "formula at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "formula tab": "\t=1+1",
    "terminal": "\x1b]0;owned\x07\x1b[31m\x1b[2J",
    "c1": "\x9b31m\x90q\x9c",
    "bidi": "\u202egpj.exe\u2066",
    "template": "{{ 7*7 }}{% for x in range(9) %}{{ self.__init__ }}",
    "half a character": "a\ud800b",
    "nul": "a\x00b",
    "line ends": "a\u2028b\x85c\x0bd",
    "tex": "\\input{/etc/passwd}\\write18{id} } , evil = {x",
    "json": '", "evil": "x',
}
BAD_LINKS = (
    "javascript:alert(1)",
    "data:text/html,<script>",
    'https://x.example/" onclick="x',
    "vbscript:x",
    "https://x.example/\r\nX: y",
)


def paper(said: str) -> Paper:
    return Paper(
        title=said, summary=f"{said} We show that it works.", authors=(said, "Ada Author"), venue=said, comment=said, categories=(said,),
        link=BAD_LINKS[0], links=tuple(Link(rel, href) for href in BAD_LINKS for rel in (LinkRel.CODE, LinkRel.PDF)),
    )  # fmt: skip


class Elements(HTMLParser):
    """What a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "background")]


def assert_harmless(html: str, own: str = r"#|\Z", frame: Set[str] = frozenset()) -> None:
    """Nothing in it acts, or leads elsewhere than to the web and to addresses like `own`; `frame`: tags of the page."""
    found = Elements()
    found.feed(html)
    assert not found.tags & ({"script", "svg", "math", "iframe", "object", "embed", "form", "base", "link"} - frame)
    assert not found.handlers
    assert all(re.match(rf"https?://|mailto:|{own}", address) for address in found.addresses), found.addresses


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates.load(None)


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_a_mail_holds_it_as_text_alone(said: str, templates: Templates) -> None:
    digest = proof(paper(said), site="Papers", now=NOW)
    letter = templates.letter(digest)
    data = build(digest, letter, sender="Papers <papers@example.org>", unsubscribe_mailto="").data
    mail = message_from_bytes(data, policy=policy.default)
    assert not {name.lower() for name in mail} & {"bcc", "x", "cc"}
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain, html = (part.get_content() for part in mail.iter_parts())
    assert_harmless(html)
    assert "49" not in re.findall(r"\b49\b", plain)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", plain.replace("\r\n", "\n"))


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_a_page_holds_it_as_text_alone(said: str, templates: Templates) -> None:
    page = templates.web_digest(proof(paper(said), site="Papers", now=NOW))
    assert_harmless(page, own=r"#|/(?!/)", frame={"link"})
    assert page.count("<link") == 2, "the style sheet and the icon"


@rows("said", HOSTILE.values(), ids=HOSTILE)
def test_feeds_hold_it_as_text_alone(said: str) -> None:
    item = feeds.feed_item(paper(said), at=NOW, reason=said)
    feed = feeds.Feed(id="x", title=said, home="", self_url="", description=said, items=(item,), updated=NOW)
    rss, atom = (ET.fromstring(made) for made in (feeds.rss(feed), feeds.atom(feed)))
    assert len(rss.findall("channel/item")) == 1
    assert len(atom.findall(f"{{{feeds.ATOM}}}entry")) == 1
    made = json.loads(feeds.json_feed(feed))
    assert len(made["items"]) == 1
    assert "evil" not in made
    assert_harmless(feeds.content_html(item))
    assert not any(
        link.startswith(("javascript", "data", "vbscript"))
        for link in re.findall(r'"url": ?"([^"]*)', json.dumps(made))
    )


@rows("said", HOSTILE.values(), ids=HOSTILE)
def test_a_table_has_no_formula_and_bibtex_no_field_of_it(said: str) -> None:
    rows = list(csv.reader(io.StringIO(write.table([paper(said)]))))
    assert len({len(row) for row in rows}) == 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    entry = write.bibtex([paper(said)])
    assert not re.search(r"^\s*evil\s*=", entry, re.MULTILINE)
    depth = 0
    for sign in re.findall(r"(?<!\\)[{}]", entry):
        depth += 1 if sign == "{" else -1
        assert depth >= 0
    assert depth == 0
    entry.encode()


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
def test_a_terminal_and_a_log_show_it_on_one_line_and_obey_nothing(
    said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal.say(terminal.table([(said, "x")]))
    shown = capsys.readouterr().out
    assert shown.count("\n") == 1 or "\n" in said or "\u2028" in said
    assert not re.search(r"\x1b(?!\[[0-9;]*m)|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f\u202e]", shown)
    record = logging.LogRecord("digestbot.x", logging.INFO, "", 0, "%s", (said,), None)
    assert Lines().format(record).isprintable()
    assert json.loads(JsonLines().format(record))["level"] == "info"
