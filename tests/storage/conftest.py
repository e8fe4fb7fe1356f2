"""One municipality with a household, as the tests of the stores need it."""

from __future__ import annotations

from collections.abc import Generator
from datetime import date

import pytest
from sqlalchemy.orm import Session

from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.domain.agreements import Agreement, Direction, Schedule, Settlement, Unit
from huishoudboekje.domain.people import Address, Household, Organisation, OrganisationAccount, Resident
from huishoudboekje.storage import agreements, installation, organisations, people, users
from huishoudboekje.storage.db import Database

BY = Actor("ada", frozenset({Role.BACK_OFFICE}), Channel.COMMAND_LINE)
HOME = Address("Eikenlaan", "12a", "3394 CK", "Merwestad")
RENT = Agreement(
    id="A0000001",
    household_id="H000001",
    resident_id="R000001",
    direction=Direction.EXPENSE,
    category="rent",
    organisation_id="O000001",
    payee_resident_id=None,
    counterparty_name="Woonstichting De Merwe",
    iban="NL89RABO0401404241",
    amount_cents=61234,
    tolerance_cents=0,
    schedule=Schedule(Unit.MONTH, date(2026, 1, 1), day=1),
    settlement=Settlement.TRANSFER,
    guaranteed=True,
    reference="00.123-45",
    search_terms=("huur",),
    remittance="Huur",
)


@pytest.fixture
def session(merwestad: Database) -> Generator[Session]:
    """A transaction of that municipality."""
    with merwestad.transaction() as opened:
        yield opened


@pytest.fixture
def merwestad(installed: Database) -> Database:
    """An installation with the municipality Merwestad, and one household in it."""
    with installed.anywhere() as opened:
        installation.mark(opened, installation.InstallationKind.TEST)
        installation.add_municipality(opened, "merwestad", "Gemeente Merwestad")
        users.add_user(opened, "ada", "Ada de Vries", [Role.BACK_OFFICE])
        organisations.add_organisations(
            opened,
            [
                Organisation(
                    "O000001",
                    "Woonstichting De Merwe",
                    (OrganisationAccount("NL89RABO0401404241", "Woonstichting De Merwe"),),
                )
            ],
        )
        people.add_household(opened, Household("H000001", 0, 0, date(2026, 1, 1)), BY)
        people.add_residents(
            opened,
            [
                Resident(
                    id="R000001",
                    household_id="H000001",
                    initials="J.P.",
                    surname="van der Berg",
                    birth_date=date(1980, 12, 31),
                    bsn="999999990",
                    iban="NL20INGB0001234567",
                    address=HOME,
                )
            ],
            date(2026, 1, 1),
            BY,
        )
        agreements.add_agreements(opened, [RENT], date(2026, 1, 1), BY)
    return installed
