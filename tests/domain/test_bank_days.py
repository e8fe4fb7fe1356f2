from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.bank_days import (
    add_bank_days,
    bank_day_on_or_after,
    bank_day_on_or_before,
    bank_days_between,
    day_in_month,
    due_until,
    execution_day,
    is_bank_day,
    months_later,
    next_bank_day,
    previous_bank_day,
    show_day,
)

DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
CUTOFF = time(15, 30)


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 4, 3), False),  # Good Friday
        (date(2026, 4, 6), False),  # Easter Monday
        (date(2026, 4, 27), True),  # King's Day is a banking day
        (date(2026, 5, 1), False),
        (date(2026, 5, 14), True),  # so is Ascension Day
        (date(2026, 12, 25), False),
        (date(2026, 12, 31), True),
        (date(2027, 3, 26), False),
        (date(2026, 2, 14), False),  # Saturday
        (date(2100, 3, 29), False),  # Easter Monday, the last year that is promised
        (date(2100, 3, 30), True),
    ],
)
def test_target_days_are_those_of_the_ecb(day: date, open_: bool) -> None:
    assert open_ == is_bank_day(day)


@given(DAYS)
def test_the_banking_days_around_a_day_are_the_nearest(day: date) -> None:
    before, after = bank_day_on_or_before(day), bank_day_on_or_after(day)
    assert before <= day <= after
    assert is_bank_day(before)
    assert is_bank_day(after)
    assert (before == after) == is_bank_day(day)
    assert bank_days_between(day, next_bank_day(day)) == 1
    assert previous_bank_day(day) < day < next_bank_day(day)


@given(DAYS, st.integers(0, 800))
def test_banking_days_are_counted_as_one_would_by_hand(day: date, length: int) -> None:
    until = day + timedelta(days=length)
    by_hand = sum(is_bank_day(day + timedelta(days=n)) for n in range(1, length + 1))
    assert by_hand == bank_days_between(day, until)
    assert -by_hand == bank_days_between(until, day)


@given(DAYS, st.integers(0, 60))
def test_so_many_banking_days_later_is_counted_back_to_the_same_number(day: date, count: int) -> None:
    start = bank_day_on_or_before(day)
    assert count == bank_days_between(start, add_bank_days(day, count))


@pytest.mark.parametrize(
    ("due_on", "now", "on", "late"),
    [
        # Thursday 29 January 2026, in the morning and after the cut-off.
        (date(2026, 1, 29), at(date(2026, 1, 29)), date(2026, 1, 29), False),
        (date(2026, 1, 29), at(date(2026, 1, 29), 15, 29), date(2026, 1, 29), False),
        (date(2026, 1, 29), at(date(2026, 1, 29), 15, 30), date(2026, 1, 30), True),
        # Due on Sunday: on Friday while that is open, else on Monday and late.
        (date(2026, 2, 1), at(date(2026, 1, 30)), date(2026, 1, 30), False),
        (date(2026, 2, 1), at(date(2026, 1, 30), 16), date(2026, 2, 2), True),
        (date(2026, 2, 1), at(date(2026, 1, 31)), date(2026, 2, 2), True),
        # Due on Monday, asked on Friday evening: on time.
        (date(2026, 2, 2), at(date(2026, 1, 30), 16), date(2026, 2, 2), False),
        # Easter.
        (date(2026, 4, 5), at(date(2026, 4, 2)), date(2026, 4, 2), False),
        (date(2026, 4, 5), at(date(2026, 4, 3)), date(2026, 4, 7), True),
        # Long overdue.
        (date(2025, 12, 1), at(date(2026, 1, 29)), date(2026, 1, 29), True),
    ],
)
def test_a_payment_is_executed_on_the_last_open_day_before_it_is_due_or_late(
    due_on: date, now: datetime, on: date, late: bool
) -> None:
    assert (on, late) == execution_day(due_on, now, CUTOFF)


@given(DAYS, DAYS, st.times())
def test_an_execution_day_is_a_banking_day_that_can_still_be_reached(
    due_on: date, today: date, clock: time
) -> None:
    day = execution_day(due_on, at(today, clock.hour, clock.minute), CUTOFF)
    assert is_bank_day(day.on)
    assert day.on >= today
    assert day.late == (day.on > due_on)
    assert day.on > today or time(clock.hour, clock.minute) < CUTOFF


@pytest.mark.parametrize(
    ("today", "lead", "until"),
    [
        (date(2026, 1, 29), 0, date(2026, 1, 29)),
        (date(2026, 1, 30), 0, date(2026, 2, 1)),  # Friday takes the weekend along
        (date(2026, 1, 31), 0, date(2026, 2, 1)),
        (date(2026, 1, 29), 1, date(2026, 2, 1)),
        (date(2026, 4, 2), 0, date(2026, 4, 6)),  # Maundy Thursday takes Easter along
    ],
)
def test_what_is_executed_today_is_proposed_today(today: date, lead: int, until: date) -> None:
    assert until == due_until(today, lead)


@given(DAYS.filter(is_bank_day))
def test_everything_due_is_proposed_on_the_very_day_on_which_it_is_executed(today: date) -> None:
    last = due_until(today)
    assert today == execution_day(last, at(today), CUTOFF).on
    assert today < execution_day(last + timedelta(days=1), at(today), CUTOFF).on


def test_day_31_is_the_last_day_of_a_shorter_month() -> None:
    assert date(2026, 2, 28) == day_in_month(2026, 2, 31)
    assert date(2028, 2, 29) == day_in_month(2028, 2, 31)
    assert date(2026, 4, 30) == day_in_month(2026, 4, 31)
    assert date(2026, 4, 12) == day_in_month(2026, 4, 12)


@given(st.integers(1990, 2090), st.integers(1, 12), st.integers(-100, 100))
def test_months_are_counted_across_years(year: int, month: int, months: int) -> None:
    later_year, later_month = months_later(year, month, months)
    assert 1 <= later_month <= 12
    assert months == (later_year - year) * 12 + later_month - month


def test_days_are_shown_in_dutch() -> None:
    assert show_day(date(2026, 3, 1)) == "1 maart 2026"
    assert show_day(date(2026, 12, 31)) == "31 december 2026"
