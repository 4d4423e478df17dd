"""The contract in SQL for SQLite and PostgreSQL, one file an aggregate. Statements stand only here.

Their query plans are held by tests/store/test_query_plans.py.
"""
