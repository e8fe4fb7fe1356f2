"""How the database comes to be and changes: numbered migrations, run by its owner."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, create_engine

from huishoudboekje.storage.db import Database, ensure_app_role


def configuration(database: Database) -> Config:
    """Point Alembic at this folder and at the database as its owner."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["engine"] = owner_engine(database)
    config.attributes["app_role"] = str(database.app_url.username)
    return config


def owner_engine(database: Database) -> Engine:
    """Connect as the owner, for migrations alone."""
    return create_engine(database.owner_url)


def migrate(database: Database) -> None:
    """Bring the database to this version; harmless to repeat. Raises AnotherVersion, CannotMakeRole."""
    ensure_app_role(database)
    command.upgrade(configuration(database), "head")
