"""In and out: lists of feeds (OPML), libraries of papers (BibTeX, RIS), tables (CSV). Bytes or text in, values out."""
