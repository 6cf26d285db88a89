"""Where alembic runs: on the connection that storage/schema.py opened, inside its transaction where it began one."""

from alembic import context

from k5web.storage.tables import Base

given = context.config.attributes
context.configure(connection=given["connection"], target_metadata=Base.metadata, **given.get("options", {}))
with context.begin_transaction():
    context.run_migrations()
