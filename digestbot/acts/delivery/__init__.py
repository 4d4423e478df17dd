"""From an outbox row to a receipt: claim, send, retry with back-off, circuit breaker, the rate of a mail server; giving papers
back when a mail will not arrive; and the operator's commands for the outbox.

Which papers a mail holds is decided in `acts.digests`; how a mail server is spoken to, in `channels`; what a mail that comes
back means for its address, in `acts.people.inbox`.
"""
