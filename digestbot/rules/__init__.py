"""The rule language: what a person wants, in one line. `docs/rules.md` is its description for people."""

from digestbot.rules.evaluate import Rule, parse
from digestbot.rules.index import PaperIndex

__all__ = ["PaperIndex", "Rule", "parse"]
