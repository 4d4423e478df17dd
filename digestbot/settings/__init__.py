"""Settings: texts become a checked configuration, or every problem of all of them at once. Pure."""

from digestbot.model import Secret
from digestbot.settings.config import Config, SourceConfig
from digestbot.settings.reading import files, read

__all__ = ["Config", "Secret", "SourceConfig", "files", "read"]
