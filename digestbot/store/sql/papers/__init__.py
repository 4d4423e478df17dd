"""Entries, papers and mentions in SQL; how papers are found by keys and texts; decisions about them."""
