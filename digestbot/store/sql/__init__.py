"""The contract in SQL for SQLite and PostgreSQL, one file an aggregate. Statements stand only here.

Transactions are opened by acts, never by a statement. Query plans are held by tests/store/test_query_plans.py.
"""
