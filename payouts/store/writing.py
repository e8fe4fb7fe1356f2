"""Batches, payments and their steps, written many at a time; state is the database's to change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.storage.bulk import driver, insert_rows
from huishoudboekje.storage.db import MUNICIPALITY
from payouts.batch import Asked, BatchState, Parts, PaymentState, Summary

PROPOSING: Final = 5_140_001
"""Number of the advisory lock under which payments are made and batches judged."""
REDRAFT: Final = "-R"
"""Stands between the EndToEndId of a payment that came back and the number of its redraft."""


def one_at_a_time(session: Session) -> None:
    """Wait until nobody else of this municipality is making payments; ends with the transaction."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:lock, :municipality)"),
        {"lock": PROPOSING, "municipality": session.info[MUNICIPALITY]},
    )


def payment_ids(session: Session, on: date, count: int) -> list[str]:
    """Give so many new EndToEndIds of a day, unique for ever."""
    stem = f"{stem_of(session)}-{on:%Y%m%d}-"
    ids: list[str] = []
    while len(ids) < count:
        drawn = driver(session).execute(
            "SELECT %s || lpad(nextval('payment_number')::text, 7, '0') FROM generate_series(1, %s)",
            [stem, count - len(ids)],
        )
        ids += _unused(session, [each for (each,) in drawn])
    return ids


def _unused(session: Session, ids: list[str]) -> list[str]:
    """Leave out what came with another installation's payments, which numbered them itself."""
    used = driver(session).execute("SELECT end_to_end_id FROM payment WHERE end_to_end_id = ANY(%s)", [ids])
    gone = {each for (each,) in used}
    return [each for each in ids if each not in gone]


def stem_of(session: Session) -> str:
    """Give what all our identifiers at the bank begin with: it tells municipalities apart."""
    return f"HHB{session.info[MUNICIPALITY]}"


def add_batch(
    session: Session, *, on: date, execution_on: date, debtor_iban: str, by: Actor
) -> tuple[str, str]:
    """Begin the next batch of a day as a proposal of `by`; gives its id and its PmtInfId."""
    batch_id = None
    while batch_id is None:
        # Who begins one at the same moment is waited for, and has its number then.
        batch_id = session.scalar(
            text("""
                INSERT INTO payment_batch
                  (id, planned_on, execution_on, debtor_iban, payment_information_id, state, created_at)
                SELECT :stem || 1 + count(*), cast(:on AS date), cast(:execution_on AS date), :iban,
                  :bank_stem || 1 + count(*), 'proposed', cast(:now AS timestamptz)
                FROM payment_batch WHERE planned_on = :on
                ON CONFLICT DO NOTHING RETURNING id
            """),
            {
                "stem": f"B{on:%Y%m%d}-",
                "bank_stem": f"{stem_of(session)}-B{on:%Y%m%d}-",
                "on": on,
                "execution_on": execution_on,
                "iban": debtor_iban,
                "now": clock.now(),
            },
        )
    step_batch(session, batch_id, BatchState.PROPOSED, by)
    return batch_id, f"{stem_of(session)}-{batch_id}"


def step_batch(
    session: Session, batch_id: str, state: BatchState, by: Actor, reason: str | None = None
) -> None:
    """Take a batch one step further; the database refuses what may not be."""
    session.execute(
        text("""
            INSERT INTO batch_step (batch_id, step, state, by_user, channel, recorded_at, reason)
            SELECT :id, 1 + coalesce(max(step), 0), :state, :by, :channel, :now, :reason
            FROM batch_step WHERE batch_id = :id
        """),
        {
            "id": batch_id,
            "state": state.value,
            "by": by.user,
            "channel": by.channel.value,
            "now": clock.now(),
            "reason": reason,
        },
    )


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment that begins; cents."""

    end_to_end_id: str
    household_id: str | None
    resident_id: str | None
    occurrence: Occurrence | None
    amount_cents: int
    own_cents: int
    advanced_cents: int
    agreed_cents: int
    counter_name: str
    counter_iban: str
    remittance: str
    reference: str | None
    execution_on: date
    late: bool
    explanation: str
    refund_of: int | None = None
    purpose: str | None = None
    source: str = ""
    """The ledger account that pays what no household pays."""


_NEW: Final = (
    "end_to_end_id",
    "batch_id",
    "household_id",
    "resident_id",
    "agreement_id",
    "due_on",
    "part",
    "refund_of",
    "purpose",
    "amount_cents",
    "own_cents",
    "advanced_cents",
    "agreed_cents",
    "counter_name",
    "counter_iban",
    "remittance",
    "reference",
    "execution_on",
    "late",
    "state",
    "explanation",
    "proposed_by",
    "created_at",
)


def add_payments(session: Session, batch_id: str | None, payments: Iterable[NewPayment], by: Actor) -> int:
    """Add payments of a batch, or held ones without a batch, and give their number."""
    now = clock.now()
    return insert_rows(session, "payment", _NEW, (_new(each, batch_id, by.user, now) for each in payments))


def _new(each: NewPayment, batch_id: str | None, by_user: str, now: datetime) -> tuple[object, ...]:
    occurrence = each.occurrence
    return (
        each.end_to_end_id,
        batch_id,
        each.household_id,
        each.resident_id,
        occurrence.agreement_id if occurrence else None,
        occurrence.due_on if occurrence else None,
        occurrence.part if occurrence else 1,
        each.refund_of,
        each.purpose,
        each.amount_cents,
        each.own_cents,
        each.advanced_cents,
        each.agreed_cents,
        each.counter_name,
        each.counter_iban,
        each.remittance,
        each.reference,
        each.execution_on,
        each.late,
        PaymentState.HELD if batch_id is None else PaymentState.PROPOSED,
        each.explanation,
        by_user,
        now,
    )


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step of one payment; with its new parts in cents where those move, and what it agrees to."""

    end_to_end_id: str
    state: PaymentState
    parts: Parts | None = None
    reason: str | None = None
    asked: Asked | None = None


def step_payments(session: Session, steps: Sequence[NewStep], by: Actor) -> None:
    """Take payments a step further; the database refuses what may not be."""
    if not steps:
        return
    numbers = _last_steps(session, [each.end_to_end_id for each in steps])
    now = clock.now()
    columns = (
        "end_to_end_id",
        "step",
        "state",
        "own_cents",
        "advanced_cents",
        "by_user",
        "channel",
        "recorded_at",
        "reason",
        "asked_cents",
        "asked_over_cents",
        "asked_name",
        "asked_iban",
    )
    rows = (
        (
            each.end_to_end_id,
            numbers.get(each.end_to_end_id, 0) + 1,
            each.state.value,
            each.parts.own_cents if each.parts else None,
            each.parts.advanced_cents if each.parts else None,
            by.user,
            by.channel.value,
            now,
            each.reason,
            *((None,) * 4 if each.asked is None else astuple(each.asked)),
        )
        for each in steps
    )
    insert_rows(session, "payment_step", columns, rows)


def _last_steps(session: Session, end_to_end_ids: Sequence[str]) -> dict[str, int]:
    rows = driver(session).execute(
        "SELECT end_to_end_id, max(step) FROM payment_step WHERE end_to_end_id = ANY(%s) GROUP BY 1",
        [list(end_to_end_ids)],
    )
    return dict(rows.fetchall())


def add_file(session: Session, batch: Summary, file_id: int, sha256: str) -> None:
    """Tie the archived file to its batch."""
    session.execute(
        text("""
            INSERT INTO batch_file (batch_id, message_id, file_id, sha256, payments, sum_cents, recorded_at)
            VALUES (:batch, :message_id, :file_id, :sha256, :payments, :sum_cents, :now)
        """),
        {
            "batch": batch.id,
            "message_id": batch.payment_information_id,
            "file_id": file_id,
            "sha256": sha256,
            "payments": batch.payments,
            "sum_cents": batch.amount_cents,
            "now": clock.now(),
        },
    )


def file_of(session: Session, batch_id: str) -> int | None:
    """Give the number of the batch's file in the archive; None before it is exported."""
    found = session.scalar(text("SELECT file_id FROM batch_file WHERE batch_id = :id"), {"id": batch_id})
    return None if found is None else int(found)
