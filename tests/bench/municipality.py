"""A made-up municipality of any size: households that all pay and are paid on one day, and its statement."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from bank_formats.camt_writer import day_statement, write
from bank_formats.statement import Party, Transaction

OPENED = date(2026, 10, 30)
DAY = date(2026, 11, 2)  # a Monday on which banks work
LINES = (  # category, payers or creditors, cents, reference
    ("wage", 400, 214_350),
    ("rent", 20, 61_234),
    ("energy", 8, 14_900),
    ("water", 4, 2_150),
    ("health_insurance", 6, 15_875),
)
ACCOUNT = "NL91ABNA0417164300"


def iban(bank: str, number: int) -> str:
    """A Dutch account number with its check digits."""
    account = f"{number:010}"
    digits = "".join(str(int(sign, 36)) for sign in f"{bank}{account}NL00")
    return f"NL{98 - int(digits) % 97:02}{bank}{account}"


def bsns() -> Iterator[str]:
    """Citizen service numbers of nobody, from the range for tests downwards (eleven test)."""
    for number in range(999_999_999, 0, -1):
        digits = [int(sign) for sign in f"{number:09}"]
        if (
            sum(digit * weight for digit, weight in zip(digits, range(9, 1, -1), strict=False)) - digits[8]
        ) % 11 == 0:
            yield f"{number:09}"


def counterparty(line: int, household: int) -> tuple[str, str]:
    """The organisation on the other side of a household's line, and its account."""
    number = line * 1000 + household % LINES[line][1]
    return f"O{number:06}", iban("RABO", 300_000_000 + number)


def reference(line: int, household: int) -> str:
    """What the organisation calls the agreement."""
    return f"{line + 1}{(household * 7_919 + 1_047_290) % 10_000_019:08}"


def surname(household: int) -> str:
    """A name that few others have."""
    syllables = (
        "ba",
        "den",
        "vos",
        "ker",
        "lin",
        "mo",
        "ster",
        "wou",
        "rik",
        "ha",
        "jan",
        "sen",
        "pel",
        "tuin",
    )
    parts, number = [], household + len(syllables) ** 2
    while number:
        number, part = divmod(number, len(syllables))
        parts.append(syllables[part])
    return "".join(parts).capitalize()


def euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def administration(path: Path, households: int, *, settlement: str, balance_cents: int = 300_000) -> None:
    """Write the administration: an income and four expenses a household, all due on `DAY`."""
    address = {"street": "Eikenlaan", "house_number": "1", "postcode": "1234 AB", "city": "Merwestad"}
    organisations = [
        {
            "id": f"O{number:06}",
            "name": f"{category} {number}",
            "accounts": [{"iban": iban("RABO", 300_000_000 + number), "name": f"{category} {number}"}],
        }
        for line, (category, many, _) in enumerate(LINES)
        for number in range(line * 1000, line * 1000 + many)
    ]
    opening = {"date": OPENED.isoformat(), "balance": euros(households * balance_cents)}
    head = {
        "format": "huishoudboekje-administration/1",
        "municipality": {
            "name": "Merwestad",
            "slug": "merwestad",
            "accounts": [
                {"iban": ACCOUNT, "bic": "ABNANL2A", "name": "Gemeente Merwestad", "opening": opening}
            ],
        },
        "organisations": organisations,
    }
    numbers = bsns()
    with path.open("w", encoding="utf-8") as out:
        out.write(json.dumps(head)[:-1] + ', "households": [')
        for household in range(households):
            resident = {
                "id": f"R{household:07}",
                "initials": "A.",
                "surname": surname(household),
                "birth_date": "1980-01-01",
                "bsn": next(numbers),
                "iban": iban("INGB", 1_000_000 + household),
                "address": address,
            }
            one = {
                "id": f"H{household:07}",
                "opening": {"balance": euros(balance_cents), "advance": "0.00"},
                "residents": [resident],
                "agreements": [_agreement(line, household, settlement) for line in range(len(LINES))],
            }
            out.write(("," if household else "") + "\n" + json.dumps(one))
        out.write("]}\n")


def _agreement(line: int, household: int, settlement: str) -> dict[str, object]:
    category, _, cents = LINES[line]
    organisation, account = counterparty(line, household)
    income = category == "wage"
    return {
        "id": f"A{line}{household:07}",
        "resident": f"R{household:07}",
        "direction": "income" if income else "expense",
        "category": category,
        "counterparty": {"organisation": organisation},
        "account": account,
        "amount": euros(cents),
        "schedule": {"unit": "month", "day": DAY.day, "from": "2026-01-01"},
        "settlement": None if income else settlement,
        "guaranteed": not income,
        "reference": reference(line, household),
        "remittance": "" if income else f"Klant {reference(line, household)}",
    }


def statement(path: Path, households: int, count: int, opening_cents: int) -> None:
    """Write the statement of `DAY`: as many transactions, each of an agreement of its own."""

    def transactions() -> Iterator[Transaction]:
        for number in range(count):
            household, line = divmod(number, len(LINES))
            category, _, cents = LINES[line]
            organisation, account = counterparty(line, household)
            amount = Decimal(cents if category == "wage" else -cents) / 100
            yield Transaction(
                entry=number,
                part=None,
                ref=f"B{number:012}",
                booked_on=DAY,
                valued_on=DAY,
                amount=amount,
                currency="EUR",
                counterparty=Party(f"{category} {organisation}", account, "RABONL2U"),
                end_to_end_id=f"E2E-{number:012}",
                remittance=f"Kenmerk {reference(line, household)} A. {surname(household)} november 2026",
                entry_amount=amount,
                code="PMNT-RCDT-ESCT" if amount > 0 else "PMNT-RDDT-ESDD",
            )

    assert count <= households * len(LINES)
    day = day_statement(
        transactions(),
        account=ACCOUNT,
        id="2026211",
        sequence=211,
        on=DAY,
        opening=Decimal(opening_cents) / 100,
    )
    with path.open("wb") as out:
        write([day], out, version="08", message_id="M211", created_at=datetime(2026, 11, 3, 5, tzinfo=UTC))
