"""What the statements show of payments."""

from __future__ import annotations

from datetime import date

from huishoudboekje import clock
from huishoudboekje.domain.access import SYSTEM
from huishoudboekje.domain.agreements import OccurrenceKind
from huishoudboekje.domain.instructions import Outcome
from huishoudboekje.domain.signals import SignalKind
from huishoudboekje.storage import instructions, occurrences, signals
from payouts import pay
from payouts.batch import (
    BatchState,
    PaymentState,
)
from tests.payouts.town import (
    ADA,
    BRAM,
    MONDAY,
    Town,
    at,
    only_batch,
    sent_batch,
)


def test_a_settled_payment_is_settled_once(town: Town) -> None:
    _, batch_id, payment = sent_batch(town)
    assert town.bank_shows(Outcome.SETTLED, [payment], MONDAY) == pay.Followed(1, (), ())
    with town.transaction() as session:
        assert pay.follow_bank(session, clock.now(), SYSTEM) == pay.Followed(0, (), ())
    assert [each.state for each in only_batch(town, batch_id).payments] == [PaymentState.SETTLED]
    assert town.propose() == []


def test_a_returned_payment_tells_why_and_waits_as_a_redraft(town: Town) -> None:
    who, _, payment = sent_batch(town)
    town.bank_shows(Outcome.SETTLED, [payment], MONDAY)
    at(date(2026, 1, 7))
    followed = town.bank_shows(Outcome.RETURNED, [payment], date(2026, 1, 7), "AC04")
    assert followed.returned == (payment,)
    assert town.money(who) == (500_00, 0, 0, 0)
    with town.transaction() as session:
        sentences = {each.kind: each.sentence for each in signals.signals(session)}
        [held] = pay.held(session)
    assert "de rekening is opgeheven" in sentences[SignalKind.RETURNED]
    assert "de rekening is opgeheven" in held.explanation
    assert held.end_to_end_id == f"{payment}-R1"
    assert town.propose(date(2026, 1, 7)) == []
    with town.transaction() as session:
        released = pay.release(session, held.end_to_end_id, ADA, "nieuw nummer nagevraagd")
    assert released.batch_id is not None
    town.exported(released.batch_id)
    assert town.money(who) == (0, 0, 100_00, 0)


def test_a_payment_that_settles_after_it_was_given_up_is_known_and_never_doubled(town: Town) -> None:
    _, batch_id, payment = sent_batch(town, 2000_00)
    with town.transaction() as session:
        pay.not_delivered(session, batch_id, ADA, "niet gezien")
    with town.transaction() as session:
        pay.not_delivered(session, batch_id, BRAM, "ik ook niet")
    [again] = town.propose()
    with town.transaction() as session:
        instructions.record(
            session,
            [instructions.Shown(payment, Outcome.SETTLED, 600_00, 600_00, 0, MONDAY, None)],
        )
        [known] = instructions.find(session, end_to_end_ids=[payment])
        assert known.occurrence is not None
        occurrences.record(
            session, [occurrences.Happening(known.occurrence, OccurrenceKind.MET, 600_00, MONDAY)]
        )
        pay.follow_bank(session, clock.now(), SYSTEM)
    [line] = only_batch(town, batch_id).payments
    assert line.state is PaymentState.SETTLED_AFTER_ALL
    assert town.approve(again).state is BatchState.SENT_BACK
    with town.transaction() as session:
        pay.propose_again(session, again, ADA)
    assert town.propose() == []
