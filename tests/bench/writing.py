"""Writing pain.001 against sepaxml, with and without judging it by the official schema."""

import importlib
import io
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from bank_formats import CreditTransfer, CreditTransferBatch, pain001
from tests.bench.measured import Measured, alone, cpu_s, there, without

PAYMENTS, MANY = 10_000, 1_000_000
BATCH = CreditTransferBatch(
    message_id="HHB-20261103-1",
    payment_information_id="HHB-20261103-1-A",
    created_at=datetime(2026, 11, 2, 15, 30),  # noqa: DTZ001 - written without a zone
    execution_date=date(2026, 11, 3),
    debtor_name="Gemeente Voorbeeld",
    debtor_iban="NL91ABNA0417164300",
    debtor_bic="ABNANL2A",
)
WRITE_MANY = """
import io, sys
from bank_formats import pain001
from tests.bench.writing import BATCH, payments
class Counted(io.RawIOBase):
    size = 0
    def write(self, piece):
        self.size += len(piece)
        return len(piece)
def work():
    pain001.write(BATCH, payments(int(sys.argv[1])), Counted())
"""


def payments(count: int) -> Iterator[CreditTransfer]:
    """As many rents."""
    for number in range(count):
        yield CreditTransfer(
            end_to_end_id=f"HHB-20261103-{number:07}",
            amount_cents=10_000 + number % 90_000,
            creditor_name=f"Woonstichting De Haven {number % 400}",
            creditor_iban="NL44RABO0123456789",
            creditor_bic="RABONL2U",
            remittance=f"Huur november, huurder {number % 5000:06}",
        )


def ours(*, judged: bool) -> None:
    with pain001.draft(BATCH, payments(PAYMENTS)) as made:
        if judged:
            made.judge()
        made.copy(io.BytesIO())


def theirs(peer: Any, *, judged: bool) -> None:
    batch = {"name": BATCH.debtor_name, "IBAN": BATCH.debtor_iban, "BIC": BATCH.debtor_bic}
    file = peer.SepaTransfer(
        {**batch, "batch": True, "currency": "EUR"}, schema="pain.001.001.09", clean=True
    )
    for payment in payments(PAYMENTS):
        file.add_payment(
            {
                "name": payment.creditor_name,
                "IBAN": payment.creditor_iban,
                "BIC": payment.creditor_bic,
                "amount": payment.amount_cents,
                "execution_date": BATCH.execution_date,
                "description": payment.remittance,
                "endtoend_id": payment.end_to_end_id,
            }
        )
    file.export(validate=judged)


def against_sepaxml() -> Iterator[Measured]:
    """How many times as fast as sepaxml payments are written: judged by both, and by neither."""
    for name, judged, aim in (
        ("write_pain001_vs_sepaxml_validated", True, 25),
        ("write_pain001_vs_sepaxml", False, 10),
    ):
        if not there("sepaxml"):
            yield without(name, "sepaxml")
            continue
        peer = importlib.import_module("sepaxml")
        taken, peers = cpu_s(partial(ours, judged=judged), partial(theirs, peer, judged=judged))
        yield Measured(
            name,
            round(peers / taken, 1),
            "ratio",
            f"sepaxml: {peers:.2f} s, ours {taken:.3f} s, {PAYMENTS:,} payments; aim {aim}",
        )


def many() -> Iterator[Measured]:
    """The memory that a file of a million payments takes, with judging."""
    cost = alone(WRITE_MANY, str(MANY))
    yield Measured(
        "write_pain001_peak_mib",
        round(cost.peak_mib, 1),
        "MiB",
        f"{MANY:,} payments, judged, {cost.seconds:.1f} s, in a fresh process",
    )
