"""Memory stays flat, whatever the length of a file, a statement or an entry."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bank_formats import Batch, Transaction
from bank_formats.camt_writer import day_statement
from bank_formats.statement import euros
from tests.absent import absent
from tests.bank_formats.made import DAY, OURS, camt, credit, gzipped, written, zipped

FEW, MANY = 1_000, 40_000
SPARE_KIB = 12 * 1024
READ = """
import sys
from bank_formats import read
with open(sys.argv[1], "rb") as stream:
    for statement in read(stream, name="x"):
        count = sum(1 for _ in statement.transactions)
"""
WRITE = """
import io, sys
from bank_formats import pain001
from tests.bank_formats.test_pain001 import BATCH, RENT
class Nowhere(io.RawIOBase):
    def write(self, piece):
        return len(piece)
payments = (RENT._replace(end_to_end_id=f"E{number}") for number in range(int(sys.argv[1])))
pain001.write(BATCH, payments, Nowhere())
"""
PEAK = """
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


def peak_kib(program: str, argument: str) -> int:
    """The most memory that a program held, in KiB, without what the process that started it held."""
    if not Path("/proc/self/status").exists():
        absent("/proc/self/status", "only Linux tells the peak of one program")
    done = subprocess.run(
        [sys.executable, "-c", program + PEAK, argument],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    return int(done.stdout)


def single_entries(count: int) -> bytes:
    return camt(credit(number) for number in range(1, count + 1))


def one_batch(count: int) -> bytes:
    def parts() -> Iterator[Transaction]:
        for part in range(1, count + 1):
            yield credit(1)._replace(
                part=part,
                ref=f"REF1#{part}",
                entry_amount=euros(1234 * count),
                batch=Batch(count, "P1"),
            )

    return camt(parts())


def many_statements(count: int) -> bytes:
    return written(
        [
            day_statement([], account=OURS, id=f"S{number}", sequence=number, on=DAY, opening=euros(0))
            for number in range(count // 4)
        ]
    )


SHAPES: dict[str, Callable[[int], bytes]] = {
    "single entries": single_entries,
    "one entry of many": one_batch,
    "many statements": many_statements,
    "gzip": lambda count: gzipped(single_entries(count)),
    "zip": lambda count: zipped({"a.xml": single_entries(count)}),
}


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPES)
def test_a_long_file_takes_no_more_memory_than_a_short_one(shape: str, tmp_path: Path) -> None:
    held = []
    for count in (FEW, MANY):
        path = tmp_path / str(count)
        path.write_bytes(SHAPES[shape](count))
        held.append(peak_kib(READ, str(path)))
    assert held[1] < held[0] + SPARE_KIB


@pytest.mark.slow
def test_many_payments_take_no_more_memory_than_few() -> None:
    few, many = (peak_kib(WRITE, str(count)) for count in (FEW, MANY))
    assert many < few + SPARE_KIB
