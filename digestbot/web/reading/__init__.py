"""Pages that are read: edition, papers, topics, search, archive, feeds, a digest of one's own, the style sheet.

Nothing here changes anything. Public answers are kept by content (`web.frame.kept`); those behind a token are not.
"""
