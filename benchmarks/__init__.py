"""Benchmarks: `python -m benchmarks [NAME…]`. Each prints medians and, where there is one, the ratio to a peer."""
