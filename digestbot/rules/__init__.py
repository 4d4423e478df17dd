"""The rule language: what a person wants, in one line. `docs/rules.md` is its description for people.

Text becomes a tree (`language`), words are folded (`words`), a rule is evaluated on one paper (`evaluation`) or on many at once
(`index`). In which order matching papers stand belongs to `ranking`. Pure.
"""

from digestbot.rules.evaluation.evaluate import Rule, parse
from digestbot.rules.index.paper_index import PaperIndex

__all__ = ["PaperIndex", "Rule", "parse"]
