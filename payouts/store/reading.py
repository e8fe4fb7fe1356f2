"""Batches and payments as people see them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from bank_formats.credit_transfer import CreditTransfer
from huishoudboekje.domain.agreements import Occurrence
from payouts.batch import (
    NOT_LIVE_SQL,
    Asked,
    Batch,
    BatchLine,
    BatchState,
    PaymentState,
    Step,
    Summary,
    unknown_batch,
    unknown_payment,
)
from payouts.store.writing import REDRAFT

_SUMMARY: Final = """
    SELECT b.id, b.state, b.planned_on, b.execution_on, b.debtor_iban, b.payment_information_id, b.created_at,
      coalesce(p.payments, 0) AS payments, coalesce(p.amount, 0) AS amount, coalesce(p.own, 0) AS own,
      coalesce(p.advanced, 0) AS advanced,
      (SELECT s.by_user FROM batch_step s WHERE s.municipality_id = b.municipality_id AND s.batch_id = b.id
        AND s.step = 1) AS proposed_by, f.sha256
    FROM payment_batch b
    LEFT JOIN LATERAL (
      SELECT count(*) AS payments, sum(amount_cents) AS amount, sum(own_cents) AS own,
        sum(advanced_cents) AS advanced
      FROM payment p WHERE p.municipality_id = b.municipality_id AND p.batch_id = b.id
        AND (p.state <> 'withdrawn' OR b.state = 'withdrawn')) p ON true
    LEFT JOIN batch_file f ON f.municipality_id = b.municipality_id AND f.batch_id = b.id
"""


def _summary(row: Row[Any]) -> Summary:
    return Summary(
        id=row.id,
        state=BatchState(row.state),
        planned_on=row.planned_on,
        execution_on=row.execution_on,
        debtor_iban=row.debtor_iban,
        payment_information_id=row.payment_information_id,
        created_at=row.created_at,
        payments=row.payments,
        amount_cents=int(row.amount),
        own_cents=int(row.own),
        advanced_cents=int(row.advanced),
        proposed_by=row.proposed_by,
        sha256=row.sha256,
    )


def summary(session: Session, batch_id: str) -> Summary:
    """Read one batch in a line. Raises NotFound."""
    row = session.execute(text(f"{_SUMMARY} WHERE b.id = :id"), {"id": batch_id}).one_or_none()
    if row is None:
        raise unknown_batch(batch_id)
    return _summary(row)


def summaries(session: Session, states: Collection[BatchState] | None, limit: int) -> list[Summary]:
    """Read the latest batches, those in some states or all, latest first."""
    rows = session.execute(
        text(
            f"{_SUMMARY} WHERE cast(:states AS text[]) IS NULL OR b.state = ANY(cast(:states AS text[]))"
            " ORDER BY b.planned_on DESC, b.created_at DESC, length(b.id) DESC, b.id DESC LIMIT :limit"
        ),
        {"states": None if states is None else [each.value for each in states], "limit": limit},
    )
    return [_summary(row) for row in rows]


_LINE: Final = """
    SELECT end_to_end_id, batch_id, household_id, agreement_id, due_on, part, amount_cents, own_cents,
      advanced_cents, counter_name, counter_iban, remittance, reference, execution_on, late, state,
      explanation, proposed_by, created_at, refund_of, purpose, resident_id, agreed_cents
    FROM payment
"""


def _line(row: Row[Any]) -> BatchLine:
    return BatchLine(
        end_to_end_id=row.end_to_end_id,
        batch_id=row.batch_id,
        household_id=row.household_id,
        occurrence=Occurrence(row.agreement_id, row.due_on, row.part) if row.agreement_id else None,
        amount_cents=row.amount_cents,
        own_cents=row.own_cents,
        advanced_cents=row.advanced_cents,
        counter_name=row.counter_name,
        counter_iban=row.counter_iban,
        remittance=row.remittance,
        reference=row.reference,
        execution_on=row.execution_on,
        late=row.late,
        state=PaymentState(row.state),
        explanation=row.explanation,
        proposed_by=row.proposed_by,
        created_at=row.created_at,
        refund_of=row.refund_of,
        purpose=row.purpose,
        resident_id=row.resident_id,
        agreed_cents=row.agreed_cents,
    )


def lines(session: Session, batch_id: str, state: PaymentState | None = None) -> list[BatchLine]:
    """Read the payments of a batch in the order of proposing, all or those in one state."""
    return list(stream_lines(session, batch_id, state))


def stream_lines(session: Session, batch_id: str, state: PaymentState | None = None) -> Iterator[BatchLine]:
    """Read the payments of a batch as `lines` does, some at a time."""
    rows = session.execute(
        text(
            f"{_LINE} WHERE batch_id = :id AND (cast(:state AS text) IS NULL OR state = :state)"
            " ORDER BY end_to_end_id"
        ).execution_options(yield_per=2000),
        {"id": batch_id, "state": state.value if state else None},
    )
    return (_line(row) for row in rows)


def transfers(session: Session, batch_id: str) -> Iterator[CreditTransfer]:
    """Stream what a batch asks of the bank, in the order of proposing; a resident is named to others only."""
    rows = session.execute(
        text("""
            SELECT p.end_to_end_id, p.amount_cents, p.counter_name, p.counter_iban, nullif(p.remittance, ''),
              p.reference, nullif(r.initials || ' ' || r.surname, p.counter_name)
            FROM payment p
            LEFT JOIN resident r ON r.municipality_id = p.municipality_id AND r.id = p.resident_id
            WHERE p.batch_id = :id AND p.state = 'proposed' ORDER BY p.end_to_end_id
        """).execution_options(yield_per=2000),
        {"id": batch_id},
    )
    for end_to_end_id, cents, name, iban, remittance, reference, resident in rows:
        yield CreditTransfer(
            end_to_end_id,
            cents,
            name,
            iban,
            remittance=remittance,
            reference=reference,
            ultimate_debtor=resident,
        )


def waiting(session: Session) -> list[BatchLine]:
    """Read all payments that wait for a person, oldest first."""
    return [
        _line(row) for row in session.execute(text(f"{_LINE} WHERE state = 'held' ORDER BY end_to_end_id"))
    ]


def on_their_way(session: Session, executed_until: date) -> list[BatchLine]:
    """Read the payments that were to be executed up to a day and that no statement has shown."""
    rows = session.execute(
        text(f"{_LINE} WHERE state = 'exported' AND execution_on <= :until ORDER BY end_to_end_id"),
        {"until": executed_until},
    )
    return [_line(row) for row in rows]


def held_of(session: Session, household_id: str) -> list[BatchLine]:
    """Read the payments of a household that wait for a person."""
    rows = session.execute(
        text(f"{_LINE} WHERE state = 'held' AND household_id = :id ORDER BY end_to_end_id"),
        {"id": household_id},
    )
    return [_line(row) for row in rows]


def of_household(session: Session, household_id: str, limit: int) -> list[BatchLine]:
    """Read the latest payments of a household, latest first."""
    rows = session.execute(
        text(f"{_LINE} WHERE household_id = :id ORDER BY created_at DESC, end_to_end_id DESC LIMIT :limit"),
        {"id": household_id, "limit": limit},
    )
    return [_line(row) for row in rows]


def refund_of(session: Session, transaction_id: int) -> BatchLine | None:
    """Read the payment that gives a transaction's money back, or did; None when there is none."""
    row = session.execute(
        text(f"{_LINE} WHERE refund_of = :id AND state NOT IN ({NOT_LIVE_SQL})"), {"id": transaction_id}
    ).one_or_none()
    return None if row is None else _line(row)


def refunds_of(session: Session, transaction_ids: Collection[int]) -> dict[int, str]:
    """Read which of these transactions a payment gives back, or gave back, by transaction."""
    rows = session.execute(
        text(
            "SELECT refund_of, end_to_end_id FROM payment"  # noqa: S608 - states of ours
            f" WHERE refund_of = ANY(cast(:ids AS bigint[])) AND state NOT IN ({NOT_LIVE_SQL})"
        ),
        {"ids": list(transaction_ids)},
    )
    return {row.refund_of: row.end_to_end_id for row in rows}


def count_refunds(session: Session) -> int:
    """Count the transactions that a payment gives back, or gave back."""
    found = session.scalar(
        text(
            "SELECT count(*) FROM payment"  # noqa: S608 - states of ours
            f" WHERE refund_of IS NOT NULL AND state NOT IN ({NOT_LIVE_SQL})"
        )
    )
    return int(found or 0)


def booked_and_refunded(session: Session) -> dict[int, str]:
    """Read which transactions are booked and paid back too: their money would be given twice.

    The decision stands in the rows of ingest, which payouts may read but not import.
    """
    rows = session.execute(
        text("""
            SELECT p.refund_of, p.end_to_end_id FROM payment p
            JOIN LATERAL (
              SELECT status FROM booking k
              WHERE k.municipality_id = p.municipality_id AND k.transaction_id = p.refund_of
              ORDER BY k.step DESC LIMIT 1) k ON k.status <> 'queued'
            WHERE p.refund_of IS NOT NULL
              AND p.state NOT IN ('withdrawn', 'rejected', 'returned', 'not_delivered')
            ORDER BY p.refund_of
        """)
    )
    return {row.refund_of: row.end_to_end_id for row in rows}


def debits_shown(session: Session, batch: Summary) -> int:
    """Count what the bank paid under the numbers of a batch, wherever that is booked, or not yet.

    The lines stand in the rows of ingest, which payouts may read but not import.
    """
    found = session.scalar(
        text("""
            SELECT count(*) FROM bank_transaction WHERE amount_cents < 0 AND (
              batch_payment_information_id = :number OR batch_message_id = :number
              OR end_to_end_id IN (SELECT end_to_end_id FROM payment WHERE batch_id = :id))
        """),
        {"id": batch.id, "number": batch.payment_information_id},
    )
    return int(found or 0)


def line(session: Session, end_to_end_id: str) -> BatchLine:
    """Read one payment. Raises NotFound."""
    row = session.execute(text(f"{_LINE} WHERE end_to_end_id = :id"), {"id": end_to_end_id}).one_or_none()
    if row is None:
        raise unknown_payment(end_to_end_id)
    return _line(row)


def batch(session: Session, batch_id: str) -> Batch:
    """Read a batch with its payments and history. Raises NotFound."""
    return Batch(
        summary(session, batch_id), tuple(lines(session, batch_id)), tuple(batch_steps(session, batch_id))
    )


_STEPS: Final = """
    SELECT state, by_user, channel, recorded_at, reason, NULL AS payment, step FROM batch_step
    WHERE batch_id = :id
    UNION ALL
    SELECT s.state, s.by_user, s.channel, s.recorded_at, s.reason, s.end_to_end_id, s.step
    FROM payment_step s JOIN payment p
      ON p.municipality_id = s.municipality_id AND p.end_to_end_id = s.end_to_end_id
    WHERE p.batch_id = :id
    ORDER BY recorded_at, payment NULLS FIRST, step
"""


def batch_steps(session: Session, batch_id: str) -> list[Step]:
    """Read the history of a batch and of its payments."""
    return [
        Step(row.state, row.by_user, row.channel, row.recorded_at, row.reason, row.payment)
        for row in session.execute(text(_STEPS), {"id": batch_id})
    ]


def payment_steps(session: Session, end_to_end_id: str) -> list[Step]:
    """Read the history of one payment, its batch's steps not among them."""
    rows = session.execute(
        text("""SELECT state, by_user, channel, recorded_at, reason FROM payment_step
            WHERE end_to_end_id = :id ORDER BY step"""),
        {"id": end_to_end_id},
    )
    return [
        Step(row.state, row.by_user, row.channel, row.recorded_at, row.reason, end_to_end_id) for row in rows
    ]


def last_asked(session: Session, end_to_end_id: str) -> tuple[Step, Asked] | None:
    """Read who agreed last to release a payment above the limit, and to what; None when nobody did."""
    row = session.execute(
        text("""SELECT state, by_user, channel, recorded_at, reason,
              asked_cents, asked_over_cents, asked_name, asked_iban FROM payment_step
            WHERE end_to_end_id = :id AND asked_cents IS NOT NULL ORDER BY step DESC LIMIT 1"""),
        {"id": end_to_end_id},
    ).one_or_none()
    if row is None:
        return None
    step = Step(row.state, row.by_user, row.channel, row.recorded_at, row.reason, end_to_end_id)
    return step, Asked(row.asked_cents, row.asked_over_cents, row.asked_name, row.asked_iban)


def last_step(session: Session, batch_id: str) -> Step:
    """Read the latest step of a batch itself."""
    row = session.execute(
        text("""SELECT state, by_user, channel, recorded_at, reason FROM batch_step
            WHERE batch_id = :id ORDER BY step DESC LIMIT 1"""),
        {"id": batch_id},
    ).one()
    return Step(row.state, row.by_user, row.channel, row.recorded_at, row.reason)


def count_redrafts(session: Session, end_to_end_ids: Collection[str]) -> dict[str, int]:
    """Count how often each of these payments was drafted once more."""
    rows = session.execute(
        text("""
            SELECT original, count(*) FROM unnest(cast(:ids AS text[])) AS original
            JOIN payment p ON p.end_to_end_id COLLATE "C" >= original || :mark
              AND p.end_to_end_id COLLATE "C" < original || :mark || ':'
            GROUP BY original
        """),
        {"ids": list(end_to_end_ids), "mark": REDRAFT},
    )
    return {row[0]: row[1] for row in rows}


def count_steps(session: Session, batch_id: str) -> int:
    """Count the steps that a batch has taken."""
    found = session.scalar(text("SELECT count(*) FROM batch_step WHERE batch_id = :id"), {"id": batch_id})
    return int(found or 0)


def touched_by(session: Session, batch_id: str) -> set[str]:
    """Read who proposed a batch or edited a payment in it, and so may not approve it."""
    return set(
        session.scalars(
            text("""
                SELECT by_user FROM batch_step WHERE batch_id = :id AND state = 'proposed'
                UNION SELECT proposed_by FROM payment WHERE batch_id = :id
                UNION SELECT s.by_user FROM payment_step s JOIN payment p
                  ON p.municipality_id = s.municipality_id AND p.end_to_end_id = s.end_to_end_id
                  WHERE p.batch_id = :id
            """),
            {"id": batch_id},
        )
    )


def households_of(session: Session, batch_id: str) -> list[str]:
    """Read whose money a batch pays with."""
    return list(
        session.scalars(
            text("""SELECT DISTINCT household_id FROM payment
                WHERE batch_id = :id AND household_id IS NOT NULL ORDER BY 1"""),
            {"id": batch_id},
        )
    )
