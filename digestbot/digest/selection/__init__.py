"""When a digest is due, which papers it holds and why, and why it holds none. Pure.

How it looks is decided in `digest.rendering`.
"""
