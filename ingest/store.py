"""Statements, their lines and the decisions on them: read and written set by set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.storage.bulk import driver, insert_rows
from ingest.evidence import Line
from ingest.states import BookedOn, BookingStatus, Standing

LINE_COLUMNS = (
    "content",
    "number",
    "part",
    "ref",
    "iban",
    "booked_on",
    "valued_on",
    "amount_cents",
    "currency",
    "counter_name",
    "counter_iban",
    "counter_bic",
    "end_to_end_id",
    "reference",
    "remittance",
    "mandate_id",
    "code",
    "reversal",
    "return_reason",
    "batch_payment_information_id",
    "batch_message_id",
    "batch_count",
    "bank_text",
)


class SeveralTransactions(Refused):
    """Het kenmerk {ref} komt meer dan eens voor. Kies een van: {ids}."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a statement says of itself; balances in cents."""

    file_id: int
    number: int
    iban: str
    bank_statement_id: str | None
    sequence: int | None
    page: int | None
    last_page: bool | None
    opens_on: date | None
    closes_on: date
    opening_cents: int | None
    closing_cents: int | None
    lines: int
    sum_cents: int


@dataclass(frozen=True, slots=True)
class Filed:
    """A statement as it was taken in, with how it stands."""

    id: int
    header: Header
    standing: Standing
    reason: str | None
    recorded_at: datetime


# ---- taking in


def stage(session: Session, rows: Iterable[Sequence[object]]) -> int:
    """Put the lines of one statement aside, in their order, and give their number."""
    cursor = driver(session).cursor()
    cursor.execute("DROP TABLE IF EXISTS pg_temp.numbered")
    columns = sql.SQL(", ").join(map(sql.Identifier, LINE_COLUMNS))
    cursor.execute(
        sql.SQL(
            "CREATE TEMP TABLE IF NOT EXISTS coming ON COMMIT DELETE ROWS AS"
            " SELECT 0::bigint AS place, {} FROM bank_transaction WITH NO DATA"
        ).format(columns)
    )
    cursor.execute("TRUNCATE pg_temp.coming")
    place = 0
    with cursor.copy(sql.SQL("COPY pg_temp.coming (place, {}) FROM STDIN").format(columns)) as copy:
        for place, row in enumerate(rows, start=1):
            copy.write_row((place, *row))
    cursor.execute(
        "CREATE TEMP TABLE numbered ON COMMIT DROP AS SELECT *, row_number() OVER"
        " (PARTITION BY content ORDER BY place)::int AS nth FROM pg_temp.coming"
    )
    cursor.execute("ANALYZE pg_temp.numbered")
    return place


@dataclass(frozen=True, slots=True)
class Doubles:
    """How many staged lines are known or early; `new_cents` is what the others, or those, add up to."""

    known: int
    new_cents: int


def doubles(session: Session) -> Doubles:
    """Compare the staged lines with all that was ever taken in."""
    known, new_cents = session.execute(
        text("""
            SELECT count(t.id), coalesce(sum(n.amount_cents) FILTER (WHERE t.id IS NULL), 0)
            FROM numbered n LEFT JOIN bank_transaction t ON t.content = n.content AND t.nth = n.nth
        """)
    ).one()
    return Doubles(int(known), int(new_cents))


def up_to(session: Session, day: date) -> Doubles:
    """Count and add up the staged lines that were booked up to a day."""
    known, cents = session.execute(
        text("SELECT count(*), coalesce(sum(amount_cents), 0) FROM numbered WHERE booked_on <= :day"),
        {"day": day},
    ).one()
    return Doubles(int(known), int(cents))


def count_on(session: Session) -> None:
    """Number the staged lines on from those that are alike: they are twins, not the same ones again."""
    session.execute(
        text("""
            UPDATE numbered n SET nth = n.nth + known.nth
            FROM (SELECT t.content, max(t.nth) AS nth FROM bank_transaction t
                WHERE t.content IN (SELECT content FROM numbered) GROUP BY t.content) known
            WHERE known.content = n.content
        """)
    )


def keep(session: Session, statement_id: int, after: date) -> int:
    """Take in the staged lines that are new and booked after a day; give their number."""
    names = sql.SQL(", ").join(map(sql.Identifier, LINE_COLUMNS))
    cursor = driver(session).execute(
        sql.SQL("""
            INSERT INTO bank_transaction (statement_id, nth, {})
            SELECT %s, nth, {} FROM pg_temp.numbered n WHERE booked_on > %s AND NOT EXISTS (
              SELECT FROM bank_transaction t WHERE t.content = n.content AND t.nth = n.nth)
            ORDER BY place
        """).format(names, names),
        [statement_id, after],
    )
    return cursor.rowcount


def add_statement(
    session: Session, header: Header, standing: Standing, reason: str | None, by_user: str
) -> int:
    """Write down a statement with its first verdict, and give its number."""
    number = session.execute(
        text("""
            INSERT INTO bank_statement (file_id, number, iban, bank_statement_id, sequence, page, last_page,
              opens_on, closes_on, opening_cents, closing_cents, lines, sum_cents, recorded_at)
            VALUES (:file_id, :number, :iban, :bank_statement_id, :sequence, :page, :last_page,
              :opens_on, :closes_on, :opening_cents, :closing_cents, :lines, :sum_cents, :now)
            RETURNING id
        """),
        {name: getattr(header, name) for name in Header.__slots__} | {"now": clock.now()},
    ).scalar_one()
    judge(session, number, standing, reason, by_user)
    return int(number)


def judge(session: Session, statement_id: int, standing: Standing, reason: str | None, by_user: str) -> None:
    """Add a verdict on a statement; two at once make the same step, and one of them is refused."""
    session.execute(
        text("""
            INSERT INTO bank_statement_verdict (statement_id, step, standing, reason, by_user, recorded_at)
            SELECT :id, coalesce(max(step), 0) + 1, :standing, :reason, :by, cast(:now AS timestamptz)
            FROM bank_statement_verdict WHERE statement_id = :id
        """),
        {"id": statement_id, "standing": standing, "reason": reason, "by": by_user, "now": clock.now()},
    )


_STATEMENTS = """
    SELECT s.id, s.file_id, s.number, s.iban, s.bank_statement_id, s.sequence, s.page, s.last_page,
      s.opens_on, s.closes_on, s.opening_cents, s.closing_cents, s.lines, s.sum_cents, v.standing,
      v.reason, s.recorded_at
    FROM bank_statement s
    JOIN LATERAL (
      SELECT standing, reason FROM bank_statement_verdict v
      WHERE v.municipality_id = s.municipality_id AND v.statement_id = s.id
      ORDER BY step DESC LIMIT 1) v ON true
"""


def statements(
    session: Session,
    *,
    iban: str | None = None,
    standing: Standing | None = None,
    until: date | None = None,
    file_id: int | None = None,
) -> list[Filed]:
    """Read statements by account and date; of one account, standing, file, or up to a closing day."""
    rows = session.execute(
        text(
            _STATEMENTS
            + """
            WHERE (cast(:iban AS text) IS NULL OR s.iban = :iban)
              AND (cast(:standing AS text) IS NULL OR v.standing = :standing)
              AND (cast(:until AS date) IS NULL OR s.closes_on <= :until)
              AND (cast(:file AS bigint) IS NULL OR s.file_id = :file)
            ORDER BY s.iban, s.closes_on, s.sequence NULLS LAST, s.id"""
        ),
        {"iban": iban, "standing": standing, "until": until, "file": file_id},
    )
    return [Filed(row[0], Header(*row[1:14]), Standing(row[14]), row[15], row[16]) for row in rows]


def statement(session: Session, statement_id: int) -> Filed:
    """Read one statement. Raises NotFound."""
    row = session.execute(text(_STATEMENTS + " WHERE s.id = :id"), {"id": statement_id}).one_or_none()
    if row is None:
        raise NotFound(what="Afschrift", id=statement_id)
    return Filed(row[0], Header(*row[1:14]), Standing(row[14]), row[15], row[16])


# ---- candidates

_LINE_COLUMNS = """
      t.id, t.ref, t.iban, t.booked_on, t.amount_cents, t.counter_iban, t.counter_name, t.end_to_end_id,
      t.reference, t.remittance, t.code, t.reversal, t.return_reason, t.batch_payment_information_id,
      t.batch_message_id, t.batch_count, t.bank_text"""
_LINE = f"SELECT {_LINE_COLUMNS} FROM bank_transaction t"  # noqa: S608 - constants of this file


def lines(session: Session, statement_id: int, size: int) -> Iterator[list[Line]]:
    """Read a statement's lines in their order, some at a time."""
    last = 0
    while True:
        rows = (
            driver(session)
            .execute(
                _LINE + " WHERE t.statement_id = %s AND t.id > %s ORDER BY t.id LIMIT %s",
                [statement_id, last, size],
            )
            .fetchall()
        )
        if not rows:
            return
        yield [Line(*row) for row in rows]
        last = rows[-1][0]


def line(session: Session, transaction_id: int) -> Line:
    """Read one line. Raises NotFound."""
    row = driver(session).execute(_LINE + " WHERE t.id = %s", [transaction_id]).fetchone()
    if row is None:
        raise NotFound(what="Mutatie", id=short_id(transaction_id))
    return Line(*row)


# ---- decisions


@dataclass(frozen=True, slots=True)
class Booked:
    """One decision on a transaction, as it is written down; `confidence` is 0 to 1."""

    transaction_id: int
    status: BookingStatus
    booked_on: BookedOn
    household_id: str | None = None
    occurrence: Occurrence | None = None
    agreement_id: str | None = None
    end_to_end_id: str | None = None
    payment_information_id: str | None = None
    own_purpose: str | None = None
    confidence: float | None = None
    explanation: dict[str, Any] | None = None
    step: int = 1
    reason: str | None = None
    by_user: str | None = None
    recorded_at: datetime | None = None


MILLIONTHS = 1_000_000


def write_down(session: Session, booked: Iterable[Booked], by_user: str) -> int:
    """Add decisions; the step number makes that of two people at once one is refused."""
    now = clock.now()
    return insert_rows(
        session,
        "booking",
        (
            "transaction_id",
            "step",
            "status",
            "booked_on",
            "household_id",
            "agreement_id",
            "due_on",
            "part",
            "end_to_end_id",
            "payment_information_id",
            "own_purpose",
            "confidence",
            "explanation",
            "by_user",
            "recorded_at",
            "reason",
        ),
        (
            (
                each.transaction_id,
                each.step,
                each.status.value,
                each.booked_on.value,
                each.household_id,
                each.agreement_id,
                each.occurrence.due_on if each.occurrence else None,
                each.occurrence.part if each.occurrence else None,
                each.end_to_end_id,
                each.payment_information_id,
                each.own_purpose,
                None if each.confidence is None else round(each.confidence * MILLIONTHS),
                None if each.explanation is None else json.dumps(each.explanation, ensure_ascii=False),
                by_user,
                now,
                each.reason,
            )
            for each in booked
        ),
    )


_BOOKING_COLUMNS = """
      b.transaction_id, b.status, b.booked_on, b.household_id, b.agreement_id, b.due_on, b.part,
      b.end_to_end_id, b.payment_information_id, b.own_purpose, b.confidence, b.explanation, b.step,
      b.reason, b.by_user, b.recorded_at"""
_BOOKING = f"""
    SELECT {_BOOKING_COLUMNS} FROM booking b WHERE b.transaction_id = %s ORDER BY b.step
"""  # noqa: S608 - likewise
_WITH_LATEST_BOOKING = """
    FROM bank_transaction t JOIN LATERAL (
      SELECT b.* FROM booking b WHERE b.municipality_id = t.municipality_id AND b.transaction_id = t.id
      ORDER BY b.step DESC LIMIT 1) b ON true
"""
_BOOKINGS = f"""
    SELECT t.ref, t.id, t.amount_cents, {_BOOKING_COLUMNS} {_WITH_LATEST_BOOKING} ORDER BY t.id
"""
_LISTED = f"""
    SELECT {_LINE_COLUMNS}, {_BOOKING_COLUMNS} {_WITH_LATEST_BOOKING}
    WHERE t.id > :after
      AND (NOT :queued OR (b.status = 'queued' AND t.id IN (
        SELECT transaction_id FROM booking WHERE status = 'queued')))
      AND (cast(:household AS text) IS NULL OR b.household_id = :household)
      AND (cast(:booked_on AS date) IS NULL OR t.booked_on = :booked_on)
      AND (cast(:statement AS bigint) IS NULL OR t.statement_id = :statement)
    ORDER BY t.id LIMIT :limit
"""  # noqa: S608 - likewise


def _booked(row: Sequence[Any]) -> Booked:
    occurrence = None if row[5] is None else Occurrence(row[4], row[5], row[6] or 1)
    confidence = None if row[10] is None else row[10] / MILLIONTHS
    return Booked(
        transaction_id=row[0],
        status=BookingStatus(row[1]),
        booked_on=BookedOn(row[2]),
        household_id=row[3],
        occurrence=occurrence,
        agreement_id=row[4],
        end_to_end_id=row[7],
        payment_information_id=row[8],
        own_purpose=row[9],
        confidence=confidence,
        explanation=row[11],
        step=row[12],
        reason=row[13],
        by_user=row[14],
        recorded_at=row[15],
    )


def booking(session: Session, transaction_id: int) -> Booked | None:
    """Read the decision that holds on a transaction."""
    all_steps = history(session, transaction_id)
    return all_steps[-1] if all_steps else None


def history(session: Session, transaction_id: int) -> list[Booked]:
    """Read all decisions on a transaction, in their order."""
    return [_booked(row) for row in driver(session).execute(_BOOKING, [transaction_id])]


def bookings(session: Session) -> Iterator[tuple[str | None, int, int, Booked]]:
    """Stream the decision that holds on every transaction, with its `ref`, id and amount in cents."""
    cursor = driver(session).cursor(name="all_bookings")
    cursor.itersize = 5000
    cursor.execute(_BOOKINGS)
    for row in cursor:
        yield row[0], row[1], row[2], _booked(row[3:])
    cursor.close()


@dataclass(frozen=True, slots=True)
class Listed:
    """A transaction as lists and pages show it, with the decision that holds; cents, credit positive."""

    line: Line
    booked: Booked

    @property
    def id(self) -> str:
        """Our own short id."""
        return short_id(self.line.id)


def listed(
    session: Session,
    *,
    queued: bool = False,
    household_id: str | None = None,
    booked_on: date | None = None,
    statement_id: int | None = None,
    limit: int = 500,
    after_id: int = 0,
) -> list[Listed]:
    """List transactions in the order of taking in, narrowed by what is given."""
    rows = session.execute(
        text(_LISTED),
        {
            "after": after_id,
            "queued": queued,
            "household": household_id,
            "booked_on": booked_on,
            "statement": statement_id,
            "limit": limit,
        },
    )
    return [Listed(Line(*row[:17]), _booked(row[17:])) for row in rows]


def count_queued(session: Session) -> int:
    """Count the transactions that wait for a person."""
    found = session.scalar(
        text("""
            SELECT count(*) FROM booking b WHERE b.status = 'queued' AND NOT EXISTS (
              SELECT FROM booking later WHERE later.municipality_id = b.municipality_id
                AND later.transaction_id = b.transaction_id AND later.step > b.step)
        """)
    )
    return int(found or 0)


def waiting_on(session: Session, on: date) -> dict[str, int]:
    """Add up by account the lines up to a day that still wait for a person, in cents, credit positive."""
    rows = session.execute(
        text("""
            SELECT t.iban, sum(t.amount_cents) FROM bank_transaction t
            JOIN booking b ON b.municipality_id = t.municipality_id AND b.transaction_id = t.id
            WHERE b.status = 'queued' AND t.booked_on <= :on AND NOT EXISTS (
              SELECT FROM booking later WHERE later.municipality_id = b.municipality_id
                AND later.transaction_id = b.transaction_id AND later.step > b.step)
            GROUP BY t.iban
        """),
        {"on": on},
    )
    return {iban: int(cents) for iban, cents in rows if cents}


def short_id(transaction_id: int) -> str:
    """Our own id of a transaction, short enough to say over the telephone."""
    return f"T{transaction_id}"


def transaction_id(session: Session, named: str) -> int:
    """Find a transaction by our own id, or by the bank's `ref` where that is unique.

    Raises NotFound, or SeveralTransactions with the ids to choose from.
    """
    if named[:1] == "T" and named[1:].isdecimal():
        found = session.scalars(
            text("SELECT id FROM bank_transaction WHERE id = :id"), {"id": int(named[1:])}
        ).all()
    else:
        found = session.scalars(
            text("SELECT id FROM bank_transaction WHERE ref = :ref ORDER BY id"), {"ref": named}
        ).all()
    if not found:
        raise NotFound(what="Mutatie", id=named)
    if len(found) > 1:
        raise SeveralTransactions(ref=named, ids=", ".join(map(short_id, found)))
    return int(found[0])


# ---- the bank's side of the books


@dataclass(frozen=True, slots=True)
class Shown:
    """What the statements of an account add up to after a day, in cents."""

    iban: str
    starts_on: date
    start_cents: int
    lines_cents: int


def shown_by_bank(session: Session, on: date) -> list[Shown]:
    """Add up, independently of the ledger, start and statement lines of every account up to a day."""
    rows = session.execute(
        text("""
            SELECT a.iban, a.starts_on, a.balance_cents, coalesce((
              SELECT sum(t.amount_cents) FROM bank_transaction t
              WHERE t.municipality_id = a.municipality_id AND t.iban = a.iban AND t.booked_on <= :on), 0)
            FROM account_start a WHERE a.starts_on <= :on ORDER BY a.iban
        """),
        {"on": on},
    )
    return [Shown(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


def not_in_ledger(session: Session, until: date, limit: int = 20) -> list[str]:
    """Find transactions that are not in the ledger exactly once with their own amount (invariant 3)."""
    rows = session.scalars(
        text("""
            SELECT t.id FROM bank_transaction t LEFT JOIN (
              SELECT e.transaction_id, sum(CASE WHEN l.target LIKE 'bank:%' THEN l.amount_cents
                  WHEN l.source LIKE 'bank:%' THEN -l.amount_cents ELSE 0 END) AS cents
              FROM ledger_entry e JOIN ledger_transfer l
                ON l.municipality_id = e.municipality_id AND l.entry_id = e.id
              WHERE e.transaction_id IS NOT NULL GROUP BY e.transaction_id) l ON l.transaction_id = t.id
            WHERE t.booked_on <= :until AND coalesce(-l.cents, 0) <> t.amount_cents
            ORDER BY t.id LIMIT :limit
        """),
        {"until": until, "limit": limit},
    )
    return [short_id(each) for each in rows]
