"""What is written as camt.053 is read back as it was, and is what the schema asks."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import bank_formats
from bank_formats import Batch, Charge, Statement, Transaction
from bank_formats.camt_writer import CannotBeWritten, Version, day_statement
from bank_formats.statement import euros
from bank_formats.xml import SAFE
from tests.bank_formats.made import DAY, OURS, camt, credit, statements, written

VERSIONS: tuple[Version, ...] = ("02", "08")
FOLDER = Path(bank_formats.__file__).parent / "schemas"
SCHEMAS = {version: etree.XMLSchema(file=str(FOLDER / f"camt.053.001.{version}.xsd")) for version in VERSIONS}


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
        credit(1, cents)._replace(part=part, ref=f"REF1#{part}", entry_amount=euros(5), code=None)
        for part, cents in ((1, 10), (2, -5))
    ]
    with pytest.raises(CannotBeWritten):
        camt(parts, "02")
    assert [t.amount_cents for _, found in statements(camt(parts, "08")) for t in found] == [10, -5]


def test_a_long_statement_comes_back_whole() -> None:
    file = camt(credit(number) for number in range(1, 500))
    statement = next(bank_formats.read(io.BytesIO(file), name="x"))
    assert isinstance(statement, Statement)
    assert [t.entry for t in statement.transactions] == list(range(1, 500))
