"""The life of a batch and of a payment: states, what may follow what, and the four-eyes rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from huishoudboekje.domain.agreements import Occurrence
from huishoudboekje.domain.errors import NotFound, Refused


class BatchState(StrEnum):
    """How far a batch is."""

    PROPOSED = "proposed"
    SENT_BACK = "sent_back"  # something changed before approval: its proposer looks again
    APPROVED = "approved"
    EXPORTED = "exported"
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    DOUBTED = "doubted"  # one person says that the bank never had it; a second one must agree
    NOT_DELIVERED = "not_delivered"

    @property
    def label(self) -> str:
        """The state's name on screens and in refusals."""
        return LABELS[self]


NEXT: dict[BatchState, frozenset[BatchState]] = {
    BatchState.PROPOSED: frozenset({BatchState.APPROVED, BatchState.SENT_BACK, BatchState.WITHDRAWN}),
    BatchState.SENT_BACK: frozenset({BatchState.PROPOSED, BatchState.WITHDRAWN}),
    BatchState.APPROVED: frozenset({BatchState.EXPORTED, BatchState.SENT_BACK, BatchState.WITHDRAWN}),
    BatchState.EXPORTED: frozenset({BatchState.SENT, BatchState.DOUBTED}),
    BatchState.SENT: frozenset({BatchState.DOUBTED}),
    BatchState.DOUBTED: frozenset({BatchState.NOT_DELIVERED, BatchState.SENT}),
    BatchState.WITHDRAWN: frozenset(),
    BatchState.NOT_DELIVERED: frozenset(),
}

UNAPPROVED: Final = frozenset({BatchState.PROPOSED, BatchState.SENT_BACK})
"""States in which a payment may still be taken out."""

LABELS: Final[Mapping[BatchState, str]] = MappingProxyType(
    {
        BatchState.PROPOSED: "voorgesteld",
        BatchState.SENT_BACK: "teruggestuurd",
        BatchState.APPROVED: "goedgekeurd",
        BatchState.EXPORTED: "klaar om te versturen",
        BatchState.SENT: "verstuurd",
        BatchState.WITHDRAWN: "ingetrokken",
        BatchState.DOUBTED: "misschien niet bezorgd",
        BatchState.NOT_DELIVERED: "niet bezorgd",
    }
)


ASKED: Final[Mapping[BatchState, str]] = MappingProxyType(
    {
        BatchState.PROPOSED: "opnieuw voorgesteld",
        BatchState.SENT_BACK: "teruggestuurd",
        BatchState.APPROVED: "goedgekeurd",
        BatchState.EXPORTED: "in een bestand gezet",
        BatchState.SENT: "als verstuurd gemeld",
        BatchState.WITHDRAWN: "ingetrokken",
        BatchState.DOUBTED: "als niet bezorgd gemeld",
        BatchState.NOT_DELIVERED: "als niet bezorgd gemeld",
    }
)
"""What somebody wanted to be done with a batch, for refusals."""


class PaymentState(StrEnum):
    """How far a payment is; between `proposed` and `settled` its batch says more.

    `settled_after_all` came on a statement after it was given up, while its occurrence was free again.
    """

    HELD = "held"
    PROPOSED = "proposed"
    EXPORTED = "exported"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    RETURNED = "returned"
    NOT_DELIVERED = "not_delivered"
    SETTLED_AFTER_ALL = "settled_after_all"

    @property
    def label(self) -> str:
        """The state's name on screens and in refusals."""
        return PAYMENT_LABELS[self]


P = PaymentState
PAYMENT_NEXT: dict[PaymentState, frozenset[PaymentState]] = {
    P.HELD: frozenset({P.HELD, P.WITHDRAWN}),
    P.PROPOSED: frozenset({P.PROPOSED, P.EXPORTED, P.WITHDRAWN}),
    P.EXPORTED: frozenset({P.SETTLED, P.REJECTED, P.RETURNED, P.NOT_DELIVERED}),
    P.SETTLED: frozenset({P.RETURNED, P.EXPORTED}),
    P.RETURNED: frozenset({P.SETTLED, P.EXPORTED, P.SETTLED_AFTER_ALL}),
    P.REJECTED: frozenset({P.SETTLED, P.SETTLED_AFTER_ALL, P.RETURNED}),
    P.NOT_DELIVERED: frozenset({P.SETTLED, P.SETTLED_AFTER_ALL, P.RETURNED}),
    P.SETTLED_AFTER_ALL: frozenset({P.RETURNED, P.NOT_DELIVERED, P.REJECTED}),
    P.WITHDRAWN: frozenset(),
}

NOT_LIVE = frozenset({P.WITHDRAWN, P.REJECTED, P.RETURNED, P.NOT_DELIVERED, P.SETTLED_AFTER_ALL})
"""States in which a payment leaves its occurrence free for another."""

NOT_LIVE_SQL: Final = ", ".join(f"'{state}'" for state in sorted(NOT_LIVE))
"""The same as a list in SQL, word for word as the index over live payments has it."""

PAYMENT_LABELS: Final[Mapping[PaymentState, str]] = MappingProxyType(
    {
        P.HELD: "aangehouden",
        P.PROPOSED: "voorgesteld",
        P.EXPORTED: "onderweg",
        P.SETTLED: "betaald",
        P.WITHDRAWN: "ingetrokken",
        P.REJECTED: "geweigerd door de bank",
        P.RETURNED: "teruggekomen",
        P.NOT_DELIVERED: "niet bezorgd",
        P.SETTLED_AFTER_ALL: "toch nog betaald",
    }
)


class FourEyes(Refused):
    """{user} heeft zelf aan betaalbatch {batch} gewerkt. Iemand anders moet haar goedkeuren."""


class TwoPeople(Refused):
    """{user} heeft dit zelf al gezegd over {what}. Een tweede persoon moet het bevestigen."""


class WrongStep(Refused):
    """Betaalbatch {batch} is {state} en kan niet {wanted} worden. Bekijk de batch opnieuw."""


class NotInBatch(Refused):
    """Betaling {payment} zit niet (meer) in betaalbatch {batch}."""


class NotHeld(Refused):
    """Betaling {payment} is {state}, niet aangehouden. Bekijk de betaling opnieuw."""


class NoReason(Refused):
    """Schrijf op waarom. De reden blijft bij de geschiedenis staan."""


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One payment as people see it; cents. `batch_id` is None while it is held."""

    end_to_end_id: str
    batch_id: str | None
    household_id: str | None
    occurrence: Occurrence | None
    amount_cents: int
    own_cents: int
    advanced_cents: int
    counter_name: str
    counter_iban: str
    remittance: str
    reference: str | None
    execution_on: date
    late: bool
    state: PaymentState
    explanation: str
    proposed_by: str
    created_at: datetime
    refund_of: int | None = None
    purpose: str | None = None
    resident_id: str | None = None
    agreed_cents: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a history; `end_to_end_id` is None for a step of the whole batch."""

    state: str
    by_user: str
    channel: str
    recorded_at: datetime
    reason: str | None
    end_to_end_id: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody agreed to above the limit: how much, how far above it, and to whom; cents."""

    amount_cents: int
    over_cents: int
    payee_name: str
    payee_iban: str

    def covers(self, other: Asked) -> bool:
        """Whether who agreed to this agreed to the other: the same payee, and no cent more."""
        return (
            (self.payee_name, self.payee_iban) == (other.payee_name, other.payee_iban)
            and other.amount_cents <= self.amount_cents
            and other.over_cents <= self.over_cents
        )


@dataclass(frozen=True, slots=True)
class Summary:
    """A batch in one line: how many payments still belong to it, and their sums in cents."""

    id: str
    state: BatchState
    planned_on: date
    execution_on: date
    debtor_iban: str
    payment_information_id: str
    created_at: datetime
    payments: int
    amount_cents: int
    own_cents: int
    advanced_cents: int
    proposed_by: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch with its payments, in the order of proposing, and its history, in the order of happening."""

    summary: Summary
    payments: tuple[BatchLine, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What is no longer as it was proposed; `end_to_end_id` is None when it is about the whole batch."""

    sentence: str
    end_to_end_id: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """From what a payment is paid, in cents."""

    end_to_end_id: str
    own_cents: int
    advanced_cents: int


def moved_to_own(payments: Iterable[Parts], free_cents: int) -> list[Parts]:
    """The payments of a household whose advance own money can replace now, the first in order first.

    `free_cents` is own money that nothing has a claim on; totals stay as they are.
    """
    moved = []
    for payment in payments:
        cents = min(payment.advanced_cents, free_cents)
        if cents > 0:
            free_cents -= cents
            moved.append(
                Parts(payment.end_to_end_id, payment.own_cents + cents, payment.advanced_cents - cents)
            )
    return moved


def require_second_person(batch: str, approver: str, touched_by: Iterable[str]) -> None:
    """Refuse an approver who proposed the batch or edited a payment in it. Raises FourEyes."""
    if approver in set(touched_by):
        raise FourEyes(user=approver, batch=batch)


def require_step(batch: str, state: BatchState, wanted: BatchState) -> None:
    """Refuse a step that may not follow. Raises WrongStep."""
    if wanted not in NEXT[state]:
        raise WrongStep(batch=batch, state=state.label, wanted=ASKED[wanted])


def require_reason(reason: str) -> str:
    """Refuse silence where a history needs words. Raises NoReason."""
    if not reason.strip():
        raise NoReason
    return reason.strip()


def bank_state(
    amount_cents: int, settled_cents: int, returned_cents: int, *, given_up: bool, occurrence_taken: bool
) -> PaymentState:
    """What the bank's statements make of a payment; cents.

    Only what comes back whole frees the occurrence: a partial return leaves it settled, with a signal.
    `given_up`: people or the bank had said that it never happened. `occurrence_taken`: another payment
    answers its occurrence by now.
    """
    if returned_cents >= amount_cents:
        return P.RETURNED
    if settled_cents <= 0:
        return P.NOT_DELIVERED if given_up else P.EXPORTED
    return P.SETTLED_AFTER_ALL if occurrence_taken else P.SETTLED


def unknown_batch(batch: str) -> NotFound:
    """The refusal for a batch that is not there."""
    return NotFound(what="Betaalbatch", id=batch)


def unknown_payment(payment: str) -> NotFound:
    """The refusal for a payment that is not there."""
    return NotFound(what="Betaling", id=payment)


def told(changes: Sequence[Change], most: int = 5) -> str:
    """Changes as one sentence for a history."""
    words = " ".join(change.sentence for change in changes[:most])
    more = len(changes) - most
    return f"{words} En nog {more} meer." if more > 0 else words
