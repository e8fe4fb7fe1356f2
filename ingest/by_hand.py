"""What people decide on transactions: book, split, undo. Each is a new step; nothing is erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, OccurrenceKind
from huishoudboekje.domain.errors import NotFound, Refused
from huishoudboekje.domain.instructions import Instruction
from huishoudboekje.domain.ledger import (
    AccountKind,
    Entry,
    EntryKind,
    Transfer,
    bank,
    household_of,
    kind_of,
    moved,
    suspense,
)
from huishoudboekje.domain.ledger import household as own_money
from huishoudboekje.domain.money import show
from huishoudboekje.domain.schedule import occurrences as expected
from huishoudboekje.storage import agreements, instructions, ledger, occurrences, people
from ingest import store
from ingest.booking import Carrier, Effects, Purse, write
from ingest.decisions import Match, ReturnOf
from ingest.evidence import Line, keys
from ingest.states import BookedOn, BookingStatus
from ingest.store import Booked

NEAR = timedelta(days=45)


class AlreadyBooked(Refused):
    """Mutatie {id} is al geboekt. Maak die boeking eerst ongedaan, met een reden."""


class NothingToUndo(Refused):
    """Mutatie {id} is niet geboekt, dus er is niets om ongedaan te maken."""


class OtherDirection(Refused):
    """Afspraak {agreement} is een {direction}; deze mutatie gaat de andere kant op. Kies een andere."""


class PartsDoNotAddUp(Refused):
    """De delen zijn samen {parts}, maar de mutatie is {amount}. Verdeel precies het hele bedrag."""


class NoCandidate(Refused):
    """Voor mutatie {id} is er geen voorstel. Kies zelf een afspraak, een huishouden of een eigen rekening."""


class IsOurPayment(Refused):
    """Mutatie {id} draagt het kenmerk van onze betaling {payment}. Boek haar op die betaling."""


class NotOfThatPayment(Refused):
    """Van betaling {payment} staat nog {open} open, en dat is niet {amount}. Kies een andere betaling."""


class InTransitCannotBeUndone(Refused):
    """Mutatie {id} hoort bij een betaling die wij hebben verstuurd. Die boeking staat vast."""


@dataclass(frozen=True, slots=True)
class Part:
    """What part of a transaction, in cents above zero, goes where: one of the four.

    `end_to_end_id` is a payment of ours, which a debit settles and a credit returns.
    """

    amount_cents: int
    agreement_id: str | None = None
    household_id: str | None = None
    own_purpose: str | None = None
    due_on: date | None = None
    end_to_end_id: str | None = None


def book(session: Session, transaction_id: int, part: Part, by: Actor) -> None:
    """Book a queued transaction whole, on an agreement, a household or the municipality's own account.

    Raises NotFound, AlreadyBooked, OtherDirection.
    """
    split(session, transaction_id, [part], by)


def split(session: Session, transaction_id: int, parts: Sequence[Part], by: Actor) -> None:
    """Book a queued transaction in parts that add up to it. Raises as `book`, and PartsDoNotAddUp."""
    ledger.lock_households(session, [])  # two people at once: the second sees what the first did
    line = store.line(session, transaction_id)
    current = store.booking(session, transaction_id)
    if current is not None and current.status is not BookingStatus.QUEUED:
        raise AlreadyBooked(id=store.short_id(transaction_id))
    total_cents = sum(each.amount_cents for each in parts)
    if total_cents != abs(line.amount_cents) or any(each.amount_cents <= 0 for each in parts):
        raise PartsDoNotAddUp(parts=show(total_cents), amount=show(abs(line.amount_cents)))
    told = _told(session, line, parts)
    known = agreements.latest(session, [p.agreement_id for p in parts if p.agreement_id])
    wholes = [_resolve(session, line, part, known, told) for part in parts]
    purse = Purse(session)
    purse.open({each for _, each, _ in wholes if each}, {line.booked_on})
    purse.remember_advanced(told)
    carrier = Carrier(purse, told, known, step=current.step + 1 if current else 1, from_suspense=True)
    sign = 1 if line.amount_cents > 0 else -1
    for number, (part, household_id, occurrence) in enumerate(wholes, start=1):
        portion = line._replace(amount_cents=sign * part.amount_cents)
        _carry(carrier, portion, part, household_id, occurrence)
        if len(wholes) > 1:
            _number(carrier.effects, number)
    booked = carrier.effects.booked
    if len(booked) > 1:
        parts_told = [
            [
                each.end_to_end_id or each.agreement_id or each.household_id or each.own_purpose,
                part.amount_cents,
            ]
            for each, part in zip(booked, parts, strict=True)
        ]
        booked[:] = [
            Booked(
                transaction_id,
                BookingStatus.BY_HAND,
                BookedOn.SPLIT,
                household_id=booked[0].household_id
                if len({each.household_id for each in booked}) == 1
                else None,
                explanation={"parts": parts_told},
                step=carrier.step,
            )
        ]
    write(session, carrier.effects, by)


def _told(session: Session, line: Line, parts: Sequence[Part]) -> dict[str, Instruction]:
    """Read the payments of ours that are meant. Raises IsOurPayment when the line is another one of ours."""
    meant = {each.end_to_end_id for each in parts if each.end_to_end_id}
    asked = keys(line)
    found = instructions.find(
        session,
        end_to_end_ids=meant | {each for each in (asked.end_to_end_id,) if each},
        payment_information_ids={each for each in (asked.payment_information_id,) if each},
    )
    waiting = [each for each in found if each.is_in_transit and (each.open_cents or line.amount_cents > 0)]
    if waiting and not meant:
        raise IsOurPayment(id=store.short_id(line.id), payment=waiting[0].end_to_end_id)
    return {each.end_to_end_id: each for each in found if each.end_to_end_id in meant}


def _resolve(
    session: Session,
    line: Line,
    part: Part,
    known: dict[str, Agreement],
    told: dict[str, Instruction],
) -> tuple[Part, str | None, Occurrence | None]:
    if part.end_to_end_id is not None:
        if part.end_to_end_id not in told:
            raise NotFound(what="Betaling", id=part.end_to_end_id)
        payment = told[part.end_to_end_id]
        open_cents = payment.open_cents
        if line.amount_cents > 0:
            open_cents = payment.amount_cents - payment.returned_cents
        if part.amount_cents != open_cents and (line.amount_cents < 0 or part.amount_cents > open_cents):
            raise NotOfThatPayment(
                payment=part.end_to_end_id, open=show(open_cents), amount=show(part.amount_cents)
            )
        return part, payment.household_id or None, payment.occurrence
    if part.agreement_id is not None:
        if part.agreement_id not in known:
            raise NotFound(what="Afspraak", id=part.agreement_id)
        agreement = known[part.agreement_id]
        comes_in = agreement.direction is Direction.INCOME
        if comes_in != (line.amount_cents > 0):
            direction = "inkomst" if comes_in else "uitgave"
            raise OtherDirection(agreement=agreement.id, direction=direction)
        return part, agreement.household_id, _occurrence(session, line, agreement, part.due_on)
    if part.household_id is not None:
        people.household(session, part.household_id)
        return part, part.household_id, None
    return part, None, None


def _occurrence(session: Session, line: Line, agreement: Agreement, due_on: date | None) -> Occurrence | None:
    """The nominal date that is meant, or the nearest that is still open, or the nearest."""
    if due_on is not None:
        return Occurrence(agreement.id, due_on)
    around = expected(agreement, line.booked_on - NEAR, line.booked_on + NEAR)
    if not around:
        return None
    met = {
        each.occurrence
        for each in occurrences.standings(
            session, line.booked_on - NEAR, line.booked_on + NEAR, [agreement.id]
        )
        if each.met_cents > 0 or each.closed
    }
    return min(around, key=lambda each: (each in met, abs((each.due_on - line.booked_on).days)))


def _carry(
    carrier: Carrier, portion: Line, part: Part, household_id: str | None, occurrence: Occurrence | None
) -> None:
    if part.end_to_end_id is not None:
        _carry_payment(carrier, portion, carrier.instructions[part.end_to_end_id])
        return
    if household_id is None:
        carrier.carry_own(portion, str(part.own_purpose), None, None)
        return
    booked = Booked(
        portion.id,
        BookingStatus.BY_HAND,
        BookedOn.AGREEMENT if part.agreement_id else BookedOn.HOUSEHOLD,
        household_id=household_id,
        occurrence=occurrence,
        agreement_id=part.agreement_id,
    )
    carrier.carry_household(portion, household_id, booked)


def _carry_payment(carrier: Carrier, portion: Line, payment: Instruction) -> None:
    """A person says that a debit is this payment of ours, or that a credit is its return."""
    if portion.amount_cents > 0:
        carrier.carry(portion, ReturnOf(portion.id, portion.amount_cents, payment, 1.0, ()))
        return
    occurrence = payment.occurrence
    carrier.carry(
        portion,
        Match(
            portion.id,
            portion.amount_cents,
            occurrence.agreement_id if occurrence else None,
            payment.household_id,
            occurrence,
            payment.end_to_end_id,
            1.0,
            (),
        ),
    )


def _number(effects: Effects, number: int) -> None:
    """Give the entries of one part a key of their own."""
    effects.entries[:] = [
        each if ":part" in each.key else replace(each, key=f"{each.key}:part{number}")
        for each in effects.entries
    ]


def unbook(session: Session, transaction_id: int, reason: str, by: Actor) -> None:
    """Undo what holds on a transaction: its money goes back to suspense, and a person decides anew.

    Raises NothingToUndo, InTransitCannotBeUndone. What of an undone income was spent already is carried by
    the advance up to the limit, and above it by the excess.
    """
    ledger.lock_households(session, [])  # two people at once: the second sees what the first did
    line = store.line(session, transaction_id)
    current = store.booking(session, transaction_id)
    if current is None or current.status is BookingStatus.QUEUED:
        raise NothingToUndo(id=store.short_id(transaction_id))
    entries = _standing_entries(session, transaction_id, current.step)
    if current.status is BookingStatus.MATCHED and any(
        kind_of(name) is AccountKind.IN_TRANSIT
        for each in entries
        for transfer in each.entry.transfers
        for name in (transfer.source, transfer.target)
    ):
        raise InTransitCannotBeUndone(id=store.short_id(transaction_id))
    purse = Purse(session)
    purse.open(
        {
            whose
            for each in entries
            for transfer in each.entry.transfers
            for name in (transfer.source, transfer.target)
            if (whose := household_of(name)) is not None
        },
        {line.booked_on},
    )
    step = current.step + 1
    effects = Effects()
    for each in reversed(entries):
        transfers = [
            one for transfer in reversed(each.entry.transfers) for one in _undone(purse, line, transfer)
        ]
        effects.entries.append(
            Entry(
                f"{each.entry.key}:undone:{step}",
                EntryKind.REVERSAL,
                line.booked_on,
                tuple(transfers),
                transaction_id,
                reverses=each.id,
                reason=reason,
            )
        )
    for shown in instructions.shown_by(session, transaction_id):
        effects.shown.append(
            replace(
                shown,
                amount_cents=-shown.amount_cents,
                own_cents=-shown.own_cents,
                advanced_cents=-shown.advanced_cents,
                missing_cents=-shown.missing_cents,
            )
        )
    for happened in _standing_happenings(session, transaction_id):
        effects.happenings.append(
            replace(happened, kind=OccurrenceKind.UNDONE, amount_cents=-happened.amount_cents)
        )
    explanation = {
        "reason": "undone",
        "why_not": f"De boeking is ongedaan gemaakt: {reason}",
        "candidates": [],
    }
    effects.booked.append(
        Booked(
            transaction_id,
            BookingStatus.QUEUED,
            BookedOn.SUSPENSE,
            explanation=explanation,
            step=step,
            reason=reason,
        )
    )
    write(session, effects, by)


def _standing_entries(session: Session, transaction_id: int, step: int) -> list[ledger.Recorded]:
    prefix = f"transaction:{transaction_id}:{step}"
    return [
        each
        for each in ledger.entries_of_transaction(session, transaction_id)
        if each.entry.key == prefix or each.entry.key.startswith(f"{prefix}:")
        if each.entry.kind is not EntryKind.REVERSAL
    ]


def _standing_happenings(session: Session, transaction_id: int) -> list[occurrences.Happening]:
    """What a transaction did to occurrences and has not been undone."""
    net: dict[tuple[Occurrence, str | None], occurrences.Happening] = {}
    for each in occurrences.of_transaction(session, transaction_id):
        key = (each.occurrence, each.end_to_end_id)
        before = net[key].amount_cents if key in net else 0
        net[key] = replace(each, amount_cents=before + each.amount_cents)
    return [each for each in net.values() if each.amount_cents]


def _undone(purse: Purse, line: Line, transfer: Transfer) -> tuple[Transfer, ...]:
    """One transfer backwards, with suspense in the bank's place."""
    there = suspense(line.account)
    source, target = (
        there if name == bank(line.account) else name for name in (transfer.target, transfer.source)
    )
    if source == target:
        return ()
    whose = household_of(source)
    if whose is not None and kind_of(source) is AccountKind.HOUSEHOLD:
        return _given_back(purse, line, whose, target, transfer.amount_cents)
    if (
        kind_of(target) in {AccountKind.ADVANCE, AccountKind.EXCESS}
        and kind_of(source) is AccountKind.SUSPENSE
    ):
        return _paid_back(purse, source, target, transfer.amount_cents)
    if whose is not None:  # a repayment undone: the debt is there again, and own money too
        debt = {"advance_cents": transfer.amount_cents}
        if kind_of(source) is AccountKind.EXCESS:
            debt = {"excess_cents": transfer.amount_cents}
        purse.add_debt(whose, **debt)
    if kind_of(target) is AccountKind.HOUSEHOLD:
        purse.add_own(str(household_of(target)), transfer.amount_cents)
    return moved(source, target, transfer.amount_cents)


def _given_back(purse: Purse, line: Line, whose: str, target: str, cents: int) -> tuple[Transfer, ...]:
    """Money that a household no longer has: own money first, then the advance, then beyond the limit."""
    carrier = Carrier(purse, {}, {})
    bare = Line(0, None, "", line.booked_on, -cents)
    taken = carrier._taken_from(bare, whose, cents, None)  # noqa: SLF001 - the same rule, for the same package
    return tuple(replace(each, target=target) for each in taken)


def _paid_back(purse: Purse, source: str, target: str, cents: int) -> tuple[Transfer, ...]:
    """Money that comes back to a debt, which may have been repaid since: then to own money."""
    whose = str(household_of(target))
    money = purse.money[whose]
    is_advance = kind_of(target) is AccountKind.ADVANCE
    outstanding_cents = money.advance_cents if is_advance else money.excess_cents
    debt_cents = min(cents, outstanding_cents)
    purse.add_debt(whose, **{"advance_cents" if is_advance else "excess_cents": -debt_cents})
    purse.add_own(whose, cents - debt_cents)
    return (*moved(source, target, debt_cents), *moved(source, own_money(whose), cents - debt_cents))


def best(session: Session, transaction_id: int) -> Part:
    """The best candidate as it was put before a person. Raises NoCandidate."""
    line = store.line(session, transaction_id)
    current = store.booking(session, transaction_id)
    candidates = (current.explanation or {}).get("candidates", []) if current else []
    if not candidates:
        raise NoCandidate(id=store.short_id(transaction_id))
    first = candidates[0]
    if first.get("end_to_end_id"):
        return Part(abs(line.amount_cents), end_to_end_id=first["end_to_end_id"])
    return Part(
        abs(line.amount_cents),
        agreement_id=first["agreement"],
        household_id=None if first["agreement"] else first["household"],
        due_on=date.fromisoformat(first["due_on"]) if first["due_on"] else None,
    )
