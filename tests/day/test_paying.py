"""Money of which nobody knows whose it is goes one way: to a household, or back to its payer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bank_formats.statement import Batch
from huishoudboekje import clock
from huishoudboekje.day import closing, paying, taking_in
from huishoudboekje.day.paying import NotInSuspense
from huishoudboekje.day.taking_in import BeingRefunded
from huishoudboekje.domain.access import Actor, Channel, Role
from huishoudboekje.domain.errors import Refused
from huishoudboekje.storage import users
from ingest import by_hand, store
from ingest.by_hand import Part
from payouts.batch import BatchState
from payouts.pay.send import BankHadIt
from tests.day.branch import ADA, LANDLORD, OPENING, Branch, euros, line

CORRIE = Actor("corrie", frozenset({Role.APPROVER}), Channel.WEB)
PART = Part(10000, household_id="H000002")
SOON_S = 0.5


@pytest.fixture
def unknown(branch: Branch) -> str:
    """A credit of € 100 from nobody that is known, at a branch where Corrie approves."""
    clock.stand_at(datetime(2026, 1, 2, 9, tzinfo=clock.AMSTERDAM))
    branch.begin()
    with branch.session() as session:
        users.add_user(session, CORRIE.user, "Corrie", CORRIE.roles)
    branch.take_in(branch.statement(line(10000, name="Onbekend", iban="NL20INGB0001234567")))
    return str(branch.listed()[0]["id"])


def refund(session: Session, named: str) -> None:
    paying.refund(session, named, ADA)


def book(session: Session, named: str) -> None:
    taking_in.book(session, named, PART, ADA)


def split(session: Session, named: str) -> None:
    parts = [Part(4000, household_id="H000001"), Part(6000, household_id="H000002")]
    taking_in.split(session, named, parts, ADA)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [(refund, book, BeingRefunded), (refund, split, BeingRefunded), (book, refund, NotInSuspense)],
)
def test_a_refund_and_a_booking_at_once_are_one_of_both(
    branch: Branch,
    unknown: str,
    first: Callable[[Session, str], None],
    second: Callable[[Session, str], None],
    why: type[Refused],
) -> None:
    told: list[Refused] = []

    def other() -> None:
        try:
            with branch.session() as session:
                second(session, unknown)
        except Refused as refused:
            told.append(refused)

    with branch.session() as session:
        first(session, unknown)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(SOON_S)  # it came to the lock, or will read what we commit
    thread.join()
    assert [type(each) for each in told] == [why]
    assert branch.close().problems == []


@pytest.mark.parametrize("batch_booking", [False, True])
def test_what_waits_on_a_statement_was_delivered(branch: Branch, unknown: str, batch_booking: bool) -> None:
    with branch.session() as session:
        batch = paying.refund(session, unknown, ADA)
    with branch.session() as session:
        assert not paying.approve(session, batch.id, CORRIE).changes
    with branch.session() as session:
        paying.export(session, batch.id, ADA)
        paying.sent(session, batch.id, ADA)
        [payment] = paying.batch(session, batch.id, ADA).payments
    on = date(2026, 1, 5)
    said: dict[str, Any] = (
        {"batch": Batch(1, batch.payment_information_id, None, euros(9900))}
        if batch_booking
        else {"name": "Een ander", "iban": LANDLORD, "end_to_end_id": payment.end_to_end_id}
    )
    debit = line(-9900, on=on, **said)  # not what was sent: it waits for a person
    branch.take_in(branch.statement(debit, sequence=2, on=on, opening=OPENING + 100))
    assert branch.listed()[-1]["status"] == "queued"
    with pytest.raises(BankHadIt), branch.session() as session:
        paying.not_delivered(session, batch.id, "niet op het afschrift", ADA)


def test_money_that_is_booked_meanwhile_does_not_go_back(branch: Branch, unknown: str) -> None:
    with branch.session() as session:
        batch = paying.refund(session, unknown, ADA)
    with branch.session() as session:
        by_hand.book(session, store.transaction_id(session, unknown), PART, ADA)
    with branch.session() as session:
        judged = paying.approve(session, batch.id, CORRIE)
    assert judged.state is BatchState.SENT_BACK
    assert "intussen geboekt" in judged.changes[0].sentence
    with branch.session() as session:
        [problem] = closing.close_day(session, date(2026, 1, 31), ADA).problems
        assert problem.startswith(f"Mutatie {unknown} is geboekt, en gaat ook terug")
        assert paying.propose_again(session, batch.id, ADA) == []
    assert branch.close().problems == []
