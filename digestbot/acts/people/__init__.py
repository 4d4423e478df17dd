"""What happens to a subscriber: files are read in, somebody leaves, pauses, votes, imports a library.

What a subscriber gets belongs to `acts.digests`.
"""
