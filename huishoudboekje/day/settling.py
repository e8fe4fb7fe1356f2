"""What a household sets aside, and how it leaves: the final settlement."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain import ledger as names
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.guarantee import HouseholdMoney
from huishoudboekje.domain.ledger import AccountKind, Entry, EntryKind, Transfer, kind_of, moved
from huishoudboekje.domain.money import show
from huishoudboekje.domain.people import Resident
from huishoudboekje.domain.signals import SignalKind, signal
from huishoudboekje.storage import audit, ledger, people, signals
from payouts import pay
from payouts.batch import BatchLine, PaymentState


class NotEnoughToReserve(Refused):
    """Er is {free} vrij; {amount} opzij zetten kan niet."""


class NotReserved(Refused):
    """Voor {purpose} is {reserved} opzij gezet; {amount} gebruiken kan niet."""


class NoPurpose(Refused):
    """Schrijf kort waarvoor het geld is, zonder dubbele punt."""


class StillInBatches(Refused):
    """Huishouden {household} heeft nog betalingen in een batch zonder bestand: {payments}. Maak die eerst af of trek ze in."""  # noqa: E501 - one sentence


class NobodyToPay(Refused):
    """Huishouden {household} heeft geen inwoner aan wie het geld kan. Noem wie met --resident."""


class LeavesLater(Refused):
    """Een huishouden sluit op een dag die al is geweest of vandaag, niet op {closes_on}."""


MOST_PAYMENTS: Final = 10_000


@dataclass(frozen=True, slots=True)
class Reservation:
    """What a household has set aside for a purpose, in cents."""

    household_id: str
    purpose: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a household left, in cents: what repaid its debt, what a batch pays out, what it still owes."""

    household_id: str
    closed_on: date
    repaid_cents: int
    paid_out_cents: int
    batch_id: str | None
    open_advance_cents: int
    on_its_way: int

    @property
    def sentence(self) -> str:
        """How it ended, in Dutch."""
        out = (
            f"{show(self.paid_out_cents)} gaat naar de inwoner"
            if self.batch_id
            else "Er is niets uit te betalen"
        )
        owed = f" Open voorschot: {show(self.open_advance_cents)}." if self.open_advance_cents else ""
        return f"Huishouden {self.household_id} is gesloten per {self.closed_on:%d-%m-%Y}. {out}.{owed}"


def reservations(session: Session, household_id: str, by: Actor) -> list[Reservation]:
    """What a household has set aside. Raises NotFound."""
    by.require(Permission.READ)
    people.household(session, household_id)
    return [each for each in _reservations(session, household_id) if each.amount_cents]


def reserve(session: Session, household_id: str, purpose: str, amount_cents: int, by: Actor) -> Reservation:
    """Let a household have set aside this amount in cents for a purpose: the difference moves, either way.

    Raises NotAllowed, NotFound, HouseholdClosed, NoPurpose, NotEnoughToReserve.
    """
    by.require(Permission.RESERVE)
    found = people.household(session, household_id)
    if found.closed_on is not None:
        raise people.HouseholdClosed(id=household_id, closed_on=found.closed_on)
    money = _locked(session, household_id)
    there = _reserved(session, household_id, _purpose(purpose))
    more_cents = amount_cents - there.amount_cents
    if more_cents > money.free_to_spend_cents:
        raise NotEnoughToReserve(free=show(money.free_to_spend_cents), amount=show(more_cents))
    return _move(session, there, more_cents, "reservation.set", by)


def use_reservation(
    session: Session, household_id: str, purpose: str, amount_cents: int | None, by: Actor
) -> Reservation:
    """Put what was set aside back to own money, so that it can be spent: an amount in cents, or all of it.

    Raises NotAllowed, NotFound, NoPurpose, NotReserved.
    """
    by.require(Permission.RESERVE)
    people.household(session, household_id)
    _locked(session, household_id)
    there = _reserved(session, household_id, _purpose(purpose))
    wanted_cents = there.amount_cents if amount_cents is None else amount_cents
    if not 0 < wanted_cents <= there.amount_cents:
        raise NotReserved(purpose=purpose, reserved=show(there.amount_cents), amount=show(wanted_cents))
    return _move(session, there, -wanted_cents, "reservation.use", by)


def _purpose(text: str) -> str:
    purpose = text.strip()
    if not purpose or ":" in purpose:
        raise NoPurpose
    return purpose


def _locked(session: Session, household_id: str) -> HouseholdMoney:
    ledger.lock_households(session, [household_id])
    return ledger.household_money(session, [household_id], clock.today())[household_id]


def _reserved(session: Session, household_id: str, purpose: str) -> Reservation:
    name = names.reservation(household_id, purpose)
    balance = ledger.balances(session, [name]).get(name)
    return Reservation(household_id, purpose, balance.shown_cents if balance else 0)


def _reservations(session: Session, household_id: str) -> Iterator[Reservation]:
    for name, cents in ledger.balances_on(session, date.max, household_id).items():
        if kind_of(name) is AccountKind.RESERVATION:
            yield Reservation(household_id, name.split(":", 2)[2], cents)


def _move(session: Session, there: Reservation, more_cents: int, action: str, by: Actor) -> Reservation:
    account = names.reservation(there.household_id, there.purpose)
    transfers = moved(names.household(there.household_id), account, more_cents)
    _post(session, f"{account}:{secrets.token_hex(8)}", EntryKind.RESERVATION, transfers, by)
    facts = {"cents": more_cents}
    audit.record(session, by, action, f"household:{there.household_id}", there.purpose, facts)
    return Reservation(there.household_id, there.purpose, there.amount_cents + more_cents)


def _post(session: Session, key: str, kind: EntryKind, transfers: tuple[Transfer, ...], by: Actor) -> None:
    ledger.post(session, [Entry(key, kind, clock.today(), transfers)], by)


def close_household(
    session: Session,
    household_id: str,
    closes_on: date,
    reason: str,
    by: Actor,
    resident_id: str | None = None,
) -> Settlement:
    """Let a household leave: nothing falls due any more, own money repays its debt, and the rest goes out.

    What is left is proposed as one payment to the own account of a resident, which somebody approves. Of a
    household that left before, what has come in since goes out likewise. Raises NotAllowed, NotFound,
    HouseholdClosed when nothing came in, LeavesLater, StillInBatches, NobodyToPay.
    """
    by.require(Permission.MANAGE_HOUSEHOLDS)
    by.require(Permission.PROPOSE)
    if closes_on > clock.today():
        raise LeavesLater(closes_on=f"{closes_on:%d-%m-%Y}")
    before = people.household(session, household_id)
    money = _locked(session, household_id)
    if before.closed_on is not None and not money.free_to_spend_cents:
        raise people.HouseholdClosed(id=household_id, closed_on=f"{before.closed_on:%d-%m-%Y}")
    payments = pay.payments_of(session, household_id, limit=MOST_PAYMENTS)
    _refuse_unfinished(household_id, payments)
    for each in payments:
        if each.state is PaymentState.HELD:
            pay.drop(session, each.end_to_end_id, by, reason)
    for kept in reservations(session, household_id, by):
        _move(session, kept, -kept.amount_cents, "reservation.use", by)
    if before.closed_on is None:
        people.close_household(session, household_id, closes_on, by, reason)
    repaid_cents = _repay(session, household_id, by)
    money = _locked(session, household_id)
    batch_id = _pay_out(session, household_id, money, resident_id, by)
    settlement = Settlement(
        household_id,
        before.closed_on or closes_on,
        repaid_cents,
        money.own_cents if batch_id else 0,
        batch_id,
        money.advance_cents + money.excess_cents,
        sum(each.state is PaymentState.EXPORTED for each in payments),
    )
    facts = {"paid_out_cents": settlement.paid_out_cents, "open_advance_cents": settlement.open_advance_cents}
    audit.record(session, by, "household.close", f"household:{household_id}", reason, facts)
    return settlement


def _refuse_unfinished(household_id: str, payments: list[BatchLine]) -> None:
    unfinished = [each.end_to_end_id for each in payments if each.state is PaymentState.PROPOSED]
    if unfinished:
        raise StillInBatches(household=household_id, payments=", ".join(unfinished))


def _repay(session: Session, household_id: str, by: Actor) -> int:
    """Set own money off against the excess and then the advance; gives how many cents."""
    money = _locked(session, household_id)
    own = names.household(household_id)
    excess_cents = min(money.own_cents, money.excess_cents)
    advance_cents = min(money.own_cents - excess_cents, money.advance_cents)
    transfers = (
        *moved(own, names.excess(household_id), excess_cents),
        *moved(own, names.advance(household_id), advance_cents),
    )
    _post(session, f"settlement:{household_id}:{secrets.token_hex(8)}", EntryKind.REPAYMENT, transfers, by)
    return excess_cents + advance_cents


def _pay_out(
    session: Session, household_id: str, money: HouseholdMoney, resident_id: str | None, by: Actor
) -> str | None:
    if not money.own_cents:
        return None
    payee = _payee(session, household_id, resident_id)
    return pay.pay_out(
        session,
        household_id,
        amount_cents=money.own_cents,
        payee_name=payee.name,
        payee_iban=payee.iban,
        purpose="eindafrekening",
        remittance="Eindafrekening huishoudboekje",
        by=by,
    )


def _payee(session: Session, household_id: str, resident_id: str | None) -> Resident:
    there = people.residents_without_bsn(session, [household_id])
    for each in there:
        if resident_id in {None, each.id}:
            return each
    raise NobodyToPay(household=household_id)


def signal_late_income(
    session: Session, by: Actor, *, statement_ids: Collection[int] = (), transaction_id: int | None = None
) -> int:
    """Tell people of money that was booked for a household after it left; gives how many signals are new."""
    rows = session.execute(
        text("""
            SELECT t.id, t.amount_cents, t.booked_on, t.counter_name, b.household_id, h.closed_on
            FROM bank_transaction t
            JOIN LATERAL (SELECT household_id FROM booking b
              WHERE b.municipality_id = t.municipality_id AND b.transaction_id = t.id
              ORDER BY step DESC LIMIT 1) b ON true
            JOIN household h ON h.municipality_id = t.municipality_id AND h.id = b.household_id
            WHERE (t.statement_id = ANY(cast(:statements AS bigint[])) OR t.id = :transaction)
              AND t.amount_cents > 0 AND h.closed_on < t.booked_on ORDER BY t.id
        """),
        {"statements": list(statement_ids), "transaction": transaction_id},
    )
    late = [
        signal(
            SignalKind.LATE_INCOME_AFTER_CLOSE,
            since=row.booked_on,
            household_id=row.household_id,
            subject=str(row.id),
            who=row.counter_name or "Iemand",
            amount_cents=row.amount_cents,
            booked_on=row.booked_on,
            closed_on=row.closed_on,
        )
        for row in rows
    ]
    return signals.raise_signals(session, late, by)
