"""Papers: clean text, identity (deduplication), what a paper amounts to, and formats in which lists of papers are exchanged. Pure.

Which papers one reader gets belongs to `rules`, `ranking` and `digest`; what is stored of a decision, to `acts.papers`.
"""

from digestbot.papers.identity.cluster import cluster
from digestbot.papers.text.clean import clean

__all__ = ["clean", "cluster"]
