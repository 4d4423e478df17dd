"""What happens to a subscriber: files are read in (`sync`), somebody joins by a form (double opt-in: `asking`, `joining`),
changes preferences, votes, imports a library, pauses, leaves, takes their data away.

What a subscriber gets belongs to `acts.digests`.
"""
