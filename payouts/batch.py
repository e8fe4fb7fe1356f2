"""The life of a batch and of a payment: states, what may follow what, and the four-eyes rule."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from huishoudboekje.domain.errors import Refused


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


class PaymentState(StrEnum):
    """How far a payment is; between `proposed` and `settled` its batch says more."""

    HELD = "held"
    PROPOSED = "proposed"
    EXPORTED = "exported"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    RETURNED = "returned"
    NOT_DELIVERED = "not_delivered"


PAYMENT_NEXT: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.HELD: frozenset({PaymentState.HELD, PaymentState.WITHDRAWN}),
    PaymentState.PROPOSED: frozenset({PaymentState.PROPOSED, PaymentState.EXPORTED, PaymentState.WITHDRAWN}),
    PaymentState.EXPORTED: frozenset(
        {
            PaymentState.SETTLED,
            PaymentState.REJECTED,
            PaymentState.RETURNED,
            PaymentState.NOT_DELIVERED,
        }
    ),
    PaymentState.SETTLED: frozenset({PaymentState.RETURNED, PaymentState.EXPORTED}),
    PaymentState.RETURNED: frozenset({PaymentState.SETTLED, PaymentState.EXPORTED}),
    PaymentState.WITHDRAWN: frozenset(),
    PaymentState.REJECTED: frozenset({PaymentState.SETTLED}),
    PaymentState.NOT_DELIVERED: frozenset({PaymentState.SETTLED}),
}

NOT_LIVE = frozenset(
    {
        PaymentState.WITHDRAWN,
        PaymentState.REJECTED,
        PaymentState.RETURNED,
        PaymentState.NOT_DELIVERED,
    }
)
"""States in which a payment leaves its occurrence free for another."""


class FourEyes(Refused):
    """U hebt aan deze betaalbatch gewerkt. Iemand anders moet haar goedkeuren."""


class WrongStep(Refused):
    """Betaalbatch {batch} is {state}; daarna kan niet: {wanted}. Bekijk de batch opnieuw."""


def require_second_person(approver: str, touched_by: Iterable[str]) -> None:
    """Refuse an approver who proposed the batch or edited a payment in it. Raises FourEyes."""
    if approver in set(touched_by):
        raise FourEyes(user=approver)


def require_step(batch: str, state: BatchState, wanted: BatchState) -> None:
    """Refuse a step that may not follow. Raises WrongStep."""
    if wanted not in NEXT[state]:
        raise WrongStep(batch=batch, state=state, wanted=wanted)
