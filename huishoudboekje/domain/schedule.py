"""From an agreement and a period to its nominal due days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from huishoudboekje.domain.agreements import Agreement, Occurrence, Schedule, Unit
from huishoudboekje.domain.bank_days import day_in_month, months_later

WEEK_DAYS: Final = 7
YEAR_MONTHS: Final = 12


def due_days(schedule: Schedule, since: date, until: date) -> Iterator[date]:
    """The nominal due days from `since` up to and including `until`, in order.

    Costs what the window holds, however long ago the schedule started.
    """
    first = max(since, schedule.starts_on)
    last = until if schedule.ends_on is None else min(until, schedule.ends_on)
    if first > last:
        return iter(())
    match schedule.unit:
        case Unit.ONCE:
            return iter((schedule.starts_on,) if first == schedule.starts_on else ())
        case Unit.WEEK:
            return _weeks(schedule, first, last)
        case Unit.MONTH:
            return _months(schedule, schedule.every, first, last)
        case Unit.YEAR:
            return _months(schedule, schedule.every * YEAR_MONTHS, first, last)


def occurrences(agreement: Agreement, since: date, until: date) -> list[Occurrence]:
    """The occurrences of this version of an agreement, due from `since` up to and with `until`, in order."""
    first, last = max(since, agreement.applies_from), min(until, agreement.applies_until)
    return [Occurrence(agreement.id, day) for day in due_days(agreement.schedule, first, last)]


def _weeks(schedule: Schedule, first: date, last: date) -> Iterator[date]:
    start, step = schedule.starts_on, schedule.every * WEEK_DAYS
    weekday = schedule.weekday or start.isoweekday()
    anchor = start.toordinal() + (weekday - start.isoweekday()) % WEEK_DAYS
    skipped = max(0, -(-(first.toordinal() - anchor) // step))
    return map(date.fromordinal, range(anchor + skipped * step, last.toordinal() + 1, step))


def _months(schedule: Schedule, step: int, first: date, last: date) -> Iterator[date]:
    start, day = schedule.starts_on, schedule.day or schedule.starts_on.day
    gone = (first.year - start.year) * YEAR_MONTHS + first.month - start.month
    months = gone - gone % step
    while True:
        year, month = months_later(start.year, start.month, months)
        if (year, month) > (last.year, last.month):
            return
        due = day_in_month(year, month, day)
        if first <= due <= last:
            yield due
        months += step


def running_on(schedule: Schedule, day: date) -> bool:
    """Whether the schedule has started and has not ended on that day."""
    return schedule.starts_on <= day and (schedule.ends_on is None or day <= schedule.ends_on)
