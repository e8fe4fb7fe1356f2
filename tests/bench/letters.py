"""Reading MT940 against mt-940, over the same file."""

import importlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import bank_formats
from tests.bench.measured import Measured, cpu_s, there, without
from tests.bench.mt940_made import written

ENTRIES = 100_000
NAME = "read_mt940_vs_mt940"


def ours(path: Path) -> None:
    with path.open("rb") as stream:
        read = sum(
            1 for statement in bank_formats.read(stream, name=path.name) for _ in statement.transactions
        )
    assert read == ENTRIES


def against_mt940() -> Iterator[Measured]:
    """How many times as fast as mt-940 a file of letters is read, with its sub-fields."""
    if not there("mt940"):
        yield without(NAME, "mt-940")
        return
    peer = importlib.import_module("mt940")
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder) / "letters.940", ENTRIES)

        def theirs() -> None:
            assert len(peer.parse(str(path)).transactions) == ENTRIES

        (taken,) = cpu_s(lambda: ours(path))
        (peers,) = cpu_s(theirs, rounds=1)
    yield Measured(
        NAME,
        round(peers / taken, 2),
        "ratio",
        f"mt-940: {peers:.2f} s, ours {taken:.2f} s, {ENTRIES:,} entries; aim 4",
    )
