"""The acts: one verb a file. Each reads, decides with pure functions, writes, and gives a report back.

A failure of one source, one paper, one subscriber or one message is a value in the report, never the end of the run.
"""
