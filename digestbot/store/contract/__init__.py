"""The contract of the store, an aggregate a file; `digestbot.store` gives it out whole. Protocols and rows, no SQL.

A method says here what it promises; how it is done stands in `store.sql`, the test of the promise in `digestbot.testing.store`.
"""
