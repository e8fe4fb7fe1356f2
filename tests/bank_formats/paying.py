"""Batches of payments and of direct debits, made and drawn, for the tests of their files."""

import io
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st
from lxml import etree

from bank_formats import Address, CreditTransfer, CreditTransferBatch, pain001, pain008, sepa_text
from bank_formats.direct_debit import Amendment, DirectDebit, DirectDebitBatch
from bank_formats.pain001 import Version

VERSIONS: tuple[Version, ...] = ("03", "09")
OURS = "NL91ABNA0417164300"
THEIRS = "NL44RABO0123456789"
GERMAN = "DE89370400440532013000"
CREATED = datetime(2026, 11, 2, 15, 30)  # noqa: DTZ001 - written without a zone
BATCH = CreditTransferBatch(
    message_id="HHB-20261103-1",
    payment_information_id="HHB-20261103-1-A",
    created_at=CREATED,
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
        creditor_iban=GERMAN,
        creditor_address=Address("Köln", "DE", "Domstraße", "1a", "50667"),
        remittance=None,
        reference="RF18539007547034",
        ultimate_debtor=None,
    ),
    RENT._replace(
        end_to_end_id="HHB-20261103-0004", amount_cents=99_999_999_999, purpose=None, instruction_id="I-4"
    ),
]
FULL_BATCH = BATCH._replace(
    debtor_bic=None,
    category_purpose="SALA",
    instruction_priority="HIGH",
    initiating_party="Sociale Dienst",
    local_instrument="INST",
    debtor_address=Address("Utrecht", "NL", "Stadsplateau", "1", "3521AZ"),
    initiating_party_id="KLANT-4711",
)
FULL_PAYMENT = RENT._replace(
    amount_cents=99,
    creditor_address=Address("Utrecht", "NL"),
    instruction_id="I-1",
    ultimate_creditor="Huismeester",
    creditor_id="30123456",
)
DEBITS = DirectDebitBatch(
    message_id="HHB-INC-1",
    payment_information_id="HHB-INC-1-A",
    created_at=CREATED,
    collection_date=date(2026, 11, 6),
    creditor_name="Gemeente Voorbeeld",
    creditor_iban=OURS,
    creditor_id="NL51ZZZ405365330000",
    creditor_bic="ABNANL2A",
)
CONTRIBUTION = DirectDebit(
    end_to_end_id="INC-1",
    amount_cents=2_500,
    debtor_name="Zoë de Vries",
    debtor_iban=THEIRS,
    mandate_id="MACHT-1",
    mandate_signed_on=date(2026, 1, 5),
    debtor_bic="RABONL2U",
    remittance="Eigen bijdrage november",
)
FULL_DEBITS = DEBITS._replace(
    sequence_type="FRST",
    creditor_bic=None,
    batch_booking=False,
    scheme="B2B",
    category_purpose="GOVT",
    initiating_party="Sociale Dienst",
    initiating_party_id="KLANT-4711",
    creditor_address=Address("Utrecht", "NL"),
)
COLLECTIONS = [
    CONTRIBUTION,
    DirectDebit("INC-2", 1, "Jansen", GERMAN, "MACHT-2", date(2026, 11, 6), reference="RF18539007547034"),
    CONTRIBUTION._replace(
        end_to_end_id="INC-3",
        debtor_bic=None,
        debtor_address=Address("Köln", "DE", "Domstraße", "1a", "50667"),
        remittance=None,
        reference="5000056789012345",
        purpose="GOVT",
        ultimate_debtor="Moeder de Vries",
        ultimate_creditor="Wijkteam",
        instruction_id="I-3",
        uetr="aaaaaaaa-0000-4000-8000-00000000000a",
        amendment=Amendment("MACHT-0", "NL51ABC405365330000", "Gemeente Toen", other_account=True),
    ),
    CONTRIBUTION._replace(end_to_end_id="INC-4", amendment=Amendment(original_debtor_iban=GERMAN)),
]


def payment_file(
    batch: CreditTransferBatch, payments: Iterable[CreditTransfer], version: Version = "09"
) -> bytes:
    """The bytes of a file of payments."""
    out = io.BytesIO()
    pain001.write(batch, payments, out, version)
    return out.getvalue()


def payments_of(file: bytes) -> list[tuple[CreditTransferBatch, list[CreditTransfer]]]:
    """The batches in a file of payments."""
    return [(batch, list(payments)) for batch, payments in pain001.read(io.BytesIO(file))]


def collection_file(batch: DirectDebitBatch, collections: Iterable[DirectDebit]) -> bytes:
    """The bytes of a file of direct debits."""
    out = io.BytesIO()
    pain008.write(batch, collections, out)
    return out.getvalue()


def collections_of(file: bytes) -> list[tuple[DirectDebitBatch, list[DirectDebit]]]:
    """The batches in a file of direct debits."""
    return [(batch, list(collections)) for batch, collections in pain008.read(io.BytesIO(file))]


def said(file: bytes) -> dict[str, list[str]]:
    """Every text in a file, by the path of its element, in order."""
    found: dict[str, list[str]] = {}
    root = etree.fromstring(file)
    tree = root.getroottree()
    for element in root.iter("{*}*"):
        text = (element.text or "").strip()
        if text:
            path = tree.getelementpath(element)
            names = [part.split("}")[-1].split("[")[0] for part in path.split("/{")]
            found.setdefault("/".join(names[1:] if names[0] == "." else names), []).append(text)
    return found


# Drawn


def drawn(kind: Callable[..., Any], fields: Mapping[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[Any]:
    """Values of a named tuple of which every field that is not given keeps its default."""
    return st.fixed_dictionaries(dict(fields)).map(lambda given: kind(**given))


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nothing, or one of these."""
    return st.none() | strategy


IDENTIFIERS = st.from_regex(r"\A[A-Z0-9][A-Z0-9\-.]{0,34}\Z")
NAMES = st.text(st.characters(categories=["L", "Nd"], max_codepoint=0x24F), min_size=1, max_size=30)
TIDY = st.from_regex(r"\A[A-Za-z0-9]([A-Za-z0-9 ,.]{0,30}[A-Za-z0-9])?\Z").map(
    lambda text: " ".join(text.split())
)
CENTS = st.integers(1, pain001.LARGEST_CENTS)
IBANS = st.sampled_from([THEIRS, GERMAN, "BE68539007547034"])
PARTS = st.sampled_from(["Plein", "12-é", "3511 AB;"])
ADDRESSES = drawn(
    Address,
    {
        "town": st.just("Utrecht"),
        "country": st.sampled_from(["NL", "DE"]),
        "street": maybe(PARTS),
        "building_number": maybe(PARTS),
        "post_code": maybe(PARTS),
    },
)
TIDY_ADDRESSES = st.sampled_from([Address("Utrecht", "NL"), Address("Koln", "DE", "Domplatz", "1", "50667")])
REFERENCES = st.integers(1, 10**15 - 1).map(
    lambda number: sepa_text.betalingskenmerk(str(number))
) | st.integers(1, 10**12).map(lambda number: sepa_text.creditor_reference(str(number)))
SAID = st.sampled_from(["nothing", "text", "reference"]).flatmap(
    lambda kind: st.fixed_dictionaries(
        {"text": {"remittance": NAMES}, "reference": {"reference": REFERENCES}}.get(kind, {})
    )
)
UETRS = st.uuids(version=4).map(str)
DAYS = st.dates(date(2026, 1, 1), date(2030, 12, 31))


def with_words(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Payments with a free text, or a reference, or neither."""
    return st.tuples(strategy, SAID).map(lambda drawn: drawn[0]._replace(**drawn[1]))


def transfers(version: Version) -> st.SearchStrategy[list[CreditTransfer]]:
    """Payments of one batch that a file of this version can hold, once they are fitted."""
    fields = {
        "end_to_end_id": IDENTIFIERS,
        "amount_cents": CENTS,
        "creditor_name": NAMES,
        "creditor_iban": IBANS,
        "creditor_bic": maybe(st.sampled_from(["RABONL2U", "DEUTDEFF500"])),
        "creditor_address": maybe(ADDRESSES),
        "purpose": maybe(st.sampled_from(["RENT", "GOVT"])),
        "ultimate_debtor": maybe(NAMES),
        "instruction_id": maybe(IDENTIFIERS),
        "ultimate_creditor": maybe(NAMES),
        "creditor_id": maybe(TIDY),
        "uetr": maybe(UETRS) if version == "09" else st.none(),
    }
    return st.lists(
        with_words(drawn(CreditTransfer, fields)), min_size=1, max_size=5, unique_by=lambda each: each[0]
    )


def batches() -> st.SearchStrategy[CreditTransferBatch]:
    """Heads of payment files."""
    fields = {
        "message_id": IDENTIFIERS,
        "payment_information_id": IDENTIFIERS,
        "created_at": st.datetimes(CREATED).map(lambda moment: moment.replace(microsecond=0)),
        "execution_date": DAYS,
        "debtor_name": TIDY,
        "debtor_iban": st.just(OURS),
        "debtor_bic": maybe(st.just("ABNANL2A")),
        "batch_booking": st.booleans(),
        "category_purpose": maybe(st.sampled_from(["SALA", "TAXS", "MP2B"])),
        "instruction_priority": maybe(st.sampled_from(["NORM", "HIGH"])),
        "local_instrument": maybe(st.just("INST")),
        "debtor_address": maybe(TIDY_ADDRESSES),
        "initiating_party_id": maybe(TIDY),
    }
    return drawn(CreditTransferBatch, fields)


AMENDMENTS = st.sampled_from([each.amendment for each in COLLECTIONS if each.amendment])


def collections() -> st.SearchStrategy[list[DirectDebit]]:
    """Direct debits of one batch, to be fitted."""
    fields = {
        "end_to_end_id": IDENTIFIERS,
        "amount_cents": CENTS,
        "debtor_name": NAMES,
        "debtor_iban": IBANS,
        "mandate_id": IDENTIFIERS,
        "mandate_signed_on": st.dates(date(2010, 1, 1), date(2025, 12, 31)),
        "debtor_bic": maybe(st.just("RABONL2U")),
        "debtor_address": maybe(ADDRESSES),
        "purpose": maybe(st.just("GOVT")),
        "ultimate_debtor": maybe(NAMES),
        "ultimate_creditor": maybe(NAMES),
        "instruction_id": maybe(IDENTIFIERS),
        "uetr": maybe(UETRS),
        "amendment": maybe(AMENDMENTS),
    }
    return st.lists(
        with_words(drawn(DirectDebit, fields)), min_size=1, max_size=5, unique_by=lambda each: each[0]
    )


def debit_batches() -> st.SearchStrategy[DirectDebitBatch]:
    """Heads of files of direct debits."""
    fields = {
        "message_id": IDENTIFIERS,
        "payment_information_id": IDENTIFIERS,
        "created_at": st.datetimes(CREATED).map(lambda moment: moment.replace(microsecond=0)),
        "collection_date": DAYS,
        "creditor_name": TIDY,
        "creditor_iban": st.just(OURS),
        "creditor_id": st.just("NL51ZZZ405365330000"),
        "sequence_type": st.sampled_from(["FRST", "RCUR", "FNAL", "OOFF"]),
        "creditor_bic": maybe(st.just("ABNANL2A")),
        "batch_booking": st.booleans(),
        "scheme": st.sampled_from(["CORE", "B2B"]),
        "category_purpose": maybe(st.just("GOVT")),
        "initiating_party_id": maybe(TIDY),
        "creditor_address": maybe(TIDY_ADDRESSES),
    }
    return drawn(DirectDebitBatch, fields)
