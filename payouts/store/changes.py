"""What is no longer as it was proposed, found in one query a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from payouts.batch import Parts

# The names of accounts are made before the join: `||` may not run before the rows of other municipalities are
# left out, so that a join on it would read every balance for every payment.
_PROPOSED: Final = """
    proposed AS MATERIALIZED (
      SELECT *, 'household:' || household_id AS own_account, 'advance:' || household_id AS advance_account,
        'excess:' || household_id AS excess_account
      FROM payment WHERE batch_id = :id AND state = 'proposed')
"""
_CHANGED: Final = f"""
    SELECT * FROM (
    WITH {_PROPOSED}, answered AS (
      SELECT agreement_id, due_on, part,
        coalesce(sum(amount_cents) FILTER (WHERE kind IN ('met', 'undone')), 0) > 0
          OR coalesce(sum(amount_cents) FILTER (WHERE kind = 'instructed'), 0) > 0
          OR bool_or(kind = 'closed') AS answered
      FROM occurrence_event e
      WHERE EXISTS (SELECT FROM payment p WHERE p.municipality_id = e.municipality_id AND p.batch_id = :id
        AND p.agreement_id = e.agreement_id AND p.due_on = e.due_on AND p.part = e.part)
      GROUP BY agreement_id, due_on, part)
    SELECT p.end_to_end_id, p.counter_name, p.amount_cents, p.household_id, CASE
      WHEN p.agreement_id IS NOT NULL AND (v.id IS NULL OR v.household_id <> p.household_id
        OR v.settlement IS DISTINCT FROM 'transfer' OR v.starts_on > p.due_on OR v.ends_on < p.due_on)
        THEN 'ended'
      WHEN p.agreement_id IS NOT NULL AND h.closed_on < p.due_on THEN 'closed'
      WHEN v.iban <> p.counter_iban OR coalesce(o.name, r.initials || ' ' || r.surname) <> p.counter_name
        THEN 'payee'
      WHEN v.amount_cents <> p.agreed_cents THEN 'amount'
      WHEN a.answered THEN 'answered'
      WHEN k.status <> 'queued' THEN 'booked'
      WHEN p.own_cents > 0 AND own.received_cents - own.given_cents < own.reserved_out_cents THEN 'own'
      WHEN p.advanced_cents > 0 AND (adv.given_cents - adv.received_cents + adv.reserved_out_cents
          > advance_limit(p.household_id, :on)
        OR exc.given_cents > exc.received_cents AND NOT EXISTS (SELECT FROM limit_decision d
          WHERE d.municipality_id = p.municipality_id AND d.household_id = p.household_id
            AND :on BETWEEN d.valid_from AND d.valid_until)) THEN 'limit'
      END AS why
    FROM proposed p
    LEFT JOIN household h ON h.municipality_id = p.municipality_id AND h.id = p.household_id
    LEFT JOIN LATERAL (
      SELECT * FROM agreement_version v WHERE v.municipality_id = p.municipality_id AND v.id = p.agreement_id
        AND (v.version = 1 OR v.valid_from <= p.due_on) ORDER BY v.version DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (
      SELECT name FROM organisation o WHERE o.municipality_id = p.municipality_id AND o.id = v.organisation_id
      LIMIT 1) o ON true
    LEFT JOIN LATERAL (
      SELECT initials, surname FROM resident r
      WHERE r.municipality_id = p.municipality_id AND r.id = v.payee_resident_id LIMIT 1) r ON true
    LEFT JOIN answered a ON a.agreement_id = p.agreement_id AND a.due_on = p.due_on AND a.part = p.part
    LEFT JOIN LATERAL (
      SELECT status FROM booking k WHERE k.municipality_id = p.municipality_id
        AND k.transaction_id = p.refund_of ORDER BY k.step DESC LIMIT 1) k ON p.refund_of IS NOT NULL
    LEFT JOIN ledger_balance own ON own.municipality_id = p.municipality_id
      AND own.account = p.own_account
    LEFT JOIN ledger_balance adv ON adv.municipality_id = p.municipality_id
      AND adv.account = p.advance_account
    LEFT JOIN ledger_balance exc ON exc.municipality_id = p.municipality_id
      AND exc.account = p.excess_account) found
    WHERE why IS NOT NULL ORDER BY end_to_end_id
"""  # noqa: S608 - a part of a query, not a value


@dataclass(frozen=True, slots=True)
class Changed:
    """A payment that would be another one today; `why` is a word of the query above, amounts are cents."""

    end_to_end_id: str
    counter_name: str
    amount_cents: int
    household_id: str | None
    why: str


def changed(session: Session, batch_id: str, on: date) -> list[Changed]:
    """Find the payments of a batch whose amount, payee or reason has changed, or whose money is gone."""
    rows = session.execute(text(_CHANGED), {"id": batch_id, "on": on})
    return [Changed(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Movable:
    """A household whose advance in a batch own money can replace: `free_cents` has no claim on it."""

    household_id: str
    free_cents: int
    payments: tuple[Parts, ...]


def movable(session: Session, batch_id: str, claims_since: datetime) -> Iterator[Movable]:
    """Find advanced payments of households with own money now, less what held payments since then keep."""
    rows = session.execute(
        text(f"""
            WITH {_PROPOSED}
            SELECT p.household_id, b.free, array_agg(p.end_to_end_id ORDER BY p.end_to_end_id),
              array_agg(p.own_cents ORDER BY p.end_to_end_id),
              array_agg(p.advanced_cents ORDER BY p.end_to_end_id)
            FROM proposed p JOIN LATERAL (
              SELECT own.received_cents - own.given_cents - own.reserved_out_cents
                - coalesce((SELECT sum(w.own_cents) FROM payment w WHERE w.municipality_id = p.municipality_id
                    AND w.household_id = p.household_id AND w.state = 'held' AND w.created_at >= :since), 0)
                AS free
              FROM ledger_balance own WHERE own.municipality_id = p.municipality_id
                AND own.account = p.own_account) b ON b.free > 0
            WHERE p.advanced_cents > 0
            GROUP BY p.household_id, b.free ORDER BY p.household_id
        """),  # noqa: S608 - as above
        {"id": batch_id, "since": claims_since},
    )
    for household_id, free, ids, own, advanced in rows:
        yield Movable(
            household_id,
            int(free),
            tuple(Parts(*parts) for parts in zip(ids, own, advanced, strict=True)),
        )
