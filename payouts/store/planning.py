"""What a plan reads: who pays, who takes part, what is answered already, what waits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.storage.bulk import driver
from payouts.batch import NOT_LIVE_SQL
from payouts.plan import HeldPayment

# Written out, so that the index over live payments answers it.
_LIVE_PARTS: Final = f"""
    SELECT agreement_id, due_on, sum(amount_cents)::bigint, max(part) FROM payment
    WHERE agreement_id = ANY(%s) AND due_on BETWEEN %s AND %s AND state NOT IN ({NOT_LIVE_SQL})
    GROUP BY agreement_id, due_on
"""  # noqa: S608 - a list of our own states


@dataclass(frozen=True, slots=True)
class Debtor:
    """The account that pays; nothing due on or before `starts_on` is ours to pay."""

    iban: str
    bic: str | None
    name: str
    batch_booking: bool
    starts_on: date

    @property
    def first_day(self) -> date:
        """The first nominal date that is ours to pay."""
        return self.starts_on + timedelta(days=1)


def debtor(session: Session, iban: str | None = None) -> Debtor | None:
    """Read one municipal account, or the first; None where there is none."""
    row = session.execute(
        text("""
            SELECT a.iban, a.bic, a.name, a.batch_booking, coalesce(s.starts_on, '0001-01-01') AS starts_on
            FROM municipal_account a LEFT JOIN account_start s
              ON s.municipality_id = a.municipality_id AND s.iban = a.iban
            WHERE cast(:iban AS text) IS NULL OR a.iban = :iban ORDER BY a.position LIMIT 1
        """),
        {"iban": iban},
    ).one_or_none()
    return None if row is None else Debtor(*row)


def open_households(session: Session, on: date) -> list[tuple[str, date]]:
    """Read the households that take part on a day, by id, with the day from which they do."""
    rows = session.execute(
        text("""SELECT id, started_on FROM household
            WHERE started_on <= :on AND (closed_on IS NULL OR closed_on >= :on) ORDER BY id"""),
        {"on": on},
    )
    return [(row.id, row.started_on) for row in rows]


@dataclass(frozen=True, slots=True)
class LivePart:
    """What the payments that still count gave to a nominal date, in cents, and their highest part."""

    agreement_id: str
    due_on: date
    cents: int
    part: int


def live_parts(session: Session, agreement_ids: Collection[str], since: date, until: date) -> list[LivePart]:
    """Read what payments answer of these agreements' nominal dates."""
    rows = driver(session).execute(_LIVE_PARTS, [list(agreement_ids), since, until])
    return [LivePart(*row) for row in rows]


def held_payments(session: Session, household_ids: Collection[str]) -> dict[str, list[HeldPayment]]:
    """Read the payments of these households that wait for a person."""
    rows = session.execute(
        text("""
            SELECT household_id, end_to_end_id, agreement_id, due_on, part, amount_cents, created_at
            FROM payment WHERE state = 'held' AND agreement_id IS NOT NULL
              AND household_id = ANY(cast(:ids AS text[])) ORDER BY end_to_end_id
        """),
        {"ids": list(household_ids)},
    )
    found: dict[str, list[HeldPayment]] = defaultdict(list)
    for row in rows:
        since = row.created_at.astimezone(clock.AMSTERDAM).date()
        occurrence = Occurrence(row.agreement_id, row.due_on, row.part)
        found[row.household_id].append(
            HeldPayment(row.end_to_end_id, row.household_id, occurrence, row.amount_cents, since)
        )
    return found
