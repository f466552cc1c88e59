"""Runs migrations on the connection that `beds.database.upgrade` passes, inside its transaction."""

from alembic import context

from beds.domain.records import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite takes DDL in a transaction once the driver leaves transactions alone.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
