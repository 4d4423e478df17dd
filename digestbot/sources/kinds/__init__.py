"""The kinds of sources, one file a kind: what is asked for (`requests`), and what a reply means (`parse`). Pure.

What several kinds read alike stands in `sources.formats` and `sources.records`; when and how a source is polled, in `acts.intake`.
"""
