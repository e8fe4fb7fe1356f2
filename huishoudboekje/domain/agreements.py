"""Agreements: what comes in and what goes out for a household, when, and how it is settled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final


class Direction(StrEnum):
    """Into or out of the municipal account."""

    INCOME = "income"
    EXPENSE = "expense"


class Settlement(StrEnum):
    """Who moves the money of an expense: we pay it, or the creditor collects it."""

    TRANSFER = "transfer"
    DIRECT_DEBIT = "direct_debit"


class Unit(StrEnum):
    """Unit of a rhythm."""

    ONCE = "once"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


LIVING_MONEY = "living_money"
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an agreement falls due, in nominal days.

    `once` falls due on `starts_on`. Weeks count from the first `weekday` (ISO, 1 is Monday) on or after
    `starts_on`; months and years from its month, on `day` (or that of `starts_on`), which in a shorter
    month is its last day. `ends_on` is the last day on which it may fall due; None is open.
    """

    unit: Unit
    starts_on: date
    every: int = 1
    day: int | None = None
    weekday: int | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        """Promise a rhythm that can be followed."""
        if self.every < 1:
            raise ValueError(self.every)
        if (self.weekday is not None) != (self.unit is Unit.WEEK):
            raise ValueError(self.weekday)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One agreement of a household, as it stands in one version.

    Amounts in cents, never below zero. Exactly one of `organisation_id` and `payee_resident_id` is set;
    `counterparty_name` is that one's name, `iban` the account from which it pays or on which it is paid.
    Due days before `applies_from` or after `applies_until` belong to another version, or to none.
    """

    id: str
    household_id: str
    resident_id: str
    direction: Direction
    category: str
    organisation_id: str | None
    payee_resident_id: str | None
    counterparty_name: str
    iban: str
    amount_cents: int
    tolerance_cents: int
    schedule: Schedule
    settlement: Settlement | None
    guaranteed: bool = False
    reference: str | None = None
    search_terms: tuple[str, ...] = ()
    remittance: str = ""
    applies_from: date = date.min
    applies_until: date = date.max

    def __post_init__(self) -> None:
        """Promise an amount in cents, and one counterparty."""
        if self.amount_cents < 0 or self.tolerance_cents < 0:
            raise ValueError(self.amount_cents, self.tolerance_cents)
        if (self.organisation_id is None) == (self.payee_resident_id is None):
            raise ValueError(self.organisation_id, self.payee_resident_id)
        if (self.settlement is None) != (self.direction is Direction.INCOME):
            raise ValueError(self.settlement)


class OccurrenceKind(StrEnum):
    """What became of an occurrence."""

    INSTRUCTED = "instructed"  # by the previous system
    MET = "met"  # a transaction was booked on it
    UNDONE = "undone"  # that booking was undone, or the money came back
    CLOSED = "closed"  # paid otherwise, or no longer due


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One nominal date of an agreement; `part` numbers instalments of the same date, from 1."""

    agreement_id: str
    due_on: date
    part: int = 1


def reference_key(reference: str) -> str:
    """A reference as it is compared and stored: capitals and digits, without leading zeros; may be empty."""
    return _NOT_ALPHANUMERIC.sub("", reference).upper().lstrip("0")
