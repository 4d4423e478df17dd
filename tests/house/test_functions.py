"""How much one function does, and how much it takes: counted over all of `digestbot/`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import digestbot

PACKAGE = Path(digestbot.__file__).parent
MOST_BRANCHES = 10
MOST_PARAMETERS = 7
#: click hands a command its app and every option by name
MOST_PARAMETERS_OF_A_COMMAND = 8
#: share of functions that may branch more: parsers of other people's formats, mostly
MANY_BRANCHES = 0.02

Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (
    ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case, ast.comprehension,
)  # fmt: skip


@cache
def functions() -> tuple[tuple[str, Function], ...]:
    return tuple(_found())


def _found() -> Iterator[tuple[str, Function]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, Function):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}", node


def branches(function: Function) -> int:
    """Branches of a function and of those inside it; each operand of `and` and `or` but the first is one."""
    nodes = list(ast.walk(function))
    operands = sum(len(node.values) - 1 for node in nodes if isinstance(node, ast.BoolOp))
    return sum(isinstance(node, BRANCHES) for node in nodes) + operands


def parameters(function: Function) -> int:
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def is_command(function: Function) -> bool:
    return any(".command(" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_few_functions_branch_often() -> None:
    counted = sorted(((branches(function), name) for name, function in functions()), reverse=True)
    many = [f"{count} {name}" for count, name in counted if count > MOST_BRANCHES]
    shown = "\n".join(many)
    assert len(many) <= MANY_BRANCHES * len(counted), f"{len(many)} of {len(counted)} functions:\n{shown}"


def test_no_function_takes_more_than_a_handful_of_parameters() -> None:
    many = [
        f"{parameters(function)} {name}" for name, function in functions()
        if parameters(function) > (MOST_PARAMETERS_OF_A_COMMAND if is_command(function) else MOST_PARAMETERS)
    ]  # fmt: skip
    assert many == []


def test_branches_are_counted_as_the_reader_meets_them() -> None:
    [function] = ast.parse(
        "def f(a, b=1, *, c=2):\n"
        "    if a and b or c:\n        return [x for x in a if x]\n"
        "    def g(): return 1 if a else 2\n"
    ).body
    assert isinstance(function, Function)
    assert (branches(function), parameters(function)) == (5, 3)
