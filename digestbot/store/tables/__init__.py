"""The tables, how values are stored as text, and the few statements that dialects spell differently."""
