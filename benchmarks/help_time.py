"""How long `digestbot --help` takes, against a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from benchmarks.report import report


def seconds(*arguments: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
    return time.perf_counter() - began


def main() -> None:
    runs = [(seconds("-m", "digestbot", "--help"), seconds("-c", "pass")) for _ in range(11)]
    ours, bare = median(r[0] for r in runs), median(r[1] for r in runs)
    report.add("digestbot --help", ours * 1000, "ms", peer="python alone", against=bare * 1000, aim="300")
