"""The daemon: one loop that ticks, and the configuration in force while it runs. What a tick does is `acts.rounds`'."""
