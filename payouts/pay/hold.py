"""Payments that wait for a person, and payments that a person asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.agreements import LIVING_MONEY, Agreement, Occurrence, OccurrenceKind, Settlement
from huishoudboekje.domain.bank_days import add_bank_days, bank_days_between, execution_day, first_open_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import suspense
from huishoudboekje.domain.money import show
from huishoudboekje.domain.people import read_iban
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import agreements, audit, ledger, occurrences, policy, signals, users
from payouts.batch import (
    Asked,
    BatchLine,
    NotHeld,
    NotInBatch,
    PaymentState,
    TwoPeople,
    require_reason,
)
from payouts.pay.approve import locked, take_out
from payouts.pay.propose import add_batch, held_signal, paying_account
from payouts.plan import message
from payouts.store import reading, writing
from payouts.store.writing import NewPayment, NewStep


class AgreementGone(Refused):
    """De afspraak van betaling {payment} loopt niet meer. Trek de betaling in."""


class PaidOtherwise(Refused):
    """Betaling {payment} is al op een andere manier gedaan. Trek haar in."""


class RefundedBefore(Refused):
    """Voor mutatie {transaction} is al een terugbetaling gemaakt: {payment}."""


class NotEnoughMoney(Refused):
    """Er is {free} vrij; {amount} uitbetalen kan niet."""


class NoAmount(Refused):
    """Een betaling is ten minste één cent."""


@dataclass(frozen=True, slots=True)
class Released:
    """What became of a payment that somebody released.

    `batch_id` and `end_to_end_id` name the payment that is proposed now. Without them the release goes
    `over_limit_cents` above the limit, and waits for a second person who releases it as well.
    """

    batch_id: str | None = None
    end_to_end_id: str | None = None
    over_limit_cents: int = 0


def remove(session: Session, batch_id: str, payment: str, by: Actor, reason: str) -> str | None:
    """Take a payment out of a batch that nobody approved, and hold it until a person decides.

    Gives the EndToEndId of the held payment; None for a refund or payout, which is withdrawn. Who removes
    cannot approve the batch any more. Raises NotAllowed, NotFound, NotInBatch, WrongStep, NoReason.
    """
    by.require(Permission.EDIT_BATCH)
    return _take_out_and_hold(session, batch_id, payment, by, require_reason(reason))


def hold(session: Session, payment: str, by: Actor, reason: str) -> str | None:
    """Hold a proposed payment, as `remove` does, by its own number."""
    by.require(Permission.HOLD)
    batch_id = reading.line(session, payment).batch_id
    if batch_id is None:
        raise NotInBatch(payment=payment, batch="een")
    return _take_out_and_hold(session, batch_id, payment, by, require_reason(reason))


def _take_out_and_hold(session: Session, batch_id: str, payment: str, by: Actor, reason: str) -> str | None:
    batch = locked(session, batch_id)
    line = reading.line(session, payment)
    if line.batch_id != batch_id or line.state is not PaymentState.PROPOSED:
        raise NotInBatch(payment=payment, batch=batch_id)
    take_out(session, batch, [payment], by, reason)
    audit.record(session, by, "batch remove", batch_id, reason, {"payment": payment})
    if line.occurrence is None:
        return None
    held = replace(
        _copy(line, writing.payment_ids(session, clock.today(), 1)[0]),
        explanation=f"Aangehouden door {by.user}: {reason}",
    )
    writing.add_payments(session, None, [held], by)
    signals.raise_signals(session, [held_signal(held, clock.today())], by)
    return held.end_to_end_id


def _copy(line: BatchLine, end_to_end_id: str) -> NewPayment:
    return NewPayment(
        end_to_end_id=end_to_end_id,
        household_id=line.household_id,
        resident_id=line.resident_id,
        occurrence=line.occurrence,
        amount_cents=line.amount_cents,
        own_cents=line.own_cents,
        advanced_cents=line.advanced_cents,
        agreed_cents=line.agreed_cents,
        counter_name=line.counter_name,
        counter_iban=line.counter_iban,
        remittance=line.remittance,
        reference=line.reference,
        execution_on=line.execution_on,
        late=line.late,
        explanation=line.explanation,
        refund_of=line.refund_of,
        purpose=line.purpose,
    )


def drop(session: Session, payment: str, by: Actor, reason: str) -> None:
    """Withdraw a held payment for good: its occurrence is closed and never proposed again.

    Raises NotAllowed, NotFound, NotHeld, NoReason.
    """
    by.require(Permission.HOLD)
    why = require_reason(reason)
    line = _held(session, payment)
    writing.step_payments(session, [NewStep(payment, PaymentState.WITHDRAWN, reason=why)], by)
    if line.occurrence is not None:
        closed = occurrences.Happening(line.occurrence, OccurrenceKind.CLOSED, 0, clock.today())
        occurrences.record(session, [closed])
    _solve(session, line, by, why)
    audit.record(session, by, "payment withdraw", payment, why)


def _held(session: Session, payment: str) -> BatchLine:
    """Read a held payment under its household's lock."""
    household_id = reading.line(session, payment).household_id
    ledger.lock_households(session, [household_id] if household_id else [])
    line = reading.line(session, payment)
    if line.state is not PaymentState.HELD:
        raise NotHeld(payment=payment, state=line.state.label)
    return line


def release(session: Session, payment: str, by: Actor, reason: str) -> Released:
    """Let a held payment go, in a batch of its own, which somebody else approves as any other.

    No batch grows while somebody looks at it. It is paid to the agreement's account as that is now, from own
    money and the advance that is left. What
    goes above the limit, or is advanced without guarantee, asks for two people: the first to release it is
    remembered, the second makes it a decision on record. Who agreed to less, to another payee or more than
    `hold_bank_days` ago agreed to something else: the next is then the first again. Raises NotAllowed,
    NotFound, NotHeld, TwoPeople, AgreementGone, PaidOtherwise, NoReason.
    """
    by.require(Permission.HOLD)
    why = require_reason(reason)
    line = _held(session, payment)
    if line.household_id is None or line.occurrence is None:
        raise AgreementGone(payment=payment)
    agreement = _agreement(session, line.occurrence)
    if agreement is None or agreement.household_id != line.household_id:
        raise AgreementGone(payment=payment)
    if _answered(session, line.occurrence):
        raise PaidOtherwise(payment=payment)
    amount_cents = line.amount_cents if agreement.category == LIVING_MONEY else agreement.amount_cents
    own_cents, over_cents = _split(session, line, line.household_id, amount_cents, agreement)
    asked = Asked(amount_cents, over_cents, agreement.counterparty_name, agreement.iban or "")
    if over_cents and not _decided(session, line, asked, amount_cents - own_cents, by, why):
        return Released(over_limit_cents=over_cents)
    writing.step_payments(
        session, [NewStep(payment, PaymentState.WITHDRAWN, reason=f"Vrijgegeven: {why}")], by
    )
    _solve(session, line, by, why)
    return _propose_released(session, line, agreement, amount_cents, own_cents, by, why)


def _agreement(session: Session, occurrence: Occurrence) -> Agreement | None:
    """The version of the agreement that answers for the nominal date, when we are to pay it."""
    for each in agreements.by_ids(session, [occurrence.agreement_id]).get(occurrence.agreement_id, []):
        ends_on = each.schedule.ends_on
        if each.applies_from <= occurrence.due_on <= each.applies_until and (
            each.settlement is Settlement.TRANSFER and (ends_on is None or occurrence.due_on <= ends_on)
        ):
            return each
    return None


def _answered(session: Session, occurrence: Occurrence) -> bool:
    """Whether the nominal date was booked on, closed, or paid by the previous system meanwhile."""
    day = occurrence.due_on
    return any(
        each.met_cents > 0 or each.instructed_cents > 0 or each.closed
        for each in occurrences.standings(session, day, day, [occurrence.agreement_id])
        if each.occurrence == occurrence
    )


def _split(
    session: Session, line: BatchLine, household_id: str, amount_cents: int, agreement: Agreement
) -> tuple[int, int]:
    """Own money that pays it, and what two people must decide about, in cents."""
    money = ledger.household_money(session, [household_id], clock.today())[household_id]
    claims = sum(
        each.own_cents
        for each in reading.held_of(session, household_id)
        if each.end_to_end_id != line.end_to_end_id
    )
    own_cents = min(max(0, money.free_to_spend_cents - claims), amount_cents)
    room_cents = money.room_cents if agreement.guaranteed else 0
    return own_cents, max(0, amount_cents - own_cents - room_cents)


def _decided(
    session: Session, line: BatchLine, asked: Asked, advance_cents: int, by: Actor, reason: str
) -> bool:
    """Whether two people now agree to go above the limit; the first is remembered, the second decides."""
    by.require(Permission.EXCEED_LIMIT)
    first = _first_person(session, line, asked)
    if first is None:
        why = f"Vrijgegeven boven de grens: {reason}"
        step = NewStep(line.end_to_end_id, PaymentState.HELD, reason=why, asked=asked)
        writing.step_payments(session, [step], by)
        audit.record(session, by, "payment release asked", line.end_to_end_id, reason)
        return False
    if first == by.user:
        raise TwoPeople(user=by.user, what=f"betaling {line.end_to_end_id}")
    household_id, today = line.household_id or "", clock.today()
    money = ledger.household_money(session, [household_id], today)[household_id]
    rules = policy.policy_on(session, today)
    policy.decide_limit(
        session,
        household_id,
        max(money.limit_cents, money.advance_cents + money.advance_reserved_cents + advance_cents),
        valid_from=today,
        valid_until=add_bank_days(today, rules.hold_bank_days),
        proposed_by=Actor(first, users.user(session, first).roles, by.channel),
        approved_by=by.user,
        reason=reason,
    )
    return True


def _first_person(session: Session, line: BatchLine, asked: Asked) -> str | None:
    """Who agreed to this before: to no less, to the same payee, not too long ago; None when nobody did."""
    known = reading.last_asked(session, line.end_to_end_id)
    if known is None:
        return None
    step, before = known
    today = clock.today()
    age = bank_days_between(step.recorded_at.astimezone(clock.AMSTERDAM).date(), today)
    if age > policy.policy_on(session, today).hold_bank_days or not before.covers(asked):
        return None
    return step.by_user


def _propose_released(
    session: Session,
    line: BatchLine,
    agreement: Agreement,
    amount_cents: int,
    own_cents: int,
    by: Actor,
    reason: str,
) -> Released:
    today = clock.today()
    due_on = line.occurrence.due_on if line.occurrence else today
    now, cutoff = clock.now().astimezone(clock.AMSTERDAM), policy.policy_on(session, today).cutoff
    execution = execution_day(due_on, now, cutoff)
    remittance, reference = message(agreement, due_on)
    advance = f" en {show(amount_cents - own_cents)} voorschot" if own_cents < amount_cents else ""
    new = NewPayment(
        end_to_end_id=writing.payment_ids(session, today, 1)[0],
        household_id=line.household_id,
        resident_id=agreement.resident_id,
        occurrence=line.occurrence,
        amount_cents=amount_cents,
        own_cents=own_cents,
        advanced_cents=amount_cents - own_cents,
        agreed_cents=agreement.amount_cents,
        counter_name=agreement.counterparty_name,
        counter_iban=agreement.iban,
        remittance=remittance,
        reference=reference,
        execution_on=execution.on,
        late=execution.late,
        explanation=f"Vrijgegeven door {by.user}: {reason}. {show(own_cents)} van het eigen geld{advance}.",
    )
    batch_id = add_batch(session, [new], today, paying_account(session).iban, by)
    audit.record(session, by, "payment release", line.end_to_end_id, reason, {"batch": batch_id})
    return Released(batch_id, new.end_to_end_id)


def _solve(session: Session, line: BatchLine, by: Actor, reason: str) -> None:
    raised = signals.signals(
        session,
        household_id=line.household_id,
        kinds=[SignalKind.HELD, SignalKind.HELD_TOO_LONG, SignalKind.RETURNED],
        silenced=True,
    )
    first = line.end_to_end_id.partition(writing.REDRAFT)[0]
    about = [each.id for each in raised if each.end_to_end_id in {line.end_to_end_id, first}]
    signals.solve(session, about, by, reason)


def refund(
    session: Session,
    transaction_id: int,
    *,
    amount_cents: int,
    payee_name: str,
    payee_iban: str,
    remittance: str,
    by: Actor,
    account: str | None = None,
) -> str:
    """Propose to pay money in suspense back to its payer, by the same four eyes; gives the batch's id.

    `account` is the municipal account on which it came, which is the one that pays. Raises NotAllowed,
    RefundedBefore, NoAmount, NotAnIban, NoAccount.
    """
    by.require(Permission.REFUND)
    if amount_cents <= 0:
        raise NoAmount
    writing.one_at_a_time(session)
    before = refund_of(session, transaction_id)
    if before is not None:
        raise RefundedBefore(transaction=transaction_id, payment=before.end_to_end_id)
    iban = account or paying_account(session).iban
    new = replace(
        _loose(session, amount_cents, payee_name, payee_iban, remittance),
        refund_of=transaction_id,
        source=suspense(iban),
        explanation="Terug naar de betaler.",
    )
    return add_batch(session, [new], clock.today(), iban, by)


def refund_of(session: Session, transaction_id: int) -> BatchLine | None:
    """The payment by which a transaction is, or will be, paid back; None when there is none."""
    return reading.refund_of(session, transaction_id)


def pay_out(
    session: Session,
    household_id: str,
    *,
    amount_cents: int,
    payee_name: str,
    payee_iban: str,
    purpose: str,
    by: Actor,
    remittance: str = "",
) -> str:
    """Propose to pay from a household's own money without an agreement; gives the batch's id.

    For a final settlement, or from what was set aside. Raises NotAllowed, NoAmount, NotEnoughMoney,
    NotAnIban, NoAccount.
    """
    by.require(Permission.PROPOSE)
    if amount_cents <= 0:
        raise NoAmount
    ledger.lock_households(session, [household_id])
    today = clock.today()
    money = ledger.household_money(session, [household_id], today)[household_id]
    if money.free_to_spend_cents < amount_cents:
        raise NotEnoughMoney(free=show(money.free_to_spend_cents), amount=show(amount_cents))
    new = replace(
        _loose(session, amount_cents, payee_name, payee_iban, remittance or purpose),
        household_id=household_id,
        purpose=purpose,
        explanation=f"{show(amount_cents)} van het eigen geld: {purpose}.",
    )
    return add_batch(session, [new], today, paying_account(session).iban, by)


def _loose(
    session: Session, amount_cents: int, payee_name: str, payee_iban: str, remittance: str
) -> NewPayment:
    """One payment that answers no agreement, on the first day that the bank takes."""
    today = clock.today()
    cutoff = policy.policy_on(session, today).cutoff
    return NewPayment(
        end_to_end_id=writing.payment_ids(session, today, 1)[0],
        household_id=None,
        resident_id=None,
        occurrence=None,
        amount_cents=amount_cents,
        own_cents=amount_cents,
        advanced_cents=0,
        agreed_cents=amount_cents,
        counter_name=payee_name,
        counter_iban=read_iban(payee_iban),
        remittance=remittance,
        reference=None,
        execution_on=first_open_day(clock.now().astimezone(clock.AMSTERDAM), cutoff),
        late=False,
        explanation="",
    )


def pay_again(session: Session, lines: Sequence[BatchLine], debtor_iban: str, by: Actor) -> list[str]:
    """Propose refunds and payouts of a withdrawn batch once more, on the first day that the bank takes."""
    batches = []
    for line in lines:
        again = _loose(session, line.amount_cents, line.counter_name, line.counter_iban, line.remittance)
        new = replace(
            again,
            household_id=line.household_id,
            refund_of=line.refund_of,
            purpose=line.purpose,
            explanation=line.explanation,
            source=suspense(debtor_iban) if line.refund_of is not None else "",
        )
        batches.append(add_batch(session, [new], clock.today(), debtor_iban, by))
    return batches
