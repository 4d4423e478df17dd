"""In which order papers stand, and what rises. Pure."""

from digestbot.ranking.profile import Profile

__all__ = ["Profile"]
