"""Banking days: TARGET's calendar, cut-off times, and months of unequal length.

Every function is remembered per day, as a plan of fifty thousand payments asks for the same few days.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Final, NamedTuple

import holidays

DAY: Final = timedelta(days=1)
SATURDAY: Final = 6


MONTHS: Final = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


class ExecutionDay(NamedTuple):
    """The day on which the bank is asked to pay; `late` when that is after the day on which it is due."""

    on: date
    late: bool


@cache
def _closed(year: int) -> frozenset[date]:
    """Days that TARGET is closed besides weekends; source: ECB, by way of `holidays`."""
    return frozenset(holidays.financial_holidays("XECB", years=year, expand=False))


@cache
def is_bank_day(day: date) -> bool:
    """Whether TARGET is open, so that banks settle payments in euros."""
    return day.isoweekday() < SATURDAY and day not in _closed(day.year)


@cache
def bank_day_on_or_before(day: date) -> date:
    """The day itself, or else the last banking day before it."""
    while not is_bank_day(day):
        day -= DAY
    return day


@cache
def bank_day_on_or_after(day: date) -> date:
    """The day itself, or else the first banking day after it."""
    while not is_bank_day(day):
        day += DAY
    return day


@cache
def next_bank_day(day: date) -> date:
    """The first banking day after the day."""
    return bank_day_on_or_after(day + DAY)


@cache
def previous_bank_day(day: date) -> date:
    """The last banking day before the day."""
    return bank_day_on_or_before(day - DAY)


@lru_cache(maxsize=4096)
def bank_days_between(after: date, until: date) -> int:
    """How many banking days there are after `after`, up to and including `until`; below zero backwards."""
    if until < after:
        return -bank_days_between(until, after)
    weeks, rest = divmod((until - after).days, 7)
    working = weeks * 5 + sum((after + DAY * i).isoweekday() < SATURDAY for i in range(1, rest + 1))
    return working - sum(
        after < day <= until and day.isoweekday() < SATURDAY
        for year in range(after.year, until.year + 1)
        for day in _closed(year)
    )


@cache
def add_bank_days(day: date, count: int) -> date:
    """The banking day that comes `count` (0 or more) banking days after the last one on or before `day`."""
    day = bank_day_on_or_before(day)
    for _ in range(count):
        day = next_bank_day(day)
    return day


@cache
def day_in_month(year: int, month: int, day: int) -> date:
    """That day of the month, or the last one of a month that is too short."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def months_later(year: int, month: int, months: int) -> tuple[int, int]:
    """The year and month that are so many months further on."""
    years, month_index = divmod(month - 1 + months, 12)
    return year + years, month_index + 1


def first_open_day(now: datetime, cutoff: time) -> date:
    """The first banking day for which the bank still takes payments at `now`, local time of Amsterdam."""
    today = now.date()
    return today if is_bank_day(today) and now.time() < cutoff else next_bank_day(today)


def execution_day(due_on: date, now: datetime, cutoff: time) -> ExecutionDay:
    """The last banking day on or before the due day whose cut-off is still open, else the first one, late.

    `now` and `cutoff` are local times of Amsterdam.
    """
    return _execution_day(due_on, first_open_day(now, cutoff))


@cache
def _execution_day(due_on: date, first_open: date) -> ExecutionDay:
    on_time = bank_day_on_or_before(due_on)
    return ExecutionDay(on_time, late=False) if on_time >= first_open else ExecutionDay(first_open, late=True)


def due_until(today: date, lead_bank_days: int = 0) -> date:
    """The last due day that is proposed on `today`: all whose banking day is at most so many ahead.

    On a Friday without lead that is Sunday, as both days of the weekend are paid on Friday.
    """
    return next_bank_day(add_bank_days(today, lead_bank_days)) - DAY


def show_day(day: date) -> str:
    """A day for Dutch readers: `1 februari 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
