"""Migrations (Alembic): one file a change, never edited once released. `store.database` applies them."""
