"""Terms: a word, a phrase or a value with its field becomes a node of the tree, or a fault that names the mend."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from digestbot.model import PartialDate
from digestbot.rules.language import foreign_syntax
from digestbot.rules.language.fields import ALIASES, DEFAULT, FIELDS, HAS, CodeField, DateField, NumberField, TextField
from digestbot.rules.language.syntax_tree import Code, Compare, Has, Node, Or, Term
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import is_ideograph, words_of

MOST_WORDS = 32  #: of a phrase
WIDEST = 100  #: of near
LONGEST_WORD = 300  #: characters: a DOI may be long

ANYWHERE = FIELDS["ti"]  #: how a term without a field is read
NAMES = frozenset({*FIELDS, *ALIASES, "has"})

_COMPARISON = re.compile(r"(<=|>=|=<|=>|==|!=|<|>|=|[≤≥＜＞＝≠])?(.*)\Z", re.DOTALL)
_OTHER_SIGNS = {"≤": "<=", "≥": ">=", "＜": "<", "＞": ">", "＝": "=", "≠": "!="}
_SUFFIX = re.compile(r"\s*(?:jr|sr|ii|iii|iv)\.?\s*", re.IGNORECASE)
_NEAR = re.compile(r"~([0-9]{1,4})\Z")
_ADDRESSES = re.compile(r"^(https?://(dx\.)?doi\.org/|https?://arxiv\.org/(abs|pdf)/|doi:|arxiv:)", re.IGNORECASE)
_ROUNDED = re.compile(r"v?([0-9]{1,3}(?:[,.’'_][0-9]{3})*)(k?)\+?\Z")
_RELATIVE = re.compile(
    r"-?\d+ ?(?:d|w|m|y|days?|weeks?|months?|years?)|today|now\S*|yesterday|last|this|recent", re.IGNORECASE
)
_SLOPPY_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?\Z", re.ASCII)


class Fault(Exception):
    """Why a term cannot be read, and the mend. The parser adds the position."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


@lru_cache(maxsize=65536)  # people ask for the same things: the same text is the same node
def term_node(name: str, text: str, quoted: bool, exact: bool, tail: str) -> Node:
    """Returns the node of one term. `name` is a known field or ""; `tail` is what stands directly behind a phrase.

    Raises Fault.
    """
    field = ALIASES.get(name, name)
    if not quoted and len(text) > LONGEST_WORD:
        raise Fault(f"a word may have {LONGEST_WORD} characters, this one has {len(text)}", "Shorten it")
    if tail and not isinstance(FIELDS.get(field, ANYWHERE), TextField):
        raise Fault(f"{tail} behind a quotation mark is for words in texts", f"Write {name}: with a value alone")
    if field == "has":
        return _has(text)
    match FIELDS.get(field):
        case CodeField():
            return _code(field, text, quoted=quoted)
        case NumberField():
            return _number(field, text, exact=exact)
        case DateField():
            return _date(field, text, exact=exact)
        case TextField():
            return _text((field,), text, quoted=quoted, exact=exact, tail=tail)
        case _:
            return _text(DEFAULT, text, quoted=quoted, exact=exact, tail=tail)


def unknown_field(name: str) -> Fault:
    """Returns the fault of an unknown field: with the nearest name, or what it is called here."""
    lower = name.lower()
    what = f'there is no field "{name}:"'
    if lower in foreign_syntax.FIELDS:
        return Fault(what, foreign_syntax.FIELDS[lower])
    if near := get_close_matches(lower[:40], sorted(NAMES), 1, 0.5):
        return Fault(what, f"Did you mean {near[0]}: ({_help(near[0])})?")
    return Fault(what, f'Fields: {", ".join(sorted(NAMES))}; for the words themselves write "{name} …"')


def example(name: str) -> str:
    """Returns an example of a known field."""
    if name.lower() == "has":
        return "has:code"
    match FIELDS[ALIASES.get(name.lower(), name.lower())]:
        case CodeField():
            return f"{name}:{_EXAMPLES[ALIASES.get(name.lower(), name.lower())]}"
        case NumberField():
            return f"{name}:>=10"
        case DateField():
            return f"{name}:>=2026-01-31"
        case _:
            return f'{name}:word, {name}:"two words" or {name}:(this OR that)'


def _help(name: str) -> str:
    if name == "has":
        return "something is there, like has:code"
    return FIELDS[ALIASES.get(name, name)].help


def _has(text: str) -> Node:
    what = text.lower()
    if what in HAS:
        return Has(what)
    if "," in what:
        raise Fault(f"has:{text} is not known", f"Write has:({' OR '.join(filter(None, what.split(',')))})")
    near = get_close_matches(_SAME.get(what, what)[:40], HAS, 1)
    hint = f"Did you mean has:{near[0]}?" if near else f"One of: {', '.join(f'has:{h}' for h in HAS)}"
    raise Fault(f"has:{text} is not known", hint)


#: what people call the things that has: knows
_SAME = {
    "github": "code",
    "repo": "code",
    "repository": "code",
    "summary": "abstract",
    "journal": "venue",
    "conference": "venue",
}


def _code(name: str, text: str, *, quoted: bool) -> Node:
    if not quoted and text[:1] == "-":
        raise _misplaced_minus((name,), text)
    value = text.strip().casefold()
    if name in ("id", "doi"):
        value = _ADDRESSES.sub("", value)
    prefix = value.endswith("*") and not quoted
    value = value.rstrip("*") if prefix else value
    if not value:
        raise Fault(f"{name}: needs a value", f"For example {name}:{_EXAMPLES.get(name, 'name')}")
    if not quoted and "*" in value:
        raise Fault(
            f"{name}: takes one value, or its beginning",
            f"Only the end is left open: {name}:{_BEGINNINGS.get(name, 'name*')}",
        )
    if not quoted and (found := foreign_syntax.address(text)):
        raise Fault(*found)
    if not quoted and (value[-1] in ",;" or (name not in ("id", "doi") and re.search("[,;]", value))):
        several = " OR ".join(filter(None, re.split("[,;]", text))) if value[-1] not in ",;" else "a OR b"
        raise Fault(
            f"{name}: takes one value, or its beginning with * at the end", f"Write {name}:({several}) for several"
        )
    return Code(name, value, prefix)


_BEGINNINGS = {"cat": "cs.*", "src": "arxiv*", "id": "2602.*", "doi": "10.5555/*", "lang": "en*"}
_EXAMPLES = {"cat": "cs.CV", "src": "arxiv-cs", "id": "2602.00001", "doi": "10.5555/x", "lang": "en"}


def _compared(name: str, text: str, *, exact: bool) -> tuple[str, str]:
    """Splits a comparison into operator and value."""
    found = _COMPARISON.match(text)
    assert found is not None  # everything in it is optional
    operator, value = _OTHER_SIGNS.get(found.group(1) or "=", found.group(1) or "="), found.group(2).strip()
    if operator != (found.group(1) or "="):
        raise Fault(f"{found.group(1)} is written {operator}", f"Write {name}:{operator}{value}")
    if exact and operator != "=":  # an = stood before
        raise Fault(f"= and {operator} are two comparisons", f"Write {name}:{operator}{value}")
    if operator == "!=":
        raise Fault("!= is not an operator here", f"Write -{name}:{value}")
    if ".." in value:
        low, _, high = value.partition("..")
        raise Fault("a range is written as two comparisons", f"Write {name}:>={low} {name}:<={high}")
    return {"=<": "<=", "=>": ">=", "==": "="}.get(operator, operator), value


def _number(name: str, text: str, *, exact: bool) -> Node:
    operator, value = _compared(name, text, exact=exact)
    if value.isascii() and value.isdecimal() and len(value) <= 9:
        return Compare(name, operator, number=int(value))
    sign = "" if operator == "=" else operator
    if value[:1] in ("[", "{", "("):
        fix = f"A range is two comparisons: {name}:>=5 {name}:<=20"
    elif name in _COUNTED and re.fullmatch(r"[^\W\d].*", value) and not re.fullmatch(r"v\d+", value):
        fix = f"{name}: counts them; {_COUNTED[name]}:{value} looks for this one"
    elif plain := _ROUNDED.match(value):
        plus = ">=" if value.endswith("+") else sign
        fix = f"Write {name}:{plus}{re.sub(r'[^0-9]', '', plain[1])}{'000' if plain[2] else ''}"
    elif bounds := re.fullmatch(r"(\d+)-(\d+)", value):
        fix = f"Write {name}:>={bounds[1]} {name}:<={bounds[2]}"
    elif value.endswith("*") or value == "any":
        fix = f"{name}:>=0 is true wherever the count is known"
    elif value[:1] == "-":
        fix = f"A count is never below 0; to exclude write -{name}:{value[1:]}"
    else:
        fix = f"A whole number of up to nine digits, for example {name}:>=10"
    raise Fault(f"{name}: wants a number, not {value!r}", fix)


#: a field that counts → the one that holds what is counted
_COUNTED = {"authors": "au", "sources": "src"}


def _date(name: str, text: str, *, exact: bool) -> Node:
    operator, value = _compared(name, text, exact=exact)
    try:
        return Compare(name, operator, date=PartialDate(value))
    except ValueError:
        raise Fault(f"{name}: wants a date, not {value!r}", _date_mend(name, operator, value)) from None


def _date_mend(name: str, operator: str, value: str) -> str:
    sign = "" if operator == "=" else operator
    if value.startswith(("[", "{")) or " to " in value.lower():
        return f"A range is two comparisons: {name}:>=2026-01-01 {name}:<=2026-01-31"
    if value.endswith((",", ";")):
        return f"Leave the {value[-1]} out: {name}:{sign}{value[:-1]}"
    if years := re.fullmatch(r"(\d{4})[-–/](\d{4})", value):
        return f"Write {name}:>={years[1]} {name}:<={years[2]}"
    if found := re.fullmatch(r"(\d{4})(\d\d)(\d\d)", value):
        return f"Write {name}:{sign}{'-'.join(found.groups())}"
    if found := re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", value):
        return f"The year stands first, for example {name}:{sign}{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
    if _RELATIVE.fullmatch(value):
        return f"A date is fixed, for example {name}:>=2026-01-31; a digest brings only new papers by itself"
    if found := _SLOPPY_DATE.match(value):
        written = "-".join([found[1], *(part.zfill(2) for part in found.groups()[1:] if part)])
        try:
            return f"Write {name}:{sign}{PartialDate(written)}"
        except ValueError:
            return f"There is no such day; for example {name}:>=2026-01-31"
    return f"Year, month and day with two digits each, for example {name}:>=2026-01-31 or {name}:2026"


def _text(fields: tuple[str, ...], text: str, *, quoted: bool, exact: bool, tail: str) -> Node:
    prefix = text.endswith("*") or tail == "*"
    body = text.rstrip("*") if prefix else text
    if fields == ("code",):
        body = body.removeprefix("https://").removeprefix("http://")
    if not quoted:
        _refuse_bare(fields, text, body)
    elif "*" in body:
        raise Fault("* stands only at the end of a phrase", 'Write "two word*", or single words: word* other*')
    near = _near(tail)
    if near is not None and prefix:
        raise Fault("near (~) takes whole words", 'Leave the * out, or write several: ("a b"~5 OR "a c"~5)')
    bodies = [body]
    if fields == ("au",) and quoted and near is None and not exact and not prefix:
        bodies += _as_spoken(body)
    cuts = [words_of(one) for one in bodies]
    _check(text, cuts[0].folded, prefix)
    terms = [Term(fields, c.folded, tuple(map(stem, c.folded)), exact=exact, prefix=prefix, near=near) for c in cuts]
    return Or(tuple(terms)) if len(terms) > 1 else terms[0]


def _refuse_bare(fields: tuple[str, ...], text: str, body: str) -> None:
    """Raises Fault for a value without quotation marks that is no word; `body` is `text` without its `*`."""
    if text[:1] == "-":
        raise _misplaced_minus(fields, text)
    if text in ("AND", "OR", "NOT"):  # the lexer takes them for operators where no field stands before them
        term = "=word" if fields == DEFAULT else f"{fields[0]}:word"
        fix = f'Write {text} {term}; the word itself is "{text.lower()}"'
        raise Fault(f"{text} stands before a term, not in it", fix)
    if fields == ("au",) and re.search("[,;]", text):
        raise Fault("a comma or semicolon says neither AND nor OR", 'Write a name as it is spoken: au:"J Smith"')
    if found := foreign_syntax.recognize(body):
        raise Fault(*found)


def _as_spoken(name: str) -> list[str]:
    """`Geoffrey Hinton` for `Hinton, Geoffrey`, which few papers have so; nothing for `John Smith, Jr.`"""
    family, comma, given = name.partition(",")
    turned = comma and words_of(family).folded and words_of(given).folded and "," not in given
    return [f"{given} {family}"] if turned and not _SUFFIX.fullmatch(given) else []


def _misplaced_minus(fields: tuple[str, ...], text: str) -> Fault:
    if fields != DEFAULT:
        return Fault("- stands before the field, not behind it", f"Write -{fields[0]}:{text.lstrip('-') or 'word'}")
    return Fault(
        "- excludes what stands directly behind it", f"Write one - and no space: -{text.lstrip('-') or 'word'}"
    )


def _check(text: str, folded: tuple[str, ...], prefix: bool) -> None:
    if not folded:
        fix = "To ask for nearly everything write has:abstract" if "*" in text else "Take it away, or write a word"
        raise Fault(f"{text!r} has no letter or digit to look for", fix)
    if len(folded) > MOST_WORDS:
        raise Fault(
            f"a phrase may have {MOST_WORDS} words, this one has {len(folded)}", "Shorten it, or write single words"
        )
    if prefix and len(folded[-1]) < 2 and not is_ideograph(folded[-1]):
        raise Fault("a beginning needs at least two letters before the *", "Write more of the word")


def _near(tail: str) -> int | None:
    if tail in ("", "*"):
        return None
    found = _NEAR.match(tail)
    if found is None:
        raise Fault(
            f"{tail} behind a phrase is not understood", 'Near is written "two words"~5, a beginning "two wor*"'
        )
    if int(found[1]) > WIDEST:
        raise Fault(f"near reaches at most {WIDEST} words", f"Write ~{WIDEST}, or the words without quotation marks")
    return int(found[1])
