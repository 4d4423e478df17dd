"""Questions: status, explain, audit, backtest, plan, search, suggest. Nothing is written here.

Finding a paper by what a person typed belongs to `acts.papers`; the words that a terminal shows belong to `cli.answers`.
"""
