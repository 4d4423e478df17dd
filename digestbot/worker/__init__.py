"""The worker: jobs of the queue (a job queue: procrastinate, on PostgreSQL) around the acts that a round of one process calls.

What belongs here: which act a job calls, how a process takes jobs and ends, and who looks for what is due. Which jobs there
are and what they carry stands in `acts.jobs`.
"""
