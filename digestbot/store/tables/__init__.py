"""The tables (`schema`), how values are stored as text (`json_codec`), and the few statements that dialects spell differently.

A change of a table is a migration too (`store.migrations`); what is asked of the tables stands in `store.sql`.
"""
