"""The order of the rooms, and how little `--help` loads."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import digestbot

PACKAGE = Path(digestbot.__file__).parent
#: DESIGN.md section 3: a room imports only from rooms before it
ORDER = (
    "errors", "bundled", "model", "papers", "rules", "ranking", "digest", "mail", "sources", "settings",
    "transport", "store", "channels", "acts", "testing", "plugins", "app", "running", "scheduler", "web", "cli",
)  # fmt: skip


def rooms() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if name not in ("__init__", "__main__"):
            found.setdefault(name, []).append(path)
    return found


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("digestbot"):
            rest = node.module.split(".")[1:]
            names |= {rest[0]} if rest else {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("digestbot.")}
    return names - {"__version__"}


def test_every_room_has_its_place_in_the_order() -> None:
    assert set(rooms()) == set(ORDER)


def test_a_room_imports_only_from_rooms_before_it() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for room, paths in rooms().items()
        for path in paths
        for name in imported(path)
        if name not in ORDER[: ORDER.index(room) + 1]
    ]
    assert not wrong


def test_pure_rooms_touch_neither_network_nor_database_nor_clock() -> None:
    forbidden = {"aiohttp", "sqlalchemy", "aiosmtplib", "socket", "asyncio", "subprocess", "urllib.request", "smtplib"}
    for room in ORDER[ORDER.index("model") : ORDER.index("transport")]:
        for path in rooms()[room]:
            tree = ast.parse(path.read_text())
            names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
            names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
            assert not names & forbidden, path
            assert "datetime.now(" not in path.read_text(), path


def test_no_module_is_longer_than_450_lines() -> None:
    assert not [str(p) for p in PACKAGE.rglob("*.py") if len(p.read_text().splitlines()) > 450]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom digestbot.cli import cli\ncli.main(['--help'], standalone_mode=False)\n"
        "print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.splitlines()[
        -1
    ]
    heavy = {"sqlalchemy", "aiohttp", "feedparser", "jinja2", "alembic", "apscheduler", "aiosmtplib", "asyncio"}
    assert not heavy & set(out.split())


def test_help_answers_in_under_300_ms() -> None:
    def seconds() -> float:
        """Of the processor: what the machine does beside is not ours."""
        before = os.times()
        subprocess.run([sys.executable, "-m", "digestbot", "--help"], capture_output=True, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert median(seconds() for _ in range(5)) < 0.3
