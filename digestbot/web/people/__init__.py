"""Pages of one person, opened by a token: leave, pause, come back. POST changes what `acts.people` does, nothing else."""
