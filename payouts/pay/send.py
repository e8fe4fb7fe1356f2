"""Make the file of an approved batch, once, and follow it to the bank."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from bank_formats import pain001
from bank_formats.credit_transfer import CreditTransfer, CreditTransferBatch
from huishoudboekje import clock
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.bank_days import previous_bank_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.instructions import Instruction, Origin, Outcome
from huishoudboekje.domain.ledger import (
    Entry,
    EntryKind,
    Phase,
    advance,
    household,
    in_transit,
    moved,
    suspense,
)
from huishoudboekje.domain.signals import Signal, SignalKind, signal
from huishoudboekje.storage import archive, audit, instructions, ledger, signals
from huishoudboekje.storage.archive import ArchivedFile, FileKind
from huishoudboekje.storage.instructions import Shown
from payouts.batch import (
    BatchLine,
    BatchState,
    PaymentState,
    Summary,
    TwoPeople,
    require_reason,
    require_step,
)
from payouts.pay.approve import Judgement, changes_of, locked, send_back
from payouts.store import planning, reading, writing
from payouts.store.planning import Debtor


class BankHadIt(Refused):
    """De bank heeft betaalbatch {batch} wel gehad: op een afschrift staan al {payments} betalingen."""


def export(
    session: Session, batch_id: str, by: Actor, version: pain001.Version = "09"
) -> ArchivedFile | Judgement:
    """Make the payment file of an approved batch; again, give the same bytes from the archive.

    The file is valid pain.001.001 in that version, in the archive before the batch is exported; own and
    advanced part move to in transit. What is no longer as it was approved goes back to the proposer
    instead: the caller commits, and tells. Raises NotAllowed, NotFound, WrongStep; bank_formats' refusals
    name a payment that no bank takes.
    """
    by.require(Permission.SEND)
    batch = locked(session, batch_id)
    known = writing.file_of(session, batch_id)
    if known is not None:
        return archive.file(session, known)
    require_step(batch_id, batch.state, BatchState.EXPORTED)
    changes = changes_of(session, batch)
    if changes:
        return send_back(session, batch, changes, by)
    account = _account(session, batch)
    made = _make_file(session, batch, account, version, by)
    writing.add_file(session, batch, made.id, made.sha256)
    writing.step_batch(session, batch_id, BatchState.EXPORTED, by)
    sent = reading.lines(session, batch_id, PaymentState.EXPORTED)
    instructions.add(session, (_instruction(each, batch, account) for each in sent))
    ledger.resolve(
        session,
        [each.end_to_end_id for each in sent],
        phase=Phase.POSTED,
        kind=EntryKind.SENT,
        key_prefix="sent",
        effective_on=clock.today(),
        by=by,
    )
    audit.record(session, by, "batch export", batch_id, facts={"sha256": made.sha256})
    return made


def _account(session: Session, batch: Summary) -> Debtor:
    account = planning.debtor(session, batch.debtor_iban)
    if account is None:
        raise LookupError(batch.debtor_iban)  # a foreign key of the batch
    return account


def _make_file(
    session: Session, batch: Summary, account: Debtor, version: pain001.Version, by: Actor
) -> ArchivedFile:
    head = CreditTransferBatch(
        message_id=batch.payment_information_id,
        payment_information_id=batch.payment_information_id,
        created_at=clock.now().astimezone(clock.AMSTERDAM).replace(tzinfo=None, microsecond=0),
        execution_date=batch.execution_on,
        debtor_name=account.name,
        debtor_iban=account.iban,
        debtor_bic=account.bic,
        batch_booking=account.batch_booking,
    )
    name = f"{batch.payment_information_id}.xml"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as out:
            pain001.write(head, _fitted(session, batch.id), out, version)
        return archive.store(session, FileKind.PAYMENT_FILE, name, path, by)


def _fitted(session: Session, batch_id: str) -> Iterator[CreditTransfer]:
    for payment in reading.transfers(session, batch_id):
        yield pain001.fitted(payment).payment


def _instruction(payment: BatchLine, batch: Summary, account: Debtor) -> Instruction:
    return Instruction(
        end_to_end_id=payment.end_to_end_id,
        payment_information_id=batch.payment_information_id,
        household_id=payment.household_id or "",
        occurrence=payment.occurrence,
        amount_cents=payment.amount_cents,
        own_cents=payment.own_cents,
        advanced_cents=payment.advanced_cents,
        counter_iban=payment.counter_iban,
        debtor_iban=batch.debtor_iban,
        execution_on=batch.execution_on,
        batch_booking=account.batch_booking,
        origin=Origin.OURS,
    )


def sent(session: Session, batch_id: str, by: Actor, reason: str | None = None) -> None:
    """Confirm that the bank has the file, also when somebody doubted it.

    Raises NotAllowed, NotFound, WrongStep.
    """
    by.require(Permission.SEND)
    batch = locked(session, batch_id)
    require_step(batch_id, batch.state, BatchState.SENT)
    writing.step_batch(session, batch_id, BatchState.SENT, by, reason)
    audit.record(session, by, "batch sent", batch_id, reason)


def not_delivered(session: Session, batch_id: str, by: Actor, reason: str) -> BatchState:
    """Say that the bank never had a file, with the evidence in words; a second person must agree.

    After the first the batch is doubted. After the second its money goes back and its occurrences fall due
    again. Raises NotAllowed, NotFound, WrongStep, TwoPeople, NoReason, and BankHadIt when a statement shows
    one of its payments, whatever it was booked on.
    """
    by.require(Permission.SEND)
    why = require_reason(reason)
    batch = locked(session, batch_id)
    doubted = batch.state is BatchState.DOUBTED
    wanted = BatchState.NOT_DELIVERED if doubted else BatchState.DOUBTED
    require_step(batch_id, batch.state, wanted)
    if doubted and reading.last_step(session, batch_id).by_user == by.user:
        raise TwoPeople(user=by.user, what=f"betaalbatch {batch_id}")
    _refuse_what_the_bank_showed(session, batch)
    if doubted:
        _give_back(session, batch, reading.lines(session, batch_id, PaymentState.EXPORTED), by, why)
    writing.step_batch(session, batch_id, wanted, by, why)
    audit.record(session, by, f"batch {wanted}", batch_id, why)
    return wanted


def _refuse_what_the_bank_showed(session: Session, batch: Summary) -> None:
    sent_under = instructions.find(session, payment_information_ids=[batch.payment_information_id])
    shown = sum(each.settled_cents > 0 or each.returned_cents > 0 for each in sent_under)
    shown = max(shown, reading.debits_shown(session, batch))
    if shown:
        raise BankHadIt(batch=batch.id, payments=shown)


def _give_back(
    session: Session, batch: Summary, payments: Sequence[BatchLine], by: Actor, reason: str
) -> None:
    """Book back what was in transit: first what is still owed of the advance, the rest to the household."""
    today, source = clock.today(), in_transit(batch.payment_information_id)
    names = {advance(each.household_id) for each in payments if each.household_id}
    owed = defaultdict(
        int, {name: each.shown_cents for name, each in ledger.balances(session, names).items()}
    )
    entries, shown = [], []
    for each in payments:
        back = 0
        target = suspense(batch.debtor_iban)
        if each.household_id is not None:
            target, debt = household(each.household_id), advance(each.household_id)
            back = min(each.advanced_cents, owed[debt])
            owed[debt] -= back
        transfers = moved(source, target, each.amount_cents - back, each.end_to_end_id)
        if back and each.household_id is not None:
            transfers = (*moved(source, advance(each.household_id), back, each.end_to_end_id), *transfers)
        key = f"not_delivered:{each.end_to_end_id}"
        entries.append(Entry(key, EntryKind.NOT_DELIVERED, today, transfers, reason=reason))
        shown.append(
            Shown(
                each.end_to_end_id,
                Outcome.NOT_DELIVERED,
                each.amount_cents,
                each.amount_cents - back,
                back,
                today,
                None,
            )
        )
    ledger.post(session, entries, by)
    instructions.record(session, shown)


def sent_not_booked(session: Session, on: date) -> list[BatchLine]:
    """The payments that no statement shows two banking days after their day of execution, oldest first."""
    return reading.on_their_way(session, previous_bank_day(previous_bank_day(on)))


def signal_sent_not_booked(session: Session, on: date, by: Actor) -> int:
    """Raise a signal for each of `sent_not_booked`, solve those that came; gives how many there are now.

    Of a batch that is missing as a whole there is one signal.
    """
    missing: dict[str, list[BatchLine]] = defaultdict(list)
    for each in sent_not_booked(session, on):
        missing[each.batch_id or ""].append(each)
    raised = [one for batch_id, found in missing.items() for one in _missing(session, batch_id, found)]
    signals.raise_signals(session, raised, by)
    signals.solve_gone(session, [SignalKind.SENT_NOT_BOOKED], raised, by)
    return len(raised)


def _missing(session: Session, batch_id: str, found: Sequence[BatchLine]) -> list[Signal]:
    batch = reading.summary(session, batch_id)
    if len(found) == batch.payments > 1:
        who = f"{len(found)} ontvangers van betaalbatch {batch_id}"
        return [
            signal(
                SignalKind.SENT_NOT_BOOKED,
                since=batch.execution_on,
                subject=batch_id,
                who=who,
                amount_cents=batch.amount_cents,
                sent_on=batch.execution_on,
            )
        ]
    return [
        signal(
            SignalKind.SENT_NOT_BOOKED,
            since=each.execution_on,
            household_id=each.household_id,
            occurrence=each.occurrence,
            subject=each.end_to_end_id,
            who=each.counter_name,
            amount_cents=each.amount_cents,
            sent_on=each.execution_on,
        )
        for each in found
    ]
