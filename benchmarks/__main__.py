"""Run all benchmarks, or those that are named: python -m benchmarks [NAME]... [--quick] [--json FILE] [--markdown FILE]"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks.report import report

ALL = {
    "cleaning": "LaTeX and HTML to Unicode",
    "deliver": "composed digests out of the outbox, to accepted",
    "dispatch": "what many people's rules choose",
    "help": "start of the command line",
    "identity": "which entries are one paper",
    "mail": "building a mail",
    "month": "a month of a lab: its mornings, its store, its memory",
    "pages": "the edition and feeds over HTTP",
    "paperflow": "PaperFlow-Bench, where its data is",
    "polling": "feeds over loopback, first and unchanged round",
    "relevance": "the order of papers, on labelled sets",
    "rules": "many rules over many papers",
    "search": "a rule over all stored papers",
    "sending": "digests from due to accepted",
    "trending": "what rises, found early",
    "workers": "CPU of workers on PostgreSQL beside one process on SQLite",
}
MODULES = {"help": "help_time"}


def asked() -> argparse.Namespace:
    """What is wanted; options of single benchmarks pass through to them."""
    listed = "\n".join(f"  {name:<10} {about}" for name, about in ALL.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Measure digestbot beside its peers, in the same run.", epilog=listed,
        formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="all where none is named; options of single ones as --readers=100"
    )
    parser.add_argument("--quick", action="store_true", help="small inputs and few runs, where a benchmark has them")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a table of all figures there")
    given = parser.parse_known_args()[0]
    if unknown := [name for name in given.names if name not in ALL]:
        parser.error(f"there is no benchmark {unknown[0]!r}; one of: {', '.join(ALL)}")
    return given


def main() -> None:
    given = asked()
    report.quick = given.quick
    for name in given.names or ALL:
        print(f"\n{name}", flush=True)
        report.benchmark, began = name, time.monotonic()
        import_module(f"benchmarks.{MODULES.get(name, name)}").main()
        print(f"  ({time.monotonic() - began:.0f} s)", file=sys.stderr)
    if given.json:
        given.json.write_text(json.dumps(report.as_json(), indent=1) + "\n", encoding="utf-8")
    if given.markdown:
        given.markdown.write_text(report.as_markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
