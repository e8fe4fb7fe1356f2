"""Reading camt.053 against the bare parser under it, over the same file."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

import bank_formats
from bank_formats.camt_writer import day_statement, write
from bank_formats.statement import Party, Transaction
from tests.bench.measured import Measured, cpu_s

ENTRIES = 100_000
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"


def entries(count: int, on: date) -> Iterator[Transaction]:
    """As many ordinary credits and debits, each an entry of its own."""
    for number in range(count):
        sign = -1 if number % 3 else 1
        amount = Decimal(1000 + number % 90_000) / 100 * sign
        yield Transaction(
            entry=number,
            part=None,
            ref=f"R{number:09}",
            booked_on=on,
            valued_on=on,
            amount=amount,
            currency="EUR",
            counterparty=Party(
                name=f"Woonstichting De Haven {number % 400}", iban="NL02ABNA0123456789", bic="ABNANL2A"
            ),
            end_to_end_id=f"E2E{number:012}",
            remittance=f"Huur november, huurder {number % 5000:06}, wij danken u voor uw betaling",
            entry_amount=amount,
            code="PMNT-RCDT-ESCT" if sign > 0 else "PMNT-ICDT-ESCT",
            purpose="RENT",
            instruction_id=f"I{number:012}",
            transaction_id=f"T{number:012}",
            additional_info=f"SEPA overboeking, omschrijving: huur november, huurder {number % 5000:06}",
        )


def written(folder: Path, count: int) -> Path:
    """A file with a statement of as many entries."""
    path = folder / "statement.xml"
    on = date(2026, 11, 20)
    statement = day_statement(
        entries(count, on), account="NL91ABNA0417164300", id="1", sequence=1, on=on, opening=Decimal(0)
    )
    with path.open("wb") as out:
        write([statement], out, version="08", message_id="M1", created_at=datetime(2026, 11, 20, tzinfo=UTC))
    return path


def bare(path: Path) -> None:
    for _, entry in etree.iterparse(str(path), tag=f"{{{NAMESPACE}}}Ntry"):
        entry.clear()


def ours(path: Path) -> None:
    with path.open("rb") as stream:
        read = sum(
            1 for statement in bank_formats.read(stream, name=path.name) for _ in statement.transactions
        )
    assert read == ENTRIES


def against_iterparse() -> Iterator[Measured]:
    """How near the reader comes to lxml's bare iterparse: 1 is as fast as it."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder), ENTRIES)
        limit, taken = cpu_s(lambda: bare(path), lambda: ours(path))
        yield Measured(
            "read_camt053_vs_iterparse",
            round(limit / taken, 3),
            "ratio",
            f"lxml iterparse(Ntry) + clear: {limit:.2f} s, ours {taken:.2f} s, {ENTRIES} entries; aim 0.4",
        )
