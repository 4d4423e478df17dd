"""Terms: a word, a phrase or a value with its field becomes a node of the tree, or a fault that names the mend."""

from __future__ import annotations

import re
from difflib import get_close_matches

from digestbot.memo import remembered
from digestbot.model import PartialDate
from digestbot.papers.text.clean import clean
from digestbot.rules.language import foreign_syntax
from digestbot.rules.language.fields import ALIASES, DEFAULT, FIELDS, HAS, CodeField, DateField, NumberField, TextField
from digestbot.rules.language.syntax_tree import Code, Compare, Has, Node, Or, Spellings, Term
from digestbot.rules.words.compounds import spellings
from digestbot.rules.words.names import initials_apart
from digestbot.rules.words.stemming import stem
from digestbot.rules.words.tokenizer import TextWords, is_ideograph, words_of

MOST_WORDS = 32  #: of a phrase
WIDEST = 100  #: of near
LONGEST_WORD = 300  #: characters: a DOI may be long

#: fields whose words are spelled as the rule has them: names have rules of their own, addresses are what they are
_AS_WRITTEN = (("au",), ("code",))
ANYWHERE = FIELDS["ti"]  #: how a term without a field is read
NAMES = frozenset({*FIELDS, *ALIASES, "has"})

_COMPARISON = re.compile(r"(<=|>=|=<|=>|==|!=|<|>|=|[≤≥＜＞＝≠])?(.*)\Z", re.DOTALL)
_OTHER_SIGNS = {"≤": "<=", "≥": ">=", "＜": "<", "＞": ">", "＝": "=", "≠": "!="}
#: a star behind a single letter, in quotation marks
_SIGN_STAR = re.compile(r"(?<!\w)([^\W\d_])\*+")
_MARKUP = re.compile(r"[\\$&<]|[_^][{\w]")
#: an index or an exponent: _2, ^p, _{NL}
_SCRIPT = re.compile(r"[_^](?:\{[^{}]*\}|\w(?!\w))")
_WEB = re.compile(r"\A(?:https://)?(?:http://)?")
_NEAR = re.compile(r"~([0-9]{1,4})\Z")
_ADDRESSES = re.compile(r"^(https?://(dx\.)?doi\.org/|https?://arxiv\.org/(abs|pdf)/|doi:|arxiv:)", re.IGNORECASE)
_ROUNDED = re.compile(r"v?([0-9]{1,3}(?:[,.’'_][0-9]{3})*)(k?)\+?\Z")
#: what begins with a letter and is no version
_NAME_NOT_COUNT = re.compile(r"(?!v\d+\Z)[^\W\d].*")
_RELATIVE = re.compile(
    r"-?\d+ ?(?:d|w|m|y|days?|weeks?|months?|years?)|today|now\S*|yesterday|last|this|recent", re.IGNORECASE
)
_SLOPPY_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?\Z", re.ASCII)


class Fault(Exception):
    """Why a term cannot be read, and the mend. The parser adds the position."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.what, self.fix = what, fix


@remembered(16384)  # people ask for the same things: the same text is the same node
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
    own = _BOUND.sub("", lower[:40])
    if near := get_close_matches(own, sorted(NAMES), 1, _MOST if len(own) > _SHORT else _HALF):
        return Fault(what, f"Did you mean {near[0]}: ({_help(near[0])})?")
    return Fault(what, f'Fields: {", ".join(sorted(NAMES))}; for the words themselves write "{name} …"')


_BOUND = re.compile(r"(?:and|or|not)[^a-z]")  #: an operator that a sign binds to the name
_SHORT = 3  #: letters of a name in which a slip is half of it
_HALF, _MOST = 0.5, 0.7  #: `lead` is no lang, `exclude` no code


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
    what = text.strip().lower()
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
    "full-text": "pdf",
    "fulltext": "pdf",
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
        raise _no_value(name, text, prefix)
    for refuse in () if quoted else _NO_CODES:
        if (fault := refuse(name, text, value)) is not None:
            raise fault
    return Code(name, value, prefix)


def _no_value(name: str, text: str, prefix: bool) -> Fault:
    fix = f"For example {name}:{_EXAMPLES.get(name, 'name')}"
    if prefix:
        fix = f"* alone asks for nothing; leave {name}:{text} out, or write a beginning: {name}:{_BEGINNINGS[name]}"
    return Fault(f"{name}: needs a value", fix)


def _operator_for_code(name: str, text: str, _value: str) -> Fault | None:
    if text not in ("AND", "OR", "NOT"):
        return None
    return Fault(f"{text} stands before a term, not in it", f"Write {text} {name}:{_EXAMPLES.get(name, 'name')}")


def _field_in_code(name: str, _text: str, value: str) -> Fault | None:
    inner = _INNER.match(value)
    if inner is None or inner[1] not in NAMES or (name, inner[1]) in _SCHEMES:
        return None
    fix = f"Write {name}: and {inner[1]}: as two terms, or take one away"
    return Fault(f"{inner[1]}: stands inside {name}:", fix)


def _star_in_code(name: str, _text: str, value: str) -> Fault | None:
    if "*" not in value:
        return None
    fix = f"Only the end is left open: {name}:{_BEGINNINGS.get(name, 'name*')}"
    return Fault(f"{name}: takes one value, or its beginning", fix)


def _address_for_code(_name: str, text: str, _value: str) -> Fault | None:
    found = foreign_syntax.address(text)
    return Fault(*found) if found else None


def _several_codes(name: str, text: str, value: str) -> Fault | None:
    ends = value[-1] in ",;"
    if not ends and (name in ("id", "doi") or not re.search("[,;]", value)):
        return None
    several = "a OR b" if ends else " OR ".join(filter(None, re.split("[,;]", text)))
    return Fault(
        f"{name}: takes one value, or its beginning with * at the end", f"Write {name}:({several}) for several"
    )


#: what a bare value may not be, each with the field's name, the text and the value it gives; the first finding is told
_NO_CODES = (_operator_for_code, _field_in_code, _star_in_code, _address_for_code, _several_codes)

_INNER = re.compile(r"([a-z_]+):")
_SCHEMES = {("src", name) for name in NAMES}  #: a source may be named so
_BEGINNINGS = {
    "cat": "cs.*",
    "src": "arxiv*",
    "id": "2602.*",
    "who": "0000-0002-1825-0097",
    "doi": "10.5555/*",
    "lang": "en*",
}
_EXAMPLES = {
    "cat": "cs.CV",
    "src": "arxiv-cs",
    "id": "2602.00001",
    "who": "0000-0002-1825-0097",
    "doi": "10.5555/x",
    "lang": "en",
}


def _compared(name: str, text: str, *, exact: bool) -> tuple[str, str]:
    """Splits a comparison into operator and value."""
    found = _COMPARISON.match(text.strip())
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
    raise Fault(f"{name}: wants a number, not {value!r}", _number_mend(name, sign, value))


def _number_mend(name: str, sign: str, value: str) -> str:
    if value[:1] in ("[", "{", "("):
        return f"A range is two comparisons: {name}:>=5 {name}:<=20"
    if name in COUNTED and _NAME_NOT_COUNT.fullmatch(value):
        shown = value if value.isalnum() else f'"{value.strip(chr(34))}"'
        return f"{name}: counts them; {COUNTED[name]}:{shown} looks for this one"
    if plain := _ROUNDED.match(value):
        return f"Write {name}:{_written_out(plain, sign)}"
    if bounds := re.fullmatch(r"(\d+)-(\d+)", value):
        return f"Write {name}:>={bounds[1]} {name}:<={bounds[2]}"
    if value.endswith("*") or value == "any":
        return f"{name}:>=0 is true wherever the count is known"
    if value[:1] == "-":
        return f"A count is never below 0; to exclude write -{name}:{value[1:]}"
    return f"A whole number of up to nine digits, for example {name}:>=10"


def _written_out(rounded: re.Match[str], sign: str) -> str:
    """`1,000`, `2k` and `100+` as a comparison with a plain number."""
    sign = ">=" if rounded[0].endswith("+") else sign
    return f"{sign}{re.sub(r'[^0-9]', '', rounded[1])}{'000' if rounded[2] else ''}"


#: a field that counts → the one that holds what is counted
COUNTED = {"authors": "au", "sources": "src"}


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
        return _two_digits_each(name, sign, found)
    return f"Year, month and day with two digits each, for example {name}:>=2026-01-31 or {name}:2026"


def _two_digits_each(name: str, sign: str, given: re.Match[str]) -> str:
    written = "-".join([given[1], *(part.zfill(2) for part in given.groups()[1:] if part)])
    try:
        return f"Write {name}:{sign}{PartialDate(written)}"
    except ValueError:
        return f"There is no such day; for example {name}:>=2026-01-31"


def _text(fields: tuple[str, ...], text: str, *, quoted: bool, exact: bool, tail: str) -> Node:
    body, prefix = _without_stars(text, quoted=quoted, tail=tail)
    body = _WEB.sub("", body) if fields == ("code",) else body
    if not quoted:
        _refuse_bare(fields, text, body)
    near = _near(tail, prefix)
    plain = near is None and not exact
    bodies = _readings(fields, body)
    if fields == ("au",) and quoted and plain and not prefix:
        bodies = [*bodies, initials_apart(body)]
    elif not exact and fields not in _AS_WRITTEN:
        bodies = [spelled for reading in bodies for spelled in spellings(reading, begun=prefix, near=near is not None)]
    cuts = {cut.folded: cut for cut in map(words_of, bodies)}
    _check(text, next(iter(cuts)), prefix)
    in_capitals = plain and fields != ("au",)
    terms = tuple(
        Term(
            fields, folded, tuple(map(stem, folded)), exact=exact, prefix=prefix, near=near,
            capital=_capitals(cut, prefix) if in_capitals else (),
        )
        for folded, cut in cuts.items()
    )  # fmt: skip
    written = f'"{text}"{tail}' if quoted else text
    return _one_of(terms, f"{'=' * exact}{written}")


def _one_of(terms: tuple[Term, ...], written: str) -> Node:
    """Returns the node of a term that is read in several ways; `written` is the term without its field."""
    fields = terms[0].fields
    if len(terms) == 1:
        return terms[0]
    if fields == ("au",):
        return Or(terms)
    return Spellings(terms, fields, written if fields == DEFAULT else f"{fields[0]}:{written}")


def _without_stars(text: str, *, quoted: bool, tail: str) -> tuple[str, bool]:
    """Returns the text without its `*`, and whether its last word is only a beginning.

    In quotation marks a star behind a single letter is a sign: `"A* search"`, `"Sgr A*"`.
    """
    if not quoted:
        return text.rstrip("*"), text.endswith("*")
    plain = _SIGN_STAR.sub(r"\1 ", text.rstrip())
    prefix = plain.endswith("*") or tail == "*"
    body = plain.rstrip("*")
    if "*" in body:
        raise Fault("* stands only at the end of a phrase", 'Write "two word*", or single words: word* other*')
    return body, prefix


def _readings(fields: tuple[str, ...], body: str) -> list[str]:
    """Returns the text as papers' texts are cleaned; with indices (`CO_2`) as a formula and as it stands."""
    if fields == ("code",) or not _MARKUP.search(body):  # addresses are not cleaned
        return [body]
    formula = _SCRIPT.sub(r"$\g<0>$", body) if "$" not in body else body
    return [clean(formula), clean(body)]


def _capitals(cut: TextWords, prefix: bool) -> tuple[int, ...]:
    """Returns the numbers of the words in capitals that end in s: AIDS is not the plural of aid."""
    whole = len(cut.folded) - prefix
    written = (cut.shown(n, n) for n in range(whole))
    return tuple(
        n for n, (word, raw) in enumerate(zip(cut.folded, written, strict=False))
        if raw.isupper() and len(word) > 2 and word[-1] == "s" and stem(word) != word
    )  # fmt: skip


def _refuse_bare(fields: tuple[str, ...], text: str, body: str) -> None:
    """Raises Fault for a value without quotation marks that is no word; `body` is `text` without its `*`."""
    if text[:1] == "-":
        raise _misplaced_minus(fields, text)
    if text in ("AND", "OR", "NOT"):  # the lexer takes them for operators where no field stands before them
        term = "=word" if fields == DEFAULT else f"{fields[0]}:word"
        fix = f'Write {text} {term}; the word itself is "{text.lower()}"'
        raise Fault(f"{text} stands before a term, not in it", fix)
    if fields == ("au",) and re.search("[,;]", text):
        raise Fault(
            "a comma or semicolon says neither AND nor OR", 'Write the whole name in quotation marks: au:"Smith, J"'
        )
    if fields != DEFAULT and (inner := _INNER.match(body.lower())):
        raise Fault(f"{inner[1]}: stands inside {fields[0]}:", "Take one of the two fields away")
    if found := foreign_syntax.recognize(body):
        raise Fault(*found)


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
    if prefix and len(folded[-1]) < 2 and not is_ideograph(folded[-1]) and not (folded[-1].isdigit() and folded[1:]):
        fix = f'Write more of the word; for the sign itself write "{text.rstrip("*")}*"'
        raise Fault("a beginning needs at least two letters before the *", fix)


def _near(tail: str, prefix: bool) -> int | None:
    if tail in ("", "*"):
        return None
    found = _NEAR.match(tail)
    if found is None:
        raise Fault(
            f"{tail} behind a phrase is not understood", 'Near is written "two words"~5, a beginning "two wor*"'
        )
    if int(found[1]) > WIDEST:
        raise Fault(f"near reaches at most {WIDEST} words", f"Write ~{WIDEST}, or the words without quotation marks")
    if prefix:
        raise Fault("near (~) takes whole words", 'Leave the * out, or write several: ("a b"~5 OR "a c"~5)')
    return int(found[1])
