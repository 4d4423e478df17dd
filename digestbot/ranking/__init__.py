"""Ranking: in which order papers stand, and what rises: relevance, freshness, the community's votes, a reader's own model.

Papers in, numbers with their reasons out. Which papers a digest takes from an order is decided in `digest.selection`. Pure.
"""

from digestbot.ranking.profile import Profile

__all__ = ["Profile"]
