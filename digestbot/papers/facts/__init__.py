"""What a paper amounts to, made from all its entries: fields, acceptance, events, freshness, listing days. Pure.

Which entries are one paper is decided in `papers.identity`; facts are written by `acts.papers`.
"""
