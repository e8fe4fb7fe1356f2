"""From what is due to the payments that are proposed, household by household, each with its reason.

Pure: whoever calls brings the agreements, what has become of their occurrences, the balances, the policy
and the moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from bank_formats import pain001, sepa_text
from bank_formats.credit_transfer import CreditTransfer
from huishoudboekje.domain.agreements import LIVING_MONEY, Agreement, Direction, Occurrence, Settlement
from huishoudboekje.domain.bank_days import bank_days_between, due_until, execution_day, show_day
from huishoudboekje.domain.forecast import PROJECTION_DAYS, Projected, projected
from huishoudboekje.domain.guarantee import Due, Held, HouseholdMoney, Outcome, PlanLine, plan_household
from huishoudboekje.domain.policy import Policy
from huishoudboekje.domain.schedule import occurrences

# A household whose bills wait longer than two months is put before people by other ways than a plan.
LOOK_BACK_DAYS: Final = 62
LONGEST_REMITTANCE: Final = 140
LONGEST_NAME: Final = 70
# Seven digits carry no check digit, so they may as well be a customer number.
SHORTEST_KENMERK: Final = 9


@dataclass(frozen=True, slots=True)
class Day:
    """The day that is planned for, the moment from which the bank is reached, and the policy of that day."""

    on: date
    now: datetime
    policy: Policy

    @property
    def until(self) -> date:
        """The last due day that is paid on this day."""
        return due_until(self.on, self.policy.lead_bank_days)

    @property
    def since(self) -> date:
        """The first due day that is still looked at."""
        return self.on - timedelta(days=LOOK_BACK_DAYS)

    @property
    def projected_until(self) -> date:
        """How far expected money is looked at."""
        return self.on + timedelta(days=PROJECTION_DAYS)


@dataclass(frozen=True, slots=True)
class Paid:
    """What payments that still count, or others, gave to one nominal date: cents, and the highest part."""

    cents: int
    part: int
    closed: bool = False


Answers = Mapping[tuple[str, date], Paid]
"""Of one household, by agreement and nominal date, what already answers it; absent is open."""


@dataclass(frozen=True, slots=True)
class HeldPayment:
    """A payment that waits for a person since a day; cents."""

    end_to_end_id: str
    household_id: str
    occurrence: Occurrence
    amount_cents: int
    since: date


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """One payment as it would be proposed or held; cents, `own_cents` + `advanced_cents` = `amount_cents`.

    `agreed_cents` is the agreement's amount, by which a later change is seen. Either `remittance` or
    `reference` says to the payee what it is for.
    """

    household_id: str
    resident_id: str
    occurrence: Occurrence
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
    held: bool
    explanation: str


@dataclass(frozen=True, slots=True)
class HouseholdPlan:
    """All lines of a household in the order in which its money was given out, and the payments of them."""

    money: HouseholdMoney
    lines: tuple[PlanLine, ...]
    payments: tuple[PlannedPayment, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be paid on a day, from what, and why; `warnings` tell what the bank writes otherwise."""

    on: date
    debtor_iban: str
    households: tuple[HouseholdPlan, ...]
    warnings: tuple[str, ...]

    @property
    def amount_cents(self) -> int:
        """What would be paid, in cents."""
        return sum(line.amount_cents for each in self.households for line in each.lines)

    @property
    def advance_cents(self) -> int:
        """What of it would be advanced, in cents."""
        return sum(line.advance_cents for each in self.households for line in each.lines)


def moment_of(on: date, now: datetime) -> datetime:
    """From which moment on the bank can be reached for a plan for `on`: now, or later that day's start."""
    return max(now, datetime.combine(on, time.min, now.tzinfo))


def dues(agreements: Iterable[Agreement], answers: Answers, start: date, day: Day) -> list[Due]:
    """What a household has to pay on a day and what nothing answers yet; never what was due before `start`.

    A direct debit that its creditor has not collected is expected as long as it is not called missing.
    """
    found = []
    for agreement in agreements:
        if agreement.direction is Direction.INCOME:
            continue
        for occurrence in occurrences(agreement, max(day.since, start), day.until):
            if agreement.settlement is Settlement.DIRECT_DEBIT and _no_longer_expected(occurrence, day):
                continue
            rest = _rest(agreement, occurrence, answers.get((agreement.id, occurrence.due_on)))
            if rest is not None:
                execution = execution_day(occurrence.due_on, day.now, day.policy.cutoff)
                found.append(Due(agreement, rest[0], rest[1], execution.on, execution.late))
    return found


def _no_longer_expected(occurrence: Occurrence, day: Day) -> bool:
    return bank_days_between(occurrence.due_on, day.on) > day.policy.missing_after_bank_days


def _rest(agreement: Agreement, occurrence: Occurrence, paid: Paid | None) -> tuple[Occurrence, int] | None:
    """What is open of an occurrence, in cents: all, nothing, or the part of living money that was carried."""
    if paid is None:
        return occurrence, agreement.amount_cents
    rest_cents = agreement.amount_cents - paid.cents
    if agreement.category != LIVING_MONEY or paid.closed or not paid.part or rest_cents <= 0:
        return None
    return Occurrence(agreement.id, occurrence.due_on, paid.part + 1), rest_cents


def plan_one(
    money: HouseholdMoney,
    agreements: Sequence[Agreement],
    due: Sequence[Due],
    held: Sequence[HeldPayment],
    answers: Answers,
    day: Day,
) -> HouseholdPlan:
    """What one household pays on a day, of what is due and what waits."""
    waiting = [
        Held(agreement, each.occurrence, each.amount_cents, each.since)
        for each in held
        if (agreement := _version(agreements, each.occurrence)) is not None
    ]
    lines = plan_household(money, due, waiting, _coming(agreements, answers, day), day.policy, day.on)
    payments = tuple(planned for line in lines if (planned := _payment(line)) is not None)
    return HouseholdPlan(money, lines, payments)


def _version(agreements: Iterable[Agreement], occurrence: Occurrence) -> Agreement | None:
    same = [each for each in agreements if each.id == occurrence.agreement_id]
    for each in same:
        if each.applies_from <= occurrence.due_on <= each.applies_until:
            return each
    return same[-1] if same else None


def _coming(agreements: Sequence[Agreement], answers: Answers, day: Day) -> Iterator[Projected]:
    """What is expected; worked out only when somebody asks, as only living money does."""
    met = {Occurrence(agreement_id, due_on) for agreement_id, due_on in answers}
    yield from projected(
        agreements, day.on, day.projected_until, met, main_income_percent=day.policy.main_income_percent
    )


def _payment(line: PlanLine) -> PlannedPayment | None:
    if line.outcome not in {Outcome.PAY, Outcome.HOLD}:
        return None
    agreement, held = line.agreement, line.outcome is Outcome.HOLD
    amount_cents = line.due_cents if held else line.amount_cents
    own_cents = line.claimed_cents if held else line.own_cents
    remittance, reference = message(agreement, line.occurrence.due_on)
    problem = _problem(agreement.counterparty_name, agreement.iban, remittance, reference)
    return PlannedPayment(
        household_id=agreement.household_id,
        resident_id=agreement.resident_id,
        occurrence=line.occurrence,
        amount_cents=amount_cents,
        own_cents=own_cents,
        advanced_cents=amount_cents - own_cents,
        agreed_cents=agreement.amount_cents,
        counter_name=agreement.counterparty_name,
        counter_iban=agreement.iban,
        remittance=remittance,
        reference=reference,
        execution_on=line.execution_on,
        late=line.late,
        held=held or problem is not None,
        explanation=f"Aangehouden: {problem}." if problem else line.explanation,
    )


@lru_cache(maxsize=1 << 16)
def _problem(name: str, iban: str, remittance: str, reference: str | None) -> str | None:
    """Why the bank would not take it, so that one payment never keeps a whole file back."""
    payment = CreditTransfer("1", 1, name, iban, remittance=remittance or None, reference=reference)
    return pain001.problem_of(pain001.fitted(payment).payment)


def message(agreement: Agreement, due_on: date) -> tuple[str, str | None]:
    """What the payee reads: free text, or else a reference that computers read (betalingskenmerk, RF)."""
    return _message(
        agreement.remittance,
        agreement.reference or "",
        due_on,
        living_money=agreement.category == LIVING_MONEY,
    )


@lru_cache(maxsize=1 << 16)
def _message(remittance: str, reference: str, due_on: date, *, living_money: bool) -> tuple[str, str | None]:
    if reference and _for_computers(reference):
        return "", reference
    if reference and reference not in remittance.split():
        whole = f"{remittance} {reference}".strip()
        # What is too long loses its end at the bank, with a warning: never the reference.
        remittance = whole if len(whole) <= LONGEST_REMITTANCE else f"{reference} {remittance}"
    if not remittance:
        remittance = f"{'Leefgeld' if living_money else 'Betaling'} {show_day(due_on)}"
    return remittance, None


def _for_computers(reference: str) -> bool:
    return sepa_text.is_creditor_reference(reference) or (
        len(reference) >= SHORTEST_KENMERK and sepa_text.is_betalingskenmerk(reference)
    )


def warnings(payments: Iterable[PlannedPayment]) -> tuple[str, ...]:
    """Say of which names and texts the bank gets other letters than we hold, each once."""
    said: dict[str, str] = {}
    for each in payments:
        for what, text, longest in (
            ("naam", each.counter_name, LONGEST_NAME),
            ("omschrijving", each.remittance, LONGEST_REMITTANCE),
        ):
            if text not in said and (written := sepa_text.clean(text, longest)).changes:
                said[text] = f"De {what} ‘{text}’ komt bij de bank aan als ‘{written.text}’."
    return tuple(said.values())
