"""Alembic's entry: it runs inside the transaction `SqlStore.migrate` has opened."""

from alembic import context

from digestbot.store.tables.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
