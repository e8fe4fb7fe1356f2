from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fitting import STRONGEST, Pair, calibration, fit, fit_unlabelled

TRUE_M = {"reference": 0.9, "amount": 0.8, "name": 0.5}
TRUE_U = {"reference": 0.01, "amount": 0.2, "name": 0.05}


def made(count: int, seed: int, share: float = 0.4) -> list[Pair]:
    """Pairs drawn with the frequencies above."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        right = rng.random() < share
        chances = TRUE_M if right else TRUE_U
        found.append(
            Pair(frozenset(name for name, chance in chances.items() if rng.random() < chance), right)
        )
    return found


def test_counted_pairs_give_the_frequencies_that_they_were_made_with() -> None:
    for one in fit(made(20_000, 1)):
        assert one.m == pytest.approx(TRUE_M[one.name], abs=0.02)
        assert one.u == pytest.approx(TRUE_U[one.name], abs=0.02)


def test_without_labels_expectation_maximisation_finds_them_too() -> None:
    start = fit(made(60, 2))
    unjudged = [pair._replace(right=None) for pair in made(20_000, 3)]

    for one in fit_unlabelled(unjudged, start):
        assert one.m == pytest.approx(TRUE_M[one.name], abs=0.06)
        assert one.u == pytest.approx(TRUE_U[one.name], abs=0.06)


def test_labels_that_are_there_are_kept() -> None:
    pairs = made(500, 4)

    assert fit_unlabelled(pairs, fit(made(60, 5))) == fit(pairs)


def test_evidence_that_was_never_seen_beside_a_wrong_agreement_is_not_infinitely_strong() -> None:
    (weight,) = fit([Pair(frozenset({"reference"}), right=True)] * 100_000)

    assert weight.bits <= STRONGEST
    assert weight.u > 0


def test_nothing_gives_nothing() -> None:
    assert fit([]) == ()
    assert fit([Pair(frozenset({"amount"}), None)]) == ()
    assert fit_unlabelled([], ()) == ()
    assert calibration([]).bins == ()


def test_who_says_eighty_per_cent_and_is_right_four_times_of_five_is_calibrated() -> None:
    found = calibration([(0.8, True)] * 4 + [(0.8, False)])

    assert found.error == pytest.approx(0)
    assert found.brier == pytest.approx(0.16)
    assert [(one.answers, one.right) for one in found.bins] == [(5, 0.8)]


def test_who_is_always_sure_and_half_right_is_off_by_half() -> None:
    assert calibration([(1.0, True), (1.0, False)]).error == pytest.approx(0.5)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=50))
def test_an_error_is_a_part_of_one(answers: list[tuple[float, bool]]) -> None:
    found = calibration(answers)

    assert 0 <= found.error <= 1
    assert sum(one.answers for one in found.bins) == len(answers)
