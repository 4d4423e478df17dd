"""Run all benchmarks, or those that are named."""

from __future__ import annotations

import sys

from benchmarks import help_time, polling, rules, search, sending

ALL = {
    "help": help_time.main,
    "polling": polling.main,
    "rules": rules.main,
    "search": search.main,
    "sending": sending.main,
}

for name in sys.argv[1:] or ALL:
    print(f"\n{name}")
    ALL[name]()
