"""The lexer: a rule's text becomes tokens, one for each match of one pattern. The grammar gives them meaning."""

from __future__ import annotations

import re
from typing import NamedTuple

from digestbot.rules.language import foreign_syntax
from digestbot.rules.language.terms import NAMES, Fault, example, unknown_field

QUOTES = '"“”„«»'  #: any of them opens and closes

MOST_FAULTS = 20  #: then the rest is not read: it is no rule

_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<bracket>[()])
    | (?P<minus>-(?=[^\s)-]))
    | (?P<plain>[^\s(){QUOTES}:=@-][^\s(){QUOTES}:]*)(?=[\s(){QUOTES}]|\Z)
    | @(?:[{QUOTES}](?P<named>[^{QUOTES}]*)[{QUOTES}] | (?P<topic>[^\s(){QUOTES}]+))
    | (?P<field>(?P<early>=?)[A-Za-z_]+:)?
      (?: (?P<exact>=?)[{QUOTES}](?P<quoted>[^{QUOTES}]*)[{QUOTES}](?P<tail>[~*][^\s(){QUOTES}]*)?
        | (?P<bare>[^\s(){QUOTES}]+)
        | (?P<open>[{QUOTES}])
        | (?P<nothing>) )
    )""",
    re.VERBOSE,
)

_NEXT = re.compile(r"\s+([\w.<>=-]*\w\S*)(?<![():])")  #: a value that stands too far from its field

_APART = re.compile(r"(?<![^\s(])([A-Za-z_]{2,20})\s{1,5}\Z")  #: a name that stands too far from its comparison
_COMPARISONS = frozenset(("=", "==", "<", ">", "<=", ">=", "=<", "=>"))

_UP_TO_QUOTE = re.compile(rf"[^{QUOTES}]*")
_OPENERS = frozenset(("(", *QUOTES))

_OPERATORS = frozenset(("AND", "OR", "NOT"))


class Token(NamedTuple):
    """One token of a rule, with its position."""

    kind: str  #: ( ) AND OR NOT @ word phrase field end
    text: str
    at: int
    end: int
    field: str = ""  #: known, lower case: what stood before the colon
    exact: bool = False
    tail: str = ""  #: directly behind a phrase: ~5 or *


class Misplaced(Exception):
    """A fault with its position: `at` and `end` count characters of the rule."""

    def __init__(self, fault: Fault, at: int, end: int) -> None:
        super().__init__(fault.what)
        self.fault, self.at, self.end = fault, at, end


_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
#: PubMed's field behind a phrase or a word, with its blanks
_TAG = re.compile(r"(\w*)\[([A-Za-z][A-Za-z0-9/ :~-]{0,38})\](?!\w)")


def without_unseen(text: str) -> str:
    """Returns the text without signs that nobody sees and that come along when one pastes."""
    return text if text.isascii() else _UNSEEN.sub("", text)


def lex(text: str) -> tuple[list[Token], list[Misplaced]]:
    """Returns all tokens, the last of kind `end`, and the faults. A faulty part becomes a token of kind `broken`."""
    tokens: list[Token] = []
    faults: list[Misplaced] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        assert found is not None  # its last branch takes nothing
        at = found.end()
        kind = str(found.lastgroup)  # one of the branches takes part
        word = found[kind] if kind in ("plain", "bare") else ""
        tag = _tag(text, at - len(word), tokens) if "[" in word and found["field"] is None else None
        ordinary = kind == "plain" and tag is None and word not in _COMPARISONS
        if ordinary and text[at : at + 1] not in _OPENERS:  # nearly all of most rules
            tokens.append(_plain(word, at))
            continue
        try:
            if tag is not None:
                raise _tagged(tag, tokens)
            token = _token(kind, found, text)
        except Misplaced as fault:
            faults.append(fault)
            if len(faults) >= MOST_FAULTS:
                break
            token = Token("broken", "", fault.at, fault.end)
            at = max(at, fault.end)
        tokens.append(token)
    return [*tokens, Token("end", "", end, end)], faults


def _tag(text: str, at: int, tokens: list[Token]) -> re.Match[str] | None:
    """Finds PubMed's tag of a word, or of the phrase directly before."""
    tag = _TAG.match(text, at)
    behind = tokens and tokens[-1].kind == "phrase" and tokens[-1].end == at
    return tag if tag is not None and (tag[1] or behind) else None


def _tagged(tag: re.Match[str], tokens: list[Token]) -> Misplaced:
    """The fault of PubMed's `cancer[ti]` and `"breast cancer"[MeSH Terms]`."""
    before = tokens[-1] if tokens else None
    if not tag[1] and before is not None and before.kind == "phrase" and before.end == tag.start():
        return Misplaced(Fault(*foreign_syntax.tagged(f'"{before.text}"', tag[2])), before.at, tag.end())
    if (
        before is not None
        and before.kind == "word"
        and len(tag[1]) < 4
        and foreign_syntax.TAGS.get(tag[2].lower()) == "au:"
    ):
        name = f'au:"{before.text} {tag[1]}"'  # Smith J[au]
        return Misplaced(Fault(f"[{tag[2]}] is PubMed's way to name a field", f"Write {name}"), before.at, tag.end())
    return Misplaced(Fault(*foreign_syntax.tagged(tag[1], tag[2])), tag.start(), tag.end())


def _token(kind: str, found: re.Match[str], text: str) -> Token:
    """Returns the token of one match. Raises Misplaced."""
    end = found.end()
    if kind == "plain":
        word = found[kind]
        if word in _COMPARISONS:
            _stand_together(word, end - len(word), end, text)
        if word.strip("=").lower() in foreign_syntax.CALLS:
            raise Misplaced(Fault(*foreign_syntax.call_mend(word.strip("="))), end - len(word), end)
        return _plain(word, end)
    if kind == "bracket":
        return Token(text[end - 1], text[end - 1], end - 1, end)
    if kind == "minus":
        return Token("NOT", "-", end - 1, end)
    if kind == "bare" and found["field"] is None:
        return _bare(found["bare"], end, text)
    if kind in ("topic", "named"):
        return Token("@", found[kind], found.start(kind) - 1, end)
    if kind == "open":
        at = end - 1
        raise Misplaced(Fault("this quotation mark is never closed", 'Close it with another "'), at, len(text))
    if found["field"] is None:
        return _phrase(found, "", found.start("exact"))
    return _fielded(found, text)


def _plain(word: str, end: int) -> Token:
    return Token(word if word in _OPERATORS else "word", word, end - len(word), end)


def _bare(bare: str, end: int, text: str) -> Token:
    """A value without a field in front of it."""
    at = end - len(bare)
    if bare in _COMPARISONS:
        _stand_together(bare, at, end, text)
    if bare[-1] == ":" and text[end : end + 1] in _OPENERS:
        raise Misplaced(unknown_field(bare.strip("=:")), at, end)
    if text[end : end + 1] in _OPENERS and bare.strip("=").lower() in foreign_syntax.CALLS:
        raise Misplaced(Fault(*foreign_syntax.call_mend(bare.strip("="))), at, end)
    return _exact(bare, at, end) if bare[0] == "=" else Token("word", bare, at, end)


def _stand_together(sign: str, at: int, end: int, text: str) -> None:
    """Raises Misplaced for `author = LeCun` and `year > 2024`."""
    before, value = _APART.search(text[max(0, at - 40) : at]), _NEXT.match(text, end)
    if before and value and (fix := foreign_syntax.joined(before[1], sign, value[1])):
        begin = at - len(before[0])
        raise Misplaced(Fault(f"{sign} stands apart from its field", f"Write {fix}"), begin, value.end(1))


def _exact(bare: str, at: int, end: int) -> Token:
    if len(bare) == 1:
        raise Misplaced(Fault("= stands alone", 'Write =word or ="two words", without a space'), at, end)
    if bare[1] in "<>":  # in a group of counts or dates => and =< are comparisons
        return Token("word", bare, at, end)
    return Token("word", bare[1:], at, end, exact=True)


def _phrase(found: re.Match[str], field: str, at: int) -> Token:
    exact = found["exact"] == "=" or bool(found["early"])
    return Token("phrase", found["quoted"], at, found.end(), field, exact, found["tail"] or "")


def _fielded(found: re.Match[str], text: str) -> Token:
    """Returns the token of a value, a phrase or a group behind `name:`. An unknown name is a fault, unless a space follows."""
    at, end, colon = found.start("field"), found.end(), found.end("field")
    name = found["field"].strip("=:")
    follows = text[colon : colon + 1]
    alone = not follows.strip() or follows == ")"
    if name.lower() not in NAMES:
        return _no_field(found, text, name, alone)
    if follows == "(":
        return Token("field", name, at, end, name.lower(), bool(found["early"]))
    if alone:
        meant = _NEXT.match(text, colon)
        fix = f"Write {name}:{meant[1]}" if meant else f"For example {example(name)}"
        raise Misplaced(Fault(f"{name}: needs a value right behind the colon", fix), at, colon)
    if found["quoted"] is not None:
        return _phrase(found, name.lower(), at)
    return _valued(found, text, name)


def _stuck(name: str, bare: str, at: int, text: str) -> None:
    """Raises Misplaced for a comparison or a colon directly before a bracket or a quotation mark."""
    end = at + text[at:].index(bare) + len(bare)
    if bare.strip("<>=") == "" and text[end] in QUOTES:
        value = _UP_TO_QUOTE.match(text, end + 1)
        written = value[0].strip() if value else ""
        fix = f"Write {name}:{bare}{written}" if written else f"For example {example(name)}"
        raise Misplaced(Fault(f"a quotation mark stands behind {bare}", fix), at, end)
    if bare[-1] == ":":
        raise Misplaced(
            Fault("a colon stands before a bracket or a quotation mark", "Put a space before the field"), at, end
        )


def _no_field(found: re.Match[str], text: str, name: str, alone: bool) -> Token:
    """An address or a word before a colon is a word; any other unknown name is a fault."""
    at, end, colon = found.start("field"), found.end(), found.end("field")
    is_address = name.lower() in ("http", "https") and text.startswith("//", colon)
    if is_address or (alone and name.lower() not in foreign_syntax.FIELDS):
        exact = bool(found["early"])
        return Token("word", text[at + exact : end], at, end, exact=exact)
    fault = unknown_field(name)
    fault.fix += foreign_syntax.rewritten(name, text[colon:end])
    if alone:  # perhaps it was meant as a word
        fault.fix += f'. For the word itself write "{name}"'
    raise Misplaced(fault, at, max(colon, end))


def _valued(found: re.Match[str], text: str, name: str) -> Token:
    """A single value behind the name of a field."""
    at, end, bare = found.start("field"), found.end(), found["bare"]
    if end < len(text) and text[end] in _OPENERS:
        _stuck(name, bare, at, text)
    if not bare.strip("<>="):
        meant = _NEXT.match(text, end)
        fix = f"Write {name}:{bare}{meant[1]}" if meant else f"For example {example(name)}"
        raise Misplaced(Fault(f"{name}:{bare} needs a value right behind it", fix), at, end)
    if bare[0] == "=" and bare[1] not in "<>":
        return Token("word", bare[1:], at, end, name.lower(), exact=True)
    return Token("word", bare, at, end, name.lower(), bool(found["early"]))
