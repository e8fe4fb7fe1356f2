"""A made-up municipality of any size: households that all pay and are paid on one day, and its statement."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from bank_formats.camt_writer import day_statement, write
from bank_formats.statement import Party, Transaction

SENT = ("rent", "energy")
"""Costs that we pay in a mixed municipality, as its previous system instructed; the others are collected."""
ONE_UNKNOWN_IN = 100
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
    """Write the administration: an income and four expenses a household, all due on `DAY`.

    Settled all in one way, or `mixed`: those of `SENT` by transfer, the others by direct debit.
    """
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
    if settlement == "mixed":
        settlement = "transfer" if category in SENT else "direct_debit"
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


def payments(path: Path, households: int) -> None:
    """Write what the previous system instructed the bank for `DAY`: the costs of `SENT`."""
    with path.open("w", encoding="utf-8") as out:
        out.write(
            "end_to_end_id,payment_information_id,household,agreement,due_date,execution_date,amount,"
            "counter_iban,batch_booking\n"
        )
        for household in range(households):
            for line, (category, _, cents) in enumerate(LINES):
                if category in SENT:
                    _, account = counterparty(line, household)
                    whose = f"H{household:07},A{line}{household:07},{DAY},{DAY}"
                    out.write(f"{sent_id(line, household)},P1,{whose},{euros(cents)},{account},false\n")


def sent_id(line: int, household: int) -> str:
    """The EndToEndId of what the previous system instructed."""
    return f"OLD-{line}-{household:07}"


def unknown(count: int) -> int:
    """How many of so many lines are of nobody that we know."""
    return -(-count // ONE_UNKNOWN_IN)


def statement(path: Path, households: int, count: int, opening_cents: int) -> None:
    """Write the statement of `DAY`: as many transactions, each of an agreement of its own.

    Incomes and collections are known by reference, what was sent by EndToEndId, one in a hundred not at all.
    """
    assert count <= households * len(LINES)
    day = day_statement(
        (_transaction(number) for number in range(count)),
        account=ACCOUNT,
        id="2026211",
        sequence=211,
        on=DAY,
        opening=Decimal(opening_cents) / 100,
    )
    with path.open("wb") as out:
        write([day], out, version="08", message_id="M211", created_at=datetime(2026, 11, 3, 5, tzinfo=UTC))


def _transaction(number: int) -> Transaction:
    household, line = divmod(number, len(LINES))
    category, _, cents = LINES[line]
    organisation, account = counterparty(line, household)
    party = Party(f"{category} {organisation}", account, "RABONL2U")
    remittance: str | None = f"Kenmerk {reference(line, household)} A. {surname(household)} november 2026"
    if number % ONE_UNKNOWN_IN == 0:
        party = Party(f"Onbekend {number}", iban("TRIO", 700_000_000 + number), "TRIONL2U")
        remittance = f"Zoals besproken {number}"
    amount = Decimal(cents if category == "wage" else -cents) / 100
    return Transaction(
        entry=number,
        part=None,
        ref=f"B{number:012}",
        booked_on=DAY,
        valued_on=DAY,
        amount=amount,
        currency="EUR",
        counterparty=party,
        end_to_end_id=sent_id(line, household) if category in SENT else f"E2E-{number:012}",
        remittance=remittance,
        entry_amount=amount,
        code="PMNT-RCDT-ESCT" if amount > 0 else "PMNT-RDDT-ESDD",
    )
