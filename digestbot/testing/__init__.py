"""Shipped for tests, ours and those of plug-ins: servers that misbehave on demand, samples, conformance suites."""
