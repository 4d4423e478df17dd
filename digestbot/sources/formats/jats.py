"""Abstracts and titles in JATS, MathML and publishers' TeX, as plain text. https://jats.nlm.nih.gov/archiving/tag-library/"""

from __future__ import annotations

import re

from digestbot.papers.text.clean import cut, plain, unescape

_HEADING = re.compile(
    r"(?:(?<!\s)\s++)?<(?:jats:)?title[^<>]{0,100}>\s*(?:abstract|summary)\s*+(?:[.:]\s*+)?</(?:jats:)?title>",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<(?:jats:)?title[^<>]{0,100}>([^<]{1,200}?)[\s.:]{0,50}</(?:jats:)?title>", re.IGNORECASE)
_LEADING = re.compile(r"(?:[Aa]bstract|ABSTRACT|[Ss]ummary|SUMMARY)\s*(?:[:.—]\s*|(?=[A-Z]))")
#: one formula written twice: as TeX and as MathML
_MATHML = re.compile(r"<(?:mml:)?math\b"), re.compile(r"</(?:mml:)?math\s*>")
_PREAMBLE = re.compile(r"\\documentclass"), re.compile(r"\\begin\s*\{document\}")
_DOCUMENT_END = re.compile(r"\\end\s*\{document\}")
#: elements that `plain` does not know, for their hyphens
_HYPHENED = re.compile(
    r"</?(?:jats:[a-z]+-[a-z-]+|inline-formula|disp-formula|tex-math|ext-link|named-content)\b[^<>]{0,300}>"
)
#: what publishers' own kinds of XML have in a title, which Crossref passes on
_BREAK = re.compile(r"</?(?:[\w-]+:)?(?:break|inline-graphic)(?=[\s/>])[^<>]{0,300}>", re.IGNORECASE)
_NOTE = re.compile(
    r"<((?:[\w-]+:)?(?:fn|footnote))(?=[\s>])[^<>]{0,300}>(?:[^<]|<(?!\1[\s>])){0,2000}?</\1\s*>",
    re.IGNORECASE | re.DOTALL,
)


def abstract(given: str) -> str:
    """Returns an abstract without its own heading. Headings inside (Methods, Results) become words with a colon."""
    text = unescape(given) if "&lt;jats:" in given or "&lt;p&gt;" in given else given
    text = _HEADING.sub("", text, count=1)
    text = _TITLE.sub(r" \1: ", text)
    return _without_heading(plain(_BREAK.sub(" ", _formulas(text))))


def title(given: str) -> str:
    """A title without markup and notes."""
    return plain(_BREAK.sub(" ", _NOTE.sub("", _formulas(given))))


def _formulas(text: str) -> str:
    text = _HYPHENED.sub("", cut(text, *_MATHML) if "tex-math" in text else text)
    return _DOCUMENT_END.sub("", cut(text, *_PREAMBLE)) if "documentclass" in text else text


def _without_heading(text: str) -> str:
    found = _LEADING.match(text)
    return text[found.end() :] if found and text[:1].isupper() and len(text) > found.end() + 40 else text
