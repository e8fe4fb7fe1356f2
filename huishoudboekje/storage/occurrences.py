"""What became of the nominal dates of agreements: met, undone, instructed elsewhere, closed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.agreements import Occurrence, OccurrenceKind
from huishoudboekje.storage.bulk import insert_rows


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened to an occurrence; cents, undone below zero."""

    occurrence: Occurrence
    kind: OccurrenceKind
    amount_cents: int
    effective_on: date
    transaction_id: int | None = None
    end_to_end_id: str | None = None


def record(session: Session, happenings: Iterable[Happening]) -> int:
    """Add to the history of occurrences; give the number of rows."""
    now = clock.now()
    return insert_rows(
        session,
        "occurrence_event",
        (
            "agreement_id",
            "due_on",
            "part",
            "kind",
            "amount_cents",
            "effective_on",
            "transaction_id",
            "end_to_end_id",
            "recorded_at",
        ),
        (
            (
                each.occurrence.agreement_id,
                each.occurrence.due_on,
                each.occurrence.part,
                each.kind.value,
                each.amount_cents,
                each.effective_on,
                each.transaction_id,
                each.end_to_end_id,
                now,
            )
            for each in happenings
        ),
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How an occurrence stands: what was booked on it in cents, and whether it is closed or instructed."""

    occurrence: Occurrence
    met_cents: int
    instructed_cents: int
    closed: bool
    last_on: date


def standings(
    session: Session, since: date, until: date, agreement_ids: Collection[str] | None = None
) -> list[Standing]:
    """Read the occurrences due between two days (inclusive) to which something happened."""
    rows = session.execute(
        text("""
            SELECT agreement_id, due_on, part,
              coalesce(sum(amount_cents) FILTER (WHERE kind IN ('met', 'undone')), 0),
              coalesce(sum(amount_cents) FILTER (WHERE kind = 'instructed'), 0),
              bool_or(kind = 'closed'), max(effective_on)
            FROM occurrence_event
            WHERE due_on BETWEEN :since AND :until
              AND (cast(:ids AS text[]) IS NULL
                OR agreement_id IN (SELECT unnest(cast(:ids AS text[]))))
            GROUP BY agreement_id, due_on, part
        """),
        {"since": since, "until": until, "ids": None if agreement_ids is None else list(agreement_ids)},
    )
    return [
        Standing(Occurrence(row[0], row[1], row[2]), int(row[3]), int(row[4]), row[5], row[6]) for row in rows
    ]


def taken(session: Session, since: date, until: date) -> set[Occurrence]:
    """Find occurrences that need no payment any more: met, closed, or instructed by the previous system."""
    return {
        each.occurrence
        for each in standings(session, since, until)
        if each.met_cents > 0 or each.closed or each.instructed_cents > 0
    }


def of_transaction(session: Session, transaction_id: int) -> list[Happening]:
    """Read what a bank transaction did to occurrences, in the order of recording."""
    rows = session.execute(
        text("""
            SELECT agreement_id, due_on, part, kind, amount_cents, effective_on, transaction_id, end_to_end_id
            FROM occurrence_event WHERE transaction_id = :id ORDER BY id"""),
        {"id": transaction_id},
    )
    return [Happening(Occurrence(row[0], row[1], row[2]), OccurrenceKind(row[3]), *row[4:]) for row in rows]
