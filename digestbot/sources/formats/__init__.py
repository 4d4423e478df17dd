"""What bytes are and what they hold, whatever the source: XML, JSON Feed, RSS and Atom, JATS. Pure.

What is particular to one service stands in `sources.records` and `sources.kinds`.
"""
