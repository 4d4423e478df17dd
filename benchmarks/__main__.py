"""Run all benchmarks, or those that are named; options (`--readers 100000`) are for the one that knows them."""

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

for name in [given for given in sys.argv[1:] if given in ALL] or ALL:
    print(f"\n{name}")
    ALL[name]()
