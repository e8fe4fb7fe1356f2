"""A batch from plan to bank, by the hands of two people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from tests.commands.typed import HOUSEHOLD, RENT, Terminal
from tests.day.branch import WAGE, line


def proposed(terminal: Terminal) -> str:
    paid = terminal.statement(line(180_000, on=date(2026, 1, 30), **WAGE), on=date(2026, 1, 30))
    terminal.does("ingest", paid)
    (batch,) = terminal.asks("batch", "propose", "--by", "ada")
    return str(batch["id"])


def test_a_plan_tells_why_and_changes_nothing(begun: Terminal) -> None:
    plan = begun.asks("plan", "--on", "2026-02-02")
    assert {RENT, "A0000003"} == {each["agreement"] for each in plan["lines"]}
    assert all(each["explanation"] for each in plan["lines"])
    assert begun.asks("batch", "list") == []
    assert "Woonstichting De Merwe" in begun.does("plan", "--on", "2026-02-02").out


def test_two_people_bring_a_batch_to_the_bank(begun: Terminal, tmp_path: Path) -> None:
    batch = proposed(begun)
    assert begun.asks("batch", "propose", "--by", "ada") == []
    assert "goedkeuren" in begun.refused("batch", "approve", batch, "--by", "ada")
    begun.does("batch", "approve", batch, "--by", "cas")
    made = begun.asks("batch", "export", batch, "--by", "cas", "--out", tmp_path / "out")
    content = Path(made["file"]).read_bytes()
    assert b"612.34" in content
    again = begun.asks("batch", "export", batch, "--by", "cas", "--out", tmp_path / "out")
    assert made == again
    Path(made["file"]).write_text("something else", "utf-8")
    assert "ander bestand" in begun.refused(
        "batch", "export", batch, "--by", "cas", "--out", tmp_path / "out"
    )
    begun.does("batch", "sent", batch, "--by", "cas")
    shown = begun.asks("batch", "show", batch)
    assert [each["state"] for each in shown["steps"]] == ["proposed", "approved", "exported", "sent"]
    begun.does("verify")


def test_the_bank_never_had_it_when_two_people_say_so(begun: Terminal, tmp_path: Path) -> None:
    batch = proposed(begun)
    begun.does("batch", "approve", batch, "--by", "cas")
    begun.does("batch", "export", batch, "--by", "ada", "--out", tmp_path)
    assert (
        begun.asks("batch", "not-delivered", batch, "--reason", "niet bij bank", "--by", "ada")["state"]
        == "doubted"
    )
    assert "tweede persoon" in begun.refused("batch", "not-delivered", batch, "--reason", "zo", "--by", "ada")
    last = begun.asks("batch", "not-delivered", batch, "--reason", "gezien", "--by", "cas")
    assert last["state"] == "not_delivered"
    begun.does("verify")


def test_a_payment_is_taken_out_held_and_let_go(begun: Terminal) -> None:
    batch = proposed(begun)
    payment = begun.asks("batch", "show", batch)["payments"][0]["end_to_end_id"]
    held = begun.asks("batch", "remove", batch, payment, "--reason", "bedrag klopt niet", "--by", "bo")[
        "held"
    ]
    assert [held] == [each["end_to_end_id"] for each in begun.asks("payment", "list")]
    released = begun.asks("payment", "release", held, "--reason", "nagevraagd", "--by", "bo")
    assert released["batch_id"]
    again = begun.asks("payment", "hold", released["end_to_end_id"], "--reason", "toch niet", "--by", "bo")[
        "held"
    ]
    begun.does("payment", "withdraw", again, "--reason", "vervalt", "--by", "bo")
    assert "niet aangehouden" in begun.refused("payment", "release", again, "--reason", "x", "--by", "bo")
    begun.does("verify")


def test_a_batch_is_withdrawn_with_a_reason(begun: Terminal) -> None:
    batch = proposed(begun)
    assert begun.types("batch", "withdraw", batch, "--by", "ada").code == 2
    begun.does("batch", "withdraw", batch, "--reason", "verkeerde dag", "--by", "ada")
    assert "ingetrokken" in begun.refused("batch", "approve", batch, "--by", "cas")


def test_what_changed_sends_the_batch_back(begun: Terminal) -> None:
    batch = proposed(begun)
    begun.does("agreement", "change", RENT, "--amount", "650,00", "--valid-from", "2026-01-01", "--by", "ada")
    told = begun.types("batch", "approve", batch, "--by", "cas")
    assert told.code == 1
    assert "Woonstichting De Merwe" in told.err
    assert begun.asks("batch", "show", batch)["state"] == "sent_back"
    (anew,) = begun.asks("batch", "propose-again", batch, "--by", "ada")
    assert anew["state"] == "proposed"
    assert 65_000 in [each["amount_cents"] for each in begun.asks("batch", "show", anew["id"])["payments"]]


def test_a_limit_is_raised_by_two_people(begun: Terminal) -> None:
    raised = (
        "household",
        "change",
        HOUSEHOLD,
        "--limit",
        "2000",
        "--until",
        "2026-03-01",
        "--reason",
        "kachel",
    )
    assert "twee mensen" in begun.refused(*raised, "--second", "ada", "--by", "ada")
    assert begun.asks(*raised, "--second", "cas", "--by", "ada")["limit_cents"] == 200_000
