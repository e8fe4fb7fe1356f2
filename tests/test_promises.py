"""What the code promises about itself: its database, money and time, refusals, files and documentation."""

import ast
import importlib
import inspect
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
import typer
from alembic import command
from fastapi.testclient import TestClient
from sqlalchemy import BigInteger, Enum, create_engine

import bank_formats
from huishoudboekje import migrations
from huishoudboekje.domain.errors import Refused
from huishoudboekje.settings import Settings
from huishoudboekje.storage.db import Database, plain
from huishoudboekje.storage.tables import APPEND_ONLY, GLOBAL, Base
from tests.fuzz.harnesses import HARNESSES

HERE = Path(__file__).resolve().parents[1]
PACKAGES = ("huishoudboekje", "ingest", "payouts", "checkin", "bank_formats")
SOURCES = sorted(path for package in PACKAGES for path in (HERE / package).rglob("*.py"))
RULES = [path for path in SOURCES if "migrations" not in path.parts]
TREES = {path: ast.parse(path.read_text("utf-8")) for path in SOURCES}
TEXTS = {
    HERE / name: (HERE / name).read_text("utf-8", errors="replace")
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (HERE / name).is_file() and Path(name).suffix not in {".png", ".gz", ".zip", ".woff2", ".ico"}
}
MODULES = [
    ".".join(path.relative_to(HERE).with_suffix("").parts).removesuffix(".__init__")
    for path in RULES
    if path.name != "__main__.py"
]


def imported() -> list[ModuleType]:
    return [importlib.import_module(name) for name in MODULES]


def everywhere(node: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    """Every node of a kind in the product, with the place to look."""
    for path, tree in TREES.items():
        for found in ast.walk(tree):
            if isinstance(found, node):
                yield f"{path.relative_to(HERE)}:{getattr(found, 'lineno', 0)}", found


def name_of(node: ast.AST | None) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
            return name
        case ast.Call(func=called):
            return name_of(called)
        case _:
            return ""


def descendants(family: type[Exception]) -> set[type[Exception]]:
    imported()
    found = {family}
    while more := {child for known in found for child in known.__subclasses__()} - found:
        found |= more
    return {kind for kind in found if kind.__module__.split(".")[0] in PACKAGES}


def refusals() -> list[type[Exception]]:
    return sorted(descendants(Refused) | descendants(bank_formats.Refused), key=str)


def fields(kind: type[Exception]) -> set[str]:
    parsed = string.Formatter().parse(inspect.cleandoc(kind.__doc__ or ""))
    return {field.split(".")[0].split("[")[0] for _, field, _, _ in parsed if field is not None}


# The database ------------------------------------------------------------------------------------------


DESCRIPTION = """
    SELECT conrelid::regclass::text || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
      WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'
    UNION SELECT regexp_replace(indexdef, 'INDEX \\S+ ', 'INDEX ') FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, is_identity, column_default)
      FROM information_schema.columns WHERE table_schema = 'public'
"""


def described(database: Database) -> set[str]:
    with psycopg.connect(plain(database.owner_url)) as connection:
        rows = connection.execute(DESCRIPTION).fetchall()
    return {row[0] for row in rows if "alembic_version" not in row[0]}


def test_what_the_migrations_make_is_what_the_tables_say(
    database: Database, empty_database: Database
) -> None:
    importlib.import_module("ingest.tables")
    importlib.import_module("payouts.tables")
    engine = create_engine(empty_database.owner_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION current_municipality() RETURNS int LANGUAGE sql AS 'SELECT 1'"
        )
        Base.metadata.create_all(connection)
    engine.dispose()
    migrated, declared = described(database), described(empty_database)
    assert sorted(migrated - declared) == sorted(declared - migrated) == []


@pytest.mark.postgres_versions
def test_alembic_finds_nothing_left_to_migrate(database: Database) -> None:
    command.check(migrations.configuration(database))


@pytest.mark.postgres_versions
def test_migrating_again_changes_nothing(database: Database) -> None:
    before = described(database)
    migrations.migrate(database)
    assert described(database) == before


def test_every_enum_equals_its_check(database: Database) -> None:
    importlib.import_module("ingest.tables")
    importlib.import_module("payouts.tables")
    with psycopg.connect(plain(database.owner_url)) as connection:
        checks = connection.execute(
            "SELECT c.conrelid::regclass::text, a.attname, pg_get_constraintdef(c.oid) FROM pg_constraint c "
            "JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum] "
            "WHERE c.contype = 'c'"
        ).fetchall()
    allowed = {
        (table, column): set(re.findall(r"'([^']*)'::", definition))
        for table, column, definition in checks
        if "ARRAY[" in definition
    }
    declared = {
        (table.name, column.name): set(column.type.enums)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Enum)
    }
    assert declared
    assert {key: allowed.get(key) for key in declared} == declared


def test_every_unique_key_carries_its_municipality(database: Database) -> None:
    with psycopg.connect(plain(database.owner_url)) as connection:
        keys = connection.execute(
            "SELECT indrelid::regclass::text, indexrelid::regclass::text, array_agg(attname) FROM pg_index "
            "JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) "
            "JOIN pg_class ON pg_class.oid = indrelid "
            "WHERE indisunique AND relnamespace = 'public'::regnamespace GROUP BY 1, 2"
        ).fetchall()
    without = {
        index for table, index, columns in keys if "municipality_id" not in columns and table not in GLOBAL
    }
    assert without == set()


def test_every_row_of_a_municipality_is_hidden_from_others(database: Database) -> None:
    with psycopg.connect(plain(database.owner_url)) as connection:
        open_to_all = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
            "AND NOT (relrowsecurity AND relforcerowsecurity)"
        ).fetchall()
    assert {name for (name,) in open_to_all} == set(GLOBAL)


@pytest.mark.postgres_versions
@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize(
    "change", ["UPDATE {} SET municipality_id = municipality_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_what_happened_is_never_changed_not_even_by_the_owner(
    module_database: Database, table: str, change: str
) -> None:
    with psycopg.connect(plain(module_database.owner_url)) as connection:
        connection.execute("SELECT set_config('hhb.municipality', '1', false)")
        with pytest.raises(psycopg.DatabaseError, match="nooit gewijzigd"):
            connection.execute(change.format(table).encode())


def test_only_the_append_only_tables_have_that_guard(module_database: Database) -> None:
    with psycopg.connect(plain(module_database.owner_url)) as connection:
        guarded = connection.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger "
            "WHERE tgname = 'never_changed' AND tgenabled = 'O'"
        ).fetchall()
    assert {name for (name,) in guarded} == APPEND_ONLY


@pytest.mark.postgres_versions
@pytest.mark.parametrize(
    "attempt",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE ledger_transfer",
        "TRUNCATE ledger_transfer",
        "ALTER TABLE ledger_transfer DISABLE TRIGGER ALL",
        "ALTER TABLE ledger_transfer DISABLE ROW LEVEL SECURITY",
        "DROP TRIGGER never_changed ON ledger_transfer",
        "SET session_replication_role = 'replica'",
        "UPDATE ledger_transfer SET amount_cents = 1",
        "DELETE FROM batch_step",
        "INSERT INTO ledger_balance (municipality_id, account, kind) VALUES (1, 'own:x', 'own')",
        "UPDATE ledger_balance SET received_cents = 1",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
    ],
)
def test_the_application_cannot_take_the_guards_away(module_database: Database, attempt: str) -> None:
    with (
        psycopg.connect(plain(module_database.app_url)) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidFunctionDefinition)),
    ):
        connection.execute(attempt.encode())


# Money and time ----------------------------------------------------------------------------------------


def test_a_column_of_money_is_whole_cents() -> None:
    imported()
    columns = [column for table in Base.metadata.tables.values() for column in table.columns]
    wrong = [
        str(column)
        for column in columns
        if (column.name.endswith("_cents") and not isinstance(column.type, BigInteger))
        or re.search(r"FLOAT|NUMERIC|DOUBLE|REAL|MONEY", str(column.type).upper())
    ]
    assert wrong == []


def test_cents_are_never_anything_but_whole() -> None:
    wrong = [
        f"{place} {name_of(node)}"
        for place, node in everywhere(ast.arg)
        if isinstance(node, ast.arg)
        and node.arg.endswith("_cents")
        and node.annotation is not None
        and re.search(r"float|Decimal|Fraction", ast.unparse(node.annotation))
    ]
    wrong += [
        f"{place} {ast.unparse(node)}"
        for place, node in everywhere(ast.AnnAssign)
        if isinstance(node, ast.AnnAssign)
        and name_of(node.target).endswith("_cents")
        and re.search(r"float|Decimal|Fraction", ast.unparse(node.annotation))
    ]
    wrong += [
        f"{place} {ast.unparse(node)}"
        for place, node in everywhere(ast.BinOp)
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and any(name_of(side).endswith("_cents") for side in (node.left, node.right))
    ]
    assert wrong == []


def test_only_the_clock_reads_the_time() -> None:
    readers = {"now", "today", "utcnow", "time", "localtime", "gmtime"}
    owners = {"datetime", "date", "time", "dt"}
    wrong = [
        f"{place} {ast.unparse(node)}"
        for place, node in everywhere(ast.Call)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in readers
        and name_of(node.func.value) in owners
        and not place.startswith("huishoudboekje/clock.py")
    ]
    assert wrong == []


def test_the_database_does_not_read_the_time_either() -> None:
    reader = re.compile(
        r"\b(now\(\)|current_date|current_timestamp|clock_timestamp|localtimestamp)", re.IGNORECASE
    )
    spoken = [
        (place, str(node.value)) for place, node in everywhere(ast.Constant) if isinstance(node, ast.Constant)
    ]
    spoken += [(str(path.relative_to(HERE)), text) for path, text in TEXTS.items() if path.suffix == ".sql"]
    wrong = [f"{place} {found}" for place, text in spoken for found in reader.findall(text)]
    assert wrong == []


# Pages -------------------------------------------------------------------------------------------------


def test_every_page_declares_the_permission_that_it_asks_for() -> None:
    session = importlib.import_module("huishoudboekje.web.session")
    app = importlib.import_module("huishoudboekje.web.app")
    open_to_all = {
        route.path
        for route in app.routes()
        if not any(isinstance(each.dependency, session.Asks) for each in route.dependencies)
    }
    assert open_to_all == set(app.OPEN)


def test_every_page_asks_who_you_are(module_database: Database) -> None:
    app = importlib.import_module("huishoudboekje.web.app")
    with TestClient(app.create_app(module_database), follow_redirects=False) as client:
        let_in = [
            f"{method} {route.path} answers {answer.status_code}"
            for route in app.routes()
            if route.path not in app.OPEN
            for method in route.methods
            for answer in [
                client.request(
                    method, re.sub(r"\{[^}]*\}", "1", route.path), headers={"sec-fetch-site": "same-origin"}
                )
            ]
            if answer.status_code != 401
            and not (method == "GET" and answer.headers.get("location", "").startswith("/inloggen"))
        ]
    assert let_in == []


# Tasks -------------------------------------------------------------------------------------------------


def test_every_task_is_on_the_timetable_or_named_as_called() -> None:
    tasks = importlib.import_module("huishoudboekje.tasks")
    known = {name for name in tasks.app.tasks if not name.startswith("celery.")}
    assert known == set(tasks.TIMETABLE) | tasks.CALLED
    assert {each["task"] for each in tasks.app.conf.beat_schedule.values()} == set(tasks.TIMETABLE)


def test_a_task_is_three_lines_and_carries_a_number_at_most() -> None:
    tree = TREES[HERE / "huishoudboekje" / "tasks.py"]
    wrong = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(each).startswith("app.task") for each in node.decorator_list)
        and (
            sum(isinstance(each, ast.stmt) for line in node.body[1:] for each in ast.walk(line)) > 3
            or {ast.unparse(each.annotation) for each in node.args.args if each.annotation} - {"int"}
        )
    ]
    assert wrong == []


# bank_formats ------------------------------------------------------------------------------------------


def test_bank_formats_needs_four_packages_and_python() -> None:
    allowed = {*sys.stdlib_module_names, "bank_formats", "lxml", "schwifty", "stdnum", "anyascii"}
    wrong = []
    for place, node in [*everywhere(ast.Import), *everywhere(ast.ImportFrom)]:
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
        outside = {name.partition(".")[0] for name in names} - allowed
        if place.startswith("bank_formats/") and outside:
            wrong.append(f"{place} {sorted(outside)}")
    assert wrong == []


def test_every_reader_of_bank_files_is_fuzzed() -> None:
    reads = {
        path.stem
        for path, tree in TREES.items()
        if path.parent.name == "bank_formats"
        and any(isinstance(node, ast.FunctionDef) and node.name == "read" for node in tree.body)
    }
    behind_others = {"reading", "payment_file"}  # what `camt` and `pain001` go through
    assert reads - behind_others - set(HARNESSES) == set()


def test_every_public_name_of_bank_formats_is_explained() -> None:
    known = {name: getattr(bank_formats, name) for name in bank_formats.__all__}
    assert [name for name, each in known.items() if callable(each) and not inspect.getdoc(each)] == []


# Refusals ----------------------------------------------------------------------------------------------

ENGLISH = re.compile(r"\b(the|this|that|is not|cannot|must|should|with|from|and)\b", re.IGNORECASE)


def test_every_refusal_is_a_dutch_sentence() -> None:
    wrong = []
    for kind in refusals():
        sentence = inspect.cleandoc(kind.__dict__.get("__doc__") or "")
        whole = re.fullmatch(r"[A-Z{'].*[.?}]", sentence, re.DOTALL)
        if not whole or ENGLISH.search(re.sub(r"\{[^}]*\}|'[^']*'", "", sentence)):
            wrong.append(f"{kind.__module__}.{kind.__name__}: {sentence}")
    assert wrong == []


def test_whoever_refuses_fills_the_whole_sentence() -> None:
    plain_refusals = {kind.__name__: kind for kind in refusals() if kind.__init__ is Refused.__init__}
    wrong = []
    for place, node in everywhere(ast.Raise):
        raised = node.exc if isinstance(node, ast.Raise) else None
        kind = plain_refusals.get(name_of(raised))
        if kind is None:
            continue
        given = {word.arg for word in raised.keywords} if isinstance(raised, ast.Call) else set()
        if None not in given and (missing := fields(kind) - given):
            wrong.append(f"{place} {kind.__name__} lacks {sorted(missing)}")
    assert wrong == []


# Files -------------------------------------------------------------------------------------------------


def test_no_file_outgrows_its_reader() -> None:
    faces = HERE / "huishoudboekje" / "web"
    written = {".py", ".html", ".css", ".js"}
    wrong = [
        f"{path.relative_to(HERE)} has {lines} lines"
        for path, content in TEXTS.items()
        if path.suffix in written
        and (lines := content.count("\n")) > (400 if path.is_relative_to(faces) else 600)
    ]
    assert wrong == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    nothing = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "data", "info", "services"}
    assert [str(path) for path in SOURCES if nothing & {*path.with_suffix("").parts[len(HERE.parts) :]}] == []


def test_no_relationship_lets_a_template_ask_the_database() -> None:
    calls = [place for place, node in everywhere(ast.Call) if name_of(node) == "relationship"]
    assert calls == []


def test_nothing_names_a_registry_or_a_machine() -> None:
    private = re.compile(
        r"pythonhosted\.org|pypi\.org|registry\.npmjs|deb\.debian\.org|proxy\.golang|(?<![a-z./])/w[o]rk/|/tmp/[a-z]"
    )
    wrong = [
        f"{path.relative_to(HERE)}: {found.group()}"
        for path, content in TEXTS.items()
        if path.name != Path(__file__).name
        for found in private.finditer(content)
    ]
    assert wrong == []


def test_no_template_is_unused() -> None:
    folder = HERE / "huishoudboekje" / "web" / "templates"
    everything = "\n".join(
        content for path, content in TEXTS.items() if path.suffix in {".py", ".html", ".txt"}
    )
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    assert [name for name in names if name not in everything] == []


# Documentation -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_operations_guide_names_every_setting(name: str) -> None:
    assert f"`HUISHOUDBOEKJE_{name.upper()}`" in (HERE / "docs" / "operations.md").read_text("utf-8")


def test_the_readme_names_every_package() -> None:
    readme = (HERE / "README.md").read_text("utf-8")
    assert [package for package in PACKAGES if f"`{package}/" not in readme] == []


def test_the_story_of_a_package_names_only_files_that_exist() -> None:
    wrong = [
        f"{path.relative_to(HERE)}: {name}"
        for path, tree in TREES.items()
        if path.name == "__init__.py"
        for name in re.findall(r"(?<![/\w])\w+\.py\b", ast.get_docstring(tree) or "")
        if not (path.parent / name).exists() and not (path.parent / name.removesuffix(".py")).is_dir()
    ]
    assert wrong == []


def test_every_command_in_the_documentation_exists() -> None:
    app = importlib.import_module("huishoudboekje.commands.app").app
    known = set(typer.main.get_group(app).commands)
    named = {
        command
        for path, content in TEXTS.items()
        if path.suffix == ".md"
        for command in re.findall(r"(?:`|bin/)huishoudboekje ([a-z][a-z-]+)", content)
    }
    assert {"migrate", "ingest"} <= named
    assert named - known == set()


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    wrong = [
        f"{path.relative_to(HERE)}: {target}"
        for path, content in TEXTS.items()
        if path.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", content)
        if not (path.parent / target).exists()
    ]
    assert wrong == []
