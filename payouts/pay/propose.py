"""Plan a day, and propose what it pays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice
from typing import Final

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.agreements import Agreement
from huishoudboekje.domain.bank_days import show_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.guarantee import Due, HouseholdMoney, Outcome, PlanLine, Reason
from huishoudboekje.domain.ledger import Entry, EntryKind, Phase, Transfer, advance, household, in_transit
from huishoudboekje.domain.signals import Signal, SignalKind, signal
from huishoudboekje.storage import agreements as agreement_rows
from huishoudboekje.storage import audit, ledger, occurrences, policy, signals
from payouts.plan import (
    Answers,
    Day,
    HeldPayment,
    HouseholdPlan,
    Paid,
    Plan,
    PlannedPayment,
    dues,
    moment_of,
    plan_one,
    warnings,
)
from payouts.store import planning, writing
from payouts.store.planning import Debtor
from payouts.store.writing import NewPayment

HOUSEHOLDS_AT_A_TIME: Final = 2000
HORIZON: Final = timedelta(days=31)
"""How far ahead a batch may be proposed: beyond it, the date is a slip."""


class TooFarAhead(Refused):
    """Vandaag is het {today}, en {on} is meer dan {days} dagen later. Kijk of de datum klopt."""


class NoAccount(Refused):
    """Er is nog geen rekening waarvan wordt betaald. Lees eerst een administratie in."""


def plan(session: Session, on: date) -> Plan:
    """What would be paid on a day, from what, and why; changes nothing. Raises NoAccount."""
    day, account = _day(session, on), paying_account(session)
    households = tuple(_plans(session, day, account, locking=False))
    said = warnings(payment for each in households for payment in each.payments)
    return Plan(on, account.iban, households, said)


def propose(session: Session, on: date, by: Actor) -> list[str]:
    """Propose what is due on a day and is not proposed yet; gives the ids of the batches.

    A batch is one account on one day of execution. Own and advanced part are reserved; what is held is kept
    as a payment without a batch, with a signal. Doing it again proposes only what nothing answers. Two at
    once wait for each other. Raises NotAllowed, NoAccount, TooFarAhead.
    """
    by.require(Permission.PROPOSE)
    if on > clock.today() + HORIZON:
        raise TooFarAhead(on=show_day(on), days=HORIZON.days, today=show_day(clock.today()))
    writing.one_at_a_time(session)
    day, account = _day(session, on), paying_account(session)
    proposal = _Proposal()
    for each in _plans(session, day, account, locking=True):
        proposal.take(each)
    return _write(session, proposal, day, account, by)


def paying_account(session: Session) -> Debtor:
    """The account from which everything is paid: the municipality's first. Raises NoAccount."""
    account = planning.debtor(session)
    if account is None:
        raise NoAccount
    return account


def _day(session: Session, on: date) -> Day:
    return Day(on, moment_of(on, clock.now().astimezone(clock.AMSTERDAM)), policy.policy_on(session, on))


@dataclass(slots=True)
class _Facts:
    """What is known of one household before its money is looked at."""

    start: date
    agreements: list[Agreement]
    answers: Answers
    due: list[Due]
    held: list[HeldPayment]


def _plans(session: Session, day: Day, account: Debtor, *, locking: bool) -> Iterator[HouseholdPlan]:
    """Plan every household to which something falls due, some at a time, in the order of their ids."""
    for some in _some(planning.open_households(session, day.on)):
        facts = _facts(session, some, day, account)
        if locking:
            ledger.lock_households(session, facts)
            _look_again(session, facts, day)
        monies = _money(session, facts, day)
        for household_id, known in facts.items():
            if known.due or known.held:
                yield plan_one(
                    monies[household_id], known.agreements, known.due, known.held, known.answers, day
                )


def _money(session: Session, household_ids: Collection[str], day: Day) -> dict[str, HouseholdMoney]:
    """Read the money under the lower limit of the planned day and of today, when it is reserved."""
    now = ledger.household_money(session, household_ids, clock.today())
    if day.on == clock.today():
        return now
    then = ledger.household_money(session, household_ids, day.on)
    return {
        key: replace(money, limit_cents=min(money.limit_cents, now[key].limit_cents))
        for key, money in then.items()
    }


def _some(households: Sequence[tuple[str, date]]) -> Iterator[dict[str, date]]:
    coming = iter(households)
    while some := dict(islice(coming, HOUSEHOLDS_AT_A_TIME)):
        yield some


def _facts(session: Session, starts: Mapping[str, date], day: Day, account: Debtor) -> dict[str, _Facts]:
    """Read the households that have something due or held."""
    agreed = agreement_rows.for_households(session, starts, day.since, day.projected_until)
    answers = _answers(session, agreed, day)
    held = planning.held_payments(session, starts)
    facts = {}
    for household_id, started_on in starts.items():
        start = max(started_on, account.first_day)
        due = dues(agreed[household_id], answers[household_id], start, day)
        if due or household_id in held:
            facts[household_id] = _Facts(
                start, agreed[household_id], answers[household_id], due, held.get(household_id, [])
            )
    return facts


def _look_again(session: Session, facts: dict[str, _Facts], day: Day) -> None:
    """Read once more, under the households' locks, what may have been answered while we waited for them."""
    answers = _answers(session, {key: known.agreements for key, known in facts.items()}, day)
    held = planning.held_payments(session, facts)
    for household_id, known in facts.items():
        known.held = held.get(household_id, [])
        if answers[household_id] != known.answers:
            known.answers = answers[household_id]
            known.due = dues(known.agreements, known.answers, known.start, day)


def _answers(
    session: Session, agreed: Mapping[str, Collection[Agreement]], day: Day
) -> dict[str, dict[tuple[str, date], Paid]]:
    """Read, by household, which nominal dates payments or bookings answer."""
    owner = {agreement.id: key for key, found in agreed.items() for agreement in found}
    answers: dict[str, dict[tuple[str, date], Paid]] = {household_id: {} for household_id in agreed}
    for live in planning.live_parts(session, owner.keys(), day.since, day.projected_until):
        answers[owner[live.agreement_id]][live.agreement_id, live.due_on] = Paid(live.cents, live.part)
    for known in occurrences.standings(session, day.since, day.projected_until, owner.keys()):
        if known.met_cents <= 0 and known.instructed_cents <= 0 and not known.closed:
            continue
        of_household = answers[owner[known.occurrence.agreement_id]]
        key = known.occurrence.agreement_id, known.occurrence.due_on
        there = of_household.get(key, Paid(0, 0))
        of_household[key] = Paid(max(there.cents, known.met_cents), there.part, there.closed or known.closed)
    return answers


class _Proposal:
    """What the households' plans ask for, gathered; lines are kept for what people must know only."""

    def __init__(self) -> None:
        self.paid: dict[date, list[PlannedPayment]] = defaultdict(list)
        self.held: list[PlannedPayment] = []
        self.waiting: list[PlanLine] = []
        self.carried: list[PlanLine] = []
        self.households: set[str] = set()

    def take(self, each: HouseholdPlan) -> None:
        for payment in each.payments:
            if payment.held:
                self.held.append(payment)
            else:
                self.paid[payment.execution_on].append(payment)
        for line in each.lines:
            if line.reason is Reason.CLAIM_ENDED:
                self.waiting.append(line)
            elif line.carried_cents and line.outcome in {Outcome.PAY, Outcome.CARRY}:
                self.carried.append(line)


def _write(session: Session, proposal: _Proposal, day: Day, account: Debtor, by: Actor) -> list[str]:
    count = len(proposal.held) + sum(map(len, proposal.paid.values()))
    ids = iter(writing.payment_ids(session, day.on, count))
    raised = [*_carried(proposal.carried, day)]
    signals.solve_gone(session, [SignalKind.CARRIED], raised, by)
    batches = []
    for execution_on in sorted(proposal.paid):
        new = [new_payment(each, next(ids)) for each in proposal.paid.pop(execution_on)]
        batches.append(add_batch(session, new, day.on, account.iban, by))
        raised.extend(_late(new))
    held = [new_payment(each, next(ids)) for each in proposal.held]
    writing.add_payments(session, None, held, by)
    raised.extend(held_signal(each, day.on) for each in held)
    raised.extend(_held_too_long(session, proposal.waiting, day))
    signals.raise_signals(session, raised, by)
    return batches


def add_batch(session: Session, payments: Sequence[NewPayment], on: date, debtor_iban: str, by: Actor) -> str:
    """Write a proposed batch of payments of one day of execution, reserve their money, and give its id."""
    batch_id, payment_information_id = writing.add_batch(
        session, on=on, execution_on=payments[0].execution_on, debtor_iban=debtor_iban, by=by
    )
    writing.add_payments(session, batch_id, payments, by)
    ledger.post(session, reserving(payments, payment_information_id), by)
    facts = {"payments": len(payments), "cents": sum(each.amount_cents for each in payments)}
    audit.record(session, by, "batch propose", batch_id, facts=facts)
    return batch_id


def reserving(payments: Iterable[NewPayment], payment_information_id: str) -> list[Entry]:
    """Reserve the own and the advanced part of payments, an entry for each."""
    today, target = clock.today(), in_transit(payment_information_id)
    return [
        Entry(f"proposed:{each.end_to_end_id}", EntryKind.PROPOSED, today, _reserved(each, target))
        for each in payments
    ]


def _reserved(payment: NewPayment, target: str) -> tuple[Transfer, ...]:
    if payment.household_id is None:
        return (
            Transfer(payment.source, target, payment.amount_cents, Phase.RESERVED, payment.end_to_end_id),
        )
    return parts_reserved(
        payment.household_id, payment.own_cents, payment.advanced_cents, target, payment.end_to_end_id
    )


def parts_reserved(
    household_id: str, own_cents: int, advanced_cents: int, target: str, end_to_end_id: str
) -> tuple[Transfer, ...]:
    """Reserve own and advanced money, in cents, for one payment."""
    return tuple(
        Transfer(source, target, cents, Phase.RESERVED, end_to_end_id)
        for source, cents in ((household(household_id), own_cents), (advance(household_id), advanced_cents))
        if cents
    )


def new_payment(planned: PlannedPayment, end_to_end_id: str) -> NewPayment:
    """Give a planned payment its number."""
    return NewPayment(
        end_to_end_id=end_to_end_id,
        household_id=planned.household_id,
        resident_id=planned.resident_id,
        occurrence=planned.occurrence,
        amount_cents=planned.amount_cents,
        own_cents=planned.own_cents,
        advanced_cents=planned.advanced_cents,
        agreed_cents=planned.agreed_cents,
        counter_name=planned.counter_name,
        counter_iban=planned.counter_iban,
        remittance=planned.remittance,
        reference=planned.reference,
        execution_on=planned.execution_on,
        late=planned.late,
        explanation=planned.explanation,
    )


def held_signal(payment: NewPayment, since: date) -> Signal:
    """Tell people that a payment waits for them, and why."""
    why = payment.explanation.removeprefix("Aangehouden: ")
    return signal(
        SignalKind.HELD,
        since=since,
        household_id=payment.household_id,
        occurrence=payment.occurrence,
        subject=payment.end_to_end_id,
        who=payment.counter_name,
        amount_cents=payment.amount_cents,
        why=why[:1].upper() + why[1:],
    )


def _late(payments: Iterable[NewPayment]) -> Iterator[Signal]:
    for each in payments:
        if each.late and each.occurrence is not None:
            yield signal(
                SignalKind.PAID_LATE,
                since=each.execution_on,
                household_id=each.household_id,
                occurrence=each.occurrence,
                who=each.counter_name,
                amount_cents=each.amount_cents,
                execution_on=each.execution_on,
                due_on=each.occurrence.due_on,
            )


def _carried(lines: Iterable[PlanLine], day: Day) -> Iterator[Signal]:
    for each in lines:
        yield signal(
            SignalKind.CARRIED,
            since=day.on,
            household_id=each.agreement.household_id,
            occurrence=each.occurrence,
            due_on=each.occurrence.due_on,
            amount_cents=each.carried_cents,
        )


def _held_too_long(session: Session, lines: Sequence[PlanLine], day: Day) -> Iterator[Signal]:
    held = planning.held_payments(session, {each.agreement.household_id for each in lines})
    ids = {each.occurrence: each.end_to_end_id for found in held.values() for each in found}
    for each in lines:
        yield signal(
            SignalKind.HELD_TOO_LONG,
            since=day.on,
            household_id=each.agreement.household_id,
            occurrence=each.occurrence,
            subject=ids.get(each.occurrence, ""),
            who=each.agreement.counterparty_name,
            amount_cents=each.due_cents,
            bank_days=day.policy.hold_bank_days,
        )
