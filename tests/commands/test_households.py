"""Households, residents, agreements, organisations, reservations, policy and signals by command."""

from __future__ import annotations

from datetime import date

from tests.commands.typed import HOUSEHOLD, RENT, RESIDENT, Terminal
from tests.day.branch import line

PERSON = (
    *("--initials", "A.", "--surname", "Jansen", "--birth-date", "1990-01-02", "--bsn", "999999977"),
    *("--iban", "NL56INGB0475092111", "--street", "Dorpsweg", "--house-number", "1", "--postcode", "1234AB"),
    *("--city", "Merwestad"),
)


def balances(terminal: Terminal, household: str = HOUSEHOLD) -> dict[str, int]:
    found: dict[str, int] = terminal.asks("balance", "--household", household)["balances_cents"]
    return found


def test_a_household_is_added_with_a_resident_and_an_agreement(begun: Terminal) -> None:
    household = begun.asks("household", "add", "--by", "ada")["id"]
    resident = begun.asks("resident", "add", "--household", household, *PERSON, "--by", "ada")["id"]
    agreement = begun.asks(
        *("agreement", "add", "--household", household, "--resident", resident, "--direction", "expense"),
        *("--category", "rent", "--amount", "500,00", "--unit", "month", "--from", "2026-02-01"),
        *("--organisation", "O000001", "--guaranteed", "--by", "ada"),
    )
    assert (
        household,
        agreement["iban"],
        agreement["amount_cents"],
    ) == ("H000003", "NL89RABO0401404241", 50_000)
    shown = begun.asks("household", "show", household)
    assert [agreement["id"]] == [each["id"] for each in shown["agreements"]]
    assert "bsn" not in shown["residents"][0]


def test_a_bsn_with_a_typing_error_is_refused_and_not_repeated(begun: Terminal) -> None:
    person = [("999999978" if each == "999999977" else each) for each in PERSON]
    told = begun.refused("resident", "add", "--household", HOUSEHOLD, *person, "--by", "ada")
    assert "burgerservicenummer" in told
    assert "999999978" not in told


def test_people_are_changed_move_and_leave(begun: Terminal) -> None:
    begun.does("resident", "change", RESIDENT, "--phone", "+31600000000", "--by", "ada")
    where = ("--street", "Kade", "--house-number", "2", "--postcode", "4321 ZA", "--city", "Merwestad")
    begun.does("resident", "move", RESIDENT, *where, "--by", "ada")
    begun.does("household", "move", HOUSEHOLD, *where, "--by", "ada")
    assert begun.asks("resident", "show", RESIDENT)["address"]["street"] == "Kade"
    assert begun.types("resident", "move", RESIDENT, *where[:4], "--by", "ada").code == 2
    begun.does("resident", "move", "R000002", "--household", HOUSEHOLD, "--by", "ada")
    begun.does("resident", "end", "R000002", "--reason", "verhuisd", "--by", "ada")
    assert [each["id"] for each in begun.asks("resident", "list", "--find", "31-12-1980")] == [RESIDENT]


def test_an_agreement_changes_from_a_day_on_and_ends(begun: Terminal) -> None:
    begun.does("agreement", "change", RENT, "--amount", "700,00", "--valid-from", "2026-03-01", "--by", "ada")
    begun.does("agreement", "end", RENT, "--on", "2026-06-30", "--by", "ada")
    versions = begun.asks("agreement", "show", RENT)
    assert [each["agreement"]["amount_cents"] for each in versions] == [61_234, 70_000, 70_000]
    assert versions[-1]["agreement"]["schedule"]["ends_on"] == "2026-06-30"


def test_money_goes_to_accounts_that_are_known_alone(begun: Terminal) -> None:
    change = ("agreement", "change", RENT, "--account", "NL75RABO5191115792", "--by", "ada")
    assert "Voeg de rekening daar eerst toe" in begun.refused(*change)
    begun.does("organisation", "change", "O000001", "--add-iban", "NL75RABO5191115792", "--by", "ada")
    begun.does(*change)


def test_organisations_are_added_moved_and_ended(begun: Terminal) -> None:
    added = begun.asks(
        "organisation", "add", "--name", "Stroom", "--iban", "NL56INGB0475092111", "--by", "ada"
    )
    where = ("--street", "Kade", "--house-number", "2", "--postcode", "4321 ZA", "--city", "Merwestad")
    begun.does("organisation", "move", added["id"], *where, "--by", "ada")
    ended = begun.asks("organisation", "end", "O000001", "--on", "2026-02-28", "--by", "ada")
    assert ended["agreements"] == [RENT]


def test_what_is_set_aside_is_no_longer_free(begun: Terminal) -> None:
    begun.does("reservation", "set", HOUSEHOLD, "jaarnota", "100,50", "--by", "ada")
    begun.does("reservation", "set", HOUSEHOLD, "jaarnota", "100,50", "--by", "ada")
    assert (
        balances(begun)[f"household:{HOUSEHOLD}"],
        balances(begun)[f"reservation:{HOUSEHOLD}:jaarnota"],
    ) == (2_000, 10_050)
    assert "vrij" in begun.refused("reservation", "set", HOUSEHOLD, "fiets", "20,01", "--by", "ada")
    begun.does("reservation", "use", HOUSEHOLD, "jaarnota", "--amount", "0,50", "--by", "ada")
    assert [each["amount_cents"] for each in begun.asks("reservation", "list", HOUSEHOLD)] == [10_000]
    assert "gebruiken kan niet" in begun.refused("reservation", "use", HOUSEHOLD, "fiets", "--by", "ada")
    begun.does("verify")


def test_who_leaves_repays_what_is_owed_and_gets_the_rest(begun: Terminal) -> None:
    begun.does("reservation", "set", HOUSEHOLD, "jaarnota", "100,00", "--by", "ada")
    left = begun.asks("household", "close", HOUSEHOLD, "--reason", "verhuisd", "--by", "ada")
    assert (
        left["repaid_cents"],
        left["paid_out_cents"],
        left["batch_id"],
        left["open_advance_cents"],
    ) == (12_050, 0, None, 107_950)
    assert "is gesloten" in begun.refused("household", "close", HOUSEHOLD, "--reason", "x", "--by", "ada")
    assert begun.asks("plan", "--on", "2026-03-31")["lines"] == []
    begun.does("verify")


def test_what_is_left_is_paid_out_by_two_people(terminal: Terminal) -> None:
    terminal.begin("test", ("households.0.opening.advance", "0.00"))
    terminal.people()
    left = terminal.asks("household", "close", HOUSEHOLD, "--reason", "klaar", "--by", "ada")
    assert (left["paid_out_cents"], left["open_advance_cents"]) == (12_050, 0)
    shown = terminal.asks("batch", "show", left["batch_id"])
    assert [each["counter_iban"] for each in shown["payments"]] == ["NL75RABO5191115792"]
    terminal.does("batch", "approve", left["batch_id"], "--by", "cas")
    terminal.does("verify")


def test_income_after_leaving_is_a_signal_and_goes_out_too(begun: Terminal) -> None:
    begun.does("household", "close", "H000002", "--reason", "klaar", "--on", "2026-01-01", "--by", "ada")
    path = begun.statement(line(5_000, name="Oude baas", iban="NL20INGB0001234567", remittance="NABETALING"))
    begun.does("ingest", path)
    (one,) = begun.asks("transaction", "list", "--queued")
    begun.does("transaction", "book", one["id"], "--household", "H000002", "--by", "ada")
    assert [each["kind"] for each in begun.asks("signal", "list", "--household", "H000002")] == [
        "late_income_after_close"
    ]
    out = begun.asks("household", "close", "H000002", "--reason", "nabetaling", "--by", "ada")
    assert out["paid_out_cents"] == 5_000
    begun.does("verify")


def test_policy_is_dated_and_signals_are_quiet_for_a_while(begun: Terminal) -> None:
    begun.does(
        "policy", "set", "guarantee_limit=1600", "hold_bank_days=3", "--from", "2026-03-01", "--by", "eva"
    )
    assert begun.asks("policy", "show", "--on", "2026-02-28")["guarantee_limit_cents"] == 100_000
    assert begun.asks("policy", "show", "--on", "2026-03-01")["guarantee_limit_cents"] == 160_000
    assert "bestaat niet" in begun.refused("policy", "set", "kindness=1", "--by", "eva")
    begun.does("ingest", begun.statement())
    begun.does("ingest", begun.statement(sequence=3, on=date(2026, 1, 6)))
    (gap,) = begun.asks("signal", "list")
    begun.does(
        "signal", "silence", gap["id"], "--until", "2026-02-09", "--reason", "bank zoekt", "--by", "ada"
    )
    assert begun.asks("signal", "list") == []
    assert [gap["id"]] == [each["id"] for each in begun.asks("signal", "list", "--all")]
