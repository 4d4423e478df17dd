"""In and out: lists of feeds (OPML), libraries of papers (BibTeX, RIS), tables (CSV), citations (CSL-JSON, COinS). Pure.

Bytes or text in, values out, and the other way. Files are opened by the commands `import` and `export`.
"""
