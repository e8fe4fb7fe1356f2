"""What the bank shows of our own payments, in whatever order and shape: money is counted once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from bank_formats.statement import Batch
from huishoudboekje import clock
from huishoudboekje.day import closing, paying, taking_in
from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.storage import policy, users
from ingest import by_hand, store
from ingest.by_hand import IsOurPayment, NotOfThatPayment, Part
from ingest.statements import NotAside
from payouts.batch import Summary
from tests.administration.written import PAYMENTS
from tests.day.branch import ACCOUNT, ADA, LANDLORD, OPENING, WAGE, Branch, line

CORRIE = Actor("corrie", frozenset({Role.APPROVER}), Channel.WEB)
BRAM = Actor("bram", frozenset({Role.BACK_OFFICE}), Channel.WEB)
FRIDAY, MONDAY, TUESDAY = date(2026, 1, 2), date(2026, 1, 5), date(2026, 1, 6)
PAYER, STRANGER = "NL20INGB0001234567", "NL56INGB0475092111"
RENT = 61234
SPENT = OPENING - Decimal("612.34")


def at(day: date) -> None:
    clock.stand_at(datetime(day.year, day.month, day.day, 9, tzinfo=clock.AMSTERDAM))


def begin(branch: Branch, **changes: object) -> None:
    at(FRIDAY)
    branch.begin(**changes)  # type: ignore[arg-type]
    with branch.session() as session:
        for actor in (CORRIE, BRAM):
            users.add_user(session, actor.user, actor.user.title(), actor.roles)


def send(branch: Branch, batch: str) -> str:
    """Approve, export and send a batch of one payment; gives its EndToEndId."""
    with branch.session() as session:
        assert not paying.approve(session, batch, CORRIE).changes
    with branch.session() as session:
        paying.export(session, batch, ADA)
    with branch.session() as session:
        paying.sent(session, batch, ADA)
        (payment,) = paying.batch(session, batch, ADA).payments
        return str(payment.end_to_end_id)


def send_rent(branch: Branch, *, batch_booking: bool = False) -> tuple[str, Summary]:
    """A rent of € 612.34, from € 700.00, on its way to the bank."""
    begin(
        branch,
        households__0__opening={"balance": "700.00", "advance": "0.00"},
        households__0__agreements__1__schedule={
            "unit": "month",
            "every": 1,
            "day": 2,
            "from": "2026-01-02",
            "until": None,
        },
    )
    with branch.session() as session:
        session.execute(text("UPDATE municipal_account SET batch_booking = :on"), {"on": batch_booking})
        (proposed,) = paying.propose(session, FRIDAY, ADA)
    end = send(branch, proposed.id)
    at(MONDAY)
    return end, proposed


def refund(branch: Branch) -> tuple[str, str, str]:
    """€ 100 from a stranger, sent back: the transaction, the batch, and the EndToEndId."""
    begin(branch)
    branch.take_in(branch.statement(line(10000, name="Onbekend", iban=PAYER, remittance="???")))
    (row,) = branch.listed()
    with branch.session() as session:
        batch = paying.refund(session, str(row["id"]), ADA).id
    end = send(branch, batch)
    at(MONDAY)
    return str(row["id"]), batch, end


def give_up(branch: Branch, batch: str) -> None:
    for actor in (ADA, BRAM):
        with branch.session() as session:
            paying.not_delivered(session, batch, "staat niet op het afschrift", actor)


def states(branch: Branch) -> list[str]:
    with branch.session() as session:
        return list(session.scalars(text("SELECT state FROM payment ORDER BY end_to_end_id")))


def proven(branch: Branch, on: date = MONDAY) -> dict[str, int]:
    """The balances of a ledger in which nothing is unexplained."""
    closed = branch.close(on)
    assert [each.sentence for each in closed.differences] + closed.problems == []
    return branch.balances()


def rent_line(cents: int, end: str, **said: Any) -> Any:
    told: dict[str, Any] = {"name": "De Merwe", "iban": LANDLORD, "end_to_end_id": end, "on": MONDAY}
    return line(cents, **(told | said))


def test_a_refund_that_comes_back_is_one_open_item(branch: Branch) -> None:
    first, _, end = refund(branch)
    debit = line(-10000, name="Onbekend", iban=PAYER, end_to_end_id=end, on=MONDAY)
    branch.take_in(branch.statement(debit, sequence=2, on=MONDAY, opening=OPENING + 100))
    back = line(10000, name="Onbekend", iban=PAYER, end_to_end_id=end, return_reason="AC04", on=TUESDAY)
    branch.take_in(branch.statement(back, sequence=3, on=TUESDAY, opening=OPENING))
    assert proven(branch, TUESDAY)[f"suspense:{ACCOUNT}"] == 10000
    with branch.session() as session:
        assert [each.id for each in taking_in.transactions(session, ADA, queued=True)] == [first]


def test_a_refund_that_was_given_up_and_left_all_the_same_is_taken_from_suspense(branch: Branch) -> None:
    _, batch, end = refund(branch)
    give_up(branch, batch)
    debit = line(-10000, name="Onbekend", iban=PAYER, end_to_end_id=end, on=MONDAY)
    branch.take_in(branch.statement(debit, sequence=2, on=MONDAY, opening=OPENING + 100))
    assert not {name for name in branch.balances() if name.endswith(":")}
    assert f"suspense:{ACCOUNT}" not in branch.balances()


@pytest.mark.parametrize("same_file", [True, False])
def test_a_return_that_is_read_before_its_payment_gives_the_money_back_once(
    branch: Branch, same_file: bool
) -> None:
    end, _ = send_rent(branch)
    back = rent_line(RENT, end, return_reason="AC04")
    if same_file:
        branch.take_in(
            branch.statement(back, rent_line(-RENT, end, entry=2), sequence=2, on=MONDAY, opening=OPENING)
        )
    else:
        branch.take_in(branch.statement(back, sequence=2, on=MONDAY, opening=SPENT))
        branch.take_in(branch.statement(rent_line(-RENT, end, on=FRIDAY), sequence=1, on=FRIDAY))
    balances = proven(branch)
    assert balances["household:H000001"] == 70000
    assert not [name for name in balances if name.startswith("in_transit")]


@pytest.mark.parametrize("parts", [[50000, 11234], [11234, 50000], [61234]])
def test_a_return_in_parts_gives_back_what_was_paid(branch: Branch, parts: Sequence[int]) -> None:
    end, _ = send_rent(branch)
    backs = [
        rent_line(cents, end, entry=entry, return_reason="AC04") for entry, cents in enumerate(parts, start=2)
    ]
    branch.take_in(branch.statement(rent_line(-RENT, end), *backs, sequence=2, on=MONDAY, opening=OPENING))
    balances = proven(branch)
    assert (balances["household:H000001"], balances.get("own:charges", 0)) == (70000, 0)


def test_a_return_of_nothing_moves_nothing(branch: Branch) -> None:
    end, _ = send_rent(branch)
    nothing = rent_line(0, end, entry=2, return_reason="AC04")
    branch.take_in(branch.statement(rent_line(-RENT, end), nothing, sequence=2, on=MONDAY, opening=OPENING))
    balances = proven(branch)
    assert (balances["household:H000001"], balances.get("own:charges", 0)) == (70000 - RENT, 0)
    assert [row["status"] for row in branch.listed()] == ["matched", "matched"]


def test_a_batch_that_was_given_up_and_left_all_the_same_is_booked_and_shouts(branch: Branch) -> None:
    _, batch = send_rent(branch, batch_booking=True)
    give_up(branch, batch.id)
    whole = Batch(1, batch.payment_information_id, None, Decimal("612.34"))
    branch.take_in(
        branch.statement(line(-RENT, on=MONDAY, batch=whole), sequence=2, on=MONDAY, opening=OPENING)
    )
    assert proven(branch)["household:H000001"] == 70000 - RENT
    with branch.session() as session:
        kinds = session.scalars(text("SELECT kind FROM signal")).all()
    assert "not_delivered_but_settled" in kinds


def test_our_own_debit_that_waits_is_booked_on_its_payment_and_on_nothing_else(branch: Branch) -> None:
    end, _ = send_rent(branch)
    branch.take_in(
        branch.statement(rent_line(-RENT, end, iban=STRANGER), sequence=2, on=MONDAY, opening=OPENING)
    )
    (row,) = branch.listed()
    assert row["status"] == "queued"
    for part in (Part(RENT, agreement_id="A0000002"), Part(RENT, household_id="H000001")):
        with branch.session() as session, pytest.raises(IsOurPayment):
            taking_in.book(session, str(row["id"]), part, ADA)
    with branch.session() as session:
        assert by_hand.best(session, store.transaction_id(session, str(row["id"]))).end_to_end_id == end
        taking_in.book(session, str(row["id"]), None, ADA)
    assert proven(branch)["household:H000001"] == 70000 - RENT
    assert states(branch) == ["settled"]
    with branch.session() as session:
        taking_in.unbook(session, str(row["id"]), "toch een andere", ADA)
    assert proven(branch)[f"suspense:{ACCOUNT}"] == -RENT
    assert states(branch) == ["exported"]


def test_a_return_that_waits_is_booked_as_the_return_of_its_payment(branch: Branch) -> None:
    end, _ = send_rent(branch)
    branch.take_in(branch.statement(rent_line(-RENT, end), sequence=2, on=MONDAY, opening=OPENING))
    back = rent_line(RENT, end, iban=STRANGER, return_reason="AC04", on=TUESDAY)
    branch.take_in(branch.statement(back, sequence=3, on=TUESDAY, opening=SPENT))
    waiting = str(branch.listed()[-1]["id"])
    if branch.listed()[-1]["status"] == "queued":
        with branch.session() as session, pytest.raises(IsOurPayment):
            taking_in.book(session, waiting, Part(RENT, household_id="H000001"), ADA)
        with branch.session() as session:
            taking_in.book(session, waiting, Part(RENT, end_to_end_id=end), ADA)
    assert proven(branch, TUESDAY)["household:H000001"] == 70000
    assert states(branch) == ["returned", "held"]


def test_another_amount_is_not_that_payment(branch: Branch) -> None:
    end, batch = send_rent(branch, batch_booking=True)
    whole = Batch(1, batch.payment_information_id, None, Decimal("612.00"))
    branch.take_in(
        branch.statement(line(-61200, on=MONDAY, batch=whole), sequence=2, on=MONDAY, opening=OPENING)
    )
    (row,) = branch.listed()
    with branch.session() as session, pytest.raises(NotOfThatPayment):
        taking_in.book(session, str(row["id"]), Part(61200, end_to_end_id=end), ADA)


def test_the_limit_is_that_of_the_day_on_which_the_bank_paid(branch: Branch) -> None:
    begin(branch, payments=PAYMENTS, households__0__opening={"balance": "0.00", "advance": "950.00"})
    with branch.session() as session:
        policy.decide_limit(
            session,
            "H000001",
            200000,
            valid_from=FRIDAY,
            valid_until=FRIDAY,
            proposed_by=ADA,
            approved_by="corrie",
            reason="tijdelijk",
        )
    lines = (
        line(-RENT, name="De Merwe", iban=LANDLORD, end_to_end_id="HHB1"),
        line(-500, entry=2, on=MONDAY, code="PMNT-MDOP-CHRG"),
    )
    branch.take_in(branch.statement(*lines, on=MONDAY))
    balances = proven(branch)
    assert (balances["advance:H000001"], balances.get("excess:H000001", 0)) == (95000 + RENT, 0)


# ---- statements that come again, or run over the start


@pytest.mark.parametrize("numbers", [(None, None), (1, 1), (1, 2)])
def test_twins_on_two_statements_of_a_day_are_two_whatever_their_numbers(
    branch: Branch, numbers: tuple[int | None, int | None]
) -> None:
    begin(branch)
    first, second = (branch.statement(line(500), opening=opening) for opening in (OPENING, OPENING + 5))
    for statement, number in zip((first, second), numbers, strict=True):
        statement.sequence = statement.electronic_sequence = number
    branch.take_in(first)
    branch.take_in(second)
    assert proven(branch)[f"suspense:{ACCOUNT}"] == 1000


def test_twins_on_two_pages_are_two(branch: Branch) -> None:
    begin(branch)
    first, second = branch.statement(line(500)), branch.statement(line(500), opening=OPENING + 5)
    first.page, first.is_last_page, second.page, second.is_last_page = 1, False, 2, True
    first.balances.pop()
    second.balances.pop(0)
    branch.take_in(first)
    branch.take_in(second)
    assert proven(branch)[f"suspense:{ACCOUNT}"] == 1000


@pytest.mark.parametrize("changed", [{"bank_reference": "R1"}, {"remittance": "SALARIS VAN DER BERG JAN"}])
@pytest.mark.parametrize("others", [0, 1])
def test_the_same_statement_with_other_details_is_kept_aside(
    branch: Branch, changed: dict[str, str], others: int
) -> None:
    begin(branch)
    rest = [line(500, entry=2)] * others
    branch.take_in(branch.statement(line(180000, **WAGE), *rest))
    before = branch.balances()
    again = branch.take_in(branch.statement(line(180000, **(WAGE | changed)), *rest))
    assert (again.transactions, again.kept_aside) == (0, 1 + others)
    assert branch.balances() == before


def test_a_statement_over_the_start_brings_what_comes_after_it(branch: Branch) -> None:
    begin(branch)
    over = branch.statement(line(500, on=date(2025, 12, 31)), line(700, entry=2), opening=OPENING - 5)
    over.from_date = date(2025, 12, 31)
    summary = branch.take_in(over)
    assert (summary.transactions, summary.before_start, summary.gaps) == (1, 1, [])
    assert proven(branch, FRIDAY)[f"suspense:{ACCOUNT}"] == 700


def test_a_line_dated_before_its_statement_belongs_to_it(branch: Branch) -> None:
    begin(branch)
    branch.take_in(branch.statement(line(500, on=date(2025, 12, 31)), line(700, entry=2)))
    assert proven(branch, FRIDAY)[f"suspense:{ACCOUNT}"] == 1200


def test_a_line_dated_after_the_closing_balance_counts_on_its_day(branch: Branch) -> None:
    begin(branch)
    branch.take_in(branch.statement(line(500, on=MONDAY)))
    assert proven(branch, FRIDAY)[f"suspense:{ACCOUNT}"] == 500


def test_only_what_lies_aside_is_accepted(branch: Branch) -> None:
    begin(branch)
    branch.take_in(branch.statement(line(500)))
    branch.take_in(
        branch.statement(line(500, on=date(2025, 12, 30)), on=date(2025, 12, 30), opening=OPENING, sequence=9)
    )
    with branch.session() as session:
        filed = store.statements(session)
    for each in filed:
        with branch.session() as session, pytest.raises(NotAside):
            taking_in.accept_statement(session, each.id, "zo is het", ADA)
    with branch.session() as session:
        assert closing.verify(session, ADA).clean
