"""How the database comes to be and changes: numbered migrations, run by its owner."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy import Engine, create_engine

from huishoudboekje.storage.db import Database, ensure_app_role, plain

MADE: Final = re.compile(r"^CREATE (TABLE|SEQUENCE|FUNCTION) (\w+)", re.MULTILINE)


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


def unmake(database: Database) -> None:
    """Take away, as the owner, all that the migrations made, whole or not at all."""
    scripts = sorted((Path(__file__).parent / "versions").glob("*.sql"))
    made = [found for script in scripts for found in MADE.findall(script.read_text("utf-8"))]
    with psycopg.connect(plain(database.owner_url)) as connection:
        connection.execute("SET LOCAL lock_timeout = '10s'")
        for kind in ("TABLE", "SEQUENCE", "FUNCTION"):
            names = [name for what, name in made if what == kind]
            names += ["alembic_version"] if kind == "TABLE" else []
            if not names:
                continue
            connection.execute(
                sql.SQL("DROP {} IF EXISTS {} CASCADE").format(
                    sql.SQL(kind), sql.SQL(", ").join(map(sql.Identifier, names))
                )
            )
