"""Estimates the weights of evidence from what was booked, and how sure the matcher may call itself.

After Fellegi and Sunter: of each kind of evidence `m` is how often it is seen where the agreement is the
right one, `u` where it is another; log2(m / u) is its weight. Pure: who reads booked history brings `pairs`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

# What is added to each count: a kind that was never seen beside a wrong agreement is not infinitely strong.
SMOOTHED_BY: Final = 0.5
# No kind of evidence is worth more bits than this, however clear the history.
STRONGEST: Final = 20.0
# Bins of equal width in which what was said is compared with what was right.
BINS: Final = 15
ROUNDS: Final = 50
SETTLED: Final = 1e-6


class Pair(NamedTuple):
    """A line and an agreement that it could have belonged to: what was seen, and whether it was right.

    `right` is None where nobody knows; only `fit_unlabelled` takes that.
    """

    evidence: frozenset[str]
    right: bool | None


class Weight(NamedTuple):
    """A kind of evidence: how often it is seen with right (m) and with other agreements (u), and its bits."""

    name: str
    m: float
    u: float
    bits: float
    seen: int


class Bin(NamedTuple):
    """Answers about equally sure: how many, how sure on average, and what part of them was right."""

    answers: int
    confidence: float
    right: float


class Calibration(NamedTuple):
    """What was said against what was right; `error` is the expected calibration error, 0 is perfect."""

    error: float
    brier: float
    bins: tuple[Bin, ...]


def fit(pairs: Iterable[Pair]) -> tuple[Weight, ...]:
    """Weights by counting pairs of which a person or the booked history says whether they are right."""
    counted: Counter[tuple[frozenset[str], float]] = Counter()
    for pair in pairs:
        if pair.right is not None:
            counted[pair.evidence, float(pair.right)] += 1
    return _weights([(evidence, chance, count) for (evidence, chance), count in counted.items()])


def fit_unlabelled(pairs: Iterable[Pair], start: Iterable[Weight], share: float = 0.5) -> tuple[Weight, ...]:
    """Weights by expectation maximisation: pairs that nobody judged count for as far as they seem right.

    `start` holds the weights to begin with, `share` which part of the pairs is right, to begin with. A label
    that is there is kept.
    """
    counted = Counter((pair.evidence, pair.right) for pair in pairs)
    weights = tuple(start)
    for _ in range(ROUNDS):
        expected = _expected(counted, weights, share)
        total = sum(count for *_, count in expected)
        share = sum(chance * count for _, chance, count in expected) / total if total else share
        before, weights = {one.name: one.bits for one in weights}, _weights(expected)
        if all(abs(one.bits - before.get(one.name, math.inf)) < SETTLED for one in weights):
            break
    return weights


def _expected(
    counted: Counter[tuple[frozenset[str], bool | None]], weights: Sequence[Weight], share: float
) -> list[tuple[frozenset[str], float, int]]:
    found = []
    for (evidence, right), count in counted.items():
        chance = _chance(evidence, weights, share) if right is None else float(right)
        found.append((evidence, chance, count))
    return found


def _chance(evidence: frozenset[str], weights: Sequence[Weight], share: float) -> float:
    """The chance that a pair is right, from all kinds: what is not seen speaks too."""
    share = min(max(share, SETTLED), 1 - SETTLED)
    bits = math.log2(share / (1 - share))
    for one in weights:
        bits += math.log2(one.m / one.u if one.name in evidence else (1 - one.m) / (1 - one.u))
    odds: float = 2.0 ** -min(max(bits, -500.0), 500.0)
    return 1 / (1 + odds)


def _weights(judged: Sequence[tuple[frozenset[str], float, int]]) -> tuple[Weight, ...]:
    right = sum(chance * count for _, chance, count in judged)
    wrong = sum((1 - chance) * count for _, chance, count in judged)
    with_right: defaultdict[str, float] = defaultdict(float)
    seen: Counter[str] = Counter()
    for evidence, chance, count in judged:
        for name in evidence:
            seen[name] += count
            with_right[name] += chance * count
    found = []
    for name in sorted(seen):
        m = (with_right[name] + SMOOTHED_BY) / (right + 2 * SMOOTHED_BY)
        u = (seen[name] - with_right[name] + SMOOTHED_BY) / (wrong + 2 * SMOOTHED_BY)
        bits = min(max(math.log2(m / u), -STRONGEST), STRONGEST)
        found.append(Weight(name, m, u, bits, seen[name]))
    return tuple(found)


def calibration(answers: Iterable[tuple[float, bool]]) -> Calibration:
    """How well answers (how sure, and whether that was right) keep what they say."""
    counts, sums, rights = [0] * BINS, [0.0] * BINS, [0] * BINS
    squares = 0.0
    for confidence, right in answers:
        at = min(BINS - 1, int(confidence * BINS))
        counts[at] += 1
        sums[at] += confidence
        rights[at] += right
        squares += (confidence - right) ** 2
    total = sum(counts)
    if not total:
        return Calibration(0.0, 0.0, ())
    error = sum(abs(said - right) for said, right in zip(sums, rights, strict=True)) / total
    bins = (
        Bin(count, said / count, right / count)
        for count, said, right in zip(counts, sums, rights, strict=True)
        if count
    )
    return Calibration(error, squares / total, tuple(bins))
