"""What the bank's statements have made of payments, as ingest wrote it down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from payouts.batch import NOT_LIVE_SQL, PaymentState


@dataclass(frozen=True, slots=True)
class Seen:
    """What all outcomes of a payment add up to, in cents.

    `given_up`: two people had said that the bank never had it. `other_id` and `other_state` are of another
    payment that answers the same occurrence by now.
    """

    end_to_end_id: str
    state: PaymentState
    amount_cents: int
    settled_cents: int
    returned_cents: int
    given_up: bool
    other_id: str | None
    other_state: PaymentState | None


def seen_since(session: Session, since: datetime) -> list[Seen]:
    """Read the payments of which something was recorded since a moment, as all their outcomes stand now."""
    rows = session.execute(
        text(
            """
            SELECT p.end_to_end_id, p.state, p.amount_cents, o.settled, o.returned, o.given_up,
              other.end_to_end_id, other.state
            FROM payment p
            JOIN (
              SELECT end_to_end_id,
                coalesce(sum(amount_cents) FILTER (WHERE outcome = 'settled'), 0) AS settled,
                coalesce(sum(amount_cents) FILTER (WHERE outcome = 'returned'), 0) AS returned,
                bool_or(outcome = 'not_delivered') AS given_up
              FROM instruction_outcome WHERE end_to_end_id IN (
                SELECT end_to_end_id FROM instruction_outcome WHERE recorded_at >= :since)
              GROUP BY end_to_end_id) o ON o.end_to_end_id = p.end_to_end_id
            LEFT JOIN LATERAL (
              SELECT q.end_to_end_id, q.state FROM payment q
              WHERE q.municipality_id = p.municipality_id AND q.agreement_id = p.agreement_id
                AND q.due_on = p.due_on AND q.part = p.part AND q.end_to_end_id <> p.end_to_end_id
                AND q.state NOT IN (NOT_LIVE) LIMIT 1) other ON p.state IN (NOT_LIVE)
            ORDER BY p.end_to_end_id
        """.replace("NOT_LIVE", NOT_LIVE_SQL)
        ),
        {"since": since},
    )
    return [
        Seen(
            end_to_end_id=row[0],
            state=PaymentState(row[1]),
            amount_cents=row[2],
            settled_cents=int(row[3]),
            returned_cents=int(row[4]),
            given_up=row[5],
            other_id=row[6],
            other_state=PaymentState(row[7]) if row[7] else None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Return:
    """One return of a payment; cents. `own_cents` went back to the household."""

    end_to_end_id: str
    amount_cents: int
    own_cents: int
    reason_code: str | None
    booked_on: date


def returns_since(session: Session, since: datetime) -> list[Return]:
    """Read the returns that were recorded since a moment."""
    rows = session.execute(
        text("""
            SELECT o.end_to_end_id, o.amount_cents, o.own_cents, o.reason_code, o.effective_on
            FROM instruction_outcome o JOIN payment p
              ON p.municipality_id = o.municipality_id AND p.end_to_end_id = o.end_to_end_id
            WHERE o.recorded_at >= :since AND o.outcome = 'returned' AND o.amount_cents > 0
            ORDER BY o.end_to_end_id, o.number
        """),
        {"since": since},
    )
    return [Return(*row) for row in rows]
