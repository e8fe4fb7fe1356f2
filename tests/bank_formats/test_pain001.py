"""Payment files: what the bank gets, to the byte, and what it never gets."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sepaxml import SepaTransfer

from bank_formats import Address, CreditTransfer, CreditTransferBatch, Refused, pain001, sepa_text
from bank_formats.errors import NotABankFile, UnsafeFile
from bank_formats.pain001 import CannotBePaid, CannotBeSent, NotValid, Version, fitted
from tests.bank_formats.made import OURS, THEIRS, camt, credit

VERSIONS: tuple[Version, ...] = ("03", "09")
GOLDEN = Path(__file__).parents[1] / "golden" / "pain001"
BATCH = CreditTransferBatch(
    message_id="HHB-20261103-1",
    payment_information_id="HHB-20261103-1-A",
    created_at=datetime(2026, 11, 2, 15, 30),  # noqa: DTZ001 - written without a zone
    execution_date=date(2026, 11, 3),
    debtor_name="Gemeente Voorbeeld",
    debtor_iban=OURS,
    debtor_bic="ABNANL2A",
    batch_booking=False,
)
RENT = CreditTransfer(
    end_to_end_id="HHB-20261103-0001",
    amount_cents=65_050,
    creditor_name="Stichting Wonen & Zo",
    creditor_iban=THEIRS,
    creditor_bic="RABONL2U",
    remittance="Huur november, huurder 4711",
    purpose="RENT",
    ultimate_debtor="Zoë de Vries",
)
PAYMENTS = [
    RENT,
    RENT._replace(
        end_to_end_id="HHB-20261103-0002", creditor_bic=None, remittance=None, reference="5000056789012345"
    ),
    RENT._replace(
        end_to_end_id="HHB-20261103-0003",
        amount_cents=1,
        creditor_name="Energie Zuid",
        creditor_iban="DE89370400440532013000",
        creditor_address=Address("Köln", "DE", "Domstraße", "1a", "50667"),
        remittance=None,
        reference="RF18539007547034",
        ultimate_debtor=None,
    ),
    RENT._replace(
        end_to_end_id="HHB-20261103-0004", amount_cents=99_999_999_999, purpose=None, instruction_id="I-4"
    ),
]


def file_of(batch: CreditTransferBatch, payments: list[CreditTransfer], version: Version = "09") -> bytes:
    out = io.BytesIO()
    pain001.write(batch, payments, out, version)
    return out.getvalue()


def read_back(file: bytes) -> list[tuple[CreditTransferBatch, list[CreditTransfer]]]:
    return [(batch, list(payments)) for batch, payments in pain001.read(io.BytesIO(file))]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_payment_file_is_the_one_we_know(version: Version) -> None:
    file = file_of(BATCH, PAYMENTS, version)
    golden = GOLDEN / f"pain.001.001.{version}.xml"
    assert file.decode() == golden.read_text("utf-8")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_payment_file_comes_back_as_it_was_and_is_valid(version: Version) -> None:
    file = file_of(BATCH, PAYMENTS, version)
    pain001.validate(io.BytesIO(file), version)
    expected = [fitted(payment).payment for payment in PAYMENTS]
    assert expected[2].creditor_address == Address("Koln", "DE", "Domstrasse", "1a", "50667")
    assert read_back(file) == [(BATCH, expected)]


IDENTIFIERS = st.from_regex(r"\A[A-Z0-9][A-Z0-9\-.]{0,34}\Z")
NAMES = st.text(st.characters(categories=["L", "Nd"], max_codepoint=0x24F), min_size=1, max_size=30)
PARTS = st.none() | st.sampled_from(["Plein", "12-é", "3511 AB;"])
ADDRESSES = st.none() | st.builds(Address, st.just("Utrecht"), st.just("NL"), PARTS, PARTS, PARTS)
REFERENCES = st.integers(1, 10**15 - 1).map(
    lambda number: sepa_text.betalingskenmerk(str(number))
) | st.integers(1, 10**12).map(lambda number: sepa_text.creditor_reference(str(number)))
PAYMENT = st.builds(
    CreditTransfer,
    end_to_end_id=IDENTIFIERS,
    amount_cents=st.integers(1, pain001.LARGEST_CENTS),
    creditor_name=NAMES,
    creditor_iban=st.sampled_from([THEIRS, "DE89370400440532013000", "BE68539007547034"]),
    creditor_bic=st.none() | st.just("RABONL2U"),
    remittance=st.none() | NAMES,
    purpose=st.none() | st.just("RENT"),
    ultimate_debtor=st.none() | NAMES,
    instruction_id=st.none() | IDENTIFIERS,
    creditor_address=st.none(),
    reference=st.none(),
) | st.builds(
    CreditTransfer,
    end_to_end_id=IDENTIFIERS,
    amount_cents=st.integers(1, 1000),
    creditor_name=NAMES,
    creditor_iban=st.just(THEIRS),
    creditor_address=ADDRESSES,
    reference=REFERENCES,
    creditor_bic=st.none(),
    remittance=st.none(),
    purpose=st.none(),
    ultimate_debtor=st.none(),
    instruction_id=st.none(),
)


@pytest.mark.parametrize("version", VERSIONS)
@given(
    payments=st.lists(PAYMENT, min_size=1, max_size=5, unique_by=lambda payment: payment.end_to_end_id),
    booking=st.booleans(),
)
def test_every_batch_is_valid_and_comes_back(
    version: Version, payments: list[CreditTransfer], booking: bool
) -> None:
    batch = BATCH._replace(batch_booking=booking)
    suited = [fitted(payment).payment for payment in payments]
    file = file_of(batch, payments, version)
    assert read_back(file) == [(batch, suited)]
    assert file == file_of(batch, suited, version)
    total = sum(payment.amount_cents for payment in payments)
    assert file.decode().count(f"<CtrlSum>{total // 100}.{total % 100:02d}</CtrlSum>") == 2
    assert file.decode().count(f"<NbOfTxs>{len(payments)}</NbOfTxs>") == 2


REFUSED_PAYMENTS: list[tuple[dict[str, Any], str]] = [
    ({"amount_cents": 0}, "bedrag"),
    ({"amount_cents": -1}, "bedrag"),
    ({"amount_cents": pain001.LARGEST_CENTS + 1}, "bedrag"),
    ({"end_to_end_id": "x" * 36}, "tekens"),
    ({"end_to_end_id": "/x"}, "schuine streep"),
    ({"instruction_id": "a//b"}, "schuine streep"),
    ({"creditor_iban": "NL00RABO0123456789"}, "geen IBAN"),
    ({"creditor_bic": "RABO"}, "geen BIC"),
    ({"creditor_name": "x" * 71}, "71 tekens"),
    ({"creditor_name": "\u200b"}, "leesbaar"),
    ({"remittance": "x" * 141}, "141 tekens"),
    ({"reference": "5000056789012345"}, "maar één"),
    ({"remittance": None, "reference": "1234567890123456"}, "geen betalingskenmerk"),
    ({"purpose": "huur"}, "doelcode"),
    ({"creditor_address": Address("Utrecht", "Nederland")}, "landcode"),
    ({"creditor_address": Address("x" * 36, "NL")}, "TwnNm"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED_PAYMENTS)
def test_a_payment_that_no_bank_takes_is_refused_and_nothing_is_written(
    change: dict[str, Any], words: str
) -> None:
    out = io.BytesIO()
    with pytest.raises(CannotBePaid, match=words):
        pain001.write(BATCH, [PAYMENTS[3], RENT._replace(**change)], out)
    assert out.getvalue() == b""


REFUSED_BATCHES: list[tuple[dict[str, Any], list[CreditTransfer], str]] = [
    ({}, [], "geen betaling"),
    ({"message_id": "x" * 36}, [RENT], "36 tekens"),
    ({"payment_information_id": "x/"}, [RENT], "schuine streep"),
    ({"debtor_iban": "NL00ABNA0417164300"}, [RENT], "geen IBAN"),
    ({"debtor_bic": "abna"}, [RENT], "geen BIC"),
    ({"debtor_name": " "}, [RENT], "naam"),
    ({}, [RENT, PAYMENTS[1], RENT], "HHB-20261103-0001 komt twee keer voor"),
]


@pytest.mark.parametrize(("change", "payments", "words"), REFUSED_BATCHES)
def test_a_batch_that_no_bank_takes_is_refused(
    change: dict[str, Any], payments: list[CreditTransfer], words: str
) -> None:
    out = io.BytesIO()
    with pytest.raises(CannotBeSent, match=words):
        pain001.write(BATCH._replace(**change), payments, out)
    assert out.getvalue() == b""


def test_a_text_is_shortened_only_where_somebody_is_told() -> None:
    suited, changes = fitted(RENT._replace(creditor_name="Zoë " + "x" * 80))
    assert len(suited.creditor_name) == 70
    assert changes == (
        "naam: “ë” werd “e”",
        "naam: ingekort van 84 naar 70 tekens",
        "naam inwoner: “ë” werd “e”",
    )


@pytest.mark.parametrize("version", VERSIONS)
def test_the_schema_judges_a_file_to_its_last_line(version: Version) -> None:
    file = file_of(BATCH, PAYMENTS, version)
    for good, bad in (
        (b"HHB-20261103-0004", b"x" * 36),
        (b"</PmtInf>", b"</PmtInf><a/>"),
        (b"SLEV", b"SLAV"),
    ):
        with pytest.raises(NotValid):
            pain001.validate(io.BytesIO(file.replace(good, bad)), version)
    with pytest.raises(NotValid):
        pain001.validate(io.BytesIO(file), "03" if version == "09" else "09")
    for cut in (1, 3, 12, 20, 60, 700):
        with pytest.raises(Refused):
            pain001.validate(io.BytesIO(file.rstrip()[:-cut]), version)
    for good, bad in ((b"<Purp>", b"<Purp/>"), (b"</Cdtr>", b"</Crdt>"), (b"Wonen +", b"Wonen &")):
        with pytest.raises(Refused):
            pain001.validate(io.BytesIO(file.replace(good, bad)), version)


def test_another_file_is_not_read_as_payments() -> None:
    with pytest.raises(NotABankFile):
        read_back(camt([credit(1)]))
    with pytest.raises(UnsafeFile):
        read_back(b"<!DOCTYPE x><x/>")


@pytest.mark.slow
def test_many_payments_are_written_and_read_as_they_come() -> None:
    def many() -> Iterator[CreditTransfer]:
        for number in range(20_000):
            yield RENT._replace(end_to_end_id=f"HHB{number:09d}", ultimate_debtor=None)

    out = io.BytesIO()
    pain001.write(BATCH, many(), out)
    ((_, payments),) = read_back(out.getvalue())
    assert [payment.end_to_end_id for payment in payments] == [payment.end_to_end_id for payment in many()]


@pytest.mark.parametrize("version", VERSIONS)
def test_payments_of_another_writer_are_read(version: Version) -> None:
    settings = {
        "name": "Gemeente Voorbeeld",
        "IBAN": OURS,
        "BIC": "ABNANL2A",
        "batch": True,
        "currency": "EUR",
    }
    theirs = SepaTransfer(settings, schema=f"pain.001.001.{version}", clean=True)
    theirs.add_payment(
        {
            "name": "Energie Zuid",
            "IBAN": THEIRS,
            "BIC": "RABONL2U",
            "amount": 12_345,
            "execution_date": date(2026, 11, 3),
            "description": "Termijn november",
            "endtoend_id": "E1",
        }
    )
    ((batch, payments),) = read_back(theirs.export(validate=True))
    assert (batch.debtor_iban, batch.execution_date, batch.batch_booking) == (OURS, date(2026, 11, 3), True)
    assert payments == [
        CreditTransfer("E1", 12_345, "Energie Zuid", THEIRS, "RABONL2U", remittance="Termijn november")
    ]
