"""Alembic's way in: one connection as the owner, one transaction for all migrations."""

from __future__ import annotations

from alembic import context

import ingest.tables  # noqa: F401 - these bring
import payouts.tables  # noqa: F401 - their tables to the metadata
from huishoudboekje.storage.tables import Base

config = context.config

with config.attributes["engine"].connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        compare_type=True,
        compare_server_default=False,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
config.attributes["engine"].dispose()
