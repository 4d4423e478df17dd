"""Digests: when they are due, which papers they hold and why, and how they look. Pure."""

from digestbot.digest.selection.schedule import Schedule

__all__ = ["Schedule"]
