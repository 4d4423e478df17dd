"""The daemon: one loop (scheduler) that ticks, the configuration in force while it runs, its lease and heartbeat, and how it
stops. What a tick does is `acts.rounds`'; jobs of the queue are `worker`'s.
"""
