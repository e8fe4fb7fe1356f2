from __future__ import annotations

from datetime import date

from ingest import evidence
from ingest.evidence import HARD, Evidence, Keys, Line, keys, told

LINE = Line(1, None, "NL94BNGH0149589831", date(2026, 1, 12), 12500)
TABLE = {name: one for name, one in vars(evidence).items() if isinstance(one, Evidence)}


def test_a_line_is_looked_for_by_identifier_batch_account_and_long_references() -> None:
    line = LINE._replace(
        counter_iban="NL34ABNA2759416081",
        end_to_end_id="HHB1",
        reference="5620001344415723",
        remittance="UITKERING 2026-01 KENMERK 0720141588 NR 1234",
        batch_payment_information_id="HHBB1",
    )

    assert keys(line) == Keys(
        "HHB1", "HHBB1", "NL34ABNA2759416081", frozenset({"5620001344415723", "720141588"})
    )


def test_no_identifier_is_not_looked_for() -> None:
    assert keys(LINE._replace(end_to_end_id="NOTPROVIDED")) == Keys(None, None, None, frozenset())


def test_a_batch_that_the_bank_knows_by_message_only_is_looked_for_by_that() -> None:
    assert keys(LINE._replace(batch_message_id="MSG1")).payment_information_id == "MSG1"


def test_every_piece_of_evidence_has_a_name_of_its_own() -> None:
    assert len({one.name for one in TABLE.values()}) == len(TABLE)


def test_what_forbids_booking_never_speaks_for_it() -> None:
    assert [one.name for one in TABLE.values() if one.name in HARD and one.weight >= 0] == []
    assert {one.name for one in TABLE.values()} >= HARD


def test_facts_are_filled_into_the_words() -> None:
    assert told(evidence.AMOUNT_LESS, difference="€ 12,00").words == "bedrag is € 12,00 lager dan afgesproken"
