"""A small made-up municipality for the faces: five people at work, two households, a day's bank file."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from bank_formats import camt_writer
from bank_formats.statement import Party, Transaction
from huishoudboekje import clock
from huishoudboekje.administration.importing import import_administration
from huishoudboekje.domain.access import SYSTEM, Actor, Channel, Role
from huishoudboekje.storage import installation, users
from huishoudboekje.storage.db import Database
from huishoudboekje.storage.installation import InstallationKind

ACCOUNT = "NL91ABNA0417164300"
LANDLORD = "NL89RABO0401404241"
EMPLOYER = "NL20INGB0001234567"
STRANGER = "NL72BUNQ2045889110"
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=clock.AMSTERDAM)
BOOKED_ON = date(2026, 1, 2)
PEOPLE = {
    "noor": ("Noor de Wit", Role.BACK_OFFICE),
    "bob": ("Bob Mulder", Role.BACK_OFFICE),
    "sam": ("Sam Okafor", Role.APPROVER),
    "iris": ("Iris Bakker", Role.AUDITOR),
    "jan": ("Jan Yılmaz", Role.ADMINISTRATOR),
}
ADMINISTRATOR = Actor(SYSTEM.user, frozenset({Role.ADMINISTRATOR, Role.BACK_OFFICE}), Channel.COMMAND_LINE)


def _household(number: int, surname: str, bsn: str, rent: str) -> dict[str, Any]:
    resident, schedule = f"R{number}", {"unit": "month", "day": 5, "from": "2025-01-01"}
    common = {"resident": resident, "schedule": schedule}
    return {
        "id": f"H{number}",
        "opening": {"balance": "100.00", "advance": "0.00"},
        "residents": [
            {
                "id": resident,
                "initials": "A.",
                "surname": surname,
                "birth_date": "1980-12-31",
                "bsn": bsn,
                "iban": "NL02ABNA0123456789",
                "address": {
                    "street": "Eikenlaan",
                    "house_number": str(number),
                    "postcode": "3394 CK",
                    "city": "Merwestad",
                },
            }
        ],
        "agreements": [
            {
                **common,
                "id": f"A{number}1",
                "direction": "income",
                "category": "wage",
                "counterparty": {"organisation": "O2"},
                "account": EMPLOYER,
                "amount": "1500.00",
                "schedule": {**schedule, "day": 2},
                "settlement": None,
                "reference": f"77001{number}0044",
            },
            {
                **common,
                "id": f"A{number}2",
                "direction": "expense",
                "category": "rent",
                "counterparty": {"organisation": "O1"},
                "account": LANDLORD,
                "amount": rent,
                "settlement": "transfer",
                "guaranteed": True,
                "remittance": "Huur januari",
            },
        ],
    }


ADMINISTRATION: dict[str, Any] = {
    "format": "huishoudboekje-administration/1",
    "municipality": {
        "name": "Gemeente Merwestad",
        "slug": "merwestad",
        "accounts": [
            {
                "iban": ACCOUNT,
                "bic": "ABNANL2A",
                "name": "Gemeente Merwestad",
                "opening": {"date": "2026-01-01", "balance": "50000.00"},
            }
        ],
    },
    "organisations": [
        {"id": "O1", "name": "Woonstichting De Merwe", "accounts": [{"iban": LANDLORD, "name": "De Merwe"}]},
        {"id": "O2", "name": "Bakkerij Zon", "accounts": [{"iban": EMPLOYER, "name": "Bakkerij Zon"}]},
    ],
    "households": [
        _household(1, "Yılmaz", "999999990", "612.34"),
        _household(2, "van der Berg", "999999011", "700.00"),
    ],
}


def fill(database: Database, folder: Path, kind: InstallationKind = InstallationKind.DEMO) -> None:
    """Make the municipality in a migrated database, its clock on a Monday morning."""
    path = folder / "administration.json"
    path.write_text(json.dumps(ADMINISTRATION), "utf-8")
    with database.anywhere() as session:
        installation.mark(session, kind)
        import_administration(session, path, ADMINISTRATOR)
        for user_id, (name, role) in PEOPLE.items():
            users.add_user(session, user_id, name, [role])
        if kind is not InstallationKind.PRODUCTION:
            installation.set_clock(session, NOW)


def bank_file(sequence: int = 1, on: date = BOOKED_ON, opening: str = "50000.00") -> bytes:
    """A statement: a wage that books itself, a wage with another amount, and money of a stranger."""
    lines = [
        _line(1, "1500.00", EMPLOYER, "Bakkerij Zon", "Salaris 7700110044", on),
        _line(2, "1650.00", EMPLOYER, "Bakkerij Zon", "Salaris", on),
        _line(3, "45.00", STRANGER, "P. Onbekend", "terugbetaling", on),
    ]
    statement = camt_writer.day_statement(
        lines, account=ACCOUNT, id=f"2026-{sequence}", sequence=sequence, on=on, opening=Decimal(opening)
    )
    out = BytesIO()
    camt_writer.write([statement], out, version="08", message_id=f"M{sequence}", created_at=NOW)
    return out.getvalue()


def _line(entry: int, amount: str, iban: str, name: str, remittance: str, on: date) -> Transaction:
    return Transaction(
        entry=entry,
        part=None,
        ref=f"REF{on:%Y%m%d}{entry}",
        booked_on=on,
        valued_on=on,
        amount=Decimal(amount),
        currency="EUR",
        counterparty=Party(name=name, iban=iban),
        remittance=remittance,
        entry_amount=Decimal(amount),
        bank_reference=f"REF{on:%Y%m%d}{entry}",
    )
