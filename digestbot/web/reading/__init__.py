"""Pages that are read: edition, papers, topics, search, archive, feeds, a digest of one's own. Nothing here changes anything."""
