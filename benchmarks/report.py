"""What a run measured: each figure is printed as it comes, and kept for the JSON and the table of the whole run."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

LIBRARIES = ("digestbot", "feedparser", "SQLAlchemy", "Jinja2", "aiosmtplib", "aiohttp", "starlette", "uvicorn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value, with a peer's value from the same run where there is one."""

    benchmark: str
    what: str
    value: float
    unit: str
    peer: str = ""
    against: float | None = None  #: the peer's value, in the same unit
    aim: str = ""

    @property
    def ratio(self) -> float | None:
        """This value in parts of the peer's."""
        return self.value / self.against if self.against else None


class Report:
    """The figures of a run. `quick`: smaller inputs and fewer runs, to see that all of it works."""

    def __init__(self) -> None:
        self.benchmark, self.quick, self.figures = "", False, list[Figure]()

    def add(
        self, what: str, value: float, unit: str, *, peer: str = "", against: float | None = None, aim: str = ""
    ) -> None:
        """Keep a figure, and print it."""
        one = Figure(
            benchmark=self.benchmark, what=what, value=value, unit=unit, peer=peer, against=against, aim=aim
        )  # fmt: skip
        self.figures.append(one)
        parts = [f"  {what}: {_short(value)} {unit}".rstrip()]
        if one.ratio is not None and against is not None:
            parts.append(f"{peer} {_short(against)}, ratio {one.ratio:.2f}")
        elif peer:
            parts.append(f"{peer}: not measured")
        if aim:
            parts.append(f"aim {aim}")
        print("   ".join(parts), flush=True)

    def as_json(self) -> dict[str, Any]:
        """The whole run as JSON values."""
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "quick": self.quick, "machine": machine(),
            "figures": [asdict(one) | {"ratio": one.ratio} for one in self.figures],
        }  # fmt: skip

    def as_markdown(self) -> str:
        """The whole run as a table."""
        about = ", ".join(f"{name} {value}" for name, value in machine().items() if value)
        head = f"Measured on {datetime.now(UTC):%Y-%m-%d}: {about}.{' Quick mode.' if self.quick else ''}\n\n"
        rows = [("benchmark", "what", "value", "peer", "ratio", "aim"), ("---",) * 6, *map(_row, self.figures)]
        return head + "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def _row(one: Figure) -> Sequence[str]:
    peer = f"{one.peer} {_short(one.against)}" if one.against is not None else one.peer
    ratio = f"{one.ratio:.2f}" if one.ratio is not None else ""
    return (one.benchmark, one.what, f"{_short(one.value)} {one.unit}".strip(), peer, ratio, one.aim)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = {
        "cpu": _cpu(), "cores": str(os.cpu_count()), "memory": f"{memory:.0f} GiB", "system": platform.platform(),
        "Python": platform.python_version(), "SQLite": sqlite3.sqlite_version,
    }  # fmt: skip
    return found | {name: _version(name) for name in LIBRARIES}


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


report = Report()  #: of this process
