"""What is due, and the payments that follow from it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje import clock
from huishoudboekje.domain.agreements import Agreement, Direction, Occurrence, Schedule, Settlement, Unit
from huishoudboekje.domain.guarantee import HouseholdMoney
from huishoudboekje.domain.policy import Policy
from payouts.plan import Answers, Day, HeldPayment, Paid, dues, message, moment_of, plan_one, warnings

MONDAY = date(2026, 1, 5)
NOW = datetime(2026, 1, 5, 9, tzinfo=clock.AMSTERDAM)
DAY = Day(MONDAY, NOW, Policy())


def agreed(amount_cents: int = 600_00, day: int = 5, **values: object) -> Agreement:
    fields: dict[str, object] = {
        "id": "A1",
        "household_id": "H1",
        "resident_id": "R1",
        "direction": Direction.EXPENSE,
        "category": "rent",
        "organisation_id": "O1",
        "payee_resident_id": None,
        "counterparty_name": "Woonstichting De Merwe",
        "iban": "NL89RABO0401404241",
        "amount_cents": amount_cents,
        "tolerance_cents": 0,
        "schedule": Schedule(Unit.MONTH, date(2025, 1, 1), day=day),
        "settlement": Settlement.TRANSFER,
        "guaranteed": True,
        "remittance": "Huur",
    }
    return Agreement(**{**fields, **values})  # type: ignore[arg-type]


def due_days(agreement: Agreement, answers: Answers | None = None, start: date = date.min) -> list[date]:
    return [each.occurrence.due_on for each in dues([agreement], answers or {}, start, DAY)]


def test_two_months_back_are_looked_at_and_no_more() -> None:
    assert due_days(agreed()) == [date(2025, 11, 5), date(2025, 12, 5), MONDAY]


def test_what_was_due_before_the_start_is_not_ours() -> None:
    assert due_days(agreed(), start=date(2025, 12, 6)) == [MONDAY]


def test_what_is_answered_is_not_due() -> None:
    assert due_days(agreed(), {("A1", MONDAY): Paid(1, 1)}, MONDAY) == []


def test_each_version_answers_for_its_own_days() -> None:
    before = agreed(600_00, applies_until=date(2025, 12, 31))
    after = agreed(650_00, applies_from=date(2026, 1, 1))
    found = dues([before, after], {}, date(2025, 12, 1), DAY)
    assert [(each.occurrence.due_on, each.amount_cents) for each in found] == [
        (date(2025, 12, 5), 600_00),
        (MONDAY, 650_00),
    ]


def test_a_direct_debit_is_expected_for_some_days_and_then_missed() -> None:
    collected = agreed(settlement=Settlement.DIRECT_DEBIT)
    assert due_days(collected) == [MONDAY]
    later = Day(MONDAY + timedelta(days=30), NOW, Policy())
    assert dues([collected], {}, MONDAY, later) == []


def test_the_rest_of_living_money_is_due_as_its_next_part_until_somebody_closes_it() -> None:
    living = agreed(50_00, category="living_money", guaranteed=False)
    [due] = dues([living], {("A1", MONDAY): Paid(30_00, 1)}, MONDAY, DAY)
    assert (due.occurrence, due.amount_cents) == (Occurrence("A1", MONDAY, 2), 20_00)
    assert dues([living], {("A1", MONDAY): Paid(30_00, 1, closed=True)}, MONDAY, DAY) == []
    assert dues([living], {("A1", MONDAY): Paid(50_00, 2)}, MONDAY, DAY) == []
    assert dues([living], {("A1", MONDAY): Paid(10_00, 0)}, MONDAY, DAY) == []


def test_days_ahead_are_due_when_the_policy_proposes_earlier() -> None:
    ahead = Day(MONDAY, NOW, Policy(lead_bank_days=2))
    [due] = dues([agreed(day=7)], {}, MONDAY, ahead)
    assert (due.execution_on, due.late) == (date(2026, 1, 7), False)


@pytest.mark.parametrize(
    ("on", "moment"),
    [
        (MONDAY, NOW),
        (MONDAY - timedelta(days=3), NOW),
        (MONDAY + timedelta(days=1), datetime(2026, 1, 6, tzinfo=clock.AMSTERDAM)),
    ],
)
def test_a_plan_reaches_the_bank_now_or_on_its_own_day(on: date, moment: datetime) -> None:
    assert moment_of(on, NOW) == moment


@pytest.mark.parametrize(
    ("remittance", "reference", "said"),
    [
        ("Huur", None, ("Huur", None)),
        ("Huur", "00.123-45", ("Huur 00.123-45", None)),
        ("Huur 00.123-45", "00.123-45", ("Huur 00.123-45", None)),
        ("", "1234567", ("1234567", None)),
        ("Huur", "5000056789012345", ("", "5000056789012345")),
        ("Huur", "1234567890123456", ("Huur 1234567890123456", None)),
        ("Huur", "RF18539007547034", ("", "RF18539007547034")),
        ("", None, ("Betaling 5 januari 2026", None)),
        ("Factuur 12345678", "5678", ("Factuur 12345678 5678", None)),
        ("x" * 128, "KENMERK-123456", (f"KENMERK-123456 {'x' * 128}", None)),
    ],
)
def test_what_the_payee_reads(remittance: str, reference: str | None, said: tuple[str, str | None]) -> None:
    assert message(agreed(remittance=remittance, reference=reference), MONDAY) == said


def test_a_payment_that_no_bank_takes_is_held_alone() -> None:
    unreadable = agreed(iban="NL00RABO0401404241")
    money = HouseholdMoney("H1", own_cents=600_00)
    planned = plan_one(money, [unreadable], dues([unreadable], {}, MONDAY, DAY), [], {}, DAY)
    [payment] = planned.payments
    assert payment.held
    assert payment.explanation.startswith("Aangehouden: ")


def test_a_held_payment_keeps_its_claim() -> None:
    first, second = agreed(400_00), agreed(300_00, id="A2", guaranteed=False, category="other")
    held = HeldPayment("E1", "H1", Occurrence("A1", MONDAY), 400_00, MONDAY)
    due = dues([second], {}, MONDAY, DAY)
    planned = plan_one(HouseholdMoney("H1", own_cents=500_00), [first, second], due, [held], {}, DAY)
    assert [payment.held for payment in planned.payments] == [True]


def test_a_warning_is_given_once() -> None:
    both = [agreed(id="A1", remittance="Café"), agreed(id="A2", remittance="Café")]
    due = dues(both, {}, MONDAY, DAY)
    planned = plan_one(HouseholdMoney("H1", own_cents=2000_00), both, due, [], {}, DAY)
    assert warnings(planned.payments) == ("De omschrijving ‘Café’ komt bij de bank aan als ‘Cafe’.",)


@given(
    st.lists(
        st.tuples(
            st.integers(1, 900_00),
            st.sampled_from(["rent", "energy", "other", "living_money"]),
            st.booleans(),
            st.sampled_from(list(Settlement)),
        ),
        min_size=1,
        max_size=8,
    ),
    st.integers(0, 3000_00),
    st.integers(0, 1500_00),
)
def test_payments_add_up_and_stay_within_own_money_and_limit(
    wanted: list[tuple[int, str, bool, Settlement]], own_cents: int, advance_cents: int
) -> None:
    agreements = [
        agreed(cents, id=f"A{number}", category=category, guaranteed=guaranteed, settlement=settlement)
        for number, (cents, category, guaranteed, settlement) in enumerate(wanted)
    ]
    money = HouseholdMoney("H1", own_cents=own_cents, advance_cents=advance_cents)
    due = dues(agreements, {}, MONDAY, DAY)
    payments = plan_one(money, agreements, due, [], {}, DAY).payments
    paid = [each for each in payments if not each.held]
    assert all(each.own_cents + each.advanced_cents == each.amount_cents for each in payments)
    assert sum(each.own_cents for each in paid) <= own_cents
    assert advance_cents + sum(each.advanced_cents for each in paid) <= money.limit_cents
    assert len({each.occurrence for each in payments}) == len(payments)
    collected = {each.id for each in agreements if each.settlement is Settlement.DIRECT_DEBIT}
    assert collected.isdisjoint(each.occurrence.agreement_id for each in payments)
