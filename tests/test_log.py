import json
import logging

import pytest
import structlog

from huishoudboekje import log


@pytest.mark.parametrize(
    "text",
    [
        "bsn 999999990",
        "9999.99.990",
        "99999999",
        "van NL20INGB0001234567 naar",
        "NL20 INGB 0001 2345 67",
        "be68539007547034",
        "FR1420041010050500013M02606",
        "Key (bsn)=(999999990) already exists",
    ],
)
def test_numbers_of_people_are_taken_out(text: str) -> None:
    shown = str(log.redacted(text))
    assert log.OUT in shown
    assert not any(part in shown for part in ("9999", "4567", "7547", "0260", "2345"))


@pytest.mark.parametrize(
    "text",
    ["H000012 A0000024", "2026-03-31", "€ 1.234,56", "12 mutaties", "HHB2601020000000082", "200000000123"],
)
def test_what_names_nobody_stays(text: str) -> None:
    assert text == log.redacted(text)


def test_a_record_is_redacted_however_deep(capsys: pytest.CaptureFixture[str]) -> None:
    log.configure("INFO")
    try:
        structlog.get_logger().info(
            "aangemeld", bsn="x", of={"iban": ["NL20INGB0001234567", 999999990]}, count=3
        )
        logging.getLogger("library").warning("row %s", "999999990")
        try:
            raise ValueError("999999990")
        except ValueError:
            logging.getLogger("library").exception("failed")
    finally:
        structlog.reset_defaults()
        logging.basicConfig(force=True)
    said = capsys.readouterr().err
    record = json.loads(said.splitlines()[0])
    assert record["of"] == {"iban": [log.OUT, log.OUT]}
    assert record["bsn"] == log.OUT
    assert record["count"] == 3
    assert "999999990" not in said
    assert "ValueError" in said
