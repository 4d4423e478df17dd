"""Client support: which mail programs lack a feature of HTML or CSS, and what their readers see instead. Pure.

The table is our own and only as long as our templates need; tests/mail/test_support.py compares it with the data of
caniemail.com. A row: keys of `mail.lint.features` = caniemail's name | no: programs without it | partly: programs
with some of it | else: the fallback in our templates | with: a key that the page needs too for that fallback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

#: program → how people call it
CLIENTS: Final[Mapping[str, str]] = {
    "gmail.web": "Gmail (web)", "gmail.ios": "Gmail (iOS)", "gmail.android": "Gmail (Android)",
    "gmail.mobile": "Gmail (mobile web)", "apple.mac": "Apple Mail (macOS)", "apple.ios": "Apple Mail (iOS)",
    "outlook.classic": "Outlook (classic)", "outlook.mac": "Outlook (macOS)", "outlook.web": "Outlook (web, new)",
    "outlook.ios": "Outlook (iOS)", "outlook.android": "Outlook (Android)", "yahoo.web": "Yahoo (web)",
    "yahoo.ios": "Yahoo (iOS)", "yahoo.android": "Yahoo (Android)", "proton.web": "Proton (web)",
    "proton.ios": "Proton (iOS)", "proton.android": "Proton (Android)", "thunderbird": "Thunderbird",
}  # fmt: skip
#: how several of one house are written in the table, and how they are called
_GROUPS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "outlook": ("Outlook", ("outlook.classic", "outlook.mac", "outlook.web", "outlook.ios", "outlook.android")),
    "modern": ("Outlook (all but classic)", ("outlook.mac", "outlook.web", "outlook.ios", "outlook.android")),
    "gmail": ("Gmail", ("gmail.web", "gmail.ios", "gmail.android", "gmail.mobile")),
    "gmail.apps": ("Gmail (apps)", ("gmail.ios", "gmail.android")),
    "apple": ("Apple Mail", ("apple.mac", "apple.ios")),
    "yahoo": ("Yahoo", ("yahoo.web", "yahoo.ios", "yahoo.android")),
    "yahoo.apps": ("Yahoo (apps)", ("yahoo.ios", "yahoo.android")),
    "proton": ("Proton", ("proton.web", "proton.ios", "proton.android")),
    "proton.apps": ("Proton (apps)", ("proton.ios", "proton.android")),
}

_TABLE = """
doctype = html-doctype | no proton.apps outlook.classic yahoo.android thunderbird | else tables and inline styles look the same in \
  quirks mode
c:conditional = html-comments
@media = css-at-media | no gmail.mobile outlook.classic thunderbird | partly modern gmail.apps yahoo gmail.web proton.web proton.ios | \
  else the inline style is the phone's; wide screens only get air
@media:prefers-color-scheme = css-at-media-prefers-color-scheme | no gmail yahoo proton outlook.classic thunderbird | else light, or \
  the client's own inversion, for which each text sets its colour beside a background | with p:color
!important = css-important | partly gmail yahoo proton outlook.classic | else written with a space before it, and only inside @media, \
  which the inline style does not need
@supports = css-at-supports | no outlook gmail proton.web proton.ios thunderbird
@font-face = css-at-font-face | no modern gmail yahoo proton.web proton.ios | partly outlook.classic
t:style = html-style | no gmail.mobile | partly gmail.apps proton.apps gmail.web outlook.classic | else the inline style says the same \
  for a narrow, light screen
t:body = html-body | no yahoo.apps proton outlook.mac | partly gmail outlook.web outlook.ios outlook.android yahoo.web | else its \
  class and colour stand once more on the table inside | with a:bgcolor
t:div = html-div
t:p = html-p
t:span = html-span
t:table t:tr t:td t:th = html-table
t:h1 t:h2 t:h3 t:h4 = html-h1-h6
t:strong = html-strong
t:code = html-code
t:ul t:ol t:li = html-lists | partly outlook gmail yahoo
t:hr = html-hr
t:blockquote = html-blockquote
t:pre = html-pre
t:small = html-small
t:abbr = html-abbr | no yahoo outlook.classic | partly proton.android
t:wbr = html-wbr | no gmail.ios outlook.classic | partly gmail.android
t:main t:article t:section t:header t:footer t:nav = html-semantics | no yahoo outlook.classic | partly modern gmail
meta:color-scheme meta:supported-color-schemes = html-meta-color-scheme | no outlook gmail yahoo proton apple.ios | else the dark \
  rules hold without it; it only keeps a client from inverting twice | with @media:prefers-color-scheme
a:align = html-align | partly outlook.mac proton.web | else text-align in the style says the same | with p:text-align
a:valign = html-valign
a:width = html-width | partly outlook.classic | else tables, where it works
a:height = html-height | partly outlook.classic
a:cellpadding = html-cellpadding
a:cellspacing = html-cellspacing
a:dir = html-dir | partly gmail.mobile outlook.classic | else text-align and align stand beside it; letters order themselves
a:lang = html-lang | partly yahoo | else the voice of the client's own language
a:role = html-role | partly yahoo | else a table reads as rows; the order of reading is right without it
a:aria-label = html-aria-label | no yahoo thunderbird | else the link's own word is read, after the title above it
a:aria-hidden = html-aria-hidden | no yahoo thunderbird
a:target = html-target | no gmail yahoo proton outlook.web | partly apple outlook.classic outlook.mac outlook.ios outlook.android \
  thunderbird
a:href=mailto = html-mailto-links | partly yahoo.android proton.android | else the address is the text of the link, or stands in the \
  plain text
a:href=# = html-anchor-links | no yahoo.apps proton.apps gmail.ios | partly yahoo.web
p:background-color = css-background-color
p:background = css-background | partly yahoo outlook.classic
p:border p:border-top p:border-right p:border-bottom p:border-left p:border-color = css-border | partly outlook.classic | else tables \
  and cells, where it works; a badge is bare text there
p:border-collapse = css-border-collapse
p:border-spacing = css-border-spacing | no outlook.classic outlook.mac
p:border-radius = css-border-radius | no outlook.classic | partly yahoo | else corners are square
p:box-shadow = css-box-shadow | no yahoo gmail.web gmail.mobile outlook.classic | partly gmail.apps
p:color-scheme = css-color-scheme | no outlook gmail yahoo proton.apps | else as with the meta element
p:display = css-display | partly gmail.apps yahoo outlook.classic | else inline-block and block only give links air and a tap height
p:display:none = css-display-none | no gmail.mobile | partly outlook.classic | else mso-hide:all for Outlook; a preheader that is \
  shown is one line of titles | with p:mso-*
p:display:flex = css-display-flex | no outlook.classic | partly gmail.apps
p:display:grid = css-display-grid | no outlook.classic | partly gmail.apps
p:font = css-font
p:font-size = css-font-size | partly yahoo outlook.classic | else sizes are in px, which all know
p:font-weight = css-font-weight | partly yahoo outlook.classic | else bold and normal, which all know
p:height = css-height | no yahoo | partly outlook.classic | else line-height says the same | with p:line-height
p:line-height = css-line-height | partly outlook.classic | else mso-line-height-rule:exactly | with c:conditional
p:margin p:margin-top p:margin-right p:margin-bottom p:margin-left = css-margin | partly outlook gmail yahoo | else no negative \
  margins and no auto but on the outer div, for which Outlook has a table of its own | with c:conditional
p:max-height = css-max-height | no outlook.classic | else mso-hide:all hides the preheader | with p:mso-*
p:max-width = css-max-width | partly outlook.classic | else a table of the same width in a comment for Outlook; on a div, for the \
  others | with c:conditional
p:min-width = css-min-width | no outlook.classic
p:opacity = css-opacity | no gmail.mobile outlook.classic
p:overflow = css-overflow | no outlook.classic | partly modern gmail apple yahoo proton | else mso-hide:all hides the preheader; a \
  line of 1 px elsewhere | with p:mso-*
p:overflow-wrap = css-overflow-wrap | no outlook gmail.apps yahoo gmail.web | partly apple proton gmail.mobile
p:padding p:padding-top p:padding-right p:padding-bottom p:padding-left = css-padding | partly outlook.classic | else cells, where it \
  works; links lose tap height in a program with a mouse
p:position = css-position | no gmail outlook.classic outlook.ios | partly apple yahoo outlook.mac outlook.web outlook.android
p:text-align = css-text-align | partly yahoo gmail.android gmail.mobile outlook.classic outlook.android | else align beside it; no \
  start and end | with a:align
p:text-decoration = css-text-decoration | no proton.ios | partly gmail.apps outlook.classic | else one plain value; links keep their \
  colour, titles are bold
p:text-transform = css-text-transform | partly outlook.classic
p:letter-spacing = css-letter-spacing | partly outlook.classic
p:vertical-align = css-vertical-align
p:white-space = css-white-space | no outlook.classic | partly gmail.apps yahoo.apps | else only nowrap, on short words: they may break
p:width = css-width | partly outlook.classic | else the width attribute, or the width of what is inside
p:word-break = css-word-break | no yahoo | partly modern gmail.apps apple proton.apps gmail.mobile | else only words longer than a \
  phone is wide are concerned; then the mail scrolls sideways
p:--* f:var = css-variables | no outlook gmail yahoo
s::hover = css-pseudo-class-hover | no gmail.ios gmail.mobile outlook.classic outlook.ios | partly gmail.android outlook.mac \
  outlook.web | else links look the same under the pointer
s::first-child = css-pseudo-class-first-child | no gmail outlook.classic proton.web proton.ios | partly outlook.mac outlook.web
s::last-child = css-pseudo-class-last-child | no gmail outlook.classic proton.web proton.ios | partly outlook.mac outlook.web
s:attribute = css-selector-attribute | no proton gmail.mobile outlook.classic | partly modern gmail.apps yahoo gmail.web | else \
  [data-ogsc] is for Outlook's dark mode alone, and an extra there
s:chaining = css-selector-chaining | no gmail.mobile outlook.classic outlook.web proton.web proton.ios | partly gmail.apps | else \
  borders of badges keep their light colour
s:class = css-selector-class | no gmail.mobile proton.web proton.ios | partly gmail.apps | else the inline style says the same for a \
  narrow, light screen
s:descendant = css-selector-descendant | no gmail.mobile proton.web proton.ios | partly gmail.apps | else [data-ogsc] rules alone use \
  it
s:child = css-selector-child | no gmail.mobile outlook.classic proton.web proton.ios | partly gmail.apps
s:type = css-selector-type | no gmail.mobile proton.web proton.ios | partly gmail.apps | else the inline style says the same for a \
  narrow, light screen
s:grouping = css-selector-grouping | no gmail.mobile proton.web proton.ios | partly gmail.apps | else the inline style says the same \
  for a narrow, light screen
s:id = css-selector-id | no gmail.mobile proton.web proton.ios | partly gmail.apps
s:universal = css-selector-universal | no gmail.mobile outlook.classic proton.web proton.ios | partly gmail.apps
u:px = css-unit-px
u:% = css-unit-percent
u:em = css-unit-em
u:rem = css-unit-rem | no yahoo outlook.classic
u:vw = css-unit-vw | no outlook.classic
u:pt = css-unit-pt
f:calc = css-unit-calc | no outlook yahoo | partly gmail.apps
f:rgb = css-rgb | partly gmail yahoo outlook.classic
f:rgba = css-rgba | no outlook.classic | partly gmail yahoo
"""
#: as old as mail in HTML, and in no table: every program knows them
_EVERYWHERE: Final = frozenset(
    "t:html t:head t:title t:meta t:a t:br t:b t:i t:em t:sub t:sup t:tbody t:thead t:center a:href=https a:href=http a:charset "
    "a:bgcolor a:color a:http-equiv a:rel p:color p:font-family p:font-style p:mso-* p:white-space:nowrap p:white-space:normal "
    "p:display:block p:display:inline p:display:inline-block p:display:table-cell s::root @charset p:-webkit-text-size-adjust "
    "p:-ms-text-size-adjust p:text-size-adjust meta:viewport meta:robots meta:format-detection "
    "meta:x-apple-disable-message-reformatting".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What mail programs know of one feature. A feature without a name is known by all of them."""

    name: str = ""  #: at caniemail.com
    without: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    fallback: str = ""
    needs: str = ""  #: the key that the fallback stands on


def feature(key: str) -> Feature | None:
    """The row of a key of `mail.lint.features`; None when the table has none."""
    return Feature() if key in _EVERYWHERE else table().get(key)


@cache
def table() -> Mapping[str, Feature]:
    """The table of features by their keys."""
    return {key: made for row in _TABLE.split("\n") if row for keys, made in [_row(row)] for key in keys}


def _row(row: str) -> tuple[list[str], Feature]:
    head, *rest = " ".join(row.split()).split(" | ")
    keys, _, name = head.rpartition(" = ")
    said = {word: text for word, _, text in (part.partition(" ") for part in rest)}
    return keys.split(), Feature(
        name=name.strip(),
        without=_clients(said.get("no", "")),
        partly=_clients(said.get("partly", "")),
        fallback=said.get("else", ""),
        needs=said.get("with", ""),
    )


def _clients(listed: str) -> tuple[str, ...]:
    return tuple(c for name in listed.split() for c in (_GROUPS[name][1] if name in _GROUPS else (name,)))


def called(clients: tuple[str, ...]) -> str:
    """Names of programs for people: `Gmail, Outlook (classic) and Yahoo (apps)`."""
    left, words = set(clients), []
    for label, members in _GROUPS.values():
        if left.issuperset(members):
            words.append(label)
            left.difference_update(members)
    words += [CLIENTS[c] for c in CLIENTS if c in left]
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)
