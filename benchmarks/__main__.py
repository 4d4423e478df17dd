"""Run all benchmarks, or those that are named."""

from __future__ import annotations

import sys

from benchmarks import dispatch, help_time, polling, rules, sending

ALL = {
    "help": help_time.main, "polling": polling.main, "rules": rules.main, "dispatch": dispatch.main, "sending": sending.main,
}  # fmt: skip

for name in sys.argv[1:] or ALL:
    print(f"\n{name}")
    ALL[name]()
