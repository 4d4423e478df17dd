"""Syntax of arXiv's search, PubMed, Gmail, Google, Scopus and Lucene, and how the same is written here.

Each finding says what the syntax means elsewhere and what to write instead. Nothing of it is silently read as words.
"""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

from digestbot.rules.language.fields import ALIASES, DateField, NumberField
from digestbot.rules.language.fields import FIELDS as RULE_FIELDS

#: words that are operators elsewhere, or here in capitals
OPERATORS: Final = {
    "&&": "AND is written AND, or just a space", "&": "AND is written AND, or just a space", "||": "OR is written OR",
    "|": "OR is written OR", "/": "OR is written OR, or a space where all must be there", "+": "AND is just a space",
    "!": "NOT is written NOT, or - before a word",
    "ANDNOT": "arXiv's ANDNOT is written AND NOT", "XOR": "Write (a OR b) AND NOT (a b)",
    "or": 'OR is written in capitals; for the word itself write "or"',
    "and": 'AND is written in capitals, or left out; for the word itself write "and"',
    "not": 'NOT is written in capitals, or -; for the word itself write "not"',
    "Or": "OR is written in capitals", "And": "AND is written in capitals", "Not": "NOT is written in capitals",
    **dict.fromkeys(("WITHOUT", "EXCEPT", "EXCLUDE", "EXCLUDING", "BUT", "NOR"), "To exclude write NOT, or - before a word"),
    "PUBYEAR": "A date is compared: published:>=2026 published:<=2027",
    "TO": "A range is two comparisons: upvotes:>=5 upvotes:<=20",
    **dict.fromkeys(("AND/OR", "and/or", "And/Or"), "OR takes what has both, too: write OR"),
    **dict.fromkeys("¬∧∨∩∪", "Operators are words: AND, OR, NOT"),
}  # fmt: skip

_MIXED: Final = ("and", "or", "not")  #: operators in any other mix of capitals: oR

_NEAR = 'Near is written "two words"~5: at most five words more than the phrase'
_NO_FIELD = "Leave it out: words without a field are looked for in title and abstract"

#: names of fields elsewhere → what to do here
FIELDS: Final = {
    # arXiv
    "all": _NO_FIELD, "jr": "The journal is venue: here", "co": "Comments of the authors are not searched",
    "rn": "Report numbers are not searched; id: finds arXiv ids, DOIs and PMIDs",
    "submitteddate": "A date is compared: published:>=2026-01-01 published:<=2026-01-31",
    "lastupdateddate": "A date is compared: published:>=2026-01-01; version:>1 finds what was revised",
    # Gmail
    "subject": "Gmail's subject: is ti: (the title) here", "from": "Gmail's from: is au: (an author) or src: (a source)",
    "to": "A rule speaks of papers, not of mails; leave it out", "label": "Use cat: for a category, src: for a source",
    "in": "ti: looks in the title, abs: in the abstract; a category is cat:, a source src:",
    "is": "Use has:code, has:votes or a comparison",
    "filename": "Use has:pdf or code:word", "after": "A date is compared: published:>2026-01-31",
    "before": "A date is compared: published:<2026-01-31", "newer": "A date is compared: published:>2026-01-31",
    "older": "A date is compared: published:<2026-01-31",
    "newer_than": "A digest brings only new papers; a fixed date is published:>2026-01-31",
    "older_than": "A digest brings only new papers; a fixed date is published:<2026-01-31",
    "list": "A source is named src: here",
    "since": "A date is compared: published:>=2026", "until": "A date is compared: published:<=2026",
    **dict.fromkeys(("citations", "cites", "cited", "citedby", "citing"), "Citations are not known; upvotes: counts votes"),
    **dict.fromkeys(("and", "or", "not"), "An operator stands alone, in capitals, with a space on each side"),
    # Google and Scholar
    "intitle": "It is ti: here", "allintitle": "It is ti:( ) here, like ti:(sparse attention)", "inauthor": "It is au: here",
    "intext": "It is abs: (the abstract) here; full texts are not searched", "site": "It is src: (a source) here",
    "filetype": "Use has:pdf", "inurl": "Use code: for the address of the code",
    # Zotero, Elasticsearch, Scopus
    "creator": "It is au: (an author) here", "publication": "It is venue: here", "conference": "It is venue: here",
    "collection": "A source is named src: here", "_exists_": "It is has: here, like has:code", "key": _NO_FIELD,
    **dict.fromkeys(("itemtype", "type", "doctype", "kind"), "Kinds of papers are not told apart; leave it out"),
    "auth": "It is au: (an author) here", "affil": "It is aff: (an affiliation) here", "srctitle": "It is venue: here",
    "pubyear": "It is published: here, like published:>=2026", "limit": "A limit is a key of the topic: limit = 8",
    "sort": "The order is not the rule's: papers stand by score, freshness and votes",
    **dict.fromkeys(("size", "larger", "cc"), "A rule speaks of papers, not of mails; leave it out"),
    "url": "Use id:, doi:, or code:word for a word in the code's address",
    # others
    **dict.fromkeys(("orcid", "researcherid"), "It is who: here, like who:0000-0002-1825-0097"),
    **dict.fromkeys(("msc", "pacs", "acm", "jel", "ccs", "ipc"), "Of classifications only cat: is known, like cat:math.AG"),
    **dict.fromkeys(("comment", "note", "annotation"), "Comments of the authors are not searched"),
    **dict.fromkeys(("issn", "isbn", "volume", "issue", "pages", "publisher"), "The journal's name is venue:, the DOI doi:"),
    **dict.fromkeys(("eprint", "arxivid", "paperid"), "It is id: here, like id:2602.00001"),
    **dict.fromkeys(("mh", "majr", "pt", "sh", "nm", "rn_name"), _NO_FIELD),
    "keyword": _NO_FIELD, "keywords": _NO_FIELD, "text": _NO_FIELD, "any": _NO_FIELD,
    "topic": "A site topic is @name; else " + _NO_FIELD[0].lower() + _NO_FIELD[1:],
    **dict.fromkeys(("inst", "institution", "institute", "univ", "university"), "It is aff: (an affiliation) here"),
    "year": "It is published: here, like published:2026 or published:>=2026", "pmid": "It is id: here",
    "name": "It is au: (an author) here", "org": "It is aff: (an affiliation) here", "tag": "It is cat: here",
    "score": "It is upvotes: here, like upvotes:>=20", "likes": "It is upvotes: here, like upvotes:>=20",
    "tiab": _NO_FIELD, "ab": "It is abs: here", "dp": "It is published: here", "mesh": "There are no MeSH terms; " + _NO_FIELD,
}  # fmt: skip

_BARE, _NEAR_HERE, _YEAR = "( ) without a field, for title and abstract", 'near as "two words"~5', "published:>=2026"

#: names that stand before = or a bracket in Web of Science, Scopus, Google and addresses → how it is written here
CALLS: Final = {
    "ti": "ti:( )", "title": "ti:( )", "ab": "abs:( )", "abs": "abs:( )", "abstract": "abs:( )", "au": "au:( )",
    "auth": "au:( )", "author": "au:( )", "ad": "aff:( )", "og": "aff:( )", "affil": "aff:( )", "so": "venue:( )",
    "srctitle": "venue:( )", "wc": "cat:( )", "cat": "cat:( )", "ut": "id:( )", "id_list": "id:2602.00001", "la": "lang:en",
    "do": "doi:10.5555/x", "doi": "doi:10.5555/x", "py": _YEAR, "pubyear": _YEAR, "year": _YEAR, "published": _YEAR,
    **dict.fromkeys(("aff", "affiliation"), "aff:( )"), **dict.fromkeys(("venue", "journal"), "venue:( )"),
    **dict.fromkeys(("src", "source"), "src:( )"), **dict.fromkeys(("lang", "language"), "lang:en"), "category": "cat:( )",
    "id": "id:2602.00001", "has": "has:code",
    "upvotes": "upvotes:>=20", "search_query": "the rule alone", "q": "the rule alone", "query": "the rule alone",
    **dict.fromkeys(("ts", "ak", "key", "title-abs-key", "title-abs"), _BARE),
    **dict.fromkeys(("near", "around", "adj"), _NEAR_HERE),
}  # fmt: skip

#: PubMed's [tags] → the field that stands before the word here
TAGS: Final = {
    "ti": "ti:", "title": "ti:", "au": "au:", "author": "au:", "1au": "au:", "lastau": "au:", "fau": "au:",
    "ad": "aff:", "affiliation": "aff:", "ta": "venue:", "journal": "venue:", "jour": "venue:", "la": "lang:",
    "language": "lang:", "dp": "published:", "pdat": "published:", "edat": "announced:", "pmid": "id:", "uid": "id:",
    "doi": "doi:", "aid": "doi:", "ab": "abs:", "abstract": "abs:",
}  # fmt: skip

_TAG = re.compile(r"\[([A-Za-z0-9/ :~-]+)\]|(?<=[^\s\[])\[([A-Za-z]+)$")
_TAG_END = re.compile(r"(?:Terms?|Type|Publication|Heading|Subheading|Name|Abstract|Author|Date)\]$")
_NAMED = re.compile(r"([A-Za-z_-]+)=")
_COMPARED = re.compile(r"([A-Za-z_]+)(<=|>=|=<|=>|==|=|<|>)(\S+)\Z")
_DOTTED = re.compile(r"[A-Za-z_]+[.-][A-Za-z_.-]*:\S")
_ARXIV = re.compile(r"(?:https?://)?(?:www\.)?arxiv\.org/(?:abs|pdf|html)/([^\s?#]+?)(?:\.pdf)?$", re.IGNORECASE)
_DOI = re.compile(r"(?:(?:https?://)?(?:dx\.)?doi\.org/)?(10\.\d{4,9}/\S+)$", re.IGNORECASE)

#: shapes of a bare word that mean something elsewhere: pattern, what it is, mend
SHAPES: Final = tuple(
    (re.compile(pattern), what, fix)
    for pattern, what, fix in (
        (r"(?:NEAR|ADJ|NEXT|WITHIN|ONEAR)/?\d*$|(?:N|[Ww]|PRE|P)/\d+$", "{} is not an operator here", _NEAR),
        (r".*\+(?:AND|OR|ANDNOT|NOT)\+|.*%2[028B]", "this is a part of an address", "Write spaces for + and %20, and \" for %22"),
        (r".*[（）：～＂！＆｜＝＜＞－＊]", "{} has a full-width sign in it", 'Signs are those of a Latin keyboard: ( ) : " ~ -'),
        (r".*[「」『』《》〈〉‹›‚″]", "a phrase stands in double quotation marks", "Write \"two words\""),
        (r"\[[\d*]|.*[\d*]\]$|\d+\.\.\d+$", "{} is a range of another search", "A range is two comparisons: upvotes:>=5 upvotes:<=20"),
        (r"\[|.*\]$", "{} means nothing here", "Brackets are round: ( )"),
        (r"@", "a site topic has no field and no sign before it", "Write @name alone; in quotation marks it is a word"),
        (r"~", "~ stands directly behind a phrase", _NEAR),
        (r".*\\", "a backslash means nothing here", "Formulas stand in quotation marks: \"$\\alpha$-helix\"; else take it away"),
        (r"[¬∧∨]", "{} is not an operator here", "Operators are words: AND, OR, NOT"),
        (r":", "the colon stands directly behind the field's name", "Write author:name without a space"),
        (r"[{}]", "{} means nothing here", "Brackets are round: ( )"),
        (r"['‘’`]", "a phrase stands in double quotation marks", "Write \"two words\""),
        (r"[–—−‐‑]", "this is a dash, not the minus that excludes", "Write - (the key beside 0), or NOT"),
        (r"!.", "! is not an operator here", OPERATORS["!"]),
        (r".*\|", "| is not an operator here", "OR is written OR"),
        (r"/.+/$", "regular expressions are not read here", "Write a beginning, like transform*, or alternatives with OR"),
        (r".*~\d*(?:\.\d+)?$", "~ is for words near each other, not for similar spelling", 'Write "two words"~5, or a beginning: word*'),
        (r".*\w\w\^\d", "^ (a weight) is not read here", "Take it away; words in the title count more by themselves"),
        (r".*(?:[,;](?:\D|$)|[，；、])", "a comma or semicolon says neither AND nor OR",
         "Write OR between alternatives, a space where all must be there"),
        (r"\*.*\w", "* stands only at the end of a word", "The end of a word cannot be looked for; write the words out with OR"),
        (r".*\*[^*]", "* stands only at the end of a word", "Write a beginning, like behavi*, or OR; quote a sign: \"C*-algebra\""),
        (r".*\w\?\w", "? does not stand for a letter", "Write both words with OR: (woman OR women)"),
        (r".*[<>]", "only counts and dates are compared",
         "With their field each time, for example published:>=2026-01 published:<2026-03, or upvotes:>=20"),
    )
)  # fmt: skip


Finding = tuple[str, str]  #: what the syntax means elsewhere, and how to write it here


def recognize(word: str) -> Finding | None:
    """Returns what a bare word means elsewhere and how to write it here; None for an ordinary word."""
    if _is_ordinary(word):
        return None
    return next((finding for look in _KINDS if (finding := look(word)) is not None), None)


def _is_ordinary(word: str) -> bool:
    """Nearly all words: letters and digits that no search reads as an operator."""
    if not (word.isascii() and word.isalnum()) or word.isupper():
        return False
    return word.lower() not in _MIXED and word not in OPERATORS


def _operator(word: str) -> Finding | None:
    what = f"{word} is not an operator here"
    if word.lower() in _MIXED and word not in OPERATORS:
        return what, OPERATORS[word.lower()]
    plain = normalize("NFKC", word)
    if plain in OPERATORS:
        return what, OPERATORS[plain]
    in_other_letters = plain != word and plain in ("AND", "OR", "NOT")
    return (what, "Operators are written in plain letters: AND, OR, NOT") if in_other_letters else None


def _paper_address(word: str) -> Finding | None:
    if found := _ARXIV.match(word):
        return "an address is not looked for in texts", f"Write id:{found.group(1)}"
    if found := _DOI.match(word):
        return "an identifier is not looked for in texts", f"Write doi:{found.group(1)}"
    if word.lower().startswith(("http://", "https://")):
        return "an address is not looked for in texts", "Use id:, doi:, or code:word for a word in the code's address"
    return None


def _pubmed_tag(word: str) -> Finding | None:
    if tag := _TAG.search(word):
        if word[tag.end() : tag.end() + 1].isalnum():  # benzo[a]pyrene
            return "square brackets mean nothing here", f'In quotation marks they are read as spaces: write "{word}"'
        return tagged(word[: tag.start()], tag.group(1) or tag.group(2))
    if not _TAG_END.match(word):
        return None
    fix = "Leave it out; here a field stands before the word, like ti:word"
    return f"{word} is the end of a field's name as PubMed writes it", fix


def _comparison(word: str) -> Finding | None:
    """`ti=word` and `upvotes>20`."""
    if (named := _NAMED.match(word)) and named.group(1).lower() in CALLS:
        return call_mend(named.group(1), word[named.end() :])
    compared = _COMPARED.match(word)
    how = _how_compared(*compared.groups()) if compared else ""
    return (f"a colon stands between {compared[1]} and {compared[2]}", how) if compared and how else None


def _alternatives(word: str) -> Finding | None:
    if "|" not in word.strip("|"):
        return None
    return "| is not an operator here", f"Write ({' OR '.join(filter(None, word.split('|')))})"


def _dotted_field(word: str) -> Finding | None:
    if not _DOTTED.match(word):
        return None
    fix = "Fields are the short names of docs/rules.md, like ti: abs: au: cat:"
    return f"{word.partition(':')[0]} is no field", fix


def _shape(word: str) -> Finding | None:
    return next(((what.format(word), fix) for pattern, what, fix in SHAPES if pattern.match(word)), None)


#: the kinds of foreign syntax, in the order of docs/rules.md; the first that recognizes a word tells
_KINDS: Final = (_operator, _paper_address, _pubmed_tag, _comparison, _alternatives, _dotted_field, _shape)


def _how_compared(name: str, operator: str, value: str) -> str:
    """Returns the mend of `upvotes>20`; "" when the name is no count or date."""
    meant = {"year": "published", "likes": "upvotes", "score": "upvotes"}.get(name.lower(), name.lower())
    kind = RULE_FIELDS.get(ALIASES.get(meant, meant))
    sign = "" if operator in ("=", "==") else operator
    if meant == "authors" and not value[0].isdigit():
        return f"Write au:{value}"
    return f"Write {meant}:{sign}{value}" if isinstance(kind, NumberField | DateField) else ""


def joined(name: str, operator: str, value: str) -> str:
    """Returns `authors:LeCun` of `authors = LeCun` and `published:>2024` of `year > 2024`; "" when the name is no field."""
    if compared := _how_compared(name, operator, value):
        return compared.removeprefix("Write ")
    return (
        f"{name.lower()}:{value}"
        if operator in ("=", "==") and ALIASES.get(name.lower(), name.lower()) in RULE_FIELDS
        else ""
    )


#: names of fields elsewhere → what stands before the value here, where it is that simple
_SAME: Final = {
    "subject": "ti:", "intitle": "ti:", "allintitle": "ti:", "inauthor": "au:", "creator": "au:", "auth": "au:", "name": "au:",
    "intext": "abs:", "ab": "abs:", "publication": "venue:", "conference": "venue:", "srctitle": "venue:", "jr": "venue:",
    "affil": "aff:", "org": "aff:", "tag": "cat:", "pmid": "id:", "eprint": "id:", "arxivid": "id:", "paperid": "id:",
    "year": "published:", "pubyear": "published:", "dp": "published:", "after": "published:>", "newer": "published:>",
    "before": "published:<", "older": "published:<", "since": "published:>=", "until": "published:<=", "score": "upvotes:>=",
    "likes": "upvotes:>=", "list": "src:", "topic": "",
    **dict.fromkeys(("inst", "institution", "institute", "univ", "university"), "aff:"),
    **dict.fromkeys((name for name, fix in FIELDS.items() if fix == _NO_FIELD), ""),
}  # fmt: skip


def rewritten(name: str, value: str) -> str:
    """Returns the mend of `subject:LLM` in full: ` Write ti:LLM`; "" where it is not that simple."""
    before = _SAME.get(name.lower())
    if before is None or not value or value[0] in "([{":
        return ""
    value = value.strip("<>=") if before.startswith(("published", "upvotes")) else value
    if before.startswith("published") and not re.fullmatch(r"\d{4}(?:[-/]\d\d?){0,2}", value):
        return ""
    return f". Write {before}{value.replace('/', '-') if before.startswith('published') else value}"


def address(word: str) -> tuple[str, str] | None:
    """Recognizes a part of an address: `cs.AI+OR+cat:cs.CL`."""
    _, what, fix = SHAPES[1]
    return (what, fix) if SHAPES[1][0].match(word) else None


def call_mend(name: str, value: str = "") -> tuple[str, str]:
    """Returns the fault of a name of CALLS before = or a bracket."""
    fix = CALLS[name.lower()]
    return f"{name} is not written so here", f"Write {fix.replace('( )', value) if value.isalnum() else fix}"


def tagged(word: str, tag: str) -> tuple[str, str]:
    """Returns the fault of a word or a quoted phrase with PubMed's tag behind it."""
    return f"[{tag}] is PubMed's way to name a field", _tag_mend(word, tag)


def _tag_mend(word: str, tag: str) -> str:
    name = TAGS.get(tag.lower().split(":")[0].strip(), "")
    if not name:
        return f"Leave [{tag}] out: words without a field are looked for in title and abstract"
    if name == "au:" and len(word) < 3:  # of `smith j[au]` only the initial is at hand
        return 'Here the field stands first, and a name is written as spoken: au:"J Smith"'
    if name == "published:" and (years := re.fullmatch(r"([\d/]+):([\d/]+)", word)):
        low, high = (year.replace("/", "-") for year in years.groups())
        return f"Here the field stands first, and a range is two comparisons: published:>={low} published:<={high}"
    return f"Here the field stands before the word: {name}{word or 'word'}"
