"""What people look at before they act: the state of the day, the worklist with its candidates, statements.

Nothing here changes anything. Names are of residents: whoever shows them writes that in the log.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.day import taking_in
from huishoudboekje.day.closing import Close, close_day
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.agreements import Agreement, Direction
from huishoudboekje.domain.bank_days import previous_bank_day
from huishoudboekje.domain.people import MunicipalAccount
from huishoudboekje.storage import accounts, agreements, archive, people, signals, users
from huishoudboekje.storage.archive import ArchivedFile
from huishoudboekje.storage.db import MUNICIPALITY
from huishoudboekje.storage.installation import InstallationKind, kind
from huishoudboekje.storage.signals import KeptSignal
from ingest import statements as ingest_statements
from ingest import store as ingest_store
from ingest.statements import Gap
from ingest.states import Standing
from ingest.store import Booked, Filed, Listed
from payouts import pay
from payouts.batch import BatchLine, BatchState, Summary
from payouts.store import reading, writing

OPEN_STATES: Final = (
    BatchState.PROPOSED,
    BatchState.SENT_BACK,
    BatchState.APPROVED,
    BatchState.EXPORTED,
    BatchState.DOUBTED,
)
MOST_FOUND: Final = 20
LIKELY: Final = 50


@dataclass(frozen=True, slots=True)
class About:
    """Whose installation this is, and whether its people and money are made up."""

    municipality: str
    kind: InstallationKind


def about(session: Session) -> About:
    """Whose installation this is."""
    name = session.scalar(
        text("SELECT name FROM municipality WHERE id = :id"), {"id": session.info[MUNICIPALITY]}
    )
    return About(str(name), kind(session))


def counts(session: Session, by: Actor) -> dict[str, int]:
    """How much of each waits for a person."""
    by.require(Permission.READ)
    return {
        "queued": taking_in.count_queued(session),
        "to_approve": len(reading.summaries(session, [BatchState.PROPOSED], MOST_FOUND)),
        "signals": len(signals.signals(session)),
    }


@dataclass(frozen=True, slots=True)
class AccountToday:
    """Up to which day the statements of an account are in, and whether that is far enough."""

    account: MunicipalAccount
    last_on: date | None
    up_to_date: bool


@dataclass(frozen=True, slots=True)
class Today:
    """The state of the day; `matched` of the last day's `lines` were booked by themselves."""

    expected_on: date
    accounts: Sequence[AccountToday]
    gaps: Sequence[Gap]
    kept_aside: Sequence[Filed]
    last_on: date | None
    matched: int
    lines: int
    queued: int
    oldest_on: date | None
    signals: Sequence[KeptSignal]
    held: Sequence[BatchLine]
    batches: Sequence[Summary]
    proposed_today: bool
    close: Close


def today(session: Session, by: Actor) -> Today:
    """What is done of this day, and what is left to do."""
    by.require(Permission.READ)
    day = clock.today()
    expected_on = previous_bank_day(day)
    booked = ingest_store.statements(session, standing=Standing.BOOKED)
    last = {each.header.iban: each.header.closes_on for each in booked}
    last_on = max(last.values(), default=None)
    matched, lines = tally(session, last_on, by)
    oldest = _waiting(session, 0, 1)
    batches = reading.summaries(session, None, MOST_FOUND)
    return Today(
        expected_on=expected_on,
        accounts=[
            AccountToday(each, last.get(each.iban), last.get(each.iban, date.min) >= expected_on)
            for each in accounts.municipal_accounts(session)
        ],
        gaps=ingest_statements.gaps(session),
        kept_aside=ingest_store.statements(session, standing=Standing.KEPT_ASIDE),
        last_on=last_on,
        matched=matched,
        lines=lines,
        queued=taking_in.count_queued(session),
        oldest_on=oldest[0].line.booked_on if oldest else None,
        signals=signals.signals(session),
        held=reading.waiting(session),
        batches=[each for each in batches if each.state in OPEN_STATES],
        proposed_today=any(each.planned_on == day and each.payments for each in batches),
        close=close_day(session, day_to_close(session), by),
    )


def tally(session: Session, day: date | None, by: Actor) -> tuple[int, int]:
    """Of the lines that the bank booked on a day, how many needed nobody, and how many there are."""
    by.require(Permission.READ)
    if day is None:
        return 0, 0
    row = session.execute(
        text("""
            SELECT count(*) FILTER (WHERE first.status = 'matched') AS matched, count(*) AS lines
            FROM bank_transaction t JOIN booking first
              ON first.municipality_id = t.municipality_id AND first.transaction_id = t.id AND first.step = 1
            WHERE t.booked_on = :day
        """),
        {"day": day},
    ).one()
    return row.matched, row.lines


# ---- statements


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A statement in a list, with the file in which it came."""

    filed: Filed
    file: str


def statements(session: Session, by: Actor, *, skip: int, limit: int) -> list[StatementLine]:
    """List statements, the latest day first."""
    by.require(Permission.READ)
    found = sorted(
        ingest_store.statements(session), key=lambda each: (each.header.closes_on, each.id), reverse=True
    )[skip : skip + limit]
    names = {each: archive.file(session, each).name for each in {one.header.file_id for one in found}}
    return [StatementLine(each, names[each.header.file_id]) for each in found]


def gaps(session: Session, by: Actor) -> list[Gap]:
    """What is missing in the chains of statements."""
    by.require(Permission.READ)
    return ingest_statements.gaps(session)


# ---- the worklist


@dataclass(frozen=True, slots=True)
class Option:
    """An agreement, or a household alone, that a transaction may belong to; `percent` is how certain that is.

    `speaks_for` and `speaks_against` are the evidence in words. An agreement that goes the other way does not
    fit: then the transaction can only be booked on the household.
    """

    household_id: str
    household: str
    agreement: Agreement | None
    fits: bool = True
    payment: str | None = None
    due_on: date | None = None
    percent: int | None = None
    speaks_for: Sequence[str] = ()
    speaks_against: Sequence[str] = ()

    @property
    def certain(self) -> bool:
        """Whether it is likelier than not."""
        return (self.percent or 0) >= LIKELY


@dataclass(frozen=True, slots=True)
class Waiting:
    """A transaction with whose it may be, and why nobody but a person may say so."""

    listed: Listed
    why_not: str
    options: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision on a transaction, with the names that go with it."""

    booked: Booked
    household: str | None
    agreement: Agreement | None
    by_name: str


@dataclass(frozen=True, slots=True)
class TransactionPage:
    """A transaction with all that was decided about it, and, while it waits, whose it may be."""

    waiting: Waiting
    decisions: Sequence[Decision] = field(default=())


def worklist(session: Session, by: Actor, *, after: str | None, limit: int) -> list[Waiting]:
    """Transactions that wait for a person, in the order in which they came."""
    by.require(Permission.READ)
    after_id = ingest_store.transaction_id(session, after) if after else 0
    return _with_options(session, _waiting(session, after_id, limit))


def _waiting(session: Session, after_id: int, limit: int) -> list[Listed]:
    """The first lines that wait, without those that are on their way back to their payer."""
    waiting: list[Listed] = []
    while len(waiting) < limit:
        found = ingest_store.listed(session, queued=True, limit=limit, after_id=after_id)
        if not found:
            break
        going_back = pay.refunds_of(session, [each.line.id for each in found])
        waiting += [each for each in found if each.line.id not in going_back]
        after_id = found[-1].line.id
    return waiting[:limit]


def transaction(session: Session, named: str, by: Actor) -> TransactionPage:
    """One transaction, by our id or the bank's reference. Raises NotFound, SeveralTransactions."""
    by.require(Permission.READ)
    number = ingest_store.transaction_id(session, named)
    found = ingest_store.listed(session, after_id=number - 1, limit=1)
    (waiting,) = _with_options(session, found)
    booked = ingest_store.history(session, number)
    names = household_names(session, {each.household_id for each in booked if each.household_id})
    known = agreements.latest(session, {each.agreement_id for each in booked if each.agreement_id})
    by_whom = {each.id: each.name for each in users.users(session)}
    return TransactionPage(
        waiting,
        [
            Decision(
                each,
                names.get(each.household_id or ""),
                known.get(each.agreement_id or ""),
                by_whom.get(each.by_user or "", each.by_user or ""),
            )
            for each in booked
        ],
    )


def _with_options(session: Session, found: Iterable[Listed]) -> list[Waiting]:
    told = [(each, each.booked.explanation or {}) for each in found]
    candidates = [one for _, explanation in told for one in explanation.get("candidates", ())]
    known = agreements.latest(session, {one["agreement"] for one in candidates if one["agreement"]})
    names = household_names(session, {one["household"] for one in candidates})
    return [
        Waiting(
            each,
            explanation.get("why_not", ""),
            [
                _option(one, known, names, comes_in=each.line.amount_cents > 0)
                for one in explanation.get("candidates", ())
            ],
        )
        for each, explanation in told
    ]


def _option(
    told: dict[str, Any], known: dict[str, Agreement], names: dict[str, str], *, comes_in: bool
) -> Option:
    evidence = told.get("evidence", ())
    agreement = known.get(told["agreement"] or "")
    return Option(
        household_id=told["household"],
        household=names[told["household"]],
        agreement=agreement,
        fits=agreement is not None and (agreement.direction is Direction.INCOME) == comes_in,
        payment=told.get("end_to_end_id"),
        due_on=date.fromisoformat(told["due_on"]) if told["due_on"] else None,
        percent=int(told["confidence"] * 100),
        speaks_for=[words for words, weight in evidence if weight > 0],
        speaks_against=[words for words, weight in evidence if weight < 0],
    )


def day_to_close(session: Session) -> date:
    """The day to sign off: the last of which a statement tells, or the banking day before today."""
    today = clock.today()
    booked = ingest_store.statements(session, standing=Standing.BOOKED, until=today)
    return max((each.header.closes_on for each in booked), default=previous_bank_day(today))


def household_names(session: Session, household_ids: Collection[str]) -> dict[str, str]:
    """The names of these households' residents, by household."""
    found: dict[str, list[str]] = {each: [] for each in household_ids}
    for resident in people.residents_without_bsn(session, list(household_ids)):
        found[resident.household_id].append(resident.name)
    return {each: " en ".join(names) or each for each, names in found.items()}


def search(session: Session, words: str, *, comes_in: bool, by: Actor) -> list[Option]:
    """Households that somebody is looking for, each followed by its agreements in one direction."""
    by.require(Permission.READ)
    ids = list(dict.fromkeys(each.household_id for each in people.find_residents(session, words, MOST_FOUND)))
    names = household_names(session, ids)
    direction = Direction.INCOME if comes_in else Direction.EXPENSE
    found = agreements.for_households(session, ids)
    options: list[Option] = []
    for each in ids:
        latest = {one.id: one for one in found[each] if one.direction is direction}
        options.append(Option(each, names[each], None))
        options += [Option(each, names[each], one) for one in latest.values()]
    return options


# ---- batches


def may_not_approve(session: Session, batch_id: str, by: Actor) -> bool:
    """Whether somebody proposed the batch or changed a payment in it."""
    return by.user in reading.touched_by(session, batch_id)


def payment_file(session: Session, batch_id: str, by: Actor) -> ArchivedFile | None:
    """The file of a batch as it was made; None before that. Raises NotAllowed."""
    by.require(Permission.SEND)
    number = writing.file_of(session, batch_id)
    return None if number is None else archive.file(session, number)


def open_signals(session: Session, by: Actor) -> list[KeptSignal]:
    """Signals that ask for somebody today, oldest first."""
    by.require(Permission.READ)
    return signals.signals(session)


def user_names(session: Session) -> dict[str, str]:
    """The names of who works here, by id."""
    return {each.id: each.name for each in users.users(session)}
