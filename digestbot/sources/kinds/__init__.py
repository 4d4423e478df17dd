"""The kinds of sources, one file a kind: what is asked for, and what a reply means. Pure."""
