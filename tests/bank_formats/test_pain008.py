"""Files of direct debits: what the bank gets, to the byte, and what it never gets."""

import io
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from sepaxml import SepaDD

from bank_formats import Address, pain008
from bank_formats.direct_debit import Amendment, DirectDebit
from bank_formats.errors import NotABankFile, Unreadable
from bank_formats.pain008 import CannotBeCollected, NothingCollected, NotValid, fitted
from tests.bank_formats.paying import (
    BATCH,
    COLLECTIONS,
    CONTRIBUTION,
    DEBITS,
    FULL_DEBITS,
    GERMAN,
    PAYMENTS,
    collection_file,
    collections,
    collections_of,
    debit_batches,
    payment_file,
    said,
)

GOLDEN = Path(__file__).parents[1] / "golden" / "pain008"


@pytest.mark.parametrize(("name", "batch"), [("plain", DEBITS), ("full", FULL_DEBITS)])
def test_a_file_of_direct_debits_is_the_one_we_know_and_comes_back(name: str, batch: Any) -> None:
    file = collection_file(batch, COLLECTIONS)
    assert file.decode() == (GOLDEN / f"pain.008.001.08.{name}.xml").read_text("utf-8")
    pain008.validate(io.BytesIO(file))
    assert collections_of(file) == [(batch, [fitted(each).collection for each in COLLECTIONS])]


@given(batch=debit_batches(), drawn=collections())
def test_every_batch_is_valid_and_comes_back(batch: Any, drawn: list[DirectDebit]) -> None:
    drawn = [
        each._replace(mandate_id=f"M{number}", amendment=None)
        if batch.sequence_type == "OOFF" or each.debtor_iban == GERMAN
        else each
        for number, each in enumerate(drawn)
    ]
    suited = [fitted(each).collection for each in drawn]
    file = collection_file(batch, drawn)
    assert collections_of(file) == [(batch, suited)]
    assert file == collection_file(batch, suited)
    pain008.validate(io.BytesIO(file))


def test_for_whom_is_collected_may_be_said_for_all_at_once() -> None:
    batch = DEBITS._replace(ultimate_creditor="Wijkteam Noord")
    assert collections_of(collection_file(batch, [COLLECTIONS[1]])) == [(batch, [COLLECTIONS[1]])]
    with pytest.raises(CannotBeCollected, match="voor wie"):
        collection_file(batch, COLLECTIONS)


def test_a_text_is_shortened_only_where_somebody_is_told() -> None:
    suited, changes = fitted(CONTRIBUTION._replace(remittance="x" * 150))
    assert len(suited.remittance or "") == 140
    assert changes == ("naam: “ë” werd “e”", "omschrijving: ingekort van 150 naar 140 tekens")


REFUSED_COLLECTIONS: list[tuple[dict[str, Any], str]] = [
    ({"amount_cents": 0}, "bedrag"),
    ({"end_to_end_id": "a//b"}, "schuine streep"),
    ({"mandate_id": ""}, "0 tekens"),
    ({"debtor_iban": "NL00RABO0123456789"}, "geen IBAN"),
    ({"debtor_bic": "RABO"}, "geen BIC"),
    ({"debtor_name": "x" * 71}, "71 tekens"),
    ({"reference": "5000056789012345"}, "maar één"),
    ({"purpose": "huur"}, "doelcode"),
    ({"debtor_address": Address("Utrecht", "nl")}, "landcode"),
    ({"ultimate_debtor": " "}, "wiens schuld"),
    ({"ultimate_creditor": " "}, "voor wie"),
    ({"uetr": "1"}, "UETR"),
    ({"amendment": Amendment()}, "veranderd"),
    ({"amendment": Amendment(original_mandate_id="/")}, "schuine streep"),
    ({"amendment": Amendment(original_creditor_id="NL52ZZZ405365330000")}, "geen incassant-ID"),
    ({"amendment": Amendment(original_creditor_name="\u200b")}, "oude naam"),
    ({"amendment": Amendment(original_debtor_iban="x")}, "geen IBAN"),
    ({"amendment": Amendment(original_debtor_iban=GERMAN, other_account=True)}, "niet genoemd"),
    ({"amendment": Amendment(original_debtor_iban=CONTRIBUTION.debtor_iban)}, "die van nu"),
    ({"amendment": Amendment(original_mandate_id=CONTRIBUTION.mandate_id)}, "dat van nu"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED_COLLECTIONS)
def test_a_collection_that_no_bank_takes_is_refused(change: dict[str, Any], words: str) -> None:
    wrong = CONTRIBUTION._replace(**change)
    out = io.BytesIO()
    with pytest.raises(CannotBeCollected, match=words) as refused:
        pain008.write(DEBITS, [COLLECTIONS[1], wrong], out)
    assert out.getvalue() == b""
    assert pain008.problem_of(wrong) == refused.value.fields["problem"]


CHANGES_NOTHING = [
    (Amendment(original_creditor_id=DEBITS.creditor_id), "dat van nu"),
    (Amendment(original_creditor_name=DEBITS.creditor_name), "die van nu"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES_NOTHING)
def test_a_change_of_the_creditor_that_changes_nothing_is_refused(change: Amendment, words: str) -> None:
    with pytest.raises(CannotBeCollected, match=words):
        collection_file(DEBITS, [CONTRIBUTION._replace(amendment=change)])


def test_of_a_mandate_for_one_time_is_collected_once_and_nothing_changes() -> None:
    batch = DEBITS._replace(sequence_type="OOFF")
    second = CONTRIBUTION._replace(end_to_end_id="INC-9")
    collection_file(DEBITS, [CONTRIBUTION, second])
    collection_file(batch, [CONTRIBUTION, second._replace(mandate_id="MACHT-9")])
    with pytest.raises(CannotBeCollected, match=r"INC-9 .*MACHT-1 kan maar één keer"):
        collection_file(batch, [CONTRIBUTION, second])
    with pytest.raises(CannotBeCollected, match="verandert niets"):
        collection_file(batch, [COLLECTIONS[3]])


def test_the_name_before_is_fitted_too() -> None:
    amendment = Amendment(original_creditor_name="Gemeente Één")
    suited, changes = fitted(CONTRIBUTION._replace(debtor_name="Jansen", amendment=amendment))
    assert suited.amendment == Amendment(original_creditor_name="Gemeente Een")
    what = "oude naam van de incassant"
    assert changes == (f"{what}: “É” werd “E”", f"{what}: “é” werd “e”")


def test_nothing_is_collected_before_somebody_signed() -> None:
    assert pain008.problem_of(CONTRIBUTION) is None
    with pytest.raises(CannotBeCollected, match="getekend na"):
        collection_file(DEBITS, [CONTRIBUTION._replace(mandate_signed_on=date(2026, 11, 7))])


REFUSED_BATCHES: list[tuple[dict[str, Any], list[DirectDebit], str]] = [
    ({}, [], "geen betaling"),
    ({}, [CONTRIBUTION, CONTRIBUTION], "twee keer"),
    ({"message_id": "x" * 36}, [CONTRIBUTION], "36 tekens"),
    ({"creditor_id": "NL52ZZZ405365330000"}, [CONTRIBUTION], "geen incassant-ID"),
    ({"creditor_iban": "x"}, [CONTRIBUTION], "geen IBAN"),
    ({"creditor_name": ""}, [CONTRIBUTION], "naam"),
    ({"sequence_type": "RPRE"}, [CONTRIBUTION], "FRST, RCUR, FNAL, OOFF"),
    ({"created_at": DEBITS.created_at.replace(tzinfo=UTC)}, [CONTRIBUTION], "tijdzone"),
    ({"scheme": "COR1"}, [CONTRIBUTION], "CORE, B2B"),
    ({"category_purpose": "x"}, [CONTRIBUTION], "CtgyPurp"),
]


@pytest.mark.parametrize(("change", "debits", "words"), REFUSED_BATCHES)
def test_a_batch_that_no_bank_takes_is_refused(
    change: dict[str, Any], debits: list[DirectDebit], words: str
) -> None:
    with pytest.raises(NothingCollected, match=words):
        collection_file(DEBITS._replace(**change), debits)


def test_the_schema_judges_a_file_to_its_last_line() -> None:
    file = collection_file(DEBITS, COLLECTIONS)
    for good, bad in ((b"INC-4", b"x" * 36), (b"RCUR", b"RECU"), (b"</Document>", b"")):
        with pytest.raises(NotValid):
            pain008.validate(io.BytesIO(file.replace(good, bad)))


@pytest.mark.parametrize("version", [f"{number:02}" for number in range(2, 13)])
def test_every_version_is_read(version: str) -> None:
    file = collection_file(FULL_DEBITS, COLLECTIONS).replace(b"001.08", b"001." + version.encode())
    if version == "02":
        file = file.replace(b"BICFI>", b"BIC>")
    assert collections_of(file) == [(FULL_DEBITS, [fitted(each).collection for each in COLLECTIONS])]


def test_what_is_something_else_or_not_complete_is_refused() -> None:
    with pytest.raises(NotABankFile, match="incassobestand"):
        collections_of(payment_file(BATCH, PAYMENTS))
    file = collection_file(DEBITS, COLLECTIONS)
    for good, bad, words in (
        (b"<MndtId>MACHT-2</MndtId>", b"", "betaling is niet compleet"),
        (b"<DtOfSgntr>2026-01-05</DtOfSgntr>", b"<DtOfSgntr>toen</DtOfSgntr>", "betaling is niet compleet"),
        (b"<DtOfSgntr>2026-01-05</DtOfSgntr>", b"<DtOfSgntr> </DtOfSgntr>", "betaling is niet compleet"),
        (b"<Id>NL51ZZZ405365330000</Id>", b"", "hoofd"),
        (b"<PmtMtd>DD<", b"<PmtMtd>TRF<", "alleen DD kan"),
        (b"<Ccy>EUR<", b"<Ccy>USD<", "rekening is in USD"),
        (b"<Nm>Jansen</Nm>", b"", "betaling is niet compleet"),
        (b"<NbOfTxs>4<", b"<NbOfTxs>3<", "4 betalingen"),
        (b"2026-11-06</ReqdColltnDt>", b"2026-11-06xyz</ReqdColltnDt>", "hoofd"),
    ):
        with pytest.raises(Unreadable, match=words):
            collections_of(file.replace(good, bad))


def of_sepaxml(debits: list[DirectDebit]) -> bytes:
    theirs = SepaDD(
        {
            "name": DEBITS.creditor_name,
            "IBAN": DEBITS.creditor_iban,
            "BIC": DEBITS.creditor_bic,
            "batch": DEBITS.batch_booking,
            "creditor_id": DEBITS.creditor_id,
            "currency": "EUR",
        },
        schema="pain.008.001.08",
        clean=True,
    )
    for each in debits:
        theirs.add_payment(
            {
                "name": each.debtor_name,
                "IBAN": each.debtor_iban,
                "BIC": each.debtor_bic,
                "amount": each.amount_cents,
                "type": DEBITS.sequence_type,
                "collection_date": DEBITS.collection_date,
                "mandate_id": each.mandate_id,
                "mandate_date": each.mandate_signed_on,
                "description": each.remittance,
                "endtoend_id": each.end_to_end_id,
            }
        )
    exported: bytes = theirs.export(validate=True)
    return exported


def test_another_writer_says_the_same_of_the_same_batch() -> None:
    debits = [CONTRIBUTION._replace(debtor_name="Jansen", end_to_end_id=f"E{number}") for number in range(3)]
    file = of_sepaxml(debits)
    # They name the initiating party by the creditor's identifier, which we do where it is asked.
    batch = DEBITS._replace(initiating_party_id=DEBITS.creditor_id)
    theirs, ours = said(file), said(collection_file(batch, debits))
    made_up = {path for path in theirs if path.endswith(("/MsgId", "/CreDtTm", "/PmtInfId"))}
    assert len(made_up) == 3
    assert {path for path in {*theirs, *ours} - made_up if theirs.get(path) != ours.get(path)} == {
        "CstmrDrctDbtInitn/PmtInf/CdtrAcct/Ccy"
    }
    ((_, found),) = collections_of(file)
    assert found == debits
