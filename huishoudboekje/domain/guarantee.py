"""The guarantee: own money, advance or held, for everything that is due, and the reason in words.

A pure function of balances, occurrences, policy and today. The numbers of a plan line always add up:
`amount_cents` (paid now) = `own_cents` + `advance_cents`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from typing import Final

from huishoudboekje.domain.agreements import LIVING_MONEY, Agreement, Direction, Occurrence, Settlement
from huishoudboekje.domain.bank_days import bank_days_between, show_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.forecast import PROJECTION_DAYS, Projected, projected
from huishoudboekje.domain.money import show
from huishoudboekje.domain.policy import OTHER, OTHER_GUARANTEED, WHOLE, LivingMoneyFloor, Policy

# How far the living-money floor looks when no main income is known.
MONTH: Final = timedelta(days=31)
MAIN_INCOMES_AHEAD: Final = 2


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
    kept for it (HOLD, STILL_HELD, RESERVE), `carried_cents` living money left for later. Of STILL_HELD
    `execution_on` is the due day.
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


def plan_household(
    money: HouseholdMoney,
    due: Sequence[Due],
    held: Sequence[Held],
    coming: Iterable[Projected],
    policy: Policy,
    today: date,
) -> tuple[PlanLine, ...]:
    """What is paid today, from what, and why, in the order in which the money was given out.

    `coming` needs to reach to the second-next main income (`PROJECTION_DAYS` does) and is read only
    when living money is due; what is in it and also due or held is counted once. What is due for
    nothing (0 cents) gets no line.
    """
    ranks = _ranks(policy.priority)
    claims: list[Due | Held] = [*(one for one in due if one.amount_cents > 0), *held]
    claims.sort(key=lambda one: (_rank(one.agreement, ranks), one.occurrence.due_on, one.occurrence))
    giving = _Giving(money, claims, coming, policy, today)
    return tuple([giving.line(claim) for claim in claims])


def free_cents(own_cents: int, coming: Iterable[Projected]) -> int:
    """The free amount: the lowest projected own money, in cents, before the second-next main income.

    Main incomes of one day count as one. Living money to come is not subtracted: it is what the free
    amount is for. On one day what goes comes before what comes.
    """
    return max(0, own_cents + _dip_cents(coming))


def _dip_cents(coming: Iterable[Projected]) -> int:
    """How far own money sinks below today's, as zero or less."""
    expected = sorted(coming, key=lambda one: (one.on, one.amount_cents))
    mains = sorted({one.on for one in expected if one.main_income})
    horizon = mains[MAIN_INCOMES_AHEAD - 1] if len(mains) >= MAIN_INCOMES_AHEAD else date.max
    lowest = running = 0
    for one in expected:
        if one.on >= horizon:
            break
        if not one.living_money:
            running += one.amount_cents
            lowest = min(lowest, running)
    return lowest


@cache
def _ranks(priority: tuple[str, ...]) -> Mapping[str, int]:
    return {category: rank for rank, category in enumerate(priority)}


def _rank(agreement: Agreement, ranks: Mapping[str, int]) -> int:
    """Where the agreement comes in the municipality's order; lower is first."""
    named = ranks.get(agreement.category)
    if named is not None:
        return named
    return ranks[OTHER_GUARANTEED if agreement.guaranteed else OTHER]


class _Giving:
    """The money of one household while it is given out, line by line."""

    __slots__ = (
        "claims",
        "coming",
        "dip_cents",
        "excess_cents",
        "left_cents",
        "policy",
        "room_cents",
        "today",
    )

    def __init__(
        self,
        money: HouseholdMoney,
        claims: Sequence[Due | Held],
        coming: Iterable[Projected],
        policy: Policy,
        today: date,
    ) -> None:
        self.left_cents = money.free_to_spend_cents
        self.room_cents = money.room_cents
        self.excess_cents = money.excess_cents
        self.claims, self.coming, self.policy, self.today = claims, coming, policy, today
        self.dip_cents: int | None = None

    def line(self, claim: Due | Held) -> PlanLine:
        agreement = claim.agreement
        if agreement.direction is Direction.INCOME:
            raise ValueError(agreement.id)
        if isinstance(claim, Held):
            return self._still_held(claim)
        if agreement.settlement is Settlement.DIRECT_DEBIT:
            return self._reserve(claim)
        if agreement.category == LIVING_MONEY:
            return self._living_money(claim)
        return self._fixed_cost(claim)

    def _fixed_cost(self, due: Due) -> PlanLine:
        guaranteed = due.agreement.guaranteed
        own_cents = min(self.left_cents, due.amount_cents)
        short_cents = due.amount_cents - own_cents
        room_cents = self.room_cents if guaranteed else 0
        if short_cents > room_cents:
            reason = self._why_held(guaranteed=guaranteed)
            why = self._held_sentence(reason, own_cents, room_cents, short_cents - room_cents)
            self.left_cents -= own_cents
            return _line(due, Outcome.HOLD, reason, why, claimed_cents=own_cents)
        self.left_cents -= own_cents
        self.room_cents -= short_cents
        if not short_cents:
            why = f"{show(own_cents)} van het eigen geld.{_lateness(due)}"
            return _line(due, Outcome.PAY, Reason.OWN_MONEY, why, own_cents=own_cents)
        own = f"{show(own_cents)} van het eigen geld en " if own_cents else "Er is geen eigen geld vrij: "
        why = (
            f"{own}{show(short_cents)} voorschot van de gemeente. "
            f"Daarna is nog {show(self.room_cents)} voorschot mogelijk.{_lateness(due)}"
        )
        return _line(due, Outcome.PAY, Reason.ADVANCED, why, own_cents=own_cents, advance_cents=short_cents)

    def _why_held(self, *, guaranteed: bool) -> Reason:
        if not guaranteed:
            return Reason.NOT_GUARANTEED
        return Reason.EXCESS if self.excess_cents > 0 else Reason.OVER_LIMIT

    def _held_sentence(self, reason: Reason, own_cents: int, room_cents: int, short_cents: int) -> str:
        there = f"er is {show(own_cents)} eigen geld vrij"
        if reason is Reason.NOT_GUARANTEED:
            why = f"deze afspraak is niet gegarandeerd en {there}"
        elif reason is Reason.EXCESS:
            why = (
                f"{there} en er kan geen nieuw voorschot komen, "
                f"want het huishouden staat {show(self.excess_cents)} boven de grens"
            )
        else:
            why = f"{there} en nog {show(room_cents)} voorschot mogelijk"
        kept = f" Het eigen geld, {show(own_cents)}, blijft hiervoor staan." if own_cents else ""
        return f"Aangehouden: {why}. Dat is {show(short_cents)} te weinig.{kept}"

    def _living_money(self, due: Due) -> PlanLine:
        if self.dip_cents is None and self.left_cents:
            counted = {(one.occurrence.agreement_id, one.occurrence.due_on) for one in self.claims}
            self.dip_cents = _dip_cents(
                one
                for one in self.coming
                if (one.occurrence.agreement_id, one.occurrence.due_on) not in counted
            )
        free_cents = max(0, self.left_cents + (self.dip_cents or 0))
        paid_cents = min(free_cents, due.amount_cents)
        if paid_cents < min(self.policy.living_money_minimum_cents, due.amount_cents):
            why = (
                f"Vandaag geen leefgeld: er is {show(free_cents)} vrij tot en met de volgende inkomsten. "
                f"{show(due.amount_cents)} volgt later."
            )
            return _line(due, Outcome.CARRY, Reason.NOTHING_FREE, why, carried_cents=due.amount_cents)
        self.left_cents -= paid_cents
        rest_cents = due.amount_cents - paid_cents
        if not rest_cents:
            free = f"{show(free_cents)} was vrij."
            why = f"{show(paid_cents)} leefgeld van het eigen geld. {free}{_lateness(due)}"
            return _line(due, Outcome.PAY, Reason.LIVING_MONEY_WHOLE, why, own_cents=paid_cents)
        why = (
            f"{show(paid_cents)} leefgeld van het eigen geld; meer is niet vrij. "
            f"{show(rest_cents)} volgt later.{_lateness(due)}"
        )
        return _line(
            due, Outcome.PAY, Reason.LIVING_MONEY_PART, why, own_cents=paid_cents, carried_cents=rest_cents
        )

    def _reserve(self, due: Due) -> PlanLine:
        # The creditor takes it whatever the plan says: what is not there will be advance, or excess.
        own_cents = min(self.left_cents, due.amount_cents)
        advance_cents = min(self.room_cents, due.amount_cents - own_cents)
        lacking_cents = due.amount_cents - own_cents - advance_cents
        self.left_cents -= own_cents
        self.room_cents -= advance_cents
        why = f"De schuldeiser int dit zelf. Hiervoor blijft {show(own_cents)} eigen geld staan"
        why += f" en {show(advance_cents)} ruimte voor voorschot." if advance_cents else "."
        if lacking_cents:
            why += f" {show(lacking_cents)} is er nog niet."
        return _line(due, Outcome.RESERVE, Reason.DIRECT_DEBIT, why, claimed_cents=own_cents)

    def _still_held(self, held: Held) -> PlanLine:
        since = show_day(held.since)
        own_cents = min(self.left_cents, held.amount_cents)
        room_cents = self.room_cents if held.agreement.guaranteed else 0
        if bank_days_between(held.since, self.today) > self.policy.hold_bank_days:
            why = (
                f"Aangehouden sinds {since}, langer dan {self.policy.hold_bank_days} bankdagen. "
                "Er blijft geen geld meer voor staan: een medewerker moet nu kiezen."
            )
            if own_cents + room_cents >= held.amount_cents:
                why += " Er is vandaag genoeg om te betalen."
            return _line(held, Outcome.STILL_HELD, Reason.CLAIM_ENDED, why)
        self.left_cents -= own_cents
        kept = f"Aangehouden sinds {since}. {show(own_cents)} eigen geld blijft hiervoor staan."
        if own_cents + room_cents >= held.amount_cents:
            why = f"{kept} Er is nu genoeg: een medewerker kan de betaling vrijgeven."
            return _line(held, Outcome.STILL_HELD, Reason.NOW_AFFORDABLE, why, claimed_cents=own_cents)
        return _line(held, Outcome.STILL_HELD, Reason.CLAIM_KEPT, kept, claimed_cents=own_cents)


def _lateness(due: Due) -> str:
    return f" Te laat: de vervaldag was {show_day(due.occurrence.due_on)}." if due.late else ""


def _line(
    claim: Due | Held,
    outcome: Outcome,
    reason: Reason,
    explanation: str,
    *,
    own_cents: int = 0,
    advance_cents: int = 0,
    claimed_cents: int = 0,
    carried_cents: int = 0,
) -> PlanLine:
    execution_on, late = (
        (claim.execution_on, claim.late) if isinstance(claim, Due) else (claim.occurrence.due_on, True)
    )
    return PlanLine(
        agreement=claim.agreement,
        occurrence=claim.occurrence,
        outcome=outcome,
        reason=reason,
        due_cents=claim.amount_cents,
        amount_cents=own_cents + advance_cents,
        own_cents=own_cents,
        advance_cents=advance_cents,
        claimed_cents=claimed_cents,
        carried_cents=carried_cents,
        execution_on=execution_on,
        late=late,
        explanation=explanation,
    )


class OwnMoneyGone(Refused):
    """Voor deze betaling is {short} minder eigen geld dan bij het voorstel. Stel haar opnieuw voor."""


@dataclass(frozen=True, slots=True)
class Split:
    """Who pays a payment, in cents: the household itself, and the municipality in advance."""

    own_cents: int
    advance_cents: int


def split_anew(money: HouseholdMoney, proposed: Split) -> Split:
    """How a proposed payment, still reserved in `money`, is split now that it is approved.

    What came in since takes the place of the advance. Raises OwnMoneyGone when it would be the other way
    round: that is for the proposer.
    """
    available_cents = max(0, money.own_cents - money.own_reserved_cents + proposed.own_cents)
    if available_cents < proposed.own_cents:
        raise OwnMoneyGone(short=show(proposed.own_cents - available_cents))
    own_cents = min(available_cents, proposed.own_cents + proposed.advance_cents)
    return Split(own_cents, proposed.own_cents + proposed.advance_cents - own_cents)


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
    available_cents = max(0, money.free_to_spend_cents - floor_cents)
    if policy.repayment_percent is not None:
        available_cents = min(available_cents, incoming_cents * policy.repayment_percent // WHOLE)
    excess_cents = min(available_cents, money.excess_cents)
    return Repayment(excess_cents, min(available_cents - excess_cents, money.advance_cents))


def living_money_floor(
    agreements: Sequence[Agreement],
    today: date,
    policy: Policy,
    met: Collection[Occurrence] = frozenset(),
) -> int:
    """What repayment leaves, in cents; by default the agreed living money until the next main income.

    `met` holds the income that has just come in, so that the next one is found.
    """
    match policy.living_money_floor:
        case LivingMoneyFloor.NONE:
            return 0
        case LivingMoneyFloor.FIXED:
            return policy.living_money_floor_cents
        case LivingMoneyFloor.UNTIL_MAIN_INCOME:
            return _agreed_living_money_cents(agreements, today, policy, met)


def _agreed_living_money_cents(
    agreements: Sequence[Agreement], today: date, policy: Policy, met: Collection[Occurrence]
) -> int:
    until = today + timedelta(days=PROJECTION_DAYS)
    coming = projected(agreements, today, until, met, main_income_percent=policy.main_income_percent)
    # An income of today may be the one that is being divided, so only a later one ends the period.
    mains = (one.on for one in coming if one.main_income and one.on > today)
    end = min(mains, default=today + MONTH)
    return -sum(one.amount_cents for one in coming if one.living_money and one.occurrence.due_on < end)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Who carries what the bank has taken, in cents."""

    own_cents: int
    advance_cents: int
    excess_cents: int


def shortfall(money: HouseholdMoney, debit_cents: int) -> Shortfall:
    """How a debit that the bank has made is carried: own money, then advance up to the limit, then excess."""
    own_cents = min(max(0, money.own_cents), debit_cents)
    room_cents = max(0, money.limit_cents - money.advance_cents - money.advance_reserved_cents)
    advance_cents = min(room_cents, debit_cents - own_cents)
    return Shortfall(own_cents, advance_cents, debit_cents - own_cents - advance_cents)


class ReturnedTooMuch(Refused):
    """Er kwam {returned} terug van een betaling van {payment}. Boek dit met de hand."""


@dataclass(frozen=True, slots=True)
class ReturnSplit:
    """Where returned money goes, in cents; `charges_cents` is what `own:charges` gives (below zero: gets).

    advance + household = returned + charges. A first return makes household and advance whole, also when
    only part of it came back; what comes back later of the same payment goes to `own:charges`.
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
    if returned_before_cents + returned_cents > payment_cents:
        raise ReturnedTooMuch(
            returned=show(returned_before_cents + returned_cents), payment=show(payment_cents)
        )
    if returned_before_cents:
        # The first part that came back has made the household whole at the cost of own:charges.
        return ReturnSplit(0, 0, -returned_cents)
    advance_cents = min(advanced_by_payment_cents, advance_outstanding_cents)
    return ReturnSplit(advance_cents, payment_cents - advance_cents, payment_cents - returned_cents)
