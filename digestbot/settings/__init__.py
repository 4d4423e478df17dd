"""Settings: texts become a checked configuration, or every problem of all of them at once. Pure, but for `reading`, which finds
the files of subscribers beside the main one.

The keys are declared once, in `tables`. What is opened from a configuration belongs to `app`.
"""

from digestbot.model import Secret
from digestbot.settings.config import Config, SourceConfig
from digestbot.settings.reading import files, read

__all__ = ["Config", "Secret", "SourceConfig", "files", "read"]
