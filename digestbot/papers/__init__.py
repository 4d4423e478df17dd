"""Papers: clean text, identity, and which entries are one work. Pure."""

from digestbot.papers.shelf import cluster
from digestbot.papers.text import clean

__all__ = ["clean", "cluster"]
