"""Shipped for tests, ours and those of plug-ins: servers that misbehave on demand, samples, builders, conformance suites.

Imports nothing that a default install lacks, except pytest in the suites.
"""
