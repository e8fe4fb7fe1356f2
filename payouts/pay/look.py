"""Batches and payments, to look at."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from payouts.batch import Batch, BatchLine, BatchState, Step, Summary
from payouts.store import reading


def show(session: Session, batch_id: str) -> Batch:
    """A batch with its payments and its history. Raises NotFound."""
    return reading.batch(session, batch_id)


def list_batches(
    session: Session, states: Collection[BatchState] | None = None, limit: int = 100
) -> list[Summary]:
    """The latest batches, in some states or in all, latest first."""
    return reading.summaries(session, states, limit)


def held(session: Session) -> list[BatchLine]:
    """All payments that wait for a person, oldest first."""
    return reading.waiting(session)


def show_payment(session: Session, end_to_end_id: str) -> tuple[BatchLine, list[Step]]:
    """One payment and its own history. Raises NotFound."""
    return reading.line(session, end_to_end_id), reading.payment_steps(session, end_to_end_id)


def refunds_of(session: Session, transaction_ids: Collection[int]) -> dict[int, str]:
    """The payments by which these transactions are paid back, by transaction; absent is not paid back."""
    return reading.refunds_of(session, transaction_ids)


def count_refunds(session: Session) -> int:
    """How many transactions are paid back."""
    return reading.count_refunds(session)


def booked_and_refunded(session: Session) -> dict[int, str]:
    """The transactions whose money was booked and leaves for the payer as well, with that payment."""
    return reading.booked_and_refunded(session)


def payments_of(session: Session, household_id: str, limit: int = 200) -> list[BatchLine]:
    """The latest payments of a household, latest first."""
    return reading.of_household(session, household_id, limit)
