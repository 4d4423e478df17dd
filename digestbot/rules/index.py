"""Many rules over the papers of a window: the papers are indexed once, a rule is answered for all of them at once.

`docs/rules.md` says what a rule means; the evaluator is the oracle, and a test holds the two together. A field is
indexed when the first rule asks for it. A set of papers is an int whose bit n is the n-th paper; a rule's answer is a
pair of sets (`postings.Sure`), for which Kleene's three values need no branch: AND and OR are & and | on both, NOT
changes their places.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import compress

from digestbot.model import Match, Paper
from digestbot.rules.evaluate import Prepared, Rule
from digestbot.rules.fields import FIELDS, HAS, CodeField, DateField, NumberField, TextField
from digestbot.rules.postings import (
    CodePostings,
    DatePostings,
    NumberPostings,
    Sure,
    TextPostings,
    bits_of,
)
from digestbot.rules.tree import And, Code, Compare, Has, Node, Not, Or, Term

Postings = TextPostings | CodePostings | NumberPostings | DatePostings

KEPT_BYTES = 32_000_000  #: of answers that are kept
PREPARED = 4000  #: papers kept cut for their reasons
SPARSE = 16  #: fewer than one in so many: then going from bit to bit is quicker than looking at each
LARGE = 6  #: a part with more parts than these is kept too: a site topic that many name


_DIGITS = bytes.maketrans(b"01", b"\0\1")


class PaperIndex:
    """The papers of a window, ready for any number of rules. Order is kept.

    `select` says which papers, `why` says why for one that is shown; `match` does both for all. `bits` and `papers`
    are for callers that combine answers before they look at papers: bit n is the n-th paper.
    """

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._papers = tuple(papers)
        self.all = (1 << len(self._papers)) - 1
        self._postings: dict[str, Postings] = {}
        self._prepared: dict[int, Prepared] = {}
        # By identity: hashing a term costs more than using its answer, and the parser gives one object for equal
        # terms. The node is held, so that nobody else gets its id while it is here. Emptied when full.
        self._kept: dict[int, tuple[Sure, Node]] = {}
        self._most = max(1000, KEPT_BYTES // (len(self._papers) // 4 + 300))

    def __len__(self) -> int:
        return len(self._papers)

    def match(self, rule: Rule) -> list[tuple[Paper, Match]]:
        """Papers the rule is true for, with the reasons."""
        found = ((paper, self.why(rule, paper)) for paper in self.select(rule))
        return [(paper, match) for paper, match in found if match is not None]

    def select(self, rule: Rule) -> list[Paper]:
        """Papers the rule is true for."""
        return self.papers(self.bits(rule))

    def bits(self, rule: Rule) -> int:
        """Papers the rule is true for, as a set.

        Whole rules are not kept: once its terms are known, answering costs less than looking up what was said.
        """
        return self._value(rule.tree)[0]

    def papers(self, bits: int) -> list[Paper]:
        """The papers of a set, in their order."""
        papers = self._papers
        if bits.bit_count() * SPARSE > len(papers):
            return list(compress(papers, bin(bits)[:1:-1].encode().translate(_DIGITS)))  # bit 0 first
        found = []
        while bits:  # from the top: the number gets shorter, and its length is quicker had than its lowest bit
            at = bits.bit_length() - 1
            found.append(papers[at])
            bits ^= 1 << at
        found.reverse()
        return found

    def why(self, rule: Rule, paper: Paper) -> Match | None:
        """The reasons for one paper, by the plain evaluator; None when the rule is not true for it."""
        prepared = self._prepared.get(id(paper))
        if prepared is None or prepared.thing is not paper:
            if len(self._prepared) >= PREPARED:
                self._prepared.clear()
            prepared = self._prepared[id(paper)] = Prepared(paper)
        return rule.match(prepared)

    # --- nodes ---------------------------------------------------------------------------------------------------

    def _value(self, node: Node) -> Sure:
        kept = self._kept.get(id(node))
        if kept is not None:
            return kept[0]
        if isinstance(node, And):
            value = self._and(node.nodes)
        elif isinstance(node, Or):
            value = self._or(node.nodes)
        elif isinstance(node, Not):
            true, possible = self._value(node.node)
            return self.all ^ possible, self.all ^ true
        else:
            return self._keep(node, self._atom(node))
        return self._keep(node, value) if len(node.nodes) > LARGE else value

    def _keep(self, node: Node, value: Sure) -> Sure:
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[id(node)] = value, node
        return value

    def _and(self, nodes: Iterable[Node]) -> Sure:
        true = possible = self.all
        for node in nodes:
            kept = self._kept.get(id(node))
            true_here, possible_here = kept[0] if kept is not None else self._value(node)
            true &= true_here
            possible &= possible_here
            if not possible:
                break
        return true, possible

    def _or(self, nodes: Iterable[Node]) -> Sure:
        true = possible = 0
        for node in nodes:
            kept = self._kept.get(id(node))
            true_here, possible_here = kept[0] if kept is not None else self._value(node)
            true |= true_here
            possible |= possible_here
        return true, possible

    def _atom(self, node: Term | Code | Compare | Has) -> Sure:
        if isinstance(node, Term):
            return self._term(node)
        if isinstance(node, Has):
            there = bits_of((n for n, p in enumerate(self._papers) if HAS[node.what].read(p)), len(self._papers))
            return there, there
        postings = self._field(node.field)
        if isinstance(node, Code):
            assert isinstance(postings, CodePostings)  # the grammar makes Codes of code fields only
            return postings.value(node)
        assert isinstance(postings, NumberPostings | DatePostings)  # and Compares of these two
        return postings.value(node)

    def _term(self, term: Term) -> Sure:
        """True in any of its fields; not known only where none of them is."""
        true, unknown = 0, self.all
        for name in term.fields:
            postings = self._field(name)
            assert isinstance(postings, TextPostings)  # the grammar makes Terms of text fields only
            true |= postings.true(term)
            unknown &= postings.unknown
        return true, true | unknown if unknown else true  # one number for both is half the memory

    def _field(self, name: str) -> Postings:
        if name not in self._postings:
            self._postings[name] = self._indexed(name)
        return self._postings[name]

    def _indexed(self, name: str) -> Postings:
        match FIELDS[name]:
            case TextField(read=read):
                return TextPostings([read(p) for p in self._papers], names=name == "au")
            case CodeField(read=read):
                return CodePostings([read(p) for p in self._papers])
            case NumberField(read=count):
                return NumberPostings([count(p) for p in self._papers])
            case DateField(read=date):
                return DatePostings([date(p) for p in self._papers])
