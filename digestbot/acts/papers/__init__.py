"""Which paper an entry is, decided by the program or by a person, and what happened to a paper.

The comparison itself is pure and stands in `papers.identity`.
"""
