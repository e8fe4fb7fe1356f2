"""A small municipality on one morning: what a killed command leaves is looked at from every side."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from bank_formats.camt_writer import day_statement, write
from bank_formats.statement import Party, Transaction
from huishoudboekje.administration import import_administration
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Role
from huishoudboekje.storage import installation, users
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.installation import InstallationKind
from tests.bench import municipality
from tests.bench.municipality import ACCOUNT, DAY, LINES, counterparty, iban, reference, surname

HOUSEHOLDS = 10
UNKNOWN = 5
BALANCE_CENTS = 300_000
PAYMENTS = HOUSEHOLDS * (len(LINES) - 1)
NOW = "2026-11-02T09:00:00+01:00"
ANS = Actor("ans", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
BEA = Actor("bea", frozenset({Role.APPROVER}), Channel.COMMAND_LINE)


def install(database: Database, folder: Path) -> None:
    """Fill an empty database with households that have money and costs that are due on `DAY`."""
    path = folder / "administration.json"
    municipality.administration(path, HOUSEHOLDS, settlement="transfer", balance_cents=BALANCE_CENTS)
    with database.anywhere() as session:
        installation.mark(session, InstallationKind.TEST)
        import_administration(session, path, SYSTEM)
        for actor in (ANS, BEA):
            users.add_user(session, actor.user, actor.user, actor.roles)


def statement(folder: Path, *, times: int = 1, on: date = DAY) -> Path:
    """The statement of a day: every household's wage, as many times, and money of nobody knows whom."""
    path = folder / f"{on}.xml"
    day = day_statement(
        _transactions(times, on),
        account=ACCOUNT,
        id=f"{on:%Y%j}",
        sequence=int(f"{on:%j}"),
        on=on,
        opening=Decimal(HOUSEHOLDS * BALANCE_CENTS) / 100,
    )
    with path.open("wb") as out:
        write([day], out, version="08", message_id="M1", created_at=datetime(2026, 11, 3, tzinfo=UTC))
    return path


def _transactions(times: int, on: date) -> Iterator[Transaction]:
    for number in range(HOUSEHOLDS * times):
        household = number % HOUSEHOLDS
        organisation, account = counterparty(0, household)
        said = f"Kenmerk {reference(0, household)} A. {surname(household)} {number}"
        yield _line(number, on, LINES[0][2], Party(f"wage {organisation}", account), said)
    for number in range(HOUSEHOLDS * times, HOUSEHOLDS * times + UNKNOWN):
        party = Party(f"Iemand {number}", iban("TRIO", 700_000_000 + number))
        yield _line(number, on, 1_000 + number, party, "Zoals afgesproken")


def _line(number: int, on: date, cents: int, party: Party, remittance: str) -> Transaction:
    amount = Decimal(cents) / 100
    return Transaction(
        entry=number,
        part=None,
        ref=f"B{number:012}",
        booked_on=on,
        valued_on=on,
        amount=amount,
        currency="EUR",
        counterparty=party,
        end_to_end_id=None,
        remittance=remittance,
        entry_amount=amount,
        code="PMNT-RCDT-ESCT",
    )
