"""What is written as camt.053 is read back as it was, and is what the schema asks."""

import io
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

import bank_formats
from bank_formats import Batch, Charge, Party, Statement, Transaction
from bank_formats.camt_writer import CannotBeWritten, Version, day_statement
from bank_formats.statement import euros
from bank_formats.xml import SAFE
from tests.bank_formats.made import DAY, OURS, THEIRS, camt, credit, statements, written

VERSIONS: tuple[Version, ...] = ("02", "08")
FOLDER = Path(bank_formats.__file__).parent / "schemas"
SCHEMAS = {version: etree.XMLSchema(file=str(FOLDER / f"camt.053.001.{version}.xsd")) for version in VERSIONS}
LETTERS = st.sampled_from("abcXYZ019 &<>'\"é€ß-.,/")
TEXTS = st.text(LETTERS, min_size=1, max_size=30).map(lambda text: " ".join(text.split())).filter(bool)
MAYBE = st.none() | TEXTS
IDS = st.text(st.sampled_from("ABC123-"), min_size=1, max_size=35)
MAYBE_ID = st.none() | IDS
CODES = st.sampled_from(["PMNT-RCDT-ESCT", "PMNT-ICDT-ESCT", "PMNT-RCDT-RRTN", "PMNT-RDDT-UPDD", "BANKCODE1"])
DATES = st.none() | st.dates(date(2020, 1, 1), date(2030, 12, 31))
CENTS = st.integers(1, 99_999_999)
ACCOUNTS = st.none() | st.sampled_from([THEIRS, "DE89370400440532013000", "123456789"])
PARTIES = st.builds(Party, MAYBE, ACCOUNTS, st.none() | st.just("RABONL2U"))
COUNTS = st.none() | st.integers(0, 9999)
BATCHES = st.none() | st.builds(Batch, COUNTS, MAYBE_ID, IDS, st.none() | st.just(euros(5)))
STATUSES = st.sampled_from(["booked", "pending", "info"])
CHARGES = st.lists(st.builds(Charge, st.just(euros(-7)), st.just("EUR")), max_size=2)


@st.composite
def entry_of(draw: st.DrawFn, number: int) -> list[Transaction]:
    """An entry of one or several transactions, with what its parts share."""
    sign, count = draw(st.sampled_from([1, -1])), draw(st.integers(1, 3))
    ref, entry_reference = draw(MAYBE_ID), draw(MAYBE_ID)
    amounts = [euros(draw(CENTS) * sign) for _ in range(count)]
    whole = Transaction(
        number,
        None,
        ref,
        draw(DATES),
        draw(DATES),
        None,
        "EUR",
        code=draw(CODES),
        reversal=draw(st.booleans()),
        batch=draw(BATCHES),
        status=draw(STATUSES),
        entry_amount=sum(amounts, Decimal(0)),
        entry_reference=entry_reference,
    )
    parts = []
    for place, amount in enumerate(amounts, 1):
        own, text, party = draw(MAYBE_ID), draw(MAYBE), draw(PARTIES)
        reason = draw(st.none() | st.sampled_from(["AC04", "MS03"]))
        part = whole._replace(
            amount=amount,
            counterparty=party,
            end_to_end_id=draw(MAYBE_ID),
            reference=draw(MAYBE_ID),
            remittance=draw(MAYBE) or text,
            bank_reference=ref or own or entry_reference,
            mandate_id=draw(MAYBE_ID),
            return_reason=reason,
            return_text=draw(MAYBE) if reason else None,
            message_id=draw(MAYBE_ID),
            instruction_id=draw(MAYBE_ID),
            transaction_id=draw(MAYBE_ID),
            clearing_reference=draw(MAYBE_ID),
            ultimate_party=draw(MAYBE) if party.name else None,
            purpose=draw(st.none() | st.sampled_from(["RENT", "SALA", "Eigen doel"])),
            additional_info=text,
            charges=tuple(draw(CHARGES)),
        )
        if count > 1:
            reference = own or ref or entry_reference
            part = part._replace(part=place, ref=ref and f"{ref}#{place}", bank_reference=reference)
        parts.append(part)
    return parts


@st.composite
def entries(draw: st.DrawFn) -> list[Transaction]:
    """The transactions of some entries, in order."""
    return [part for number in range(1, draw(st.integers(1, 5))) for part in draw(entry_of(number))]


@pytest.mark.parametrize("version", VERSIONS)
@given(moved=entries())
def test_what_is_written_is_read_back(version: Version, moved: list[Transaction]) -> None:
    ((statement, found),) = statements(camt(moved, version))
    assert found == moved
    assert (statement.account, statement.sequence, statement.currency) == (OURS, 1, "EUR")


@pytest.mark.parametrize("version", VERSIONS)
def test_everything_a_demonstration_needs_follows_the_schema(version: Version) -> None:
    def one(number: int, cents: int, **said: Any) -> Transaction:
        return credit(number, cents)._replace(**said)

    def bare(number: int, cents: int, code: str) -> Transaction:
        amount, ref = euros(cents), f"REF{number}"
        return Transaction(
            number, None, ref, DAY, DAY, amount, "EUR", bank_reference=ref, code=code, entry_amount=amount
        )

    batch = {"entry_amount": euros(-1500), "batch": Batch(2, "P1", "M1"), "message_id": "M1"}
    moved = [
        one(1, 125_000, purpose="SALA", ultimate_party="Bakkerij Jansen", entry_reference="1"),
        one(2, -500, part=1, ref="REF2#1", **batch),
        one(2, -1000, part=2, ref="REF2#2", **batch),
        bare(3, -7500, "PMNT-ICDT-ESCT")._replace(batch=Batch(7, "P2")),
        one(4, 500, code="PMNT-RCDT-RRTN", return_reason="AC04", return_text="Rekening opgeheven"),
        one(5, -4200, code="PMNT-RDDT-ESDD", mandate_id="M-1", reference="5000056789012345", remittance=None),
        bare(6, -125, "PMNT-MDOP-CHRG")._replace(remittance="Kosten", additional_info="Kosten"),
        one(7, 4200, reversal=True, charges=(Charge(euros(-15), "EUR"),), clearing_reference="C7"),
    ]
    file = camt(moved, version)
    document = etree.fromstring(file, etree.XMLParser(**SAFE))  # type: ignore[arg-type]  # one dict of booleans
    SCHEMAS[version].assertValid(document)
    ((statement, found),) = statements(file)
    assert found == moved
    assert statement.totals().difference == 0
    assert statement.totals().uneven == ()


HEAD_FIELDS = (
    *("id", "sequence", "legal_sequence", "account", "currency", "owner", "servicer_bic", "balances"),
    *("created_at", "page", "is_last_page", "is_copy", "from_date", "to_date"),
)


def test_several_statements_come_back_with_their_heads() -> None:
    made = []
    for number in range(1, 4):
        said = day_statement(
            [credit(1)], account=OURS, id=f"S{number}", sequence=number, on=DAY, opening=euros(number)
        )
        said.owner, said.servicer_bic, said.created_at = "Gemeente & Zn.", "ABNANL2A", "2026-11-03T06:00:00"
        said.page, said.is_last_page, said.is_copy, said.legal_sequence = number, number == 3, number == 2, 7
        said.to_date = DAY + timedelta(days=number)
        made.append(said)
    for said, (found, moved) in zip(made, statements(written(made)), strict=True):
        assert {name: getattr(found, name) for name in HEAD_FIELDS} == {
            name: getattr(said, name) for name in HEAD_FIELDS
        }
        assert moved == [credit(1)]


def test_the_same_statement_gives_the_same_bytes() -> None:
    assert camt([credit(1)]) == camt([credit(1)])


def test_a_part_against_its_entry_cannot_be_told_in_version_02() -> None:
    parts = [
        credit(1, cents)._replace(part=part, entry_amount=euros(5)) for part, cents in ((1, 10), (2, -5))
    ]
    with pytest.raises(CannotBeWritten):
        camt(parts, "02")
    assert [t.amount_cents for _, found in statements(camt(parts, "08")) for t in found] == [10, -5]


def test_a_long_statement_comes_back_whole() -> None:
    file = camt(credit(number) for number in range(1, 500))
    statement = next(bank_formats.read(io.BytesIO(file), name="x"))
    assert isinstance(statement, Statement)
    assert [t.entry for t in statement.transactions] == list(range(1, 500))
