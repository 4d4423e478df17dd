"""Commands that an operator runs and that change something: run, worker, serve, poll, tick, send, publish; subscribers, votes,
picks, the outbox, papers, quarantine, bounces, suppressions, DKIM keys, backup and restore.

A command for the beginning stands in `cli.setup`, a question in `cli.answers`; what a command does is an act.
"""
