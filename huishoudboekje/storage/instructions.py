"""What the bank was told to pay, and what it showed of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.domain.instructions import Instruction, Origin, Outcome
from huishoudboekje.storage.bulk import insert_rows

_COLUMNS = (
    "end_to_end_id",
    "payment_information_id",
    "household_id",
    "agreement_id",
    "due_on",
    "part",
    "amount_cents",
    "own_cents",
    "advanced_cents",
    "counter_iban",
    "debtor_iban",
    "execution_on",
    "batch_booking",
    "origin",
    "recorded_at",
)

_SELECT = """
    SELECT i.end_to_end_id, i.payment_information_id, i.household_id, i.agreement_id, i.due_on, i.part,
      i.amount_cents, i.own_cents, i.advanced_cents, i.counter_iban, i.debtor_iban, i.execution_on,
      i.batch_booking, i.origin, coalesce(o.settled, 0) AS settled, coalesce(o.returned, 0) AS returned,
      coalesce(o.given_up, 0) AS given_up
    FROM instruction i
    LEFT JOIN LATERAL (
      SELECT sum(amount_cents) FILTER (WHERE outcome = 'settled') AS settled,
        sum(amount_cents) FILTER (WHERE outcome = 'returned') AS returned,
        sum(amount_cents) FILTER (WHERE outcome = 'not_delivered') AS given_up
      FROM instruction_outcome o
      WHERE o.municipality_id = i.municipality_id AND o.end_to_end_id = i.end_to_end_id) o ON true
"""


def add(session: Session, instructions: Iterable[Instruction]) -> int:
    """Write instructions, insert-only, and give their number; the database refuses a known EndToEndId."""
    now = clock.now()
    return insert_rows(
        session,
        "instruction",
        _COLUMNS,
        (
            (
                each.end_to_end_id,
                each.payment_information_id,
                each.household_id,
                each.occurrence.agreement_id if each.occurrence else None,
                each.occurrence.due_on if each.occurrence else None,
                each.occurrence.part if each.occurrence else 1,
                each.amount_cents,
                each.own_cents,
                each.advanced_cents,
                each.counter_iban,
                each.debtor_iban,
                each.execution_on,
                each.batch_booking,
                each.origin.value,
                now,
            )
            for each in instructions
        ),
    )


def _instruction(row: Sequence[Any]) -> Instruction:
    occurrence = None if row[3] is None else Occurrence(row[3], row[4], row[5])
    return Instruction(
        end_to_end_id=row[0],
        payment_information_id=row[1],
        household_id=row[2],
        occurrence=occurrence,
        amount_cents=row[6],
        own_cents=row[7],
        advanced_cents=row[8],
        counter_iban=row[9],
        debtor_iban=row[10],
        execution_on=row[11],
        batch_booking=row[12],
        origin=Origin(row[13]),
        settled_cents=int(row[14]),
        returned_cents=int(row[15]),
        given_up_cents=int(row[16]),
    )


def find(
    session: Session,
    *,
    end_to_end_ids: Collection[str] = (),
    payment_information_ids: Collection[str] = (),
) -> list[Instruction]:
    """Read the instructions with one of these EndToEndIds, or sent under one of these PmtInfIds."""
    rows = session.execute(
        text(
            _SELECT
            + """WHERE i.end_to_end_id = ANY(cast(:ids AS text[]))
                OR i.payment_information_id = ANY(cast(:batches AS text[])) ORDER BY i.end_to_end_id"""
        ),
        {"ids": list(end_to_end_ids), "batches": list(payment_information_ids)},
    )
    return [_instruction(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a transaction showed of an instruction; cents, see `InstructionOutcome`."""

    end_to_end_id: str
    outcome: Outcome
    amount_cents: int
    own_cents: int
    advanced_cents: int
    effective_on: date
    transaction_id: int | None
    missing_cents: int = 0
    reason_code: str | None = None
    id: int | None = None


def record(session: Session, shown: Sequence[Shown]) -> None:
    """Add what the bank showed; undone outcomes carry the negated amounts of what they undo."""
    now = clock.now()
    known = session.execute(
        text("""SELECT end_to_end_id, max(number) FROM instruction_outcome
            WHERE end_to_end_id = ANY(cast(:ids AS text[])) GROUP BY 1"""),
        {"ids": sorted({each.end_to_end_id for each in shown})},
    )
    counts: dict[str, int] = {row[0]: row[1] for row in known}
    rows: list[tuple[object, ...]] = []
    for each in shown:
        counts[each.end_to_end_id] = counts.get(each.end_to_end_id, 0) + 1
        rows.append(
            (
                each.end_to_end_id,
                counts[each.end_to_end_id],
                each.outcome.value,
                each.amount_cents,
                each.own_cents,
                each.advanced_cents,
                each.missing_cents,
                each.reason_code,
                each.effective_on,
                each.transaction_id,
                now,
            )
        )
    insert_rows(
        session,
        "instruction_outcome",
        (
            "end_to_end_id",
            "number",
            "outcome",
            "amount_cents",
            "own_cents",
            "advanced_cents",
            "missing_cents",
            "reason_code",
            "effective_on",
            "transaction_id",
            "recorded_at",
        ),
        rows,
    )


def shown_by(session: Session, transaction_id: int) -> list[Shown]:
    """Read what a transaction showed, in the order of recording."""
    rows = session.execute(
        text("""SELECT end_to_end_id, outcome, amount_cents, own_cents, advanced_cents, effective_on,
              transaction_id, missing_cents, reason_code FROM instruction_outcome
            WHERE transaction_id = :id ORDER BY end_to_end_id, number"""),
        {"id": transaction_id},
    )
    return [Shown(row[0], Outcome(row[1]), *row[2:]) for row in rows]


def in_transit_on(session: Session, on: date) -> dict[str, int]:
    """Add up by PmtInfId what was instructed by us and the bank had not shown at the end of a day, in cents.

    From instructions and their outcomes alone, so that it proves the ledger's accounts in transit.
    """
    rows = session.execute(
        text("""
            SELECT i.payment_information_id, sum(greatest(0, i.amount_cents - coalesce(o.gone, 0)))
            FROM instruction i LEFT JOIN LATERAL (
              SELECT sum(amount_cents) AS gone FROM instruction_outcome o
              WHERE o.municipality_id = i.municipality_id AND o.end_to_end_id = i.end_to_end_id
                AND o.outcome IN ('settled', 'not_delivered') AND o.effective_on <= :on) o ON true
            WHERE i.origin = 'ours' AND (i.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date <= :on
            GROUP BY i.payment_information_id
        """),
        {"on": on},
    )
    return {batch: int(cents) for batch, cents in rows if cents}


def paid_back_on(session: Session, on: date) -> dict[str, int]:
    """Add up by our IBAN what had left suspense for its payer at the end of a day, in cents.

    Their lines still wait on the statements, but no longer for money.
    """
    rows = session.execute(
        text("""
            SELECT i.debtor_iban, sum(i.amount_cents - coalesce(o.back, 0))
            FROM instruction i LEFT JOIN LATERAL (
              SELECT sum(amount_cents) AS back FROM instruction_outcome o
              WHERE o.municipality_id = i.municipality_id AND o.end_to_end_id = i.end_to_end_id
                AND o.outcome IN ('returned', 'not_delivered') AND o.effective_on <= :on) o ON true
            WHERE i.origin = 'ours' AND i.household_id = ''
              AND (i.recorded_at AT TIME ZONE 'Europe/Amsterdam')::date <= :on
            GROUP BY i.debtor_iban
        """),
        {"on": on},
    )
    return {iban: int(cents) for iban, cents in rows if cents}
