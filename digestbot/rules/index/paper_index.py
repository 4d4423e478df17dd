"""Answers many rules over the papers of a window. The papers are indexed once; a rule is answered for all at once.

`docs/rules.md` says what a rule means. A test compares the index with the evaluator. A field is indexed when the first
rule asks for it. A set of papers is an int whose bit n is the n-th paper; a rule's answer is a
pair of sets (`postings.TruthSets`), for which Kleene's three values need no branch: AND and OR are & and | on both, NOT
changes their places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from math import log

from digestbot.model import Match, Paper, Reason
from digestbot.rules.evaluation.evaluate import (
    ELSEWHERE,
    Rule,
    Value,
    all_of,
    as_match,
    field_weight,
    in_order,
)
from digestbot.rules.index.narrowing import Counts
from digestbot.rules.index.postings import (
    CodePostings,
    DatePostings,
    NumberPostings,
    TextPostings,
    TruthSets,
    bits_of,
    numbers_of,
    picked,
)
from digestbot.rules.index.term_reasons import SearchedPaper
from digestbot.rules.language.fields import FIELDS, HAS, CodeField, DateField, NumberField, TextField
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Term

Postings = TextPostings | CodePostings | NumberPostings | DatePostings

KEPT_BYTES = 32_000_000  #: of answers that are kept
SEARCHED = 4000  #: papers kept cut for their reasons
MOST_REASONS = 150_000  #: of one term and one paper, kept: some 60 MB
LARGE = 6  #: a part with more parts than these is kept too: a site topic that many name
Worth = tuple[float, int]  #: a weight, and the papers whose score it is added to
Answer = tuple[TruthSets, tuple[Worth, ...]]  #: of a node; only terms and values have weights


class PaperIndex:
    """The papers of a window, ready for any number of rules. Order is kept.

    `select` says which papers, `why` says why for one that is shown; `match` does both for all. `bits`, `scores` and
    `papers` are for callers that combine answers before they look at papers: bit n is the n-th paper.
    """

    def __init__(self, papers: Iterable[Paper], counts: Counts | None = None) -> None:
        """`counts`: what is known of a window of which these are only a part."""
        self._papers, self._counts = tuple(papers), counts
        self.all = (1 << len(self._papers)) - 1
        self._postings: dict[str, Postings] = {}
        self._papers_searched: dict[int, SearchedPaper] = {}
        self._reasons: dict[tuple[int, int], Value] = {}
        # By identity: hashing a term costs more than using its answer, and the parser gives one object for equal
        # terms. The node is held, so that nobody else gets its id while it is here. Emptied together when full.
        self._kept: dict[int, TruthSets] = {}
        self._held: dict[int, tuple[Node, tuple[Worth, ...]]] = {}
        self._most = max(1000, KEPT_BYTES // (len(self._papers) // 2 + 400))

    def __len__(self) -> int:
        return len(self._papers)

    def match(self, rule: Rule) -> list[tuple[Paper, Match]]:
        """Returns the papers that the rule matches, with the reasons."""
        found = ((paper, self.why(rule, paper)) for paper in self.select(rule))
        return [(paper, match) for paper, match in found if match is not None]

    def select(self, rule: Rule) -> list[Paper]:
        """Returns the papers that the rule matches."""
        return self.papers(self.bits(rule))

    def bits(self, rule: Rule) -> int:
        """Returns the papers that the rule matches, as a set.

        Answers of whole rules are not kept: once the terms are known, evaluating costs less than a look-up.
        """
        return self._value(rule.tree)[0]

    def scores(self, rule: Rule, bits: int) -> list[tuple[int, float]]:
        """Returns (number, weight of what made the rule true) of each of these papers, in no order. The rule must match them."""
        return [(n, score) for score, papers in self.by_score(rule, bits) for n in numbers_of(papers)]

    def by_score(self, rule: Rule, bits: int) -> list[tuple[float, int]]:
        """Returns these papers in sets of equal weight, with the weight of what made the rule true. The rule must match them.

        A term weighs 3 in a title and 1 elsewhere, times its rarity among the papers of the index.

        Works on whole sets: after each part of the rule, the papers are grouped by the score they have so far.
        """
        parted = {0.0: bits}
        for worth_here, some in self._worths(rule.tree, bits):
            before, parted = parted, {}
            for score, papers in before.items():
                have = papers & some
                for new, these in ((score + worth_here, have), (score, papers ^ have)):
                    if these:
                        parted[new] = parted.get(new, 0) | these
        return list(parted.items())

    def _rarity(self, node: Node, bits: int) -> float:
        """Returns the weight of a part that these papers have: BM25's inverse document frequency."""
        having, total = bits.bit_count(), len(self._papers)
        if self._counts is not None:
            total = self._counts.total
            if node in self._counts.having:
                having = self._counts.having[node] + (bits & self._counts.uncounted).bit_count()
        return log(1 + (total - having + 0.5) / (having + 0.5))

    def numbers(self, bits: int) -> list[int]:
        """The numbers of the papers of a set, in their order."""
        return numbers_of(bits)

    def papers(self, bits: int) -> list[Paper]:
        """The papers of a set, in their order."""
        return picked(self._papers, bits)

    def why(self, rule: Rule, paper: Paper) -> Match | None:
        """Returns the evaluator's reasons for one paper, or None when the rule does not match it."""
        n = self.number(paper)
        if n is None:
            return rule.match(paper)
        bits = self.bits(rule) & 1 << n
        return (
            as_match(all_of([self._true_value(node, n) for node, _ in self._true(rule.tree, bits)])) if bits else None
        )

    def reasons(self, rule: Rule, papers: Sequence[Paper]) -> list[tuple[Reason, ...]]:
        """Returns the reasons for each of these papers, () where the rule does not match it."""
        if not papers:
            return []
        bits, number, true = self.bits(rule), self._number, self._true_value
        parts = list(self._true(rule.tree, bits))
        told = []
        for paper in papers:
            n = number.get(id(paper))
            if n is None or not bits >> n & 1:
                match = rule.match(paper) if n is None else None
                told.append(match.reasons if match else ())
            elif len(parts) == 1 and parts[0][1] >> n & 1:
                told.append(true(parts[0][0], n).reasons)
            else:
                some = [true(node, n).reasons for node, have in parts if have >> n & 1]
                told.append(some[0] if len(some) == 1 else in_order([reason for one in some for reason in one]))
        return told

    def number(self, paper: Paper) -> int | None:
        """Returns the number of a paper of the index; None for another one."""
        return self._number.get(id(paper))

    @cached_property
    def _number(self) -> dict[int, int]:
        """Number by identity. The index holds the papers, so ids stay valid."""
        return {id(paper): n for n, paper in enumerate(self._papers)}

    def _true(self, node: Node, within: int) -> Iterator[tuple[Node, int]]:
        """Yields the terms that make a true part true, each with the papers `within` a set for which it does."""
        if isinstance(node, And):
            for part in node.nodes:
                yield from self._true(part, within)
        elif isinstance(node, Or):
            for part in node.nodes:
                if here := within & self._value(part)[0]:
                    yield from self._true(part, here)
        elif not isinstance(node, Not):
            self._value(node)  # held from now on, so that nobody else gets its id
            yield node, within

    def _true_value(self, node: Node, n: int) -> Value:
        known = self._reasons.get((id(node), n))
        if known is None:
            if len(self._reasons) >= MOST_REASONS:
                self._reasons.clear()
            value = self._searched(n).value(node)
            known = self._reasons[id(node), n] = value._replace(reasons=in_order(value.reasons))
        return known

    def _searched(self, n: int) -> SearchedPaper:
        if n not in self._papers_searched:
            if len(self._papers_searched) >= SEARCHED:
                self._papers_searched.clear()
            self._papers_searched[n] = SearchedPaper(self._papers[n])
        return self._papers_searched[n]

    # --- nodes ---------------------------------------------------------------------------------------------------

    def _value(self, node: Node) -> TruthSets:
        if kept := self._kept.get(id(node)):
            return kept
        if isinstance(node, And):
            value = self._and(node.nodes)
        elif isinstance(node, Or):
            value = self._or(node.nodes)
        elif isinstance(node, Not):
            true, possible = self._value(node.node)
            return self.all ^ possible, self.all ^ true
        else:
            return self._keep(node, *self._atom(node))
        return self._keep(node, value) if len(node.nodes) > LARGE else value

    def _keep(self, node: Node, value: TruthSets, worths: tuple[Worth, ...] = ()) -> TruthSets:
        if len(self._kept) >= self._most:
            self._kept.clear()
            self._held.clear()
            self._reasons.clear()
        self._kept[id(node)], self._held[id(node)] = value, (node, worths)
        return value

    def _worths(self, node: Node, within: int) -> Iterator[Worth]:
        """Yields the weight of each true part, with the papers `within` a set that have it."""
        if isinstance(node, And):
            for part in node.nodes:
                yield from self._worths(part, within)
        elif isinstance(node, Or):
            for part in node.nodes:
                if here := within & self._value(part)[0]:
                    yield from self._worths(part, here)
        elif not isinstance(node, Not):
            self._value(node)
            for worth_here, some in self._held[id(node)][1]:
                if here := within & some:
                    yield worth_here, here

    def _and(self, nodes: Iterable[Node]) -> TruthSets:
        true = possible = self.all
        for node in nodes:
            true_here, possible_here = self._kept.get(id(node)) or self._value(node)
            if true is possible and true_here is possible_here:  # all is known: one number stands for both
                true = possible = true & true_here
            else:
                true, possible = true & true_here, possible & possible_here
            if not possible:
                break
        return true, possible

    def _or(self, nodes: Iterable[Node]) -> TruthSets:
        true = possible = 0
        for node in nodes:
            true_here, possible_here = self._kept.get(id(node)) or self._value(node)
            if true is possible and true_here is possible_here:
                true = possible = true | true_here
            else:
                true, possible = true | true_here, possible | possible_here
        return true, possible

    def _atom(self, node: Term | Code | Compare | Has) -> Answer:
        if isinstance(node, Term):
            return self._term(node)
        if isinstance(node, Has):
            there = bits_of((n for n, p in enumerate(self._papers) if HAS[node.what].read(p)), len(self._papers))
            return (there, there), ((ELSEWHERE * self._rarity(node, there), there),)
        postings = self._field(node.field)
        if isinstance(node, Code):
            assert isinstance(postings, CodePostings)  # the grammar makes Codes of code fields only
            value = postings.value(node)
        else:
            assert isinstance(postings, NumberPostings | DatePostings)  # and Compares of these two
            value = postings.value(node)
        return value, ((ELSEWHERE * self._rarity(node, value[0]), value[0]),)

    def _term(self, term: Term) -> Answer:
        """True where any of its fields has it; unknown where none of its fields is known."""
        true, unknown, worths = 0, self.all, []
        for name in term.fields:
            postings = self._field(name)
            assert isinstance(postings, TextPostings)  # the grammar makes Terms of text fields only
            there = postings.true(term)
            true |= there
            unknown &= postings.unknown
            worths.append((field_weight(name), there))
        possible = true | unknown if unknown else true  # one number for both is half the memory
        rarity = self._rarity(term, true)
        return (true, possible), tuple((one * rarity, there) for one, there in worths if there)

    def _field(self, name: str) -> Postings:
        if name not in self._postings:
            self._postings[name] = self._indexed(name)
        return self._postings[name]

    def _indexed(self, name: str) -> Postings:
        match FIELDS[name]:
            case TextField(read=read):
                return TextPostings([read(p) for p in self._papers], field=name)
            case CodeField(read=read):
                return CodePostings([read(p) for p in self._papers])
            case NumberField(read=count):
                return NumberPostings([count(p) for p in self._papers])
            case DateField(read=date):
                return DatePostings([date(p) for p in self._papers])
