"""One record of one service as an Entry: arXiv, OAI-PMH, Crossref, PubMed, Retraction Watch. Pure.

A record stands here when more than one kind of source or provider reads it; else it is read in its `sources.kinds`. Single
fields belong to `sources.values`.
"""
