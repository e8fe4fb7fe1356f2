"""Closing a day: the proof that bank, ledger, households and batches agree, or what differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sqlalchemy.orm import Session

from huishoudboekje.day import noticing, taking_in
from huishoudboekje.domain.access import Actor, Permission
from huishoudboekje.domain.bank_days import previous_bank_day, show_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.ledger import DEBIT_NORMAL, AccountKind, bank, kind_of
from huishoudboekje.domain.money import show
from huishoudboekje.storage import accounts, audit, day_closes, instructions, ledger, people
from ingest import statements
from ingest import store as ingest_store
from ingest.statements import Gap
from ingest.states import Standing
from payouts import pay

MOST_TOLD: Final = 5


@dataclass(slots=True)
class Difference:
    """Two figures that should be one, in cents."""

    what: str
    expected_cents: int
    found_cents: int

    @property
    def sentence(self) -> str:
        """The difference in Dutch."""
        expected, found = show(self.expected_cents), show(self.found_cents)
        off = show(self.found_cents - self.expected_cents)
        return f"{self.what}: verwacht {expected}, gevonden {found}, verschil {off}."


@dataclass(slots=True)
class Close:
    """The proof of a day: every figure in cents, what differs, and what is missing but explained."""

    on: date
    bank_cents: dict[str, int]
    ledger_cents: dict[str, int]
    by_kind_cents: dict[str, int]
    suspense_items: int
    differences: list[Difference]
    problems: list[str]
    gaps: list[Gap]
    asides: list[str]
    missing: list[str]

    @property
    def explained(self) -> bool:
        """Whether nothing is unexplained."""
        return not self.differences and not self.problems

    @property
    def complete(self) -> bool:
        """Whether it can be signed off: nothing unexplained, and no statement missing or kept aside."""
        return self.explained and not self.unfinished

    @property
    def unfinished(self) -> list[str]:
        """What is missing or kept aside, in sentences."""
        return [*(each.sentence for each in self.gaps), *self.asides, *self.missing]


def close_day(session: Session, on: date, by: Actor) -> Close:
    """Prove that bank, ledger, households and batches agree to the cent, or name the difference."""
    by.require(Permission.READ)
    balances = ledger.balances_on(session, on)
    gaps = statements.gaps(session, until=on)
    bank_cents: dict[str, int] = {}
    ledger_cents: dict[str, int] = {}
    differences: list[Difference] = []
    for shown in ingest_store.shown_by_bank(session, on):
        independent = shown.start_cents + shown.lines_cents
        booked = balances.get(bank(shown.iban), 0)
        bank_cents[shown.iban], ledger_cents[shown.iban] = independent, booked
        if independent != booked:
            differences.append(Difference(f"Rekening {shown.iban}", independent, booked))
        closing = _closing_cents(session, shown.iban, on)
        named = sum(each.amount_cents for each in gaps if each.iban == shown.iban)
        if closing is not None and booked + named != closing:
            differences.append(Difference(f"Eindsaldo van rekening {shown.iban}", closing, booked + named))
    total = sum(-cents if kind_of(name) in DEBIT_NORMAL else cents for name, cents in balances.items())
    if total:
        differences.append(Difference("Alle rekeningen samen", 0, total))
    differences += _compared(
        "Onderweg in batch", AccountKind.IN_TRANSIT, instructions.in_transit_on(session, on), balances
    )
    differences += _compared("Onbekend op rekening", AccountKind.SUSPENSE, _unknown(session, on), balances)
    problems = [
        f"Mutatie {each} staat niet precies één keer in de boeken."
        for each in ingest_store.not_in_ledger(session, on)
    ]
    problems += [
        f"Mutatie {ingest_store.short_id(number)} is geboekt, en gaat ook terug met betaling {payment}."
        for number, payment in pay.booked_and_refunded(session).items()
    ]
    by_kind: dict[str, int] = {kind.value: 0 for kind in AccountKind}
    for name, cents in balances.items():
        by_kind[kind_of(name).value] += cents
    asides = [
        f"Afschrift {each.header.bank_statement_id or each.id} is apart gelegd: {each.reason}"
        for each in ingest_store.statements(session, standing=Standing.KEPT_ASIDE, until=on)
    ]
    return Close(
        on,
        bank_cents,
        ledger_cents,
        by_kind,
        taking_in.count_queued(session),
        differences,
        problems,
        gaps,
        asides,
        _missing(session, on),
    )


def _missing(session: Session, on: date) -> list[str]:
    """The accounts of which no statement, be it empty, tells of the last banking day up to a day."""
    after = on + timedelta(days=1)
    day = show_day(previous_bank_day(after))
    return [
        f"Het afschrift van rekening {iban} van {day} is er nog niet."
        for iban in noticing.missing_statements(session, after)
    ]


def _unknown(session: Session, on: date) -> dict[str, int]:
    """What waits for a person by account, without what went back to its payer; cents."""
    waiting = ingest_store.waiting_on(session, on)
    for iban, cents in instructions.paid_back_on(session, on).items():
        waiting[iban] = waiting.get(iban, 0) - cents
    return waiting


def _compared(
    what: str, kind: AccountKind, expected: dict[str, int], balances: dict[str, int]
) -> list[Difference]:
    """Compare what the rows of a feature add up to with the ledger's accounts of a kind."""
    found = {name.partition(":")[2]: cents for name, cents in balances.items() if kind_of(name) is kind}
    return [
        Difference(f"{what} {subject}", expected.get(subject, 0), found.get(subject, 0))
        for subject in sorted(expected | found)
        if expected.get(subject, 0) != found.get(subject, 0)
    ]


class DayNotComplete(Refused):
    """Deze dag kan nog niet worden afgetekend ({on}). Los eerst dit op: {why}"""  # noqa: D400 - sentences of their own


def sign(session: Session, close: Close, by: Actor) -> None:
    """Put on record that a person found this day complete. Raises DayNotComplete, AlreadySigned."""
    by.require(Permission.CLOSE_DAY)
    why = [
        *(each.sentence for each in close.differences),
        *close.problems,
        *close.unfinished,
    ]
    if why:
        raise DayNotComplete(on=f"{close.on:%d-%m-%Y}", why=" ".join(why[:MOST_TOLD]))
    figures = {
        "bank_cents": close.bank_cents,
        "by_kind_cents": close.by_kind_cents,
        "ledger_hash": ledger.ledger_hash(session),
    }
    day_closes.sign(session, close.on, figures, by)
    audit.record(session, by, "day.sign", f"day:{close.on}", facts={"ledger_hash": figures["ledger_hash"]})


def balances(session: Session, on: date, by: Actor, household_id: str | None = None) -> dict[str, int]:
    """What every account shows at the end of a day, in cents, or those of one household. Raises NotFound."""
    by.require(Permission.READ)
    if household_id is not None:
        people.household(session, household_id)
    return ledger.balances_on(session, on, household_id)


def _closing_cents(session: Session, iban: str, on: date) -> int | None:
    """The closing balance of the latest statement by date."""
    filed = ingest_store.statements(session, iban=iban, standing=Standing.BOOKED, until=on)
    starts = {iban: each.balance_cents for iban, each in accounts.account_starts(session).items()}
    chain = list(statements.in_chain([each.header for each in filed], starts.get(iban, 0)))
    return chain[-1].closing_cents if chain else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: nothing, or what is broken."""

    broken: list[str]
    ledger_hash: str

    @property
    def clean(self) -> bool:
        """Whether all holds."""
        return not self.broken


def verify(session: Session, by: Actor) -> Verdict:
    """Check the ledger's invariants and the chain of the log."""
    by.require(Permission.READ)
    broken = [
        f"Rekening {each.account}: opgeslagen {show(each.stored_cents)},"
        f" nageteld {show(each.replayed_cents)}."
        for each in ledger.replay_mismatches(session)
    ]
    if total := ledger.total_cents(session):
        broken.append(f"Alle rekeningen samen zijn {show(total)} in plaats van nul.")
    broken += [
        f"Mutatie {each} staat niet precies één keer in de boeken."
        for each in ingest_store.not_in_ledger(session, date.max)
    ]
    if problem := audit.verify(session):
        broken.append(f"Het logboek is veranderd: {problem}")
    return Verdict(broken, ledger.ledger_hash(session))
