"""Text as it comes becomes text as it is read: markup and control characters go, letters never do."""

from __future__ import annotations

import html
import re
from unicodedata import category, combining, normalize

from digestbot.papers.latex import latex_to_unicode

#: a tag begins with a letter, a slash or `!`: the `<` of `p < 0.05` and `a<3` is none
_TAG = re.compile(
    r"<(?:!--.*?(?:-->|\Z)|!\[CDATA\[|/?([A-Za-z][A-Za-z0-9:]*)(?:\s[^<>]*|/)?>|[!?][A-Za-z][^<>]*>)", re.DOTALL
)
_HIDDEN = re.compile(r"<(script|style|template)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_TWICE = re.compile(r"&(?:amp;)+(#?\w{1,10};)")
_SPACE = re.compile(r"\s+")
_URL = re.compile(r"https?://[^\s<>\"“”{}|\\^`]+", re.IGNORECASE)
_INLINE = frozenset(
    "a abbr b bdi cite code em font i jats:italic jats:bold jats:sub jats:sup mark q s small span strong sub sup tt u var".split()
)
#: elements that are real HTML, JATS or MathML: anything else between < and > may be text (`List<T>`), and stays
_KNOWN = _INLINE | frozenset(
    "p br hr div li ul ol dl dt dd h1 h2 h3 h4 h5 h6 table thead tbody tfoot tr td th pre blockquote section article header "
    "footer figure figcaption img picture source video audio iframe object embed input button form label nav aside main "
    "details summary center svg math mi mo mn mrow msub msup msubsup mfrac msqrt mtext mstyle mover munder mspace mtable mtr "
    "mtd semantics annotation script style link meta html head body title base wbr ins del kbd samp time address noscript "
    "xml i18n inf sec list font strike big".split()
)


def plain(text: str) -> str:
    """HTML, or text with entities, as one line of plain text. LaTeX is left as it is.

    Unknown "tags" are kept: `List<T>` and `p<0.05` lose no letter.
    """
    if "<" in text or "&" in text:
        text = _without_tags(_HIDDEN.sub(" ", text) if "<" in text else text)
        text = html.unescape(_TWICE.sub(r"&\1", text))
        if "<" in text and "</" in text:  # escaped HTML inside (RSS descriptions)
            text = html.unescape(_without_tags(_HIDDEN.sub(" ", text)))
    return _SPACE.sub(" ", visible(text)).strip()


def _without_tags(text: str) -> str:
    return _TAG.sub(_instead, text)


def _instead(found: re.Match[str]) -> str:
    name = found.group(1)
    if name is None:
        return " "
    local = name.lower().rpartition(":")[2]
    if local not in _KNOWN and not name.lower().startswith("jats:"):
        return found.group()
    return "" if local in _INLINE or local in ("italic", "bold") else " "


def visible(text: str) -> str:
    """Without control, zero-width, soft-hyphen and bidirectional-control characters; line ends become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(c) for c in text)


def _shown(char: str) -> str:
    if char in "\t\n\r\x0b\x0c\x85\u2028\u2029":
        return " "
    kind = category(char)
    return "" if kind in ("Cc", "Cf", "Cs", "Co", "Cn") and char != "\u200d" else char


def clean(text: str) -> str:
    """`plain`, and LaTeX as Unicode where that reads well: `$\\alpha$-GAN &amp; co` → `α-GAN & co`.

    Letters are never lost; cleaning twice changes nothing more.
    """
    read = plain(text)
    for _ in range(4):  # what one pass uncovers (an entity inside LaTeX) the next one reads
        again = plain(latex_to_unicode(read))
        if again == read:
            break
        read = again
    return read


def fold(text: str) -> str:
    """A key form: accents and case gone, everything but letters and digits a single space."""
    apart = normalize("NFKD", text.casefold())
    letters = "".join(c for c in apart if not combining(c))
    return " ".join(re.findall(r"[^\W_]+", letters))


def urls_in(text: str) -> tuple[str, ...]:
    """Web addresses in plain text, without the dot, comma or bracket that belongs to the sentence."""
    found = (_trimmed(m.group()) for m in _URL.finditer(text))
    return tuple(dict.fromkeys(u for u in found if len(u) > len("https://")))


_OPENING = {")": "(", "]": "["}


def _trimmed(url: str) -> str:
    while url and (url[-1] in ".,;:!?'’*…" or url.count(_OPENING.get(url[-1], url[-1])) < url.count(url[-1])):
        url = url[:-1]
    return url
