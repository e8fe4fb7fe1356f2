"""Payment files beside sepaxml: what it writes can be read, and says what ours says."""

import io
from datetime import date, datetime
from typing import Any

import pytest

from bank_formats import CreditTransfer, CreditTransferBatch, pain001
from bank_formats.errors import Unreadable
from tests.bank_formats.made import OURS, THEIRS
from tests.peers.beside import Wrong, compare, peer

BATCH = CreditTransferBatch(
    message_id="M1",
    payment_information_id="P1",
    created_at=datetime(2026, 11, 2, 15, 30),  # noqa: DTZ001 - written without a zone
    execution_date=date(2026, 11, 3),
    debtor_name="Gemeente Voorbeeld",
    debtor_iban=OURS,
    debtor_bic="ABNANL2A",
)
PAID = CreditTransfer("E1", 65_050, "Woonstichting De Haven", THEIRS, "RABONL2U", remittance="Huur november")
MADE_UP = "made up anew at each export: the same batch never gives the same file twice"


def theirs(version: str, *payments: CreditTransfer, exports: int = 1) -> bytes:
    config = {"name": BATCH.debtor_name, "IBAN": BATCH.debtor_iban, "BIC": BATCH.debtor_bic, "batch": True}
    file = peer("sepaxml").SepaTransfer(
        {**config, "currency": "EUR"}, schema=f"pain.001.001.{version}", clean=True
    )
    for payment in payments:
        file.add_payment(
            {
                "name": payment.creditor_name,
                "IBAN": payment.creditor_iban,
                "amount": payment.amount_cents,
                "execution_date": BATCH.execution_date,
                "description": payment.remittance,
                "endtoend_id": payment.end_to_end_id,
                **({"BIC": payment.creditor_bic} if payment.creditor_bic else {}),
            }
        )
    written: list[bytes] = [file.export(validate=False) for _ in range(exports)]
    return written[-1]


def read(file: bytes) -> list[tuple[CreditTransferBatch, list[CreditTransfer]]]:
    return [(batch, list(payments)) for batch, payments in pain001.read(io.BytesIO(file))]


def ours(version: Any, *payments: CreditTransfer) -> bytes:
    out = io.BytesIO()
    pain001.write(BATCH, payments, out, version)
    return out.getvalue()


@pytest.mark.parametrize("version", ["03", "09"])
def test_a_batch_says_the_same_but_for_its_ids(version: str) -> None:
    ((they, their_payments),), ((we, our_payments),) = read(theirs(version, PAID)), read(ours(version, PAID))
    wrong = {
        name: Wrong(getattr(they, name), MADE_UP)
        for name in ("message_id", "payment_information_id", "created_at")
    }
    compare(we._asdict(), they._asdict(), wrong)
    assert [each._replace(instruction_id=None) for each in their_payments] == our_payments


@pytest.mark.parametrize("version", ["03", "09"])
def test_what_they_write_is_valid_to_us_too(version: Any) -> None:
    pain001.validate(io.BytesIO(theirs(version, PAID)), version)


def test_exporting_twice_pays_twice_there_and_never_here() -> None:
    with pytest.raises(Unreadable, match="betalingen"):  # NbOfTxs counts the second time as well
        read(theirs("09", PAID, exports=2))
    assert ours("09", PAID) == ours("09", PAID)


def test_an_account_number_that_is_none_is_refused_by_us_alone() -> None:
    wrong = PAID._replace(creditor_iban="NL00RABO0123456789")
    assert b"NL00RABO0123456789" in theirs("09", wrong)
    with pytest.raises(pain001.CannotBePaid):
        ours("09", wrong)
