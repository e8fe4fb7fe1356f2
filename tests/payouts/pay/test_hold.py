"""What waits for people, and what they ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.agreements import Occurrence, OccurrenceKind, Settlement
from huishoudboekje.domain.errors import NotAllowed
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import agreements, ledger, occurrences
from payouts import pay
from payouts.batch import (
    BatchState,
    NotHeld,
    NotInBatch,
    PaymentState,
    TwoPeople,
    WrongStep,
)
from payouts.pay.hold import AgreementGone, NotEnoughMoney, PaidOtherwise, RefundedBefore
from tests.payouts.town import (
    ADA,
    BRAM,
    CORRIE,
    ENERGY,
    IBAN,
    MONDAY,
    Town,
    at,
    ended,
    kinds,
    only_batch,
)


def test_a_removed_payment_waits_for_a_person_and_an_empty_batch_is_gone(town: Town) -> None:
    who = town.household(600_00)
    town.agree(who, 600_00)
    [batch_id] = town.propose()
    [line] = only_batch(town, batch_id).payments
    with town.transaction() as session:
        held = pay.remove(session, batch_id, line.end_to_end_id, ADA, "klopt de huur?")
    assert held is not None
    assert only_batch(town, batch_id).summary.state is BatchState.WITHDRAWN
    assert town.money(who) == (600_00, 0, 0, 0)
    assert town.propose() == []
    assert kinds(town) == [SignalKind.HELD]
    with pytest.raises(NotInBatch), town.transaction() as session:
        pay.remove(session, batch_id, line.end_to_end_id, ADA, "nog eens")


def test_above_the_limit_is_held_once_with_a_signal(town: Town) -> None:
    who = town.household(0, 1400_00)
    town.agree(who, 600_00)
    assert town.propose() == []
    assert town.propose() == []
    assert kinds(town) == [SignalKind.HELD]
    with town.transaction() as session:
        [held] = pay.held(session)
    assert held.state is PaymentState.HELD


def test_above_the_limit_two_people_release_and_a_batch_is_proposed(town: Town) -> None:
    who = town.household(0, 1400_00)
    town.agree(who, 600_00)
    town.propose()
    with town.transaction() as session:
        [held] = pay.held(session)
        first = pay.release(session, held.end_to_end_id, ADA, "gezin met kinderen")
    assert (first.batch_id, first.over_limit_cents) == (None, 500_00)
    with pytest.raises(TwoPeople), town.transaction() as session:
        pay.release(session, held.end_to_end_id, ADA, "nog eens")
    with town.transaction() as session:
        second = pay.release(session, held.end_to_end_id, BRAM, "akkoord")
    assert second.batch_id is not None
    assert town.money(who) == (0, 0, 1400_00, 600_00)
    assert kinds(town) == []
    town.exported(second.batch_id)
    assert town.money(who) == (0, 0, 2000_00, 0)
    assert town.sql("SELECT limit_cents, proposed_by, approved_by FROM limit_decision") == [
        (2000_00, "ada", "bram")
    ]


def more(town: Town, agreement: str, cents: int = 601_00) -> None:
    with town.transaction() as session:
        now = agreements.latest(session, [agreement])[agreement]
        agreements.add_version(session, replace(now, amount_cents=cents), date(2025, 1, 2), ADA)


def another_payee(town: Town, agreement: str) -> None:
    with town.transaction() as session:
        now = agreements.latest(session, [agreement])[agreement]
        agreements.add_version(session, replace(now, iban=ENERGY), date(2025, 1, 2), ADA)


def a_smaller_advance_left(town: Town, agreement: str) -> None:
    town.agree("H000001", 100_00, settlement=Settlement.TRANSFER)
    town.propose()


def days_later(town: Town, agreement: str) -> None:
    at(date(2026, 1, 13))


@pytest.mark.parametrize("change", [more, another_payee, a_smaller_advance_left, days_later])
def test_who_agreed_to_something_else_is_not_the_first(
    town: Town, change: Callable[[Town, str], None]
) -> None:
    agreement = town.agree(town.household(0, 1400_00), 600_00)
    town.propose()

    def release(by: Actor) -> pay.Released:
        with town.transaction() as session:
            held = next(each for each in pay.held(session) if each.amount_cents == 600_00)
            return pay.release(session, held.end_to_end_id, by, "akkoord")

    assert release(BRAM).batch_id is None
    change(town, agreement)
    assert release(ADA).batch_id is None
    assert release(BRAM).batch_id is not None


def test_who_agreed_to_more_is_the_first(town: Town) -> None:
    agreement = town.agree(town.household(0, 1400_00), 600_00)
    town.propose()
    with town.transaction() as session:
        [held] = pay.held(session)
        pay.release(session, held.end_to_end_id, BRAM, "akkoord")
    more(town, agreement, 599_00)
    with town.transaction() as session:
        assert pay.release(session, held.end_to_end_id, ADA, "akkoord").batch_id is not None


def test_a_held_payment_that_own_money_can_pay_now_is_released_by_one(town: Town) -> None:
    who = town.household(10_00)
    town.agree(who, 50_00, category="other", guaranteed=False)
    town.propose()
    town.income(who, 100_00, MONDAY, "wage")
    with town.transaction() as session:
        [held] = pay.held(session)
        released = pay.release(session, held.end_to_end_id, ADA, "nu wel")
    assert released.batch_id is not None
    assert town.money(who) == (110_00, 50_00, 0, 0)
    with pytest.raises(NotHeld), town.transaction() as session:
        pay.release(session, held.end_to_end_id, ADA, "dubbelklik")


def test_a_dropped_payment_is_never_proposed_again(town: Town) -> None:
    town.agree(town.household(0, 1400_00), 600_00)
    town.propose()
    with town.transaction() as session:
        [held] = pay.held(session)
        pay.drop(session, held.end_to_end_id, ADA, "betaalt zelf")
    assert town.propose() == []
    assert kinds(town) == []


def test_the_release_of_an_ended_agreement_is_refused(town: Town) -> None:
    agreement = town.agree(town.household(0, 1400_00), 600_00)
    town.propose()
    ended(town, "", agreement)
    with town.transaction() as session:
        [held] = pay.held(session)
    with pytest.raises(AgreementGone), town.transaction() as session:
        pay.release(session, held.end_to_end_id, ADA, "toch")


def test_held_too_long_becomes_a_signal_of_its_own(town: Town) -> None:
    town.agree(town.household(0, 1400_00), 600_00)
    town.propose()
    later = date(2026, 1, 14)
    at(later)
    town.propose(later)
    assert set(kinds(town)) == {SignalKind.HELD, SignalKind.HELD_TOO_LONG}


def test_money_in_suspense_goes_back_by_the_same_four_eyes(town: Town) -> None:
    def refund(by: Actor = ADA) -> str:
        with town.transaction() as session:
            return pay.refund(
                session,
                7,
                amount_cents=12_34,
                payee_name="De heer Pieters",
                payee_iban="NL20 INGB 0001 2345 67",
                remittance="Onbekende betaling terug",
                by=by,
            )

    batch_id = refund()
    with pytest.raises(RefundedBefore):
        refund()
    with pytest.raises(NotAllowed):
        refund(CORRIE)
    content = town.exported(batch_id)
    assert b"12.34" in content
    with town.transaction() as session:
        assert pay.refund_of(session, 7) is not None
        assert ledger.balances(session)[f"suspense:{IBAN}"].shown_cents == -12_34


def test_a_refund_whose_day_is_gone_is_proposed_anew(town: Town) -> None:
    with town.transaction() as session:
        batch_id = pay.refund(
            session,
            7,
            amount_cents=1,
            payee_name="Pieters",
            payee_iban="NL20INGB0001234567",
            remittance="",
            by=ADA,
        )
    at(MONDAY, 18)
    assert town.approve(batch_id).state is BatchState.SENT_BACK
    with town.transaction() as session:
        [anew] = pay.propose_again(session, batch_id, ADA)
    assert only_batch(town, anew).summary.amount_cents == 1
    assert town.approve(anew).state is BatchState.APPROVED


def test_what_is_left_is_paid_out_but_never_more(town: Town) -> None:
    who = town.household(80_00)

    def out(cents: int) -> str:
        with town.transaction() as session:
            return pay.pay_out(
                session,
                who,
                amount_cents=cents,
                payee_name="J.P. van der Berg",
                payee_iban="NL02ABNA0123456789",
                purpose="eindafrekening",
                by=ADA,
            )

    with pytest.raises(NotEnoughMoney):
        out(80_01)
    town.exported(out(80_00))
    assert town.money(who) == (0, 0, 0, 0)


def test_what_was_paid_otherwise_meanwhile_is_not_released(town: Town) -> None:
    agreement = town.agree(town.household(0, 1400_00), 600_00)
    town.propose()
    with town.transaction() as session:
        met = occurrences.Happening(Occurrence(agreement, MONDAY), OccurrenceKind.MET, 600_00, MONDAY)
        occurrences.record(session, [met])
        [held] = pay.held(session)
    with pytest.raises(PaidOtherwise), town.transaction() as session:
        pay.release(session, held.end_to_end_id, ADA, "toch")


def test_a_payment_of_an_approved_batch_is_not_held(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    town.approve(batch_id)
    [line] = only_batch(town, batch_id).payments
    told = "is goedgekeurd en kan niet gewijzigd worden"
    with pytest.raises(WrongStep, match=told), town.transaction() as session:
        pay.hold(session, line.end_to_end_id, ADA, "wacht")
