"""Commands that an operator runs: rounds, people, outbox, papers, quarantine, backup."""
