"""Signals: what was expected and did not come, and what came and asks for a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huishoudboekje.domain.agreements import Agreement, Occurrence


class SignalKind(StrEnum):
    """What a signal is about."""

    LATE = "late"
    MISSING = "missing"
    TOO_MUCH = "too_much"
    TOO_LITTLE = "too_little"
    DOUBLE = "double"
    EXCESS = "excess"
    ENDED_BUT_PAID = "ended_but_paid"
    RETURNED = "returned"
    REJECTED = "rejected"
    GAP = "gap"
    STATEMENT_ASIDE = "statement_aside"
    STATEMENT_MISSING = "statement_missing"
    HELD = "held"
    HELD_TOO_LONG = "held_too_long"
    CARRIED = "carried"
    PAID_LATE = "paid_late"
    SENT_NOT_BOOKED = "sent_not_booked"
    NOT_DELIVERED_BUT_SETTLED = "not_delivered_but_settled"
    LATE_INCOME_AFTER_CLOSE = "late_income_after_close"


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that a person must know, since when, in one Dutch sentence.

    The same `kind`, household, agreement, occurrence and `subject` (such as a payment's or a statement's
    id) is the same signal: it is raised once.
    """

    kind: SignalKind
    since: date
    sentence: str
    household_id: str | None = None
    agreement_id: str | None = None
    occurrence: Occurrence | None = None
    subject: str = ""


def signal(
    kind: SignalKind,
    *,
    since: date,
    household_id: str | None = None,
    agreement_id: str | None = None,
    occurrence: Occurrence | None = None,
    subject: str = "",
    **facts: object,
) -> Signal:
    """The signal with its sentence, filled from the facts that the kind needs; see `SENTENCES`."""
    raise NotImplementedError


def missing(
    agreement: Agreement,
    expected: Iterable[Occurrence],
    met: Collection[Occurrence],
    today: date,
    *,
    late_after_bank_days: int = 3,
    missing_after_bank_days: int = 10,
) -> list[Signal]:
    """What should have come in (or been collected) by `today` and has not: late first, missing after."""
    raise NotImplementedError


def return_reason(code: str | None) -> str:
    """A return or rejection code of the bank (ISO 20022 external codes) as a plain Dutch clause."""
    raise NotImplementedError
