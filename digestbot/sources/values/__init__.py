"""What one field of any reply becomes: dates, names, addresses, options, mentions. Pure.

Nothing here knows a whole record; that is `sources.records`.
"""
