"""Run by alembic: migrates over the connection that ``storage.migrate`` hands in, inside its transaction."""

from __future__ import annotations

from alembic import context

from chatrec.storage.schema import METADATA

connection = context.config.attributes.get("connection")
if connection is None:
    raise RuntimeError("migrations run when a shop is opened: use chatrec.storage.database.Database.open")
context.configure(connection=connection, target_metadata=METADATA, transactional_ddl=True, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
