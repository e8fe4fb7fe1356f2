"""A small municipality in which payments are made, for the tests of payouts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from sqlalchemy import text
from sqlalchemy.orm import Session

from huishoudboekje import clock
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Role
from huishoudboekje.domain.agreements import (
    Agreement,
    Direction,
    OccurrenceKind,
    Schedule,
    Settlement,
    Unit,
)
from huishoudboekje.domain.errors import Refused
from huishoudboekje.domain.instructions import Outcome
from huishoudboekje.domain.ledger import (
    OPENING,
    Entry,
    EntryKind,
    advance,
    bank,
    household,
    in_transit,
    moved,
)
from huishoudboekje.domain.people import (
    AccountStart,
    Address,
    Household,
    MunicipalAccount,
    Organisation,
    OrganisationAccount,
    Resident,
)
from huishoudboekje.domain.policy import Policy
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import (
    accounts,
    agreements,
    installation,
    instructions,
    ledger,
    occurrences,
    organisations,
    people,
    policy,
    signals,
    users,
)
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.instructions import Shown
from payouts import pay
from payouts.batch import Batch

IBAN = "NL91ABNA0417164300"
LANDLORD = "NL89RABO0401404241"
ENERGY = "NL20INGB0001234567"
OPENED = date(2025, 12, 31)
MONDAY = date(2026, 1, 5)

ADA = Actor("ada", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
BRAM = Actor("bram", frozenset({Role.BACK_OFFICE, Role.APPROVER}), Channel.WEB)
CORRIE = Actor("corrie", frozenset({Role.APPROVER}), Channel.WEB)
DIRK = Actor("dirk", frozenset({Role.APPROVER}), Channel.WEB)
EVA = Actor("eva", frozenset({Role.ADMINISTRATOR}), Channel.WEB)
PEOPLE = (ADA, BRAM, CORRIE, DIRK, EVA)


def at(day: date, hour: int = 9, minute: int = 0) -> None:
    """Let the clock stand at that time in the Netherlands."""
    clock.stand_at(datetime(day.year, day.month, day.day, hour, minute, tzinfo=clock.AMSTERDAM))


def bsn(number: int) -> str:
    """The next citizen service number, from a number, that passes the eleven test."""
    while True:
        digits = f"{number:08}"
        rest = sum(int(d) * w for d, w in zip(digits, range(9, 1, -1), strict=True)) % 11
        if rest < 10:
            return f"{digits}{rest}"
        number += 1


@dataclass
class Town:
    """A municipality with its own builders; each opens a transaction of its own."""

    database: Database
    numbers: count[int] = field(default_factory=lambda: count(1))

    def transaction(self) -> AbstractContextManager[Session]:
        return self.database.transaction()

    def begin(self) -> None:
        with self.database.anywhere() as session:
            installation.mark(session, installation.InstallationKind.TEST)
            installation.add_municipality(session, "merwestad", "Gemeente Merwestad")
            for each in PEOPLE:
                users.add_user(session, each.user, each.user.title(), each.roles)
            organisations.add_organisations(
                session,
                [
                    Organisation(id, name, (OrganisationAccount(iban, name),))
                    for id, name, iban in (
                        ("O000001", "Woonstichting De Merwe", LANDLORD),
                        ("O000002", "Energie & Zo", ENERGY),
                    )
                ],
            )
            accounts.add_account(session, MunicipalAccount(IBAN, "ABNANL2A", "Gemeente Merwestad", 1))
            accounts.add_account_start(session, AccountStart(IBAN, OPENED, 100_000_00))
            policy.add_policy(session, Policy(), OPENED, EVA)
            start = Entry("start", EntryKind.OPENING, OPENED, moved(OPENING, bank(IBAN), 1))
            ledger.post(session, [start], SYSTEM)

    def household(self, own_cents: int = 0, advance_cents: int = 0, started_on: date = OPENED) -> str:
        number = next(self.numbers)
        key = f"H{number:06}"
        with self.transaction() as session:
            people.add_household(session, Household(key, own_cents, advance_cents, started_on), ADA)
            home = Address("Eikenlaan", "12a", "3394 CK", "Merwestad")
            resident = Resident(
                f"R{number:06}",
                key,
                "J.P.",
                f"van der Berg-{number}",
                date(1980, 12, 31),
                bsn(10_000_000 + 11 * number),
                "NL02ABNA0123456789",
                home,
            )
            people.add_residents(session, [resident], started_on, ADA)
            transfers = (
                *moved(OPENING, household(key), own_cents),
                *moved(advance(key), OPENING, advance_cents),
            )
            ledger.open_accounts(session, [household(key), advance(key)])
            ledger.post(session, [Entry(f"start:{key}", EntryKind.OPENING, OPENED, transfers)], SYSTEM)
        return key

    def agree(
        self,
        household_id: str,
        amount_cents: int,
        day: int = 5,
        *,
        category: str = "rent",
        guaranteed: bool = True,
        settlement: Settlement | None = Settlement.TRANSFER,
        direction: Direction = Direction.EXPENSE,
        unit: Unit = Unit.MONTH,
        reference: str | None = None,
        remittance: str = "Huur",
        starts_on: date = date(2025, 1, 1),
    ) -> str:
        key = f"A{next(self.numbers):07}"
        living = category == "living_money"
        number = household_id[1:]
        new = Agreement(
            id=key,
            household_id=household_id,
            resident_id=f"R{number}",
            direction=direction,
            category=category,
            organisation_id=None if living else "O000001",
            payee_resident_id=f"R{number}" if living else None,
            counterparty_name="",
            iban="NL02ABNA0123456789" if living else LANDLORD,
            amount_cents=amount_cents,
            tolerance_cents=0,
            schedule=Schedule(
                unit,
                starts_on,
                day=day if unit is Unit.MONTH else None,
                weekday=day if unit is Unit.WEEK else None,
            ),
            settlement=None if direction is Direction.INCOME else settlement,
            guaranteed=guaranteed,
            reference=reference,
            remittance=remittance,
        )
        with self.transaction() as session:
            agreements.add_agreements(session, [new], date(2025, 1, 1), ADA)
        return key

    def income(self, household_id: str, cents: int, on: date, key: str) -> None:
        """Money comes in for a household."""
        with self.transaction() as session:
            ledger.lock_households(session, [household_id])
            entry = Entry(key, EntryKind.INCOME, on, moved(bank(IBAN), household(household_id), cents))
            ledger.post(session, [entry], SYSTEM)

    def propose(self, on: date = MONDAY, by: Actor = ADA) -> list[str]:
        with self.transaction() as session:
            return pay.propose(session, on, by)

    def approve(self, batch_id: str, by: Actor = CORRIE) -> pay.Judgement:
        with self.transaction() as session:
            return pay.approve(session, batch_id, by)

    def exported(self, batch_id: str) -> bytes:
        """Approve, export, and give the bytes of the file."""
        from huishoudboekje.storage import archive  # noqa: PLC0415

        assert not self.approve(batch_id).changes
        with self.transaction() as session:
            made = pay.export(session, batch_id, ADA)
            assert not isinstance(made, pay.Judgement)
            with archive.open_file(made) as opened:
                return opened.read()

    def bank_shows(
        self, outcome: Outcome, payments: Sequence[str], on: date, code: str | None = None
    ) -> pay.Followed:
        """Book settlements or returns as ingest does, and let payouts follow them."""
        with self.transaction() as session:
            since = clock.now()
            known = instructions.find(session, end_to_end_ids=payments)
            shown, entries, happened = [], [], []
            for each in known:
                back = outcome is Outcome.RETURNED
                cents = each.amount_cents
                whose = household(each.household_id)
                transfers = (
                    (
                        *moved(bank(IBAN), advance(each.household_id), each.advanced_cents),
                        *moved(bank(IBAN), whose, each.own_cents),
                    )
                    if back
                    else moved(in_transit(each.payment_information_id), bank(IBAN), cents)
                )
                key = f"{outcome}:{each.end_to_end_id}"
                kind = EntryKind.RETURNED if back else EntryKind.SETTLED
                entries.append(Entry(key, kind, on, transfers))
                shown.append(
                    Shown(
                        each.end_to_end_id,
                        outcome,
                        cents,
                        each.own_cents,
                        each.advanced_cents,
                        on,
                        None,
                        reason_code=code,
                    )
                )
                if each.occurrence:
                    kind_of = OccurrenceKind.UNDONE if back else OccurrenceKind.MET
                    happened.append(
                        occurrences.Happening(each.occurrence, kind_of, -cents if back else cents, on)
                    )
            ledger.lock_households(session, {each.household_id for each in known})
            ledger.post(session, entries, SYSTEM)
            instructions.record(session, shown)
            occurrences.record(session, happened)
            return pay.follow_bank(session, since, SYSTEM)

    def money(self, household_id: str) -> tuple[int, int, int, int]:
        """Own, own reserved, advance, advance reserved; cents."""
        with self.transaction() as session:
            money = ledger.household_money(session, [household_id], clock.today())[household_id]
        return money.own_cents, money.own_reserved_cents, money.advance_cents, money.advance_reserved_cents

    def sql(self, statement: str, **values: object) -> list[tuple[object, ...]]:
        """Run SQL as the application's role."""
        with self.transaction() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]


def only_batch(town: Town, batch_id: str) -> Batch:
    with town.transaction() as session:
        return pay.show(session, batch_id)


def kinds(town: Town) -> list[SignalKind]:
    with town.transaction() as session:
        return [each.kind for each in signals.signals(session)]


def together(*acts: Callable[[], object]) -> list[object]:
    """Run acts at the same moment; what each gives, or refuses."""
    ready = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(number: int, act: Callable[[], object]) -> None:
        ready.wait()
        try:
            results[number] = act()
        except Refused as refused:
            results[number] = refused

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return results


def sent_batch(town: Town, own_cents: int = 500_00) -> tuple[str, str, str]:
    """A household, its batch and its payment, which the bank has."""
    who = town.household(own_cents)
    town.agree(who, 600_00)
    [batch_id] = town.propose()
    town.exported(batch_id)
    with town.transaction() as session:
        pay.sent(session, batch_id, ADA)
    [line] = only_batch(town, batch_id).payments
    return who, batch_id, line.end_to_end_id


def ended(town: Town, who: str, agreement: str) -> None:
    with town.transaction() as session:
        agreements.end(session, agreement, date(2026, 1, 2), ADA)
