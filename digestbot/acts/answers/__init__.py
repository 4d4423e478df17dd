"""Questions about the store: status, explain, audit, backtest, plan, search, suggest; how the database, the queue, the
machine and the sender's DNS are (damage, queue, metrics, `doctor`). Nothing is written here.

Finding a paper by what a person typed belongs to `acts.papers`; what a public page shows, to `acts.pages`; the words that a
terminal shows, to `cli.answers`. What brings the search index up to date writes, and so belongs to `acts.upkeep`.
"""
