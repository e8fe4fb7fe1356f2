"""A second person approves what is still as it was proposed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from huishoudboekje.domain.access import SYSTEM, Actor
from huishoudboekje.domain.agreements import Agreement, Occurrence, OccurrenceKind
from huishoudboekje.domain.errors import NotAllowed, NotFound
from huishoudboekje.storage import agreements, occurrences, people
from payouts import pay
from payouts.batch import (
    BatchState,
    FourEyes,
    NoReason,
    WrongStep,
)
from tests.payouts.town import (
    ADA,
    BRAM,
    CORRIE,
    DIRK,
    EVA,
    MONDAY,
    OPENED,
    Town,
    at,
    ended,
    only_batch,
)


def changed_amount(town: Town, who: str, agreement: str) -> None:
    with town.transaction() as session:
        now = agreements.agreement(session, agreement)
        agreements.add_version(session, replaced(now, amount_cents=650_00), OPENED, ADA)


def changed_account(town: Town, who: str, agreement: str) -> None:
    with town.transaction() as session:
        now = agreements.agreement(session, agreement)
        agreements.add_version(session, replaced(now, iban="NL20INGB0001234567"), OPENED, ADA)


def paid_otherwise(town: Town, who: str, agreement: str) -> None:
    with town.transaction() as session:
        occurrences.record(
            session,
            [occurrences.Happening(Occurrence(agreement, MONDAY), OccurrenceKind.CLOSED, 0, MONDAY)],
        )


def income_undone(town: Town, who: str, agreement: str) -> None:
    town.income(who, -450_00, MONDAY, "undone")


def too_late(town: Town, who: str, agreement: str) -> None:
    at(MONDAY, 16)


def closed(town: Town, who: str, agreement: str) -> None:
    with town.transaction() as session:
        people.close_household(session, who, date(2026, 1, 4), ADA, "verhuisd")


def replaced(agreement: Agreement, **values: object) -> Agreement:
    return replace(agreement, **values)  # type: ignore[arg-type]


CHANGES = [
    (changed_amount, "bedrag"),
    (changed_account, "rekeningnummer"),
    (ended, "loopt niet meer"),
    (paid_otherwise, "andere manier"),
    (income_undone, "niet meer genoeg eigen geld"),
    (closed, "is gestopt"),
    (too_late, "niet meer op 5 januari 2026"),
]


def test_the_proposer_cannot_approve(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose(by=BRAM)
    with pytest.raises(FourEyes):
        town.approve(batch_id, BRAM)
    assert town.approve(batch_id).state is BatchState.APPROVED


def test_who_removed_a_payment_cannot_approve(town: Town) -> None:
    who = town.household(1000_00)
    town.agree(who, 600_00)
    town.agree(who, 100_00)
    [batch_id] = town.propose()
    [first, _] = only_batch(town, batch_id).payments
    with town.transaction() as session:
        pay.remove(session, batch_id, first.end_to_end_id, BRAM, "dubbel")
    with pytest.raises(FourEyes):
        town.approve(batch_id, BRAM)
    town.approve(batch_id, CORRIE)


@pytest.mark.parametrize("by", [ADA, EVA, SYSTEM], ids=lambda by: by.user)
def test_without_the_right_nobody_approves(town: Town, by: Actor) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    with pytest.raises(NotAllowed):
        town.approve(batch_id, by)


def test_a_batch_is_approved_once(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    town.approve(batch_id)
    with pytest.raises(WrongStep):
        town.approve(batch_id, DIRK)


def test_what_is_not_there_is_not_found(town: Town) -> None:
    with pytest.raises(NotFound):
        town.approve("B20990101-1")
    with pytest.raises(NotFound), town.transaction() as session:
        pay.show_payment(session, "nothing")


def test_own_money_that_came_in_replaces_the_advance_by_itself(town: Town) -> None:
    who = town.household(500_00)
    town.agree(who, 600_00)
    [batch_id] = town.propose()
    town.income(who, 70_00, MONDAY, "wage")
    judged = town.approve(batch_id)
    assert [(each.own_cents, each.advanced_cents) for each in judged.moved] == [(570_00, 30_00)]
    assert town.money(who) == (570_00, 570_00, 0, 30_00)
    with town.transaction() as session:
        pay.export(session, batch_id, ADA)
    assert town.money(who) == (0, 0, 30_00, 0)


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[each.__name__ for each, _ in CHANGES])
def test_a_change_sends_the_batch_back_and_says_what(
    town: Town, change: Callable[[Town, str, str], None], words: str
) -> None:
    who = town.household(500_00)
    agreement = town.agree(who, 600_00)
    [batch_id] = town.propose()
    change(town, who, agreement)
    judged = town.approve(batch_id)
    assert judged.state is BatchState.SENT_BACK
    assert words in judged.changes[0].sentence
    batch = only_batch(town, batch_id)
    assert batch.summary.state is BatchState.SENT_BACK
    assert words in (batch.steps[-1].reason or "")


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[each.__name__ for each, _ in CHANGES])
def test_a_change_after_approval_keeps_the_file_from_being_made(
    town: Town, change: Callable[[Town, str, str], None], words: str
) -> None:
    who = town.household(500_00)
    agreement = town.agree(who, 600_00)
    [batch_id] = town.propose()
    town.approve(batch_id)
    change(town, who, agreement)
    with town.transaction() as session:
        judged = pay.export(session, batch_id, ADA)
    assert isinstance(judged, pay.Judgement)
    assert words in judged.changes[0].sentence


def test_who_sent_it_back_may_approve_what_comes_again(town: Town) -> None:
    who = town.household(2000_00)
    agreement = town.agree(who, 600_00)
    town.agree(who, 100_00)
    [batch_id] = town.propose()
    changed_amount(town, who, agreement)
    town.approve(batch_id)
    with town.transaction() as session:
        assert pay.propose_again(session, batch_id, ADA) == [batch_id]
    assert only_batch(town, batch_id).summary.amount_cents == 100_00
    assert town.approve(batch_id).state is BatchState.APPROVED
    [anew] = town.propose()
    assert only_batch(town, anew).summary.amount_cents == 650_00


def test_a_batch_whose_day_is_gone_is_proposed_anew_on_the_next(town: Town) -> None:
    who = town.household(600_00)
    town.agree(who, 600_00)
    [batch_id] = town.propose()
    at(MONDAY, 16)
    town.approve(batch_id)
    with town.transaction() as session:
        [anew] = pay.propose_again(session, batch_id, ADA)
    assert only_batch(town, batch_id).summary.state is BatchState.WITHDRAWN
    assert only_batch(town, anew).summary.execution_on == MONDAY + timedelta(days=1)
    assert town.money(who) == (600_00, 600_00, 0, 0)


def test_a_withdrawn_batch_frees_money_and_occurrences(town: Town) -> None:
    who = town.household(500_00)
    town.agree(who, 600_00)
    [batch_id] = town.propose()
    town.approve(batch_id)
    with town.transaction() as session:
        pay.withdraw(session, batch_id, ADA, "verkeerde dag")
    assert town.money(who) == (500_00, 0, 0, 0)
    assert town.propose() == ["B20260105-2"]


def test_a_reason_is_asked(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    with pytest.raises(NoReason), town.transaction() as session:
        pay.withdraw(session, batch_id, ADA, "  ")
