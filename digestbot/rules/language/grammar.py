"""The parser: a rule's text becomes a tree. Recursive descent by hand, for errors that show position and mend.

    or     := and ("OR" and)*
    and    := not (["AND"] not)*
    not    := ("NOT" | "-") not | atom
    atom   := "(" or ")" | field ":" "(" or ")" | "@" name | [field ":"] value
    value  := ["="] word ["*"] | ["="] '"' words ["*"] '"' ["~" number] | comparison

`field:( )` gives its field to all terms inside. docs/rules.md has the same as EBNF with the words of each sign.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import NoReturn

from digestbot.errors import RuleError
from digestbot.rules.language.lexer import MOST_FAULTS, Misplaced, Token, lex, without_unseen
from digestbot.rules.language.syntax_tree import And, Has, Node, Not, Or
from digestbot.rules.language.terms import Fault, term_node

LONGEST = 4000  #: characters
DEEPEST = 50  #: parentheses, NOTs and @names inside each other
MOST_TERMS = 500  #: with those of site topics
MOST_NEAR = 16  #: terms with ~, with those of site topics: each reads whole papers
MOST_TOLD = 4  #: faults of one rule told at once

_IDENTIFIERS = ("id", "arxiv", "doi")

_BROKEN = Has("code")  #: placeholder of a term that cannot be read


def parse_tree(text: str, topics: Mapping[str, str] | None = None) -> Node:
    """Returns the tree of a rule. `topics` maps each @name to its rule.

    Raises RuleError with the position of the first fault; its `fix` names the others.
    """
    text = without_unseen(text)
    parser = _Parser(text, topics or {}, (), 0, [0, 0])
    node = parser.whole()
    if parser.faults:
        raise _told(text, parser.faults)
    return node


def _told(text: str, faults: list[Misplaced]) -> RuleError:
    first, *others = sorted(faults, key=lambda f: f.at)
    said = [first.fault.fix]
    said += [f"Also, at character {o.at + 1}: {o.fault.what}. {o.fault.fix}" for o in others[: MOST_TOLD - 1]]
    if len(others) >= MOST_TOLD:
        said.append(f"And {len(others) - MOST_TOLD + 1} more")
    fix = " ".join(sentence if sentence.endswith("?") else f"{sentence}." for sentence in said).removesuffix(".")
    return RuleError(first.fault.what, text=text, position=first.at, length=first.end - first.at, fix=fix)


class _Parser:
    """One text. `counts`, of terms and of near terms, is shared with the site topics inside."""

    def __init__(
        self, text: str, topics: Mapping[str, str], inside: tuple[str, ...], depth: int, counts: list[int]
    ) -> None:
        self.text, self.topics, self.inside, self.depth, self.counts = text, topics, inside, depth, counts
        self.at = 0
        self.field = ""
        self.exact = False
        self.tokens: list[Token] = []
        self.faults: list[Misplaced] = []

    def whole(self) -> Node:
        """Returns the tree. A term that cannot be read becomes a placeholder and a fault."""
        try:
            if len(self.text) > LONGEST:
                _stop(f"a rule may have {LONGEST} characters, this one has {len(self.text)}", "Make two topics of it",
                      LONGEST, LONGEST + 1)  # fmt: skip
            self.tokens, self.faults = lex(self.text)
            if self.tokens[0].kind == "end":
                _stop("the rule is empty", "Write at least one word", 0, 1)
            node = self._or(self.depth)
            if (rest := self.tokens[self.at]).kind == ")":
                _stop("this bracket was never opened", "Take it away, or put ( before", rest.at, rest.end)
        except Misplaced as fault:
            self.faults.append(fault)
            return _BROKEN
        return node

    def _or(self, depth: int) -> Node:
        nodes = [self._and(depth)]
        while self.tokens[self.at].kind == "OR":
            self.at += 1
            nodes.append(self._and(depth))
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _and(self, depth: int) -> Node:
        nodes = [self._not(depth)]
        while (kind := self.tokens[self.at].kind) not in ("OR", ")", "end"):
            if kind == "AND":
                self.at += 1
            nodes.append(self._not(depth))
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _not(self, depth: int) -> Node:
        token = self.tokens[self.at]
        if depth > DEEPEST:
            _stop(f"more than {DEEPEST} levels inside each other", "Write it flatter", token.at, token.end)
        self.at += 1
        if token.kind == "word" or token.kind == "phrase":
            return self._term(token)
        if token.kind == "NOT":
            self._something_behind(token)
            return Not(self._not(depth + 1))
        return self._other(token, depth)

    def _other(self, token: Token, depth: int) -> Node:
        match token.kind:
            case "(":
                return self._brackets(token, depth)
            case "field":
                return self._group(token, depth)
            case "@":
                return self._topic(token, depth)
            case "broken":
                return _BROKEN
        self.at -= 1
        self._nothing_there(token)

    def _something_behind(self, token: Token) -> None:
        if self.tokens[self.at].kind in ("end", ")", "OR", "AND"):
            _stop("nothing stands behind NOT", "Put behind it what to exclude, or take it away", token.at, token.end)

    def _nothing_there(self, token: Token) -> NoReturn:
        """Raises for an operator, a bracket or the end in the place of a term."""
        before = self.tokens[self.at - 1] if self.at else None
        if token.kind == "end":
            assert before is not None  # an empty rule was told before
            _stop(
                f"nothing stands behind {before.text}", "Put a word behind it, or take it away", before.at, before.end
            )
        if token.kind == ")" and before is None:
            _stop("this bracket was never opened", "Take it away, or put ( before", token.at, token.end)
        if before is None or before.kind == "(":
            _stop(f"nothing stands before {token.text}", "Put a word before it, or take it away", token.at, token.end)
        both = f"{before.text} and {token.text}"
        _stop(f"nothing stands between {both}", "Put a word between them, or take one away", before.at, token.end)

    def _brackets(self, token: Token, depth: int) -> Node:
        if (inner := self.tokens[self.at]).kind == ")":
            _stop("nothing stands in these brackets", "Take them away, or put a word in", token.at, inner.end)
        if inner.kind == "end":
            _stop("this bracket is never closed", "Put words and ) behind it", token.at, token.end)
        node = self._or(depth + 1)
        if self.tokens[self.at].kind != ")":
            _stop("this bracket is never closed", "Put ) behind what belongs together", token.at, token.end)
        self.at += 1
        return node

    def _group(self, token: Token, depth: int) -> Node:
        """Parses `ti:(a OR b)`: one field for all terms in the brackets."""
        if self.field:
            self._inner_field(token)
        self.field, self.exact = token.field, token.exact
        opened = self.tokens[self.at]
        self.at += 1
        node = self._brackets(opened, depth)
        self.field, self.exact = "", False
        return node

    def _inner_field(self, token: Token) -> None:
        fault = Fault(f"{token.field}: stands inside {self.field}:( )", "Take one of the two fields away")
        self.faults.append(Misplaced(fault, token.at, token.end))

    def _term(self, token: Token) -> Node:
        kind, text, _, _, field, exact, tail = token
        self.counts[0] += 1
        self.counts[1] += tail.startswith("~")
        self._check_counts(token)
        if self.field:
            if field and not (self.field in _IDENTIFIERS and field in _IDENTIFIERS):  # id:(arXiv:… OR doi:…)
                self._inner_field(token)
            field, exact = field or self.field, exact or self.exact
        try:
            return term_node(field, text, kind == "phrase", exact, tail)
        except Fault as fault:
            self.faults.append(Misplaced(fault, token.at, token.end))
            if len(self.faults) >= MOST_FAULTS:
                raise Misplaced(fault, token.at, token.end) from None
            return _BROKEN

    def _check_counts(self, token: Token) -> None:
        for count, most, what in zip(self.counts, (MOST_TERMS, MOST_NEAR), ("terms", "terms with ~"), strict=True):
            if count > most:
                _stop(f"more than {most} {what}", "Make two topics of it", token.at, token.end)

    # --- site topics ---------------------------------------------------------------------------------------------

    def _topic(self, token: Token, depth: int) -> Node:
        name = token.text
        if self.field:
            _stop(f"@{name} stands inside {self.field}:( )", "A site topic has its own fields; put it outside",
                  token.at, token.end)  # fmt: skip
        if name in self.inside:
            circle = " → ".join(f"@{n}" for n in (*self.inside, name))
            _stop(f"@{name} stands for itself: {circle}", "One of them must not name the other", token.at, token.end)
        if name not in self.topics:
            return self._no_topic(token)
        self.counts[0] += 1
        text = self.topics[name]
        if "@" not in text:  # alone it is always the same tree: one object for all who name it
            node, count, near, fault = _plain_topic(text)
            self.counts[0] += count
            self.counts[1] += near
        else:
            inner = _Parser(without_unseen(text), self.topics, (*self.inside, name), depth + 1, self.counts)
            node, fault = inner.whole(), inner.faults[0].fault if inner.faults else None
        self._check_counts(token)
        if fault is not None:
            self._faulty_topic(token, fault)
        return node

    def _faulty_topic(self, token: Token, fault: Fault) -> None:
        """Adds a topic's fault at the place of its name; a circle or a chain keeps the words of its innermost fault."""
        known = "stands for itself" in fault.what or fault.what.startswith(("@", "more than"))
        what = fault.what if known else f"@{token.text} has a mistake: {fault.what}"
        self.faults.append(Misplaced(Fault(what, fault.fix), token.at, token.end))

    def _no_topic(self, token: Token) -> Node:
        near = get_close_matches(token.text[:40], self.topics, 1)
        listed = ", ".join(f"@{name}" for name in self.topics) or "none are configured"
        fix = f"Did you mean @{near[0]}?" if near else f"Site topics: {listed}"
        self.faults.append(Misplaced(Fault(f"there is no site topic @{token.text}", fix), token.at, token.end))
        return _BROKEN


@lru_cache(maxsize=256)
def _plain_topic(text: str) -> tuple[Node, int, int, Fault | None]:
    """Returns tree, numbers of terms and of near terms, and first fault of a site topic that names no other topic."""
    parser = _Parser(without_unseen(text), {}, (), 0, [0, 0])
    node = parser.whole()
    return node, parser.counts[0], parser.counts[1], parser.faults[0].fault if parser.faults else None


def _stop(what: str, fix: str, at: int, end: int) -> NoReturn:
    """Raises a fault that ends the parsing."""
    raise Misplaced(Fault(what, fix), at, end)
