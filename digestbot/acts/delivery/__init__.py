"""From an outbox row to a receipt, and giving papers back when a mail will not arrive.

Which papers a mail holds is decided in `acts.digests`; how a mail server is spoken to, in `channels`.
"""
