"""The wiring: a checked configuration becomes a store, sources, a channel and templates.

The only room where adapters meet. It opens, wires and closes; questions and verbs are acts.
"""
