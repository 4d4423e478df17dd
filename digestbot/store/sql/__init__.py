"""The contract in SQL for SQLite and PostgreSQL, one file an aggregate. Statements stand only here."""
