"""The example of a kind of one's own: it passes its suite, installs without the network and is found by its entry point."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EXAMPLE = EXAMPLES / "source-kind"
LIST = (
    "date,title,authors,url,abstract\n2026-11-23,On samples,Ines Okafor,https://arxiv.org/abs/2611.00001,We sample.\n"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["source-kind", "alert-kind"])
def test_the_example_passes_its_own_suite(name: str) -> None:
    example = EXAMPLES / name
    words = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(example),
        str(example / "tests"),
    ]
    ran = subprocess.run(
        words, env=os.environ | {"PYTHONPATH": str(example)}, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.slow
def test_the_example_is_installed_and_read_by_digestbot(tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="builds the example without the network")
    source = tmp_path / "source"  # a build writes beside what it builds
    source.mkdir()
    for name in ("pyproject.toml", "digestbot_seminar.py"):
        (source / name).write_bytes((EXAMPLE / name).read_bytes())
    there = tmp_path / "installed"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(there),
        str(source),
    ]
    built = subprocess.run(pip, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0, built.stderr
    (tmp_path / "seminar.csv").write_text(LIST)
    words = [sys.executable, "-m", "digestbot", "try", "--kind", "seminar", str(tmp_path / "seminar.csv")]
    told = subprocess.run(
        words, env=os.environ | {"PYTHONPATH": str(there)}, capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert told.returncode == 0, told.stderr
    assert "ok: 1 entry · Seminar" in told.stdout
    assert "2611.00001  On samples" in told.stdout
