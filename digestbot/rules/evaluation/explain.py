"""Explain a rule on one paper clause by clause: true, false or unknown, and the text it looked at. Pure.

The evaluator computes the values; this module only words them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digestbot.rules.evaluation.evaluate import Prepared, Rule, evaluate
from digestbot.rules.language.fields import DEFAULT, FIELDS, HAS, CodeField, Thing
from digestbot.rules.language.syntax_tree import And, Code, Compare, Has, Node, Not, Or, Spellings, Term

_BARE = re.compile(r"(?!(?:and|or|not)\Z)\w+[+#]*\*?")  #: a word that needs no quotation marks
MOST_SHOWN = 5  #: values of a field that are quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One part of a rule, with its value on one paper."""

    text: str  #: as a person would write it
    value: bool | None  #: None: not known
    saw: str = ""  #: what the paper says: `"Flow Matching" in title`, `not in title or abstract`, `upvotes is 3`
    parts: tuple[Clause, ...] = ()

    def decisive(self) -> tuple[Clause, ...]:
        """Returns the smallest clauses that decide the value: what a short answer names."""
        if not self.parts:
            return (self,)
        if self.text.startswith("NOT "):
            return (self,)
        chosen = [part for part in self.parts if part.value == self.value]
        return tuple(clause for part in chosen for clause in part.decisive())


def explain(rule: Rule, thing: Thing) -> Clause:
    """Returns the rule's clauses with their values on one paper."""
    return _clause(rule.tree, Prepared(thing))


def _clause(node: Node, paper: Prepared) -> Clause:
    value, reasons, _ = evaluate(node, paper)
    seen = ", ".join(f"“{reason.text}” in {reason.field}" for reason in reasons[:MOST_SHOWN])
    match node:
        case Term() | Spellings():
            return Clause(text=wording(node), value=value, saw=seen or _absent(node.fields, value))
        case And() | Or():
            return Clause(text=wording(node), value=value, parts=tuple(_clause(n, paper) for n in node.nodes))
        case Not():
            inner = _clause(node.node, paper)
            parts = inner.parts and (inner,)
            return Clause(text=wording(node), value=value, saw="" if parts else inner.saw, parts=parts)
        case _:
            return Clause(text=wording(node), value=value, saw=_saw(node, paper))


def _absent(fields: tuple[str, ...], value: bool | None) -> str:
    names = [FIELDS[name].name for name in fields]
    where = " or ".join(names)
    return f"{where} not known" if value is None else f"not in {where}"


def _saw(node: Code | Compare | Has, paper: Prepared) -> str:
    """Says what the field of this paper holds."""
    if isinstance(node, Has):
        return f"{'has' if HAS[node.what].read(paper.thing) else 'no'} {node.what}"
    field = FIELDS[node.field]
    read = field.read(paper.thing)
    if read is None:
        return f"{field.name} not known"
    if isinstance(field, CodeField):
        return f"{field.name} is {_listed(read)}" if read else f"no {field.name}"  # type: ignore[arg-type]  # a tuple then
    return f"{field.name} is {getattr(read, 'text', read)}"


def _listed(values: tuple[str, ...]) -> str:
    rest = len(values) - MOST_SHOWN
    return ", ".join(values[:MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")


_BETWEEN = {Or: " OR ", And: " AND "}


def wording(node: Node, *, inside: bool = False) -> str:
    """Writes a part of a rule as a person would. Parsing the result gives an equal part."""
    match node:
        case Spellings():
            return node.written
        case Or() | And():
            text = _BETWEEN[type(node)].join(wording(n, inside=True) for n in node.nodes)
            return f"({text})" if inside else text
        case Not():
            return f"NOT {wording(node.node, inside=True)}"
        case Term():
            return _term(node)
        case Code():
            return f"{node.field}:{_value(node)}"
        case Compare():
            return f"{node.field}:{node.operator}{node.date.text if node.date else node.number}"
        case Has():
            return f"has:{node.what}"


def _value(code: Code) -> str:
    if code.prefix:
        return f"{code.value}*"
    return code.value if re.fullmatch(r"[\w./-]+", code.value) else f'"{code.value}"'


def _term(term: Term) -> str:
    shown = [word.upper() if n in term.capital else word for n, word in enumerate(term.words)]
    text = " ".join(shown) + ("*" if term.prefix else "")
    if len(term.words) > 1 or term.near is not None or not _BARE.fullmatch(text):
        text = f'"{text}"'
    text = f"{'=' if term.exact else ''}{text}{'' if term.near is None else f'~{term.near}'}"
    return text if term.fields == DEFAULT else " OR ".join(f"{name}:{text}" for name in term.fields)
