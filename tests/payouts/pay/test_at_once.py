"""Two at once: one wins, one is told."""

from __future__ import annotations

from functools import partial

from huishoudboekje.domain.access import Actor
from huishoudboekje.domain.errors import Refused
from payouts import pay
from tests.payouts.town import (
    ADA,
    BRAM,
    CORRIE,
    DIRK,
    Town,
    only_batch,
    together,
)


def test_two_who_approve_at_once_one_wins_and_one_is_told(town: Town) -> None:
    who = town.household(10_00 * 100)
    for turn in range(100):
        town.agree(who, 10_00)
        [batch_id] = town.propose()
        results = together(partial(town.approve, batch_id, CORRIE), partial(town.approve, batch_id, DIRK))
        assert sorted(type(each).__name__ for each in results) == ["Judgement", "WrongStep"], turn


def test_two_who_propose_at_once_make_one_payment(town: Town) -> None:
    for _ in range(8):
        town.agree(town.household(600_00), 600_00)
        results = together(lambda: town.propose(by=ADA), lambda: town.propose(by=BRAM))
        assert sorted(len(each) for each in results if isinstance(each, list)) == [0, 1]
    assert town.sql("SELECT count(*), count(DISTINCT agreement_id) FROM payment") == [(8, 8)]


def test_two_who_export_at_once_get_the_same_file(town: Town) -> None:
    town.agree(town.household(600_00), 600_00)
    [batch_id] = town.propose()
    town.approve(batch_id)

    def export(by: Actor) -> str:
        with town.transaction() as session:
            made = pay.export(session, batch_id, by)
            return "" if isinstance(made, pay.Judgement) else made.sha256

    first, second = together(lambda: export(ADA), lambda: export(BRAM))
    assert first == second
    assert town.sql("SELECT count(*) FROM instruction") == [(1,)]


def test_approving_and_removing_at_once_never_approves_what_was_edited(town: Town) -> None:
    who = town.household(2000_00)
    for _ in range(8):
        town.agree(who, 10_00)
        town.agree(who, 20_00)
        [batch_id] = town.propose()
        [first, _] = only_batch(town, batch_id).payments

        def remove(batch_id: str = batch_id, payment: str = first.end_to_end_id) -> object:
            with town.transaction() as session:
                return pay.remove(session, batch_id, payment, BRAM, "eruit")

        results = together(partial(town.approve, batch_id, BRAM), remove)
        assert sum(isinstance(each, Refused) for each in results) == 1
