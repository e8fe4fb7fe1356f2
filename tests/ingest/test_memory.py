from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.agreements import Occurrence, Schedule, Unit
from huishoudboekje.domain.schedule import due_days
from ingest.decisions import Met
from ingest.memory import Occurrences, window
from tests.ingest.test_reconcile import ALIMONY

FIRST = date(2024, 1, 1)
MONTHLY = Schedule(Unit.MONTH, FIRST, day=31)
FOUR_WEEKLY = Schedule(Unit.WEEK, FIRST, every=4, weekday=5)
WEEKLY = Schedule(Unit.WEEK, FIRST, weekday=5)
QUARTERLY = Schedule(Unit.MONTH, FIRST, every=3, day=2)
YEARLY = Schedule(Unit.YEAR, date(2024, 5, 24))
ONCE = Schedule(Unit.ONCE, date(2026, 3, 2))


@pytest.mark.parametrize(
    ("schedule", "booked_on", "due_on"),
    [
        (MONTHLY, date(2026, 2, 27), date(2026, 2, 28)),
        (MONTHLY, date(2026, 3, 2), date(2026, 2, 28)),
        (replace(MONTHLY, day=1), date(2026, 1, 30), date(2026, 2, 1)),
        (replace(MONTHLY, day=27), date(2026, 2, 3), date(2026, 1, 27)),
        (replace(MONTHLY, day=1), date(2026, 1, 20), date(2026, 1, 1)),
        (replace(MONTHLY, ends_on=date(2026, 1, 31)), date(2026, 2, 25), None),
        (replace(MONTHLY, starts_on=date(2026, 2, 20), day=20), date(2026, 2, 16), date(2026, 2, 20)),
        (replace(MONTHLY, starts_on=date(2026, 2, 20), day=20), date(2026, 2, 4), None),
        (FOUR_WEEKLY, date(2026, 1, 5), date(2026, 1, 2)),
        (FOUR_WEEKLY, date(2026, 1, 26), date(2026, 1, 30)),
        (WEEKLY, date(2026, 1, 12), date(2026, 1, 9)),
        (WEEKLY, date(2026, 1, 14), date(2026, 1, 16)),
        (QUARTERLY, date(2026, 2, 15), None),
        (YEARLY, date(2026, 6, 10), date(2026, 5, 24)),
        (ONCE, date(2026, 3, 4), date(2026, 3, 2)),
        (ONCE, date(2026, 4, 4), None),
    ],
)
def test_a_booking_belongs_to_the_nominal_day_near_it(
    schedule: Schedule, booked_on: date, due_on: date | None
) -> None:
    nearest = Occurrences().nearest(replace(ALIMONY, schedule=schedule), booked_on)

    assert (nearest and nearest.due_on) == due_on


@given(st.sampled_from([MONTHLY, FOUR_WEEKLY, WEEKLY, QUARTERLY, YEARLY]), st.integers(0, 1_000))
def test_a_booking_on_a_due_day_belongs_to_it(schedule: Schedule, at: int) -> None:
    day = next(iter(due_days(schedule, FIRST + timedelta(days=at), FIRST + timedelta(days=at + 400))))
    nearest = Occurrences().nearest(replace(ALIMONY, schedule=schedule), day)

    assert nearest is not None
    assert (nearest.due_on, nearest.days) == (day, 0)


@given(st.sampled_from([MONTHLY, FOUR_WEEKLY, WEEKLY, QUARTERLY]), st.integers(30, 1_000))
def test_a_booking_is_never_near_more_than_two_nominal_days(schedule: Schedule, at: int) -> None:
    early, late = window(schedule)
    booked_on = FIRST + timedelta(days=at)

    assert len(list(due_days(schedule, booked_on - late, booked_on + early))) <= 2


def test_a_version_of_an_agreement_has_only_the_days_on_which_it_applies() -> None:
    agreement = replace(ALIMONY, schedule=MONTHLY, applies_from=date(2026, 2, 1))

    assert Occurrences().nearest(agreement, date(2026, 2, 1)) is None
    assert Occurrences().nearest(agreement, date(2026, 2, 27)) is not None


def test_bookings_of_an_agreement_are_learnt_once() -> None:
    occurrences = Occurrences()
    met = Met(Occurrence("A3", date(2026, 1, 12)), 25_000, date(2026, 1, 12))
    occurrences.learn([met])
    occurrences.learn([met])
    nearest = occurrences.nearest(ALIMONY, date(2026, 1, 12))

    assert nearest is not None
    assert nearest.met_cents == 25_000
