from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from huishoudboekje.domain.agreements import Agreement, Occurrence, Schedule, Settlement, Unit
from huishoudboekje.domain.forecast import PROJECTION_DAYS, Projected, projected
from huishoudboekje.domain.guarantee import (
    Due,
    Held,
    HouseholdMoney,
    Outcome,
    OwnMoneyGone,
    PlanLine,
    Reason,
    Repayment,
    ReturnedTooMuch,
    ReturnSplit,
    Shortfall,
    Split,
    free_cents,
    living_money_floor,
    plan_household,
    repayment,
    return_split,
    shortfall,
    split_anew,
)
from huishoudboekje.domain.policy import LivingMoneyFloor, Policy
from tests.domain.agreements_of import expense, income

TODAY = date(2026, 1, 30)
POLICY = Policy()
RENT = expense("rent", 75_000)
ENERGY = expense("energy", 15_000)
PHONE = expense("phone", 3_000, guaranteed=False)
LIVING = expense("living_money", 12_500, Schedule(Unit.WEEK, date(2026, 1, 1), weekday=5))


def due(agreement: Agreement, amount_cents: int | None = None, *, late: bool = False, part: int = 1) -> Due:
    occurrence = Occurrence(agreement.id, TODAY, part)
    amount_cents = agreement.amount_cents if amount_cents is None else amount_cents
    return Due(agreement, occurrence, amount_cents, TODAY, late)


def money(own_cents: int = 0, **balances: int) -> HouseholdMoney:
    return HouseholdMoney("H1", own_cents, **balances)


def plan(
    held_by: HouseholdMoney,
    *lines: Due,
    held: list[Held] | None = None,
    coming: list[Projected] | None = None,
    policy: Policy = POLICY,
    today: date = TODAY,
) -> tuple[PlanLine, ...]:
    return plan_household(held_by, lines, held or [], coming or [], policy, today)


@pytest.mark.parametrize(
    ("held_by", "agreement", "outcome", "reason", "own_cents", "advance_cents", "claimed_cents"),
    [
        # A guaranteed cost: own money first, then the advance up to the limit, else held whole.
        (money(100_000), RENT, Outcome.PAY, Reason.OWN_MONEY, 75_000, 0, 0),
        (money(75_000), RENT, Outcome.PAY, Reason.OWN_MONEY, 75_000, 0, 0),
        (money(74_999), RENT, Outcome.PAY, Reason.ADVANCED, 74_999, 1, 0),
        (money(0), RENT, Outcome.PAY, Reason.ADVANCED, 0, 75_000, 0),
        (money(0, advance_cents=75_000), RENT, Outcome.PAY, Reason.ADVANCED, 0, 75_000, 0),
        (money(0, advance_cents=75_001), RENT, Outcome.HOLD, Reason.OVER_LIMIT, 0, 0, 0),
        (money(9, advance_cents=75_010), RENT, Outcome.HOLD, Reason.OVER_LIMIT, 0, 0, 9),
        (money(1, advance_cents=75_001), RENT, Outcome.PAY, Reason.ADVANCED, 1, 74_999, 0),
        (money(0, limit_cents=0), RENT, Outcome.HOLD, Reason.OVER_LIMIT, 0, 0, 0),
        # What is proposed and not yet sent is spent.
        (money(100_000, own_reserved_cents=60_000), RENT, Outcome.PAY, Reason.ADVANCED, 40_000, 35_000, 0),
        (money(0, advance_reserved_cents=75_001), RENT, Outcome.HOLD, Reason.OVER_LIMIT, 0, 0, 0),
        (money(10, own_reserved_cents=50), RENT, Outcome.PAY, Reason.ADVANCED, 0, 75_000, 0),
        # Excess stops new advances, not what own money pays.
        (money(75_000, excess_cents=1), RENT, Outcome.PAY, Reason.OWN_MONEY, 75_000, 0, 0),
        (money(74_999, excess_cents=1), RENT, Outcome.HOLD, Reason.EXCESS, 0, 0, 74_999),
        # Not guaranteed: from own money only, whole or held.
        (money(3_000), PHONE, Outcome.PAY, Reason.OWN_MONEY, 3_000, 0, 0),
        (money(2_999), PHONE, Outcome.HOLD, Reason.NOT_GUARANTEED, 0, 0, 2_999),
    ],
)
def test_a_fixed_cost_is_paid_advanced_or_held_whole(
    held_by: HouseholdMoney,
    agreement: Agreement,
    outcome: Outcome,
    reason: Reason,
    own_cents: int,
    advance_cents: int,
    claimed_cents: int,
) -> None:
    [line] = plan(held_by, due(agreement))
    assert (outcome, reason) == (line.outcome, line.reason)
    assert (own_cents, advance_cents, claimed_cents) == (
        line.own_cents,
        line.advance_cents,
        line.claimed_cents,
    )


def test_money_is_given_out_in_the_order_of_the_municipality() -> None:
    liability = expense("liability_insurance", 1_000)
    lines = [due(one) for one in (PHONE, LIVING, liability, ENERGY, RENT)]
    planned = plan(money(10**6), *lines)
    assert [line.agreement.category for line in planned] == [
        "rent",
        "energy",
        "liability_insurance",
        "living_money",
        "phone",
    ]
    phone_first = replace(POLICY, priority=("phone", *POLICY.priority))
    assert plan(money(10**6), *lines, policy=phone_first)[0].agreement is PHONE


def test_of_equal_priority_the_oldest_goes_first_and_then_the_first_by_name() -> None:
    old = replace(due(expense("rent", id="z")), occurrence=Occurrence("z", TODAY - timedelta(days=1)))
    lines = [due(expense("rent", id="b")), due(expense("rent", id="a")), old]
    assert [line.agreement.id for line in plan(money(10**6), *lines)] == ["z", "a", "b"]


def test_what_is_held_keeps_its_claim_on_own_money_but_leaves_the_advance_to_others() -> None:
    held_by = money(10_000, advance_cents=100_000)
    rent, energy, phone = plan(held_by, due(RENT), due(ENERGY), due(PHONE))
    assert (rent.outcome, rent.claimed_cents) == (Outcome.HOLD, 10_000)
    assert (energy.own_cents, energy.advance_cents) == (0, 15_000)
    assert phone.outcome is Outcome.HOLD


def test_what_comes_after_a_held_payment_uses_what_it_leaves() -> None:
    waiting = Held(PHONE, Occurrence("phone", TODAY - timedelta(days=3)), 3_000, TODAY - timedelta(days=3))
    internet = expense("internet", 4_000, guaranteed=False)
    held, paid = plan(money(7_000), due(internet), held=[waiting])
    assert (held.outcome, held.claimed_cents) == (Outcome.STILL_HELD, 3_000)
    assert (paid.outcome, paid.own_cents) == (Outcome.PAY, 4_000)
    assert plan(money(6_999), due(internet), held=[waiting])[1].outcome is Outcome.HOLD


@pytest.mark.parametrize(
    ("since", "reason", "claimed_cents"),
    [
        (date(2026, 1, 29), Reason.CLAIM_KEPT, 10_000),
        (date(2026, 1, 23), Reason.CLAIM_KEPT, 10_000),
        (date(2026, 1, 22), Reason.CLAIM_ENDED, 0),
    ],
)
def test_a_claim_lasts_five_banking_days(since: date, reason: Reason, claimed_cents: int) -> None:
    waiting = Held(RENT, Occurrence("rent", since), 75_000, since)
    [line] = plan(money(10_000, advance_cents=100_000), held=[waiting])
    assert (reason, claimed_cents) == (line.reason, line.claimed_cents)
    assert line.amount_cents == 0


def test_a_held_payment_that_can_be_paid_again_waits_for_a_person_and_says_so() -> None:
    waiting = Held(RENT, Occurrence("rent", TODAY), 75_000, TODAY)
    [line] = plan(money(10_000), held=[waiting])
    assert (line.outcome, line.reason) == (Outcome.STILL_HELD, Reason.NOW_AFFORDABLE)
    assert line.amount_cents == 0


def test_a_direct_debit_is_reserved_and_never_paid() -> None:
    gym = expense("gym", 5_000, guaranteed=False, settlement=Settlement.DIRECT_DEBIT)
    planned = plan(money(4_000, advance_cents=149_500), due(gym), due(expense("gas", 600)))
    gas, reserved = sorted(planned, key=lambda line: line.agreement.id)
    assert (reserved.outcome, reserved.amount_cents, reserved.claimed_cents) == (Outcome.RESERVE, 0, 3_400)
    assert gas.own_cents == 600
    assert reserved.explanation == (
        "De schuldeiser int dit zelf. Hiervoor blijft € 34,00 eigen geld staan en "
        "€ 5,00 ruimte voor voorschot. € 11,00 is er nog niet."
    )


def test_nothing_is_done_for_nothing_and_income_is_no_cost() -> None:
    assert plan(money(100), due(RENT, 0)) == ()
    with pytest.raises(ValueError, match="wage"):
        plan(money(100), due(income()))


# Living money


def coming(*amounts: tuple[int, int, str]) -> list[Projected]:
    """Expected amounts: days from today, cents, and what it is."""
    return [
        Projected(
            TODAY + timedelta(days=days),
            cents,
            Occurrence(f"{what}{days}", TODAY + timedelta(days=days)),
            living_money=what == "living",
            main_income=what == "main",
        )
        for days, cents, what in amounts
    ]


@pytest.mark.parametrize(
    ("expected", "free"),
    [
        ([], 50_000),
        ([(5, -30_000, "cost")], 20_000),
        ([(5, -60_000, "cost")], 0),
        # A small allowance tomorrow frees nothing.
        ([(1, 10_000, "small"), (2, -30_000, "cost")], 30_000),
        ([(1, 10_000, "small"), (2, -30_000, "cost"), (3, 10_000, "small"), (4, -30_000, "cost")], 10_000),
        # Costs after the next main income count, those after the second-next do not.
        ([(3, 100_000, "main"), (9, -140_000, "cost"), (33, 100_000, "main")], 10_000),
        ([(3, 100_000, "main"), (33, 100_000, "main"), (34, -900_000, "cost")], 50_000),
        ([(3, 100_000, "main"), (33, -900_000, "cost"), (33, 100_000, "main")], 50_000),
        # Two main incomes of one day are one.
        ([(3, 100_000, "main"), (3, 90_000, "main"), (9, -200_000, "cost")], 40_000),
        # On one day the cost goes before the income comes.
        ([(3, 100_000, "main"), (3, -20_000, "cost")], 30_000),
        # Living money to come is what the free amount is for.
        ([(7, -12_500, "living"), (14, -12_500, "living")], 50_000),
    ],
)
def test_free_is_the_lowest_own_money_until_the_second_next_main_income(
    expected: list[tuple[int, int, str]], free: int
) -> None:
    assert free == free_cents(50_000, coming(*expected))
    assert free == free_cents(50_000, reversed(coming(*expected)))


@pytest.mark.parametrize(
    ("own_cents", "due_cents", "outcome", "paid_cents", "carried_cents"),
    [
        (12_500, 12_500, Outcome.PAY, 12_500, 0),
        (90_000, 12_500, Outcome.PAY, 12_500, 0),
        (12_499, 12_500, Outcome.PAY, 12_499, 1),
        (1_000, 12_500, Outcome.PAY, 1_000, 11_500),
        (999, 12_500, Outcome.CARRY, 0, 12_500),
        (0, 12_500, Outcome.CARRY, 0, 12_500),
        # A rest below ten euros is paid when it fits whole.
        (400, 400, Outcome.PAY, 400, 0),
        (399, 400, Outcome.CARRY, 0, 400),
    ],
)
def test_living_money_is_paid_up_to_the_free_amount_and_the_rest_is_carried(
    own_cents: int, due_cents: int, outcome: Outcome, paid_cents: int, carried_cents: int
) -> None:
    [line] = plan(money(own_cents), due(LIVING, due_cents))
    assert (outcome, paid_cents, carried_cents) == (line.outcome, line.amount_cents, line.carried_cents)
    assert line.advance_cents == 0


def test_two_residents_share_what_is_free() -> None:
    first, second = due(expense("living_money", 5_000, id="a")), due(expense("living_money", 5_000, id="b"))
    lines = plan(money(20_000), second, first, coming=coming((3, -12_000, "cost")))
    assert [(line.agreement.id, line.own_cents) for line in lines] == [("a", 5_000), ("b", 3_000)]


def test_what_is_due_today_is_not_counted_as_coming_as_well() -> None:
    agreements = [replace(RENT, schedule=Schedule(Unit.MONTH, TODAY, day=30)), LIVING]
    until = TODAY + timedelta(days=PROJECTION_DAYS)
    expected = [one for one in projected(agreements, TODAY, until) if one.on == TODAY]
    assert [one.agreement_id for one in expected] == ["rent", "living_money"]
    rent, living = plan(money(87_500), due(RENT), due(LIVING), coming=expected)
    assert (rent.own_cents, living.own_cents) == (75_000, 12_500)


# Every line is explained to the cent.


@pytest.mark.parametrize(
    ("held_by", "line", "explanation"),
    [
        (money(100_000), due(RENT), "€ 750,00 van het eigen geld."),
        (
            money(20_000, advance_cents=5_000),
            due(RENT),
            (
                "€ 200,00 van het eigen geld en € 550,00 voorschot van de gemeente. "
                "Daarna is nog € 900,00 voorschot mogelijk."
            ),
        ),
        (
            money(0),
            due(RENT, late=True),
            (
                "Er is geen eigen geld vrij: € 750,00 voorschot van de gemeente. "
                "Daarna is nog € 750,00 voorschot mogelijk. Te laat: de vervaldag was 30 januari 2026."
            ),
        ),
        (
            money(10_000, advance_cents=120_000),
            due(RENT),
            (
                "Aangehouden: er is € 100,00 eigen geld vrij en nog € 300,00 voorschot mogelijk. "
                "Dat is € 350,00 te weinig. Het eigen geld, € 100,00, blijft hiervoor staan."
            ),
        ),
        (
            money(0, advance_cents=150_000, excess_cents=2_500),
            due(RENT),
            (
                "Aangehouden: er is € 0,00 eigen geld vrij en er kan geen nieuw voorschot komen, "
                "want het huishouden staat € 25,00 boven de grens. Dat is € 750,00 te weinig."
            ),
        ),
        (
            money(0),
            due(PHONE),
            (
                "Aangehouden: deze afspraak is niet gegarandeerd en er is € 0,00 eigen geld vrij. "
                "Dat is € 30,00 te weinig."
            ),
        ),
        (money(40_000), due(LIVING), "€ 125,00 leefgeld van het eigen geld. € 400,00 was vrij."),
        (
            money(8_000),
            due(LIVING),
            "€ 80,00 leefgeld van het eigen geld; meer is niet vrij. € 45,00 volgt later.",
        ),
        (
            money(400),
            due(LIVING),
            (
                "Vandaag geen leefgeld: er is € 4,00 vrij tot en met de volgende inkomsten. "
                "€ 125,00 volgt later."
            ),
        ),
    ],
)
def test_each_line_is_explained_to_the_cent(held_by: HouseholdMoney, line: Due, explanation: str) -> None:
    assert explanation == plan(held_by, line)[0].explanation


# Approving splits anew


@pytest.mark.parametrize(
    ("held_by", "proposed", "split"),
    [
        # The same money as when it was proposed.
        (money(20_000, own_reserved_cents=20_000), Split(20_000, 55_000), Split(20_000, 55_000)),
        # Income came in: it takes the place of the advance.
        (money(50_000, own_reserved_cents=20_000), Split(20_000, 55_000), Split(50_000, 25_000)),
        (money(90_000, own_reserved_cents=20_000), Split(20_000, 55_000), Split(75_000, 0)),
        # What other payments have reserved stays theirs.
        (money(50_000, own_reserved_cents=40_000), Split(20_000, 55_000), Split(30_000, 45_000)),
    ],
)
def test_approving_moves_the_split_from_advance_to_own_money(
    held_by: HouseholdMoney, proposed: Split, split: Split
) -> None:
    assert split == split_anew(held_by, proposed)


def test_approving_never_moves_the_split_to_the_advance() -> None:
    with pytest.raises(OwnMoneyGone, match=r"€ 0,01 minder"):
        split_anew(money(19_999, own_reserved_cents=20_000), Split(20_000, 55_000))


# What income repays


@pytest.mark.parametrize(
    ("held_by", "floor_cents", "policy", "repaid"),
    [
        (money(200_000), 50_000, POLICY, Repayment(0, 0)),
        (money(200_000, advance_cents=30_000), 50_000, POLICY, Repayment(0, 30_000)),
        (
            money(200_000, advance_cents=150_000, excess_cents=20_000),
            50_000,
            POLICY,
            Repayment(20_000, 130_000),
        ),
        (money(60_000, advance_cents=150_000, excess_cents=20_000), 50_000, POLICY, Repayment(10_000, 0)),
        (money(50_000, advance_cents=150_000), 50_000, POLICY, Repayment(0, 0)),
        (money(40_000, advance_cents=150_000), 50_000, POLICY, Repayment(0, 0)),
        # What is reserved for payments is not given away.
        (
            money(200_000, own_reserved_cents=140_000, advance_cents=90_000),
            50_000,
            POLICY,
            Repayment(0, 10_000),
        ),
        # A slower pace: a part of each income.
        (
            money(200_000, advance_cents=90_000),
            0,
            replace(POLICY, repayment_percent=10),
            Repayment(0, 15_000),
        ),
        (money(200_000, advance_cents=90_000), 0, replace(POLICY, repayment_percent=0), Repayment(0, 0)),
    ],
)
def test_income_repays_excess_first_and_then_the_advance_above_the_floor(
    held_by: HouseholdMoney, floor_cents: int, policy: Policy, repaid: Repayment
) -> None:
    assert repaid == repayment(held_by, floor_cents, 150_000, policy)


WAGE = income(schedule=Schedule(Unit.MONTH, date(2025, 1, 1), day=30))
WEEKLY = replace(LIVING, schedule=Schedule(Unit.WEEK, date(2025, 1, 1), weekday=5))


def test_the_floor_is_the_living_money_until_the_next_main_income() -> None:
    # 30 January is a Friday: that day, and 6, 13, 20 and 27 February; 28 February is a Saturday.
    assert living_money_floor([WAGE, WEEKLY, RENT], TODAY, POLICY) == 5 * 12_500
    met = {Occurrence("wage", TODAY), Occurrence("living_money", TODAY)}
    assert living_money_floor([WAGE, WEEKLY, RENT], TODAY, POLICY, met) == 4 * 12_500


def test_without_a_main_income_the_floor_is_a_month_of_living_money() -> None:
    assert living_money_floor([WEEKLY], TODAY, POLICY) == 5 * 12_500


def test_the_floor_is_what_the_municipality_says() -> None:
    fixed = replace(POLICY, living_money_floor=LivingMoneyFloor.FIXED, living_money_floor_cents=7_500)
    assert living_money_floor([WAGE, WEEKLY], TODAY, fixed) == 7_500
    none = replace(POLICY, living_money_floor=LivingMoneyFloor.NONE)
    assert living_money_floor([WAGE, WEEKLY], TODAY, none) == 0


# What the bank has done


@pytest.mark.parametrize(
    ("held_by", "debit_cents", "carried"),
    [
        (money(10_000), 10_000, Shortfall(10_000, 0, 0)),
        (money(10_000), 10_001, Shortfall(10_000, 1, 0)),
        (money(10_000, advance_cents=149_999), 10_005, Shortfall(10_000, 1, 4)),
        (money(0, advance_cents=150_000), 7, Shortfall(0, 0, 7)),
        # An advance that is promised to a proposed payment is not used twice.
        (money(0, advance_cents=100_000, advance_reserved_cents=49_999), 7, Shortfall(0, 1, 6)),
        # A limit that was lowered leaves no room.
        (money(0, advance_cents=100_000, limit_cents=50_000), 7, Shortfall(0, 0, 7)),
        (money(10_000), 0, Shortfall(0, 0, 0)),
    ],
)
def test_what_the_bank_took_is_carried_by_own_money_advance_and_excess(
    held_by: HouseholdMoney, debit_cents: int, carried: Shortfall
) -> None:
    assert carried == shortfall(held_by, debit_cents)


@pytest.mark.parametrize(
    ("payment", "advanced", "outstanding", "returned", "before", "split"),
    [
        (75_000, 0, 0, 75_000, 0, ReturnSplit(0, 75_000, 0)),
        (75_000, 55_000, 55_000, 75_000, 0, ReturnSplit(55_000, 20_000, 0)),
        # The advance was repaid in the meantime: the rest is the household's.
        (75_000, 55_000, 10_000, 75_000, 0, ReturnSplit(10_000, 65_000, 0)),
        (75_000, 55_000, 90_000, 75_000, 0, ReturnSplit(55_000, 20_000, 0)),
        # The bank kept costs.
        (75_000, 55_000, 55_000, 74_500, 0, ReturnSplit(55_000, 20_000, 500)),
        (75_000, 75_000, 75_000, 74_500, 0, ReturnSplit(75_000, 0, 500)),
        # And gave them back later.
        (75_000, 55_000, 0, 500, 74_500, ReturnSplit(0, 0, -500)),
    ],
)
def test_a_return_goes_to_the_advance_and_then_to_the_household(
    payment: int, advanced: int, outstanding: int, returned: int, before: int, split: ReturnSplit
) -> None:
    assert split == return_split(
        payment_cents=payment,
        advanced_by_payment_cents=advanced,
        advance_outstanding_cents=outstanding,
        returned_cents=returned,
        returned_before_cents=before,
    )


@pytest.mark.parametrize(("returned", "before"), [(75_001, 0), (501, 74_500)])
def test_no_more_can_come_back_than_was_paid(returned: int, before: int) -> None:
    with pytest.raises(ReturnedTooMuch, match=r"€ 750,01 terug van een betaling van € 750,00"):
        return_split(
            payment_cents=75_000,
            advanced_by_payment_cents=0,
            advance_outstanding_cents=0,
            returned_cents=returned,
            returned_before_cents=before,
        )
