"""Paying: plan, propose, judge, send and follow, each in its caller's transaction.

The features' verbs ask for the permission and write the log themselves; here transactions of the bank are
found, and files leave the archive.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import archive, audit, ledger
from huishoudboekje.storage.archive import ArchivedFile
from ingest import store as ingest_store
from ingest.states import BookingStatus
from payouts import pay
from payouts.batch import Batch, BatchLine, BatchState, Step, Summary
from payouts.pay import Judgement, Released
from payouts.plan import Plan


class NotInSuspense(Refused):
    """Mutatie {id} is al geboekt. Alleen geld waarvan niet bekend is van wie het is, gaat terug."""


class PaidByUs(Refused):
    """Mutatie {id} is geld dat wij betaalden. Alleen wat is ontvangen, kan terug."""


class NoPayer(Refused):
    """Van mutatie {id} noemt de bank geen rekening van de betaler. Vraag de bank van wie het geld kwam."""


class OtherFileThere(Refused):
    """In {path} staat al een ander bestand. Kies een andere map."""


def plan(session: Session, on: date, by: Actor) -> Plan:
    """What would be paid on a day, from what, and why; changes nothing. Raises NotAllowed, NoAccount."""
    by.require(Permission.READ)
    return pay.plan(session, on)


def propose(session: Session, on: date, by: Actor) -> list[Summary]:
    """Propose what is due and nothing answers yet; gives the batches. Raises NotAllowed, NoAccount."""
    return [pay.show(session, each).summary for each in pay.propose(session, on, by)]


def propose_again(session: Session, batch_id: str, by: Actor) -> list[Summary]:
    """Propose a batch that was sent back once more, without what changed. Raises as payouts.pay's verb."""
    return [pay.show(session, each).summary for each in pay.propose_again(session, batch_id, by)]


def approve(session: Session, batch_id: str, by: Actor) -> Judgement:
    """Approve a batch, or give it back. Raises NotAllowed, NotFound, WrongStep, FourEyes."""
    return pay.approve(session, batch_id, by)


def withdraw(session: Session, batch_id: str, reason: str, by: Actor) -> None:
    """Withdraw a batch that has no file yet. Raises NotAllowed, NotFound, WrongStep, NoReason."""
    pay.withdraw(session, batch_id, by, reason)


def remove(session: Session, batch_id: str, payment: str, reason: str, by: Actor) -> str | None:
    """Take a payment out of a batch and hold it; gives the held payment, None where there is nothing to hold.

    Raises NotAllowed, NotFound, NotInBatch, WrongStep, NoReason.
    """
    return pay.remove(session, batch_id, payment, by, reason)


def export(session: Session, batch_id: str, by: Actor) -> ArchivedFile | Judgement:
    """Make the file of an approved batch, once, or give the batch back with what changed.

    Raises NotAllowed, NotFound, WrongStep; bank_formats' refusals.
    """
    return pay.export(session, batch_id, by)


def write_out(archived: ArchivedFile, folder: Path) -> Path:
    """Write an archived file into a folder, whole or not at all; again is harmless. Raises OtherFileThere."""
    path = folder / archived.name
    if path.exists():
        if archive.sha256_of(path) != archived.sha256:
            raise OtherFileThere(path=path)
        return path
    folder.mkdir(parents=True, exist_ok=True)
    coming = path.with_name(f".{path.name}.coming")
    with archive.open_file(archived) as content, coming.open("wb") as out:
        shutil.copyfileobj(content, out)
        out.flush()
        os.fsync(out.fileno())
    coming.replace(path)
    return path


def sent(session: Session, batch_id: str, by: Actor, reason: str | None = None) -> None:
    """Confirm that the bank has the file. Raises NotAllowed, NotFound, WrongStep."""
    pay.sent(session, batch_id, by, reason)


def not_delivered(session: Session, batch_id: str, reason: str, by: Actor) -> BatchState:
    """Say that the bank never had a file; a second person must agree. Raises as payouts.pay's verb."""
    return pay.not_delivered(session, batch_id, by, reason)


def batch(session: Session, batch_id: str, by: Actor) -> Batch:
    """One batch with its payments and history. Raises NotAllowed, NotFound."""
    by.require(Permission.READ)
    return pay.show(session, batch_id)


def batches(
    session: Session, by: Actor, states: Collection[BatchState] | None = None, limit: int = 100
) -> list[Summary]:
    """The latest batches, in some states or all, latest first."""
    by.require(Permission.READ)
    return pay.list_batches(session, states, limit)


def held(session: Session, by: Actor) -> list[BatchLine]:
    """Payments that wait for a person, oldest first."""
    by.require(Permission.READ)
    return pay.held(session)


def payment(session: Session, end_to_end_id: str, by: Actor) -> tuple[BatchLine, list[Step]]:
    """One payment and its history. Raises NotAllowed, NotFound."""
    by.require(Permission.READ)
    return pay.show_payment(session, end_to_end_id)


def hold(session: Session, end_to_end_id: str, reason: str, by: Actor) -> str | None:
    """Hold a proposed payment; gives the held one. Raises NotAllowed, NotFound, NotInBatch, NoReason."""
    return pay.hold(session, end_to_end_id, by, reason)


def release(session: Session, end_to_end_id: str, reason: str, by: Actor) -> Released:
    """Let a held payment go, or ask a second person to. Raises as payouts.pay's verb."""
    return pay.release(session, end_to_end_id, by, reason)


def drop(session: Session, end_to_end_id: str, reason: str, by: Actor) -> None:
    """Withdraw a held payment for good. Raises NotAllowed, NotFound, NotHeld, NoReason."""
    pay.drop(session, end_to_end_id, by, reason)


def refund(session: Session, named: str, by: Actor) -> Summary:
    """Propose to pay a transaction of which nobody knows whose it is back to its payer.

    Raises NotAllowed, NotFound, SeveralTransactions, NotInSuspense, PaidByUs, NoPayer, RefundedBefore.
    """
    by.require(Permission.REFUND)
    # Before anything is read: who books the transaction at this moment holds the money.
    pay.one_at_a_time(session)
    ledger.lock_households(session, [])
    number = ingest_store.transaction_id(session, named)
    line, decision = ingest_store.line(session, number), ingest_store.booking(session, number)
    short = ingest_store.short_id(number)
    if line.amount_cents <= 0:
        raise PaidByUs(id=short)
    if decision is not None and decision.status is not BookingStatus.QUEUED:
        raise NotInSuspense(id=short)
    if not line.counter_iban:
        raise NoPayer(id=short)
    batch_id = pay.refund(
        session,
        number,
        amount_cents=line.amount_cents,
        payee_name=line.counter_name or line.counter_iban,
        payee_iban=line.counter_iban,
        remittance=f"Terugbetaling {line.remittance or line.ref or short}"[:140],
        by=by,
        account=line.account,
    )
    audit.record(session, by, "transaction.refund", f"transaction:{short}", facts={"batch": batch_id})
    return pay.show(session, batch_id).summary
