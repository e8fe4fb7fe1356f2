"""What comes and what goes: the nominal dates of all agreements as amounts on banking days."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from huishoudboekje.domain.agreements import LIVING_MONEY, Agreement, Direction, Occurrence, Unit
from huishoudboekje.domain.bank_days import bank_day_on_or_after, bank_day_on_or_before
from huishoudboekje.domain.schedule import occurrences, running_on

# Two main incomes are at most two months apart; a weekend and a late start come on top.
PROJECTION_DAYS: Final = 93
MONTHS_IN_YEAR: Final = 12
# How often a year each unit comes round; four weeks are thirteen times a year, not twelve.
TIMES_A_YEAR: Final = {Unit.ONCE: 0, Unit.WEEK: 52, Unit.MONTH: 12, Unit.YEAR: 1}


@dataclass(frozen=True, slots=True)
class Projected:
    """One amount that is expected: `amount_cents` above zero comes in, below zero goes out.

    `on` is the banking day; income is taken to come after a weekend, a cost before it. `main_income`: it
    is large enough (policy) for what follows it to count on.
    """

    on: date
    amount_cents: int
    occurrence: Occurrence
    living_money: bool = False
    main_income: bool = False

    @property
    def agreement_id(self) -> str:
        """Whose amount it is."""
        return self.occurrence.agreement_id


def projected(
    agreements: Sequence[Agreement],
    since: date,
    until: date,
    met: Collection[Occurrence] = frozenset(),
    *,
    main_income_percent: int = 25,
) -> list[Projected]:
    """What is expected with a due day from `since` up to and including `until` and not in `met`, by day.

    Amounts in cents; on one day what goes comes before what comes.
    """
    monthly_cents = monthly_income_cents(agreements, since)
    expected = []
    for agreement in agreements:
        income = agreement.direction is Direction.INCOME
        amount_cents = agreement.amount_cents if income else -agreement.amount_cents
        main_income = income and 100 * amount_cents >= main_income_percent * monthly_cents
        living_money = agreement.category == LIVING_MONEY
        bank_day = bank_day_on_or_after if income else bank_day_on_or_before
        for occurrence in occurrences(agreement, since, until):
            if occurrence not in met:
                on = bank_day(occurrence.due_on)
                expected.append(Projected(on, amount_cents, occurrence, living_money, main_income))
    expected.sort(key=lambda one: (one.on, one.amount_cents, one.occurrence.agreement_id))
    return expected


def monthly_income_cents(agreements: Iterable[Agreement], today: date) -> int:
    """What comes in in an average month by the agreements that run on `today`, in cents, rounded down."""
    return sum(
        agreement.amount_cents
        * TIMES_A_YEAR[agreement.schedule.unit]
        // (MONTHS_IN_YEAR * agreement.schedule.every)
        for agreement in agreements
        if agreement.direction is Direction.INCOME
        and agreement.applies_from <= today <= agreement.applies_until
        and running_on(agreement.schedule, today)
    )
