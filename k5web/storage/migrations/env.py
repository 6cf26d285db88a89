"""Where alembic runs: on the connection that storage/schema.py opened, inside its transaction."""

from alembic import context

from k5web.storage.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
