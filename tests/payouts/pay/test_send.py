"""The file is made once, and followed to the bank."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.domain.instructions import Outcome
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import archive
from payouts import pay
from payouts.batch import (
    BatchState,
    TwoPeople,
    WrongStep,
)
from payouts.pay.send import BankHadIt
from tests.payouts.town import (
    ADA,
    BRAM,
    MONDAY,
    Town,
    at,
    kinds,
    only_batch,
    sent_batch,
)


def test_exporting_again_gives_the_same_bytes(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    first = town.exported(batch_id)
    at(MONDAY, 14)
    with town.transaction() as session:
        again = pay.export(session, batch_id, BRAM)
        assert not isinstance(again, pay.Judgement)
        with archive.open_file(again) as opened:
            assert opened.read() == first
    assert town.sql("SELECT count(*) FROM instruction") == [(1,)]


def test_only_what_is_approved_is_exported(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    with pytest.raises(WrongStep), town.transaction() as session:
        pay.export(session, batch_id, ADA)


def test_a_batch_that_left_cannot_be_withdrawn(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    town.exported(batch_id)
    with pytest.raises(WrongStep), town.transaction() as session:
        pay.withdraw(session, batch_id, ADA, "te laat")


def test_that_the_bank_never_had_it_takes_two_people_and_opens_the_occurrence(town: Town) -> None:
    who, batch_id, _ = sent_batch(town)
    with town.transaction() as session:
        assert pay.not_delivered(session, batch_id, ADA, "niet op afschrift") is BatchState.DOUBTED
    with pytest.raises(TwoPeople), town.transaction() as session:
        pay.not_delivered(session, batch_id, ADA, "echt niet")
    with town.transaction() as session:
        assert pay.not_delivered(session, batch_id, BRAM, "gezien") is BatchState.NOT_DELIVERED
    assert town.money(who) == (500_00, 0, 0, 0)
    assert town.propose() == ["B20260105-2"]
    assert town.money(who) == (500_00, 500_00, 0, 100_00)


def test_a_doubt_is_taken_back_when_the_bank_had_it(town: Town) -> None:
    _, batch_id, payment = sent_batch(town)
    with town.transaction() as session:
        pay.not_delivered(session, batch_id, ADA, "nog niet op afschrift")
    town.bank_shows(Outcome.SETTLED, [payment], MONDAY)
    with pytest.raises(BankHadIt), town.transaction() as session:
        pay.not_delivered(session, batch_id, BRAM, "ik zie het ook niet")
    with town.transaction() as session:
        pay.sent(session, batch_id, BRAM, "staat op het afschrift")
    assert only_batch(town, batch_id).summary.state is BatchState.SENT


def test_sent_but_not_booked_is_told_after_two_banking_days(town: Town) -> None:
    _, _, payment = sent_batch(town)
    with town.transaction() as session:
        assert pay.sent_not_booked(session, MONDAY + timedelta(days=1)) == []
        [missing] = pay.sent_not_booked(session, MONDAY + timedelta(days=2))
        assert missing.end_to_end_id == payment
        assert pay.signal_sent_not_booked(session, MONDAY + timedelta(days=2), SYSTEM) == 1
    assert SignalKind.SENT_NOT_BOOKED in kinds(town)
    town.bank_shows(Outcome.SETTLED, [payment], MONDAY)
    with town.transaction() as session:
        assert pay.signal_sent_not_booked(session, MONDAY + timedelta(days=2), SYSTEM) == 0
    assert SignalKind.SENT_NOT_BOOKED not in kinds(town)
