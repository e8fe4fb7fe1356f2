"""A second person approves, or what changed goes back to the proposer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import SYSTEM, Actor, Permission
from huishoudboekje.domain.bank_days import bank_days_between, first_open_day, show_day
from huishoudboekje.domain.ledger import Entry, EntryKind, Phase, in_transit
from huishoudboekje.domain.money import show
from huishoudboekje.domain.policy import Policy
from huishoudboekje.storage import audit, ledger, policy
from payouts.batch import (
    UNAPPROVED,
    BatchState,
    Change,
    Parts,
    PaymentState,
    Summary,
    WrongStep,
    moved_to_own,
    require_reason,
    require_second_person,
    require_step,
    told,
)
from payouts.pay.propose import parts_reserved
from payouts.store import changes as found
from payouts.store import reading, writing
from payouts.store.changes import Changed
from payouts.store.writing import NewStep

SENTENCES: Final = {
    "ended": "De afspraak met {who} loopt niet meer.",
    "closed": "Het huishouden van de betaling aan {who} is gestopt.",
    "payee": "De naam of het rekeningnummer van {who} is veranderd.",
    "amount": "Het bedrag dat met {who} is afgesproken, is niet meer {amount}.",
    "answered": "De betaling aan {who} is al op een andere manier gedaan.",
    "booked": "Het geld dat terug zou gaan naar {who}, is intussen geboekt.",
    "own": "Voor de betaling van {amount} aan {who} is niet meer genoeg eigen geld.",
    "limit": "De betaling van {amount} aan {who} past niet meer onder de grens van het voorschot.",
}


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of a batch that somebody approved: `changes` is empty, or says why it went back.

    `moved` are the payments whose advance own money has replaced, with their new parts.
    """

    batch_id: str
    state: BatchState
    changes: tuple[Change, ...] = ()
    moved: tuple[Parts, ...] = ()


def approve(session: Session, batch_id: str, by: Actor) -> Judgement:
    """Approve a batch, unless something changed since it was proposed: then it goes back, and says what.

    Own money that came in replaces advance by itself. A batch that goes back is no refusal: the caller
    commits, and tells. Raises NotAllowed, NotFound, WrongStep, FourEyes.
    """
    by.require(Permission.APPROVE)
    batch = locked(session, batch_id)
    require_step(batch_id, batch.state, BatchState.APPROVED)
    require_second_person(batch_id, by.user, reading.touched_by(session, batch_id))
    changes = changes_of(session, batch)
    if changes:
        return send_back(session, batch, changes, by)
    moved = _move_to_own(session, batch)
    writing.step_batch(session, batch_id, BatchState.APPROVED, by)
    audit.record(session, by, "batch approve", batch_id, facts={"moved": len(moved)})
    return Judgement(batch_id, BatchState.APPROVED, moved=tuple(moved))


def locked(session: Session, batch_id: str) -> Summary:
    """Wait for whoever is at work on payments, lock whose money it is, and read how the batch stands."""
    writing.one_at_a_time(session)
    ledger.lock_households(session, reading.households_of(session, batch_id))
    return reading.summary(session, batch_id)


def changes_of(session: Session, batch: Summary) -> tuple[Change, ...]:
    """What is no longer as it was proposed: the day, the payees, the amounts, the money."""
    rules = _policy(session, batch)
    changes = [_sentence(each) for each in found.changed(session, batch.id, clock.today())]
    first = _first_day(rules)
    if batch.execution_on < first:
        changes.insert(
            0,
            Change(
                f"De bank kan pas betalen op {show_day(first)}, niet meer op {show_day(batch.execution_on)}."
            ),
        )
    return tuple(changes)


def _policy(session: Session, batch: Summary) -> Policy:
    return policy.policy_on(session, batch.planned_on)


def _first_day(rules: Policy) -> date:
    return first_open_day(clock.now().astimezone(clock.AMSTERDAM), rules.cutoff)


def _sentence(changed: Changed) -> Change:
    sentence = SENTENCES[changed.why].format(who=changed.counter_name, amount=show(changed.amount_cents))
    return Change(sentence, changed.end_to_end_id)


def send_back(session: Session, batch: Summary, changes: Sequence[Change], by: Actor) -> Judgement:
    """Give a batch back to its proposer, with what changed."""
    writing.step_batch(session, batch.id, BatchState.SENT_BACK, by, told(changes))
    audit.record(session, by, "batch sent back", batch.id, facts={"changes": len(changes)})
    return Judgement(batch.id, BatchState.SENT_BACK, tuple(changes))


def _move_to_own(session: Session, batch: Summary) -> list[Parts]:
    """Replace advance by own money that is there now, as the system."""
    since = _claims_since(_policy(session, batch).hold_bank_days)
    moved = [
        (each.household_id, parts)
        for each in found.movable(session, batch.id, since)
        for parts in moved_to_own(each.payments, each.free_cents)
    ]
    if not moved:
        return []
    parts = [each for _, each in moved]
    ids = [each.end_to_end_id for each in parts]
    turn = reading.count_steps(session, batch.id)
    today, target = clock.today(), in_transit(batch.payment_information_id)
    ledger.resolve(
        session,
        ids,
        phase=Phase.VOIDED,
        kind=EntryKind.WITHDRAWN,
        key_prefix=f"moved-{turn}",
        effective_on=today,
        by=SYSTEM,
    )
    entries = [
        Entry(
            f"proposed-{turn}:{each.end_to_end_id}",
            EntryKind.PROPOSED,
            today,
            parts_reserved(household_id, each.own_cents, each.advanced_cents, target, each.end_to_end_id),
        )
        for household_id, each in moved
    ]
    ledger.post(session, entries, SYSTEM)
    why = "Eigen geld vervangt voorschot."
    steps = [NewStep(each.end_to_end_id, PaymentState.PROPOSED, each, why) for each in parts]
    writing.step_payments(session, steps, SYSTEM)
    return parts


def _claims_since(hold_bank_days: int) -> datetime:
    """The moment from which on held payments keep their claim."""
    day = clock.today()
    while bank_days_between(day, clock.today()) < hold_bank_days:
        day -= timedelta(days=1)
    return datetime.combine(day, datetime.min.time(), clock.AMSTERDAM)


def withdraw(session: Session, batch_id: str, by: Actor, reason: str) -> None:
    """Withdraw a batch that has no file yet: its money is free again, its occurrences fall due again.

    Raises NotAllowed, NotFound, WrongStep, NoReason.
    """
    by.require(Permission.EDIT_BATCH)
    why = require_reason(reason)
    batch = locked(session, batch_id)
    require_step(batch_id, batch.state, BatchState.WITHDRAWN)
    ids = [each.end_to_end_id for each in reading.lines(session, batch_id, PaymentState.PROPOSED)]
    free(session, ids, by, why)
    writing.step_batch(session, batch_id, BatchState.WITHDRAWN, by, why)
    audit.record(session, by, "batch withdraw", batch_id, why)


def take_out(session: Session, batch: Summary, payments: Collection[str], by: Actor, reason: str) -> None:
    """Withdraw payments from a batch that nobody approved; an empty batch is withdrawn with them."""
    if batch.state not in UNAPPROVED:
        raise WrongStep(batch=batch.id, state=batch.state.label, wanted="gewijzigd")
    free(session, payments, by, reason)
    steps = [NewStep(each, PaymentState.WITHDRAWN, reason=reason) for each in sorted(payments)]
    writing.step_payments(session, steps, by)
    if not reading.lines(session, batch.id, PaymentState.PROPOSED):
        writing.step_batch(session, batch.id, BatchState.WITHDRAWN, by, reason)


def free(session: Session, payments: Collection[str], by: Actor, reason: str) -> None:
    """Give back what is reserved for payments that do not leave."""
    ledger.resolve(
        session,
        payments,
        phase=Phase.VOIDED,
        kind=EntryKind.WITHDRAWN,
        key_prefix="withdrawn",
        effective_on=clock.today(),
        by=by,
        reason=reason,
    )
