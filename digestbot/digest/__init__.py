"""Digests: when they are due, which papers they hold and why (`selection`), how they look (`rendering`), and the bytes of feeds. Pure.

Reading what a digest is chosen from, and recording it, belongs to `acts.digests`.
"""

from digestbot.digest.selection.schedule import Schedule

__all__ = ["Schedule"]
