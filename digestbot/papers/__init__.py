"""Papers: clean text, identity, and which entries are one work. Pure."""

from digestbot.papers.identity.cluster import cluster
from digestbot.papers.text.clean import clean

__all__ = ["clean", "cluster"]
