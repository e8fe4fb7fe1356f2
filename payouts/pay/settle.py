"""Take over what the statements show: settled, returned, and what people must know of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.bank_days import first_open_day, show_day
from huishoudboekje.domain.signals import Signal, SignalKind, return_reason, signal
from huishoudboekje.storage import policy, signals
from payouts.batch import NOT_LIVE, BatchLine, PaymentState, bank_state
from payouts.pay.propose import held_signal
from payouts.store import outcomes, reading, writing
from payouts.store.outcomes import Return, Seen
from payouts.store.writing import NewPayment, NewStep


@dataclass(frozen=True, slots=True)
class Followed:
    """What the statements changed: how many payments settled, which came back, and what is held of those."""

    settled: int
    returned: tuple[str, ...]
    redrafts: tuple[str, ...]


def follow_bank(session: Session, since: datetime, by: Actor) -> Followed:
    """Derive the states of payments from what ingest recorded since a moment, in the same transaction.

    A return raises a signal in plain Dutch. What came back whole is proposed once more, but held: a person
    looks at it before it leaves again. Doing it again changes nothing.
    """
    seen = outcomes.seen_since(session, since)
    if not seen:
        return Followed(0, (), ())
    returns = outcomes.returns_since(session, since)
    _withdraw_redrafts(session, seen, by)
    steps = [step for each in seen if (step := _step(each)) is not None]
    writing.step_payments(session, steps, by)
    back = [each.end_to_end_id for each in steps if each.state is PaymentState.RETURNED]
    lines = {each: reading.line(session, each) for each in {*back, *(one.end_to_end_id for one in returns)}}
    signals.raise_signals(session, (_returned(lines[each.end_to_end_id], each) for each in returns), by)
    redrafts = _redraft(session, [lines[each] for each in back], returns, by)
    settled = sum(each.state in {PaymentState.SETTLED, PaymentState.SETTLED_AFTER_ALL} for each in steps)
    return Followed(settled, tuple(back), tuple(redrafts))


def _withdraw_redrafts(session: Session, seen: Iterable[Seen], by: Actor) -> None:
    """Where a return was undone, or the bank paid after all, nothing needs to be paid again."""
    steps = [
        NewStep(each.other_id, PaymentState.WITHDRAWN, reason="De eerste betaling is toch gedaan.")
        for each in seen
        if each.other_id and each.other_state is PaymentState.HELD and _wanted(each) not in NOT_LIVE
    ]
    writing.step_payments(session, steps, by)


def _wanted(seen: Seen) -> PaymentState:
    taken = seen.other_state is not None and seen.other_state is not PaymentState.HELD
    return bank_state(
        seen.amount_cents,
        seen.settled_cents,
        seen.returned_cents,
        given_up=seen.given_up,
        occurrence_taken=taken,
    )


def _step(seen: Seen) -> NewStep | None:
    wanted = _wanted(seen)
    if wanted is seen.state:
        return None
    if wanted is PaymentState.EXPORTED and seen.other_state not in {None, PaymentState.HELD}:
        # Another payment has taken its place: only that one is waited for.
        return None
    return NewStep(seen.end_to_end_id, wanted)


def _returned(payment: BatchLine, back: Return) -> Signal:
    return signal(
        SignalKind.RETURNED,
        since=back.booked_on,
        household_id=payment.household_id,
        occurrence=payment.occurrence,
        subject=payment.end_to_end_id,
        who=payment.counter_name,
        amount_cents=back.amount_cents,
        booked_on=back.booked_on,
        why=return_reason(back.reason_code),
    )


def _redraft(session: Session, back: Sequence[BatchLine], returns: Iterable[Return], by: Actor) -> list[str]:
    """Hold what came back whole, for a person to look at the account and let it go again."""
    answered = [each for each in back if each.occurrence is not None]
    if not answered:
        return []
    today = clock.today()
    execution_on = first_open_day(
        clock.now().astimezone(clock.AMSTERDAM), policy.policy_on(session, today).cutoff
    )
    numbers = reading.count_redrafts(session, [each.end_to_end_id for each in answered])
    why = {each.end_to_end_id: each for each in returns}
    held = [
        _held_again(each, numbers.get(each.end_to_end_id, 0) + 1, why.get(each.end_to_end_id), execution_on)
        for each in answered
    ]
    writing.add_payments(session, None, held, by)
    signals.raise_signals(session, (held_signal(each, today) for each in held), by)
    return [each.end_to_end_id for each in held]


def _held_again(payment: BatchLine, number: int, back: Return | None, execution_on: date) -> NewPayment:
    came = f"Kwam terug op {show_day(back.booked_on)}: {return_reason(back.reason_code)}." if back else ""
    own_cents = min(payment.amount_cents, back.own_cents) if back else payment.own_cents
    return NewPayment(
        # Numbered by the payment that came back, as this happens while others make payments.
        end_to_end_id=f"{payment.end_to_end_id}{writing.REDRAFT}{number}",
        household_id=payment.household_id,
        resident_id=payment.resident_id,
        occurrence=payment.occurrence,
        amount_cents=payment.amount_cents,
        own_cents=own_cents,
        advanced_cents=payment.amount_cents - own_cents,
        agreed_cents=payment.agreed_cents,
        counter_name=payment.counter_name,
        counter_iban=payment.counter_iban,
        remittance=payment.remittance,
        reference=payment.reference,
        execution_on=execution_on,
        late=True,
        explanation=f"{came} Kijk of naam en rekeningnummer kloppen. "
        "Geef de betaling daarna vrij, of trek haar in.".strip(),
    )
