"""From a source to stored entries: asking politely, reading replies, listing days, looking up what papers lack.

Which paper an entry is belongs to `acts.papers`.
"""
