"""The order of rooms and wings, what pure rooms may touch, and how little `--help` loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from cost import quickest
from rows import rows

import digestbot

PACKAGE = Path(digestbot.__file__).parent
#: docs/architecture.md: a room imports only from rooms before it
ORDER = (
    "errors", "bundled", "memo", "model", "papers", "rules", "ranking", "digest", "mail", "sources", "settings",
    "transport", "system", "store", "channels", "encoders", "acts", "testing", "plugins", "app", "daemon", "worker", "web", "cli",
)  # fmt: skip
#: the wings and files of a room, lowest first: each imports only from those before it. A file of a room that is not
#: named stands above all its wings, and files beside each other may use each other.
WINGS = {
    "papers": ("text", "identity", "facts", "exchange"),
    "rules": ("words", "language", "evaluation", "index"),
    "digest": ("selection", "rendering"),
    "mail": ("header_guard", "addresses", "message", "lint", "bounces", "policies"),
    "sources": ("values", "formats", "records", "alerts", "kinds", "providers"),
    "store": ("contract", "tables", "sql"),
    "acts": ("leases", "faults", "site", "papers", "intake", "delivery", "people", "digests", "upkeep", "answers", "pages", "rounds"),
    "web": ("frame", "reading", "people", "operate"),
    "cli": ("terminal", "logs", "with_app", "setup", "answers", "operate"),
}  # fmt: skip
PURE = ORDER[ORDER.index("model") : ORDER.index("transport")]
EDGES = {"aiohttp", "sqlalchemy", "aiosmtplib", "socket", "asyncio", "subprocess", "urllib.request", "smtplib"}
#: what acts leave to system/: files, folders, processes
DISK = {"mkdir", "unlink", "rename", "replace_text", "chmod", "rmtree", "copyfile", "touch", "stat"}
DISK_MODULES = {"os", "shutil", "tempfile", "subprocess", "socket", "signal"}
#: what opens a database, the network, a mail server or a model: `app` does, and hands it on
ADAPTERS = {
    ("store", "database"), ("store", "reading"), ("transport", "http"), ("transport", "dns"), ("transport", "sntp"),
    ("transport", "mailboxes"), ("transport", "imap"), ("channels", "smtp"), ("channels", "maildir"),
    ("channels", "relay_probe"), ("encoders", "local"), ("encoders", "endpoint"),
}  # fmt: skip
FACES = ORDER[ORDER.index("daemon") :]
FILE_READS = {"open", "read_text", "read_bytes", "write_text", "write_bytes", "glob", "rglob", "iterdir"}
#: pure rooms that read files of ours, each with its reason
READS_ALLOWED = {
    "settings/reading.py": "finds the files of subscribers beside the main one",
    "digest/rendering/template_loader.py": "templates are files, read once when the program starts",
}


def modules() -> list[Path]:
    return [
        path for path in sorted(PACKAGE.rglob("*.py")) if path.name != "__main__.py" and path.parent != PACKAGE.parent
    ]


def place(path: Path) -> tuple[str, ...]:
    """`digestbot/acts/intake/poll.py` as ("acts", "intake", "poll"); a package is its folder."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def imported(tree: ast.AST) -> set[tuple[str, ...]]:
    """Places that a module imports, names of modules within packages included."""
    found: set[tuple[str, ...]] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "digestbot":
            base = tuple(node.module.split(".")[1:])
            found |= {(*base, a.name) if is_module((*base, a.name)) else base for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {tuple(a.name.split(".")[1:]) for a in node.names if a.name.startswith("digestbot.")}
    return found - {()}


def is_module(parts: tuple[str, ...]) -> bool:
    path = PACKAGE.joinpath(*parts)
    return path.is_dir() or path.with_suffix(".py").is_file()


def breach(where: tuple[str, ...], what: tuple[str, ...]) -> str:
    """Why `where` must not import `what`; "" when it may."""
    if not where:
        return ""
    room, other = where[0], what[0]
    if other not in ORDER or ORDER.index(other) > ORDER.index(room):
        return f"{'.'.join(where)} imports {'.'.join(what)}: {room} stands below {other}"
    wings = WINGS.get(room, ())
    if room != other or len(where) < 2 or len(what) < 2 or where[1] not in wings:
        return ""
    if what[1] not in wings or wings.index(what[1]) > wings.index(where[1]):
        return f"{'.'.join(where)} imports {'.'.join(what)}: {where[1]} stands below {what[1]}"
    return ""


def impurities(tree: ast.AST, where: str) -> list[str]:
    """Edges, clocks and files that a module of a pure room touches."""
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    names |= {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    wrong = sorted(names & EDGES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in FILE_READS and where not in READS_ALLOWED:
                wrong.append(f"{called}() in line {node.lineno}")
            if called in ("now", "utcnow", "today") and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                if isinstance(owner, ast.Name) and owner.id in ("datetime", "date"):
                    wrong.append(f"{owner.id}.{called}() in line {node.lineno}")
    return [f"{where}: {what}" for what in wrong]


def parsed(path: Path) -> ast.AST:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_every_room_and_wing_has_its_place_in_the_order() -> None:
    rooms = {place(path)[0] for path in modules() if place(path)}
    assert rooms == set(ORDER)
    for room, wings in WINGS.items():
        folders = {p.parent.name for p in (PACKAGE / room).glob("*/__init__.py")} - {"migrations"}
        assert folders <= set(wings), room
        assert all(is_module((room, wing)) for wing in wings), room


def test_a_room_or_wing_imports_only_from_those_before_it() -> None:
    wrong = [w for path in modules() for what in imported(parsed(path)) if (w := breach(place(path), what))]
    assert not wrong


@rows(("room", "wing"), [(room, wing) for room, wings in WINGS.items() for wing in wings[:-1]])
def test_a_forbidden_import_planted_in_a_wing_is_found(room: str, wing: str) -> None:
    above = WINGS[room][WINGS[room].index(wing) + 1]
    planted = ast.parse(f"def f():\n    from digestbot.{room}.{above} import anything")
    assert [w for what in imported(planted) if (w := breach((room, wing, "planted"), what))]


@rows("room", ORDER[:-1])
def test_a_forbidden_import_planted_in_a_room_is_found(room: str) -> None:
    above = ORDER[ORDER.index(room) + 1]
    planted = ast.parse(f"import digestbot.{above}")
    assert [w for what in imported(planted) if (w := breach((room, "planted"), what))]


def test_pure_rooms_touch_neither_network_nor_database_nor_clock_nor_files() -> None:
    wrong = [
        what
        for path in modules()
        if place(path) and place(path)[0] in PURE
        for what in impurities(parsed(path), str(path.relative_to(PACKAGE)))
    ]
    assert not wrong


def disk_touches(tree: ast.AST) -> list[str]:
    """Modules and calls by which an act would touch disk or processes itself."""
    names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names} & DISK_MODULES
    calls = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    called = {f.attr if isinstance(f, ast.Attribute) else getattr(f, "id", "") for f in calls}
    return sorted(names | (called & (DISK | FILE_READS)))


def test_acts_touch_disk_and_processes_through_system_only() -> None:
    acts = [path for path in modules() if place(path)[:1] == ("acts",)]
    assert not [(str(path), wrong) for path in acts if (wrong := disk_touches(parsed(path)))]


def opened(tree: ast.AST) -> set[tuple[str, ...]]:
    """Adapters that a module imports."""
    return {what[:2] for what in imported(tree)} & ADAPTERS


def test_commands_pages_and_loops_get_their_adapters_from_the_app() -> None:
    assert all(is_module(adapter) for adapter in ADAPTERS)
    faces = [path for path in modules() if place(path)[:1] in [(face,) for face in FACES]]
    assert not [(str(path), wrong) for path in faces if (wrong := opened(parsed(path)))]


def transactions(tree: ast.AST) -> list[str]:
    """Calls that open a transaction, or a reading one."""
    called = [n.func for n in ast.walk(tree) if isinstance(n, ast.Call)]
    return sorted({f.attr for f in called if isinstance(f, ast.Attribute)} & {"transaction", "reading"})


def test_only_the_store_and_acts_open_transactions() -> None:
    others = [path for path in modules() if place(path)[:1] in [(room,) for room in ("app", *FACES)]]
    assert not [(str(path), wrong) for path in others if (wrong := transactions(parsed(path)))]


def test_a_transaction_planted_in_a_command_is_found() -> None:
    assert transactions(ast.parse("def f(app):\n    with app.store.transaction() as tx:\n        pass"))


def test_an_adapter_planted_in_a_command_is_found() -> None:
    assert opened(ast.parse("def f():\n    from digestbot.store.database import open_store"))


@pytest.mark.parametrize("line", ["import os", "import shutil", "p.mkdir()", "p.read_bytes()", "open('/proc/1/stat')"])
def test_a_touch_planted_in_an_act_is_found(line: str) -> None:
    assert disk_touches(ast.parse(line))


@pytest.mark.parametrize(
    "line", ["import socket", "open('x')", "p.read_text()", "p.glob('*')", "datetime.now()", "date.today()"]
)
def test_a_touch_planted_in_a_pure_room_is_found(line: str) -> None:
    assert impurities(ast.parse(line), "papers/planted.py")


def test_no_module_is_longer_than_450_lines_and_no_folder_holds_more_than_16_files() -> None:
    assert not [str(path) for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > 450]
    folders = {path.parent for path in modules()}
    assert not [str(f) for f in folders if len(list(f.glob("*.py"))) > 16 and f.name != "versions"]


def test_every_wing_says_what_belongs_there() -> None:
    assert not [str(p) for p in PACKAGE.rglob("__init__.py") if not ast.get_docstring(ast.parse(p.read_text()))]


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
    command = [sys.executable, "-m", "digestbot", "--help"]
    assert quickest(lambda: subprocess.run(command, capture_output=True, check=True)) < 0.3
