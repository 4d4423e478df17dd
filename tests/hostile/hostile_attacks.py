"""Builds inputs that make a backtracking matcher work hard: a beginning, a repetition and an end, from the pattern itself."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from time import thread_time
from typing import Any, NamedTuple

import digestbot

#: Characters of every kind, for classes that exclude something.
KINDS = "a1 <=\"'/>&;:.,-(){}[]\\$@\nAé\u200c中\x00"
#: Behind the repetition: nothing, and what should fit no pattern.
ENDS = ("", "\x01", "<", "a", " \x01")
#: A repeat that may run longer than this counts as unbounded.
LONG = 60
#: Twice the length may cost this much more.
LIMIT = 2.6
#: Seconds that are far too much for a few hundred characters.
EXPLODED = 0.03


class Attack(NamedTuple):
    """A text as long as one likes."""

    beginning: str
    repeated: str
    end: str

    def text(self, length: int) -> str:
        return self.times(max(1, length // len(self.repeated)))

    def times(self, number: int) -> str:
        return self.beginning + self.repeated * number + self.end


@dataclass(frozen=True)
class Found:
    """One pattern of the program, and how it is used."""

    where: str
    pattern: re.Pattern[Any]
    anchored: bool  #: only `match` and `fullmatch` are called

    def run(self, text: str) -> None:
        given: Any = text if isinstance(self.pattern.pattern, str) else text.encode("utf-8", "replace")
        if self.anchored:
            self.pattern.match(given)
            self.pattern.fullmatch(given)
        else:
            for _ in self.pattern.finditer(given):
                pass


def _members(av: Any) -> str:
    negated, found = False, []
    for kind, value in av:
        if kind is op.NEGATE:
            negated = True
        elif kind is op.LITERAL:
            found.append(chr(value))
        elif kind is op.RANGE:
            found += [chr(value[0]), chr(value[1])]
        elif kind is op.CATEGORY:
            found += _CATEGORY[value]
    if not negated:
        return "".join(dict.fromkeys(found))
    test = re.compile("[" + "".join(_class(av)) + "]")
    return "".join(c for c in KINDS if test.match(c))


def _class(av: Any) -> Iterator[str]:
    for kind, value in av:
        if kind is op.NEGATE:
            yield "^"
        elif kind is op.LITERAL:
            yield re.escape(chr(value))
        elif kind is op.RANGE:
            yield re.escape(chr(value[0])) + "-" + re.escape(chr(value[1]))
        elif kind is op.CATEGORY:
            yield _ESCAPE[value]


_CATEGORY = {
    op.CATEGORY_DIGIT: "1",
    op.CATEGORY_NOT_DIGIT: "a ",
    op.CATEGORY_SPACE: " \n",
    op.CATEGORY_NOT_SPACE: "a1<.",
    op.CATEGORY_WORD: "aé1_",
    op.CATEGORY_NOT_WORD: " <-",
}
_ESCAPE = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def _inner(kind: Any, av: Any) -> Any:
    return av[-1] if kind is op.SUBPATTERN else av


def variants(tree: Any) -> list[str]:
    """Returns a few texts that the tree matches, the plainest first."""
    found = [""]
    for kind, av in tree:
        pieces = _pieces(kind, av)
        found = [a + pieces[0] for a in found] + [found[0] + p for p in pieces[1:5]]
        found = found[:6]
    return found


def _shortest(tree: Any) -> str:
    """What the tree matches without everything that may be left out: signs side by side that others keep apart."""
    made = ""
    for kind, av in tree:
        if kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
            made += _shortest(_inner(kind, av))
        elif kind in _REPEATS:
            made += _shortest(av[2]) * min(av[0], 40)
        elif kind is op.BRANCH:
            made += _shortest(av[1][0])
        else:
            made += _pieces(kind, av)[0]
    return made


def _pieces(kind: Any, av: Any) -> list[str]:
    if kind is op.LITERAL:
        return [chr(av)]
    if kind is op.NOT_LITERAL:
        return [c for c in KINDS if c != chr(av)][:5]
    if kind is op.ANY:
        return list('a <"')
    if kind is op.IN:
        return list(_members(av)[:6]) or [""]
    if kind is op.BRANCH:
        return [v for branch in av[1] for v in variants(branch)[:2]][:8]
    if kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
        return variants(_inner(kind, av))
    if kind in _REPEATS:
        low = max(1, min(av[0], 40))
        return [v * low for v in variants(av[2])]
    if kind is op.ASSERT and av[0] < 0:
        return variants(av[1])  # what stands before: without it nothing behind it is tried
    return [""]


def attacks(pattern: re.Pattern[Any]) -> list[Attack]:
    """Returns texts for each repeat of the pattern, and for each pair of its tokens."""
    source = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    flags = pattern.flags & ~re.UNICODE if isinstance(pattern.pattern, bytes) else pattern.flags
    tree = parser.parse(source, flags | (re.UNICODE if isinstance(pattern.pattern, bytes) else 0))
    found: dict[Attack, None] = {}
    last: dict[str, str] = {}  #: before → the body tried last: two that differ are tried in turns
    for before, body in _repeats(tree, ("",)):
        turns = last.get(before, body) + body
        last[before] = body
        for beginning in dict.fromkeys(("", before)):
            for repeated in dict.fromkeys(
                (body, before + body, body + body + " ", before or body, f"{before + body} ", turns)
            ):
                if repeated:
                    for end in ENDS:
                        found[Attack(beginning, repeated, end)] = None
    tokens = tokens_of(tree)[:14]
    for beginning in ["", *tokens]:
        for repeated in tokens:
            found[Attack(beginning, repeated, "\x01")] = None
    return list(found)


def _repeats(tree: Any, before: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """What stands before each long repeat, in the plainest and in another form, and what it repeats."""
    for kind, av in tree:
        if kind in _REPEATS:
            if av[1] > LONG:
                yield from ((one, body) for one in before for body in (*variants(av[2])[:6], _shortest(av[2])) if body)
            yield from _repeats(av[2], before)
        elif kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
            yield from _repeats(_inner(kind, av), before)
        elif kind is op.BRANCH:
            for branch in av[1]:
                yield from _repeats(branch, before)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            yield from _repeats(av[1], before)
        pieces = _pieces(kind, av)
        before = tuple(dict.fromkeys((before[0] + pieces[0], before[-1] + pieces[-1])))


def tokens_of(tree: Any) -> list[str]:
    """Returns the literal runs and one or two members of each class."""
    found: dict[str, None] = {}
    run = ""
    for kind, av in tree:
        if kind is op.LITERAL:
            run += chr(av)
            continue
        if run:
            found[run], run = None, ""
        if kind is op.IN:
            found |= dict.fromkeys(_members(av)[:3])
        elif kind is op.NOT_LITERAL:
            found[_pieces(kind, av)[0]] = None
        elif kind in _REPEATS:
            found |= dict.fromkeys(tokens_of(av[2]))
        elif kind in (op.SUBPATTERN, op.ATOMIC_GROUP):
            found |= dict.fromkeys(tokens_of(_inner(kind, av)))
        elif kind is op.BRANCH:
            for branch in av[1]:
                found |= dict.fromkeys(tokens_of(branch))
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            found |= dict.fromkeys(tokens_of(av[1]))
    if run:
        found[run] = None
    return list(found)


def module_names() -> list[str]:
    """Returns every module of the package but the shipped tests and the migrations."""
    names = (m.name for m in pkgutil.walk_packages(digestbot.__path__, "digestbot."))
    return [n for n in names if ".testing" not in n and ".migrations." not in n and not n.endswith("__main__")]


def _held(value: Any, depth: int = 0) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth < 3 and isinstance(value, dict):
        for one in (*value, *value.values()):
            yield from _held(one, depth + 1)
    elif depth < 3 and isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _held(one, depth + 1)


@cache
def patterns(name: str) -> list[Found]:
    """Returns the compiled patterns a module holds, and those written where they are used."""
    module = importlib.import_module(name)
    source = Path(module.__file__ or "").read_text("utf-8")
    found: dict[tuple[Any, int], Found] = {}
    own = {name for name, v in vars(module).items() if re.search(rf"^{re.escape(name)}\b.*=", source, re.MULTILINE)}
    for name in own:
        for pattern in _held(vars(module)[name]):
            used = set(re.findall(rf"\b{re.escape(name)}\.(\w+)\(", source))
            anchored = bool(used) and used <= {"match", "fullmatch"}
            found[pattern.pattern, pattern.flags] = Found(f"{module.__name__}:{name}", pattern, anchored)
    for node in ast.walk(ast.parse(source)):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "re"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and node.func.attr
            in ("sub", "subn", "match", "search", "split", "findall", "finditer", "fullmatch", "compile")
        ):
            given = node.args[0].value
            named = [k.value for k in node.keywords if k.arg == "flags"]
            said = ast.unparse(named[0] if named else node.args[-1]) if (named or len(node.args) > 1) else ""
            flags = 0
            for flag in ("IGNORECASE", "DOTALL", "MULTILINE", "ASCII"):
                flags |= getattr(re, flag) if f"re.{flag}" in said else 0
            pattern = re.compile(given, flags)
            key = (pattern.pattern, pattern.flags)
            if key not in found:
                anchored = node.func.attr in ("match", "fullmatch")
                found[key] = Found(f"{module.__name__}:{node.lineno}", pattern, anchored)
    return list(found.values())


def cost(work: Callable[[str], object], text: str, times: int = 2) -> float:
    """Returns the least CPU time of a few runs, in seconds."""
    best = float("inf")
    for _ in range(times):
        begun = thread_time()
        work(text)
        best = min(best, thread_time() - begun)
    return best


def explodes(work: Callable[[str], object], attack: Attack) -> bool:
    """Whether some dozens of repetitions cost more than any work of their kind: then a few more would cost years."""
    for number in (8, 12, 16, 20, 24, 28, 32, 40, 48, 64):
        if cost(work, attack.times(number), 1) > EXPLODED:
            now, before = cost(work, attack.times(number), 2), cost(work, attack.times(number * 3 // 4), 2)
            return now > EXPLODED and now > 8 * before  # a third more costs twice as much in cubic time
    return False


def growth(work: Callable[[str], object], attack: Attack, length: int = 2000, floor: float = 0.002) -> float:
    """Returns how much more twice the length costs; the least of several measurements, at lengths that cost enough to be measured.

    A quadratic function costs four times as much at every length; noise raises one measurement, seldom all of them.
    """
    while cost(work, attack.text(length), 1) < floor:
        if length >= 64_000:
            return 1.0
        length *= 2
    least = float("inf")
    for times in (1, 2, 2, 2):
        least = min(least, cost(work, attack.text(2 * length), times) / cost(work, attack.text(length), times))
        if least < LIMIT:
            break
        length *= 2
        if cost(work, attack.text(length), 1) > 0.3:
            break
    return least
