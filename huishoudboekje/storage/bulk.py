"""Many rows at once: COPY into a temporary table, then one INSERT … SELECT.

The application's role cannot COPY into tables with row-level security, and the unit of work of the
ORM costs ten times as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, islice

import psycopg
from psycopg import sql
from sqlalchemy.orm import Session

FEW = 40
MANY = 2_000


def driver(session: Session) -> psycopg.Connection:
    """Give the psycopg connection of this transaction."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, psycopg.Connection):
        raise TypeError(connection)
    return connection


def insert_rows(
    session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> int:
    """Insert rows into a table, and give their number; raises what the table's constraints raise."""
    cursor = driver(session).cursor()
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    into = sql.SQL("INSERT INTO {} ({}) ").format(sql.Identifier(table), names)
    coming = iter(rows)
    first = list(islice(coming, FEW))
    if len(first) < FEW:
        if first:
            places = sql.SQL(", ").join([sql.SQL("({})").format(_places(len(columns)))] * len(first))
            cursor.execute(into + sql.SQL("VALUES ") + places, [value for row in first for value in row])
        return len(first)
    staging = sql.Identifier(f"coming_{table}_{len(columns)}")
    # Kept by the connection: making a table costs more than filling it.
    cursor.execute(
        sql.SQL(
            "CREATE TEMP TABLE IF NOT EXISTS {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA"
        ).format(staging, names, sql.Identifier(table))
    )
    cursor.execute(sql.SQL("TRUNCATE pg_temp.{}").format(staging))
    count = 0
    with cursor.copy(sql.SQL("COPY pg_temp.{} ({}) FROM STDIN").format(staging, names)) as copy:
        for row in chain(first, coming):
            copy.write_row(row)
            count += 1
    cursor.execute(into + sql.SQL("SELECT {} FROM pg_temp.{}").format(names, staging))
    if count >= MANY:
        refresh_statistics(session, table)
    return count


def refresh_statistics(session: Session, table: str) -> None:
    """Let the planner look at what a table holds now, after many rows came at once."""
    driver(session).execute("SELECT refresh_statistics(%s)", [table])


def next_ids(session: Session, table: str, count: int) -> list[int]:
    """Take numbers from a table's sequence, so that rows can refer to each other before they exist."""
    if not count:
        return []
    taken = driver(session).execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
    )
    return [number for (number,) in taken]


def _places(count: int) -> sql.Composed:
    return sql.SQL(", ").join([sql.Placeholder()] * count)
