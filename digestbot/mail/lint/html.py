"""Lint of a finished HTML page, a mail's or the web's; `mail.lint.message` checks the rest of a mail. Pure.

Severities: readers see an `error`, or it breaks a promise of ours; a `warning` is likely to be one; a `note` names
what some mail programs lack and what their readers get instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from typing import Final, Literal
from urllib.parse import parse_qsl, urlsplit

from digestbot.mail.lint.client_support import called, feature
from digestbot.mail.lint.contrast import LEAST, hexadecimal, pairs
from digestbot.mail.lint.features import described, used
from digestbot.mail.lint.page import Element, Markup, read

Severity = Literal["error", "warning", "note"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "note")
MOST_STYLE = 16_000  #: bytes of all <style>; Gmail drops a block over 16 KB (caniemail html-style, email-bugs#90)
SMALLEST_TEXT = 13  #: pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault and where it stands. `line` is a line of the HTML, or None."""

    severity: Severity
    rule: str
    line: int | None
    what: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Where links may lead. Without `papers`, every address that is no redirect is accepted."""

    base_url: str = ""  #: our own pages
    papers: frozenset[str] | None = None  #: the addresses of the papers in it
    titles: tuple[str, ...] = ()  #: of these
    leave: str = ""  #: where one unsubscribes


def lint_html(html: str, allowed: Allowed | None = None, *, mail: bool = True) -> list[Finding]:
    """All findings, errors first. With `mail` False the page is for the web, and client support is not checked."""
    page = read(html)
    checks: list[Callable[[Markup], Iterable[Finding]]] = [
        _structure, _headings, _tables, _links, _colours, _contrast, _small_text,
    ]  # fmt: skip
    checks += [_style, _support] if mail else []
    found = [finding for check in checks for finding in check(page)]
    strange = page if mail else _without_own(page)
    found += [*_remote(strange), *_leads(strange, allowed or Allowed())]
    return ordered(found)


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by line."""
    return sorted(found, key=lambda f: (SEVERITIES.index(f.severity), f.line or 0, f.rule))


def error(rule: str, line: int | None, what: str, hint: str = "") -> Finding:
    """Seen by readers, or against a promise."""
    return Finding(severity="error", rule=rule, line=line, what=what, hint=hint)


def warning(rule: str, line: int | None, what: str, hint: str = "") -> Finding:
    """A finding that is likely to be a fault."""
    return Finding(severity="warning", rule=rule, line=line, what=what, hint=hint)


def _structure(page: Markup) -> Iterator[Finding]:
    for tag, line in page.unclosed:
        yield error("tags", line, f"<{tag}> is not closed in its turn")
    if not page.doctype:
        yield error("doctype", 1, "no <!DOCTYPE html> at the beginning")
    root = page.named("html")
    if not root or not root[0].attributes.get("lang"):
        yield error("lang", root[0].line if root else 1, "<html> does not say its language", 'lang="en"')
    titles = page.named("title")
    if not titles or not titles[0].text:
        yield error("title", titles[0].line if titles else 1, "no title: screen readers and tabs say it first")
    if not any("charset" in e.attributes for e in page.named("meta")):
        yield error("charset", 1, "no <meta charset>")


def _headings(page: Markup) -> Iterator[Finding]:
    headings = page.named("h1", "h2", "h3", "h4", "h5", "h6")
    first = [h for h in headings if h.tag == "h1"]
    if len(first) != 1:
        yield error("one-h1", first[1].line if first else 1, f"{len(first)} <h1>: a page has one")
    level = 0
    for heading in headings:
        own = int(heading.tag[1])
        if own > level + 1:
            before = f"follows <h{level}>" if level else "comes first"
            yield error("heading-order", heading.line, f"<{heading.tag}> {before}")
        if not heading.text:
            yield error("empty-heading", heading.line, f"<{heading.tag}> without a word")
        level = own


def _tables(page: Markup) -> Iterator[Finding]:
    heads = {around for th in page.named("th") for around in [_table_of(th)] if around}
    for table in page.named("table"):
        silent = table.attributes.get("role") in ("presentation", "none")
        if not silent and table not in heads:
            yield error("table-role", table.line, "a table for layout is read out as a table", 'role="presentation"')
        if silent and table in heads:
            yield error("table-role", table.line, 'a table of data, with <th>, has role="presentation"')
    for th in page.named("th"):
        if "scope" not in th.attributes:
            yield error("th-scope", th.line, "<th> does not say what it heads", 'scope="col" or scope="row"')


def _table_of(element: Element) -> Element | None:
    return next((around for around in element.ancestors() if around.tag == "table"), None)


_EMPTY_WORDS = frozenset("here|click here|click|this|link|this link|more|read more|learn more|details|go".split("|"))


def _links(page: Markup) -> Iterator[Finding]:
    for link in page.named("a"):
        words = link.attributes.get("aria-label") or link.text
        if "href" not in link.attributes:
            yield error("link-href", link.line, f"a link that leads nowhere: {words[:40]!r}")
        if not words.strip():
            yield error("link-text", link.line, f"a link without a word, to {link.attributes.get('href', '')[:60]}")
        elif words.strip(" .…→>»").casefold() in _EMPTY_WORDS:
            yield error("link-text", link.line, f"{words.strip()!r} says nothing about where the link leads")
        label = link.attributes.get("aria-label", "")
        if label and link.text and link.text.strip("↑↓→▲ \xa0").casefold() not in label.casefold():
            yield warning(
                "link-label", link.line, f"aria-label {label[:40]!r} lacks the words that are seen, {link.text!r}"
            )


_ALONE = frozenset(
    "img picture source video audio iframe frame object embed applet script link base form input svg".split()
)
_LOADING = ("src", "srcset", "background", "poster", "data", "action")


def _without_own(page: Markup) -> Markup:
    """The page without what leads to a place in it or on its own site: a page of the web may load and send there."""
    places = {f"#{element.attributes['id']}" for element in page.elements if "id" in element.attributes}

    def own(element: Element) -> bool:
        given = (element.attributes.get(name, "") for name in ("href", "src", "action"))
        return any(path in places or re.match("/(?!/)", path) for path in given)

    def sent_home(element: Element) -> bool:
        return any(own(form) for form in element.ancestors() if form is element or form.tag == "form")

    return replace(page, elements=[element for element in page.elements if not sent_home(element)])


def _remote(page: Markup) -> Iterator[Finding]:
    """Whatever would load, run or send something when the page is opened."""
    unsent = any(e.tag == "form" and not e.attributes.get("action") for e in page.elements)
    alone = _ALONE - ({"form", "input"} if unsent else set())
    for element in page.elements:
        yield from _remote_element(element, alone)
    yield from _remote_styles(page)
    for text, line in page.comments:
        if re.search(r"src=|background=|url\(|<v:fill|@import", text, re.IGNORECASE):
            yield error("remote", line, "a comment for one mail program loads from outside")


def _remote_element(element: Element, alone: Set[str]) -> Iterator[Finding]:
    if element.tag in alone:
        what = _pixel(element) or f"<{element.tag}>: nothing is loaded, run or sent from a mail"
        yield error("remote", element.line, what)
    if element.tag == "meta" and element.attributes.get("http-equiv", "").lower() == "refresh":
        yield error("remote", element.line, "<meta http-equiv=refresh> leads away from the mail")
    for name in _LOADING:
        if element.attributes.get(name):
            yield error("remote", element.line, f"{name}={element.attributes[name][:60]!r} is loaded from outside")
    if on := next((n for n in element.attributes if n.startswith("on")), None):
        yield error("script", element.line, f"{on}= runs a script")


def _remote_styles(page: Markup) -> Iterator[Finding]:
    inline = [(e.attributes["style"], e.line) for e in page.elements if "style" in e.attributes]
    for css, line in (*page.sheets, *inline):
        for found in re.finditer(r"url\(|image-set\(|@import|@font-face|expression\(|\\", css, re.IGNORECASE):
            hides = found.group() == "\\"
            what = "a backslash may hide what is loaded" if hides else f"{found.group()} loads from outside"
            yield error("remote", line + css.count("\n", 0, found.start()), what)


def _pixel(image: Element) -> str:
    small = {"0", "1", "0px", "1px"}
    sizes = {image.attributes.get("width"), image.attributes.get("height")}
    return "<img> of one pixel: readers are not counted" if image.tag == "img" and sizes & small else ""


_TOLD_COLOUR = re.compile(
    r"(?:#(?:[0-9a-f]{3}|[0-9a-f]{6})|rgb\(\s*\d+\s*,\s*\d+\s*,\s*\d+\s*\)|var\([^()]+\)|white|black|inherit|transparent|none|"
    r"canvas|canvastext)(?:\s*!important)?",
    re.IGNORECASE,
)


def _colours(page: Markup) -> Iterator[Finding]:
    """Findings for colours whose contrast cannot be computed: named ones and translucent ones."""
    told = [(d, e.line) for e in page.elements for d in e.style]
    told += [(d, rule.line) for rule in page.rules for d in rule.declarations]
    for found, line in told:
        if found.name in ("color", "background", "background-color") and not _TOLD_COLOUR.fullmatch(
            found.value.strip()
        ):
            yield error(
                "colour", line, f"{found.name}: {found.value[:40]} has a contrast that cannot be told", "Write #rrggbb"
            )
        if found.name == "opacity" and found.value.strip() != "1":
            yield error(
                "colour",
                line,
                f"opacity: {found.value[:20]} has a contrast that cannot be told",
                "Write the colour itself",
            )
    for font in page.named("font"):
        yield error("colour", font.line, "<font> is not looked at", "a style attribute")


def _contrast(page: Markup) -> Iterator[Finding]:
    for pair in pairs(page):
        if pair.ratio < LEAST:
            yield error(
                "contrast", pair.line,
                f"{hexadecimal(pair.ink)} on {hexadecimal(pair.ground)} in {pair.scheme} is {pair.ratio:.1f}:1 for {pair.text!r}",
                f"at least {LEAST}:1",
            )  # fmt: skip


def _small_text(page: Markup) -> Iterator[Finding]:
    told: set[str] = set()
    for element, text, line in page.texts:
        size = next((found for e in element.ancestors() for d in e.style if (found := _size(d.name, d.value))), None)
        hidden = any(d.name == "display" and d.value == "none" for e in element.ancestors() for d in e.style)
        if size and size[1] < SMALLEST_TEXT and text.strip("\xa0\n ") and not hidden and size[0] not in told:
            told.add(size[0])
            yield warning("small-text", line, f"text of {size[0]}", f"at least {SMALLEST_TEXT}px")


def _size(name: str, value: str) -> tuple[str, float] | None:
    """A size of text as it is written, and in pixels."""
    if name not in ("font-size", "font") or not (found := _SIZE.search(value)):
        return None
    return found.group(), float(found[1]) * {"px": 1, "pt": 4 / 3, "em": 16, "rem": 16, "%": 0.16, "": 1}[
        found[2].lower()
    ]


_SIZE = re.compile(r"(?<![\w.#-])((?:\d*\.)?\d+)(px|pt|rem|em|%|(?=\s*(?:!|\Z)))", re.IGNORECASE)


_DROPPED: Final = (
    (r"/\*", "style-comment", "in <style>: Yahoo loses the rule behind it"),
    (r"(?<=\S)!\s*important|!\s+important", "important", "without one space before it: Outlook loses the rule"),
    (r"@[A-Za-z-]*[A-Z][A-Za-z-]*|![A-Za-z]*[A-Z]", "style-case", "in capitals: Gmail and Yahoo lose the rule"),
)


def _style(page: Markup) -> Iterator[Finding]:
    """What Gmail and Outlook drop of a style sheet: caniemail html-style, css-comments, css-important."""
    size = sum(len(css.encode()) for css, _ in page.sheets)
    if size > MOST_STYLE:
        yield error("style-size", page.sheets[0][1], f"{size:,} bytes in <style>; Gmail drops more than 16 KB")
    for css, line in page.sheets:
        for pattern, rule, what in _DROPPED:
            for found in re.finditer(pattern, css, re.IGNORECASE if rule == "important" else 0):
                yield error(rule, line + css.count("\n", 0, found.start()), f"{found.group()} {what}")
    for element in page.named("style"):
        if not any(e.tag == "head" for e in element.ancestors()):
            yield error("style-place", element.line, "<style> outside of <head>: Gmail and Proton lose it")


#: as old as CSS: what knows the property knows them
_SAFE_VALUES: Final = frozenset(
    f"p:{name}:{value}" for name, values in (
        ("display", "block inline inline-block none"), ("float", "left right none"), ("position", "static"),
        ("white-space", "normal nowrap"),
    ) for value in values.split()
)  # fmt: skip


def _support(page: Markup) -> Iterator[Finding]:
    keys = used(page)
    for key, line in keys.items():
        known = feature(key)
        name = described(key)
        if known is None:
            if key not in _SAFE_VALUES:
                what = f"which mail programs know {name} is not in the table"
                yield warning("unknown", line, what, "digestbot/mail/lint/client_support.py")
            continue
        lacking = _lacking(known.without, known.partly)
        if not lacking:
            continue
        if not known.fallback:
            yield warning(
                "support", line, f"{name}: {lacking}", "do without it, or name what their readers see instead"
            )
        elif known.needs and known.needs not in keys:
            yield error("fallback", line, f"{name}: {lacking}; its fallback needs {described(known.needs)} in the page")
        else:
            yield Finding(severity="note", rule="support", line=line, what=f"{name}: {lacking}", hint=known.fallback)


def _lacking(without: tuple[str, ...], partly: tuple[str, ...]) -> str:
    return "; ".join(
        [f"not in {called(without)}"] * bool(without) + [f"in part only in {called(partly)}"] * bool(partly)
    )


#: hosts whose addresses hide where they lead; a DOI resolves to what it names, and is a paper's real address
_REDIRECTORS = re.compile(
    r"(?:^|\.)(?:bit\.ly|t\.co|goo\.gl|tinyurl\.com|ow\.ly|lnkd\.in|buff\.ly|is\.gd|feedproxy\.google\.com|feedburner\.com|"
    r"list-manage\.com|mailchi\.mp|sendgrid\.net|mandrillapp\.com|mailgun\.org|hubspotlinks\.com|safelinks\.protection\.outlook\.com|"
    r"rs6\.net|cmail\d+\.com|mjt\.lu|sparkpostmail\.com|awstrack\.me)$|^(?:click|clicks|links?|track|trk|email|go|r|l)\."
)


def _leads(page: Markup, allowed: Allowed) -> Iterator[Finding]:
    for link in page.named("a"):
        href = link.attributes.get("href", "")
        if "href" in link.attributes and (what := _wrong(href, allowed)):
            yield error("link", link.line, f"{href[:80]!r} {what}")
    if allowed.leave and not any(link.attributes.get("href") == allowed.leave for link in page.named("a")):
        yield error(
            "unsubscribe", None, "no link in the text to unsubscribe", "{{ leave }}{{ leave_mail }} in digest.html"
        )
    papers = (allowed.papers or frozenset()) - {""}
    if papers and not any(link.attributes.get("href") in papers for link in page.named("a")):
        yield error(
            "papers", None, "no link leads to a paper of the digest", "{{ cards }} and {{ titles }} in section.html"
        )


_REDIRECT = "is a redirect: links are the real ones"


def _is_ours(href: str, base_url: str) -> bool:
    return bool(base_url) and (href == base_url or href.startswith(f"{base_url}/"))


def _wrong(href: str, allowed: Allowed) -> str:
    """Why a link must not lead there; "" when it may."""
    if href.startswith("mailto:"):
        return "" if "@" in href else "is no address"
    try:
        parts = urlsplit(href)
        host = parts.hostname or ""
    except ValueError:
        return "is no address"
    elsewhere = any(v.startswith(("http:", "https:")) for _, v in parse_qsl(parts.query))
    if _is_ours(href, allowed.base_url):
        return _REDIRECT if elsewhere else ""
    if parts.scheme not in ("https", "http") or not host:
        return "leads neither to the web nor to a mailbox"
    if elsewhere or _REDIRECTORS.search(host):
        return _REDIRECT
    if re.search(r"[?&](?:utm_[a-z]+|mc_[ce]id|fbclid|gclid)=", href):
        return "counts clicks"
    if allowed.papers is not None and href not in allowed.papers:
        return "is neither an address of a paper in this mail nor a page of ours"
    return ""
