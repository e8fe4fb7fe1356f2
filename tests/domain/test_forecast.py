from __future__ import annotations

from datetime import date

import pytest

from huishoudboekje.domain.agreements import Agreement, Occurrence, Schedule, Unit
from huishoudboekje.domain.forecast import Projected, monthly_income_cents, projected
from tests.domain.agreements_of import expense, income

SINCE, UNTIL = date(2026, 1, 20), date(2026, 3, 1)


def on(day: int) -> Schedule:
    return Schedule(Unit.MONTH, date(2025, 1, 1), day=day)


def test_income_comes_after_a_weekend_and_costs_go_before_it() -> None:
    wage, rent = income(schedule=on(24)), expense(schedule=on(1))
    assert projected([wage, rent], SINCE, UNTIL) == [
        Projected(date(2026, 1, 26), 200_000, Occurrence("wage", date(2026, 1, 24)), main_income=True),
        Projected(date(2026, 1, 30), -75_000, Occurrence("rent", date(2026, 2, 1))),
        Projected(date(2026, 2, 24), 200_000, Occurrence("wage", date(2026, 2, 24)), main_income=True),
        Projected(date(2026, 2, 27), -75_000, Occurrence("rent", date(2026, 3, 1))),
    ]


def test_what_has_been_met_is_expected_no_more() -> None:
    rent = expense(schedule=on(1))
    met = {Occurrence("rent", date(2026, 2, 1))}
    assert [one.occurrence.due_on for one in projected([rent], SINCE, UNTIL, met)] == [date(2026, 3, 1)]


def test_a_main_income_is_a_quarter_of_what_a_month_brings() -> None:
    wage = income("wage", 149_999, on(24))
    just, small = income("care_allowance", 50_001, on(20)), income("child_benefit", 12_300, on(20))
    main = {one.agreement_id for one in projected([wage, just, small], SINCE, UNTIL) if one.main_income}
    assert main == {"wage"}
    main = {one.agreement_id for one in projected([wage, just], SINCE, UNTIL) if one.main_income}
    assert main == {"wage", "care_allowance"}


def test_living_money_is_marked() -> None:
    weekly = Schedule(Unit.WEEK, date(2026, 1, 1), weekday=5)
    assert all(one.living_money for one in projected([expense("living_money", 10_000, weekly)], SINCE, UNTIL))


@pytest.mark.parametrize(
    ("agreement", "monthly_cents"),
    [
        (income(amount_cents=120_000, schedule=on(1)), 120_000),
        (income(amount_cents=120_000, schedule=Schedule(Unit.WEEK, SINCE, every=4, weekday=1)), 130_000),
        (income(amount_cents=30_000, schedule=Schedule(Unit.WEEK, SINCE, weekday=1)), 130_000),
        (income(amount_cents=90_000, schedule=Schedule(Unit.MONTH, SINCE, every=3)), 30_000),
        (income(amount_cents=120_000, schedule=Schedule(Unit.YEAR, SINCE)), 10_000),
        (income(amount_cents=120_000, schedule=Schedule(Unit.ONCE, SINCE)), 0),
        (income(schedule=Schedule(Unit.MONTH, date(2020, 1, 1), ends_on=date(2026, 1, 19))), 0),
        (income(schedule=Schedule(Unit.MONTH, date(2026, 1, 21))), 0),
        (expense(schedule=on(1)), 0),
    ],
)
def test_what_comes_in_in_an_average_month(agreement: Agreement, monthly_cents: int) -> None:
    assert monthly_cents == monthly_income_cents([agreement], SINCE)
