"""MT940 beside mt-940 and bankstatementparser."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bank_formats import Transaction
from tests.bank_formats.made import transactions
from tests.peers.beside import Said, Wrong, compare, peer

MT940, PARSER = "mt940", "bankstatementparser"
FILES = Path(__file__).parents[1] / "fuzz" / "files" / "mt940"
WRONG: dict[tuple[str, int], Mapping[str, Wrong]] = {
    ("slash-codes-two-pages", 2): {
        "amount": Wrong(Decimal(1), "RC is a credit taken back: money leaves the account"),
        "text": Wrong("x\nvan het afschrift", "an :86: behind :62F: belongs to the statement"),
    },
}
SPLIT = "the text of :86: with its sub-fields, which it does not split"
TEXTS = {
    ("slash-codes-two-pages", 1): "Huur november",
    ("slash-codes-two-pages", 2): "x",
    ("columns-with-labels", 1): "TERMIJN",
    ("before-sepa", 1): None,
    ("intraday", 1): "x",
}
NOT_SPLIT = {
    ("slash-codes-two-pages", 1): (
        "/TRTP/SEPA OVERBOEKING/IBAN/NL44RABO0123456789/BIC/RABONL2U/NAME/Woonstichting\n De Haven"
        "/REMI/USTD//Huur november/EREF/E2E1/MARF/M1/PREF/P1/NRTX/2/RTRN/AC04/"
    ),
    ("columns-with-labels", 1): (
        "SEPA INCASSO ALGEMEEN DOORLOPEND INCASSANT: NL40ZZZ878787780000\n"
        "NAAM: Energie Zuid               MACHTIGING: M1\nOMSCHRIJVING: TERMIJN\n"
        "IBAN: NL44RABO0123456789         BETALINGSKENM.: 5000056789012345"
    ),
    ("before-sepa", 1): "REK: 123456789/NAAM: Van Dam",
}
ENOUGH = 50
"""So many letters of the corpus are compared at the least."""
IN_THE_TEXT = {
    "slash-codes-two-pages": ("NL44RABO0123456789", "Huur november", "M1"),
    "columns-with-labels": ("NL44RABO0123456789", "Energie Zuid", "TERMIJN", "M1", "5000056789012345"),
}


def ours(transaction: Transaction) -> Said:
    return {
        "amount": transaction.amount,
        "currency": transaction.currency,
        "valued": transaction.valued_on,
        "booked": transaction.booked_on,
        "code": transaction.code,
        "bank_reference": transaction.bank_reference,
        "text": transaction.remittance,
    }


def by_mt940(file: bytes) -> list[Said]:
    """What mt-940 says."""
    found: list[Said] = []
    for each in peer(MT940).parse(file):
        said: dict[str, Any] = each.data
        valued, booked = said["date"], said.get("entry_date")
        found.append(
            {
                "amount": said["amount"].amount,
                "currency": said["currency"],
                "valued": date(valued.year, valued.month, valued.day),
                "booked": booked and date(booked.year, booked.month, booked.day),
                "code": said["id"],
                "bank_reference": said.get("bank_reference"),
                "text": said.get("transaction_details"),
            }
        )
    return found


@pytest.mark.parametrize("name", ["slash-codes-two-pages", "columns-with-labels", "before-sepa", "intraday"])
def test_a_letter_is_read_alike_but_for_what_is_noted(name: str) -> None:
    file = (FILES / f"{name}.940").read_bytes()
    they = by_mt940(file)
    for number, (we, theirs) in enumerate(zip(transactions(file, name), they, strict=True), 1):
        wrong = dict(WRONG.get((name, number), {}))
        assert we.remittance == TEXTS[name, number]
        if (name, number) in NOT_SPLIT:
            wrong["text"] = Wrong(NOT_SPLIT[name, number], SPLIT)
        compare(ours(we), theirs, wrong)


@pytest.mark.parametrize("name", IN_THE_TEXT)
def test_what_they_leave_in_the_text_we_tell_apart(name: str) -> None:
    file = (FILES / f"{name}.940").read_bytes()
    (we, *_), (theirs, *_) = transactions(file, name), by_mt940(file)
    told = {we.counterparty.name, we.counterparty.iban, we.mandate_id, we.reference, we.remittance}
    for piece in IN_THE_TEXT[name]:
        assert piece in str(theirs["text"])
        assert piece in told


def test_they_cannot_read_a_party_in_the_second_line() -> None:
    file = (FILES / "party-in-second-line.940").read_bytes()
    with pytest.raises(RuntimeError, match="Unable to parse"):
        by_mt940(file)
    (we,) = transactions(file, "letter.940")
    assert we.counterparty.name == "a jansen"


def test_a_path_that_leads_nowhere_is_no_empty_file() -> None:
    assert (
        len(peer(MT940).parse("nergens.940")) == 0
    )  # a name that is no file reads as a text without letters
    with pytest.raises(FileNotFoundError), Path("nergens.940").open("rb"):
        pass


def test_of_two_pages_they_keep_one_opening_and_one_number() -> None:
    read = peer(MT940).parse((FILES / "slash-codes-two-pages.940").read_bytes())
    assert read.data["statement_number"] == "12"
    assert read.data["sequence_number"] == "2"  # that there was a page 1 is gone


@pytest.mark.parametrize("name", ["slash-codes-two-pages", "columns-with-labels"])
def test_bankstatementparser_reads_the_same_amounts(name: str, tmp_path: Path) -> None:
    parser = peer(PARSER).Mt940Parser
    path = tmp_path / f"{name}.sta"
    path.write_bytes((FILES / f"{name}.940").read_bytes())
    they = [Decimal(str(row["amount"])) for row in parser(str(path)).parse().to_dict("records")]
    assert they == [each.amount for each in transactions(path.read_bytes(), path.name)]


def test_the_amounts_of_the_corpus_are_read_alike_where_they_can(shared: Path) -> None:
    peer(MT940)
    different: list[str] = []
    compared = 0
    for answer in sorted((shared / "corpus" / "expected" / "mt940").glob("*.json")):
        path = shared / "corpus" / "mt940" / answer.name.removesuffix(".json")
        expected = [json.loads(line) for line in answer.read_text("utf-8").splitlines() if line.strip()]
        if any("refused" in line for line in expected):
            continue
        try:
            they = [each.data["amount"].amount for each in peer(MT940).parse(path.read_bytes())]
        except Exception:  # noqa: BLE001 - it raises whatever it meets in letters that are not plain
            continue
        # Without their sign: of RC and RD they keep that of the letter, which is the wrong one.
        we = [abs(each.amount or 0) for each in transactions(path.read_bytes(), path.name)]
        compared += len(we) > 0
        if [abs(amount) for amount in they] != we:
            different.append(path.name)
    assert compared >= ENOUGH
    assert set(different) <= {"cr-only-line-ends.txt"}  # to them a CR alone ends no line
