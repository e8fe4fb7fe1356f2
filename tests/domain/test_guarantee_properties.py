"""What must hold for every household: nothing made or lost, no limit passed, held whole, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from huishoudboekje.domain.agreements import LIVING_MONEY, Occurrence, Settlement
from huishoudboekje.domain.forecast import Projected
from huishoudboekje.domain.guarantee import (
    Due,
    Held,
    HouseholdMoney,
    Outcome,
    PlanLine,
    free_cents,
    plan_household,
    repayment,
    return_split,
    shortfall,
)
from huishoudboekje.domain.policy import Policy
from tests.domain.agreements_of import expense

TODAY = date(2026, 1, 30)
CENTS = st.integers(0, 200_000)
SOME_CENTS = st.integers(1, 100_000)
CATEGORIES = st.sampled_from(["rent", "energy", "water", "health_insurance", "phone", "gym", LIVING_MONEY])
POLICY = Policy()


@dataclass(frozen=True)
class Case:
    money: HouseholdMoney
    due: list[Due]
    held: list[Held]
    coming: list[Projected]

    def plan(self) -> tuple[PlanLine, ...]:
        return plan_household(self.money, self.due, self.held, self.coming, POLICY, TODAY)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    limit = draw(st.sampled_from([0, 50_000, 150_000]))
    advance = draw(st.integers(0, limit))
    own = draw(CENTS)
    money = HouseholdMoney(
        household_id="H1",
        own_cents=own,
        own_reserved_cents=draw(st.integers(0, own)),
        advance_cents=advance,
        advance_reserved_cents=draw(st.integers(0, limit - advance)),
        excess_cents=draw(st.sampled_from([0, 0, 0, 1_000])),
        limit_cents=limit,
    )
    due, held = [], []
    for number in range(draw(st.integers(0, 8))):
        agreement = expense(
            draw(CATEGORIES),
            draw(SOME_CENTS),
            id=f"A{number}",
            guaranteed=draw(st.booleans()),
            settlement=draw(st.sampled_from([Settlement.TRANSFER] * 4 + [Settlement.DIRECT_DEBIT])),
        )
        day = TODAY - timedelta(days=draw(st.integers(-2, 12)))
        occurrence = Occurrence(agreement.id, day, draw(st.integers(1, 2)))
        if draw(st.booleans()):
            due.append(Due(agreement, occurrence, agreement.amount_cents, TODAY, late=day < TODAY))
        else:
            held.append(Held(agreement, occurrence, agreement.amount_cents, min(day, TODAY)))
    coming = [
        Projected(
            TODAY + timedelta(days=draw(st.integers(0, 90))),
            draw(st.integers(-100_000, 200_000)),
            Occurrence("C", TODAY),
            main_income=draw(st.booleans()),
        )
        for _ in range(draw(st.integers(0, 5)))
    ]
    return Case(money, due, held, coming)


@given(cases())
def test_no_more_is_given_out_than_there_is(case: Case) -> None:
    lines = case.plan()
    given_out = sum(line.own_cents + line.claimed_cents for line in lines)
    assert given_out <= case.money.free_to_spend_cents
    assert sum(line.advance_cents for line in lines) <= case.money.room_cents


@given(cases())
def test_the_limit_is_never_passed_and_excess_stops_advances(case: Case) -> None:
    advanced = sum(line.advance_cents for line in case.plan())
    money = case.money
    assert money.advance_cents + money.advance_reserved_cents + advanced <= money.limit_cents
    assert advanced == 0 or money.excess_cents == 0


@given(cases())
def test_every_line_adds_up(case: Case) -> None:
    for line in case.plan():
        parts = (line.own_cents, line.advance_cents, line.claimed_cents, line.carried_cents)
        assert min(parts) >= 0
        assert line.amount_cents == line.own_cents + line.advance_cents
        if line.agreement.category == LIVING_MONEY and line.outcome in {Outcome.PAY, Outcome.CARRY}:
            assert line.due_cents == line.amount_cents + line.carried_cents
        else:
            assert line.amount_cents in {0, line.due_cents}
            assert line.carried_cents == 0
        assert (line.amount_cents > 0) == (line.outcome is Outcome.PAY)


@given(cases())
def test_only_guaranteed_costs_are_advanced_and_only_transfers_are_paid(case: Case) -> None:
    for line in case.plan():
        if line.advance_cents:
            assert line.agreement.guaranteed
            assert line.own_cents + line.advance_cents == line.due_cents
        if line.outcome is Outcome.PAY:
            assert line.agreement.settlement is Settlement.TRANSFER


@given(cases())
def test_nothing_that_is_due_or_held_is_dropped_or_doubled(case: Case) -> None:
    lines = case.plan()
    due, held = {one.occurrence for one in case.due}, {one.occurrence for one in case.held}
    assert sorted(due | held) == sorted(line.occurrence for line in lines)
    assert held == {line.occurrence for line in lines if line.outcome is Outcome.STILL_HELD}


@given(cases(), st.randoms())
def test_the_order_in_which_one_asks_does_not_matter(case: Case, chance: Random) -> None:
    shuffled = replace(case, due=[*case.due], held=[*case.held], coming=[*case.coming])
    for many in (shuffled.due, shuffled.held, shuffled.coming):
        chance.shuffle(many)
    assert case.plan() == shuffled.plan()


@given(cases(), SOME_CENTS)
def test_what_is_least_urgent_changes_nothing_for_what_comes_before(case: Case, amount_cents: int) -> None:
    last = expense("zoo", amount_cents, id="Z", guaranteed=False)
    more = Due(last, Occurrence("Z", date(2030, 1, 1)), amount_cents, TODAY)
    assert replace(case, due=[*case.due, more]).plan()[:-1] == case.plan()


@given(cases())
def test_a_cost_is_held_only_when_what_was_left_did_not_suffice(case: Case) -> None:
    own, room = case.money.free_to_spend_cents, case.money.room_cents
    for line in case.plan():
        if line.outcome is Outcome.HOLD:
            within = own + (room if line.agreement.guaranteed else 0)
            assert within < line.due_cents
            assert line.claimed_cents == min(own, line.due_cents)
        if line.outcome is Outcome.RESERVE:
            room -= min(room, line.due_cents - line.claimed_cents)
        own -= line.own_cents + line.claimed_cents
        room -= line.advance_cents


@given(cases())
def test_living_money_leaves_what_is_coming_as_it_was(case: Case) -> None:
    own = case.money.free_to_spend_cents
    taken = sum(
        line.own_cents + line.claimed_cents
        for line in case.plan()
        if line.agreement.category in POLICY.priority[: POLICY.priority.index(LIVING_MONEY)]
        or line.agreement.guaranteed
    )
    living = sum(line.own_cents for line in case.plan() if line.agreement.category == LIVING_MONEY)
    assert living <= free_cents(own - taken, case.coming)


@given(CENTS, CENTS, CENTS, CENTS, CENTS)
def test_repaying_leaves_the_floor_and_takes_no_more_than_is_owed(
    own: int, advance: int, excess: int, floor: int, incoming: int
) -> None:
    money = HouseholdMoney("H1", own, advance_cents=advance, excess_cents=excess)
    repaid = repayment(money, floor, incoming, POLICY)
    assert own - repaid.total_cents >= min(own, floor)
    assert 0 <= repaid.advance_cents <= advance
    assert 0 <= repaid.excess_cents <= excess
    assert repaid.advance_cents == 0 or repaid.excess_cents == excess
    slower = repayment(money, floor, incoming, replace(POLICY, repayment_percent=50))
    assert slower.total_cents == min(repaid.total_cents, incoming // 2)


@given(CENTS, st.integers(0, 150_000), CENTS)
def test_what_the_bank_took_is_carried_to_the_cent(own: int, advance: int, debit: int) -> None:
    carried = shortfall(HouseholdMoney("H1", own, advance_cents=advance), debit)
    assert debit == carried.own_cents + carried.advance_cents + carried.excess_cents
    assert 0 <= carried.own_cents <= own
    assert 0 <= carried.advance_cents <= 150_000 - advance
    assert carried.advance_cents == 0 or carried.own_cents == own
    assert carried.excess_cents == 0 or carried.advance_cents == 150_000 - advance


@given(SOME_CENTS, st.data())
def test_what_comes_back_is_divided_to_the_cent(payment: int, data: st.DataObject) -> None:
    advanced = data.draw(st.integers(0, payment))
    outstanding = data.draw(CENTS)
    first = data.draw(st.integers(1, payment))
    second = payment - first
    charges = 0
    for returned, before in ((first, 0), (second, first)) if second else ((first, 0),):
        split = return_split(
            payment_cents=payment,
            advanced_by_payment_cents=advanced,
            advance_outstanding_cents=outstanding,
            returned_cents=returned,
            returned_before_cents=before,
        )
        assert split.advance_cents + split.household_cents == returned + split.charges_cents
        assert 0 <= split.advance_cents <= min(advanced, outstanding)
        assert split.household_cents >= 0
        outstanding -= split.advance_cents
        charges += split.charges_cents
    assert charges == 0


@dataclass
class Books:
    """A household's balances through a number of days, with what went in and out."""

    own: int = 0
    advance: int = 0
    excess: int = 0
    received: int = 0
    paid: int = 0

    def money(self) -> HouseholdMoney:
        return HouseholdMoney(
            "H1", self.own, advance_cents=self.advance, excess_cents=self.excess, limit_cents=50_000
        )

    def receive(self, cents: int) -> None:
        self.own += cents
        self.received += cents
        repaid = repayment(self.money(), 10_000, cents, POLICY)
        self.own -= repaid.total_cents
        self.advance -= repaid.advance_cents
        self.excess -= repaid.excess_cents

    def debit(self, cents: int) -> None:
        carried = shortfall(self.money(), cents)
        self.own -= carried.own_cents
        self.advance += carried.advance_cents
        self.excess += carried.excess_cents
        self.paid += cents

    def pay(self, due: list[Due]) -> list[PlanLine]:
        paid = [
            line
            for line in plan_household(self.money(), due, [], [], POLICY, TODAY)
            if line.outcome is Outcome.PAY
        ]
        for line in paid:
            self.own -= line.own_cents
            self.advance += line.advance_cents
            self.paid += line.amount_cents
        return paid

    def come_back(self, line: PlanLine) -> None:
        split = return_split(
            payment_cents=line.amount_cents,
            advanced_by_payment_cents=line.advance_cents,
            advance_outstanding_cents=self.advance,
            returned_cents=line.amount_cents,
        )
        self.advance -= split.advance_cents
        self.own += split.household_cents
        self.paid -= line.amount_cents


@given(
    st.lists(
        st.tuples(st.sampled_from(["income", "debit", "pay", "return"]), st.integers(1, 60_000)), max_size=25
    )
)
def test_over_many_days_the_books_balance_and_the_limit_holds(events: list[tuple[str, int]]) -> None:
    books, out = Books(), list[PlanLine]()
    for event, cents in events:
        match event:
            case "income":
                books.receive(cents)
            case "debit":
                books.debit(cents)
            case "pay":
                costs = [expense("rent", cents), expense("gym", cents // 3 + 1, guaranteed=False)]
                out += books.pay([Due(c, Occurrence(c.id, TODAY), c.amount_cents, TODAY) for c in costs])
            case _:
                if out:
                    books.come_back(out.pop(cents % len(out)))
        assert books.received - books.paid == books.own - books.advance - books.excess
        assert books.own >= 0
        assert 0 <= books.advance <= 50_000
        assert books.excess >= 0
