"""Names of the notes that the store keeps of the whole site."""

from __future__ import annotations

DOUBTED = "people missing"  #: refs, a line each, that the configuration has no longer since then
LAST_GOOD = "last good configuration"  #: its files, as JSON
ALARM = "alarm"  #: that mail does not go out was told to somebody
TROUBLE = "mail server's trouble"  #: seen first then, where no breaker says since when
