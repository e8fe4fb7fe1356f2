"""Transactions that wait for a person, and what people do with them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from tests.commands.typed import HOUSEHOLD, WAGE, Terminal
from tests.day import branch
from tests.day.branch import line

STRANGER: dict[str, Any] = {
    "bank_reference": "REF1",
    "name": "K. Onbekend",
    "iban": "NL20INGB0001234567",
    "remittance": "ZOMAAR",
}


def waiting(terminal: Terminal, cents: int = 7_500) -> str:
    path = terminal.statement(line(cents, **STRANGER))
    terminal.does("ingest", path)
    (found,) = terminal.asks("transaction", "list", "--queued")
    return str(found["id"])


def queued(terminal: Terminal) -> list[str]:
    return [each["id"] for each in terminal.asks("transaction", "list", "--suspense")]


def test_a_person_books_a_line_and_undoes_it(begun: Terminal) -> None:
    one = waiting(begun)
    assert one == begun.asks("transaction", "book", "REF1", "--household", HOUSEHOLD, "--by", "ada")["id"]
    assert queued(begun) == []
    assert "al geboekt" in begun.refused("transaction", "book", one, "--own", "costs", "--by", "ada")
    begun.does("transaction", "unbook", one, "--reason", "verkeerd huishouden", "--by", "ada")
    assert [one] == queued(begun)
    shown = begun.asks("transaction", "show", one)
    assert [each["status"] for each in shown["history"]] == ["queued", "by_hand", "queued"]
    begun.does("verify")


def test_a_line_is_split_to_the_cent(begun: Terminal) -> None:
    one = waiting(begun)
    wrong = ("transaction", "split", one, f"70,00=household:{HOUSEHOLD}", "4,00=own:costs", "--by", "ada")
    assert "hele bedrag" in begun.refused(*wrong)
    begun.does("transaction", "split", one, f"70,00=household:{HOUSEHOLD}", "5,00=own:costs", "--by", "ada")
    assert begun.types("transaction", "split", one, "70=somewhere", "--by", "ada").code == 2
    begun.does("day-close", "--on", "2026-01-02")


def test_money_of_nobody_goes_back_to_its_payer_by_four_eyes(begun: Terminal) -> None:
    one = waiting(begun)
    batch = begun.asks("transaction", "refund", one, "--by", "ada")
    assert (batch["payments"], batch["amount_cents"]) == (1, 7_500)
    assert "gaat terug" in begun.refused("transaction", "book", one, "--household", HOUSEHOLD, "--by", "bo")
    assert "al een terugbetaling" in begun.refused("transaction", "refund", one, "--by", "bo")
    assert queued(begun) == []
    begun.does("batch", "approve", batch["id"], "--by", "cas")
    begun.does("batch", "export", batch["id"], "--out", begun.folder, "--by", "cas")
    begun.does("verify")


def test_only_what_came_in_and_is_of_nobody_goes_back(begun: Terminal) -> None:
    one = waiting(begun, -7_500)
    assert "wij betaalden" in begun.refused("transaction", "refund", one, "--by", "ada")


def test_a_line_that_was_recognised_names_its_agreement(begun: Terminal) -> None:
    path = begun.statement(line(180_000, on=date(2026, 1, 2), **branch.WAGE))
    begun.does("ingest", path)
    (match,) = (parsed(each) for each in begun.does("matches", "--format", "jsonl").out.splitlines())
    assert (match["household"], match["agreement"], match["status"]) == (HOUSEHOLD, WAGE, "matched")
    assert {"ref", "id", "household", "agreement", "batch", "due_date", "status", "confidence"} <= set(match)


def parsed(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text)
    return found


def test_a_broken_chain_is_named_and_the_day_not_signed(begun: Terminal) -> None:
    begun.does("ingest", begun.statement())
    later = begun.statement(sequence=3, on=date(2026, 1, 6), opening=branch.euros(1_900_000))
    summary = begun.asks("ingest", later)
    assert [each["missing"] for each in summary["gaps"]] == [[2]]
    closed = begun.asks("day-close", "--on", "2026-01-06")
    assert (closed["explained"], closed["complete"]) == (True, False)
    assert "Los eerst dit op" in begun.refused("day-close", "--on", "2026-01-06", "--sign", "--by", "ada")
    begun.does("day-close", "--on", "2026-01-02", "--sign", "--by", "ada")
    assert "al afgetekend" in begun.refused("day-close", "--on", "2026-01-02", "--sign", "--by", "bo")


def test_a_statement_kept_aside_is_accepted_by_a_person(begun: Terminal) -> None:
    statement = branch.Branch(begun.database, begun.folder, begun.files)
    odd = statement.statement(line(100))
    odd.balances[-1] = odd.balances[0]
    path = statement.file(odd)
    assert begun.asks("ingest", path)["kept_aside"] == 1
    (aside,) = begun.asks("statement", "list", "--aside")
    begun.does("statement", "accept", aside["id"], "--reason", "bank belde", "--by", "ada")
    assert begun.asks("statement", "list", "--aside") == []
