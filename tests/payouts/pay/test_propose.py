"""What is due becomes payments in a batch, once."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pytest

from bank_formats import pain001
from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.domain.agreements import Direction, Occurrence, OccurrenceKind, Settlement
from huishoudboekje.domain.ledger import in_transit
from huishoudboekje.domain.policy import Policy
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import instructions, ledger, occurrences, policy
from payouts import pay
from payouts.batch import (
    BatchState,
)
from payouts.pay.propose import TooFarAhead
from tests.payouts.town import (
    BRAM,
    EVA,
    IBAN,
    MONDAY,
    OPENED,
    Town,
    at,
    kinds,
    only_batch,
)


def test_what_is_short_is_advanced_reserved_and_sent(town: Town) -> None:
    who = town.household(500_00)
    town.agree(who, 600_00)
    [batch_id] = town.propose()
    assert town.money(who) == (500_00, 500_00, 0, 100_00)

    content = town.exported(batch_id)

    assert town.money(who) == (0, 0, 100_00, 0)
    [(head, payments)] = [(head, list(found)) for head, found in pain001.read(io.BytesIO(content))]
    [payment] = payments
    assert (head.message_id, head.execution_date, head.debtor_iban) == (f"HHB1-{batch_id}", MONDAY, IBAN)
    assert (payment.amount_cents, payment.creditor_name) == (600_00, "Woonstichting De Merwe")
    assert payment.ultimate_debtor == "J.P. van der Berg-1"
    assert payment.end_to_end_id == "HHB1-20260105-0000001"
    with town.transaction() as session:
        [instruction] = instructions.find(session, end_to_end_ids=[payment.end_to_end_id])
        assert ledger.balances(session)[in_transit(head.payment_information_id)].shown_cents == 600_00
    assert (instruction.own_cents, instruction.advanced_cents) == (500_00, 100_00)


def test_a_plan_changes_nothing_and_explains_each_line(town: Town) -> None:
    who = town.household(500_00)
    town.agree(who, 600_00)
    with town.transaction() as session:
        planned = pay.plan(session, MONDAY)
    [line] = planned.households[0].lines
    assert "voorschot" in line.explanation
    assert (planned.amount_cents, planned.advance_cents) == (600_00, 100_00)
    assert town.money(who) == (500_00, 0, 0, 0)
    assert town.sql("SELECT count(*) FROM payment") == [(0,)]


def test_the_plan_warns_of_letters_that_no_bank_takes(town: Town) -> None:
    town.agree(town.household(600_00), 600_00, remittance="Huur café")
    with town.transaction() as session:
        planned = pay.plan(session, MONDAY)
    assert planned.warnings == ("De omschrijving ‘Huur café’ komt bij de bank aan als ‘Huur cafe’.",)


def test_a_betalingskenmerk_goes_as_a_reference_and_a_customer_number_as_text(town: Town) -> None:
    who = town.household(900_00)
    town.agree(who, 100_00, reference="5000056789012345", remittance="weg")
    town.agree(who, 200_00, reference="1234567", remittance="Klant")
    [batch_id] = town.propose()
    lines = only_batch(town, batch_id).payments
    assert {(each.remittance, each.reference) for each in lines} == {
        ("", "5000056789012345"),
        ("Klant 1234567", None),
    }


def test_proposing_again_proposes_only_what_is_new(town: Town) -> None:
    who = town.household(1000_00)
    town.agree(who, 600_00)
    assert town.propose() == ["B20260105-1"]
    assert town.propose() == []
    town.agree(who, 100_00, category="energy")
    assert town.propose() == ["B20260105-2"]
    assert town.money(who) == (1000_00, 700_00, 0, 0)


def test_a_direct_debit_is_never_proposed_and_keeps_its_money(town: Town) -> None:
    who = town.household(100_00)
    town.agree(who, 90_00, category="rent", settlement=Settlement.DIRECT_DEBIT)
    town.agree(who, 50_00, category="other", guaranteed=False)
    assert town.propose() == []
    with town.transaction() as session:
        [held] = pay.held(session)
    assert held.amount_cents == 50_00


def test_nothing_due_before_the_administration_opened_is_proposed(town: Town) -> None:
    who = town.household(2000_00)
    town.agree(who, 100_00, 31)
    town.agree(who, 200_00, 1)
    [batch_id] = town.propose()
    [line] = only_batch(town, batch_id).payments
    assert (line.occurrence and line.occurrence.due_on, line.late) == (date(2026, 1, 1), True)
    assert SignalKind.PAID_LATE in kinds(town)


def test_a_household_that_starts_later_pays_nothing_from_before(town: Town) -> None:
    town.agree(town.household(200_00, started_on=date(2026, 1, 5)), 200_00, 2)
    assert town.propose() == []


def test_what_is_met_closed_or_instructed_elsewhere_is_not_proposed(town: Town) -> None:
    who = town.household(2000_00)
    for kind, cents in (
        (OccurrenceKind.MET, 100_00),
        (OccurrenceKind.CLOSED, 0),
        (OccurrenceKind.INSTRUCTED, 100_00),
    ):
        agreement = town.agree(who, 100_00)
        with town.transaction() as session:
            occurrences.record(
                session, [occurrences.Happening(Occurrence(agreement, MONDAY), kind, cents, MONDAY)]
            )
    assert town.propose() == []


def test_a_weekend_is_paid_on_friday_and_after_the_cut_off_on_monday_late(town: Town) -> None:
    town.agree(town.household(2000_00), 100_00, 11)
    friday = date(2026, 1, 9)
    at(friday)
    with town.transaction() as session:
        [line] = pay.plan(session, friday).households[0].lines
    assert (line.execution_on, line.late) == (friday, False)
    at(friday, 16)
    with town.transaction() as session:
        [line] = pay.plan(session, friday).households[0].lines
    assert (line.execution_on, line.late) == (date(2026, 1, 12), True)


def test_living_money_that_was_carried_follows_as_the_next_part(town: Town) -> None:
    who = town.household(30_00)
    living = town.agree(who, 50_00, category="living_money", guaranteed=False)
    town.agree(who, 1000_00, 24, direction=Direction.INCOME, category="wage")
    town.agree(who, 1000_00, 25, direction=Direction.INCOME, category="wage")
    [first] = town.propose()
    assert [each.amount_cents for each in only_batch(town, first).payments] == [30_00]
    assert SignalKind.CARRIED in kinds(town)
    assert town.propose() == []
    town.income(who, 15_00, MONDAY, "gift")
    [second] = town.propose()
    [line] = only_batch(town, second).payments
    assert (line.occurrence, line.amount_cents) == (Occurrence(living, MONDAY, 2), 15_00)


def test_every_identifier_fits_the_bank_and_is_used_once(town: Town) -> None:
    for number in range(60):
        town.agree(town.household(100_00), 100_00, 5 if number % 2 else 4)
    [batch_id] = town.propose()
    ids = [each.end_to_end_id for each in only_batch(town, batch_id).payments]
    assert len(set(ids)) == 60
    assert all(len(each) <= 35 for each in ids)


def test_the_system_may_propose(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    system = Actor("system", frozenset({Role.SYSTEM}), Channel.TIMETABLE)
    [batch_id] = town.propose(by=system)
    assert town.approve(batch_id, BRAM).state is BatchState.APPROVED


def test_each_day_of_execution_has_a_batch_of_its_own(town: Town) -> None:
    with town.transaction() as session:
        policy.add_policy(session, Policy(lead_bank_days=2), OPENED, EVA)
    who = town.household(2000_00)
    for day in (5, 6, 7, 8):
        town.agree(who, 100_00, day)
    batches = [only_batch(town, each).summary for each in town.propose()]
    assert [each.execution_on for each in batches] == [MONDAY + timedelta(days=n) for n in range(3)]


def test_numbers_of_another_installation_are_passed_over(town: Town) -> None:
    town.agree(town.household(100_00), 100_00)
    town.propose()
    columns = (
        "batch_id, household_id, agreement_id, due_on, amount_cents, own_cents, advanced_cents,"
        " agreed_cents, counter_name, counter_iban, remittance, execution_on, late, state, explanation,"
        " proposed_by, created_at"
    )
    town.sql(
        f"INSERT INTO payment (end_to_end_id, part, {columns})"
        f" SELECT 'HHB1-20260105-0000002', 2, {columns} FROM payment RETURNING 1"
    )
    town.agree(town.household(100_00), 100_00)
    [batch_id] = town.propose()
    [line] = only_batch(town, batch_id).payments
    assert line.end_to_end_id == "HHB1-20260105-0000003"


@pytest.mark.parametrize(("today_cents", "then_cents"), [(1500_00, 2000_00), (2000_00, 1500_00)])
def test_an_advance_fits_the_limits_of_today_and_of_the_planned_day(
    town: Town, today_cents: int, then_cents: int
) -> None:
    tuesday = MONDAY + timedelta(days=1)
    who, other = town.household(0, 1_400_00), town.household(900_00)
    for each in (who, other):
        town.agree(each, 300_00, day=tuesday.day)
    with town.transaction() as session:
        for since, cents in ((MONDAY, today_cents), (tuesday, then_cents)):
            policy.add_policy(session, Policy(guarantee_limit_cents=cents), since, EVA)
    [batch_id] = town.propose(tuesday)
    [line] = only_batch(town, batch_id).payments
    assert line.household_id == other
    assert kinds(town) == [SignalKind.HELD]


def test_a_slip_of_a_year_in_the_date_proposes_nothing(town: Town) -> None:
    town.agree(town.household(500_00), 100_00)
    with pytest.raises(TooFarAhead):
        town.propose(MONDAY + timedelta(days=365))
    assert town.sql("SELECT id FROM payment_batch") == []
