"""Run all benchmarks, or those that are named."""

from __future__ import annotations

import sys

from benchmarks import (
    cleaning,
    dispatch,
    help_time,
    identity,
    mail,
    pages,
    polling,
    relevance,
    rules,
    search,
    sending,
    trending,
)

ALL = {
    "cleaning": cleaning.main,
    "dispatch": dispatch.main,
    "help": help_time.main,
    "identity": identity.main,
    "mail": mail.main,
    "pages": pages.main,
    "polling": polling.main,
    "relevance": relevance.main,
    "rules": rules.main,
    "search": search.main,
    "sending": sending.main,
    "trending": trending.main,
}

for name in sys.argv[1:] or ALL:
    print(f"\n{name}")
    ALL[name]()
