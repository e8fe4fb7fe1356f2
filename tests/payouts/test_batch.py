"""States, transitions and splits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payouts.batch import (
    ASKED,
    LABELS,
    NEXT,
    NOT_LIVE,
    PAYMENT_LABELS,
    PAYMENT_NEXT,
    BatchState,
    Change,
    FourEyes,
    NoReason,
    Parts,
    PaymentState,
    WrongStep,
    bank_state,
    moved_to_own,
    require_reason,
    require_second_person,
    require_step,
    told,
)

P = PaymentState
cents = st.integers(0, 200_000)


def test_every_state_has_a_name_and_a_place() -> None:
    assert set(NEXT) == set(LABELS) == set(ASKED) == set(BatchState)
    assert set(PAYMENT_NEXT) == set(PAYMENT_LABELS) == set(PaymentState)


def test_no_batch_leaves_without_approval() -> None:
    assert [state for state, after in NEXT.items() if BatchState.EXPORTED in after] == [BatchState.APPROVED]
    assert [state for state, after in NEXT.items() if BatchState.APPROVED in after] == [BatchState.PROPOSED]


@pytest.mark.parametrize(
    ("settled", "returned", "given_up", "taken", "state"),
    [
        (0, 0, False, False, P.EXPORTED),
        (100, 0, False, False, P.SETTLED),
        (100, 40, False, False, P.SETTLED),
        (100, 100, False, False, P.RETURNED),
        (0, 100, False, False, P.RETURNED),
        (0, 0, True, False, P.NOT_DELIVERED),
        (100, 0, True, False, P.SETTLED),
        (100, 0, True, True, P.SETTLED_AFTER_ALL),
    ],
)
def test_what_statements_make_of_a_payment(
    settled: int, returned: int, given_up: bool, taken: bool, state: P
) -> None:
    assert bank_state(100, settled, returned, given_up=given_up, occurrence_taken=taken) is state


def test_what_is_not_live_leaves_room_for_another() -> None:
    assert P.SETTLED_AFTER_ALL in NOT_LIVE
    assert {P.HELD, P.PROPOSED, P.EXPORTED, P.SETTLED}.isdisjoint(NOT_LIVE)


@given(st.lists(st.tuples(cents, cents), max_size=8), cents)
def test_own_money_replaces_advance_and_no_cent_is_made_or_lost(
    amounts: list[tuple[int, int]], free: int
) -> None:
    payments = [Parts(str(number), own, advanced) for number, (own, advanced) in enumerate(amounts)]
    moved = {each.end_to_end_id: each for each in moved_to_own(payments, free)}
    shifted = 0
    for before in payments:
        after = moved.get(before.end_to_end_id, before)
        assert after.own_cents + after.advanced_cents == before.own_cents + before.advanced_cents
        assert after.own_cents >= before.own_cents
        shifted += after.own_cents - before.own_cents
    assert shifted == min(free, sum(each.advanced_cents for each in payments))


def test_refusals_say_who_and_what() -> None:
    with pytest.raises(FourEyes, match="bram heeft zelf aan betaalbatch B1 gewerkt"):
        require_second_person("B1", "bram", {"ada", "bram"})
    require_second_person("B1", "corrie", {"ada", "bram"})
    with pytest.raises(WrongStep, match="B1 is verstuurd en kan niet ingetrokken worden"):
        require_step("B1", BatchState.SENT, BatchState.WITHDRAWN)
    with pytest.raises(NoReason):
        require_reason(" ")
    assert require_reason(" dubbel ") == "dubbel"


def test_many_changes_are_told_in_a_few_words() -> None:
    changes = [Change(f"Nummer {number}.") for number in range(7)]
    assert told(changes) == "Nummer 0. Nummer 1. Nummer 2. Nummer 3. Nummer 4. En nog 2 meer."
    assert told(changes[:2]) == "Nummer 0. Nummer 1."
