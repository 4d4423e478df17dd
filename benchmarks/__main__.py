"""Run all benchmarks, or those that are named."""

from __future__ import annotations

import sys

from benchmarks import help_time, identity, polling, rules, sending

ALL = {
    "help": help_time.main,
    "identity": identity.main,
    "polling": polling.main,
    "rules": rules.main,
    "sending": sending.main,
}

for name in sys.argv[1:] or ALL:
    print(f"\n{name}")
    ALL[name]()
