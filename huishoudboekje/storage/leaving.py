"""What a municipality takes along when it leaves, and brings when it comes: rows and ledger as they are.

Rows are given as JSON gives them, without the municipality's number. They come back only into a
municipality that has none yet, with their own numbers, so that what refers to them still does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje.domain.ledger import EntryKind, Phase, Transfer
from huishoudboekje.storage.bulk import driver, insert_rows, next_ids
from huishoudboekje.storage.ledger import ENTRY_COLUMNS, open_accounts

ROWS_AT_ONCE: Final = 2000
ENTRIES_AT_ONCE: Final = 5000

TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "statements": (
        "archived_file",
        "bank_statement",
        "bank_statement_verdict",
        "bank_transaction",
        "booking",
    ),
    "payments": (
        "instruction",
        "instruction_outcome",
        "occurrence_event",
        "payment_batch",
        "batch_file",
        "batch_step",
        "payment",
        "payment_step",
    ),
    "audit": (
        "limit_decision",
        "household_step",
        "agreement_version",
        "signal",
        "signal_step",
        "day_close",
        "audit_event",
        "audit_seal",
    ),
}
"""Tables whose rows leave, by the section that they leave in; what refers comes after what it refers to."""

BROUGHT: Final = frozenset(
    {
        "archived_file",
        "bank_statement",
        "bank_statement_verdict",
        "bank_transaction",
        "booking",
        "instruction",
        "instruction_outcome",
        "occurrence_event",
        "limit_decision",
        "signal",
        "signal_step",
        "day_close",
        "audit_event",
        "audit_seal",
    }
)
"""Tables whose rows come back as they were.

Batches and their payments do not: the database lets them begin as a proposal only. Households, residents
and agreements come by the core of the file, and begin their history anew.
"""


def rows(session: Session, table: str) -> Iterator[dict[str, Any]]:
    """Stream a table of TAKEN in the order of its key."""
    key = sql.SQL(", ").join(map(sql.Identifier, _key(session, table)))
    cursor = driver(session).cursor(name=f"leaving_{table}")
    cursor.itersize = ROWS_AT_ONCE
    cursor.execute(
        sql.SQL("SELECT to_jsonb(t) - 'municipality_id' FROM {} t ORDER BY {}").format(
            sql.Identifier(table), key
        )
    )
    for (row,) in cursor:
        yield row
    cursor.close()


def bring_rows(session: Session, table: str, coming: Sequence[Mapping[str, Any]]) -> None:
    """Put rows of BROUGHT back as they were; raises what the database refuses."""
    if table not in BROUGHT:
        raise ValueError(table)
    columns = _columns(session, table)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    driver(session).execute(
        sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {names}"
            " FROM jsonb_populate_recordset(NULL::{table}, %s::jsonb)"
        ).format(table=sql.Identifier(table), names=names),
        [json.dumps(coming)],
    )


def continue_numbers(session: Session) -> None:
    """Let what is numbered from now on come after what was brought.

    Numbers are taken one by one until then, as the application may not set a sequence.
    """
    for table in sorted(BROUGHT):
        if "id" in _columns(session, table):
            driver(session).execute(
                sql.SQL(
                    "SELECT count(nextval(pg_get_serial_sequence({name}, 'id'))) FROM generate_series(1,"
                    " (SELECT max(id) FROM {table}) - nextval(pg_get_serial_sequence({name}, 'id')))"
                ).format(name=sql.Literal(table), table=sql.Identifier(table))
            )


def _columns(session: Session, table: str) -> list[str]:
    found = session.scalars(
        text(
            "SELECT attname FROM pg_attribute WHERE attrelid = cast(:table AS regclass) AND attnum > 0"
            " AND NOT attisdropped AND attname <> 'municipality_id' ORDER BY attnum"
        ),
        {"table": table},
    )
    return list(found)


def _key(session: Session, table: str) -> list[str]:
    found = session.scalars(
        text(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid"
            " AND a.attnum = ANY(i.indkey) WHERE i.indrelid = cast(:table AS regclass) AND i.indisprimary"
            " ORDER BY array_position(i.indkey::int[], a.attnum::int)"
        ),
        {"table": table},
    )
    return list(found)


@dataclass(frozen=True, slots=True)
class Brought:
    """A transfer as it comes back; `resolves` names entry and place of the reserved one that it ends."""

    transfer: Transfer
    resolves: tuple[str, int] | None


@dataclass(frozen=True, slots=True)
class BroughtEntry:
    """An entry as it comes back, with who booked it and when; `reverses` is another entry's key."""

    key: str
    kind: EntryKind
    effective_on: date
    recorded_at: datetime
    by_user: str
    transaction_id: int | None
    reverses: str | None
    reason: str | None
    transfers: tuple[Brought, ...]


def entries(session: Session) -> Iterator[dict[str, Any]]:
    """Stream the ledger in recorded order, referring by keys and not by numbers."""
    cursor = driver(session).cursor(name="leaving_ledger")
    cursor.itersize = ENTRIES_AT_ONCE
    cursor.execute("""
        SELECT e.key, e.kind, e.effective_on, e.recorded_at, e.by_user, e.transaction_id,
          (SELECT key FROM ledger_entry u WHERE u.municipality_id = e.municipality_id AND u.id = e.reverses),
          e.reason, t.moved
        FROM ledger_entry e CROSS JOIN LATERAL (
          SELECT jsonb_agg(jsonb_build_array(t.source, t.target, t.amount_cents, t.phase, t.end_to_end_id,
            CASE WHEN t.resolves IS NOT NULL THEN (
              SELECT jsonb_build_array(re.key, (SELECT count(*) FROM ledger_transfer b
                WHERE b.municipality_id = r.municipality_id AND b.entry_id = r.entry_id AND b.id < r.id))
              FROM ledger_transfer r JOIN ledger_entry re
                ON re.municipality_id = r.municipality_id AND re.id = r.entry_id
              WHERE r.municipality_id = t.municipality_id AND r.id = t.resolves) END) ORDER BY t.id) AS moved
          FROM ledger_transfer t WHERE t.municipality_id = e.municipality_id AND t.entry_id = e.id) t
        ORDER BY e.id
    """)
    for row in cursor:
        key, kind, effective_on, recorded_at, by_user, transaction_id, reverses, reason, moved = row
        yield {
            "key": key,
            "kind": kind,
            "effective_on": effective_on.isoformat(),
            "recorded_at": recorded_at.isoformat(),
            "by_user": by_user,
            "transaction_id": transaction_id,
            "reverses": reverses,
            "reason": reason,
            "transfers": moved,
        }
    cursor.close()


def bring_entries(session: Session, coming: Iterable[BroughtEntry]) -> int:
    """Book entries again as they were, in their order, and give their number; the guards look on.

    Entries of one day and kind go together: what the ledger's guards see then is what they saw before.
    """
    bringing = _Bringing(session)
    for entry in coming:
        bringing.add(entry)
    bringing.book()
    return bringing.count


class _Bringing:
    def __init__(self, session: Session) -> None:
        self.session = session
        self.together: list[BroughtEntry] = []
        self.keys: set[str] = set()
        self.reserved: dict[tuple[str, int], int] = {}
        self.count = 0

    def add(self, entry: BroughtEntry) -> None:
        last = self.together[-1] if self.together else entry
        referred = {each.resolves[0] for each in entry.transfers if each.resolves}
        if (
            (last.effective_on, last.kind) != (entry.effective_on, entry.kind)
            or len(self.together) >= ENTRIES_AT_ONCE
            or entry.reverses in self.keys
            or referred & self.keys
        ):
            self.book()
        self.together.append(entry)
        self.keys.add(entry.key)

    def book(self) -> None:
        booking, self.together, self.keys = self.together, [], set()
        if not booking:
            return
        moved = [each.transfer for entry in booking for each in entry.transfers]
        open_accounts(self.session, (name for each in moved for name in (each.source, each.target)))
        numbers = next_ids(self.session, "ledger_entry", len(booking))
        reversed_ids = self._ids([entry.reverses for entry in booking if entry.reverses])
        insert_rows(
            self.session,
            "ledger_entry",
            ENTRY_COLUMNS,
            (
                (
                    number,
                    entry.key,
                    entry.kind.value,
                    entry.effective_on,
                    entry.recorded_at,
                    entry.by_user,
                    entry.transaction_id,
                    reversed_ids[entry.reverses] if entry.reverses else None,
                    entry.reason,
                )
                for number, entry in zip(numbers, booking, strict=True)
            ),
        )
        ids = iter(next_ids(self.session, "ledger_transfer", len(moved)))
        insert_rows(
            self.session,
            "ledger_transfer",
            ("id", "entry_id", "source", "target", "amount_cents", "phase", "resolves", "end_to_end_id"),
            [
                self._row(next(ids), number, (entry.key, place), each)
                for number, entry in zip(numbers, booking, strict=True)
                for place, each in enumerate(entry.transfers)
            ],
        )
        self.count += len(booking)

    def _row(self, id: int, entry_id: int, name: tuple[str, int], brought: Brought) -> tuple[object, ...]:
        transfer = brought.transfer
        if transfer.phase is Phase.RESERVED:
            self.reserved[name] = id
        return (
            id,
            entry_id,
            transfer.source,
            transfer.target,
            transfer.amount_cents,
            transfer.phase.value,
            self.reserved.pop(brought.resolves) if brought.resolves else None,
            transfer.end_to_end_id,
        )

    def _ids(self, keys: list[str]) -> dict[str, int]:
        found = self.session.execute(
            text("SELECT key, id FROM ledger_entry WHERE key = ANY(cast(:keys AS text[]))"), {"keys": keys}
        )
        return {row.key: row.id for row in found}
