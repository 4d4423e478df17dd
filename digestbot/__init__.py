"""digestbot: papers from many sources, each once, filtered by your rules, in one mail at your hour."""

__version__ = "0.1.0"
