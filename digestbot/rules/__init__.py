"""The rule language: what a person wants, in one line. `docs/rules.md` is its description for people."""

from digestbot.rules.evaluation.evaluate import Rule, parse
from digestbot.rules.index.paper_index import PaperIndex

__all__ = ["PaperIndex", "Rule", "parse"]
