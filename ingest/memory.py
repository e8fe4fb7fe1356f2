"""What is known while lines are decided, and grows with each decision: bookings, instructions and batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from huishoudboekje.domain.agreements import Agreement, Occurrence, Schedule, Unit
from huishoudboekje.domain.instructions import Instruction
from huishoudboekje.domain.schedule import due_days
from ingest.decisions import Met

# So many days before and after its nominal day a payment may be booked, by the rhythm. Together they are less
# than one period, so that a payment is near one nominal day only.
MONTH_WINDOW: Final = (8, 20)
YEAR_WINDOW: Final = (15, 31)
WEEK: Final = 7
# Payers are seldom early: a day too early counts as one and a half too late.
EARLY_COUNTS: Final = 1.5


class Nearest(NamedTuple):
    """The nominal day nearest to a booking, and what is already booked on it, in cents."""

    due_on: date
    days: int
    met_cents: int
    parts: int


class Occurrences:
    """What is booked on which nominal day of which agreement."""

    def __init__(self) -> None:
        self._met: dict[str, dict[date, tuple[int, int]]] = {}

    def learn(self, met: Iterable[Met]) -> None:
        """Add what is booked already, of agreements that nothing is known of yet."""
        known = frozenset(self._met)
        for booked in met:
            if booked.occurrence.agreement_id not in known:
                self.book(booked.occurrence, booked.amount_cents)

    def book(self, occurrence: Occurrence, amount_cents: int) -> None:
        """Remember a booking; a negative amount undoes one."""
        days = self._met.setdefault(occurrence.agreement_id, {})
        cents, parts = days.get(occurrence.due_on, (0, 0))
        last = max(parts, occurrence.part) if amount_cents >= 0 else occurrence.part - 1
        days[occurrence.due_on] = cents + amount_cents, last

    def nearest(self, agreement: Agreement, booked_on: date) -> Nearest | None:
        """The nominal day to which a booking on this date belongs, if there is one near."""
        early, late = window(agreement.schedule)
        best: date | None = None
        least = 1000.0
        since = max(booked_on - late, agreement.applies_from)
        until = min(booked_on + early, agreement.applies_until)
        for day in due_days(agreement.schedule, since, until):
            delta = (booked_on - day).days
            distance = delta if delta >= 0 else -EARLY_COUNTS * delta
            if distance < least:
                best, least = day, distance
        if best is None:
            return None
        days = self._met.get(agreement.id)
        cents, parts = (0, 0) if days is None else days.get(best, (0, 0))
        return Nearest(best, abs((booked_on - best).days), cents, parts)


_WINDOWS: Final[dict[tuple[Unit, int], tuple[timedelta, timedelta]]] = {}


def window(schedule: Schedule) -> tuple[timedelta, timedelta]:
    """How early and how late a payment of this rhythm may be booked."""
    key = (schedule.unit, schedule.every)
    found = _WINDOWS.get(key)
    if found is None:
        early, late = MONTH_WINDOW
        if schedule.unit is Unit.YEAR:
            early, late = YEAR_WINDOW
        elif schedule.unit is Unit.WEEK:
            period = WEEK * schedule.every
            early = min(early, period * 3 // WEEK)
            late = min(late, period - early - 1)
        found = _WINDOWS[key] = timedelta(days=early), timedelta(days=late)
    return found


class Payment:
    """One instruction, with what the bank has shown of it so far, in cents."""

    __slots__ = ("instruction", "returned_cents", "settled_cents")

    def __init__(self, instruction: Instruction) -> None:
        self.instruction = instruction
        self.settled_cents = instruction.settled_cents
        self.returned_cents = instruction.returned_cents

    @property
    def is_open(self) -> bool:
        """Whether the bank has not shown all of it."""
        return self.settled_cents < self.instruction.amount_cents


class Payments:
    """What the bank was told to pay: by EndToEndId, by batch, and by payee and amount."""

    def __init__(self) -> None:
        self._by_id: dict[str, Payment] = {}
        self._batches: dict[str, list[Payment]] = {}
        self._by_payee: dict[tuple[str, int], list[Payment]] = {}

    def learn(self, instructions: Iterable[Instruction]) -> None:
        """Add instructions that are not known yet."""
        for instruction in instructions:
            if instruction.end_to_end_id in self._by_id:
                continue
            payment = Payment(instruction)
            self._by_id[instruction.end_to_end_id] = payment
            self._batches.setdefault(instruction.payment_information_id, []).append(payment)
            payee = (instruction.counter_iban, instruction.amount_cents)
            self._by_payee.setdefault(payee, []).append(payment)

    def get(self, end_to_end_id: str) -> Payment | None:
        """The payment with this EndToEndId."""
        return self._by_id.get(end_to_end_id)

    def batch(self, payment_information_id: str) -> list[Payment] | None:
        """The payments of this batch, None when it is not ours."""
        return self._batches.get(payment_information_id)

    def to_payee(self, iban: str, amount_cents: int) -> list[Payment]:
        """The payments of this amount, in cents, to this account."""
        return self._by_payee.get((iban, amount_cents), [])

    def open_batches(self, account: str, total_cents: int) -> Iterator[str]:
        """The batches from our account of which exactly this sum, in cents, is still open."""
        for identity, payments in self._batches.items():
            still_open = [payment for payment in payments if payment.is_open]
            if (
                still_open
                and still_open[0].instruction.debtor_iban in {account, None}
                and sum(payment.instruction.amount_cents for payment in still_open) == total_cents
            ):
                yield identity
