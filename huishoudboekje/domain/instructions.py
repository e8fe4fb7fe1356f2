"""Instructions: what the bank was told to pay, so that its statements can be recognised by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huishoudboekje.domain.agreements import Occurrence


class Origin(StrEnum):
    """Who gave the instruction: this system, whose money then is in transit, or the one before it."""

    OURS = "ours"
    PREVIOUS = "previous"


class Outcome(StrEnum):
    """What the bank showed of an instruction."""

    SETTLED = "settled"
    RETURNED = "returned"
    NOT_DELIVERED = "not_delivered"


@dataclass(frozen=True, slots=True)
class Instruction:
    """One payment as instructed; amounts in cents, `own_cents` + `advanced_cents` = `amount_cents`.

    Of a previous system's instruction the parts are unknown until the bank shows it: then all is own; and
    from which of our accounts it left, `debtor_iban`, may be unknown too (None).
    `occurrence` is None for a refund, which answers no agreement.
    """

    end_to_end_id: str
    payment_information_id: str
    household_id: str
    occurrence: Occurrence | None
    amount_cents: int
    own_cents: int
    advanced_cents: int
    counter_iban: str
    debtor_iban: str | None
    execution_on: date
    batch_booking: bool
    origin: Origin
    settled_cents: int = 0
    returned_cents: int = 0
    given_up_cents: int = 0

    @property
    def is_in_transit(self) -> bool:
        """Whether the ledger holds it in transit until the bank shows it: ours, and not given up."""
        return self.origin is Origin.OURS and not self.given_up_cents

    @property
    def open_cents(self) -> int:
        """What the bank has not shown yet, in cents."""
        return self.amount_cents - self.settled_cents
