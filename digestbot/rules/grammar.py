"""The grammar: a rule's text becomes a tree. A Pratt parser by hand, for errors that show the place and the mend.

    or   := and ("OR" and)*
    and  := not (["AND"] not)*
    not  := ("NOT" | "-") not | atom
    atom := "(" or ")" | "@" name | [field ":"] value | field ":" comparison
    value := ["="] word | word "*" | phrase ["~" number]        word ":" value of a text or code field

One thing more than a parser of 250 lines strictly needs: it knows what people paste from arXiv, PubMed and Gmail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from digestbot.errors import RuleError
from digestbot.model import PartialDate
from digestbot.rules.fields import ALIASES, FIELDS, HAS, CodeField, DateField, NumberField, TextField
from digestbot.rules.tokens import stem, words

LONGEST = 4000  #: characters
DEEPEST = 50  #: parentheses, NOTs and @names inside each other
MOST_TERMS = 500


@dataclass(frozen=True, slots=True)
class Term:
    """Words in text fields. One word, a phrase (near 0), or words near each other in any order (near > 0)."""

    fields: tuple[str, ...]  #: short names, in the order they are looked through
    words: tuple[str, ...]  #: folded
    stems: tuple[str, ...]
    exact: bool = False  #: `=word`: plurals are not folded
    prefix: bool = False  #: `word*`: the last word is only begun
    near: int = 0


@dataclass(frozen=True, slots=True)
class Code:
    """A code compared whole, or by its beginning."""

    field: str
    value: str  #: case folded
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """A count or a date compared."""

    field: str
    operator: str  #: < <= > >= =
    number: int = 0
    date: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Has:
    """Something is there."""

    what: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite; unknown stays unknown."""

    node: Node


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    nodes: tuple[Node, ...]


Node = Term | Code | Compare | Has | Not | And | Or


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str  #: ( ) AND OR NOT @ phrase word end
    text: str
    at: int
    field: str = ""  #: what stood before the colon
    near: int | None = None

    @property
    def length(self) -> int:
        return max(1, len(self.text))


_SPACE = re.compile(r"\s+")
_FIELD = re.compile(r"(=?)([A-Za-z_]+):(?=\S|$)")
_PHRASE = re.compile(r'["“”]([^"“”]*)["“”](?:~(\d{1,3}))?')
_BARE = re.compile(r'[^\s()"“”]+')
_COMPARISON = re.compile(r"(<=|>=|<|>|=)?(.*)\Z", re.DOTALL)
_PUBMED = re.compile(r"\[[A-Za-z/ ]+\]")
_FOREIGN = {
    "&&": "AND is written AND, or just a space", "||": "OR is written OR", "!": "NOT is written NOT, or - before a word",
    "ANDNOT": "arXiv's ANDNOT is written AND NOT", "or": "OR is written in capitals; for the word itself write \"or\"",
    "and": "AND is written in capitals, or left out; for the word itself write \"and\"",
    "not": "NOT is written in capitals, or -; for the word itself write \"not\"", "|": "OR is written OR",
    "NEAR": 'near is written "two words"~5', "ADJ": 'near is written "two words"~5',
}  # fmt: skip


def parse_tree(text: str, topics: Mapping[str, str] | None = None) -> Node:
    """The tree of a rule. Raises RuleError with the place of the first fault. `topics`: the rules behind @names."""
    return _Parser(text, topics or {}, (), 0).whole()


class _Parser:
    def __init__(self, text: str, topics: Mapping[str, str], inside: tuple[str, ...], depth: int) -> None:
        self.text, self.topics, self.inside, self.depth = text, topics, inside, depth
        if len(text) > LONGEST:
            self.fail(f"a rule may have {LONGEST} characters, this one has {len(text)}", LONGEST, 1)
        self.tokens = self._tokens()
        self.at = 0
        self.terms = 0

    def fail(self, what: str, position: int, length: int, fix: str = "") -> NoReturn:
        raise RuleError(what, text=self.text, position=position, length=length, fix=fix)

    # --- words of the rule -------------------------------------------------------------------------------------

    def _tokens(self) -> list[_Token]:
        tokens, at = [], 0
        while at < len(self.text):
            if space := _SPACE.match(self.text, at):
                at = space.end()
                continue
            token, at = self._token(at)
            tokens.append(token)
        return [*tokens, _Token("end", "", len(self.text))]

    def _token(self, at: int) -> tuple[_Token, int]:
        here = self.text[at]
        if here in "()":
            return _Token(here, here, at), at + 1
        if here == "-" and at + 1 < len(self.text) and not self.text[at + 1].isspace():
            return _Token("NOT", "-", at), at + 1
        if here in '"“”':
            return self._phrase(at, at, "")
        field = _FIELD.match(self.text, at)
        if field and self._is_field(field, at):
            name = field.group(2).lower()
            if field.end() < len(self.text) and self.text[field.end()] in '"“”':
                return self._phrase(at, field.end(), name)
            value = _BARE.match(self.text, field.end())
            if value is None:
                self.fail(f"{name}: needs a value right behind the colon", at, len(field.group()),
                          f'For example {name}:word or {name}:"two words"')  # fmt: skip
            return _Token("word", self._clipped(value.group(), value.start()), at, field=name), value.end()
        bare = _BARE.match(self.text, at)
        assert bare is not None  # neither a space, a bracket nor a quote stands here
        return self._bare(bare.group(), at), bare.end()

    def _is_field(self, field: re.Match[str], at: int) -> bool:
        """`http://x` and `Title: subtitle` are no fields; an unknown name before a colon is a mistake worth saying."""
        name = field.group(2)
        if name.lower() in FIELDS or name.lower() in ALIASES or name.lower() == "has":
            return True
        if name.lower() in ("http", "https"):
            return False
        if name.lower() == "all":
            self.fail("all: is not needed", at, 4, "Words without a field are looked for in title and abstract")
        names = [*FIELDS, *ALIASES, "has"]
        near = get_close_matches(name.lower(), names, 1, 0.5)
        hint = f"Did you mean {near[0]}: ({_help(near[0])})?" if near else f"Fields: {', '.join(sorted(names))}"
        self.fail(f'there is no field "{name}:"', at, len(name) + 1, hint)

    def _phrase(self, start: int, at: int, field: str) -> tuple[_Token, int]:
        found = _PHRASE.match(self.text, at)
        if found is None:
            self.fail("this quotation mark is never closed", at, 1, 'Close it with another "')
        near = int(found.group(2)) if found.group(2) else None
        return _Token("phrase", found.group(1), start, field=field, near=near), found.end()

    def _clipped(self, word: str, at: int) -> str:
        if found := _PUBMED.search(word):
            self.fail(f"{found.group()} is PubMed's way to name a field", at + found.start(), len(found.group()),
                      "Here the field stands before the word: ti:word, au:name")  # fmt: skip
        return word

    def _bare(self, word: str, at: int) -> _Token:
        if word in ("AND", "OR", "NOT"):
            return _Token(word, word, at)
        if word in _FOREIGN:
            self.fail(f"{word} is not an operator here", at, len(word), _FOREIGN[word])
        if word[0] == "!" and len(word) > 1:
            self.fail("! is not an operator here", at, 1, _FOREIGN["!"])
        if word[0] == "@":
            return _Token("@", word[1:], at)
        return _Token("word", self._clipped(word, at), at)

    # --- the tree ----------------------------------------------------------------------------------------------

    def whole(self) -> Node:
        if self.tokens[0].kind == "end":
            self.fail("the rule is empty", 0, 1, "Write at least one word")
        node = self._or(self.depth)
        if (rest := self.peek()).kind == ")":
            self.fail("this bracket was never opened", rest.at, 1, "Take it away, or put ( before")
        return node

    def peek(self) -> _Token:
        return self.tokens[self.at]

    def next(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def _or(self, depth: int) -> Node:
        nodes = [self._and(depth)]
        while self.peek().kind == "OR":
            self.next()
            nodes.append(self._and(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _and(self, depth: int) -> Node:
        nodes = [self._not(depth)]
        while self.peek().kind not in ("OR", ")", "end"):
            if self.peek().kind == "AND":
                self.next()
            nodes.append(self._not(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _not(self, depth: int) -> Node:
        if depth > DEEPEST:
            self.fail(f"more than {DEEPEST} levels inside each other", self.peek().at, 1, "Write it flatter")
        if self.peek().kind == "NOT":
            self.next()
            return Not(self._not(depth + 1))
        return self._atom(depth)

    def _atom(self, depth: int) -> Node:
        token = self.next()
        match token.kind:
            case "(":
                return self._brackets(token, depth)
            case "@":
                return self._topic(token, depth)
            case "word" | "phrase":
                self.terms += 1
                if self.terms > MOST_TERMS:
                    self.fail(f"more than {MOST_TERMS} terms", token.at, token.length, "Make two topics of it")
                return self._term(token)
            case _:
                expected = "a word, a phrase, a field or ("
                where = f"{token.text} needs something" if token.text else "something is missing at the end"
                self.fail(f"{where}: expected {expected}", token.at, token.length)

    def _brackets(self, token: _Token, depth: int) -> Node:
        if self.peek().kind == ")":
            self.fail("nothing stands in these brackets", token.at, 2, "Take them away")
        node = self._or(depth + 1)
        if self.next().kind != ")":
            self.fail("this bracket is never closed", token.at, 1, "Put ) behind what belongs together")
        return node

    def _topic(self, token: _Token, depth: int) -> Node:
        name = token.text
        if name in self.inside:
            circle = " → ".join(f"@{n}" for n in (*self.inside, name))
            self.fail(
                f"@{name} stands for itself: {circle}", token.at, len(name) + 1, "One of them must not name the other"
            )
        if name not in self.topics:
            near = get_close_matches(name, self.topics, 1)
            hint = (
                f"Did you mean @{near[0]}?"
                if near
                else f"Site topics: {', '.join(self.topics) or 'none are configured'}"
            )
            self.fail(f"there is no site topic @{name}", token.at, len(name) + 1, hint)
        try:
            return _Parser(self.topics[name], self.topics, (*self.inside, name), depth + 1).whole()
        except RuleError as error:
            if self.inside or "stands for itself" in error.what:
                raise
            self.fail(f"@{name} has a mistake: {error.what}", token.at, len(name) + 1, error.fix)

    def _term(self, token: _Token) -> Node:
        name = ALIASES.get(token.field, token.field)
        if name == "has":
            return self._has(token)
        match FIELDS.get(name):
            case CodeField():
                return self._code(token, name)
            case NumberField() | DateField() as field:
                return self._compare(token, name, field)
            case TextField():
                return self._text(token, (name,))
            case _:
                return self._text(token, ("ti", "abs"))

    def _has(self, token: _Token) -> Node:
        what = token.text.lower()
        if what not in HAS:
            near = get_close_matches(what, HAS, 1)
            hint = f"Did you mean has:{near[0]}?" if near else f"One of: {', '.join(f'has:{h}' for h in HAS)}"
            self.fail(f"has:{token.text} is not known", token.at, len(token.text) + 4, hint)
        return Has(what)

    def _code(self, token: _Token, name: str) -> Node:
        value = token.text.casefold()
        if name in ("id", "doi"):
            value = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:|arxiv:)", "", value)
        prefix = token.kind == "word" and value.endswith("*")
        if not value.rstrip("*"):
            self.fail(f"{token.field}: needs a value", token.at, token.length + len(token.field) + 1)
        return Code(name, value.rstrip("*") if prefix else value, prefix)

    def _compare(self, token: _Token, name: str, field: NumberField | DateField) -> Node:
        found = _COMPARISON.match(token.text)
        assert found is not None  # everything in it is optional
        operator, value = found.group(1) or "=", found.group(2)
        length = len(token.text) + len(token.field) + 1
        if isinstance(field, NumberField):
            if not re.fullmatch(r"\d{1,9}", value):
                self.fail(f"{name}: wants a number, not {value!r}", token.at, length, f"For example {name}:>=10")
            return Compare(name, operator, number=int(value))
        try:
            return Compare(name, operator, date=PartialDate(value))
        except ValueError:
            self.fail(
                f"{name}: wants a date, not {value!r}",
                token.at,
                length,
                f"For example {name}:>=2026-01-31 or {name}:2026",
            )

    def _text(self, token: _Token, fields: tuple[str, ...]) -> Node:
        text, exact, prefix = token.text, False, False
        if token.kind == "word":
            exact, prefix = text.startswith("="), text.endswith("*")
        cut = words(text)
        if not cut.folded:
            self.fail(f"{text!r} has no letter or digit to look for", token.at, token.length, "Take it away")
        if prefix and len(cut.folded[-1]) < 2:
            self.fail("a beginning needs at least two letters before the *", token.at, token.length)
        return Term(fields, cut.folded, tuple(map(stem, cut.folded)), exact=exact, prefix=prefix, near=token.near or 0)


def _help(name: str) -> str:
    if name == "has":
        return "something is there, like has:code"
    return FIELDS[ALIASES.get(name, name)].help
