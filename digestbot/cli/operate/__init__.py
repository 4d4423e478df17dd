"""Commands that an operator runs: rounds, serve, publish, people, outbox, papers, quarantine, bounces, backup."""
