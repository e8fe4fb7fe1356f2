"""The guarantee: own money, advance or held, for everything that is due, and the reason in words.

A pure function of balances, occurrences, policy and today. The numbers of a plan line always add up:
`amount_cents` (paid now) = `own_cents` + `advance_cents`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huishoudboekje.domain.agreements import Agreement, Occurrence
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.forecast import Projected
from huishoudboekje.domain.policy import Policy


class Outcome(StrEnum):
    """What the plan does with a line.

    PAY: propose `amount_cents`; living money may leave `carried_cents` for a next part. HOLD: propose
    nothing, put it before a person. CARRY: living money for which nothing is free today; try again
    tomorrow. RESERVE: a direct debit, which the creditor collects. STILL_HELD: was held before this plan.
    """

    PAY = "pay"
    HOLD = "hold"
    CARRY = "carry"
    RESERVE = "reserve"
    STILL_HELD = "still_held"


class Reason(StrEnum):
    """Why a line has its outcome, for programs; the explanation says it for people."""

    OWN_MONEY = "own_money"
    ADVANCED = "advanced"
    OVER_LIMIT = "over_limit"
    EXCESS = "excess"
    NOT_GUARANTEED = "not_guaranteed"
    LIVING_MONEY_WHOLE = "living_money_whole"
    LIVING_MONEY_PART = "living_money_part"
    NOTHING_FREE = "nothing_free"
    DIRECT_DEBIT = "direct_debit"
    CLAIM_KEPT = "claim_kept"
    CLAIM_ENDED = "claim_ended"
    NOW_AFFORDABLE = "now_affordable"


@dataclass(frozen=True, slots=True)
class HouseholdMoney:
    """The balances of one household, in cents, as shown; `reserved` is proposed and not yet sent."""

    household_id: str
    own_cents: int = 0
    own_reserved_cents: int = 0
    advance_cents: int = 0
    advance_reserved_cents: int = 0
    excess_cents: int = 0
    limit_cents: int = 150_000

    @property
    def free_to_spend_cents(self) -> int:
        """Own money that no proposed payment has reserved."""
        return max(0, self.own_cents - self.own_reserved_cents)

    @property
    def room_cents(self) -> int:
        """What may still be advanced by instruction: nothing while there is excess."""
        if self.excess_cents > 0:
            return 0
        return max(0, self.limit_cents - self.advance_cents - self.advance_reserved_cents)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due for one occurrence: `amount_cents` is what is still to be paid of it.

    Of living money that was paid in part, the rest is due as the next part of the same date.
    """

    agreement: Agreement
    occurrence: Occurrence
    amount_cents: int
    execution_on: date
    late: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A payment that was held on `since` and waits for a person; it keeps its claim on own money."""

    agreement: Agreement
    occurrence: Occurrence
    amount_cents: int
    since: date


@dataclass(frozen=True, slots=True)
class PlanLine:
    """What the plan does with one occurrence; all in cents.

    `amount_cents` is paid now, = own + advance part, 0 unless PAY. `claimed_cents` is own money that is
    kept for it (HOLD, STILL_HELD, RESERVE), `carried_cents` living money left for later.
    """

    agreement: Agreement
    occurrence: Occurrence
    outcome: Outcome
    reason: Reason
    due_cents: int
    amount_cents: int
    own_cents: int
    advance_cents: int
    claimed_cents: int
    carried_cents: int
    execution_on: date
    late: bool
    explanation: str


def plan_household(  # noqa: PLR0913 - the guarantee depends on exactly these
    money: HouseholdMoney,
    due: Sequence[Due],
    held: Sequence[Held],
    coming: Iterable[Projected],
    policy: Policy,
    today: date,
) -> tuple[PlanLine, ...]:
    """What is paid today, from what, and why, in the order in which the money was given out.

    `coming` needs to reach to the second-next main income (`PROJECTION_DAYS` does) and is read only
    when living money is due; what is in it and also due or held is counted once.
    """
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Repayment:
    """What of own money repays, in cents: `household → excess` and `household → advance`."""

    excess_cents: int
    advance_cents: int

    @property
    def total_cents(self) -> int:
        """What leaves own money."""
        return self.excess_cents + self.advance_cents


def repayment(money: HouseholdMoney, floor_cents: int, incoming_cents: int, policy: Policy) -> Repayment:
    """What an income of `incoming_cents`, already booked in `money`, repays: excess first, then advance."""
    raise NotImplementedError


def living_money_floor(
    agreements: Sequence[Agreement],
    today: date,
    policy: Policy,
    met: Collection[Occurrence] = frozenset(),
) -> int:
    """What repayment leaves, in cents; by default the agreed living money until the next main income.

    `met` holds the income that has just come in, so that the next one is found.
    """
    raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Who carries what the bank has taken, in cents."""

    own_cents: int
    advance_cents: int
    excess_cents: int


def shortfall(money: HouseholdMoney, debit_cents: int) -> Shortfall:
    """How a debit that the bank has made is carried: own money, then advance up to the limit, then excess."""
    raise NotImplementedError


class ReturnedTooMuch(Refused):
    """Er kwam {returned} terug van een betaling van {payment}. Boek dit met de hand."""


@dataclass(frozen=True, slots=True)
class ReturnSplit:
    """Where returned money goes, in cents; `charges_cents` is what `own:charges` gives (below zero: gets).

    advance + household = returned + charges.
    """

    advance_cents: int
    household_cents: int
    charges_cents: int


def return_split(
    *,
    payment_cents: int,
    advanced_by_payment_cents: int,
    advance_outstanding_cents: int,
    returned_cents: int,
    returned_before_cents: int = 0,
) -> ReturnSplit:
    """How a rejected or returned payment is undone, see the events of the ledger.

    Raises ReturnedTooMuch when more comes back than was paid.
    """
    raise NotImplementedError
