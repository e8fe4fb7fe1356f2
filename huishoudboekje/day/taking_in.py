"""Taking in bank files, and what people decide on transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.day import settling
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.signals import Signal, SignalKind, signal
from huishoudboekje.storage import accounts, audit, ledger, signals
from ingest import booking, by_hand, statements
from ingest import store as ingest_store
from ingest.by_hand import Part
from ingest.statements import Gap, Judged, Progress
from ingest.states import BookingStatus, Standing
from ingest.store import Booked, Filed, Listed
from payouts import pay


class BeingRefunded(Refused):
    """Mutatie {id} gaat terug naar de betaler met betaling {payment}. Haal die eerst uit de betaalbatch."""


@dataclass(slots=True)
class Summary:
    """What became of one bank file, in counts of lines; gaps and what was kept aside as sentences."""

    file: str
    known: bool
    statements: int
    entries: int
    transactions: int
    matched: int = 0
    queued: int = 0
    doubles: int = 0
    kept_aside: int = 0
    before_start: int = 0
    not_booked_by_bank: int = 0
    asides: list[str] = field(default_factory=list)
    verdicts: list[Judged] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)


def take_in(session: Session, path: Path, name: str, by: Actor, progress: Progress | None = None) -> Summary:
    """Take in a bank file, reconcile and book it: whole, or nothing of it.

    Raises what ingest.statements.take_in raises.
    """
    by.require(Permission.TAKE_IN_STATEMENTS)
    ledger.lock_households(session, [])  # one file at a time: what is known decides what is new
    taken = statements.take_in(session, path, name, by, progress)
    summary = Summary(
        file=name,
        known=taken.known,
        statements=taken.statements,
        entries=taken.entries,
        transactions=taken.transactions,
        doubles=taken.doubles,
        kept_aside=taken.kept_aside,
        before_start=taken.before_start,
        not_booked_by_bank=taken.not_booked_by_bank,
        asides=taken.asides,
        verdicts=taken.verdicts,
    )
    _book_new(session, taken, summary, by, progress)
    return summary


def statements_taken_in(session: Session, by: Actor, *, aside: bool = False) -> list[Filed]:
    """List the statements by account and day, or those alone that were kept aside."""
    by.require(Permission.READ)
    return ingest_store.statements(session, standing=Standing.KEPT_ASIDE if aside else None)


def accept_statement(session: Session, statement_id: int, reason: str, by: Actor) -> Summary:
    """Book a statement that was kept aside, on a person's word."""
    by.require(Permission.BOOK)
    ledger.lock_households(session, [])
    aside = ingest_store.statement(session, statement_id)
    taken = statements.Taken(aside.header.bank_statement_id or str(aside.id))
    statements.accept(session, aside, by, taken, reason)
    summary = Summary(taken.file, known=False, statements=1, entries=0, transactions=taken.transactions)
    _book_new(session, taken, summary, by, None)
    audit.record(session, by, "statement.accept", f"statement:{statement_id}", reason)
    return summary


def _book_new(
    session: Session, taken: statements.Taken, summary: Summary, by: Actor, progress: Progress | None
) -> None:
    since = clock.now()
    own_ibans = [each.iban for each in accounts.municipal_accounts(session)]
    for filed in taken.new:
        tally = booking.book_statement(session, filed.id, own_ibans, by, progress)
        summary.matched += tally.matched
        summary.queued += tally.queued
    pay.follow_bank(session, since, by)
    settling.signal_late_income(session, by, statement_ids=[each.id for each in taken.new])
    summary.gaps = statements.gaps(session)
    signals.raise_signals(session, [_gap_signal(each) for each in summary.gaps], by)
    audit.record(
        session,
        by,
        "statement.take_in",
        f"file:{taken.file}",
        facts={"transactions": summary.transactions, "queued": summary.queued, "doubles": summary.doubles},
    )


def _gap_signal(gap: Gap) -> Signal:
    return signal(
        SignalKind.GAP,
        since=clock.today(),
        subject=f"{gap.iban}:{gap.after_on}:{gap.before_on}",
        iban=gap.iban,
        number=", ".join(map(str, gap.missing)) or "zonder nummer",
        after_on=gap.after_on,
        before_on=gap.before_on,
        amount_cents=gap.amount_cents,
    )


def matches(session: Session, by: Actor) -> Iterator[dict[str, object]]:
    """Say of every transaction whose it is, in the form that a scorer reads."""
    by.require(Permission.READ)
    for ref, number, amount_cents, booked in ingest_store.bookings(session):
        yield {
            "ref": ref,
            "id": ingest_store.short_id(number),
            "household": booked.household_id,
            "agreement": booked.agreement_id,
            "batch": booked.payment_information_id if booked.household_id is None else None,
            "due_date": booked.occurrence.due_on.isoformat() if booked.occurrence else None,
            "status": "queued" if booked.status is BookingStatus.QUEUED else "matched",
            "confidence": booked.confidence,
            "amount_cents": amount_cents,
            "booked_on": booked.booked_on.value,
        }


def count_queued(session: Session) -> int:
    """How many transactions wait for a person; what goes back to its payer does not."""
    return ingest_store.count_queued(session) - pay.count_refunds(session)


def transactions(
    session: Session,
    by: Actor,
    *,
    queued: bool = False,
    household_id: str | None = None,
    statement_id: int | None = None,
    limit: int = 500,
    after: str | None = None,
) -> list[Listed]:
    """List transactions in the order of taking in, after one of our ids, narrowed by what is given.

    What is on its way back to its payer waits for nobody, and is not `queued`.
    """
    by.require(Permission.READ)
    found = ingest_store.listed(
        session,
        queued=queued,
        household_id=household_id,
        statement_id=statement_id,
        limit=limit,
        after_id=ingest_store.transaction_id(session, after) if after else 0,
    )
    if queued:
        going_back = pay.refunds_of(session, [each.line.id for each in found])
        found = [each for each in found if each.line.id not in going_back]
    return found


def transaction(session: Session, named: str, by: Actor) -> tuple[Listed, list[Booked]]:
    """Look at one transaction and its decisions, by our id or the bank's ref."""
    by.require(Permission.READ)
    number = ingest_store.transaction_id(session, named)
    (found,) = ingest_store.listed(session, after_id=number - 1, limit=1)
    return found, ingest_store.history(session, number)


def book(session: Session, named: str, part: Part | None, by: Actor) -> str:
    """Book a queued transaction; `part` None accepts the best candidate. Gives our id."""
    by.require(Permission.BOOK)
    ledger.lock_households(session, [])  # who proposes to pay it back at this moment holds the money
    number = ingest_store.transaction_id(session, named)
    _refuse_refunded(session, number)
    since = clock.now()
    if part is None:
        part = by_hand.best(session, number)
    by_hand.book(session, number, part, by)
    pay.follow_bank(session, since, by)
    settling.signal_late_income(session, by, transaction_id=number)
    audit.record(session, by, "transaction.book", f"transaction:{ingest_store.short_id(number)}")
    return ingest_store.short_id(number)


def _refuse_refunded(session: Session, number: int) -> None:
    refund = pay.refund_of(session, number)
    if refund is not None:
        raise BeingRefunded(id=ingest_store.short_id(number), payment=refund.end_to_end_id)


def split(session: Session, named: str, parts: Sequence[Part], by: Actor) -> str:
    """Book a queued transaction in parts that add up to it. Gives our id."""
    by.require(Permission.BOOK)
    ledger.lock_households(session, [])  # who proposes to pay it back at this moment holds the money
    number = ingest_store.transaction_id(session, named)
    _refuse_refunded(session, number)
    since = clock.now()
    by_hand.split(session, number, parts, by)
    pay.follow_bank(session, since, by)
    audit.record(session, by, "transaction.split", f"transaction:{ingest_store.short_id(number)}")
    return ingest_store.short_id(number)


def unbook(session: Session, named: str, reason: str, by: Actor) -> str:
    """Undo the decision on a transaction by reversal; it waits for a person again. Gives our id."""
    by.require(Permission.UNBOOK)
    ledger.lock_households(session, [])
    number = ingest_store.transaction_id(session, named)
    since = clock.now()
    by_hand.unbook(session, number, reason, by)
    pay.follow_bank(session, since, by)
    audit.record(session, by, "transaction.unbook", f"transaction:{ingest_store.short_id(number)}", reason)
    return ingest_store.short_id(number)
