"""The contract of the store, an aggregate a file; `digestbot.store` gives it out whole. Protocols and rows, no SQL."""
