"""Many rules over many papers at once: the inverted index of a window, and the query of the database's full text. Pure.

Says the same of each paper as `rules.evaluation` does, only for all at once (tested).
"""
