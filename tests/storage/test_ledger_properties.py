"""The six invariants of the ledger, after every step of a made-up town in which anything may happen."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import psycopg.errors
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bank_formats.camt_writer import day_statement, write
from bank_formats.statement import Party, Transaction
from huishoudboekje import clock
from huishoudboekje.administration import import_administration
from huishoudboekje.day import closing, paying, taking_in
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Role
from huishoudboekje.domain.bank_days import next_bank_day
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.policy import Policy
from huishoudboekje.settings import settings
from huishoudboekje.storage import installation, users
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.tables import APPEND_ONLY
from ingest.by_hand import Part
from tests.bench import municipality
from tests.bench.municipality import ACCOUNT, DAY, LINES, counterparty, iban, reference, surname
from tests.conftest import _made

HOUSEHOLDS = 4
LIMIT_CENTS = Policy().guarantee_limit_cents
EXAMPLES = int(os.environ.get("HHB_LEDGER_EXAMPLES", "10"))
NUMBERS = count(1)
MADE_AT = datetime(2026, 11, 3, tzinfo=UTC)
ANS = Actor("ans", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
BEA = Actor("bea", frozenset({Role.APPROVER}), Channel.COMMAND_LINE)
CAS = Actor("cas", frozenset({Role.BACK_OFFICE, Role.APPROVER}), Channel.COMMAND_LINE)
PEOPLE = (ANS, BEA, CAS)
people = st.sampled_from(PEOPLE)
households = st.integers(0, HOUSEHOLDS - 1)
few_cents = st.integers(1, 90_000)


@dataclass(frozen=True)
class Made:
    """A line that the bank may show: cents signed, and who is on the other side."""

    cents: int
    party: Party
    remittance: str = ""
    end_to_end_id: str | None = None
    return_reason: str | None = None


def wage(household: int, cents: int) -> Made:
    organisation, account = counterparty(0, household)
    said = f"Kenmerk {reference(0, household)} A. {surname(household)}"
    return Made(cents, Party(f"wage {organisation}", account), said)


def collected(household: int, line: int, cents: int) -> Made:
    organisation, account = counterparty(line, household)
    party = Party(f"{LINES[line][0]} {organisation}", account)
    return Made(-cents, party, f"Klant {reference(line, household)} A. {surname(household)}")


def unknown(number: int, cents: int) -> Made:
    return Made(cents, Party(f"Iemand {number}", iban("TRIO", 700_000_000 + number)), "Zoals afgesproken")


lines = st.lists(
    st.one_of(
        st.builds(wage, households, st.just(LINES[0][2]) | few_cents),
        st.builds(collected, households, st.integers(1, len(LINES) - 1), few_cents),
        st.builds(unknown, st.integers(0, 5), few_cents | few_cents.map(lambda cents: -cents)),
    ),
    max_size=6,
)


class Town(RuleBasedStateMachine):
    """A municipality with little money, its bank, and people who do what they may in any order."""

    copied: Callable[[], Any]

    def __init__(self) -> None:
        super().__init__()
        self._copy = self.copied()
        self.database: Database = self._copy.__enter__()
        self.folder = Path(tempfile.mkdtemp(dir=settings().home))
        self.on = DAY
        self.balance_cents = 0
        self.files: list[Path] = []

    @initialize(balances=st.sampled_from([0, 40_000, 300_000]))
    def begin(self, balances: int) -> None:
        """Import households that have nothing, too little, or enough."""
        self._stand()
        path = self.folder / "administration.json"
        municipality.administration(path, HOUSEHOLDS, settlement="transfer", balance_cents=balances)
        self.balance_cents = HOUSEHOLDS * balances
        with self.database.anywhere() as session:
            installation.mark(session, installation.InstallationKind.TEST)
            import_administration(session, path, SYSTEM)
            for actor in PEOPLE:
                users.add_user(session, actor.user, actor.user, actor.roles)

    # ---- what happens

    @rule(made=lines, settled=st.booleans(), data=st.data())
    def bank_day(self, made: list[Made], settled: bool, data: st.DataObject) -> None:
        """The bank books a day: strangers, incomes, collections, what we sent, and what comes back."""
        self._take_in([*made, *(self._of_ours(data) if settled else [])])
        self.on = next_bank_day(self.on)
        self._stand()

    @rule()
    def redelivery(self) -> None:
        """The bank sends a file once more."""
        if self.files:
            before = self._one("SELECT count(*) FROM ledger_entry")
            self._do(lambda session: taking_in.take_in(session, self.files[-1], "again.xml", ANS))
            assert before == self._one("SELECT count(*) FROM ledger_entry")

    @rule(by=people)
    def propose(self, by: Actor) -> None:
        self._do(lambda session: paying.propose(session, self.on, by))

    @rule(by=people, data=st.data())
    def approve(self, by: Actor, data: st.DataObject) -> None:
        if batch := self._batch(data):
            self._do(lambda session: paying.approve(session, batch, by))

    @rule(by=people, data=st.data())
    def export(self, by: Actor, data: st.DataObject) -> None:
        if batch := self._batch(data):
            self._do(lambda session: paying.export(session, batch, by))

    @rule(data=st.data())
    def day_of_payments(self, data: st.DataObject) -> None:
        """Two people do all of a day."""
        self.propose(ANS)
        for (batch,) in self._rows("SELECT id FROM payment_batch WHERE state IN ('proposed', 'approved')"):
            self._do(lambda session, batch=batch: paying.approve(session, batch, BEA))  # type: ignore[misc]
            self._do(lambda session, batch=batch: paying.export(session, batch, ANS))  # type: ignore[misc]

    @rule(by=people, data=st.data())
    def withdraw(self, by: Actor, data: st.DataObject) -> None:
        if batch := self._batch(data):
            self._do(lambda session: paying.withdraw(session, batch, "toch niet", by))

    @rule(data=st.data())
    def lose_a_file(self, data: st.DataObject) -> None:
        """Two people say that the bank never had a file; it may settle later all the same."""
        if batch := self._batch(data):
            for by in (ANS, CAS):
                self._do(lambda session, by=by: paying.not_delivered(session, batch, "weg", by))  # type: ignore[misc]

    @rule(household=households | st.none(), data=st.data())
    def book(self, household: int | None, data: st.DataObject) -> None:
        """A person books what waits."""
        if found := self._transaction(data, "= 'suspense'"):
            self._do(lambda session: _book(session, *found, household))

    @rule(data=st.data())
    def unbook(self, data: st.DataObject) -> None:
        """A person undoes a booking."""
        if found := self._transaction(data, "<> 'suspense'"):
            self._do(lambda session: taking_in.unbook(session, found[0], "verkeerd", ANS))

    @rule(household=households, data=st.data())
    def at_once(self, household: int, data: st.DataObject) -> None:
        """Several people and the bank at the same time, on connections of their own."""
        path = self._file([wage(household, 12_345), unknown(9, 4_200)])
        queued, booked = self._transaction(data, "= 'suspense'"), self._transaction(data, "<> 'suspense'")
        works: list[Callable[[Session], object]] = [
            lambda session: taking_in.take_in(session, path, path.name, ANS),
            lambda session: paying.propose(session, self.on, ANS),
            lambda session: paying.propose(session, self.on, CAS),
        ]
        if queued:
            works.append(lambda session: _book(session, *queued, household))
        if booked:
            works.append(lambda session: taking_in.unbook(session, booked[0], "verkeerd", CAS))
        with ThreadPoolExecutor(len(works)) as at_once:
            for done in [at_once.submit(self._do, work) for work in works]:
                done.result()
        self.on = next_bank_day(self.on)
        self._stand()

    # ---- what always holds

    @invariant()
    def every_cent_is_explained(self) -> None:
        """Invariants 1, 2 and 3: replay, sum, the bank's own sum and closing, every line exactly once."""
        with self.database.transaction() as session:
            assert closing.verify(session, SYSTEM).broken == []
            close = closing.close_day(session, self.on, SYSTEM)
        assert (close.differences, close.problems, close.gaps) == ([], [], [])

    @invariant()
    def no_account_is_out_of_bounds(self) -> None:
        """Credit accounts hold, debit accounts owe; reservations are covered (the table of the ledger)."""
        wrong = self._rows("""
            SELECT account FROM ledger_balance WHERE
              kind IN ('household', 'reservation', 'in_transit') AND received_cents < given_cents
              OR kind IN ('advance', 'excess') AND received_cents > given_cents
              OR reserved_out_cents < 0 OR reserved_in_cents < 0
        """)
        assert wrong == []

    @invariant()
    def an_occurrence_is_paid_once(self) -> None:
        """Invariant 4: one payment that counts for each occurrence, in a batch whose file says just that."""
        twice = self._rows("""
            SELECT agreement_id, due_on, part FROM payment WHERE agreement_id IS NOT NULL
              AND state NOT IN ('withdrawn', 'rejected', 'returned', 'not_delivered', 'settled_after_all')
            GROUP BY 1, 2, 3 HAVING count(*) > 1
        """)
        assert twice == []
        wrong = self._rows("""
            SELECT f.batch_id FROM batch_file f WHERE (f.payments, f.sum_cents) IS DISTINCT FROM (
              SELECT (count(*)::int, sum(p.amount_cents)::bigint) FROM payment p JOIN instruction i
                ON i.end_to_end_id = p.end_to_end_id AND i.amount_cents = p.amount_cents
              WHERE p.batch_id = f.batch_id)
        """)
        assert wrong == []

    @invariant()
    def no_advance_is_above_its_limit(self) -> None:
        """Invariant 5: nobody decided otherwise here, so never."""
        found = self._one("""
            SELECT coalesce(max(given_cents - received_cents + reserved_out_cents), 0) FROM ledger_balance
            WHERE kind = 'advance'
        """)
        assert found <= LIMIT_CENTS

    def teardown(self) -> None:
        """Invariant 6: nothing that is written is changed or wiped, by the application's own role."""
        try:
            for table in sorted(APPEND_ONLY):
                for statement in (f"UPDATE {table} SET municipality_id = 1", f"DELETE FROM {table}"):
                    with pytest.raises(DBAPIError) as refused, self.database.anywhere() as session:
                        session.execute(text(statement))
                    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege), statement
        finally:
            self._copy.__exit__(None, None, None)

    # ---- how

    def _stand(self) -> None:
        clock.stand_at(datetime.combine(self.on, time(9), clock.AMSTERDAM))

    def _do(self, work: Callable[[Session], object]) -> None:
        """Do it in a transaction of its own; a refusal is an answer, anything else a bug."""
        try:
            with self.database.transaction() as session:
                work(session)
        except Refused:
            pass

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        with self.database.transaction() as session:
            return [tuple(row) for row in session.execute(text(statement))]

    def _one(self, statement: str) -> Any:
        return self._rows(statement)[0][0]

    def _batch(self, data: st.DataObject) -> str | None:
        found = [each for (each,) in self._rows("SELECT id FROM payment_batch ORDER BY id DESC LIMIT 3")]
        return data.draw(st.sampled_from(found)) if found else None

    def _transaction(self, data: st.DataObject, booked_on: str) -> tuple[str, int] | None:
        found = self._rows(f"""
            SELECT 'T' || t.id, t.amount_cents FROM bank_transaction t WHERE (SELECT booked_on FROM booking b
              WHERE b.transaction_id = t.id ORDER BY step DESC LIMIT 1) {booked_on} ORDER BY t.id DESC LIMIT 5
        """)
        return data.draw(st.sampled_from(found)) if found else None

    def _of_ours(self, data: st.DataObject) -> list[Made]:
        """What the bank does with payments that we sent: pays them, or sends back what it paid."""
        found = self._rows("""
            SELECT i.end_to_end_id, i.amount_cents, i.counter_iban, coalesce(sum(CASE o.outcome
              WHEN 'settled' THEN 1 WHEN 'returned' THEN -1 ELSE 0 END), 0)::int
            FROM instruction i LEFT JOIN instruction_outcome o ON o.end_to_end_id = i.end_to_end_id
            GROUP BY 1, 2, 3 ORDER BY 1 DESC LIMIT 6
        """)
        made = []
        for end_to_end_id, cents, account, settled in found:
            if not data.draw(st.booleans()):
                continue
            if not settled:
                made.append(Made(-cents, Party("Betaald", account), "", end_to_end_id))
            elif settled == 1:
                back = data.draw(st.just(cents) | st.integers(1, cents))
                made.append(Made(back, Party("Terug", account), "Retour", end_to_end_id, "AC04"))
        return made

    def _take_in(self, made: list[Made]) -> None:
        path = self._file(made)
        self._do(lambda session: taking_in.take_in(session, path, path.name, ANS))

    def _file(self, made: list[Made]) -> Path:
        """The statement of this day, whose opening is the last one's closing."""
        number = len(self.files) + 1
        path = self.folder / f"{number}.xml"
        opening = Decimal(self.balance_cents) / 100
        day = day_statement(
            (self._line(place, each) for place, each in enumerate(made)),
            account=ACCOUNT,
            id=f"S{number}",
            sequence=number,
            on=self.on,
            opening=opening,
        )
        with path.open("wb") as out:
            write(
                [day],
                out,
                version="08",
                message_id=f"M{number}",
                created_at=datetime(2026, 11, 3, tzinfo=UTC),
            )
        self.balance_cents += sum(each.cents for each in made)
        self.files.append(path)
        return path

    def _line(self, place: int, made: Made) -> Transaction:
        amount = Decimal(made.cents) / 100
        return Transaction(
            entry=place,
            part=None,
            ref=f"B{len(self.files)}-{place}",
            booked_on=self.on,
            valued_on=self.on,
            amount=amount,
            currency="EUR",
            counterparty=made.party,
            end_to_end_id=made.end_to_end_id,
            remittance=made.remittance,
            entry_amount=amount,
            code="PMNT-RRTN-RRTN" if made.return_reason else "PMNT-RCDT-ESCT",
            return_reason=made.return_reason,
        )


def _book(session: Session, named: str, amount_cents: int, household: int | None) -> None:
    cents = abs(amount_cents)
    part = (
        Part(cents, own_purpose="costs")
        if household is None
        else Part(cents, household_id=f"H{household:07}")
    )
    taking_in.book(session, named, part, ANS)


@pytest.mark.slow
def test_whatever_happens_every_cent_is_explained(server: URL, template: str, installed: Database) -> None:
    @contextmanager
    def copied() -> Generator[Database]:
        with _made(server, f"hhb_ledger_{next(NUMBERS)}", template) as database:
            yield database

    settings().home.mkdir(parents=True, exist_ok=True)
    town = type("OneTown", (Town,), {"copied": staticmethod(copied)})
    run_state_machine_as_test(
        town, settings=hypothesis_settings(max_examples=EXAMPLES, stateful_step_count=20, deadline=None)
    )
