"""From a source to stored entries: polite requests, parsing, listing days, and looking up what papers lack.

Which paper an entry is belongs to `acts.papers`.
"""
