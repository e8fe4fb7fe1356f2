from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.agreements import Occurrence, Schedule, Unit
from huishoudboekje.domain.bank_days import day_in_month
from huishoudboekje.domain.schedule import due_days, occurrences
from tests.domain.agreements_of import expense

YEAR = date(2026, 1, 1), date(2026, 12, 31)
DAYS = st.dates(date(1999, 1, 1), date(2060, 12, 31))


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    unit = draw(st.sampled_from(Unit))
    starts_on = draw(DAYS)
    return Schedule(
        unit=unit,
        starts_on=starts_on,
        every=draw(st.integers(1, 7)),
        day=draw(st.none() | st.integers(1, 31)) if unit in {Unit.MONTH, Unit.YEAR} else None,
        weekday=draw(st.integers(1, 7)) if unit is Unit.WEEK else None,
        ends_on=draw(st.none() | st.integers(0, 2000).map(lambda n: starts_on + timedelta(days=n))),
    )


def counted_by_hand(schedule: Schedule, since: date, until: date) -> list[date]:
    """Every day is asked whether it is due."""
    days = (since + timedelta(days=n) for n in range((until - since).days + 1))
    return [day for day in days if is_due(schedule, day)]


def is_due(schedule: Schedule, day: date) -> bool:
    start = schedule.starts_on
    if day < start or (schedule.ends_on is not None and day > schedule.ends_on):
        return False
    if schedule.unit is Unit.ONCE:
        return day == start
    if schedule.unit is Unit.WEEK:
        first = start
        while first.isoweekday() != schedule.weekday:
            first += timedelta(days=1)
        return day >= first and (day - first).days % (7 * schedule.every) == 0
    step = schedule.every * (12 if schedule.unit is Unit.YEAR else 1)
    months = (day.year - start.year) * 12 + day.month - start.month
    return months % step == 0 and day == day_in_month(day.year, day.month, schedule.day or start.day)


@given(schedules(), st.data())
def test_due_days_are_those_that_one_finds_by_asking_every_day(
    schedule: Schedule, data: st.DataObject
) -> None:
    near = st.integers(-100, 2500).map(lambda n: schedule.starts_on + timedelta(days=n))
    since = data.draw(near)
    until = since + timedelta(days=data.draw(st.integers(-2, 900)))
    assert counted_by_hand(schedule, since, until) == list(due_days(schedule, since, until))


@given(schedules(), DAYS, DAYS, DAYS)
def test_a_window_cut_in_two_has_the_same_days(schedule: Schedule, a: date, b: date, c: date) -> None:
    since, middle, until = sorted([a, b, c])
    halves = [
        *due_days(schedule, since, middle),
        *due_days(schedule, middle + timedelta(days=1), until),
    ]
    assert halves == list(due_days(schedule, since, until))


@pytest.mark.parametrize(
    ("schedule", "first"),
    [
        (
            Schedule(Unit.MONTH, date(2027, 12, 31)),
            [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30)],
        ),
        (
            Schedule(Unit.WEEK, date(2026, 3, 16), every=4, weekday=5),  # across both changes of the clock
            [date(2026, 3, 20), date(2026, 4, 17), date(2026, 5, 15), date(2026, 6, 12)],
        ),
        (
            Schedule(Unit.MONTH, date(2026, 1, 15), every=3, day=1),
            [date(2026, 4, 1), date(2026, 7, 1), date(2026, 10, 1)],
        ),
        (
            Schedule(Unit.YEAR, date(2024, 2, 29)),
            [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28), date(2027, 2, 28), date(2028, 2, 29)],
        ),
        (
            Schedule(Unit.YEAR, date(2026, 5, 20), every=2, day=1),
            [date(2028, 5, 1), date(2030, 5, 1)],
        ),
    ],
)
def test_rhythms_start_as_agreed(schedule: Schedule, first: list[date]) -> None:
    days = due_days(schedule, date(2000, 1, 1), date(2060, 1, 1))
    assert first == list(islice(days, len(first)))


def test_a_single_payment_is_due_on_its_day_only() -> None:
    schedule = Schedule(Unit.ONCE, date(2026, 3, 9))
    assert [date(2026, 3, 9)] == list(due_days(schedule, date(2026, 3, 9), date(2026, 3, 9)))
    assert list(due_days(schedule, date(2026, 3, 10), date(2026, 12, 31))) == []


def test_nothing_is_due_in_a_window_that_ends_before_it_begins() -> None:
    assert list(due_days(Schedule(Unit.MONTH, date(2026, 1, 1)), date(2026, 5, 2), date(2026, 5, 1))) == []


def test_an_occurrence_names_its_agreement_and_day() -> None:
    rent = expense(schedule=Schedule(Unit.MONTH, date(2026, 1, 1), day=1))
    days = [Occurrence("rent", date(2026, 2, 1)), Occurrence("rent", date(2026, 3, 1))]
    assert days == occurrences(rent, date(2026, 1, 2), date(2026, 3, 1))


def test_a_version_of_an_agreement_answers_for_its_own_days() -> None:
    old = replace(expense(), applies_until=date(2026, 2, 28))
    new = replace(expense(), applies_from=date(2026, 3, 1))
    both = [*occurrences(old, *YEAR), *occurrences(new, *YEAR)]
    assert both == occurrences(expense(), *YEAR)
