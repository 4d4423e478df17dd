"""One record of one service as an Entry: arXiv, OAI-PMH, Crossref, PubMed. Pure."""
