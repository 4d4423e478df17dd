"""What stands in a description's HTML and is no text: drawings, scripts, forms, players, share bars."""

from __future__ import annotations

import re
from typing import Final

_DROPPED: Final = frozenset({
    "svg", "script", "style", "form", "button", "select", "textarea", "noscript", "iframe", "object", "audio", "video",
    "canvas", "template", "nav", "map", "figcaption",
})  # fmt: skip
_LONGEST: Final = 600  #: characters of attributes that are looked at
_VOID: Final = frozenset({"input", "embed"})  #: elements without an end tag
#: classes that blogs' software gives to bars of links below a post
_BARS = re.compile(
    r"\b(?:class|id)\s*=\s*[\"']?[^\"'>]*?(?<![\w-])(?:sharedaddy|sd-sharing[\w-]*|share-?(?:bar|buttons?|links?|post)|"
    r"social-?(?:share|sharing|links|icons|media|buttons)[\w-]*|addtoany[\w-]*|a2a_kit|addthis[\w-]*|feedflare|"
    r"jp-relatedposts|related-?posts|wp-caption-text|more-link|read-?more|wp-block-social-links|subscription-widget[\w-]*|subscribe-widget|"
    r"image-link-expand|button-wrapper|captioned-button-wrap|post-navigation)(?![\w-])",
    re.IGNORECASE,
)
#: links that lead on or hand round, wherever they stand
_LINKS = re.compile(
    r"<a\b[^<>]*+>\s*+(?:Read (?:more|on)|(?:Continue|Keep) reading|Read the (?:full|rest|whole|original)\b|"
    r"Weiterlesen|Lire la suite|Leer más|Leia mais|Continua a leggere|続きを読む|阅读全文)[^<>]{0,200}"
    r"(?:<span\b[^<>]*+>[^<>]{0,300}</span>[^<>]{0,50})?</a>(?=[\s→»…]{0,10}(?:</?(?:p|div|br|li|ul|span|a)\b|\Z))|"
    r"<a\b(?=[^<>]*?\bhref\s*=\s*[\"']?(?:mailto:\?|https?://(?:[\w-]{1,20}\.)?(?:(?:twitter|x)\.com/(?:intent|share|home\?)|facebook\.com/shar|"
    r"linkedin\.com/share|reddit\.com/submit|bsky\.app/intent|t\.me/share|wa\.me/\?|api\.whatsapp\.com/send|pinterest\.com/pin/create)))"
    r"[^<>]*+>[^<>]{0,100}(?:<(?:img|i|span)\b[^<>]*+>[^<>]{0,100}(?:</(?:i|span)>)?)?[^<>]{0,100}</a>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([A-Za-z][\w:-]*+)([^<>]*+)>")
_MAYBE = re.compile(
    rf"<(?:{'|'.join(sorted(_DROPPED | _VOID))})\b|shar|social|addt|a2a_|related|feedflare|subscri|-wrap|post-nav|image-link|"
    r"-caption|more-link|read-?more",
    re.IGNORECASE,
)


def without_furniture(html: str) -> str:
    """The HTML without elements that hold no words of the text, each dropped with all inside."""
    html = _LINKS.sub(" ", html) if "<a" in html else html
    if "<" not in html or not _MAYBE.search(html):
        return html
    parts: list[str] = []
    at = deep = begin = 0
    inside = ""
    for tag in _TAG.finditer(html):
        end, name, attributes = tag.group(1), tag.group(2).lower(), tag.group(3)
        if not inside and not end and _is_furniture(name, attributes):
            parts.append(html[at : tag.start()])
            at = begin = tag.end()
            if name not in _VOID and not attributes.endswith("/"):
                inside, deep = name, 1
        elif inside and name == inside:
            deep += -1 if end else not attributes.endswith("/")
            if not deep:
                inside, at = "", tag.end()
    return " ".join([*parts, html[begin if inside else at :]])


def _is_furniture(name: str, attributes: str) -> bool:
    return name in _DROPPED or name in _VOID or (bool(attributes) and _BARS.search(attributes[:_LONGEST]) is not None)
